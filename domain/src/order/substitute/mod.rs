//! Something is missing: the kitchen proposes, the customer answers, or their preference does.

pub(crate) mod answer;
pub(crate) mod propose;

pub use answer::AnswerSubstitution;
pub use propose::ProposeSubstitution;

use super::Order;
use crate::menu::Allergen;
use crate::pricing::{BasketLine, ReceiptLine};
use crate::stock::StockHold;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the kitchen would do with the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Instead {
    /// Leave it out.
    Remove,
    /// Cook fewer of it.
    Fewer { quantity: u32 },
    /// Cook something else, or the same with other options; never for more money.
    Replace(BasketLine),
}

/// What a customer can say to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubstitutionAnswer {
    /// As proposed.
    Accept,
    /// Not so: the line is left out, since the kitchen cannot cook it as it was.
    Refuse,
    /// Leave the line out.
    CancelLine,
    /// Then nothing at all; the restaurant bears it.
    CancelOrder,
}

/// An answer to a proposal that is not open any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The receipt's revision while the proposal was open: each proposal has its own.
    pub revision: u32,
    /// What was said, or what silence meant.
    pub answer: SubstitutionAnswer,
}

/// A proposal that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Substitution {
    pub line: u32,
    pub instead: Instead,
    /// The line as it would stand on the receipt; nothing if it would go.
    pub priced: Option<ReceiptLine>,
    /// What the substitute has and the original had not: never accepted by default.
    pub new_allergens: BTreeSet<Allergen>,
    /// Portions of the substitute, kept from others until the answer.
    #[serde(default)]
    pub holds: Vec<StockHold>,
    pub proposed_at: Timestamp,
    /// Names the deadline `SubstitutionBy`.
    pub answer_by: Timestamp,
}

impl Order {
    /// Whether the kitchen waits for the customer's answer.
    pub fn awaits_answer(&self) -> bool {
        self.substitution.is_some()
    }
}
