//! The feed as a stream of NATS JetStream: each event once and in order, under `<prefix>.<type>`.
//!
//! Where the stream ends is asked of the stream itself, so that nothing has to be remembered here:
//! a new leader, or a node that lost everything, goes on behind the last message that is there.
//! Each message says which one it follows, and the broker refuses one that does not follow: two
//! leaders at once cannot mix their messages, and a message whose acknowledgement was lost is not
//! stored twice. This also lets a whole page be on its way at once and still arrive in order.

use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, StorageType};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, HeaderMap};
use cluster_config::NatsSink;
use domain::Cursor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How long the broker may take for anything.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// The type of the message that says that something is missing.
const GAP: &str = "gap";
/// The name of a message. The broker forgets repeats of it.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// Why nothing can be published now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SinkError {
    /// No connection, or one that was lost.
    #[error("the broker cannot be reached: {0}")]
    Away(String),
    /// It said no: often a name or a permission.
    #[error("the broker refuses: {0}")]
    Refused(String),
    /// Somebody else writes to it, or another city does.
    #[error("the stream is not this city's: {0}")]
    Foreign(String),
}

/// A broker, and where the feed goes there.
#[derive(Clone, Debug)]
pub(crate) struct Nats {
    config: Arc<NatsSink>,
    city: u16,
}

/// The stream, and where it ends.
#[derive(Debug)]
pub(crate) struct Stream {
    jetstream: Context,
    config: Arc<NatsSink>,
    city: u16,
    /// The event that the last message was about.
    cursor: Cursor,
    /// The number of the last message.
    sequence: u64,
}

/// What every message holds, as far as we read it back.
#[derive(Debug, Deserialize)]
struct Told {
    city: u16,
}

/// What stands in place of events that were forgotten before they could be published.
#[derive(Debug, Serialize)]
struct Gap {
    #[serde(rename = "type")]
    kind: &'static str,
    city: u16,
    /// The last event before the gap.
    after: Cursor,
    /// The feed begins behind this place.
    oldest: Cursor,
}

impl Nats {
    /// A broker that is not spoken to yet.
    pub(crate) fn new(config: NatsSink, city: u16) -> Self {
        Self { config: Arc::new(config), city }
    }

    /// Connects, and finds the end of the stream.
    ///
    /// # Errors
    /// What stands in the way.
    pub(crate) async fn open(&self) -> Result<Stream, SinkError> {
        let client = self.connect().await?;
        let mut jetstream = jetstream::new(client);
        jetstream.set_timeout(ANSWER_WITHIN);
        let config = Arc::clone(&self.config);
        let mut found = if config.create {
            let wanted = Config {
                name: config.stream.clone(),
                subjects: vec![format!("{}.>", config.subject_prefix)],
                storage: StorageType::File,
                num_replicas: config.replicas,
                ..Config::default()
            };
            jetstream.get_or_create_stream(wanted).await.map_err(refused)?
        } else {
            jetstream.get_stream(&config.stream).await.map_err(refused)?
        };
        let state = found.info().await.map_err(away)?.state.clone();
        let mut stream = Stream {
            jetstream,
            config,
            city: self.city,
            cursor: Cursor::START,
            sequence: state.last_sequence,
        };
        if state.messages > 0 {
            let last = found.get_raw_message(state.last_sequence).await.map_err(refused)?;
            stream.cursor = stream.place(&last.headers, &last.payload)?;
        } else if state.last_sequence > 0 {
            tracing::warn!("the stream was emptied: all that the feed still has is published");
        }
        Ok(stream)
    }

    async fn connect(&self) -> Result<Client, SinkError> {
        let NatsSink { url, credentials_file, .. } = &*self.config;
        let options = ConnectOptions::new().name("fd").connection_timeout(ANSWER_WITHIN);
        let options = match credentials_file {
            Some(file) => options
                .credentials_file(file)
                .await
                .map_err(|error| SinkError::Refused(format!("{}: {error}", file.display())))?,
            None => options,
        };
        options.connect(url.as_str()).await.map_err(away)
    }
}

impl Stream {
    /// Everything up to this event is in the stream.
    pub(crate) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Publishes events that follow each other: where each stands, its type, and its text.
    ///
    /// # Errors
    /// Some of them may be there and others not: open the stream again to find out.
    pub(crate) async fn publish(
        &mut self,
        events: &[(Cursor, &'static str, String)],
    ) -> Result<(), SinkError> {
        let mut sent = Vec::with_capacity(events.len());
        for (follows, (cursor, kind, text)) in (self.sequence..).zip(events) {
            let told = self.send(follows, &cursor.to_string(), kind, text.clone()).await?;
            sent.push((*cursor, told));
        }
        for (cursor, told) in sent {
            self.take(cursor, told).await?;
        }
        Ok(())
    }

    /// Says that what lay before `oldest` cannot be published any more.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub(crate) async fn publish_gap(&mut self, oldest: Cursor) -> Result<(), SinkError> {
        let gap = Gap { kind: GAP, city: self.city, after: self.cursor, oldest };
        let text = serde_json::to_string(&gap).unwrap_or_default();
        let told = self.send(self.sequence, &format!("{GAP}.{oldest}"), GAP, text).await?;
        self.take(oldest, told).await
    }

    async fn send(
        &self,
        follows: u64,
        id: &str,
        kind: &str,
        text: String,
    ) -> Result<PublishAckFuture, SinkError> {
        let subject = format!("{}.{kind}", self.config.subject_prefix);
        let message = PublishMessage::build()
            .payload(text.into())
            .message_id(id)
            .expected_stream(&self.config.stream)
            .expected_last_sequence(follows);
        self.jetstream.send_publish(subject, message).await.map_err(away)
    }

    /// Waits until a message is stored where it belongs.
    async fn take(&mut self, cursor: Cursor, told: PublishAckFuture) -> Result<(), SinkError> {
        let stored = told.await.map_err(away)?;
        if stored.sequence != self.sequence + 1 {
            let (found, wanted) = (stored.sequence, self.sequence + 1);
            return Err(SinkError::Foreign(format!("message {found} in place of {wanted}")));
        }
        (self.cursor, self.sequence) = (cursor, stored.sequence);
        Ok(())
    }

    /// The event that a message of ours is about.
    fn place(&self, headers: &HeaderMap, payload: &[u8]) -> Result<Cursor, SinkError> {
        let id = headers.get(MESSAGE_ID).map(|id| id.as_str()).unwrap_or_default();
        let place = id.strip_prefix(GAP).and_then(|rest| rest.strip_prefix('.')).unwrap_or(id);
        let ours = serde_json::from_slice::<Told>(payload).is_ok_and(|told| told.city == self.city);
        match place.parse() {
            Ok(cursor) if ours => Ok(cursor),
            _ => Err(SinkError::Foreign(format!("its last message is {id:?}"))),
        }
    }
}

fn away(error: impl std::fmt::Display) -> SinkError {
    SinkError::Away(error.to_string())
}

fn refused(error: impl std::fmt::Display) -> SinkError {
    SinkError::Refused(error.to_string())
}
