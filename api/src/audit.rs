//! The audit chain as people and tools read it: nothing is left out that a hash covers, so whoever
//! has the entries can compute the chain again.

use crate::wire::Time;
use domain::Actor;
use domain::audit::{self, AuditVerdict};
use domain::ids::{AccountId, ApiKeyId, RestaurantId, SessionId};
use domain::key::KeyOwner;
use domain::sealed::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One entry of the audit chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct AuditEntry {
    pub index: u64,
    pub at: Time,
    /// acc_.., anyone, or system.
    #[schema(example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub actor: String,
    /// The login of the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub session_id: Option<SessionId>,
    /// How often the actor's logins were ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    pub epoch: Option<u32>,
    #[schema(example = "place_order")]
    pub command: String,
    /// The program that acted in the actor's name, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "key_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub key_id: Option<ApiKeyId>,
    /// The restaurant that its key is for; none if it is for the city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub key_for: Option<RestaurantId>,
    #[schema(example = "ord_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub subject: Option<String>,
    /// Where the command asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "letter of 2026-03-01")]
    pub reason: Option<String>,
    /// yes, repeat, or the reason of the no.
    #[schema(example = "yes")]
    pub verdict: String,
    #[schema(example = "0190f0a4-7cb2-7d8e-9f00-0123456789ab")]
    pub request_id: String,
    /// SHA-256 of the proposal as the log holds it.
    #[schema(example = "3b7e44")]
    pub proposal: String,
    #[schema(example = "9f2c1d")]
    pub prev: String,
    /// SHA-256 over `prev` and all that stands above.
    #[schema(example = "5d41402abc4b2a76b9719d911017c592")]
    pub hash: String,
}

/// What the chain has come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHead {
    /// The city's number.
    #[schema(example = 1)]
    pub city: u16,
    /// The newest entry's log index.
    #[schema(example = 48_113)]
    pub index: u64,
    /// Its hash.
    #[schema(example = "5d41402abc4b2a76b9719d911017c592")]
    pub hash: String,
    /// When it was signed.
    pub at: Time,
}

/// `GET /v1/admin/audit/head`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedHead {
    /// In clear.
    #[serde(flatten)]
    pub head: AuditHead,
    /// The same as a JWS in compact form, by a key of `/.well-known/jwks.json`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.eyJjaXR5IjoxfQ.c2lnbmF0dXJl")]
    pub signed: String,
}

/// An entry that says something that no entry says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entry of index {index} has no {what} that can be read")]
pub struct Unreadable {
    /// Which entry.
    pub index: u64,
    /// Which member.
    pub what: &'static str,
}

const ANYONE: &str = "anyone";
const SYSTEM: &str = "system";
const YES: &str = "yes";
const REPEAT: &str = "repeat";

impl From<&audit::AuditEntry> for AuditEntry {
    fn from(entry: &audit::AuditEntry) -> Self {
        let (actor, session_id, epoch) = match &entry.actor {
            Actor::Account { account_id, session_id, epoch } => {
                (account_id.to_string(), *session_id, Some(*epoch))
            }
            Actor::Anyone => (ANYONE.to_owned(), None, None),
            Actor::System => (SYSTEM.to_owned(), None, None),
            Actor::Key { account_id, .. } => (account_id.to_string(), None, None),
        };
        let key = match &entry.actor {
            Actor::Key { key_id, owner, .. } => Some((*key_id, *owner)),
            Actor::Account { .. } | Actor::Anyone | Actor::System => None,
        };
        let verdict = match &entry.verdict {
            AuditVerdict::Yes => YES.to_owned(),
            AuditVerdict::Repeat => REPEAT.to_owned(),
            AuditVerdict::No(why) => why.clone(),
        };
        Self {
            index: entry.index,
            at: Time(entry.at),
            actor,
            session_id,
            epoch,
            command: entry.command.clone(),
            key_id: key.map(|(id, _)| id),
            key_for: key.and_then(|(_, owner)| owner.restaurant_id()),
            subject: entry.subject.clone(),
            reason: entry.reason.clone(),
            verdict,
            request_id: entry.request_id.clone(),
            proposal: hex(&entry.proposal),
            prev: hex(&entry.prev),
            hash: hex(&entry.hash),
        }
    }
}

impl TryFrom<&AuditEntry> for audit::AuditEntry {
    type Error = Unreadable;

    fn try_from(entry: &AuditEntry) -> Result<Self, Unreadable> {
        let wrong = |what| Unreadable { index: entry.index, what };
        let digest = |text: &str, what| unhex(text).ok_or_else(|| wrong(what));
        let actor = match entry.actor.as_str() {
            ANYONE => Actor::Anyone,
            SYSTEM => Actor::System,
            account => {
                let account_id = account.parse::<AccountId>().map_err(|_| wrong("actor"))?;
                let session_id = entry.session_id;
                match entry.key_id {
                    None => {
                        let epoch = entry.epoch.ok_or_else(|| wrong("epoch"))?;
                        Actor::Account { account_id, session_id, epoch }
                    }
                    Some(key_id) => {
                        let owner = entry.key_for.map_or(KeyOwner::City, KeyOwner::Restaurant);
                        Actor::Key { key_id, owner, account_id }
                    }
                }
            }
        };
        Ok(Self {
            index: entry.index,
            at: entry.at.0,
            actor,
            command: entry.command.clone(),
            subject: entry.subject.clone(),
            reason: entry.reason.clone(),
            request_id: entry.request_id.clone(),
            verdict: match entry.verdict.as_str() {
                YES => AuditVerdict::Yes,
                REPEAT => AuditVerdict::Repeat,
                why => AuditVerdict::No(why.to_owned()),
            },
            proposal: digest(&entry.proposal, "proposal")?,
            prev: digest(&entry.prev, "prev")?,
            hash: digest(&entry.hash, "hash")?,
        })
    }
}

/// A digest as people compare it.
pub fn hex(digest: &Digest) -> String {
    use std::fmt::Write;
    digest.0.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(Digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audit::GENESIS;
    use domain::time::Timestamp;

    fn program(owner: KeyOwner) -> Actor {
        Actor::Key { key_id: ApiKeyId([5; 16]), owner, account_id: AccountId([3; 16]) }
    }

    #[test]
    fn there_and_back_again() {
        let account = Actor::Account {
            account_id: AccountId([3; 16]),
            session_id: Some(SessionId([4; 16])),
            epoch: 2,
        };
        for (actor, verdict) in [
            (account, AuditVerdict::No("Banned".to_owned())),
            (Actor::System, AuditVerdict::Yes),
            (Actor::Anyone, AuditVerdict::Repeat),
            (program(KeyOwner::City), AuditVerdict::Yes),
            (program(KeyOwner::Restaurant(RestaurantId([6; 16]))), AuditVerdict::Yes),
        ] {
            let entry = audit::AuditEntry {
                index: 7,
                at: Timestamp(1_772_452_800_123),
                actor,
                command: "ban_account".to_owned(),
                subject: None,
                reason: Some("fraud".to_owned()),
                request_id: "r".to_owned(),
                verdict,
                proposal: Digest([0xab; 32]),
                prev: GENESIS,
                hash: GENESIS,
            }
            .sealed();
            let json = serde_json::to_string(&AuditEntry::from(&entry)).unwrap();
            let shown: AuditEntry = serde_json::from_str(&json).unwrap();
            let back = audit::AuditEntry::try_from(&shown).unwrap();
            assert_eq!(back, entry);
            assert_eq!(back.follows(GENESIS), Ok(()));
        }
    }

    #[test]
    fn what_is_no_digest_is_none() {
        for wrong in ["", "xy", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
