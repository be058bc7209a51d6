//! Staff say what is there and what is not.

use super::hold::uncounted;
use super::{Stock, StockTarget, Supply};
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::calendar::next_local_minute;
use crate::deadline::{Deadline, Due};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::RestaurantId;
use crate::limits::{STOCK_LINES, STOCK_QUANTITY, STOCK_RESET_MINUTE, UNTIL_MS};
use crate::outcome::{Changes, Checked, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Changes the stock of what it names, and of nothing else; all of it or none. Kitchen staff,
/// operators, integrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStock {
    /// Whose.
    pub restaurant_id: RestaurantId,
    /// Each dish and option at most once.
    pub changes: Vec<StockChange>,
    /// Names this request: "five are left" said twice must not bring back what was sold between
    /// the two. A thing that was last set by this request is not set again.
    #[serde(default)]
    pub request: Option<Digest>,
}

/// The stock of one dish or option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StockChange {
    pub target: StockTarget,
    pub supply: Supply,
    /// With `Quantity`: so many are free from now on.
    pub quantity: Option<u32>,
    /// When it is plainly in stock again; not with `InStock`.
    pub until: Option<Until>,
}

/// The end of a stock's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Until {
    At(Timestamp),
    /// 05:00 local time.
    NextReset,
}

pub(crate) fn set_stock(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetStock,
) -> Result<Outcome, Unreadable> {
    let SetStock { restaurant_id, changes: lines, request } = command;
    if city.restaurant(restaurant_id)?.is_none() {
        return Ok(Outcome::rejected(Rejection::RestaurantUnknown));
    }
    if !works_at(city, actor, restaurant_id, StaffRole::Kitchen)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    let length = field::length("/lines", lines.len(), 1..=STOCK_LINES);
    if let Err(why) = length.and_then(|()| each_once(&lines)) {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = on_the_menu(city, restaurant_id, &lines)? {
        return Ok(Outcome::rejected(why));
    }
    let mut changes = Changes::new(stamp);
    let (mut targets, mut written, mut done_at) = (Vec::new(), false, 0);
    for (place, line) in lines.iter().enumerate() {
        let before = city.stock(restaurant_id, line.target)?;
        let before =
            before.map_or_else(|| uncounted(restaurant_id, line.target), |stock| (*stock).clone());
        let wanted = match line.applied(&before, stamp.at, &founded.time_zone) {
            Ok(wanted) => Stock { set_by: request, ..wanted },
            Err(why) => return Ok(Outcome::rejected(why.at(place))),
        };
        let repeated = request.is_some() && before.set_by == request;
        if repeated || (wanted.says_the_same(&before) && !wanted.is_to_be_remembered()) {
            done_at = done_at.max(before.revision);
            continue;
        }
        if let Err(why) = check_until(stamp.at, &wanted) {
            return Ok(Outcome::rejected(why.at(place)));
        }
        if !wanted.says_the_same(&before) {
            targets.push(line.target);
        }
        written = true;
        write(&mut changes, &before, wanted);
    }
    if !written {
        return Ok(Outcome::unchanged(done_at));
    }
    if !targets.is_empty() {
        changes.event(Event::StockChanged { restaurant_id, targets });
    }
    Ok(changes.yes())
}

/// What is wrong with one line: the member, and its rule.
struct Wrong(&'static str, String);

impl Wrong {
    fn at(self, place: usize) -> Rejection {
        field::invalid(format!("/lines/{place}/{}", self.0), self.1)
    }
}

impl StockChange {
    /// The record as this line wants it.
    fn applied(&self, before: &Stock, now: Timestamp, time_zone: &str) -> Result<Stock, Wrong> {
        let mut stock = before.clone();
        match (self.supply, self.quantity) {
            (Supply::Quantity, Some(quantity)) if quantity <= STOCK_QUANTITY => {
                stock.added += i64::from(quantity) - i64::from(stock.free);
                stock.free = quantity;
            }
            (Supply::Quantity, _) => {
                let rule = format!("a number from 0 to {STOCK_QUANTITY}");
                return Err(Wrong("quantity", rule));
            }
            (Supply::InStock | Supply::OutOfStock | Supply::Hidden, None) => {}
            (Supply::InStock | Supply::OutOfStock | Supply::Hidden, Some(_)) => {
                return Err(Wrong("quantity", "only with the state quantity".to_owned()));
            }
        }
        if self.supply == Supply::InStock && self.until.is_some() {
            return Err(Wrong("until", "nothing: it is in stock already".to_owned()));
        }
        stock.supply = self.supply;
        stock.returns_at = self.until.map(|until| match until {
            Until::At(moment) => moment,
            Until::NextReset => next_local_minute(now, STOCK_RESET_MINUTE, time_zone),
        });
        Ok(stock)
    }
}

impl Stock {
    /// A number that a named request says is its own from then on, also if it was said before:
    /// when the request comes again, the number may have been sold.
    fn is_to_be_remembered(&self) -> bool {
        self.supply == Supply::Quantity && self.set_by.is_some()
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.supply == other.supply
            && self.returns_at == other.returns_at
            && (self.supply != Supply::Quantity || self.free == other.free)
    }
}

/// Not before it is compared with what is there: a repeat may come when its moment is over.
fn check_until(now: Timestamp, wanted: &Stock) -> Result<(), Wrong> {
    let fits = |until: Timestamp| (1..=UNTIL_MS).contains(&until.ms_since(now));
    if wanted.returns_at.is_none_or(fits) {
        return Ok(());
    }
    Err(Wrong("until", "a moment that is yet to come, within 31 days".to_owned()))
}

fn each_once(lines: &[StockChange]) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    match lines.iter().position(|line| !seen.insert(line.target)) {
        Some(place) => Err(field::invalid(format!("/lines/{place}"), "each dish or option once")),
        None => Ok(()),
    }
}

/// Each line names something that the menu has now.
fn on_the_menu(
    city: &impl View,
    restaurant_id: RestaurantId,
    lines: &[StockChange],
) -> Checked<()> {
    let Some(menu) = city.menu(restaurant_id)? else {
        return Ok(Err(field::invalid("/lines/0", "a dish or option of the menu")));
    };
    let mut unknown: BTreeSet<StockTarget> = lines.iter().map(|line| line.target).collect();
    unknown.retain(|target| match target {
        StockTarget::Dish(dish_id) => menu.dish_ids.binary_search(dish_id).is_err(),
        StockTarget::Option(_) => true,
    });
    for group_id in &menu.option_group_ids {
        if unknown.is_empty() {
            break;
        }
        if let Some(group) = city.option_group(restaurant_id, *group_id)? {
            for option in &group.options {
                unknown.remove(&StockTarget::Option(option.id));
            }
        }
    }
    Ok(match lines.iter().position(|line| unknown.contains(&line.target)) {
        Some(place) => {
            Err(field::invalid(format!("/lines/{place}"), "a dish or option of the menu"))
        }
        None => Ok(()),
    })
}

/// Writes a stock, and moves the deadline of its end along.
fn write(changes: &mut Changes, before: &Stock, mut stock: Stock) {
    let due = Due::StockReturns(stock.restaurant_id, stock.target);
    if let Some(due_at) = before.returns_at {
        changes.write(Write::DropDeadline(Deadline { due_at, due }));
    }
    if let Some(due_at) = stock.returns_at {
        changes.write(Write::Deadline(Deadline { due_at, due }));
    }
    stock.revision = changes.stamp().index;
    changes.write(Write::Stock(Arc::new(stock)));
}
