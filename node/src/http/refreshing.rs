//! Which refresh tokens are genuine. Each follows from the one before by the city's key, so the
//! first of a login leads to all of the others: whoever shows an older one is known by that, and
//! nobody without the key can make one up.

use super::error::Answer;
use super::login::hashed;
use super::reading::Reads;
use crate::passwords::Passwords;
use crate::vault::Vault;
use domain::account::Session;
use domain::ids::SessionId;
use domain::sealed::Digest;
use std::sync::Arc;

/// How many tokens back one is still known: a login of 180 days that asks for fresh tokens every
/// quarter of an hour. An older one is refused like any that is wrong.
const STEPS: usize = 20_000;

/// What a token is to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Descent {
    /// The token that is good now, or was just now, if this one is older.
    pub(super) ancestor_of: Option<Digest>,
}

/// What this secret is to its session; nothing if the session never had it.
pub(super) async fn descent(
    vault: &Vault,
    passwords: &Passwords,
    reads: &Reads,
    session_id: SessionId,
    secret: &[u8],
) -> Answer<Option<Descent>> {
    let newest = |session: &Arc<Session>| is_of(session, hashed(secret));
    if reads.here().session(session_id)?.as_ref().is_some_and(newest) {
        return Ok(Some(Descent { ancestor_of: None }));
    }
    // This node may be behind, so a no is asked of all.
    let session = reads.current().await?.view.session(session_id)?;
    let Some(session) = session else { return Ok(None) };
    if newest(&session) {
        return Ok(Some(Descent { ancestor_of: None }));
    }
    let (vault, secret) = (vault.clone(), secret.to_vec());
    // As long as a password, if it is none, and whoever likes can ask for it: so in the same turn.
    let found = passwords.aside(move || older(&vault, &session, secret)).await?;
    Ok(found.map(|token| Descent { ancestor_of: Some(token) }))
}

/// The one that is good now, or the one before it.
fn is_of(session: &Session, token: Digest) -> bool {
    token == session.refresh || session.previous.as_ref().is_some_and(|it| it.refresh == token)
}

fn older(vault: &Vault, session: &Arc<Session>, mut secret: Vec<u8>) -> Option<Digest> {
    (0..STEPS).find_map(|_| {
        secret = vault.digest(&secret).0.to_vec();
        Some(hashed(&secret)).filter(|token| is_of(session, *token))
    })
}
