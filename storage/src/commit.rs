//! One chunk of log entries becomes one write: records, the keys that lead to them, events,
//! audit entries, and the position that says all of this is done. Whole or not at all.

use crate::codec;
use crate::column::{Column, meta};
use crate::engine::Changes;
use crate::error::Error;
use crate::feed;
use crate::record::event::EventToStore;
use crate::record::{IndexRow, Record, audit, deadline, event};
use crate::row::Row;
use crate::state::State;
use crate::view::{Kept, Overlay, Visit};
use domain::account::Account;
use domain::deadline::Deadline;
use domain::sealed::Digest;
use domain::{Cursor, Outcome, Proposal, Stamp, Write};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The effects of some log entries, seen by the next ones and by nobody else until `commit`. It is
/// also the [`domain::View`] that entries are applied to. One at a time: two would not see each
/// other.
#[derive(Debug)]
pub struct Batch {
    pub(crate) state: Arc<State>,
    pub(crate) overlay: Overlay,
    /// True: awaited. False: not any more.
    deadlines: BTreeMap<Deadline, bool>,
    /// Rows that need no second look: events and audit entries, position and membership.
    rows: Changes,
    audit_head: Digest,
    /// How far this batch has trimmed the feed, if it has.
    trimmed: Option<u64>,
    /// The version of the state that it stands on.
    version: u64,
    /// Used for one encoding after the other.
    bytes: Vec<u8>,
}

impl Batch {
    pub(crate) fn begin(state: Arc<State>) -> Self {
        Self {
            version: state.version(),
            audit_head: state.audit_head(),
            state,
            overlay: Overlay::default(),
            deadlines: BTreeMap::new(),
            rows: Changes::default(),
            trimmed: None,
            bytes: Vec::new(),
        }
    }

    /// Adds what `domain::apply` decided about one entry, and its line in the audit chain.
    ///
    /// # Errors
    /// The database could not be read, or a record not be encoded: the node stops, and the batch
    /// must not be committed.
    pub fn record(
        &mut self,
        stamp: &Stamp,
        proposal_bytes: &[u8],
        proposal: &Proposal,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let Outcome { verdict, writes, events } = outcome;
        for write in writes {
            self.write(write)?;
        }
        for (number, event) in (0u32..).zip(&events) {
            let row = event::row(Cursor { index: stamp.index, number });
            codec::encode_into(&EventToStore { at: stamp.at, event }, &mut self.bytes)?;
            self.rows.put(Column::Feed, row, &self.bytes);
        }
        let entry = audit::entry(self.audit_head, stamp, proposal_bytes, proposal, &verdict);
        self.audit_head = entry.hash;
        codec::encode_into(&entry, &mut self.bytes)?;
        let row = audit::row(stamp.index);
        self.rows.put(Column::Audit, row, &self.bytes);
        Ok(())
    }

