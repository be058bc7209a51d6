//! Everything has a limit, and each limit has a name.

use std::time::Duration;

/// Bytes of one boundary file.
pub(crate) const BOUNDARY_BYTES: u64 = 64 << 20;
/// Bodies up to so many bytes are kept until a node has answered, so that another node can get
/// them; longer ones are passed on as they come, to one node only.
pub(crate) const KEPT_BODY_BYTES: u64 = 256 << 10;
/// Requests that wait for a node at once; more are refused.
pub(crate) const WAITING: usize = 4_096;
/// Connections to one node that are kept open without a request.
pub(crate) const IDLE_PER_NODE: usize = 256;
/// How long they are kept.
pub(crate) const IDLE: Duration = Duration::from_secs(30);
/// Bytes of a node's answer to the question whether it is ready; the rest is not read.
pub(crate) const READY_BYTES: usize = 16 << 10;
/// When to ask again after a refusal because of nodes.
pub(crate) const RETRY_AFTER_MS: u64 = 1_000;
/// How long requests may go on after a signal to stop.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
