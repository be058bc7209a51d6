//! The world as it is.

use crate::types::Vote;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint};

/// What openraft runs on.
pub(crate) type Runtime = openraft_rt_tokio::TokioRuntime;

/// Runs what would keep others waiting, on a thread of its own.
///
/// # Errors
/// It panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)
}

/// Connections from other nodes.
///
/// # Errors
/// The address cannot be listened on.
pub(crate) async fn listen(addr: SocketAddr) -> io::Result<TcpIncoming> {
    Ok(TcpIncoming::from(TcpListener::bind(addr).await?).with_nodelay(Some(true)))
}

/// A connection that is made on first use, and again when it is lost.
pub(crate) fn connect(endpoint: &Endpoint) -> Channel {
    endpoint.connect_lazy()
}

/// Where openraft may draw lots. Here that is everywhere.
pub(crate) fn seeded<F: Future>(what: F) -> F {
    what
}

/// A node tells another one whom it votes for. Nobody listens here.
pub(crate) fn promised(_node: u64, _vote: &Vote) {}
