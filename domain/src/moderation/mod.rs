//! Out of the game, and back in: people, restaurants, couriers, devices and cards.
//!
//! A ban holds from its own entry on. What follows from it for orders and ratings is done by
//! deadlines that are due at once, one order an entry: each of them touches stock, slots, money and
//! sums, and is decided from what those are then. Until it is done nobody banned can act on it.

mod aftermath;
mod appeal;
mod impose;
mod lift;

pub(crate) use aftermath::{ban_aftermath, follow_orders};
pub(crate) use impose::check_ban;
pub(crate) use lift::ban_ends;

pub use appeal::NoteAppeal;
pub use impose::ImposeBan;
pub use lift::LiftBan;

use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::ids::{AccountId, CardMark, CourierId, DeviceMark, IdError, RestaurantId};
use crate::outcome::{Changes, Outcome, Write};
use crate::quality::{TakeMeasure, take_measure};
use crate::sealed::Sealed;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Who or what can be banned. The order is part of stored keys: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum BanSubject {
    Account(AccountId),
    Restaurant(RestaurantId),
    Courier(CourierId),
    Device(DeviceMark),
    Card(CardMark),
}

/// A subject without its name, to narrow a list with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum BanKind {
    Account,
    Restaurant,
    Courier,
    Device,
    Card,
}

impl BanKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Account, Self::Restaurant, Self::Courier, Self::Device, Self::Card];
}

impl BanSubject {
    /// What it is.
    pub fn kind(self) -> BanKind {
        match self {
            Self::Account(_) => BanKind::Account,
            Self::Restaurant(_) => BanKind::Restaurant,
            Self::Courier(_) => BanKind::Courier,
            Self::Device(_) => BanKind::Device,
            Self::Card(_) => BanKind::Card,
        }
    }
}

impl fmt::Display for BanSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Restaurant(id) => id.fmt(f),
            Self::Courier(id) => id.fmt(f),
            Self::Device(id) => id.fmt(f),
            Self::Card(id) => id.fmt(f),
        }
    }
}

impl FromStr for BanSubject {
    type Err = IdError;

    /// By the prefix of the id.
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.get(..4) {
            Some(RestaurantId::PREFIX) => text.parse().map(Self::Restaurant),
            Some(CourierId::PREFIX) => text.parse().map(Self::Courier),
            Some(DeviceMark::PREFIX) => text.parse().map(Self::Device),
            Some(CardMark::PREFIX) => text.parse().map(Self::Card),
            Some(_) | None => text.parse().map(Self::Account),
        }
    }
}

/// Out of the game until its end, or until somebody says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Shown to operators.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when; for good if absent. Names the deadline `BanEnds`.
    pub until: Option<Timestamp>,
    /// The operator who said so.
    #[serde(default)]
    pub by: Option<AccountId>,
    /// Open orders were called off, too.
    #[serde(default)]
    pub cancel_open: bool,
    /// What was said against it.
    #[serde(default)]
    pub appeal: Option<Appeal>,
}

/// What somebody said against a ban, as an operator wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Appeal {
    /// Closed under their own key, if the ban is of a person or a courier.
    #[serde(default)]
    pub words: Sealed,
    pub at: Timestamp,
    pub by: Option<AccountId>,
}

impl Ban {
    /// Whether it holds at this moment.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| at < until)
    }

    /// What was said against the one before is said against this one.
    pub(crate) fn in_place_of(self, before: Option<Self>) -> Self {
        Self { appeal: before.and_then(|ban| ban.appeal).or(self.appeal), ..self }
    }

    /// Whether another ban would say the same.
    pub(crate) fn says(&self, reason: &str, until: Option<Timestamp>, cancel_open: bool) -> bool {
        self.reason == reason && self.until == until && self.cancel_open == cancel_open
    }
}

/// Moves the moment at which a ban ends along with it; either may be none.
pub(crate) fn move_end(
    changes: &mut Changes,
    subject: BanSubject,
    before: Option<&Ban>,
    now: Option<&Ban>,
) {
    let due = Due::BanEnds(subject);
    if let Some(due_at) = before.and_then(|ban| ban.until) {
        changes.write(Write::DropDeadline(Deadline { due_at, due }));
    }
    if let Some(due_at) = now.and_then(|ban| ban.until) {
        changes.write(Write::Deadline(Deadline { due_at, due }));
    }
}

/// What operators do about people and things that harm others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ModerationCommand {
    Impose(ImposeBan),
    Lift(LiftBan),
    Appeal(NoteAppeal),
    Measure(TakeMeasure),
}

impl ModerationCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Impose(_) => "impose_ban",
            Self::Lift(_) => "lift_ban",
            Self::Appeal(_) => "note_appeal",
            Self::Measure(_) => "take_measure",
        }
    }

    /// The id of whom or what it is about.
    pub fn subject(&self) -> String {
        match self {
            Self::Impose(wish) => wish.subject.to_string(),
            Self::Lift(wish) => wish.subject.to_string(),
            Self::Appeal(wish) => wish.subject.to_string(),
            Self::Measure(wish) => wish.of.to_string(),
        }
    }

    /// Why somebody says they want it. What the banned say is theirs, and no reason of ours.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Impose(wish) => Some(&wish.reason),
            Self::Lift(wish) => Some(&wish.reason),
            Self::Appeal(_) => None,
            Self::Measure(wish) => Some(&wish.reason),
        }
    }
}

pub(crate) fn apply_moderation(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ModerationCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        ModerationCommand::Impose(wish) => impose::impose_ban(city, stamp, actor, wish),
        ModerationCommand::Lift(wish) => lift::lift_ban(city, stamp, actor, wish),
        ModerationCommand::Appeal(wish) => appeal::note_appeal(city, stamp, actor, wish),
        ModerationCommand::Measure(wish) => take_measure(city, stamp, actor, wish),
    }
}
