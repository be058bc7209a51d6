//! Passwords: hashed with Argon2id before the log, a few at a time, on threads of their own that
//! run when nothing else does, in memory of their own. So a flood of logins takes what is left of a
//! node, and no more. Where nothing is left for long, one more thread helps out, which takes a
//! small share: a node that is busy day and night lets people log in all the same.

use crate::vault::CityKeys;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordVerifier, Version};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use thread_priority::unix::{
    NormalThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};
use thread_priority::{ThreadPriority, ThreadPriorityValue};
use tokio::sync::{mpsc, oneshot};

/// Memory of one hash, in KiB (OWASP's first choice, with the two below).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at once: one for every two cores, within reason, since each of them drives from the
/// caches what the other cores work with.
const AT_ONCE: std::ops::RangeInclusive<usize> = 1..=8;
/// Requests that wait for their turn: some three seconds' worth. The next is sent away.
const WAITING: usize = 128;
/// A hash that is at work for so long is given no time: it takes a fortieth of that.
const STARVED_AFTER: Duration = Duration::from_secs(1);
/// How often it is looked whether one is.
const LOOKED_AT: Duration = Duration::from_millis(100);
/// Of 99; `nice` 9, a seventh of what a thread of the node is given.
const HELPERS_PRIORITY: u8 = 25;
/// Bytes of a hash.
const HASH_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;
/// Letters of a password.
const LETTERS: std::ops::RangeInclusive<usize> = 8..=256;

/// Passwords of at least eight letters that everybody who breaks in tries first: those of the
/// 20,000 most used that Django ships (BSD licence; gathered by Royce Williams from breaches).
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// Nothing is known about the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HashingFailed {
    /// Too many wait already: the same again is worth a try in a moment.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// It could not be done.
    #[error("the password could not be hashed")]
    Failed,
}

/// Why somebody should think of another password; nothing if it is fine.
pub(crate) fn weakness(password: &str) -> Option<&'static str> {
    if !LETTERS.contains(&password.chars().count()) {
        return Some("is from 8 to 256 letters");
    }
    let common = COMMON.contains(password.to_lowercase().as_str());
    common.then_some("is one of the passwords that are tried first: think of another")
}

type Job = Box<dyn FnOnce(&mut Hasher) + Send>;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    keys: CityKeys,
    queue: mpsc::Sender<Job>,
    /// Checked when the login is unknown, so that both answers take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// With this city's pepper. The threads end when the last clone is gone.
    ///
    /// # Errors
    /// If not even one password can be hashed.
    pub(crate) fn new(keys: CityKeys) -> Result<Self, HashingFailed> {
        let nobody = Hasher::new()?.hash(&keys, "the password of nobody")?;
        let (queue, jobs) = mpsc::channel::<Job>(WAITING);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / 2).clamp(*AT_ONCE.start(), *AT_ONCE.end());
        let since = Mutex::new(vec![None; threads]);
        let turns = Arc::new(Turns { jobs: Mutex::new(jobs), since });
        for thread in 0..threads {
            let (turns, hasher) = (Arc::clone(&turns), Hasher::new()?);
            spawn("passwords", move || work_off(&turns, thread, hasher))?;
        }
        spawn("passwords-help", move || help_out(&turns))?;
        Ok(Self { keys, queue, nobody: nobody.into() })
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// If the hashing could not be done, or too many wait.
    pub(crate) async fn hash(&self, password: String) -> Result<String, HashingFailed> {
        let keys = self.keys.clone();
        self.in_turn(move |hasher| hasher.hash(&keys, &password)).await?
    }

    /// Whether this is the password; an unknown login costs the same time and is never right.
    ///
    /// # Errors
    /// If the hashing could not be done, or too many wait.
    pub(crate) async fn check(
        &self,
        password: String,
        phc: Option<String>,
    ) -> Result<bool, HashingFailed> {
        // Who has none logs in by code.
        let phc = phc.filter(|phc| !phc.is_empty());
        let (keys, known) = (self.keys.clone(), phc.is_some());
        let phc = phc.unwrap_or_else(|| self.nobody.to_string());
        let right = self.in_turn(move |hasher| hasher.check(&keys, &password, &phc)).await??;
        Ok(known && right)
    }

    /// Other work that costs as much, and that people ask for before it is known who they are.
    ///
    /// # Errors
    /// If too many wait, or it could not be done.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingFailed> {
        self.in_turn(move |_| work()).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let (reply, done) = oneshot::channel();
        let job: Job = Box::new(move |hasher| {
            // Whoever asked may have gone: then nobody waits for the hash.
            if !reply.is_closed() {
                let _ = reply.send(work(hasher));
            }
        });
        self.queue.try_send(job).map_err(|_| HashingFailed::Busy)?;
        done.await.map_err(|_| HashingFailed::Failed)
    }
}

