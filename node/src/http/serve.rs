//! Connections: so many at once, each cut when it sends its head too slowly or too large, or takes
//! nothing of its answer.
//!
//! What comes behind the head has the time of its request (`frame`). A client that reads too slowly
//! for a stream is cut by the stream itself.

use super::room::Room;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// The head of a request, in bytes.
const HEAD_BYTES: usize = 16 << 10;
/// How long a head may take, from the connection or the answer before on: a connection that is kept
/// open and not used is closed after the same time.
const HEAD_WITHIN: Duration = Duration::from_secs(60);
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// How long a client may take nothing at all of what is written to it.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// A connection that does not answer a sign of life for so long is gone.
const ALIVE_WITHIN: Duration = Duration::from_secs(20);
/// What HTTP/2 begins with.
const HTTP2: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Before the next attempt, when the system gives no more connections.
const AGAIN: Duration = Duration::from_millis(100);

/// Serves until `stop`, and then lets the requests under way end. Who comes when there is no room
/// waits in the system's queue; who has enough connections already gets no other.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    room: Room,
    stop: CancellationToken,
) {
    let (builder, open) = (Arc::new(builder()), TaskTracker::new());
    loop {
        let next = async {
            let one_more = room.one_more().await;
            (one_more, listener.accept().await)
        };
        let (one_more, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        let Some(place) = one_more.and_then(|it| room.place(it, peer)) else {
            tracing::debug!(%peer, "has as many connections as one address may have");
            continue;
        };
        let (builder, router, stop) = (Arc::clone(&builder), router.clone(), stop.clone());
        open.spawn(async move {
            connection(&builder, stream, peer, router, stop).await;
            drop(place);
        });
    }
    open.close();
    open.wait().await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_BYTES as u32)
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(ALIVE_WITHIN)
        .keep_alive_timeout(ALIVE_WITHIN);
    builder
}

/// Returns when it is plain which protocol the client speaks; false if it has gone.
async fn begins(stream: &TcpStream) -> bool {
    let mut first = [0; HTTP2.len()];
    loop {
        match stream.peek(&mut first).await {
            Ok(0) | Err(_) => return false,
            Ok(read) if read == first.len() || !HTTP2.starts_with(&first[..read]) => return true,
            // The beginning of an HTTP/2 connection, and not all of it yet.
            Ok(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

async fn connection(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    // An answer is one small packet: it must not wait for more.
    let _ = stream.set_nodelay(true);
    // hyper has no time limit for telling the two protocols apart.
    let began = tokio::select! {
        began = tokio::time::timeout(HEAD_WITHIN, begins(&stream)) => began.unwrap_or(false),
        () = stop.cancelled() => false,
    };
    if !began {
        return;
    }
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let service = TowerToHyperService::new(service);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_WITHIN));
    let stream = TokioIo::new(Box::pin(stream));
    let mut serving = pin!(builder.serve_connection_with_upgrades(stream, service));
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        // Clients come and go as they like.
        tracing::debug!(%error, %peer, "a connection broke off");
    }
}
