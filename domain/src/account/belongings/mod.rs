//! What somebody keeps here for their next order: addresses, favourites, ways to pay.
//!
//! All of it is one record for each person, which goes with them. What an address or a way to pay
//! says is closed with the person's key, the place on the map too: the state knows how many there
//! are, and which is which.

mod address;
mod favourite;
mod payment_method;

pub use address::{AddAddress, ChangeAddress, DropAddress, SavedAddress};
pub use favourite::{Favourite, SetFavourite};
pub use payment_method::{
    AddPaymentMethod, DropPaymentMethod, PreferPaymentMethod, SavedPaymentMethod,
};

use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::ids::{AccountId, AddressId, PaymentMethodId};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All that one person keeps. Whoever keeps nothing has no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belongings {
    /// Whose.
    pub account_id: AccountId,
    /// In the order in which they were added.
    #[serde(default)]
    pub addresses: Vec<SavedAddress>,
    /// In the order in which they were added.
    #[serde(default)]
    pub favourites: Vec<Favourite>,
    /// In the order in which they were added.
    #[serde(default)]
    pub payment_methods: Vec<SavedPaymentMethod>,
    /// The one that an order is paid with which names none; some, as soon as there is any.
    #[serde(default)]
    pub default_payment_method: Option<PaymentMethodId>,
    /// The entry that wrote this record last; 0 if there is none.
    pub revision: u64,
}

impl Belongings {
    /// Of somebody who keeps nothing.
    pub fn none(account_id: AccountId) -> Self {
        Self {
            account_id,
            addresses: Vec::new(),
            favourites: Vec::new(),
            payment_methods: Vec::new(),
            default_payment_method: None,
            revision: 0,
        }
    }

    /// The address with this id, if it is theirs.
    pub fn address(&self, id: AddressId) -> Option<&SavedAddress> {
        self.addresses.iter().find(|address| address.id == id)
    }

    /// The way to pay with this id, if it is theirs.
    pub fn payment_method(&self, id: PaymentMethodId) -> Option<&SavedPaymentMethod> {
        self.payment_methods.iter().find(|method| method.id == id)
    }
}

/// A wish about what somebody keeps. The person themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeBelongings {
    /// Whose.
    pub account_id: AccountId,
    /// What about it.
    pub change: BelongingsChange,
}

/// One thing that is kept, kept differently, or not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum BelongingsChange {
    AddAddress(AddAddress),
    ChangeAddress(ChangeAddress),
    DropAddress(DropAddress),
    SetFavourite(SetFavourite),
    AddPaymentMethod(AddPaymentMethod),
    PreferPaymentMethod(PreferPaymentMethod),
    DropPaymentMethod(DropPaymentMethod),
}

impl BelongingsChange {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AddAddress(_) => "add_address",
            Self::ChangeAddress(_) => "change_address",
            Self::DropAddress(_) => "drop_address",
            Self::SetFavourite(_) => "set_favourite",
            Self::AddPaymentMethod(_) => "add_payment_method",
            Self::PreferPaymentMethod(_) => "prefer_payment_method",
            Self::DropPaymentMethod(_) => "drop_payment_method",
        }
    }
}

/// What a wish came to.
enum Step {
    /// The record is another one now.
    Changed,
    /// It was so already, since this entry.
    Was(u64),
}

pub(super) fn change_belongings(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ChangeBelongings,
) -> Result<Outcome, Unreadable> {
    let ChangeBelongings { account_id, change } = command;
    if person(actor) != Some(account_id) {
        return Ok(Outcome::rejected(Rejection::AccountUnknown));
    }
    let found = city.belongings(account_id)?;
    let mut all = found.map_or_else(|| Belongings::none(account_id), Arc::unwrap_or_clone);
    let step = match change {
        BelongingsChange::AddAddress(wish) => wish.apply(stamp, &mut all),
        BelongingsChange::ChangeAddress(wish) => wish.apply(stamp, &mut all),
        BelongingsChange::DropAddress(wish) => wish.apply(&mut all),
        BelongingsChange::SetFavourite(wish) => wish.apply(city, &mut all)?,
        BelongingsChange::AddPaymentMethod(wish) => wish.apply(stamp, &mut all),
        BelongingsChange::PreferPaymentMethod(wish) => wish.apply(&mut all),
        BelongingsChange::DropPaymentMethod(wish) => wish.apply(&mut all),
    };
    match step {
        Ok(Step::Changed) => {
            all.revision = stamp.index;
            let mut changes = Changes::new(stamp);
            changes.write(Write::Belongings(Arc::new(all)));
            Ok(changes.yes())
        }
        Ok(Step::Was(index)) => Ok(Outcome::unchanged(index)),
        Err(why) => Ok(Outcome::rejected(why)),
    }
}

/// Whether there is room for one more.
fn room(there_are: usize, at_most: usize) -> Result<(), Rejection> {
    match there_are < at_most {
        true => Ok(()),
        false => {
            Err(Rejection::LimitReached { at_most: u32::try_from(at_most).unwrap_or(u32::MAX) })
        }
    }
}