/// What waits, and what is under way.
struct Turns {
    jobs: Mutex<mpsc::Receiver<Job>>,
    /// Since when each thread is at its job, if it has one.
    since: Mutex<Vec<Option<Instant>>>,
}

impl Turns {
    /// Whether every thread is at one job for so long that it can have had no time.
    fn are_starved(&self, now: Instant) -> bool {
        let since = self.since.lock();
        since.iter().all(|since| since.is_some_and(|since| now - since > STARVED_AFTER))
    }
}

fn spawn(name: &str, life: impl FnOnce() + Send + 'static) -> Result<(), HashingFailed> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(life);
    thread.map(drop).map_err(|_| HashingFailed::Failed)
}

/// Makes way for others. Where that is refused, hashing is only less polite.
fn make_way(priority: ThreadPriority, policy: NormalThreadSchedulePolicy) {
    let (me, policy) = (thread_native_id(), ThreadSchedulePolicy::Normal(policy));
    if let Err(error) = set_thread_priority_and_policy(me, priority, policy) {
        tracing::debug!(?error, "passwords are hashed at the usual priority");
    }
}

/// One thread's life: of this thread alone, as Linux has it, whatever else wakes takes its place at
/// once.
fn work_off(turns: &Turns, thread: usize, mut hasher: Hasher) {
    make_way(ThreadPriority::Min, NormalThreadSchedulePolicy::Idle);
    loop {
        let job = turns.jobs.lock().blocking_recv();
        let Some(job) = job else { return };
        turns.since.lock()[thread] = Some(Instant::now());
        job(&mut hasher);
        turns.since.lock()[thread] = None;
    }
}

/// The life of the one that helps out. The others cannot be raised: Linux lets nobody but root
/// leave the idle class.
fn help_out(turns: &Turns) {
    if let Ok(priority) = ThreadPriorityValue::try_from(HELPERS_PRIORITY) {
        make_way(ThreadPriority::Crossplatform(priority), NormalThreadSchedulePolicy::Other);
    }
    // Made when it is needed: most nodes never do.
    let mut hasher = None;
    loop {
        std::thread::sleep(LOOKED_AT);
        while turns.are_starved(Instant::now()) {
            let Some(job) = turns.jobs.try_lock().and_then(|mut jobs| jobs.try_recv().ok()) else {
                break;
            };
            if hasher.is_none() {
                hasher = Hasher::new().ok();
            }
            if let Some(hasher) = &mut hasher {
                job(hasher);
            }
        }
        if turns.jobs.try_lock().is_some_and(|jobs| jobs.is_closed()) {
            return;
        }
    }
}

/// Argon2id with the memory that it fills, which stays: to ask the system for 19 MiB and to give
/// them back for each hash would hold up every thread of the node, at the pace of the slowest.
struct Hasher {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
}

