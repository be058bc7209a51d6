//! One keep-alive HTTP/1.1 connection, straight on hyper: the generator must cost little beside
//! the nodes that it measures, and must know to the microsecond when an answer came.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// No answer within this time is no answer: the node is dead, paused or overwhelmed.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What is asked; cheap to clone, so that the same may be asked again elsewhere.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The verb.
    pub method: Method,
    /// Path and query.
    pub path: Uri,
    /// `Bearer ...`, when somebody asks.
    pub authorization: Option<HeaderValue>,
    /// Makes a repeat the same request.
    pub key: Option<HeaderValue>,
    /// The version that the caller has seen.
    pub if_match: Option<HeaderValue>,
    /// What the body is.
    pub media: HeaderValue,
    /// JSON, a picture, or nothing.
    pub body: Bytes,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no answer. Whether the request took effect is unknown in every case but the first.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody listens: it was never sent.
    #[error("cannot connect to {to}")]
    Unreachable {
        /// Where to.
        to: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The connection broke before the whole answer was here.
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
    /// Silence.
    #[error("no answer within {} s", ANSWER_WITHIN.as_secs())]
    TooLate,
}

impl Ask {
    /// A request without a body.
    pub fn new(method: Method, path: &str) -> Self {
        let path = path.parse().expect("paths are built from ids and numbers");
        let media = HeaderValue::from_static("application/json");
        let body = Bytes::new();
        Self { method, path, authorization: None, key: None, if_match: None, media, body }
    }

    /// A read.
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// As this person.
    pub fn as_bearer(mut self, token: &HeaderValue) -> Self {
        self.authorization = Some(token.clone());
        self
    }

    /// With an `Idempotency-Key`.
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(HeaderValue::from_str(key).expect("keys are printable"));
        self
    }

    /// With a JSON body.
    pub fn with_json(mut self, body: &Value) -> Self {
        self.body = Bytes::from(body.to_string());
        self
    }

    /// Only if it is still what the caller has seen.
    pub fn if_match(mut self, tag: Option<HeaderValue>) -> Self {
        self.if_match = tag;
        self
    }

    /// With a picture.
    pub fn with_jpeg(mut self, picture: &'static [u8]) -> Self {
        self.media = HeaderValue::from_static("image/jpeg");
        self.body = Bytes::from_static(picture);
        self
    }

    fn request(&self, host: &HeaderValue) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.clone();
        let headers = request.headers_mut();
        headers.insert(header::HOST, host.clone());
        if !self.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, self.media.clone());
        }
        if let Some(token) = &self.authorization {
            headers.insert(header::AUTHORIZATION, token.clone());
        }
        if let Some(key) = &self.key {
            headers.insert(IDEMPOTENCY_KEY.clone(), key.clone());
        }
        if let Some(tag) = &self.if_match {
            headers.insert(header::IF_MATCH, tag.clone());
        }
        request
    }
}

impl Answer {
    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The stable code of a problem, or the bare status of an answer that has none.
    pub fn code(&self) -> String {
        let code = self.json().get("code").and_then(Value::as_str).map(str::to_owned);
        code.unwrap_or_else(|| self.status.as_u16().to_string())
    }

    /// Whether the same request has a chance at another node, or here a little later.
    pub fn is_worth_repeating(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
            || self.status == StatusCode::TOO_MANY_REQUESTS
            || self.status == StatusCode::BAD_GATEWAY
            || self.status == StatusCode::GATEWAY_TIMEOUT
    }

    /// The log index that the answering node had applied, or that a write got.
    pub fn index(&self) -> Option<u64> {
        self.headers.get("fd-index")?.to_str().ok()?.parse().ok()
    }
}

/// A connection to one node: opened when first needed, and again after it broke.
#[derive(Debug)]
pub struct Connection {
    to: SocketAddr,
    host: HeaderValue,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// Nothing is opened yet.
    pub fn new(to: SocketAddr) -> Self {
        let host = HeaderValue::from_str(&to.to_string()).expect("an address is printable");
        Self { to, host, open: None }
    }

    /// Sends and waits for the whole answer. After a failure the next call connects anew.
    ///
    /// # Errors
    /// The node cannot be reached, the connection broke, or [`ANSWER_WITHIN`] passed.
    pub async fn send(&mut self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let Ok(answer) = tokio::time::timeout(ANSWER_WITHIN, self.exchange(ask)).await else {
            self.open = None;
            return Err(NoAnswer::TooLate);
        };
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    async fn exchange(&mut self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let mut open = match self.open.take() {
            Some(open) if !open.is_closed() => open,
            Some(_) | None => connect(self.to).await?,
        };
        open.ready().await?;
        let answer = open.send_request(ask.request(&self.host)).await?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        self.open = Some(open);
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// Asks for something that has no end, over a connection of its own: the head, and a body that is
/// read as it comes. Dropping the body ends the connection.
///
/// # Errors
/// The node cannot be reached, or the connection broke.
pub async fn open_stream(
    to: SocketAddr,
    ask: &Ask,
) -> Result<hyper::Response<hyper::body::Incoming>, NoAnswer> {
    let host = HeaderValue::from_str(&to.to_string()).expect("an address is printable");
    let mut open = connect(to).await?;
    Ok(open.send_request(ask.request(&host)).await?)
}

async fn connect(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>, NoAnswer> {
    let unreachable = |source| NoAnswer::Unreachable { to, source };
    let stream = TcpStream::connect(to).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Drives the bytes; ends with the connection. What goes wrong there reaches the sender too.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}
