//! Somebody else's server that is told of events.

use crate::city::until;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    /// `webhook-id`
    pub(crate) id: String,
    /// `webhook-timestamp`, in seconds.
    pub(crate) timestamp_s: i64,
    /// `webhook-signature`
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Status(u16),
    /// A status, and when to come back.
    After(u16, String),
    /// Somewhere else.
    To(String),
    /// Nothing, ever.
    Never,
    /// 200, after a while.
    Slowly(Duration),
}

#[derive(Clone)]
struct Desk {
    got: Arc<Mutex<Vec<Got>>>,
    reply: Arc<Mutex<Reply>>,
}

/// A server that takes what it is told.
pub(crate) struct Receiver {
    desk: Desk,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let reply = Arc::new(Mutex::new(Reply::Status(204)));
        let desk = Desk { got: Arc::default(), reply };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(desk.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { desk, url, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// From now on it answers so.
    pub(crate) fn answers(&self, reply: Reply) {
        *self.desk.reply.lock().unwrap() = reply;
    }

    /// Everything that came so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.desk.got.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn has(&self, count: usize) -> Vec<Got> {
        until("the receiver is told", async || {
            let got = self.got();
            (got.len() >= count).then_some(got)
        })
        .await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(desk): State<Desk>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    desk.got.lock().unwrap().push(Got {
        path: uri.path().to_owned(),
        id: header("webhook-id"),
        timestamp_s: header("webhook-timestamp").parse().unwrap_or_default(),
        signature: header("webhook-signature"),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let reply = desk.reply.lock().unwrap().clone();
    let status = |status| StatusCode::from_u16(status).unwrap();
    match reply {
        Reply::Status(code) => status(code).into_response(),
        Reply::After(code, when) => (status(code), [(header::RETRY_AFTER, when)]).into_response(),
        Reply::To(place) => (StatusCode::FOUND, [(header::LOCATION, place)]).into_response(),
        Reply::Never => std::future::pending().await,
        Reply::Slowly(pause) => {
            // The receiver is slow, the test is not: nothing waits for this.
            let _ = tokio::time::timeout(pause, std::future::pending::<()>()).await;
            StatusCode::OK.into_response()
        }
    }
}
