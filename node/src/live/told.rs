//! An event in the forms in which it is sent.

use crate::node::Facts;
use api::events as shape;
use api::wire::Time;
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use domain::{Audience, Cursor, Event, Viewer};
use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use storage::FeedEvent;

/// An event, whom it is told to, and its text: made when somebody first wants it, once for all.
#[derive(Debug)]
pub(crate) struct Told {
    /// Where it stands.
    pub cursor: Cursor,
    /// Whom it is told to.
    pub audience: Audience,
    event: FeedEvent,
    facts: Arc<Facts>,
    json: OnceLock<Utf8Bytes>,
    frame: OnceLock<Bytes>,
}

impl Told {
    pub(crate) fn new(facts: &Arc<Facts>, event: FeedEvent, audience: Audience) -> Self {
        Self {
            cursor: event.cursor,
            audience,
            event,
            facts: Arc::clone(facts),
            json: OnceLock::new(),
            frame: OnceLock::new(),
        }
    }

    /// What happened.
    pub(crate) fn event(&self) -> &Event {
        &self.event.event
    }

    /// Whether it is told to them.
    pub(crate) fn is_for(&self, viewer: Viewer) -> bool {
        self.audience.has(viewer)
    }

    /// As the feed shows it.
    pub(crate) fn shown(&self) -> shape::Event {
        shown(&self.facts, &self.event)
    }

    /// The same as JSON.
    pub(crate) fn json(&self) -> Utf8Bytes {
        let json = || text(&self.facts, &self.event).into();
        self.json.get_or_init(json).clone()
    }

    /// The same as a server-sent event.
    pub(crate) fn frame(&self) -> Bytes {
        let frame = || frame(Some(self.cursor), self.event().name(), &self.json());
        self.frame.get_or_init(frame).clone()
    }
}

/// An event as the feed shows it, as JSON.
pub(crate) fn text(facts: &Facts, event: &FeedEvent) -> String {
    serde_json::to_string(&shown(facts, event)).unwrap_or_default()
}

fn shown(facts: &Facts, seen: &FeedEvent) -> shape::Event {
    // `{"OrderPlaced": {..}}`: the name is told apart from the facts.
    let data = match serde_json::to_value(&seen.event) {
        Ok(serde_json::Value::Object(members)) => {
            members.into_iter().next().map_or(serde_json::Value::Null, |(_, data)| data)
        }
        Ok(other) => other,
        Err(_) => serde_json::Value::Null,
    };
    shape::Event {
        id: seen.cursor.to_string(),
        kind: seen.event.name().to_owned(),
        at: Time(seen.at),
        city: facts.city_number.0,
        subject: Some(seen.event.subject()),
        data,
    }
}

/// A server-sent event. JSON has no line breaks of its own.
pub(crate) fn frame(id: Option<Cursor>, event: &str, data: &str) -> Bytes {
    let mut text = String::with_capacity(data.len() + event.len() + 64);
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "event: {event}\ndata: {data}\n\n");
    text.into()
}
