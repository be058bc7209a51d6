//! What the leader must do next, in the order in which it must be done: deadlines, work for the
//! outside world, deliveries without a courier.
//!
//! Whatever is done is deleted, at the head of its queue, and a scan from the beginning would wade
//! through all those tombstones. So each queue remembers a row before which nothing is left.

use crate::column::Kind;
use crate::record::notice;
use crate::row::Row;
use domain::notice::Channel;
use parking_lot::Mutex;

#[derive(Debug)]
pub(crate) struct Queues {
    deadlines: Head,
    works: Head,
    unassigned: Head,
    /// One for each channel: messages of one do not wait behind those of another.
    notices: [Head; Channel::ALL.len()],
}

/// A lower bound of what is in one queue.
#[derive(Debug)]
struct Head {
    kind: Kind,
    bound: Mutex<Bound>,
}

#[derive(Debug)]
struct Bound {
    /// Nothing lies before it.
    low: Row,
    /// The lowest row that was put while a scan was under way.
    put_meanwhile: Option<Row>,
    scanning: bool,
}

/// A scan of a queue, from `from` on. Ending it may move the bound.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    head: &'a Head,
    pub(crate) from: Row,
    /// Of several scans at a time only one may move the bound.
    moves: bool,
}

impl Queues {
    pub(crate) fn new() -> Self {
        Self {
            deadlines: Head::new(Kind::Deadline),
            works: Head::new(Kind::Work),
            unassigned: Head::new(Kind::UnassignedDelivery),
            notices: Channel::ALL.map(|channel| Head::new(notice::queue(channel))),
        }
    }

    /// After a commit that put this row. Not before: a scan that begins in between would neither
    /// see the row nor hear of it.
    pub(crate) fn note(&self, row: &Row) {
        let others = [&self.deadlines, &self.works, &self.unassigned];
        for head in others.into_iter().chain(&self.notices) {
            if row.as_ref().first() == Some(&(head.kind as u8)) {
                head.note(*row);
            }
        }
    }

    pub(crate) fn deadlines(&self) -> Scan<'_> {
        self.deadlines.scan()
    }

    pub(crate) fn works(&self) -> Scan<'_> {
        self.works.scan()
    }

    pub(crate) fn unassigned(&self) -> Scan<'_> {
        self.unassigned.scan()
    }

    pub(crate) fn notices(&self, channel: Channel) -> Scan<'_> {
        self.notices[channel as usize].scan()
    }
}

impl Head {
    fn new(kind: Kind) -> Self {
        let bound = Bound { low: Row::new(kind), put_meanwhile: None, scanning: false };
        Self { kind, bound: Mutex::new(bound) }
    }

    fn note(&self, row: Row) {
        let mut bound = self.bound.lock();
        bound.low = bound.low.min(row);
        if bound.scanning {
            bound.put_meanwhile = Some(bound.put_meanwhile.map_or(row, |other| other.min(row)));
        }
    }

    /// Before the iterator is made.
    fn scan(&self) -> Scan<'_> {
        let mut bound = self.bound.lock();
        let moves = !bound.scanning;
        if moves {
            bound.scanning = true;
            bound.put_meanwhile = None;
        }
        Scan { head: self, from: bound.low, moves }
    }
}

impl Scan<'_> {
    /// The first row that the scan met; nothing lay before it.
    pub(crate) fn met(&self, first: &[u8]) {
        if !self.moves || first.len() > Row::LONGEST {
            return;
        }
        let first = Row::empty().bytes(first);
        let mut bound = self.head.bound.lock();
        bound.low = bound.put_meanwhile.map_or(first, |other| other.min(first));
    }
}

impl Drop for Scan<'_> {
    fn drop(&mut self) {
        if self.moves {
            self.head.bound.lock().scanning = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64) -> Row {
        Row::new(Kind::Work).number(number)
    }

    #[test]
    fn a_scan_starts_where_the_last_one_met_something() {
        let queues = Queues::new();
        assert_eq!(queues.works().from, Row::new(Kind::Work));
        queues.works().met(row(7).as_ref());
        assert_eq!(queues.works().from, row(7));
        queues.note(&row(3));
        assert_eq!(queues.works().from, row(3), "something earlier came");
        assert_eq!(queues.deadlines().from, Row::new(Kind::Deadline), "queues do not mix");
    }

    #[test]
    fn what_comes_during_a_scan_is_not_lost() {
        let queues = Queues::new();
        let scan = queues.works();
        queues.note(&row(4));
        let other = queues.works();
        other.met(row(9).as_ref());
        scan.met(row(8).as_ref());
        drop((scan, other));
        assert_eq!(queues.works().from, row(4));
    }
}
