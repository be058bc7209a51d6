//! The books, read: pages of the ledger, balances, what is open at the gateway, what differs.

use crate::codec;
use crate::column::{Column, Kind};
use crate::error::Error;
use crate::query::{CityView, PAGE, corrupt_row};
use crate::record::{Record, balance, difference, ledger, payout, work};
use crate::row::Row;
use domain::ids::{OrderId, PayoutId};
use domain::ledger::{Balance, Holder, LedgerEntry, Payout};
use domain::payment::{Difference, Payment, Work, WorkId};
use domain::sealed::Digest;
use domain::time::Timestamp;
use std::sync::Arc;

/// Where an entry stands in the ledger: the log entry, and the number there.
pub type LedgerPlace = (u64, u32);

/// Money that the gateway is being asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Which question.
    pub work_id: WorkId,
    /// What is asked.
    pub work: Work,
    /// About what.
    pub payment: Arc<Payment>,
}

impl CityView {
    /// Up to `limit` questions (never more than [`PAGE`]) that the gateway has not answered, the
    /// oldest first.
    ///
    /// # Errors
    /// The database could not be read, or a payment is missing.
    pub fn unsettled(&self, limit: usize) -> Result<Vec<Unsettled>, Error> {
        let kind = Row::new(Kind::Work);
        let rows = self.rows(Column::Queues, kind, kind.behind()).take(limit.clamp(1, PAGE));
        let mut open = Vec::new();
        for row in rows {
            let (key, value) = row?;
            let work_id = work::id_of(&key).ok_or_else(|| corrupt_row(&key))?;
            let work: Work = codec::decode(&value)?;
            let payment = self.payment(work.payment_id())?.ok_or_else(|| {
                let detail = format!("{} is missing", work.payment_id());
                Error::Corrupt { what: "a payment that is being asked about", detail }
            })?;
            open.push(Unsettled { work_id, work, payment });
        }
        Ok(open)
    }

    /// Up to `limit` entries (never more than [`PAGE`]) behind `after`, the oldest first.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn ledger(
        &self,
        after: Option<LedgerPlace>,
        limit: usize,
    ) -> Result<Vec<Arc<LedgerEntry>>, Error> {
        let from = after.map_or(ledger::all(), |after| LedgerEntry::row(after).byte(0));
        self.decoded(from, ledger::all(), limit)
    }

    /// Up to `limit` entries (never more than [`PAGE`]) that name this holder, from a moment on and
    /// behind `after`, the oldest first.
    ///
    /// # Errors
    /// The database could not be read, or an entry is missing.
    pub fn ledger_of(
        &self,
        holder: Holder,
        since: Timestamp,
        after: Option<&LedgerEntry>,
        limit: usize,
    ) -> Result<Vec<Arc<LedgerEntry>>, Error> {
        let list = ledger::of_holder(holder);
        let from = match after {
            Some(LedgerEntry { at, index, number, .. }) => {
                ledger::of_holder_at(holder, *at, *index, *number).byte(0)
            }
            None => list.time(since),
        };
        self.entries(from, list, limit)
    }

    /// All entries of an order, the oldest first; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read, or an entry is missing.
    pub fn ledger_of_order(&self, id: OrderId) -> Result<Vec<Arc<LedgerEntry>>, Error> {
        self.entries(ledger::of_order(id), ledger::of_order(id), PAGE)
    }

    /// One entry; nothing if there is none at that place.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn ledger_entry(&self, place: LedgerPlace) -> Result<Option<Arc<LedgerEntry>>, Error> {
        self.record::<LedgerEntry>(place)
    }

    /// Up to `limit` balances (never more than [`PAGE`]) behind `after`, in the order of holders.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn balances(
        &self,
        after: Option<Holder>,
        limit: usize,
    ) -> Result<Vec<Arc<Balance>>, Error> {
        let from = after.map_or(balance::all(), |after| Balance::row(after).byte(0));
        self.decoded(from, balance::all(), limit)
    }

    /// Up to `limit` payouts (never more than [`PAGE`]) behind `after`, in the order of ids.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn payouts(
        &self,
        after: Option<PayoutId>,
        limit: usize,
    ) -> Result<Vec<Arc<Payout>>, Error> {
        let from = after.map_or(payout::all(), |after| Payout::row(after).byte(0));
        self.decoded(from, payout::all(), limit)
    }

    /// Up to `limit` differences (never more than [`PAGE`]) behind `after`, in the order of keys.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn differences(
        &self,
        after: Option<Digest>,
        limit: usize,
    ) -> Result<Vec<Arc<Difference>>, Error> {
        let from = after.map_or(difference::all(), |after| Difference::row(after).byte(0));
        self.decoded(from, difference::all(), limit)
    }

    /// The records of one kind, from a key on.
    fn decoded<T: Record>(&self, from: Row, kind: Row, limit: usize) -> Result<Vec<Arc<T>>, Error> {
        self.rows(T::COLUMN, from, kind.behind())
            .take(limit.clamp(1, PAGE))
            .map(|row| row.and_then(|(_, bytes)| codec::decode(&bytes).map(Arc::new)))
            .collect()
    }

    /// The entries that a list leads to.
    fn entries(&self, from: Row, list: Row, limit: usize) -> Result<Vec<Arc<LedgerEntry>>, Error> {
        let mut places = Vec::new();
        for row in self.rows(Column::Index, from, list.behind()).take(limit.clamp(1, PAGE)) {
            let (key, _) = row?;
            places.push(ledger::entry_of(&key).ok_or_else(|| corrupt_row(&key))?);
        }
        self.all_of("an entry of the ledger", places.into_iter())
    }
}
