//! Requests as an app makes them, and answers with what tests look at.

use api::codes::Code;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// One node, asked by one person or by nobody.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Connections are reused, as apps do.
pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap()
}

impl Api {
    pub(crate) fn new(http: reqwest::Client, url: String) -> Self {
        Self { http, url, token: None }
    }

    /// In the name of whoever this token belongs to.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request to be changed before it is sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// Nothing, if nobody answers.
    pub(crate) async fn try_get(&self, path: &str) -> Option<Answer> {
        read(self.request(Method::GET, path).send().await.ok()?).await.ok()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::DELETE, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }
}

/// # Panics
/// When the connection is lost: a node never does that to a request.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    read(request.send().await.expect("an answer")).await.expect("a whole answer")
}

async fn read(response: reqwest::Response) -> reqwest::Result<Answer> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.text()))
    }

    /// The body of a yes.
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The log index that it reflects.
    pub(crate) fn index(&self) -> u64 {
        self.header("fd-index").expect("Fd-Index").parse().unwrap()
    }

    /// The code of a no, whose document is checked.
    pub(crate) fn code(&self) -> Code {
        assert!(self.status >= 400, "no refusal: {} {}", self.status, self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem: api::problem::Problem = serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()));
        let code = Code::from_text(&problem.code).expect("a known code");
        assert_eq!((problem.status, self.status), (code.status(), code.status()));
        assert_eq!(problem.kind, format!("/docs/errors/{code}"));
        assert_eq!(problem.retryable, code.retryable());
        assert_eq!(problem.request_id.as_deref(), self.header("request-id"));
        code
    }
}
