//! The kitchen proposes another content for one line.

use super::{Instead, Substitution};
use crate::city::terms_of;
use crate::deadline::Due;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{OrderId, RestaurantId};
use crate::order::case::Case;
use crate::order::kitchen::at_the_stove;
use crate::order::sale::on_sale;
use crate::order::schedule::When;
use crate::order::{Order, OrderStatus, StepKind};
use crate::outcome::{Checked, Outcome};
use crate::pricing::{BasketLine, Receipt, ReceiptLine, Terms, price_line_alone};
use crate::rejection::Rejection;
use crate::stock::hold::{Missing, portions, reserve};
use crate::stock::{StockHold, StockTarget};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

pub(crate) fn propose_substitution(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ProposeSubstitution,
) -> Result<Outcome, Unreadable> {
    let ProposeSubstitution { order_id, restaurant_id, line, instead } = command;
    let mut case = match at_the_stove(city, stamp, actor, restaurant_id, order_id)? {
        Ok(case) => case,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let status = case.order().status;
    match status {
        OrderStatus::Accepted | OrderStatus::Preparing => {}
        OrderStatus::Pending { .. }
        | OrderStatus::Placed { .. }
        | OrderStatus::Ready
        | OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => {
            return Ok(Outcome::rejected(Rejection::OrderMovedOn { state: status.state() }));
        }
    }
    if let Some(open) = &case.order().substitution {
        return Ok(if open.line == line && open.instead == instead {
            Outcome::unchanged(case.order().revision)
        } else {
            Outcome::rejected(Rejection::ProposalOpen)
        });
    }
    let priced = match priced(city, &case, line, &instead)? {
        Ok(priced) => priced,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let holds = match kept(city, case.order(), line, priced.as_ref())? {
        Ok(holds) => holds,
        Err(Missing { dishes, options }) => {
            return Ok(Outcome::rejected(Rejection::OutOfStock { dishes, options }));
        }
    };
    for hold in &holds {
        case.change_stock(city, hold.target, |stock| stock.reserve(hold.quantity))?;
    }
    let answer_by = case.at().plus_ms(case.rules().substitution_ms);
    let new_allergens = new_allergens(case.order(), line, priced.as_ref());
    let proposed_at = case.at();
    let open = Substitution { line, instead, priced, new_allergens, holds, proposed_at, answer_by };
    case.order_mut().substitution = Some(Box::new(open));
    case.step(StepKind::SubstitutionProposed);
    case.await_due(answer_by, Due::SubstitutionBy(order_id));
    case.event(Event::SubstitutionProposed { order_id, restaurant_id, line, answer_by });
    Ok(case.yes())
}

/// The line as it would stand on the receipt; nothing if it would go.
fn priced(
    city: &impl View,
    case: &Case,
    line: u32,
    instead: &Instead,
) -> Checked<Option<ReceiptLine>> {
    let order = case.order();
    let Some(before) = line_of(&order.receipt, line) else {
        return Ok(Err(field::invalid("/line", "the place of a line on the receipt, from 0")));
    };
    let place = usize::try_from(line).unwrap_or(usize::MAX);
    let priced = match instead {
        Instead::Remove => return Ok(Ok(None)),
        Instead::Fewer { quantity } => match order.receipt.fewer(place, *quantity) {
            Some(fewer) => fewer,
            None => return Ok(Err(field::invalid("/quantity", "at least one, and fewer"))),
        },
        Instead::Replace(wanted) => match price_now(city, case, wanted)? {
            // What the customer said of the line holds for what stands in for it.
            Ok(line) => ReceiptLine {
                note: before.note.clone(),
                if_unavailable: before.if_unavailable,
                ..line
            },
            Err(why) => return Ok(Err(why)),
        },
    };
    if order.receipt.replaced(place, Some(priced.clone())).is_none() {
        let rule = "nothing that costs more than what it replaces";
        return Ok(Err(field::invalid("/instead", rule)));
    }
    Ok(Ok(Some(priced)))
}

/// A line of the menu as it is now, at the prices of the moment for which the order is sold.
fn price_now(city: &impl View, case: &Case, wanted: &BasketLine) -> Checked<ReceiptLine> {
    let order = case.order();
    let (Some(founded), Some(restaurant)) = (city.city()?, city.restaurant(order.restaurant_id)?)
    else {
        return Ok(Err(Rejection::RestaurantUnknown));
    };
    let terms = terms_of(city, &founded)?;
    let at = case.at();
    let with = Terms {
        language: &founded.language,
        time_zone: &founded.time_zone,
        menu_version: restaurant.menu_version,
        terms_version: terms.version,
        at: match order.when {
            When::Asap => at,
            When::Slot { start } => start,
        },
        fulfilment: order.fulfilment,
        distance_m: order.distance_m,
        restaurant_fee: restaurant.profile.delivery_fee,
        zone: None,
        fees: terms.fees.at(at),
        taxes: terms.taxes.at(at),
        coupon: None,
    };
    let found = on_sale(city, order.restaurant_id, std::slice::from_ref(wanted))?;
    let priced = price_line_alone(wanted, &found, &with);
    Ok(priced.map_err(|problem| Rejection::BasketInvalid { line: 0, problem }))
}

/// What the substitute needs of the stock and the line it replaces has not: it is kept until the
/// customer has answered.
fn kept(
    city: &impl View,
    order: &Order,
    line: u32,
    priced: Option<&ReceiptLine>,
) -> Result<Result<Vec<StockHold>, Missing>, Unreadable> {
    let (Some(before), Some(priced)) = (line_of(&order.receipt, line), priced) else {
        return Ok(Ok(Vec::new()));
    };
    let has = portions_of(before);
    let mut needs = portions_of(priced);
    needs.retain(|target, quantity| {
        *quantity = quantity.saturating_sub(has.get(target).copied().unwrap_or(0));
        *quantity > 0
    });
    let reserved = reserve(city, order.restaurant_id, &needs, order.kitchen_at)?;
    Ok(reserved.map(|reserved| reserved.holds))
}

fn portions_of(line: &ReceiptLine) -> BTreeMap<StockTarget, u32> {
    portions(&Receipt { lines: vec![line.clone()], ..Receipt::default() })
}

/// What a person who chose the line may not expect in it.
fn new_allergens(
    order: &Order,
    line: u32,
    priced: Option<&ReceiptLine>,
) -> BTreeSet<crate::menu::Allergen> {
    match (line_of(&order.receipt, line), priced) {
        (Some(before), Some(priced)) => {
            priced.allergens.difference(&before.allergens).copied().collect()
        }
        (None, _) | (Some(_), None) => BTreeSet::new(),
    }
}

fn line_of(receipt: &Receipt, line: u32) -> Option<&ReceiptLine> {
    usize::try_from(line).ok().and_then(|place| receipt.lines.get(place))
}
