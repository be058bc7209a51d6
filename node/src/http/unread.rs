//! What a refusal leaves unread of a request.
//!
//! HTTP/1 has no word for "stop sending" but hanging up, and then the client may lose the answer,
//! or send its next request into a connection that is no more. So the rest of a body is read and
//! thrown away, up to a limit, before the refusal leaves.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A body of at most so many bytes comes together with its head: nothing of it is left.
const SMALL_BYTES: u64 = 2 << 10;
/// More than this is not thrown away; then the connection is closed after all.
const MOST_BYTES: usize = 64 << 20;
/// How long that may take.
const WITHIN: Duration = Duration::from_secs(5);

/// The body of a request that is being handled.
#[derive(Debug)]
pub(super) struct Rest(Arc<Mutex<Option<Body>>>);

struct Lent(Arc<Mutex<Option<Body>>>);

/// Lends the body of a request to its handler.
pub(super) fn lend(request: Request) -> (Request, Option<Rest>) {
    if request.body().size_hint().upper().is_some_and(|most| most <= SMALL_BYTES) {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    let shared = Arc::new(Mutex::new(Some(body)));
    let request = Request::from_parts(parts, Body::new(Lent(Arc::clone(&shared))));
    (request, Some(Rest(shared)))
}

impl Rest {
    /// Whether all of it has been read by now, so that the connection can go on.
    pub(super) async fn throw_away(self) -> bool {
        let Some(mut body) = self.0.lock().take() else { return true };
        let reading = async {
            let mut bytes = 0;
            while bytes <= MOST_BYTES {
                match body.frame().await {
                    None => return true,
                    Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_)) => return false,
                }
            }
            false
        };
        tokio::time::timeout(WITHIN, reading).await.unwrap_or(false)
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        match self.0.lock().as_mut() {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.0.lock().as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}
