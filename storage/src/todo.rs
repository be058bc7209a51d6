//! What the leader's tasks find to do: deadlines that have come, work for the outside world,
//! deliveries without a courier. The newest state, not one moment: a task proposes, and `apply`
//! looks again.

use crate::Reader;
use crate::codec;
use crate::column::{Column, Kind};
use crate::engine::Pair;
use crate::error::Error;
use crate::query::{PAGE, corrupt_row};
use crate::queue::Scan;
use crate::record::{Record, deadline, delivery, work};
use crate::row::Row;
use crate::state::State;
use domain::deadline::Deadline;
use domain::delivery::{Delivery, DeliveryState};
use domain::payment::{Work, WorkId};
use domain::time::Timestamp;
use std::sync::Arc;

/// Tasks in one page at most.
pub const TASKS: usize = 5 * PAGE;

impl Reader {
    /// Up to `limit` deadlines (never more than [`TASKS`]) that are due at `until`, earliest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn deadlines_due(&self, until: Timestamp, limit: usize) -> Result<Vec<Deadline>, Error> {
        let state = self.live.state();
        let rows = rows(&state, state.queues.deadlines(), None, deadline::behind(until), limit)?;
        let deadline = |(key, _): &Pair| deadline::deadline_of(key).ok_or_else(|| corrupt_row(key));
        rows.iter().map(deadline).collect()
    }

    /// The moment of the first deadline, if there is one: when a task must wake up again.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn next_deadline(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.deadlines_due(Timestamp(i64::MAX), 1)?.first().map(|deadline| deadline.due_at))
    }

    /// Up to `limit` pieces of work (never more than [`TASKS`]) behind `after`, oldest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn outbox(
        &self,
        after: Option<WorkId>,
        limit: usize,
    ) -> Result<Vec<(WorkId, Work)>, Error> {
        let state = self.live.state();
        let after = after.map(|id| Work::row(id).byte(0));
        let end = Row::new(Kind::Work).behind();
        let work = |(key, value): &Pair| {
            let id = work::id_of(key).ok_or_else(|| corrupt_row(key))?;
            Ok((id, codec::decode(value)?))
        };
        rows(&state, state.queues.works(), after, end, limit)?.iter().map(work).collect()
    }

    /// Up to `limit` deliveries (never more than [`TASKS`]) for which somebody must be found, the
    /// one whose food is ready first in front.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn open_deliveries(&self, limit: usize) -> Result<Vec<Arc<Delivery>>, Error> {
        let state = self.live.state();
        let end = Row::new(Kind::UnassignedDelivery).behind();
        let rows = rows(&state, state.queues.unassigned(), None, end, limit)?;
        let view = self.view();
        let mut found = Vec::with_capacity(rows.len());
        for (key, _) in &rows {
            let id = delivery::unassigned(key).ok_or_else(|| corrupt_row(key))?;
            // The view may be a moment newer than the queue.
            let open = |d: &Arc<Delivery>| d.status.state() == DeliveryState::Unassigned;
            found.extend(view.delivery(id)?.filter(open));
        }
        Ok(found)
    }
}

/// The rows of one queue. `scan` must have begun before; without `after` it learns where the queue
/// begins now.
pub(crate) fn rows(
    state: &State,
    scan: Scan<'_>,
    after: Option<Row>,
    end: Option<Vec<u8>>,
    limit: usize,
) -> Result<Vec<Pair>, Error> {
    let from = after.map_or(scan.from, |after| after.max(scan.from));
    let end = end.expect("no kind is 255");
    if from.as_ref() >= end.as_slice() {
        return Ok(Vec::new());
    }
    let moment = state.engine().moment();
    let rows = moment.rows(Column::Queues, from.as_ref(), Some(end.clone()));
    let found: Vec<Pair> = rows.take(limit.clamp(1, TASKS)).collect::<Result<_, _>>()?;
    if from == scan.from {
        scan.met(found.first().map_or(&end, |(key, _)| key));
    }
    Ok(found)
}
