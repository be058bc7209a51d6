//! Reads for the notifier and for those who look after it: messages on record, and who works where.

use crate::Reader;
use crate::column::{Column, Kind};
use crate::engine::Pair;
use crate::error::Error;
use crate::query::{CityView, PAGE, Place, corrupt_row};
use crate::record::{account, notice};
use crate::row::Row;
use crate::todo::rows;
use domain::ids::{AccountId, NoticeId, RestaurantId};
use domain::notice::{Channel, Notice, NoticeState};
use domain::time::Timestamp;
use std::sync::Arc;

/// Where a page of messages ends, and the next begins: newest first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeCursor {
    /// When what the last message of the page tells of happened.
    pub at: Timestamp,
    /// That message.
    pub id: NoticeId,
}

/// Some messages on record, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticePage {
    /// The messages.
    pub notices: Vec<Arc<Notice>>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<NoticeCursor>,
}

impl Reader {
    /// Up to `limit` messages of a channel (never more than [`crate::TASKS`]) that must be tried at
    /// `until`, the one that has waited longest in front.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn notices_due(
        &self,
        channel: Channel,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Arc<Notice>>, Error> {
        let state = self.live.state();
        let rows = rows(
            &state,
            state.queues.notices(channel),
            None,
            notice::behind(channel, until),
            limit,
        )?;
        let view = self.view();
        let mut found = Vec::with_capacity(rows.len());
        for (key, _) in &rows {
            let id = notice::due(key).ok_or_else(|| corrupt_row(key))?;
            // The view may be a moment newer than the queue.
            let due = |notice: &Arc<Notice>| notice.next_at.is_some_and(|at| at <= until);
            found.extend(view.notice(id)?.filter(due));
        }
        Ok(found)
    }
}

impl CityView {
    /// Messages on record in these states (in any, if none is named), newest first, behind
    /// `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn notices(
        &self,
        states: &[NoticeState],
        before: Option<NoticeCursor>,
        limit: usize,
    ) -> Result<NoticePage, Error> {
        let states = if states.is_empty() { &NoticeState::ALL } else { states };
        let lists = states.iter().map(|state| notice::of_city(*state));
        let before = before.map(|cursor| Place { at: cursor.at, id: cursor.id.0 });
        let (places, next) = self.newest_first(lists, before, limit)?;
        let ids = places.into_iter().map(|place| NoticeId(place.id));
        let notices = self.all_of("a message of a list", ids)?;
        let next = next.map(|place| NoticeCursor { at: place.at, id: NoticeId(place.id) });
        Ok(NoticePage { notices, next })
    }

    /// Up to `limit` messages (never more than [`PAGE`]) that were given up and tell of what
    /// happened at `until` or before.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn failed_before(&self, until: Timestamp, limit: usize) -> Result<Vec<NoticeId>, Error> {
        let list = notice::of_city(NoticeState::Failed);
        let old = self.rows(Column::Index, list.time_backwards(until), list.behind());
        let id = |row: Result<Pair, Error>| {
            let (key, _) = row?;
            let (_, id) = crate::record::tail(&key).ok_or_else(|| corrupt_row(&key))?;
            Ok(NoticeId(id))
        };
        old.take(limit.clamp(1, PAGE)).map(id).collect()
    }

    /// Up to `limit` people (never more than [`PAGE`]) who work at a restaurant, by id.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn staff_of(&self, id: RestaurantId, limit: usize) -> Result<Vec<AccountId>, Error> {
        self.people(account::staff_of(id), limit)
    }

    /// Up to `limit` people (never more than [`PAGE`]) who work for the platform, by id.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn operators(&self, limit: usize) -> Result<Vec<AccountId>, Error> {
        self.people(Row::new(Kind::Operators).bytes(&[0; 16]), limit)
    }

    fn people(&self, list: Row, limit: usize) -> Result<Vec<AccountId>, Error> {
        let rows = self.rows(Column::Index, list, list.behind());
        let id = |row: Result<Pair, Error>| {
            let (key, _) = row?;
            account::person(&key).ok_or_else(|| corrupt_row(&key))
        };
        rows.take(limit.clamp(1, PAGE)).map(id).collect()
    }
}
