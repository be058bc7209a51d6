//! The audit chain: one entry for each proposal that the log decided, each sealed with the hash of
//! the one before (`domain::audit`). Key: log index.

use super::variant::variant_name;
use crate::row::{Parts, Row};
use domain::audit::{AuditEntry, AuditVerdict};
use domain::sealed::Digest;
use domain::{Proposal, Stamp, Verdict};
use sha2::{Digest as _, Sha256};

/// The entry of one proposal, sealed.
pub(crate) fn entry(
    prev: Digest,
    stamp: &Stamp,
    proposal_bytes: &[u8],
    proposal: &Proposal,
    verdict: &Verdict,
) -> AuditEntry {
    AuditEntry {
        index: stamp.index,
        at: stamp.at,
        actor: proposal.actor.clone(),
        command: proposal.command.name().to_owned(),
        subject: proposal.command.subject(),
        reason: proposal.command.reason().map(str::to_owned),
        request_id: proposal.request_id.clone(),
        verdict: match verdict {
            Verdict::Yes { changed: true, .. } => AuditVerdict::Yes,
            Verdict::Yes { changed: false, .. } => AuditVerdict::Repeat,
            Verdict::No(rejection) => AuditVerdict::No(variant_name(rejection).to_owned()),
        },
        proposal: Digest(Sha256::digest(proposal_bytes).into()),
        prev,
        hash: Digest([0; 32]),
    }
    .sealed()
}

pub(crate) fn row(index: u64) -> Row {
    Row::empty().number(index)
}

pub(crate) fn index_of(row: &[u8]) -> Option<u64> {
    Parts(row).number()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{round_trip, samples};
    use domain::ids::{AccountId, SessionId};
    use domain::time::Timestamp;
    use domain::{Actor, Command};

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
        entry(samples::digest(b'h'), &stamp, b"the log's bytes", &proposal, &verdict)
    }

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8b\a5index\0b\a2atF\a5actor\81\a7Account\83\aaaccount_id\c4\10aaaaaaaaaaaa
            aaaa\aasession_id\c4\10ssssssssssssssss\a5epoch\02\a7command\abban_account\a7subj
            ect\beacc_32c9h64rk2c9h64rk2c9h64rk2\a6reason\a5fraud\aarequest_id\a5req-1\a7verd
            ict\a3Yes\a8proposal\c4 vIoj\deY1p\10\f3}~\93\e3\03L\0d_\13\0e\ce\f5m-\f7\7f\a8u\9f
            \bb\02R\a4prev\c4 hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh\a4hash\c4 \d0\ce\c5\80\15U\bc\9f
            B[\ae\af\81Wj\c0\fe\d6\d1\e4(\89\e7\9di\fa\87\c3J\fc\e8\1f
        "#]]
        .assert_eq(&round_trip(&sample()));
    }
}
