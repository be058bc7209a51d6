//! One request to one node, once, and what its answer proves. Retries belong to those who ask: a
//! history must show each attempt.

use anyhow::{Context, Result};
use api::codes::Code;
use api::problem::Problem;
use reqwest::{Method, Response};
use serde_json::Value;
use std::time::Duration;

/// Longer than a node takes for its own answer, so that it is the node that gives up first.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);
/// Taking a connection on loopback costs no time, unless nobody is there.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// What a request came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A yes, whole.
    Done {
        /// The body.
        body: Value,
        /// `Fd-Index`.
        index: Option<u64>,
    },
    /// It certainly had no effect.
    Refused {
        /// The city's word, or the system's.
        why: String,
        /// Whether the same may succeed later.
        again: bool,
    },
    /// It may have happened.
    Unknown(String),
}

impl Outcome {
    /// The log index that a yes names.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Done { index, .. } => *index,
            Self::Refused { .. } | Self::Unknown(_) => None,
        }
    }
}

/// What is asked, by whom; where is said when it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    path: String,
    token: String,
    key: Option<String>,
    seen: Option<u64>,
    body: Option<Value>,
}

impl Request {
    fn new(method: Method, path: impl Into<String>, token: &str, body: Option<Value>) -> Self {
        let (path, token) = (path.into(), token.to_owned());
        Self { method, path, token, key: None, seen: None, body }
    }

    /// Reads.
    pub fn get(path: impl Into<String>, token: &str) -> Self {
        Self::new(Method::GET, path, token, None)
    }

    /// Creates, under the caller's idempotency key.
    pub fn post(path: impl Into<String>, token: &str, key: &str, body: Value) -> Self {
        let key = Some(key.to_owned());
        Self { key, ..Self::new(Method::POST, path, token, Some(body)) }
    }

    /// Does something that needs no key.
    pub fn say(path: impl Into<String>, token: &str, body: Value) -> Self {
        Self::new(Method::POST, path, token, Some(body))
    }

    /// Changes a part. The same word again is the same yes.
    pub fn patch(path: impl Into<String>, token: &str, body: Value) -> Self {
        Self::new(Method::PATCH, path, token, Some(body))
    }

    /// Replaces.
    pub fn put(path: impl Into<String>, token: &str, body: Value) -> Self {
        Self::new(Method::PUT, path, token, Some(body))
    }

    /// Removes.
    pub fn delete(path: impl Into<String>, token: &str, body: Value) -> Self {
        Self::new(Method::DELETE, path, token, Some(body))
    }

    /// Only if the thing still has the version that the caller saw.
    #[must_use]
    pub fn if_version(self, seen: u64) -> Self {
        Self { seen: Some(seen), ..self }
    }

    /// The idempotency key that it is sent under.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What is sent, or null.
    pub fn body(&self) -> Value {
        self.body.clone().unwrap_or(Value::Null)
    }

    fn reads(&self) -> bool {
        self.method == Method::GET
    }
}

/// Asks.
#[derive(Clone, Debug)]
pub struct Asker {
    http: reqwest::Client,
}

impl Asker {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// The system refuses.
    pub fn new() -> Result<Self> {
        Self::within(ANSWER_WITHIN)
    }

    /// The same for somebody who waits no longer than this for an answer.
    ///
    /// # Errors
    /// The system refuses.
    pub fn within(answered: Duration) -> Result<Self> {
        // Somebody else may have chosen one already; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().connect_timeout(CONNECT_WITHIN).no_proxy();
        let http = http.timeout(answered).build().context("no HTTP client")?;
        Ok(Self { http })
    }

