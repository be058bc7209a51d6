//! Passes a request on to a node of its city, and the answer back. Both are streamed; only small
//! request bodies are kept, so that another node can be asked.
//!
//! What never reached a node may go to the next one. What may have reached one is sent again only
//! if that changes nothing: a reading request, or one with an `Idempotency-Key`.

use crate::answers::try_again;
use crate::cities::{City, CityNode, Health};
use crate::limits::{IDLE, IDLE_PER_NODE, KEPT_BODY_BYTES};
use crate::metrics::Metrics;
use crate::tunnel;
use api::codes::Code;
use api::problem::Problem;
use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, Uri, Version};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Keeps connections to all nodes.
pub(crate) type Client = legacy::Client<HttpConnector, Body>;

/// A client whose connections are taken within `connect`.
pub(crate) fn client(connect: Duration) -> Client {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(connect));
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_NODE)
        .build(connector)
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Headers that are between two neighbours only (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Sends a request to a node of the city; waits until `deadline` for the head of the answer.
///
/// # Errors
/// `NoNode` if no node took it, `VerdictUnknown` if one may have done what it says, `TooLarge` or
/// `BodyMalformed` if its own body did not come.
pub(crate) async fn forward(
    client: &Client,
    metrics: &Metrics,
    city: &City,
    request: Request<Body>,
    peer: IpAddr,
    deadline: Instant,
) -> Result<Response<Body>, Problem> {
    let (mut parts, body) = request.into_parts();
    let upgrade = tunnel::wish(&mut parts);
    onward(&mut parts, peer);
    let mut body = keep(body, deadline).await?;
    let reading = reads_only(&parts.method);
    let again = reading || parts.headers.contains_key(IDEMPOTENCY_KEY);
    let mut tries = 0;
    // Whether a node may be doing it at this moment.
    let mut sent = false;
    for node in city.candidates() {
        let Some(body) = body.take_one() else { break };
        if tries > 0 {
            metrics.retried(&city.about.slug);
        }
        tries += 1;
        let request = addressed(&parts, node, body, upgrade.as_ref());
        let Ok(answer) = timeout_at(deadline, client.request(request)).await else {
            sent = true;
            break;
        };
        let error = match answer {
            Ok(answer) => return Ok(backward(answer, upgrade)),
            Err(error) => error,
        };
        tracing::warn!(city = city.about.slug, node = node.address, %error, "no answer");
        if error.is_connect() {
            // It is asked how it is in a moment; until then it gets no more requests.
            node.is_now(Health::Away);
            continue;
        }
        sent = true;
        if !again {
            break;
        }
    }
    Err(if sent && !reading { unknown(city) } else { nobody(city, tries) })
}

fn nobody(city: &City, tries: usize) -> Problem {
    let slug = &city.about.slug;
    let detail = match tries {
        0 => format!("no node of {slug} is ready"),
        n => format!("no node of {slug} answered, {n} asked"),
    };
    try_again(Code::NoNode, detail)
}

fn unknown(city: &City) -> Problem {
    let detail = format!("a node of {} took the request and did not answer", city.about.slug);
    try_again(Code::VerdictUnknown, detail)
}

fn reads_only(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// A request's body, for one node or for several.
enum Kept {
    Whole(Bytes),
    Once(Option<Body>),
}

impl Kept {
    fn take_one(&mut self) -> Option<Body> {
        match self {
            Self::Whole(bytes) => Some(Body::from(bytes.clone())),
            Self::Once(body) => body.take(),
        }
    }
}

async fn keep(body: Body, deadline: Instant) -> Result<Kept, Problem> {
    let small = body.size_hint().upper().is_some_and(|bytes| bytes <= KEPT_BODY_BYTES);
    if !small {
        return Ok(Kept::Once(Some(body)));
    }
    let limited = Limited::new(body, KEPT_BODY_BYTES as usize);
    match timeout_at(deadline, limited.collect()).await {
        Ok(Ok(body)) => Ok(Kept::Whole(body.to_bytes())),
        Ok(Err(_)) | Err(_) => {
            let mut problem = Problem::new(Code::BodyMalformed);
            problem.detail = Some("the body ended too early or came too slowly".to_owned());
            Err(problem)
        }
    }
}

/// The request as the next neighbour gets it.
fn onward(parts: &mut Parts, peer: IpAddr) {
    if !parts.headers.contains_key(header::HOST)
        && let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(header::HOST, host);
    }
    drop_hop_by_hop(&mut parts.headers);
    let before = parts.headers.get(FORWARDED_FOR).and_then(|value| value.to_str().ok());
    let path = before.map_or(peer.to_string(), |before| format!("{before}, {peer}"));
    let path = HeaderValue::from_str(&path).expect("made of a header and an address");
    parts.headers.insert(FORWARDED_FOR, path);
    parts.version = Version::HTTP_11;
}

fn addressed(
    parts: &Parts,
    node: &CityNode,
    body: Body,
    upgrade: Option<&tunnel::Wish>,
) -> Request<Body> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri: Uri = format!("{}{path}", node.address)
        .parse()
        .expect("a checked address and the path of a parsed request");
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = parts.headers.clone();
    if let Some(wish) = upgrade {
        wish.say(request.headers_mut());
    }
    request
}

/// The answer as the asker gets it.
fn backward(mut answer: Response<Incoming>, upgrade: Option<tunnel::Wish>) -> Response<Body> {
    let agreed = upgrade.and_then(|wish| wish.join(&mut answer));
    let (mut parts, body) = answer.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    if let Some(protocol) = agreed {
        tunnel::agree(&mut parts.headers, protocol);
    }
    Response::from_parts(parts, Body::new(body))
}

fn drop_hop_by_hop(headers: &mut HeaderMap) {
    // `Connection` can name more headers that end here.
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_neighbours_ends_here() {
        let request = Request::get("http://directory/orders")
            .header("connection", "close, X-Trace")
            .header("x-trace", "1")
            .header("transfer-encoding", "chunked")
            .header("x-forwarded-for", "192.0.2.1")
            .header("authorization", "Bearer t")
            .body(())
            .unwrap();
        let (mut parts, ()) = request.into_parts();
        onward(&mut parts, "198.51.100.7".parse().unwrap());
        let mut headers: Vec<_> =
            parts.headers.iter().map(|(k, v)| format!("{k}: {}", v.to_str().unwrap())).collect();
        headers.sort();
        assert_eq!(
            headers,
            [
                "authorization: Bearer t",
                "host: directory",
                "x-forwarded-for: 192.0.2.1, 198.51.100.7",
            ]
        );
    }
}
