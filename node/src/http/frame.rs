//! What holds for every request: a name, a time limit, a count, and problem documents for refusals.

use super::error::Fail;
use super::unread;
use crate::metrics::Metrics;
use api::codes::Code;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::mutant::{Mutant, is_planted};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The log index that an answer reflects, or that a write got.
pub(super) const FD_INDEX: HeaderName = HeaderName::from_static("fd-index");
/// Set when an answer is that of an earlier, equal request.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The key that the node drew because the caller sent none.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// The longest name a caller may give a request.
const REQUEST_ID_BYTES: usize = 64;
/// No handler may take longer; streams are answered long before.
const DEADLINE: Duration = Duration::from_secs(10);
/// Nor one that waits for news.
const POLL_DEADLINE: Duration = Duration::from_secs(35);
/// Where one may wait for so long.
const POLL_ROUTE: &str = "/v1/events";

/// The name of this request, in logs, audit and events.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub Arc<str>);

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Self("unnamed".into())))
    }
}

/// The outermost layer: nothing leaves the node without passing here.
pub(super) async fn frame(
    State(metrics): State<Metrics>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());

    let (request, rest) = unread::lend(request);
    let polls = route.as_ref().is_some_and(|route| route.as_str() == POLL_ROUTE);
    let deadline = if polls { POLL_DEADLINE } else { DEADLINE };
    let mut response = match tokio::time::timeout(deadline, next.run(request)).await {
        Ok(response) => response,
        // The request may have got as far as the log.
        Err(_) => Fail::because(Code::VerdictUnknown, "the request took too long").into_response(),
    };
    if let Some(fail) = refusal(&mut response) {
        response = document(fail, &path, &id, response);
    }
    if let Some(rest) = rest.filter(|_| response.status().as_u16() >= 400)
        && !rest.throw_away().await
    {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let route = route.as_ref().map_or("(none)", |route| route.as_str());
    let status = response.status();
    metrics.answered(method.as_str(), route, status.as_u16(), started.elapsed());
    if status.is_server_error() {
        tracing::warn!(%method, route, %status, request_id = %id, "answered");
    } else {
        tracing::debug!(%method, route, %status, request_id = %id, "answered");
    }
    response
}

/// A refusal of ours, or one that the router made without us.
fn refusal(response: &mut Response) -> Option<Fail> {
    if let Some(fail) = response.extensions_mut().remove::<Fail>() {
        return Some(fail);
    }
    let shaped = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"application/") || kind.as_bytes().starts_with(b"text/html")
    });
    if shaped {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(Fail::new(Code::RouteUnknown)),
        StatusCode::METHOD_NOT_ALLOWED => Some(Fail::new(Code::MethodNotAllowed)),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Fail::new(Code::TooLarge)),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Fail::new(Code::MediaTypeUnsupported)),
        StatusCode::INTERNAL_SERVER_ERROR => Some(Fail::new(Code::Internal)),
        status if status.is_client_error() => Some(Fail::new(Code::ParamInvalid)),
        _ => None,
    }
}

fn document(fail: Fail, path: &str, id: &str, refused: Response) -> Response {
    let status = fail.status();
    let problem = fail.problem(path, id);
    let retry = problem.retry_after_ms.map(|ms| ms.div_ceil(1_000).max(1));
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // What the router or a handler said besides the status stays, as in `Allow`.
    headers.extend(refused.headers().iter().map(|(k, v)| (k.clone(), v.clone())));
    headers.remove(header::CONTENT_LENGTH);
    let kind = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, kind);
    if let Some(seconds) = retry {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn request_id(headers: &HeaderMap) -> Arc<str> {
    let given = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| {
        !id.is_empty() && id.len() <= REQUEST_ID_BYTES && id.bytes().all(|b| b.is_ascii_graphic())
    });
    match given {
        Some(id) => id.into(),
        None => fresh().into(),
    }
}

/// A name that is very unlikely to be given twice: the clock and a counter of this process.
fn fresh() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("req-{:x}-{:x}-{number:x}", std::process::id(), crate::clock::now().0)
}

/// The key under which a creation is repeatable: the caller's, or one that is drawn and told.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The key.
    pub text: String,
}

impl Key {
    /// The caller's, or a fresh one.
    ///
    /// # Errors
    /// Without randomness no key can be drawn.
    pub(crate) fn or_drawn(
        given: Option<String>,
        vault: &crate::vault::Vault,
    ) -> Result<Self, Fail> {
        if let Some(text) = given
            && !is_planted(Mutant::KeyIgnored)
        {
            return Ok(Self { text });
        }
        let bytes: [u8; 16] = vault.random()?;
        Ok(Self { text: super::admin::hex(&bytes) })
    }

    /// The caller's own: where money moves, nobody may forget it.
    ///
    /// # Errors
    /// `key_missing` if there is none.
    pub(crate) fn required(given: Option<String>) -> Result<Self, Fail> {
        given.map(|text| Self { text }).ok_or_else(|| Fail::new(Code::KeyMissing))
    }
}