    /// One request to the node at this address. A read has no effect: whatever went wrong with it
    /// may be asked again.
    pub async fn send(&self, url: &str, request: &Request) -> Outcome {
        let url = format!("{url}{}", request.path);
        let mut sent = self.http.request(request.method.clone(), url);
        if !request.token.is_empty() {
            sent = sent.bearer_auth(&request.token);
        }
        if let Some(key) = &request.key {
            sent = sent.header("Idempotency-Key", key);
        }
        if let Some(seen) = request.seen {
            sent = sent.header("If-Match", format!("\"{seen}\""));
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        match judge(sent.send().await).await {
            Outcome::Unknown(why) if request.reads() => Outcome::Refused { why, again: true },
            outcome @ (Outcome::Done { .. } | Outcome::Refused { .. } | Outcome::Unknown(_)) => {
                outcome
            }
        }
    }

    /// Changes something.
    pub async fn post(&self, url: &str, token: &str, key: &str, body: &Value) -> Outcome {
        let request = self.http.post(url).bearer_auth(token).header("Idempotency-Key", key);
        judge(request.json(body).send().await).await
    }

    /// Moves something on. The same word again is the same yes.
    pub async fn patch(&self, url: &str, token: &str, body: &Value) -> Outcome {
        judge(self.http.patch(url).bearer_auth(token).json(body).send().await).await
    }

    /// A yes as it came, byte by byte; nothing if it is none.
    pub async fn post_raw(
        &self,
        url: &str,
        token: &str,
        key: &str,
        body: &Value,
    ) -> Option<Vec<u8>> {
        let request = self.http.post(url).bearer_auth(token).header("Idempotency-Key", key);
        let response = request.json(body).send().await.ok()?;
        let good = response.status().is_success();
        let bytes = response.bytes().await.ok()?;
        good.then(|| bytes.to_vec())
    }

    /// Reads. A read has no effect: whatever went wrong may be asked again.
    pub async fn get(&self, url: &str, token: &str) -> Outcome {
        match judge(self.http.get(url).bearer_auth(token).send().await).await {
            Outcome::Unknown(why) => Outcome::Refused { why, again: true },
            definite @ (Outcome::Done { .. } | Outcome::Refused { .. }) => definite,
        }
    }
}

async fn judge(sent: Result<Response, reqwest::Error>) -> Outcome {
    let response = match sent {
        Ok(response) => response,
        // Refused at the door. A connection that was never answered could still be open.
        Err(error) if error.is_connect() && !error.is_timeout() => {
            return Outcome::Refused { why: "connection refused".to_owned(), again: true };
        }
        Err(error) => return Outcome::Unknown(format!("{error:?}")),
    };
    let status = response.status();
    let index = response.headers().get("fd-index");
    let index = index.and_then(|index| index.to_str().ok()?.parse().ok());
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return Outcome::Unknown(format!("an answer was cut off: {error:?}")),
    };
    if status.is_success() {
        let body: &[u8] = if body.is_empty() { b"null" } else { &body };
        return match serde_json::from_slice(body) {
            Ok(body) => Outcome::Done { body, index },
            Err(error) => Outcome::Unknown(format!("an answer cannot be read: {error}")),
        };
    }
    let problem = serde_json::from_slice::<Problem>(&body).ok();
    let code = problem.as_ref().and_then(|problem| Code::from_text(&problem.code));
    proof(code, status.as_u16(), problem.and_then(|problem| problem.detail))
}

/// What the city says of a login that was ended, in the place of one that is only too old.
const ENDED: &str = "this login has ended";

/// What a no proves. Everything that does not prove the contrary may have happened.
fn proof(code: Option<Code>, status: u16, detail: Option<String>) -> Outcome {
    let Some(code) = code else {
        return Outcome::Unknown(format!("status {status}"));
    };
    let why = match detail {
        Some(detail) => format!("{code}: {detail}"),
        None => code.to_string(),
    };
    let not_proposed = [Code::NoLeader, Code::Shedding, Code::RateLimited].contains(&code);
    // Logins outlast every run: unless this one was ended, the node's clock is wrong.
    let elsewhere = code == Code::TokenExpired && !why.ends_with(ENDED);
    if not_proposed || elsewhere {
        Outcome::Refused { why, again: true }
    } else if code.status() < 500 {
        Outcome::Refused { why, again: false }
    } else {
        Outcome::Unknown(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proof_makes_a_no_definite() {
        let proved = |code: Code| proof(Some(code), code.status(), None);
        let definite: Vec<_> = Code::ALL
            .iter()
            .filter(|code| code.status() >= 500)
            .filter(|code| !matches!(proved(**code), Outcome::Unknown(_)))
            .collect();
        assert_eq!(definite, [&Code::NoLeader, &Code::Shedding]);
        assert!(matches!(proof(None, 502, None), Outcome::Unknown(_)));
        assert!(matches!(proof(None, 404, None), Outcome::Unknown(_)));
        assert!(matches!(proved(Code::IdReused), Outcome::Refused { again: false, .. }));
    }
}
