//! What a basket is wanted for, from a body to the log: the same for a quote and for an order.

use super::addresses::{chosen, destination, note};
use super::error::{Answer, Fail};
use super::orders::distance;
use super::reading::Reads;
use crate::derived::kitchens::Kitchens;
use crate::vault::Vault;
use api::codes::Code;
use api::orders::{Address, When};
use api::quotes as shape;
use domain::account::Belongings;
use domain::ids::{AccountId, AddressId, RestaurantId};
use domain::order::{Fulfilment, Wanted};
use domain::pricing::{BasketLine, BasketOption};

/// What a body says of it.
pub(super) struct Said {
    pub(super) restaurant_id: RestaurantId,
    pub(super) basket: Vec<shape::BasketLine>,
    pub(super) address: Option<Address>,
    pub(super) address_id: Option<AddressId>,
    pub(super) fulfilment: Option<Fulfilment>,
    pub(super) when: Option<When>,
    pub(super) coupon_code: Option<String>,
}

/// Closes what is personal, and measures the way. `saved` is what the customer keeps, where the
/// body names any of it.
pub(super) async fn wanted(
    vault: &Vault,
    kitchens: &Kitchens,
    reads: &Reads,
    customer: AccountId,
    saved: Option<&Belongings>,
    said: Said,
) -> Answer<Wanted> {
    let Said { restaurant_id, basket, address, address_id, fulfilment, when, coupon_code } = said;
    let address = chosen(vault, customer, saved, address, address_id)?;
    let fulfilment = fulfilment.unwrap_or_default();
    let destination = match (&address, fulfilment) {
        (Some(address), _) => Some(destination(vault, customer, address)?),
        (None, Fulfilment::Pickup) => None,
        (None, Fulfilment::Delivery) => {
            return Err(Fail::field(Code::FieldInvalid, "/address", "is required for delivery"));
        }
    };
    let distance_m = match &destination {
        Some(destination) => distance(kitchens, reads, restaurant_id, destination.position).await?,
        None => None,
    };
    Ok(Wanted {
        restaurant_id,
        basket: lines(vault, customer, basket)?,
        fulfilment,
        when: when.unwrap_or_default().into(),
        destination,
        // An unknown restaurant is no distance away: `apply` says what is wrong with it.
        distance_m: distance_m.unwrap_or(0),
        coupon_code,
    })
}

/// A basket as the domain keeps it: what is said to the kitchen is closed.
pub(super) fn lines(
    vault: &Vault,
    customer: AccountId,
    basket: Vec<shape::BasketLine>,
) -> Answer<Vec<BasketLine>> {
    let option = |option: shape::BasketOption| BasketOption {
        option_id: option.option_id,
        quantity: option.quantity,
    };
    let mut lines = Vec::with_capacity(basket.len());
    for (place, line) in basket.into_iter().enumerate() {
        let words = note(&format!("/basket/{place}/note"), line.note.as_deref())?;
        lines.push(BasketLine {
            dish_id: line.dish_id,
            quantity: line.quantity,
            options: line.options.into_iter().map(option).collect(),
            // Nothing said is nothing closed: most lines have no note.
            note: match words {
                "" => domain::sealed::Sealed::default(),
                words => vault.seal(customer, words)?,
            },
            if_unavailable: line.if_unavailable.unwrap_or_default(),
        });
    }
    Ok(lines)
}