    fn write(&mut self, write: Write) -> Result<(), Error> {
        let (state, kept) = (&self.state, &mut self.overlay);
        match write {
            Write::City(r) => drop(kept.city.put(state, (), Some(r))?),
            Write::Account(r) => self.account(r)?,
            Write::Session(r) => drop(kept.sessions.put(state, r.id, Some(r))?),
            Write::DropSession(id) => drop(kept.sessions.put(state, id, None)?),
            Write::Restaurant(r) => drop(kept.restaurants.put(state, r.id, Some(r))?),
            Write::Menu(r) => drop(kept.menus.put(state, r.restaurant_id, Some(r))?),
            Write::Dish(r) => drop(kept.dishes.put(state, (r.restaurant_id, r.id), Some(r))?),
            Write::OptionGroup(r) => {
                drop(kept.option_groups.put(state, (r.restaurant_id, r.id), Some(r))?);
            }
            Write::Quote(r) => drop(kept.quotes.put(state, r.id, Some(r))?),
            Write::DropQuote(id) => drop(kept.quotes.put(state, id, None)?),
            Write::Order(r) => drop(kept.orders.put(state, r.id, Some(r))?),
            Write::Payment(r) => drop(kept.payments.put(state, r.id, Some(r))?),
            Write::Delivery(r) => drop(kept.deliveries.put(state, r.id, Some(r))?),
            Write::Courier(r) => drop(kept.couriers.put(state, r.id, Some(r))?),
            Write::Rating(r) => drop(kept.ratings.put(state, r.id, Some(r))?),
            Write::Terms(r) => drop(kept.terms.put(state, (), Some(r))?),
            Write::Stock(r) => {
                drop(kept.stocks.put(state, (r.restaurant_id, r.target), Some(r))?)
            }
            Write::Slot(r) => drop(kept.slots.put(state, (r.restaurant_id, r.start), Some(r))?),
            Write::DropSlot(id, start) => drop(kept.slots.put(state, (id, start), None)?),
            Write::Coupon(r) => drop(kept.coupons.put(state, r.id, Some(r))?),
            Write::CouponUse(r) => {
                drop(kept.coupon_uses.put(state, (r.coupon_id, r.account_id), Some(r))?);
            }
            Write::Tab(r) => drop(kept.tabs.put(state, r.account_id, Some(r))?),
            Write::Claim(r) => drop(kept.claims.put(state, r.id, Some(r))?),
            Write::Refund(r) => drop(kept.refunds.put(state, r.id, Some(r))?),
            Write::Attempts(r) => drop(kept.attempts.put(state, r.login, Some(r))?),
            Write::DropAttempts(login) => drop(kept.attempts.put(state, login, None)?),
            Write::GatewayEvent(r) => drop(kept.gateway_events.put(state, r.key, Some(r))?),
            Write::DropGatewayEvent(key) => drop(kept.gateway_events.put(state, key, None)?),
            Write::Difference(r) => drop(kept.differences.put(state, r.key, Some(r))?),
            Write::Ledger(r) => drop(kept.ledger.put(state, (r.index, r.number), Some(r))?),
            Write::Balance(r) => drop(kept.balances.put(state, r.holder, Some(r))?),
            Write::Payout(r) => drop(kept.payouts.put(state, r.id, Some(r))?),
            Write::DishScore(r) => {
                drop(kept.dish_scores.put(state, (r.restaurant_id, r.dish_id), Some(r))?);
            }
            Write::Image(r) => drop(kept.images.put(state, r.hash, Some(r))?),
            Write::DropImage(hash) => drop(kept.images.put(state, hash, None)?),
            Write::Preferences(r) => drop(kept.preferences.put(state, r.account_id, Some(r))?),
            Write::Belongings(r) => drop(kept.belongings.put(state, r.account_id, Some(r))?),
            Write::DropBelongings(id) => drop(kept.belongings.put(state, id, None)?),
            Write::Notice(r) => drop(kept.notices.put(state, r.id, Some(r))?),
            Write::DropNotice(id) => drop(kept.notices.put(state, id, None)?),
            Write::Notified(r) => drop(kept.notified.put(state, (), Some(r))?),
            Write::Webhook(r) => drop(kept.webhooks.put(state, r.id, Some(r))?),
            Write::DropWebhook(id) => drop(kept.webhooks.put(state, id, None)?),
            Write::ApiKeys(r) => drop(kept.api_keys.put(state, r.owner, Some(r))?),
            Write::Roster(r) => drop(kept.rosters.put(state, (), Some(r))?),
            Write::WebhooksOf(r) => drop(kept.webhooks_of.put(state, r.owner, Some(r))?),
            Write::Trace(r) => drop(kept.traces.put(state, r.key, Some(r))?),
            Write::DropTrace(key) => drop(kept.traces.put(state, key, None)?),
            Write::FraudCase(r) => drop(kept.fraud_cases.put(state, r.id, Some(r))?),
            Write::FraudRules(r) => drop(kept.fraud_rules.put(state, (), Some(r))?),
            Write::Quality(r) => drop(kept.qualities.put(state, r.of, Some(r))?),
            Write::Deadline(deadline) => drop(self.deadlines.insert(deadline, true)),
            Write::DropDeadline(deadline) => drop(self.deadlines.insert(deadline, false)),
            Write::Work(id, work) => drop(kept.works.put(state, id, Some(Arc::new(work)))?),
            Write::DropWork(id) => drop(kept.works.put(state, id, None)?),
            Write::TrimFeed(upto) => self.trim_feed(upto)?,
        }
        Ok(())
    }

    /// A person is found by how they log in as well.
    fn account(&mut self, account: Arc<Account>) -> Result<(), Error> {
        let (state, overlay) = (&self.state, &mut self.overlay);
        let (login, id, anybody) = (account.login, account.id, account.is_anybody());
        let before = overlay.accounts.put(state, id, Some(account))?;
        if let Some(before) = before.filter(|before| before.login != login) {
            overlay.logins.insert(before.login, None);
        }
        if anybody {
            overlay.logins.insert(login, Some(id));
        }
        Ok(())
    }

    /// What raft says of how far this batch reaches; its own bytes.
    pub fn set_position(&mut self, bytes: Vec<u8>) {
        self.rows.put(Column::Meta, meta::POSITION, bytes);
    }

    /// Who is a member from here on; raft's own bytes.
    pub fn set_membership(&mut self, bytes: Vec<u8>) {
        self.rows.put(Column::Meta, meta::MEMBERSHIP, bytes);
    }

