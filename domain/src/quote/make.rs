//! A customer asks what it would cost.

use super::Quote;
use crate::authority::person;
use crate::city::rules_at;
use crate::coupon::redeem::Redemption;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::QuoteId;
use crate::limits::QUOTE_TOMBSTONE_MS;
use crate::order::place::Wanted;
use crate::order::sale::sell;
use crate::outcome::{Changes, Outcome, Write};
use crate::pricing::Receipt;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Prices a basket and holds the price for a while. Customers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MakeQuote {
    pub quote_id: QuoteId,
    pub wanted: Wanted,
    pub request: Digest,
}

pub(crate) fn make_quote(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: MakeQuote,
) -> Result<Outcome, Unreadable> {
    let MakeQuote { quote_id, wanted, request } = command;
    let Some(customer_id) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    if let Some(quote) = city.quote(quote_id)? {
        return Ok(if quote.customer_id == customer_id && quote.request == request {
            Outcome::unchanged(quote.made_index)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    let sale = match sell(city, &founded, stamp, customer_id, &wanted, None)? {
        Ok(sale) => sale,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let restaurant_id = wanted.restaurant_id;
    let quote_ms = rules_at(city, &founded, stamp.at)?.quote_ms;
    let quote = Quote {
        id: quote_id,
        customer_id,
        restaurant_id,
        basket: wanted.basket,
        fulfilment: wanted.fulfilment,
        when: wanted.when,
        destination: wanted.destination,
        distance_m: wanted.distance_m,
        coupon_code: wanted.coupon_code,
        promised: sale.plan.promised,
        receipt: Receipt { coupon: sale.coupon.as_ref().map(Redemption::hold), ..sale.receipt },
        made_at: stamp.at,
        made_index: stamp.index,
        expires_at: stamp.at.plus_ms(quote_ms),
        used_by: None,
        request,
    };
    let mut changes = Changes::new(stamp);
    changes.write(Write::Deadline(end_of(&quote)));
    changes.write(Write::Quote(Arc::new(quote)));
    changes.event(Event::QuoteMade { quote_id, restaurant_id });
    Ok(changes.yes())
}

/// A quote that was used or has expired is remembered for a day, so that its end can be told from a
/// wrong name; then it goes.
pub(crate) fn forget_quote(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    quote_id: QuoteId,
) -> Result<Outcome, Unreadable> {
    if city.quote(quote_id)?.is_none_or(|quote| end_of(&quote) != deadline) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropQuote(quote_id));
    changes.write(Write::DropDeadline(deadline));
    Ok(changes.yes())
}

fn end_of(quote: &Quote) -> Deadline {
    let due_at = quote.expires_at.plus_ms(QUOTE_TOMBSTONE_MS);
    Deadline { due_at, due: Due::QuoteGone(quote.id) }
}
