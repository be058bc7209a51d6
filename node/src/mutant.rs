//! Which planted bug this process has, in a build that can have one.

use anyhow::Context;
use domain::account::Account;
use domain::ids::SessionId;
use domain::mutant::{Mutant, is_planted};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Names the mistake that this process is to make.
const MUTANT: &str = "FD_MUTANT";
/// How long a login that was good once counts as good.
const REMEMBERED: Duration = Duration::from_secs(30);

static LOGINS: Mutex<BTreeMap<SessionId, (Instant, Arc<Account>)>> = Mutex::new(BTreeMap::new());

/// Plants what the environment names, and says so loudly.
///
/// # Errors
/// There is no such mistake.
pub fn plant() -> anyhow::Result<()> {
    let Ok(name) = std::env::var(MUTANT) else { return Ok(()) };
    let mutant = name.parse().with_context(|| MUTANT.to_owned())?;
    eprintln!("fdnode: makes the mistake {mutant} on purpose; it is for tests only");
    domain::mutant::plant(Some(mutant));
    Ok(())
}

/// A login that was good a while ago.
pub(crate) fn remembered(session: SessionId) -> Option<Arc<Account>> {
    if !is_planted(Mutant::RevocationCached) {
        return None;
    }
    let logins = LOGINS.lock();
    let (since, account) = logins.get(&session)?;
    (since.elapsed() < REMEMBERED).then(|| Arc::clone(account))
}

/// A login that is good.
pub(crate) fn remember(session: SessionId, account: Option<&Arc<Account>>) {
    if let (true, Some(account)) = (is_planted(Mutant::RevocationCached), account) {
        LOGINS.lock().insert(session, (Instant::now(), Arc::clone(account)));
    }
}
