//! The audit chain: one entry for each proposal that the log decided, each sealed with the hash of
//! the one before. Key: log index.
//!
//! The hash covers the digest of the proposal's bytes, not the bytes: the chain can be verified
//! without the log, and personal data that is erased elsewhere leaves it whole.

use super::variant::variant_name;
use crate::row::{Parts, Row};
use domain::sealed::Digest;
use domain::time::Timestamp;
use domain::{Actor, Command, Proposal, Stamp, Verdict};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The hash before the first entry.
pub(crate) const GENESIS: Digest = Digest([0; 32]);

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
    pub(crate) fn new(
        prev: Digest,
        stamp: &Stamp,
        proposal_bytes: &[u8],
        proposal: &Proposal,
        verdict: &Verdict,
    ) -> Self {
        let mut entry = Self {
            index: stamp.index,
            at: stamp.at,
            actor: proposal.actor.clone(),
            command: proposal.command.name().to_owned(),
            subject: proposal.command.subject(),
            reason: reason(&proposal.command),
            request_id: proposal.request_id.clone(),
            verdict: match verdict {
                Verdict::Yes { changed: true, .. } => AuditVerdict::Yes,
                Verdict::Yes { changed: false, .. } => AuditVerdict::Repeat,
                Verdict::No(rejection) => AuditVerdict::No(variant_name(rejection).to_owned()),
            },
            proposal: Digest(Sha256::digest(proposal_bytes).into()),
            prev,
            hash: GENESIS,
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// Whether the entry follows the one with this hash, unchanged.
    ///
    /// # Errors
    /// Names the entry if not.
    pub(crate) fn follows(&self, prev: Digest) -> Result<(), ChainBroken> {
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
        part(b"fd audit 1");
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
        }
        part(self.command.as_bytes());
        part(self.subject.as_deref().unwrap_or_default().as_bytes());
        part(self.reason.as_deref().unwrap_or_default().as_bytes());
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

pub(crate) fn row(index: u64) -> Row {
    Row::empty().number(index)
}

pub(crate) fn index_of(row: &[u8]) -> Option<u64> {
    Parts(row).number()
}

/// Why somebody says they want it, where a command asks for that.
fn reason(command: &Command) -> Option<String> {
    #[allow(clippy::wildcard_enum_match_arm)] // most commands have none, and will not
    match command {
        Command::BanAccount(c) => Some(c.reason.clone()),
        Command::UnbanAccount(c) => Some(c.reason.clone()),
        Command::Fraud(c) => c.reason().map(str::to_owned),
        Command::Moderation(c) => Some(c.reason().to_owned()),
        Command::UnassignDelivery(c) => Some(c.reason.clone()),
        Command::RejectOrder(c) => Some(variant_name(&c.reason).to_owned()),
        Command::CancelOrder(c) => Some(variant_name(&c.reason).to_owned()),
        Command::FailDelivery(c) => Some(variant_name(&c.reason).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples};
    use domain::ids::{AccountId, SessionId};

    fn sample() -> AuditEntry {
        let proposal = Proposal {
            actor: Actor::Account {
                account_id: AccountId([b'a'; 16]),
                session_id: Some(SessionId([b's'; 16])),
                epoch: 2,
            },
            request_id: "req-1".to_owned(),
            command: Command::BanAccount(domain::account::BanAccount {
                account_id: AccountId([b'b'; 16]),
                reason: "fraud".to_owned(),
                until: None,
                cancel_open: false,
            }),
        };
        let stamp = Stamp { index: 11, at: Timestamp(70) };
        let verdict = Verdict::Yes { changed: true, index: 11 };
        AuditEntry::new(samples::digest(b'h'), &stamp, b"the log's bytes", &proposal, &verdict)
    }

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8b\a5index\0b\a2atF\a5actor\81\a7Account\83\aaaccount_id\c4\10aaaaaaaaaaaa
            aaaa\aasession_id\c4\10ssssssssssssssss\a5epoch\02\a7command\abban_account\a7subj
            ect\beacc_32c9h64rk2c9h64rk2c9h64rk2\a6reason\a5fraud\aarequest_id\a5req-1\a7verd
            ict\a3Yes\a8proposal\c4 vIoj\deY1p\10\f3}~\93\e3\03L\0d_\13\0e\ce\f5m-\f7\7f\a8u\9f
            \bb\02R\a4prev\c4 hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh\a4hash\c4 \e5\ea\93\c6\c7\01\df
            \a4m\eeC~%\a5U\dd5\b4\0c\b8_\b9\94L\e7\a5\e6\14]\12\bd\d7
        "#]]
        .assert_eq(&round_trip(&sample()));
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