impl Hasher {
    fn new() -> Result<Self, HashingFailed> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES))
            .map_err(|_| HashingFailed::Failed)?;
        let memory = vec![Block::default(); params.block_count()];
        Ok(Self { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), memory })
    }

    fn hash(&mut self, keys: &CityKeys, password: &str) -> Result<String, HashingFailed> {
        let salt: [u8; 16] = keys.random().map_err(|_| HashingFailed::Failed)?;
        self.with_salt(keys, password, &salt)
            .map(|hash| hash.to_string())
            .map_err(|_| HashingFailed::Failed)
    }

    fn check(&mut self, keys: &CityKeys, password: &str, phc: &str) -> Result<bool, HashingFailed> {
        let known = PasswordHash::new(phc).map_err(|_| HashingFailed::Failed)?;
        let ours = ParamsString::try_from(self.argon2.params());
        let same_cost = ours.is_ok_and(|ours| ours == known.params);
        Ok(match &known.salt {
            // Outputs are compared in constant time.
            Some(salt) if same_cost => self
                .with_salt(keys, password, salt)
                .map_err(|_| HashingFailed::Failed)?
                .hash
                .is_some_and(|hash| Some(hash) == known.hash),
            // From a time when a hash cost something else.
            Some(_) | None => self.argon2.verify_password(&keys.pepper(password), &known).is_ok(),
        })
    }

    fn with_salt(
        &mut self,
        keys: &CityKeys,
        password: &str,
        salt: &[u8],
    ) -> argon2::password_hash::Result<PasswordHash> {
        let mut out = [0; HASH_BYTES];
        let peppered = keys.pepper(password);
        self.argon2.hash_password_into_with_memory(&peppered, salt, &mut out, &mut self.memory)?;
        Ok(PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(self.argon2.params())?,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(&out)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let passwords = Passwords::new(CityKeys::new(&[1; 32])).unwrap();
        let phc = passwords.hash("correct horse".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(!phc.contains("horse"));
        assert!(passwords.check("correct horse".into(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.check("wrong horse".into(), Some(phc)).await.unwrap());
        assert!(!passwords.check("the password of nobody".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_sent_away_and_those_who_wait_are_served() {
        let passwords = Passwords::new(CityKeys::new(&[1; 32])).unwrap();
        let flood = (0..400).map(|_| passwords.check("not this one".into(), None));
        let answers = futures_util::future::join_all(flood).await;
        let served = answers.iter().filter(|answer| **answer == Ok(false)).count();
        let busy = answers.iter().filter(|answer| **answer == Err(HashingFailed::Busy)).count();
        assert_eq!(served + busy, 400);
        assert!((WAITING..WAITING + 100).contains(&served), "{served}");
        assert_eq!(passwords.check("after it".into(), None).await, Ok(false));
    }

    #[test]
    fn it_is_helped_out_where_no_thread_gets_on() {
        let (_queue, jobs) = mpsc::channel(1);
        let turns = Turns { jobs: Mutex::new(jobs), since: Mutex::new(vec![None; 2]) };
        let start = Instant::now();
        let late = start + STARVED_AFTER + Duration::from_millis(1);
        assert!(!turns.are_starved(late), "nobody has anything to do");
        turns.since.lock()[0] = Some(start);
        assert!(!turns.are_starved(late), "the other one can take the next");
        turns.since.lock()[1] = Some(start);
        assert!(!turns.are_starved(start + STARVED_AFTER));
        assert!(turns.are_starved(late));
        turns.since.lock()[1] = Some(late);
        assert!(!turns.are_starved(late), "one gets on");
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for weak in ["", "1234567", "password", "PassWord1", "qwertyuiop"] {
            assert!(weakness(weak).is_some(), "{weak}");
        }
        for fine in ["correct horse battery", "äöüß-äöüß", &"x".repeat(256)] {
            assert_eq!(weakness(fine), None, "{fine}");
        }
        assert!(weakness(&"x".repeat(257)).is_some());
    }
}
