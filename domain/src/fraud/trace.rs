//! What is known of a person, a device, a card or a door.

use super::counts::Counts;
use crate::deadline::{Deadline, Due};
use crate::entry::Stamp;
use crate::ids::{AccountId, AddressMark, CardMark, CityNumber, CourierId, DeviceMark};
use crate::limits::{TRACE_COURIERS, TRACE_LINKS, TRACE_MARKS, TRACE_TOTALS};
use crate::moderation::{Ban, BanSubject};
use crate::money::Money;
use crate::outcome::{Changes, Outcome, Write};
use crate::position::Position;
use crate::rejection::Rejection;
use crate::time::{DAY_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long it is remembered who used what, and who carried for whom.
const REMEMBERED_MS: i64 = 90 * DAY_MS;
/// Doors this close are one: 1/10,000 of a degree, some 10 m.
const DOOR_E7: i32 = 1_000;

/// Whose trace. The order is part of stored keys: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum TraceKey {
    Account(AccountId),
    Device(DeviceMark),
    Card(CardMark),
    Address(AddressMark),
}

impl TraceKey {
    /// Where the ban of a subject is kept that has no record of its own.
    pub fn of_banned(subject: BanSubject) -> Option<Self> {
        match subject {
            BanSubject::Device(mark) => Some(Self::Device(mark)),
            BanSubject::Card(mark) => Some(Self::Card(mark)),
            BanSubject::Account(_) | BanSubject::Restaurant(_) | BanSubject::Courier(_) => None,
        }
    }

    /// Where that is kept which is known of a door.
    pub fn door(city: CityNumber, at: Position) -> Self {
        let cell = [at.lat_e7.div_euclid(DOOR_E7), at.lng_e7.div_euclid(DOOR_E7)];
        let [lat, lng] = cell.map(i32::to_be_bytes);
        Self::Address(AddressMark::derive(city, &[&lat, &lng]))
    }
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Of whom.
    pub key: TraceKey,
    /// Why nobody may order with it, if so. People have theirs with their account.
    #[serde(default)]
    pub ban: Option<Ban>,
    /// What happened lately.
    #[serde(default)]
    pub counts: Counts,
    /// Of a device, a card or a door: who ordered with it or to it, the latest last.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Of a person: with what and to where they ordered, the latest last.
    #[serde(default)]
    pub marks: Vec<TraceKey>,
    /// Of a person: what their latest orders cost.
    #[serde(default)]
    pub totals: Vec<Money>,
    /// Of a person: who brought them something, and when, the latest last.
    #[serde(default)]
    pub couriers: Vec<Brought>,
    /// Of a person: an operator has looked at them and believes them until then.
    #[serde(default)]
    pub pass_until: Option<Timestamp>,
    /// Of a person: when a case of an order that was denied was kept last.
    #[serde(default)]
    pub denied_at: Option<Timestamp>,
    /// When something was added last.
    #[serde(default = "long_ago")]
    pub touched_at: Timestamp,
    /// When it is looked at whether anybody still needs it. Names the deadline `TraceEnds`.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// Somebody who ordered with a device or a card, or to a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Link {
    pub account_id: AccountId,
    /// The last time.
    pub at: Timestamp,
    /// They carry for the platform.
    pub courier: bool,
    /// They are banned.
    pub banned: bool,
}

/// A courier brought something then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Brought {
    pub courier_id: CourierId,
    pub at: Timestamp,
}

/// Of records from before it was written down.
fn long_ago() -> Timestamp {
    Timestamp(0)
}

impl Trace {
    /// Nothing is known yet.
    pub(crate) fn new(key: TraceKey) -> Self {
        Self {
            key,
            ban: None,
            counts: Counts::default(),
            links: Vec::new(),
            marks: Vec::new(),
            totals: Vec::new(),
            couriers: Vec::new(),
            pass_until: None,
            denied_at: None,
            touched_at: long_ago(),
            ends_at: None,
            revision: 0,
        }
    }

    /// Of this, as it stands or new.
    pub(crate) fn load(city: &impl View, key: TraceKey) -> Result<Self, Unreadable> {
        Ok(city.trace(key)?.map_or_else(|| Self::new(key), Arc::unwrap_or_clone))
    }

