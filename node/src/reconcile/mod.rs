//! Compares the gateway's side with ours, and puts right what we have missed.
//!
//! The saga needs none of this while answers arrive. It is for what no answer told: an approval
//! whose payment never came into the log, a webhook that nobody took, a word from an operator at
//! the gateway's own pages. What a fact can repair is proposed as a fact, by the same command as a
//! webhook; an approval with nobody behind it is let go; the rest is a difference for people.

mod compare;

pub(crate) use compare::{Finding, Ours, compare};

use crate::clock::Clock;
use crate::gateways::{Gateway, NoAnswer, Sight};
use crate::metrics::Metrics;
use domain::ids::PaymentId;
use domain::payment::{DifferenceKind, GatewayFact, Payment, RecordDifference, RecordGatewayEvent};
use domain::time::Timestamp;
use domain::{Actor, Command, Proposal, Verdict};
use raft::City;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::Reader;

/// How long one proposal may take.
const VERDICT_WITHIN: Duration = Duration::from_secs(5);
/// What a report names one by one; the rest is counted.
const NAMED: usize = 200;
/// Our own open payments that are asked for one by one, in one look.
const UNSETTLED: usize = 500;
/// How long ours may be under way before the gateway is asked about it by name.
const PATIENCE_MS: i64 = 15 * 60_000;

/// What a look has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// The gateway's payments that were compared.
    pub checked: u64,
    /// Facts that we had missed; with a dry run: would be proposed.
    pub repaired: Vec<Repaired>,
    /// Approvals that nobody stood behind.
    pub let_go: Vec<String>,
    /// What people must look at.
    pub differences: Vec<RecordDifference>,
    /// Found, and neither done nor recorded this time: there was no verdict or no answer.
    pub left: u64,
    /// Whether it came to the end.
    pub complete: bool,
}

/// A fact that we had missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repaired {
    pub payment_id: PaymentId,
    pub gateway_ref: String,
    pub fact: GatewayFact,
}

/// A look cannot be finished.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookError {
    /// The gateway is silent.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// Our own books cannot be read.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

/// Who compares. Any node may; the leader does it by itself.
#[derive(Clone, Debug)]
pub(crate) struct Reconciler {
    pub gateway: Gateway,
    pub city: City,
    pub reader: Reader,
    pub clock: Clock,
    pub metrics: Metrics,
}

/// How to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// What changed, or was made, since then.
    pub since: Timestamp,
    /// Only say what would be done.
    pub dry_run: bool,
    /// When to stop, finished or not.
    pub until: Instant,
}

impl Reconciler {
    /// Compares what the gateway lists, and then those of ours that have waited long.
    ///
    /// # Errors
    /// The gateway is silent, or our books cannot be read; what was done until then stays done.
    pub(crate) async fn look(&self, look: Look) -> Result<Report, LookError> {
        let mut report = Report::default();
        let mut cursor: Option<String> = None;
        let mut seen = BTreeSet::new();
        loop {
            let page = self.gateway.list(cursor.as_deref(), look.since).await?;
            for theirs in &page.sights {
                seen.extend(theirs.payment_id);
                self.judge(theirs, look, &mut report).await?;
                if Instant::now() >= look.until {
                    return Ok(report);
                }
            }
            match page.next {
                // A cursor that stands still would be asked for ever.
                Some(next) if Some(&next) != cursor.as_ref() => cursor = Some(next),
                Some(_) | None => break,
            }
        }
        report.complete = self.ask_for_ours(&seen, look, &mut report).await?;
        self.metrics.reconciled(report.repaired.len(), report.let_go.len());
        Ok(report)
    }

    /// Those of ours that have been under way for long and were not in the list.
    async fn ask_for_ours(
        &self,
        seen: &BTreeSet<PaymentId>,
        look: Look,
        report: &mut Report,
    ) -> Result<bool, LookError> {
        let old = self.clock.now().plus_ms(-PATIENCE_MS);
        for payment in unsettled(&self.reader, UNSETTLED)? {
            if payment.created_at > old || seen.contains(&payment.id) {
                continue;
            }
            if Instant::now() >= look.until {
                return Ok(false);
            }
            let name = payment.gateway_ref.as_deref();
            let sights = self.gateway.look_up(payment.id, name, payment.created_at).await?;
            for theirs in &sights {
                self.judge(theirs, look, report).await?;
            }
            if let (true, Some(name)) = (sights.is_empty(), name) {
                let difference = RecordDifference {
                    gateway_ref: name.to_owned(),
                    payment_id: Some(payment.id),
                    kind: DifferenceKind::OnlyOurs,
                    ours: compare::word(payment.status),
                    theirs: "nothing".to_owned(),
                };
                self.differ(difference, look, report).await;
            }
        }
        Ok(true)
    }

