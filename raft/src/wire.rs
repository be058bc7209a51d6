//! Between openraft's types and the messages of `raft.proto`, which are what disks and peers see.
//! openraft disclaims its own serialized form, so nothing of it is ever stored or sent.

use crate::types::{
    CityNode, Command, Entry, LogId, Membership, StoredMembership, TypeConfig, Vote,
};
use openraft::EntryPayload;
use openraft::alias::{EntryOf, LogIdOf, StoredMembershipOf, VoteOf};
use openraft::entry::RaftEntry;
use openraft::impls::leader_id_adv::LeaderId;
use prost::Message;
use std::collections::BTreeMap;
use std::io;

/// The generated messages, client and server.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    unreachable_pub,
    missing_debug_implementations
)]
pub(crate) mod proto {
    tonic::include_proto!("fd.raft.v1");
}

/// A message lacks a part without which it means nothing.
#[derive(Debug, thiserror::Error)]
#[error("malformed message: {0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

impl From<Malformed> for io::Error {
    fn from(e: Malformed) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, e)
    }
}

impl From<Malformed> for tonic::Status {
    fn from(e: Malformed) -> Self {
        tonic::Status::invalid_argument(e.to_string())
    }
}

/// What `put_meta`, `set_position` and friends store.
pub(crate) fn to_bytes(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

pub(crate) fn from_bytes<M: Message + Default>(bytes: impl bytes::Buf) -> io::Result<M> {
    M::decode(bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

pub(crate) fn id(id: &LogId) -> proto::LogId {
    let leader = id.committed_leader_id();
    proto::LogId { term: leader.term, node_id: leader.node_id, index: id.index() }
}

pub(crate) fn to_id(id: &proto::LogId) -> LogId {
    LogIdOf::<TypeConfig>::new(LeaderId { term: id.term, node_id: id.node_id }, id.index)
}

pub(crate) fn log_id(id: Option<&LogId>) -> Option<proto::LogId> {
    id.map(self::id)
}

pub(crate) fn to_log_id(id: Option<&proto::LogId>) -> Option<LogId> {
    id.map(to_id)
}

pub(crate) fn vote(vote: &Vote) -> proto::Vote {
    let leader = vote.leader_id();
    proto::Vote { term: leader.term, node_id: leader.node_id, committed: vote.is_committed() }
}

pub(crate) fn to_vote(vote: Option<&proto::Vote>) -> Result<Vote, Malformed> {
    let proto::Vote { term, node_id, committed } = *vote.ok_or(Malformed("no vote"))?;
    Ok(match committed {
        true => VoteOf::<TypeConfig>::new_committed(term, node_id),
        false => VoteOf::<TypeConfig>::new(term, node_id),
    })
}

impl From<&CityNode> for proto::Node {
    fn from(node: &CityNode) -> Self {
        Self { raft_addr: node.raft_addr.clone(), http_addr: node.http_addr.clone() }
    }
}

impl From<proto::Node> for CityNode {
    fn from(node: proto::Node) -> Self {
        Self { raft_addr: node.raft_addr, http_addr: node.http_addr }
    }
}

impl From<&Membership> for proto::Membership {
    fn from(membership: &Membership) -> Self {
        let configs = membership.get_joint_config().iter();
        let nodes = membership.nodes();
        Self {
            configs: configs
                .map(|voters| proto::VoterSet { node_ids: voters.iter().copied().collect() })
                .collect(),
            nodes: nodes.map(|(id, node)| (*id, node.into())).collect(),
        }
    }
}

fn to_membership(membership: proto::Membership) -> Result<Membership, Malformed> {
    let configs = membership.configs.into_iter();
    let nodes = membership.nodes.into_iter();
    let configs = configs.map(|voters| voters.node_ids.into_iter().collect()).collect();
    let nodes: BTreeMap<u64, CityNode> = nodes.map(|(id, node)| (id, node.into())).collect();
    Membership::new(configs, nodes).map_err(|_| Malformed("membership names unknown voters"))
}

pub(crate) fn stored(stored: &StoredMembership) -> proto::StoredMembership {
    let log_id = log_id(stored.log_id().as_ref());
    proto::StoredMembership { log_id, membership: Some(stored.membership().into()) }
}

pub(crate) fn to_stored(stored: proto::StoredMembership) -> Result<StoredMembership, Malformed> {
    let log_id = to_log_id(stored.log_id.as_ref());
    let membership = to_membership(stored.membership.ok_or(Malformed("no membership"))?)?;
    Ok(StoredMembershipOf::<TypeConfig>::new(log_id, membership))
}

impl From<&Command> for proto::Command {
    fn from(command: &Command) -> Self {
        Self { at_ms: command.at_ms, proposal: command.proposal.clone() }
    }
}

pub(crate) fn entry(entry: &Entry) -> proto::Entry {
    use proto::entry::Payload;
    let payload = match &entry.payload {
        EntryPayload::Blank => Payload::Blank(true),
        EntryPayload::Normal(command) => Payload::Command(command.into()),
        EntryPayload::Membership(membership) => Payload::Membership(membership.into()),
    };
    proto::Entry { log_id: Some(id(&entry.log_id())), payload: Some(payload) }
}

pub(crate) fn to_entry(entry: proto::Entry) -> Result<Entry, Malformed> {
    use proto::entry::Payload;
    let id = to_log_id(entry.log_id.as_ref()).ok_or(Malformed("entry without id"))?;
    Ok(match entry.payload.ok_or(Malformed("entry of an unknown kind"))? {
        Payload::Blank(_) => EntryOf::<TypeConfig>::new_blank(id),
        Payload::Command(proto::Command { at_ms, proposal }) => {
            EntryOf::<TypeConfig>::new_normal(id, Command { at_ms, proposal })
        }
        Payload::Membership(membership) => {
            EntryOf::<TypeConfig>::new_membership(id, to_membership(membership)?)
        }
    })
}

pub(crate) fn decode_entry(bytes: Vec<u8>) -> io::Result<Entry> {
    // `Bytes` from the vector: the proposal is a slice of it, not a copy.
    Ok(to_entry(from_bytes(bytes::Bytes::from(bytes))?)?)
}

/// An entry of the log, for those who watch a simulation.
#[cfg(feature = "simulation")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The term of the leader that made it.
    pub term: u64,
    /// Which node that was. Within a term a greater one may take over.
    pub node: u64,
    /// Where it stands.
    pub index: u64,
    /// The leader's time, in milliseconds since 1970, and what was proposed; nothing if the entry
    /// is consensus's own.
    pub command: Option<(i64, domain::Proposal)>,
}

/// Reads an entry as `storage::LogDb` keeps it.
///
/// # Errors
/// It is none.
#[cfg(feature = "simulation")]
pub fn read_entry(bytes: Vec<u8>) -> io::Result<LogEntry> {
    let entry = decode_entry(bytes)?;
    let id = entry.log_id();
    let command = match &entry.payload {
        EntryPayload::Normal(Command { at_ms, proposal }) => {
            let proposal = storage::codec::decode(proposal).map_err(io::Error::other)?;
            Some((*at_ms, proposal))
        }
        EntryPayload::Blank | EntryPayload::Membership(_) => None,
    };
    let LeaderId { term, node_id: node } = *id.committed_leader_id();
    Ok(LogEntry { term, node, index: id.index(), command })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::collections::BTreeSet;

    fn id(index: u64) -> LogId {
        LogIdOf::<TypeConfig>::new(LeaderId { term: 3, node_id: 2 }, index)
    }

    fn membership() -> Membership {
        let node = |n: u64| CityNode {
            raft_addr: format!("10.0.0.{n}:7400"),
            http_addr: format!("10.0.0.{n}:8080"),
        };
        let nodes: BTreeMap<u64, CityNode> = (1..=2).map(|n| (n, node(n))).collect();
        Membership::new(vec![BTreeSet::from([1, 2]), BTreeSet::from([2])], nodes).unwrap()
    }

    fn hex(bytes: &[u8]) -> String {
        let line = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        bytes.chunks(32).map(line).collect::<Vec<_>>().join("\n")
    }

    /// Bytes of a release must be readable for ever, and one value must have one encoding.
    fn golden<M: Message + Default + PartialEq>(message: &M, bytes: Expect) {
        let encoded = to_bytes(message);
        bytes.assert_eq(&hex(&encoded));
        let decoded: M = from_bytes(encoded.as_slice()).unwrap();
        assert!(decoded == *message);
        assert_eq!(to_bytes(&decoded), encoded);
    }

    fn golden_entry(entry: Entry, bytes: Expect) {
        golden(&super::entry(&entry), bytes);
        assert_eq!(decode_entry(to_bytes(&super::entry(&entry))).unwrap(), entry);
    }

    #[test]
    fn entries() {
        golden_entry(EntryOf::<TypeConfig>::new_blank(id(7)), expect!["0a060803100218071001"]);
        let command =
            Command { at_ms: 1_772_390_000_250, proposal: bytes::Bytes::from_static(b"wish") };
        golden_entry(
            EntryOf::<TypeConfig>::new_normal(id(8), command),
            expect!["0a060803100218081a0f097a26adaa9c010000120477697368"],
        );
        golden_entry(
            EntryOf::<TypeConfig>::new_membership(id(9), membership()),
            expect![[r#"
            0a0608031002180922530a040a0201020a030a010212220801121e0a0d31302e
            302e302e313a37343030120d31302e302e302e313a3830383012220802121e0a
            0d31302e302e302e323a37343030120d31302e302e302e323a38303830"#]],
        );
    }

    #[test]
    fn votes() {
        for (vote, bytes) in [
            (VoteOf::<TypeConfig>::new(4, 1), expect!["08041001"]),
            (VoteOf::<TypeConfig>::new_committed(4, 1), expect!["080410011801"]),
        ] {
            golden(&super::vote(&vote), bytes);
            assert_eq!(to_vote(Some(&super::vote(&vote))).unwrap(), vote);
        }
    }

    #[test]
    fn membership_position_and_manifest() {
        let stored = StoredMembershipOf::<TypeConfig>::new(Some(id(9)), membership());
        let message = super::stored(&stored);
        golden(
            &message,
            expect![[r#"
            0a0608031002180912530a040a0201020a030a010212220801121e0a0d31302e
            302e302e313a37343030120d31302e302e302e313a3830383012220802121e0a
            0d31302e302e302e323a37343030120d31302e302e302e323a38303830"#]],
        );
        assert_eq!(to_stored(message.clone()).unwrap(), stored);

        golden(
            &proto::Position { log_id: log_id(Some(&id(9))), at_ms: 5 },
            expect!["0a06080310021809110500000000000000"],
        );

        let file = proto::SnapshotFile { name: "000012.sst".into(), size: 4096, crc32c: 77 };
        let manifest = proto::SnapshotManifest {
            format: 1,
            last_log_id: log_id(Some(&id(9))),
            last_membership: Some(message),
            files: vec![file],
        };
        golden(
            &manifest,
            expect![[r#"
            080112060803100218091a5d0a0608031002180912530a040a0201020a030a01
            0212220801121e0a0d31302e302e302e313a37343030120d31302e302e302e31
            3a3830383012220802121e0a0d31302e302e302e323a37343030120d31302e30
            2e302e323a3830383022110a0a3030303031322e737374108020184d"#]],
        );
    }

    #[test]
    fn an_entry_of_an_unknown_kind_is_refused() {
        let unknown = proto::Entry { log_id: log_id(Some(&id(1))), payload: None };
        let error = decode_entry(to_bytes(&unknown)).unwrap_err();
        assert_eq!(error.to_string(), "malformed message: entry of an unknown kind");
    }
}
