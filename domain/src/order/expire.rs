//! The kitchen said nothing. Only a deadline can say so; there is no command of its own.

use super::case::Case;
use super::ending::Ending;
use super::{Fault, OrderStatus, Situation};
use crate::deadline::Deadline;
use crate::entry::Stamp;
use crate::ids::OrderId;
use crate::limits::{UNANSWERED, UNANSWERED_PAUSE_MS};
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::restaurant::availability::make_available;
use crate::restaurant::{Availability, Mode};
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
    case.end(city, Ending::Expired, Situation::BeforeAccept(Fault::Restaurant))?;
    if let Some(restaurant) = city.restaurant(case.order().restaurant_id)? {
        let mut restaurant = Arc::unwrap_or_clone(restaurant);
        restaurant.unanswered += 1;
        if restaurant.unanswered >= UNANSWERED {
            let until = stamp.at.plus_ms(UNANSWERED_PAUSE_MS);
            // A longer break that was asked for by hand stays.
            let asked = match restaurant.availability.mode_at(stamp.at) {
                Mode::Paused => restaurant.availability.until,
                Mode::Open | Mode::Busy { .. } => None,
            };
            let until = asked.map_or(until, |asked| asked.max(until));
            restaurant.unanswered = 0;
            let Availability { delivery, pickup, .. } = restaurant.availability;
            let paused = Availability { mode: Mode::Paused, until: Some(until), delivery, pickup };
            case.amid(|changes| make_available(changes, restaurant, paused));
            return Ok(case.yes());
        }
        restaurant.revision = stamp.index;
        case.write(Write::Restaurant(Arc::new(restaurant)));
    }
    Ok(case.yes())
}