    /// One pair. What looks wrong at first sight is looked at again, closely: the list was read
    /// before our books, and one of the two may just have moved.
    async fn judge(
        &self,
        theirs: &Sight,
        look: Look,
        report: &mut Report,
    ) -> Result<(), LookError> {
        report.checked += 1;
        // The account at the gateway may serve others too: another city, another business.
        let home = self.reader.view().city()?.map(|city| city.number);
        let asked_here = theirs.payment_id.is_some_and(|id| Some(id.city()) == home);
        if !asked_here {
            return Ok(());
        }
        let ours = self.ours(theirs.payment_id)?;
        let now = self.clock.outside();
        if compare(ours.as_ref(), theirs, now).is_empty() {
            return Ok(());
        }
        let Some(ours) = ours else {
            for finding in compare(None, theirs, now) {
                self.act(None, theirs, finding, look, report).await;
            }
            return Ok(());
        };
        let Payment { id, created_at, revision, .. } = *ours.payment;
        let sights = self.gateway.look_up(id, Some(&theirs.gateway_ref), created_at).await?;
        let Some(closely) = sights.iter().find(|one| one.gateway_ref == theirs.gateway_ref) else {
            return Ok(());
        };
        // It moved while the gateway was asked: the next look sees it at rest.
        let Some(still) = self.ours(Some(id))?.filter(|now| now.payment.revision == revision)
        else {
            return Ok(());
        };
        for (number, finding) in compare(Some(&still), closely, now).into_iter().enumerate() {
            self.act(Some((&still, number)), closely, finding, look, report).await;
        }
        Ok(())
    }

    async fn act(
        &self,
        ours: Option<(&Ours, usize)>,
        theirs: &Sight,
        finding: Finding,
        look: Look,
        report: &mut Report,
    ) {
        let gateway_ref = theirs.gateway_ref.clone();
        match (finding, ours) {
            (Finding::LetGo, _) => {
                if !look.dry_run && !self.let_go(theirs, ours).await {
                    report.left += 1;
                    return;
                }
                named(&mut report.let_go, gateway_ref);
            }
            (Finding::Fact(fact), Some((Ours { payment, .. }, number))) => {
                let event_id = format!("look-{gateway_ref}-{}-{number}", payment.revision);
                let payment_id = payment.id;
                let record = RecordGatewayEvent {
                    gateway: self.gateway.name().to_owned(),
                    event_id,
                    payment_id,
                    fact: fact.clone(),
                };
                if look.dry_run || self.propose(Command::RecordGatewayEvent(record)).await {
                    named(&mut report.repaired, Repaired { payment_id, gateway_ref, fact });
                } else {
                    report.left += 1;
                }
            }
            (Finding::Difference { kind, ours: said, theirs }, ours) => {
                let payment_id = ours.map(|(ours, _)| ours.payment.id);
                let difference =
                    RecordDifference { gateway_ref, payment_id, kind, ours: said, theirs };
                self.differ(difference, look, report).await;
            }
            // A fact is about a payment of ours.
            (Finding::Fact(_), None) => report.left += 1,
        }
    }

    /// Lets an approval go if the log as a majority has it knows nobody behind it either: this copy
    /// may be behind, and no `apply` stands between us and the gateway here.
    async fn let_go(&self, theirs: &Sight, ours: Option<(&Ours, usize)>) -> bool {
        if self.city.read_barrier(VERDICT_WITHIN).await.is_err() {
            return false;
        }
        let Ok(now) = self.ours(theirs.payment_id) else { return false };
        let as_before = match (&now, ours) {
            (None, None) => true,
            (Some(now), Some((before, _))) => now.payment.revision == before.payment.revision,
            (None, Some(_)) | (Some(_), None) => false,
        };
        as_before && self.gateway.let_go(&theirs.gateway_ref).await.is_ok()
    }

    async fn differ(&self, difference: RecordDifference, look: Look, report: &mut Report) {
        let record = Command::RecordDifference(difference.clone());
        if look.dry_run || self.propose(record).await {
            named(&mut report.differences, difference);
        } else {
            report.left += 1;
        }
    }

    fn ours(&self, payment_id: Option<PaymentId>) -> Result<Option<Ours>, storage::Error> {
        let Some(id) = payment_id else { return Ok(None) };
        let view = self.reader.view();
        let Some(payment) = view.payment(id)? else { return Ok(None) };
        let mut refunds = view.refunds_of_order(payment.order_id)?;
        refunds.retain(|refund| refund.payment_id == id);
        Ok(Some(Ours { payment, refunds }))
    }

    /// In the name of the system. Whether it holds now.
    async fn propose(&self, command: Command) -> bool {
        let name = command.name();
        let request_id = "reconciler".to_owned();
        let proposal = Proposal { actor: Actor::System, request_id, command };
        match self.city.propose(&proposal, VERDICT_WITHIN).await {
            Ok(applied) => match applied.verdict {
                Verdict::Yes { .. } => true,
                Verdict::No(why) => {
                    tracing::warn!(name, %why, "what the reconciler found is refused");
                    false
                }
            },
            Err(error) => {
                tracing::debug!(name, %error, "no verdict");
                false
            }
        }
    }
}

/// Payments that somebody must still hear from the gateway about, the oldest work first.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn unsettled(
    reader: &Reader,
    limit: usize,
) -> Result<Vec<Arc<Payment>>, storage::Error> {
    let view = reader.view();
    let (mut open, mut seen) = (Vec::new(), BTreeSet::new());
    let mut after = None;
    loop {
        let works = reader.outbox(after, limit)?;
        let Some((last, _)) = works.last() else { return Ok(open) };
        after = Some(*last);
        for (_, work) in works {
            if seen.insert(work.payment_id()) {
                open.extend(view.payment(work.payment_id())?);
            }
            if open.len() == limit {
                return Ok(open);
            }
        }
    }
}

/// Counts what does not fit into a report by dropping it: the metrics have all of it.
fn named<T>(list: &mut Vec<T>, one: T) {
    if list.len() < NAMED {
        list.push(one);
    }
}