    /// Forgets the events up to and with an entry; whoever asks for them later is told.
    fn trim_feed(&mut self, upto: u64) -> Result<(), Error> {
        // From where the last one ended: what is gone already is not deleted again.
        let start = Cursor::after_entry(self.trimmed()?);
        let end = Cursor::after_entry(upto);
        self.rows.delete_range(Column::Feed, event::row(start), event::row(end.successor()));
        self.rows.put(Column::Meta, meta::FEED_TRIMMED, event::row(end));
        self.trimmed = Some(upto);
        Ok(())
    }

    /// The last entry whose events are forgotten, as the next entry sees it.
    pub(crate) fn trimmed(&self) -> Result<u64, Error> {
        match self.trimmed {
            Some(upto) => Ok(upto),
            None => feed::oldest(self.state.meta(meta::FEED_TRIMMED)?).map(|oldest| oldest.index),
        }
    }

    /// Writes everything at once, without a WAL: visible now, durable with the next flush, and
    /// until then the raft log has it.
    ///
    /// # Errors
    /// The engine refused, or a record could not be encoded: nothing was written, and the node
    /// stops.
    pub fn commit(self) -> Result<(), Error> {
        let Self { state, mut overlay, deadlines, rows, audit_head, version, bytes, .. } = self;
        debug_assert_eq!(state.version(), version, "two batches at once do not see each other");
        let mut store = Store {
            rows,
            queued: Vec::new(),
            leads: Vec::new(),
            before: Vec::new(),
            now: Vec::new(),
            bytes,
        };
        store.rows.put(Column::Meta, meta::AUDIT_HEAD, audit_head.0);
        store.deadlines(&deadlines);
        overlay.visit(&mut store)?;
        store.put_leads();
        let Store { rows, queued, .. } = store;

        let version = state.begin_version();
        let written = state.write(&rows);
        if written.is_ok() {
            state.set_audit_head(audit_head);
            overlay.visit(&mut Remember { state: &state, version })?;
        }
        state.end_version(version);
        queued.iter().for_each(|row| state.queues.note(row));
        written
    }
}

/// Turns changed records and their index keys into rows.
struct Store {
    rows: Changes,
    /// New rows of the queues.
    queued: Vec<Row>,
    /// New index keys. Put behind all deletions: what one record leaves another may take over.
    leads: Vec<IndexRow>,
    before: Vec<IndexRow>,
    now: Vec<IndexRow>,
    bytes: Vec<u8>,
}

impl Store {
    fn deadlines(&mut self, deadlines: &BTreeMap<Deadline, bool>) {
        for (deadline, awaited) in deadlines {
            let row = deadline::row(deadline);
            if *awaited {
                self.rows.put(Column::Queues, row, b"");
                self.queued.push(row);
            } else {
                self.rows.delete(Column::Queues, row);
            }
        }
    }

    fn index_keys<T: Record>(&mut self, before: Option<&T>, now: Option<&T>) {
        self.before.clear();
        self.now.clear();
        if let Some(record) = before {
            record.index(&mut self.before);
        }
        if let Some(record) = now {
            record.index(&mut self.now);
        }
        for old in &self.before {
            let stays = self.now.iter().any(|new| new.column == old.column && new.row == old.row);
            if !stays {
                self.rows.delete(old.column, old.row);
            }
        }
        let before = &self.before;
        self.leads.extend(self.now.iter().filter(|new| !before.contains(new)));
    }

    fn put_leads(&mut self) {
        for lead in &self.leads {
            self.rows.put(lead.column, lead.row, lead.value);
            if lead.column == Column::Queues {
                self.queued.push(lead.row);
            }
        }
    }
}

impl Visit for Store {
    fn kind<T: Record>(&mut self, kept: &mut Kept<T>) -> Result<(), Error> {
        for (key, seen) in kept.changed() {
            let row = T::row(key);
            match &seen.now {
                Some(record) => {
                    codec::encode_into(&**record, &mut self.bytes)?;
                    self.rows.put(T::COLUMN, row, &self.bytes);
                    if T::COLUMN == Column::Queues {
                        self.queued.push(row);
                    }
                }
                None => self.rows.delete(T::COLUMN, row),
            }
            if T::INDEXED {
                self.index_keys(seen.before.as_deref(), seen.now.as_deref());
            }
        }
        Ok(())
    }
}

/// Brings the cache up to what was written.
struct Remember<'a> {
    state: &'a State,
    version: u64,
}

impl Visit for Remember<'_> {
    fn kind<T: Record>(&mut self, kept: &mut Kept<T>) -> Result<(), Error> {
        let shelf = T::shelf(&self.state.hot);
        for (key, seen) in kept.changed() {
            match &seen.now {
                Some(record) => shelf.keep(key, self.version, record.clone()),
                None => shelf.forget(key),
            }
        }
        Ok(())
    }
}
