//! The feed from a cursor on, and then as it grows: the one way in which anybody follows it.
//!
//! Gap-free, in order, nothing twice. What is handed over live only saves reading: a follower that
//! is new, slow, or was interrupted reads the stored feed from its cursor until it is there again.

use super::{Live, Told};
use crate::node::Facts;
use domain::ids::OrderId;
use domain::mutant::{Mutant, is_planted};
use domain::{Cursor, Viewer};
use std::collections::VecDeque;
use std::sync::Arc;
use storage::{CityView, FEED_PAGE, FeedEvent, Reader};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Which events somebody wants, of those that they may see.
#[derive(Clone, Debug)]
pub(crate) struct Which {
    /// Who reads.
    pub viewer: Viewer,
    /// Only of this order.
    pub order: Option<OrderId>,
    /// Only of these types, as `order.placed` or `order.*`; all if there is none.
    pub types: Vec<String>,
}

/// Why a follower can go no further.
#[derive(Debug)]
pub(crate) enum End {
    /// The feed does not reach back to its cursor any more.
    Expired {
        /// The first place that can be asked with.
        oldest: Cursor,
    },
    /// The store cannot be read, or the node stops.
    Over,
}

/// Somebody who reads the feed from a cursor on.
#[derive(Debug)]
pub(crate) struct Follow {
    live: Live,
    reader: Reader,
    facts: Arc<Facts>,
    which: Which,
    /// Everything up to here was told, waits in `pending`, or is not for this reader.
    cursor: Cursor,
    pending: VecDeque<Arc<Told>>,
    events: broadcast::Receiver<Arc<Told>>,
    /// The stored feed must be read before what is handed over.
    behind: bool,
}

impl Which {
    /// Everything that they may see.
    pub(crate) fn all_for(viewer: Viewer) -> Self {
        Self { viewer, order: None, types: Vec::new() }
    }

    /// Everything that they may see of an order.
    pub(crate) fn of_order(viewer: Viewer, order: OrderId) -> Self {
        Self { viewer, order: Some(order), types: Vec::new() }
    }

    fn wants(&self, event: &domain::Event) -> bool {
        if self.order.is_some() && event.order_id() != self.order {
            return false;
        }
        let name = event.name();
        self.types.is_empty()
            || self.types.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => wanted == name,
            })
    }
}

impl Follow {
    /// From behind this place on.
    pub(crate) fn new(
        live: &Live,
        reader: &Reader,
        facts: &Arc<Facts>,
        which: Which,
        after: Cursor,
    ) -> Self {
        // Subscribed first, read afterwards: nothing falls between the two.
        let events = live.subscribe(&which);
        Self {
            live: live.clone(),
            reader: reader.clone(),
            facts: Arc::clone(facts),
            which,
            cursor: after,
            pending: VecDeque::new(),
            events,
            behind: true,
        }
    }

    /// The next event, when there is one. Dropping this future loses nothing.
    ///
    /// # Errors
    /// See [`End`]; there is nothing to be had afterwards.
    pub(crate) async fn next(&mut self) -> Result<Arc<Told>, End> {
        loop {
            if let Some(told) = self.pending.pop_front() {
                return Ok(told);
            }
            if self.behind {
                self.read_page()?;
                // A long way through the feed lets others have their turn.
                tokio::task::yield_now().await;
                continue;
            }
            match self.events.recv().await {
                Ok(told) => self.take(told),
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => self.again(),
            }
        }
    }

    /// The next event, if it is there already.
    ///
    /// # Errors
    /// See [`End`].
    pub(crate) fn try_next(&mut self) -> Result<Option<Arc<Told>>, End> {
        while self.pending.is_empty() {
            if self.behind {
                self.read_page()?;
                // One page: whoever does not wait is answered soon. What was handed over meanwhile
                // is known from it, and would stand in the way of what was passed.
                if self.behind {
                    break;
                }
                continue;
            }
            match self.events.try_recv() {
                Ok(told) => self.take(told),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Lagged(_)) => self.behind = true,
                Err(TryRecvError::Closed) => self.again(),
            }
        }
        Ok(self.pending.pop_front())
    }

    /// The place up to which nothing is missing, once what was given so far has been told: a
    /// reader of few events moves on with the others, and can go on from there at any node.
    pub(crate) fn passed(&mut self) -> Cursor {
        // Looked at first: what was reached had been handed over before.
        let reached = self.live.reached();
        if let Some(told) = self.pending.front() {
            return before(told.cursor);
        }
        if self.events.is_closed() && self.events.is_empty() {
            self.again();
        }
        if !self.behind && self.events.is_empty() {
            self.cursor = self.cursor.max(Cursor::after_entry(reached));
        }
        self.cursor
    }

    /// Whether the stored feed has still to be read.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind
    }

    fn take(&mut self, told: Arc<Told>) {
        // It was read already, or it came twice.
        if told.cursor <= self.cursor {
            return;
        }
        self.cursor = told.cursor;
        if self.which.wants(told.event()) && told.is_for(self.which.viewer) {
            self.pending.push_back(told);
        }
    }

    fn again(&mut self) {
        self.events = self.live.subscribe(&self.which);
        self.behind = true;
    }

    fn read_page(&mut self) -> Result<(), End> {
        let view = self.reader.view();
        let page = view.feed(self.cursor, FEED_PAGE).map_err(End::from)?;
        self.behind = page.events.len() == FEED_PAGE;
        let back_again = self.cursor != Cursor::default();
        let skipped = usize::from(back_again && is_planted(Mutant::FeedSkips));
        for event in page.events.into_iter().skip(skipped) {
            self.cursor = event.cursor;
            if let Some(told) = self.read(&view, event)? {
                self.pending.push_back(told);
            }
        }
        Ok(())
    }

    fn read(&self, view: &CityView, event: FeedEvent) -> Result<Option<Arc<Told>>, End> {
        if !self.which.wants(&event.event) {
            return Ok(None);
        }
        let audience = view.audience(&event.event)?;
        let told = audience.has(self.which.viewer);
        Ok(told.then(|| Arc::new(Told::new(&self.facts, event, audience))))
    }
}

impl From<storage::Error> for End {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other failure is the store's")]
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::BehindRetention { oldest } => Self::Expired { oldest },
            error => {
                tracing::error!(%error, "the feed cannot be read for a stream");
                Self::Over
            }
        }
    }
}

/// The last place before this one.
fn before(cursor: Cursor) -> Cursor {
    match cursor.number.checked_sub(1) {
        Some(number) => Cursor { index: cursor.index, number },
        None => Cursor::after_entry(cursor.index.saturating_sub(1)),
    }
}
