//! A world in one thread, where a seed decides: sockets and time are turmoil's, and what would run
//! on a thread of its own runs at once.

#[cfg(not(tokio_unstable))]
compile_error!(
    "the simulation needs RUSTFLAGS=\"--cfg tokio_unstable\", or tokio's own choices have no seed; \
     `cargo xtask simulate` sets it"
);

use crate::types::Vote;
use futures_util::Stream;
use futures_util::stream;
use hyper_util::rt::TokioIo;
use openraft_rt::deterministic_rng::DeterministicRng;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::yield_now;
use tonic::codegen::http::Uri;
use tonic::transport::server::Connected;
use tonic::transport::{Channel, Endpoint};
use turmoil::net::{TcpListener, TcpStream};

/// What openraft runs on.
pub(crate) type Runtime = DeterministicRng<openraft_rt_tokio::TokioRuntime>;

thread_local! {
    /// All nodes of a simulation run in one thread, in an order that the seed decides, so one row
    /// of lots serves them all.
    static LOTS: Cell<u64> = const { Cell::new(0) };

    /// The greatest leader that each node has promised its vote to: term and node, in that order.
    static PROMISES: RefCell<BTreeMap<u64, (u64, u64)>> = const { RefCell::new(BTreeMap::new()) };
}

/// What openraft draws from here on in this thread follows from `seed`, and nobody has promised
/// anything yet.
pub fn set_seed(seed: u64) {
    LOTS.set(seed);
    PROMISES.take();
}

/// The greatest leader that this node has promised its vote to, in any of its lives: term and node,
/// in that order. The node must never forget it.
pub fn promise_of(node: u64) -> Option<(u64, u64)> {
    PROMISES.with_borrow(|promises| promises.get(&node).copied())
}

/// A node tells another one whom it votes for.
pub(crate) fn promised(node: u64, vote: &Vote) {
    let leader = vote.leader_id();
    PROMISES.with_borrow_mut(|promises| {
        let greatest = promises.entry(node).or_default();
        *greatest = (*greatest).max((leader.term, leader.node_id));
    });
}

/// Runs it, after everybody else had a turn: a thread of its own would not be faster either.
///
/// # Errors
/// None here.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    yield_now().await;
    Ok(work())
}

/// Connections from other nodes. A simulated host has one address, so only the port counts.
///
/// # Errors
/// The port is taken.
pub(crate) async fn listen(
    addr: SocketAddr,
) -> io::Result<impl Stream<Item = io::Result<Accepted>> + Send> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, addr.port())).await?;
    Ok(stream::unfold(listener, |listener| async move {
        let accepted = listener.accept().await.map(|(stream, _)| Accepted(stream));
        Some((accepted, listener))
    }))
}

/// A connection that is made on first use, and again when it is lost.
pub(crate) fn connect(endpoint: &Endpoint) -> Channel {
    endpoint.connect_with_connector_lazy(tower::service_fn(|uri: Uri| async move {
        let host = uri.host().unwrap_or_default().to_owned();
        let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(0))).await?;
        Ok::<_, io::Error>(TokioIo::new(stream))
    }))
}

/// Where openraft may draw lots: nowhere else, or it panics.
pub(crate) fn seeded<F: Future>(what: F) -> impl Future<Output = F::Output> {
    let lot = LOTS.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    LOTS.set(lot);
    Runtime::scope(lot, what)
}

/// An accepted connection; tonic wants to know that there is nothing to know about it.
#[derive(Debug)]
pub(crate) struct Accepted(TcpStream);

impl Connected for Accepted {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Accepted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
