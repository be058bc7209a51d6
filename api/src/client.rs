//! A client that retries correctly: the same request, with the same key, at another node.
//!
//! After a failure one thing matters: may it have happened? A call that never reached a node, or
//! that a node refused to propose, did not happen. Anything else that went wrong on the way taints
//! the call, and without a verdict in the end it is [`CallError::Unknown`].

use crate::accounts::{LoginAnswer, LoginRequest};
use crate::codes::Code;
use crate::problem::Problem;
use reqwest::{Method, RequestBuilder, Response, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a call may take, all attempts together, unless told otherwise.
pub const DEADLINE: Duration = Duration::from_secs(15);
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(6);
/// How long one node has to take a connection.
const CONNECT: Duration = Duration::from_millis(500);
/// The first pause between attempts, and the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
const PAUSE_LONGEST: Duration = Duration::from_secs(1);

/// It was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done<T> {
    /// What was answered.
    pub value: T,
    /// The HTTP status.
    pub status: u16,
    /// The log index that the answer reflects.
    pub index: Option<u64>,
    /// Whether an earlier, equal request had done it.
    pub replayed: bool,
}

/// Why there is no answer, by what the caller may do next.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The city said no. Sending it again changes nothing.
    #[error("{}: {}", .0.code, .0.detail.as_deref().unwrap_or(&.0.title))]
    Refused(Box<Problem>),
    /// A write may have happened. Send it again with the same key.
    #[error("nobody can say whether it happened: {last}")]
    Unknown {
        /// The key to repeat it with.
        key: Option<String>,
        /// What went wrong last.
        last: String,
    },
    /// It did not happen.
    #[error("no node answered: {last}")]
    NotDone {
        /// What went wrong last.
        last: String,
    },
    /// A node answered with something that this client does not understand.
    #[error("an answer cannot be read: {0}")]
    Unreadable(String),
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Name at least one node.
    #[error("no address of a node is given")]
    NoUrl,
    /// The system refused.
    #[error("the HTTP client cannot be made")]
    Http(#[source] reqwest::Error),
}

/// Talks to a city. Cheap to clone; clones share the token and the index.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    deadline: Duration,
}

#[derive(Debug)]
struct Shared {
    http: reqwest::Client,
    urls: Vec<String>,
    /// The node that answered last goes first.
    preferred: AtomicUsize,
    token: RwLock<Option<String>>,
    /// The highest index that any answer carried: reads ask for no less.
    index: AtomicU64,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call<'a, B: Serialize = ()> {
    method: Method,
    path: &'a str,
    query: &'a [(&'a str, String)],
    key: Option<String>,
    seen: Option<u64>,
    body: Option<&'a B>,
}

impl<'a> Call<'a> {
    /// Reads.
    pub fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, query: &[], key: None, seen: None, body: None }
    }
}

impl<'a, B: Serialize> Call<'a, B> {
    /// Creates. Without a key of the caller's one is drawn, and used for every attempt.
    pub fn post(path: &'a str, body: &'a B) -> Self {
        Self {
            method: Method::POST,
            path,
            query: &[],
            key: Some(draw_key()),
            seen: None,
            body: Some(body),
        }
    }

    /// Changes a part.
    pub fn patch(path: &'a str, body: &'a B) -> Self {
        Self { method: Method::PATCH, path, query: &[], key: None, seen: None, body: Some(body) }
    }

    /// Replaces.
    pub fn put(path: &'a str, body: &'a B) -> Self {
        Self { method: Method::PUT, path, query: &[], key: None, seen: None, body: Some(body) }
    }

    /// Removes.
    pub fn delete(path: &'a str, body: Option<&'a B>) -> Self {
        Self { method: Method::DELETE, path, query: &[], key: None, seen: None, body }
    }

    /// With a query.
    #[must_use]
    pub fn query(self, query: &'a [(&'a str, String)]) -> Self {
        Self { query, ..self }
    }

    /// Only if the thing still has the version that the caller saw.
    #[must_use]
    pub fn if_version(self, seen: u64) -> Self {
        Self { seen: Some(seen), ..self }
    }

    /// With the caller's key.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// With a key that is drawn, and used for every attempt.
    #[must_use]
    pub fn drawn_key(self) -> Self {
        self.key(draw_key())
    }
}

/// What one attempt came to.
enum Attempt {
    Answered(Response),
    /// Try elsewhere, after this long if the node said so.
    Again {
        happened: bool,
        why: String,
        after: Option<Duration>,
    },
}

