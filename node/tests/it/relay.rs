//! Somebody who takes messages, as providers do: by key, each once, and not always in the mood.

use crate::city::until;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What the nodes know it by.
pub(crate) const TOKEN: &str = "the relay's token";

/// An app that was removed from its phone.
pub(crate) const DEAD: &str = "a dead app";

/// A message that was taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Message {
    pub(crate) channel: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) key: String,
}

/// A relay for all channels.
pub(crate) struct Relay {
    url: String,
    inbox: Arc<Inbox>,
    task: tokio::task::JoinHandle<()>,
}

struct Inbox {
    taken: Mutex<Vec<Message>>,
    repeats: Mutex<Vec<String>>,
    down: Mutex<BTreeSet<String>>,
    /// While false, messages are taken and nobody is told so.
    answers: watch::Sender<bool>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    pub(crate) async fn start() -> Self {
        let inbox = Arc::new(Inbox {
            taken: Mutex::default(),
            repeats: Mutex::default(),
            down: Mutex::default(),
            answers: watch::channel(true).0,
        });
        let router = axum::Router::new().route("/{channel}", post(take));
        let router = router.with_state(Arc::clone(&inbox));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inbox, task }
    }

    /// The configuration of nodes that send to it.
    pub(crate) fn tables(&self) -> String {
        let url = &self.url;
        format!(
            "[notices]
            adapter = \"http\"
            push_url = \"{url}/push\"
            sms_url = \"{url}/sms\"
            email_url = \"{url}/email\"
            voice_url = \"{url}/voice\"
            token_file = \"token\"
            timeout_ms = 2000
            "
        )
    }

    /// What was taken so far, in order.
    pub(crate) fn taken(&self) -> Vec<Message> {
        self.inbox.taken.lock().unwrap().clone()
    }

    /// Keys that came again.
    pub(crate) fn repeats(&self) -> Vec<String> {
        self.inbox.repeats.lock().unwrap().clone()
    }

    /// Answers 503 on this channel, or no more.
    pub(crate) fn set_down(&self, channel: &str, down: bool) {
        let mut all = self.inbox.down.lock().unwrap();
        if down {
            all.insert(channel.to_owned());
        } else {
            all.remove(channel);
        }
    }

    /// Takes messages without a word, or tells again.
    pub(crate) fn set_answers(&self, answers: bool) {
        self.inbox.answers.send_replace(answers);
    }

    /// Waits until somebody was told this.
    pub(crate) async fn told(&self, channel: &str, to: &str, text: &str) -> Message {
        until(&format!("{to} is told by {channel}: {text}"), async || {
            let all = self.taken();
            all.into_iter()
                .find(|it| it.channel == channel && it.to == to && it.text.contains(text))
        })
        .await
    }
}

async fn take(
    State(inbox): State<Arc<Inbox>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(headers["idempotency-key"], text("key"));
    assert_eq!(text("channel"), channel);
    if inbox.down.lock().unwrap().contains(&channel) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if text("to") == DEAD {
        return StatusCode::GONE;
    }
    let message = Message { channel, to: text("to"), text: text("text"), key: text("key") };
    {
        let mut taken = inbox.taken.lock().unwrap();
        if taken.iter().any(|it| it.key == message.key) {
            inbox.repeats.lock().unwrap().push(message.key);
        } else {
            taken.push(message);
        }
    }
    let _ = inbox.answers.subscribe().wait_for(|answers| *answers).await;
    StatusCode::OK
}
