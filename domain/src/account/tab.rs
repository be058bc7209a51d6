//! What a customer owes, and how often they were charged.

use super::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::ledger::{Draft, Holder, LedgerWhat, PostingKind};
use crate::limits::TEXT_LETTERS;
use crate::money::Money;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
    /// Paid, unless it says otherwise.
    #[serde(default)]
    pub how: Cleared,
}

/// How a debt came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cleared {
    /// The operators' till has it.
    #[default]
    Paid,
    /// The platform bears it.
    Forgiven,
}

pub(crate) fn clear_debt(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ClearDebt,
) -> Result<Outcome, Unreadable> {
    let ClearDebt { account_id, debt, reason, how } = command;
    if !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(account) = city.account(account_id)? else {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    };
    if let Err(why) = field::letters("/reason", &reason, 0..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let Some(tab) = city.tab(account_id)? else {
        return Ok(Outcome::unchanged(account.created_index));
    };
    if tab.debt == Money::ZERO {
        return Ok(Outcome::unchanged(tab.revision));
    }
    if tab.debt != debt {
        return Ok(Outcome::rejected(Rejection::VersionChanged { version: tab.revision }));
    }
    let mut tab = Arc::unwrap_or_clone(tab);
    tab.debt = Money::ZERO;
    tab.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    let (what, bearer, kind) = match how {
        Cleared::Paid => (LedgerWhat::DebtPaid, Holder::Till, PostingKind::Debt),
        Cleared::Forgiven => (LedgerWhat::DebtForgiven, Holder::Platform, PostingKind::Loss),
    };
    let mut draft = Draft::new(what);
    draft.owe(bearer, Holder::Customer(account_id), kind, debt);
    changes.book(city, draft)?;
    changes.write(Write::Tab(Arc::new(tab)));
    changes.event(Event::DebtCleared { account_id, amount: debt });
    Ok(changes.yes())
}