    /// Writes what was added, and sees to it that the record has an end.
    pub(crate) fn save(mut self, changes: &mut Changes) {
        let Stamp { at, index, .. } = changes.stamp();
        self.touched_at = at;
        self.revision = index;
        if self.ends_at.is_none() {
            self.looked_at_again(at.plus_ms(REMEMBERED_MS), changes);
        }
        changes.write(Write::Trace(Arc::new(self)));
    }

    fn looked_at_again(&mut self, at: Timestamp, changes: &mut Changes) {
        self.ends_at = Some(at);
        changes.write(Write::Deadline(Deadline { due_at: at, due: Due::TraceEnds(self.key) }));
    }

    /// Nothing is known of it any more.
    pub(crate) fn forget(&self, changes: &mut Changes) {
        if let Some(due_at) = self.ends_at {
            let due = Due::TraceEnds(self.key);
            changes.write(Write::DropDeadline(Deadline { due_at, due }));
        }
        changes.write(Write::DropTrace(self.key));
    }

    /// Whether a ban holds at this moment.
    pub fn is_banned_at(&self, at: Timestamp) -> bool {
        self.ban.as_ref().is_some_and(|ban| ban.holds_at(at))
    }

    /// Those who used it lately.
    pub(crate) fn links_at(&self, at: Timestamp) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| at.ms_since(link.at) < REMEMBERED_MS)
    }

    /// They used it now. Whoever was not seen for long makes room.
    pub(crate) fn link(&mut self, account_id: AccountId, courier: bool, at: Timestamp) {
        let before = self.links.iter().find(|link| link.account_id == account_id).copied();
        let banned = before.is_some_and(|link| link.banned);
        self.links
            .retain(|link| link.account_id != account_id && at.ms_since(link.at) < REMEMBERED_MS);
        // The banned stay longest: they are what the others are looked at for.
        while self.links.len() >= TRACE_LINKS {
            let place = self.links.iter().position(|link| !link.banned).unwrap_or(0);
            self.links.remove(place);
        }
        self.links.push(Link { account_id, at, courier, banned });
    }

    /// It is not known any more that they used it.
    pub(crate) fn unlink(&mut self, account_id: AccountId) {
        self.links.retain(|link| link.account_id != account_id);
    }

    /// They used this now.
    pub(crate) fn used(&mut self, mark: TraceKey) {
        self.marks.retain(|known| *known != mark);
        if self.marks.len() >= TRACE_MARKS {
            self.marks.remove(0);
        }
        self.marks.push(mark);
    }

    /// Their newest order costs this.
    pub(crate) fn paid(&mut self, total: Money) {
        if self.totals.len() >= TRACE_TOTALS {
            self.totals.remove(0);
        }
        self.totals.push(total);
    }

    /// This courier brought them something now.
    pub(crate) fn brought(&mut self, courier_id: CourierId, at: Timestamp) {
        if self.couriers.len() >= TRACE_COURIERS {
            self.couriers.remove(0);
        }
        self.couriers.push(Brought { courier_id, at });
    }
}

/// It is time to look whether anybody still needs it: nothing that it says is older than what it
/// remembers, so where nothing was added since, it says nothing. Bans stay as long as they hold.
pub(crate) fn trace_ends(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    key: TraceKey,
) -> Result<Outcome, Unreadable> {
    let found = city.trace(key)?.filter(|trace| trace.ends_at == Some(deadline.due_at));
    let Some(found) = found else { return Ok(Outcome::rejected(Rejection::NotDue)) };
    let mut trace = Arc::unwrap_or_clone(found);
    let mut changes = Changes::new(stamp);
    let until = trace.touched_at.plus_ms(REMEMBERED_MS);
    if trace.ban.is_none() && until <= stamp.at {
        trace.forget(&mut changes);
        return Ok(changes.yes());
    }
    changes.write(Write::DropDeadline(deadline));
    let next = if until > stamp.at { until } else { stamp.at.plus_ms(REMEMBERED_MS) };
    trace.looked_at_again(next, &mut changes);
    trace.revision = stamp.index;
    changes.write(Write::Trace(Arc::new(trace)));
    Ok(changes.yes())
}
