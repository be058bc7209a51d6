//! What is known of a person, a device, a card or a door.

use super::counts::Counts;
use crate::ids::{AccountId, AddressMark, CardMark, CityNumber, CourierId, DeviceMark};
use crate::limits::{TRACE_COURIERS, TRACE_LINKS, TRACE_MARKS, TRACE_TOTALS};
use crate::moderation::{Ban, BanSubject};
use crate::money::Money;
use crate::position::Position;
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

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
            revision: 0,
        }
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