impl Client {
    /// A client of the nodes at these addresses, as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// No address, or no HTTP client.
    pub fn new(urls: Vec<String>) -> Result<Self, ClientError> {
        if urls.is_empty() {
            return Err(ClientError::NoUrl);
        }
        // Somebody else may have chosen one already; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().connect_timeout(CONNECT).timeout(ATTEMPT);
        let http = http.build().map_err(ClientError::Http)?;
        let urls = urls.into_iter().map(|url| url.trim_end_matches('/').to_owned()).collect();
        let shared = Shared {
            http,
            urls,
            preferred: AtomicUsize::new(0),
            token: RwLock::default(),
            index: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared), deadline: DEADLINE })
    }

    /// The same client with another deadline for each call.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Speaks for whoever this access token belongs to.
    pub fn set_token(&self, token: Option<String>) {
        if let Ok(mut held) = self.shared.token.write() {
            *held = token;
        }
    }

    /// Reads reflect at least this index from now on.
    pub fn read_after(&self, index: u64) {
        self.shared.index.fetch_max(index, Ordering::Relaxed);
    }

    /// Logs in and keeps the token.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn login(&self, login: &str, password: &str) -> Result<LoginAnswer, CallError> {
        let body = LoginRequest { login: login.to_owned(), password: password.to_owned() };
        let done: Done<LoginAnswer> = self.send(Call::post("/v1/login", &body)).await?;
        self.set_token(Some(done.value.tokens.access_token.clone()));
        Ok(done.value)
    }

    /// Makes a call, at as many nodes and as often as its deadline allows. `T` is `()` where the
    /// answer has no body.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        call: Call<'_, B>,
    ) -> Result<Done<T>, CallError> {
        let until = Instant::now() + self.deadline;
        let (mut pause, mut tainted) = (PAUSE_FIRST, false);
        let first = self.shared.preferred.load(Ordering::Relaxed);
        for attempt in 0.. {
            let place = (first + attempt) % self.shared.urls.len();
            let request = self.request(&self.shared.urls[place], &call);
            let tried = match timeout_at(until, request.send()).await {
                Ok(sent) => judge(sent).await,
                Err(_) => Ok(again(true, "the deadline passed")),
            };
            let (happened, why, after) = match tried? {
                Attempt::Answered(response) => {
                    self.shared.preferred.store(place, Ordering::Relaxed);
                    return self.read(response).await;
                }
                Attempt::Again { happened, why, after } => (happened, why, after),
            };
            tainted |= happened && call.method != Method::GET;
            // The other nodes are asked at once, and only then there is a pause.
            let round_over = (attempt + 1) % self.shared.urls.len() == 0;
            let wait = if round_over { after.unwrap_or(pause).max(pause) } else { Duration::ZERO };
            if Instant::now() + wait >= until {
                return Err(match tainted {
                    true => CallError::Unknown { key: call.key, last: why },
                    false => CallError::NotDone { last: why },
                });
            }
            if round_over {
                sleep(jittered(wait)).await;
                pause = (pause * 2).min(PAUSE_LONGEST);
            }
        }
        unreachable!("the loop ends at the deadline")
    }

    fn request<B: Serialize>(&self, url: &str, call: &Call<'_, B>) -> RequestBuilder {
        let mut request =
            self.shared.http.request(call.method.clone(), format!("{url}{}", call.path));
        request = request.query(call.query);
        let index = self.shared.index.load(Ordering::Relaxed);
        let says = |name: &str| call.query.iter().any(|(key, _)| *key == name);
        let is_feed = call.path.ends_with("/events");
        if call.method == Method::GET && index > 0 && !is_feed && !says("after") && !says("read") {
            request = request.query(&[("after", index)]);
        }
        if let Some(token) = self.shared.token.read().ok().and_then(|token| token.clone()) {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &call.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(seen) = call.seen {
            request = request.header("If-Match", format!("\"{seen}\""));
        }
        match call.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<Done<T>, CallError> {
        let status = response.status().as_u16();
        let headers = response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let index = text("fd-index").and_then(|index| index.parse().ok());
        let replayed = text("idempotency-replayed") == Some("true");
        if let Some(index) = index {
            self.read_after(index);
        }
        let bytes = response.bytes().await.map_err(|e| CallError::Unreadable(e.to_string()))?;
        let body: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        let value =
            serde_json::from_slice(body).map_err(|e| CallError::Unreadable(e.to_string()))?;
        Ok(Done { value, status, index, replayed })
    }
}

/// What an attempt means: an answer, a refusal, or another try.
async fn judge(sent: Result<Response, reqwest::Error>) -> Result<Attempt, CallError> {
    let response = match sent {
        Ok(response) => response,
        Err(error) => return Ok(again(!error.is_connect(), &cause(&error))),
    };
    if response.status().is_success() {
        return Ok(Attempt::Answered(response));
    }
    let status = response.status().as_u16();
    let after = response.headers().get(header::RETRY_AFTER);
    let after = after.and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let bytes = response.bytes().await.unwrap_or_default();
    let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else {
        // Not one of ours: a proxy, or a node that died while it answered.
        return Ok(again(true, &format!("status {status}")));
    };
    let Some(code) = Code::from_text(&problem.code).filter(|code| code.retryable()) else {
        return Err(CallError::Refused(Box::new(problem)));
    };
    let after = problem.retry_after_ms.map(Duration::from_millis).or(after);
    let happened = code == Code::VerdictUnknown;
    Ok(Attempt::Again { happened, why: problem.code, after })
}

fn again(happened: bool, why: &str) -> Attempt {
    Attempt::Again { happened, why: why.to_owned(), after: None }
}

/// The innermost reason: the outer ones only repeat the address.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Random enough to be nobody else's: the hasher's keys are drawn by the system.
fn draw_key() -> String {
    format!("{:016x}{:016x}", drawn(), drawn())
}

fn drawn() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// From a half to the whole of a pause, so that many clients do not come back together.
fn jittered(pause: Duration) -> Duration {
    let permille = 500 + u32::try_from(drawn() % 501).unwrap_or(0);
    pause * permille / 1_000
}

#[cfg(test)]
mod tests;
