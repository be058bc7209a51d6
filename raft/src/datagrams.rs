//! Bytes that are not consensus: told to every other member, unordered, not repeated, lost at will.
//!
//! They have a connection of their own, so that a burst of them never stands before a heartbeat.
//! Whoever needs more than the newest of something must not use this (docs/adr/0004).

use crate::city::{City, Node};
use crate::wire::proto;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// One datagram, in bytes.
pub const DATAGRAM_BYTES: usize = 1 << 20;
/// Heard datagrams that a slow listener may leave lying.
const HEARD: usize = 256;
/// A peer that takes longer gets the next one instead.
const WITHIN: Duration = Duration::from_secs(1);

/// What was heard, and who is being told.
#[derive(Clone, Debug)]
pub(crate) struct Datagrams {
    heard: broadcast::Sender<Bytes>,
    /// Peers with a datagram under way: one at a time each, the rest is dropped.
    busy: Arc<Mutex<BTreeSet<u64>>>,
}

impl Default for Datagrams {
    fn default() -> Self {
        Self { heard: broadcast::channel(HEARD).0, busy: Arc::default() }
    }
}

impl City {
    /// Tells every other member, and returns at once. Larger than [`DATAGRAM_BYTES`] tells nobody.
    pub fn tell_all(&self, datagram: Bytes) {
        if datagram.len() > DATAGRAM_BYTES {
            tracing::warn!(bytes = datagram.len(), "a datagram is too large");
            return;
        }
        let node = &self.node;
        let own = node.settings.node_id;
        let stored = node.membership();
        for (id, member) in stored.membership().nodes().filter(|(id, _)| **id != own) {
            let Some(links) = node.peers.links(*id, &member.raft_addr) else { continue };
            if !node.datagrams.busy.lock().insert(*id) {
                continue;
            }
            let message = proto::TellRequest {
                route: Some(node.peers.route(*id)),
                datagram: datagram.clone(),
            };
            let (id, busy, mut client) = (*id, Arc::clone(&node.datagrams.busy), links.soft);
            tokio::spawn(async move {
                // Lost at will: what the answer is does not matter.
                let _ = tokio::time::timeout(WITHIN, client.tell(message)).await;
                busy.lock().remove(&id);
            });
        }
    }

    /// What the other members tell from now on.
    pub fn datagrams(&self) -> broadcast::Receiver<Bytes> {
        self.node.datagrams.heard.subscribe()
    }
}

impl Node {
    /// A member told something. Nobody listening is no error.
    pub(crate) fn hear(&self, datagram: Bytes) {
        let _ = self.datagrams.heard.send(datagram);
    }
}
