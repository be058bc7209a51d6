//! How fresh an answer must be: `?read=` and `?after=`, and what each route does without them.

use super::error::Fail;
use super::frame::FD_INDEX;
use api::codes::Code;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use raft::{City, ReadError};
use serde::Deserialize;
use std::time::Duration;
use storage::{CityView, Reader};

/// How long an answer that must be current may wait.
const CURRENT_WITHIN: Duration = Duration::from_secs(2);
/// How long browsing waits for `?after=` before it answers with what it has.
pub(super) const BROWSE_WITHIN: Duration = Duration::from_millis(300);
/// How long a tracking answer waits for the leader before it answers with what it has.
const TRACK_WITHIN: Duration = Duration::from_millis(500);

/// What the caller asked of freshness.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Freshness {
    /// `?read=`
    pub read: Option<Level>,
    /// `?after=`
    pub after: Option<u64>,
}

/// `?read=`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Sees every write that was acknowledged before.
    Linearizable,
    /// The same as linearizable until a benchmark asks for more.
    Lease,
    /// What this replica has.
    Stale,
}

/// Reads for handlers, at the freshness that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Reads {
    city: City,
    reader: Reader,
    freshness: Freshness,
}

/// A view, and what is known of its age.
pub(crate) struct Read {
    /// The city at one moment.
    pub view: CityView,
    /// The log index that it reflects, at least.
    pub index: u64,
    /// Whether it may lack what was acknowledged before.
    pub stale: bool,
}

/// The index that an answer reflects, as its header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FdIndex(pub u64);

impl IntoResponseParts for FdIndex {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().insert(FD_INDEX, self.0.into());
        Ok(parts)
    }
}

impl IntoResponse for FdIndex {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

impl<S> FromRequestParts<S> for Reads
where
    S: Send + Sync,
    City: FromRef<S>,
    Reader: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let freshness = super::params::query(&parts.uri)?;
        Ok(Self { city: City::from_ref(state), reader: Reader::from_ref(state), freshness })
    }
}

impl Reads {
    /// For a request whose `after` is something else: a place in the feed.
    pub(crate) fn plain(city: City, reader: Reader) -> Self {
        Self { city, reader, freshness: Freshness::default() }
    }

    /// For orders, payments, deliveries and accounts: linearizable unless the caller asks for less.
    ///
    /// # Errors
    /// `no_leader` or `behind` if the city cannot prove that the answer is current.
    pub(crate) async fn current(&self) -> Result<Read, Fail> {
        if let Some(after) = self.freshness.after {
            self.city.wait_applied(after, CURRENT_WITHIN).await?;
        }
        match (self.freshness.read, self.freshness.after) {
            (Some(Level::Stale), _) | (None, Some(_)) => Ok(self.local(true)),
            (Some(Level::Linearizable | Level::Lease) | None, _) => {
                self.city.read_barrier(CURRENT_WITHIN).await?;
                Ok(self.local(false))
            }
        }
    }

    /// For browsing: what this replica has, unless the caller asks for more.
    ///
    /// # Errors
    /// `no_leader` or `behind` if more was asked for and cannot be had.
    pub(crate) async fn browsing(&self) -> Result<Read, Fail> {
        match self.freshness.read {
            Some(Level::Linearizable | Level::Lease) => self.current().await,
            Some(Level::Stale) | None => {
                let Some(after) = self.freshness.after else { return Ok(self.local(true)) };
                // Late is better than nothing here; the answer says how far it is.
                let _ = self.city.wait_applied(after, BROWSE_WITHIN).await;
                Ok(self.local(true))
            }
        }
    }

    /// For tracking: current if the leader answers soon, else what this replica has.
    ///
    /// # Errors
    /// `behind` if `?after=` was asked for and did not come in time.
    pub(crate) async fn tracking(&self) -> Result<Read, Fail> {
        if let Some(after) = self.freshness.after {
            self.city.wait_applied(after, CURRENT_WITHIN).await?;
            return Ok(self.local(false));
        }
        if self.freshness.read == Some(Level::Stale) {
            return Ok(self.local(true));
        }
        match self.city.read_barrier(TRACK_WITHIN).await {
            Ok(_) => Ok(self.local(false)),
            Err(ReadError::NoLeader | ReadError::NoQuorum | ReadError::Behind { .. }) => {
                Ok(self.local(true))
            }
            Err(error @ ReadError::Stopped) => Err(error.into()),
        }
    }

    /// For what a command will carry: current, whatever freshness the caller asked for.
    ///
    /// # Errors
    /// `no_leader` or `behind` if the city cannot prove that the answer is current.
    pub(crate) async fn newest(&self) -> Result<Read, Fail> {
        self.city.read_barrier(CURRENT_WITHIN).await?;
        Ok(self.local(false))
    }

    /// What this node has, whatever the caller asked for.
    pub(crate) fn here(&self) -> CityView {
        self.reader.view()
    }

    /// What was written at `index`, on this node.
    ///
    /// # Errors
    /// `behind` if this replica does not get there in time; the write stands all the same.
    pub(crate) async fn after_write(&self, index: u64) -> Result<Read, Fail> {
        self.city.wait_applied(index, CURRENT_WITHIN).await.map_err(|error| {
            // It happened: the caller repeats the request and gets the same yes.
            Fail::because(Code::VerdictUnknown, format!("done at {index}, but {error}"))
                .retry_after_ms(200)
        })?;
        Ok(self.local(false))
    }

    fn local(&self, stale: bool) -> Read {
        // The index first: what the view has beyond it is no harm.
        let index = self.city.applied();
        Read { view: self.reader.view(), index, stale }
    }
}
