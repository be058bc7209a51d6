//! What a customer owes, and how often they were charged.

use crate::entry::{Actor, Stamp};
use crate::ids::AccountId;
use crate::money::Money;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A customer's standing with the city's till. Whoever has none owes nothing and was never charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tab {
    pub account_id: AccountId,
    /// Orders that something was charged for.
    pub charged_orders: u32,
    /// Owed for cash orders that ended with a charge and without the cash: bars cash until paid.
    pub debt: Money,
    pub revision: u64,
}

/// A debt was paid, or is forgiven. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ClearDebt {
    pub account_id: AccountId,
    /// The debt that the caller saw; another one now is `VersionChanged`.
    pub debt: Money,
    pub reason: String,
}

pub(crate) fn clear_debt(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: ClearDebt,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
