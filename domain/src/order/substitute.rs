//! Something is missing: the kitchen proposes, the customer answers, or their preference does.

use super::Order;
use crate::deadline::Deadline;
use crate::entry::{Actor, Stamp};
use crate::ids::{OrderId, RestaurantId};
use crate::menu::Allergen;
use crate::outcome::Outcome;
use crate::pricing::{BasketLine, ReceiptLine};
use crate::rejection::Rejection;
use crate::stock::StockHold;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Proposes another content for one line. Staff of the restaurant; one proposal at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ProposeSubstitution {
    pub order_id: OrderId,
    pub restaurant_id: RestaurantId,
    /// The line's place on the receipt, from 0.
    pub line: u32,
    pub instead: Instead,
}

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

/// The customer's answer. The customer, or an operator for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AnswerSubstitution {
    pub order_id: OrderId,
    pub answer: SubstitutionAnswer,
    /// The receipt's revision that they saw: an answer to an earlier proposal is none to this one.
    #[serde(default)]
    pub revision: Option<u32>,
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

pub(crate) fn propose_substitution(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: ProposeSubstitution,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}

pub(crate) fn answer_substitution(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: AnswerSubstitution,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}

/// The customer said nothing: the line's own preference decides.
pub(crate) fn nobody_answered(
    _city: &impl View,
    _stamp: &Stamp,
    _deadline: Deadline,
    _order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::NotDue)) // TODO-CONTRACT
}
