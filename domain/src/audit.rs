//! The audit chain: who asked for what, when, and what the answer was, each entry sealed with the
//! hash of the one before.
//!
//! The hash covers the digest of the proposal's bytes, not the bytes: the chain can be verified
//! without the log, by anybody who has the entries, and personal data that is erased elsewhere
//! leaves it whole.

use crate::entry::Actor;
use crate::sealed::Digest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The hash before the first entry.
pub const GENESIS: Digest = Digest([0; 32]);

/// Who asked for what, when, and what the answer was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Where the proposal stands in the log.
    pub index: u64,
    /// The leader's time.
    pub at: Timestamp,
    /// Who asked.
    pub actor: Actor,
    /// The command's name.
    pub command: String,
    /// The id of what it was about.
    pub subject: Option<String>,
    /// The reason that was given.
    pub reason: Option<String>,
    /// The request that it came with.
    pub request_id: String,
    /// The answer.
    pub verdict: AuditVerdict,
    /// SHA-256 of the proposal as the log held it.
    pub proposal: Digest,
    /// The hash of the entry before.
    pub prev: Digest,
    /// SHA-256 over `prev` and all that stands above.
    pub hash: Digest,
}

/// An answer without its particulars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuditVerdict {
    /// It was done.
    Yes,
    /// It had been done already.
    Repeat,
    /// It was refused; the rejection's name.
    No(String),
}

/// An audit entry whose hash, or whose link to the one before, does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit chain is broken at index {index}")]
pub struct ChainBroken {
    /// The first entry that does not hold.
    pub index: u64,
}

impl AuditEntry {
    /// The entry with the hash that belongs to it.
    pub fn sealed(self) -> Self {
        Self { hash: self.computed_hash(), ..self }
    }

    /// Whether the entry follows the one with this hash, unchanged.
    ///
    /// # Errors
    /// Names the entry if not.
    pub fn follows(&self, prev: Digest) -> Result<(), ChainBroken> {
        if self.prev == prev && self.hash == self.computed_hash() {
            Ok(())
        } else {
            Err(ChainBroken { index: self.index })
        }
    }

    fn computed_hash(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(b"fd audit 2");
        part(&self.prev.0);
        part(&self.index.to_be_bytes());
        part(&self.at.0.to_be_bytes());
        match &self.actor {
            Actor::Account { account_id, session_id, epoch } => {
                part(&account_id.0);
                part(session_id.as_ref().map_or(&[], |id| &id.0));
                part(&epoch.to_be_bytes());
            }
            Actor::Anyone => part(b"anyone"),
            Actor::System => part(b"system"),
            Actor::Key { key_id, owner, account_id } => {
                part(b"key");
                part(&key_id.0);
                part(owner.restaurant_id().as_ref().map_or(&[], |id| &id.0));
                part(&account_id.0);
            }
        }
        part(self.command.as_bytes());
        // Nothing and an empty text are not the same.
        for said in [&self.subject, &self.reason] {
            part(&[said.is_some().into()]);
            part(said.as_deref().unwrap_or_default().as_bytes());
        }
        part(self.request_id.as_bytes());
        match &self.verdict {
            AuditVerdict::Yes => part(b"yes"),
            AuditVerdict::Repeat => part(b"repeat"),
            AuditVerdict::No(why) => {
                part(b"no");
                part(why.as_bytes());
            }
        }
        part(&self.proposal.0);
        Digest(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, SessionId};

    fn sample() -> AuditEntry {
        let actor = Actor::Account {
            account_id: AccountId([b'a'; 16]),
            session_id: Some(SessionId([b's'; 16])),
            epoch: 2,
        };
        AuditEntry {
            index: 11,
            at: Timestamp(70),
            actor,
            command: "ban_account".to_owned(),
            subject: Some("acc_b".to_owned()),
            reason: Some("fraud".to_owned()),
            request_id: "req-1".to_owned(),
            verdict: AuditVerdict::Yes,
            proposal: Digest([b'p'; 32]),
            prev: Digest([b'h'; 32]),
            hash: GENESIS,
        }
        .sealed()
    }

    #[test]
    fn nothing_and_an_empty_text_are_sealed_differently() {
        let with = |subject: Option<&str>, reason: Option<&str>| {
            let [subject, reason] = [subject, reason].map(|it| it.map(str::to_owned));
            AuditEntry { subject, reason, ..sample() }.sealed().hash
        };
        let all = [
            with(None, None),
            with(None, Some("")),
            with(Some(""), None),
            with(Some(""), Some("")),
            with(Some("\u{1}"), None),
        ];
        for (place, hash) in all.iter().enumerate() {
            assert!(!all[..place].contains(hash), "{place}");
        }
    }

    #[test]
    fn every_field_is_under_the_seal() {
        let good = sample();
        assert_eq!(good.follows(good.prev), Ok(()));
        let broken = Err(ChainBroken { index: good.index });
        assert_eq!(good.follows(good.hash), broken, "another predecessor");
        let changes: [fn(&mut AuditEntry); 10] = [
            |e| e.at = e.at.plus_ms(1),
            |e| e.actor = Actor::System,
            |e| e.command.push('x'),
            |e| e.subject = None,
            |e| e.reason = Some("because".to_owned()),
            |e| e.request_id.clear(),
            |e| e.verdict = AuditVerdict::Repeat,
            |e| e.proposal.0[0] ^= 1,
            |e| e.prev.0[31] ^= 1,
            |e| e.hash.0[7] ^= 1,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut entry = good.clone();
            change(&mut entry);
            assert_eq!(entry.follows(good.prev), broken, "change {number}");
        }
    }
}
