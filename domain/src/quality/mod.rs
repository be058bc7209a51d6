//! How well restaurants and couriers work, and what follows from it.
//!
//! An order that was somebody's to do is counted in the entry that ends it, and what was wrong with
//! it in the entry in which that shows: each kind of flaw once an order, and only with whoever was
//! at fault. What the other side or the platform spoiled is left out. So a score is the same on
//! every replica, and equal to a recount of the orders.

mod blame;
mod measure;
mod score;

pub(crate) use blame::Qualities;
pub(crate) use measure::{measure_ends, score_moved, take_measure};

pub use blame::Flaw;
pub use measure::{Measure, Step, TakeMeasure};
pub use score::{Part, PartScore, Score};

use crate::ids::{CourierId, IdError, RestaurantId};
use crate::limits::QUALITY_DAYS;
use crate::pieces::Pieces;
use crate::rating::Tally;
use crate::time::{DAY_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Whose work. The order is part of stored keys: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum QualityOf {
    Restaurant(RestaurantId),
    Courier(CourierId),
}

/// The same without a name, to narrow a list with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum QualityKind {
    Restaurant,
    Courier,
}

impl QualityKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Restaurant, Self::Courier];
}

impl QualityOf {
    /// What it is.
    pub fn kind(self) -> QualityKind {
        match self {
            Self::Restaurant(_) => QualityKind::Restaurant,
            Self::Courier(_) => QualityKind::Courier,
        }
    }
}

impl fmt::Display for QualityOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restaurant(id) => id.fmt(f),
            Self::Courier(id) => id.fmt(f),
        }
    }
}

impl FromStr for QualityOf {
    type Err = IdError;

    /// By the prefix of the id.
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.get(..4) {
            Some(CourierId::PREFIX) => text.parse().map(Self::Courier),
            Some(_) | None => text.parse().map(Self::Restaurant),
        }
    }
}

/// What is counted, day by day. The order is that of stored numbers: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Counted {
    /// Orders that were theirs to do, done or not.
    Orders,
    /// Of a restaurant: refused, called off or not answered. Of a courier: given back after a yes.
    Unfulfilled,
    Late,
    Inaccurate,
    Poor,
    /// Of a courier: lost, damaged, or otherwise never brought.
    Failed,
}

/// How somebody has worked lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Whose work.
    pub of: QualityOf,
    /// What happened in each of the last 84 days.
    days: Pieces,
    /// Points that they had lost when something was counted last: operators read the list by it.
    pub lost: u32,
    /// What the score asked for when it was acted on last.
    #[serde(default)]
    pub step: Option<Step>,
    /// An operator has looked at them: until then the score asks for nothing.
    #[serde(default)]
    pub trusted_until: Option<Timestamp>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

impl Quality {
    /// Nothing is known yet.
    pub fn new(of: QualityOf) -> Self {
        Self { of, days: Pieces::default(), lost: 0, step: None, trusted_until: None, revision: 0 }
    }

    /// One more.
    pub fn add(&mut self, counted: Counted, at: Timestamp) {
        self.days.add(counted as usize, day(at), QUALITY_DAYS);
    }

    /// How often, in the last 84 days as seen at this moment. A day is one of UTC.
    pub fn count(&self, counted: Counted, at: Timestamp) -> i64 {
        self.days.sum(counted as usize, day(at), QUALITY_DAYS)
    }

    /// Whether an operator has looked at them and believes them at this moment.
    fn is_trusted_at(&self, at: Timestamp) -> bool {
        self.trusted_until.is_some_and(|until| at < until)
    }
}

fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// The stars that count towards a score: a courier's, as they are shown. A restaurant's do not,
/// since what people say of its food is counted order by order.
///
/// # Errors
/// If the city cannot be read.
pub fn stars_of(city: &impl View, of: QualityOf) -> Result<Tally, Unreadable> {
    let courier = match of {
        QualityOf::Restaurant(_) => None,
        QualityOf::Courier(id) => city.courier(id)?,
    };
    Ok(courier.map_or_else(Tally::default, |courier| Tally {
        sum: courier.rating_sum,
        count: courier.rating_count,
    }))
}
