//! The change feed: events in the order of the log, after a cursor. The one source for streams,
//! webhooks, search and the archive.

use crate::codec;
use crate::column::{Column, meta};
use crate::engine::Pair;
use crate::error::Error;
use crate::query::CityView;
use crate::record::event::{self, StoredEvent};
use domain::time::Timestamp;
use domain::{Audience, Cursor, Event};

/// Events in one page at most.
pub const FEED_PAGE: usize = 1_000;

/// An event and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// Where it stands.
    pub cursor: Cursor,
    /// When it happened: the leader's time.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// Some events of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPage {
    /// In order, without gaps.
    pub events: Vec<FeedEvent>,
    /// The cursor for the next page; the one that was asked with if nothing is new.
    pub next: Cursor,
    /// The first cursor that can still be asked with: everything behind it is there.
    pub oldest: Cursor,
}

impl CityView {
    /// Up to `limit` events (and never more than [`FEED_PAGE`]) behind `after`.
    ///
    /// # Errors
    /// `BehindRetention` if events behind `after` are gone already; never a silent gap.
    pub fn feed(&self, after: Cursor, limit: usize) -> Result<FeedPage, Error> {
        let oldest = self.feed_oldest()?;
        if after < oldest {
            return Err(Error::BehindRetention { oldest });
        }
        let limit = limit.clamp(1, FEED_PAGE);
        let from = event::row(after.successor());
        let mut events = Vec::new();
        for row in self.rows(Column::Feed, from, None) {
            events.push(told(row?)?);
            if events.len() == limit {
                break;
            }
        }
        let next = events.last().map_or(after, |event| event.cursor);
        Ok(FeedPage { events, next, oldest })
    }

    /// To whom an event is told.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn audience(&self, event: &Event) -> Result<Audience, Error> {
        // Operators see everything anyway: no order is read for them.
        let order = match event.order_id() {
            Some(id) if !event.told().is_empty() => self.order(id)?,
            Some(_) | None => None,
        };
        Ok(event.audience(order.as_deref()))
    }

    /// The last entry, of those whose events the feed still has, that is older than `before`, as
    /// far as `most` events tell: what a trim may forget now.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn feed_older_than(&self, before: Timestamp, most: usize) -> Result<Option<u64>, Error> {
        let oldest = self.feed_oldest()?;
        let mut found = None;
        for row in self.rows(Column::Feed, event::row(oldest.successor()), None).take(most) {
            let event = told(row?)?;
            // All events of an entry are of one moment: it goes whole or not at all.
            if event.at >= before {
                break;
            }
            found = Some(event.cursor.index);
        }
        Ok(found)
    }

    /// The first place that can still be asked with.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn feed_oldest(&self) -> Result<Cursor, Error> {
        oldest(self.get(Column::Meta, meta::FEED_TRIMMED.as_bytes())?)
    }
}

/// The first place that can still be asked with, from what stands in [`meta::FEED_TRIMMED`].
pub(crate) fn oldest(trimmed: Option<Vec<u8>>) -> Result<Cursor, Error> {
    let Some(bytes) = trimmed else { return Ok(Cursor::START) };
    event::cursor_of(&bytes).ok_or_else(|| Error::Corrupt {
        what: "the beginning of the feed",
        detail: format!("{bytes:02x?}"),
    })
}

/// An event as its row tells it.
fn told((key, bytes): Pair) -> Result<FeedEvent, Error> {
    let cursor = event::cursor_of(&key).ok_or_else(|| Error::Corrupt {
        what: "the key of an event",
        detail: format!("{key:02x?}"),
    })?;
    let StoredEvent { at, event } = codec::decode(&bytes)?;
    Ok(FeedEvent { cursor, at, event })
}
