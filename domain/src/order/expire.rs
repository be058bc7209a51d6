//! The kitchen said nothing. Only a deadline can say so; there is no command of its own.

use super::OrderStatus;
use super::case::Case;
use super::ending::Ending;
use crate::deadline::Deadline;
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::OrderId;
use crate::limits::{UNANSWERED, UNANSWERED_PAUSE_MS};
use crate::money::Money;
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use std::sync::Arc;

/// Ends a placed order whose kitchen said nothing. A kitchen that leaves three in a row unanswered
/// is not looking: it is paused, so that nobody else waits in vain.
pub(crate) fn expire_order(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if (case.order().status != OrderStatus::Placed { accept_by: deadline.due_at }) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    case.end(Ending::Expired, Money::ZERO);
    if let Some(restaurant) = city.restaurant(case.order().restaurant_id)? {
        let mut restaurant = Arc::unwrap_or_clone(restaurant);
        restaurant.unanswered += 1;
        if restaurant.unanswered >= UNANSWERED {
            let until = stamp.at.plus_ms(UNANSWERED_PAUSE_MS);
            // A longer break that was asked for by hand stays.
            let until = restaurant.paused_until.map_or(until, |asked| asked.max(until));
            restaurant.unanswered = 0;
            restaurant.paused_until = Some(until);
            let restaurant_id = restaurant.id;
            case.event(Event::RestaurantPaused { restaurant_id, until: Some(until) });
        }
        restaurant.revision = stamp.index;
        case.write(Write::Restaurant(Arc::new(restaurant)));
    }
    Ok(case.yes())
}
