//! What a node of a city must be told, and the limits that this crate keeps.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One proposal in the log, in bytes: a menu of 5,000 dishes fits. Larger ones are refused before
/// they are proposed.
pub const PROPOSAL_BYTES: usize = 4 << 20;
/// Proposals that travel to the leader in one message.
pub const FORWARD_PROPOSALS: usize = 256;
/// Bytes of proposals that travel to the leader in one message.
pub const FORWARD_BYTES: usize = 1 << 20;
/// Messages with proposals under way to the leader at once; more proposals wait and share one.
pub const FORWARDS_IN_FLIGHT: usize = 4;
/// The largest message between nodes. tonic's own 4 MiB would block a follower on a large append
/// for ever; appends are cut at 1 MiB, so this is never reached.
pub const MESSAGE_BYTES: usize = 32 << 20;
/// Entries that one append carries, in bytes.
pub const APPEND_BYTES: usize = 1 << 20;
/// The newest entries that are kept decoded in memory, in bytes.
pub const TAIL_BYTES: usize = 64 << 20;
/// Entries that are applied in one batch of the state and answered together.
pub const APPLY_CHUNK: usize = 256;
/// One piece of a snapshot file on the wire, in bytes.
pub const SNAPSHOT_CHUNK_BYTES: usize = 256 << 10;
/// What must be free on a disk at most, however large it is, in bytes.
pub const FREE_DISK_BYTES: u64 = 4 << 30;
/// Files in one snapshot.
pub const SNAPSHOT_FILES: usize = 100_000;

/// Everything a node is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The city: lower-case letters, digits and `-`, since it is a part of certificate names.
    pub city_id: String,
    /// This node, for ever: an id is never used again, not even after the loss of a disk.
    pub node_id: u64,
    /// Where to listen for the other nodes.
    pub listen: SocketAddr,
    /// `host:port` under which the other nodes reach `listen`.
    pub raft_addr: String,
    /// `host:port` of this node's HTTP API, told to the other nodes.
    pub http_addr: String,
    /// Mutual TLS between the nodes. `None` is for loopback addresses only.
    pub tls: Option<Tls>,
    /// Where this node reaches some of the others, in place of the address in the log: id and
    /// `host:port`.
    pub dial: BTreeMap<u64, String>,
    /// Heartbeats and elections.
    pub timings: Timings,
    /// What this node accepts at once.
    pub limits: Limits,
    /// When a snapshot is made and how much of the log stays.
    pub snapshots: Snapshots,
    /// What time it is: the leader stamps its entries with it.
    pub wall_clock: WallClock,
}

/// Tells the time, in milliseconds since 1970. The system's, unless a test needs another night.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl WallClock {
    /// A clock that somebody else turns.
    pub fn of(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// Milliseconds since 1970, by it.
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::of(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
            i64::try_from(now).unwrap_or(i64::MAX)
        })
    }
}

impl std::fmt::Debug for WallClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WallClock(..)")
    }
}

/// PEM of the city's CA and of this node's certificate, which must carry the DNS name
/// `node-<id>.<city>.fd`.
#[derive(Clone)]
pub struct Tls {
    /// The only authority that is trusted.
    pub ca: Vec<u8>,
    /// This node's certificate, with intermediates if there are any.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)") // a key must not end up in a log
    }
}

/// Heartbeats and elections. A leader counts as lost after `election_max_ms` (its lease) plus an
/// election timeout, so failover takes between `max + min` and `max + max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Between two heartbeats of the leader.
    pub heartbeat_ms: u64,
    /// The shortest wait before an election. Stalls of ten fsyncs must fit.
    pub election_min_ms: u64,
    /// The longest wait before an election, and the lease of a leader.
    pub election_max_ms: u64,
    /// An append stream with a request unanswered for this long is torn down.
    pub append_stall_ms: u64,
    /// Between two flushes of the state, which bound what a restart must replay.
    pub flush_ms: u64,
    /// How long `shutdown` waits for a new leader and for its last proposals.
    pub drain_ms: u64,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            heartbeat_ms: 75,
            election_min_ms: 250,
            election_max_ms: 400,
            append_stall_ms: 1_500,
            flush_ms: 30_000,
            drain_ms: 10_000,
        }
    }
}

impl Timings {
    /// For a machine that is busy with other things, such as one that runs tests.
    pub fn relaxed() -> Self {
        Self {
            heartbeat_ms: 250,
            election_min_ms: 1_000,
            election_max_ms: 2_000,
            append_stall_ms: 3_000,
            ..Self::default()
        }
    }

    /// What a leader's lease is worth: `election_max_ms`.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_millis(self.election_max_ms)
    }

    pub(crate) fn append_stall(&self) -> Duration {
        Duration::from_millis(self.append_stall_ms)
    }
}

/// What a node accepts at once; beyond it a proposal is refused and may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Proposals between `propose` and its answer.
    pub proposals_in_flight: usize,
    /// Their bytes.
    pub bytes_in_flight: usize,
    /// Below this share of free disk, in percent, nothing new is accepted, and below half of it no
    /// snapshot is made. Of a large disk never more than [`FREE_DISK_BYTES`] are kept free.
    pub free_disk_percent: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { proposals_in_flight: 2048, bytes_in_flight: 32 << 20, free_disk_percent: 10 }
    }
}

/// A snapshot is made when any of the first three is reached and something has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshots {
    /// Entries applied since the last one.
    pub entries: u64,
    /// Bytes of commands applied since the last one.
    pub bytes: u64,
    /// Seconds since the last one.
    pub seconds: u64,
    /// Entries in front of the snapshot that stay in the log, so that a node that lags a little, or
    /// receives a snapshot right now, does not need the next one.
    pub kept_entries: u64,
    /// Bytes per second with which a snapshot is sent.
    pub send_bytes_per_second: u64,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self {
            entries: 200_000,
            bytes: 256 << 20,
            seconds: 15 * 60,
            kept_entries: 50_000,
            send_bytes_per_second: 64 << 20,
        }
    }
}
