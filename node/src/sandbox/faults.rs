//! How the sandbox misbehaves: by chance, with a seed, at rates that can be changed while it runs.

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Rates in thousandths. All zero is a gateway that behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The request is done, and its answer never arrives.
    pub lost: u16,
    /// 503, and nothing was done.
    pub refused: u16,
    /// 500, although it was done.
    pub failed: u16,
    /// The answer takes up to `late_ms`.
    pub late: u16,
    /// A webhook is sent twice.
    pub twice: u16,
    /// A webhook is never sent.
    pub webhook_lost: u16,
    /// A webhook waits up to `late_ms`, so that later ones come earlier.
    pub webhook_late: u16,
    /// How late is late, at most.
    pub late_ms: u32,
    /// From now on it answers nobody for so long.
    pub down_ms: u32,
}

/// How often it has misbehaved since it started, for whoever must prove that it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Done {
    lost: u64,
    refused: u64,
    failed: u64,
    late: u64,
    down: u64,
    twice: u64,
    webhook_lost: u64,
    webhook_late: u64,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Good,
    Down,
    Lost,
    Refused,
    Failed,
    Late(Duration),
}

/// What becomes of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WebhookFate {
    pub copies: usize,
    pub wait: Duration,
}

/// Chance, and what it may do.
#[derive(Debug)]
pub(super) struct Fates {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: u64,
    faults: Faults,
    done: Done,
    down_until: Option<Instant>,
}

impl Fates {
    pub(super) fn new(seed: u64, faults: Faults) -> Self {
        let (faults_yet, done) = (Faults::default(), Done::default());
        let inner = Inner { state: seed, faults: faults_yet, done, down_until: None };
        let fates = Self { inner: Mutex::new(inner) };
        fates.set(faults);
        fates
    }

    /// From now on like this.
    pub(super) fn set(&self, faults: Faults) {
        let mut inner = self.inner.lock();
        let down = Duration::from_millis(u64::from(faults.down_ms));
        inner.down_until = (!down.is_zero()).then(|| Instant::now() + down);
        inner.faults = faults;
    }

    /// What it has done so far.
    pub(super) fn done(&self) -> Done {
        self.inner.lock().done
    }

    pub(super) fn of_request(&self) -> Fate {
        let mut inner = self.inner.lock();
        let fate = inner.of_request();
        let done = &mut inner.done;
        match fate {
            Fate::Good => {}
            Fate::Down => done.down += 1,
            Fate::Lost => done.lost += 1,
            Fate::Refused => done.refused += 1,
            Fate::Failed => done.failed += 1,
            Fate::Late(_) => done.late += 1,
        }
        fate
    }

    pub(super) fn of_webhook(&self) -> WebhookFate {
        let mut inner = self.inner.lock();
        let fate = inner.of_webhook();
        let done = &mut inner.done;
        done.webhook_lost += u64::from(fate.copies == 0);
        done.twice += u64::from(fate.copies > 1);
        done.webhook_late += u64::from(!fate.wait.is_zero());
        fate
    }
}

impl Inner {
    fn of_request(&mut self) -> Fate {
        if self.down_until.is_some_and(|until| Instant::now() < until) {
            return Fate::Down;
        }
        let Faults { lost, refused, failed, late, late_ms, .. } = self.faults;
        let drawn = self.below(1_000);
        let mut bound = 0;
        let mut within = |rate: u16| {
            bound += u64::from(rate);
            drawn < bound
        };
        if within(lost) {
            Fate::Lost
        } else if within(refused) {
            Fate::Refused
        } else if within(failed) {
            Fate::Failed
        } else if within(late) {
            Fate::Late(Duration::from_millis(self.below(u64::from(late_ms) + 1)))
        } else {
            Fate::Good
        }
    }

    fn of_webhook(&mut self) -> WebhookFate {
        let Faults { twice, webhook_lost, webhook_late, late_ms, .. } = self.faults;
        let mut hit = |rate: u16| self.below(1_000) < u64::from(rate);
        let copies = match (hit(webhook_lost), hit(twice)) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        };
        let late = hit(webhook_late);
        let wait = if late { self.below(u64::from(late_ms) + 1) } else { 0 };
        WebhookFate { copies, wait: Duration::from_millis(wait) }
    }

    /// SplitMix64: small, and good enough to choose with.
    fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_zero_rates_do_nothing() {
        let draws = |seed, faults| {
            let fates = Fates::new(seed, faults);
            (0..200).map(|_| (fates.of_request(), fates.of_webhook())).collect::<Vec<_>>()
        };
        let bad = Faults { lost: 200, refused: 200, twice: 300, ..Faults::default() };
        assert_eq!(draws(7, bad), draws(7, bad));
        assert_ne!(draws(7, bad), draws(8, bad));
        assert!(draws(7, bad).iter().any(|(fate, _)| *fate == Fate::Lost));
        let good = WebhookFate { copies: 1, wait: Duration::ZERO };
        let quiet = draws(7, Faults::default());
        assert!(quiet.iter().all(|drawn| *drawn == (Fate::Good, good)));
        let down = Faults { down_ms: 60_000, ..Faults::default() };
        assert!(draws(7, down).iter().all(|(fate, _)| *fate == Fate::Down));
    }

    #[test]
    fn what_it_did_is_counted() {
        let fates = Fates::new(7, Faults { lost: 1_000, twice: 1_000, ..Faults::default() });
        for _ in 0..3 {
            fates.of_request();
            fates.of_webhook();
        }
        assert_eq!(fates.done(), Done { lost: 3, twice: 3, ..Done::default() });
    }
}
