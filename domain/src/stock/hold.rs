//! Orders take portions, and give them back unless the kitchen has begun.

use super::{Stock, StockHold, StockTarget, Supply};
use crate::calendar::next_local_minute;
use crate::deadline::{Deadline, Due};
use crate::event::Event;
use crate::ids::{DishId, OptionId, RestaurantId};
use crate::limits::STOCK_RESET_MINUTE;
use crate::mutant::{Mutant, is_planted};
use crate::order::case::Case;
use crate::outcome::Write;
use crate::pricing::Receipt;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a receipt takes of the stock: each line its dish, each option itself and the dish that it
/// is, if it is one.
pub(crate) fn portions(receipt: &Receipt) -> BTreeMap<StockTarget, u32> {
    let mut portions: BTreeMap<StockTarget, u32> = BTreeMap::new();
    let mut take = |target, quantity: u32| {
        let taken = portions.entry(target).or_default();
        *taken = taken.saturating_add(quantity);
    };
    for line in &receipt.lines {
        take(StockTarget::Dish(line.dish_id), line.quantity);
        for option in &line.options {
            let quantity = option.quantity.saturating_mul(line.quantity);
            take(StockTarget::Option(option.option_id), quantity);
            if let Some(dish_id) = option.dish_id {
                take(StockTarget::Dish(dish_id), quantity);
            }
        }
    }
    portions
}

/// What there is too little of.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    pub(crate) dishes: Vec<DishId>,
    pub(crate) options: Vec<OptionId>,
}

impl Missing {
    pub(crate) fn is_empty(&self) -> bool {
        self.dishes.is_empty() && self.options.is_empty()
    }

    pub(crate) fn add(&mut self, target: StockTarget) {
        match target {
            StockTarget::Dish(id) => self.dishes.push(id),
            StockTarget::Option(id) => self.options.push(id),
        }
    }
}

/// What an order takes: the records with its portions taken out, and what it holds from then on.
#[derive(Debug, Default)]
pub(crate) struct Reserved {
    pub(crate) stocks: Vec<Stock>,
    pub(crate) holds: Vec<StockHold>,
}

/// Takes portions out of the stock, all or nothing. What is out of stock now and back before the
/// kitchen begins is there.
pub(crate) fn reserve(
    city: &impl View,
    restaurant_id: RestaurantId,
    portions: &BTreeMap<StockTarget, u32>,
    kitchen_at: Timestamp,
) -> Result<Result<Reserved, Missing>, Unreadable> {
    let mut reserved = Reserved::default();
    let mut missing = Missing::default();
    for (target, quantity) in portions {
        let Some(stock) = city.stock(restaurant_id, *target)? else {
            continue;
        };
        if stock.supply_at(kitchen_at) != stock.supply {
            continue;
        }
        if !stock.has(*quantity) && !is_planted(Mutant::StockUnchecked) {
            missing.add(*target);
        } else if stock.supply == Supply::Quantity {
            let mut stock = Arc::unwrap_or_clone(stock);
            stock.reserve(*quantity);
            reserved.stocks.push(stock);
            reserved.holds.push(StockHold { target: *target, quantity: *quantity });
        }
    }
    Ok(if missing.is_empty() { Ok(reserved) } else { Err(missing) })
}

impl Case {
    /// The kitchen has none of these: nobody else shall order them in vain today.
    pub(crate) fn run_out(
        &mut self,
        city: &impl View,
        dishes: Vec<DishId>,
    ) -> Result<(), Unreadable> {
        let Some(founded) = city.city()? else { return Ok(()) };
        let restaurant_id = self.order().restaurant_id;
        let returns_at = next_local_minute(self.at(), STOCK_RESET_MINUTE, &founded.time_zone);
        let mut targets: Vec<StockTarget> = dishes.into_iter().map(StockTarget::Dish).collect();
        targets.sort_unstable();
        targets.dedup();
        let mut run_out = Vec::with_capacity(targets.len());
        for target in targets {
            let before = self.stock_or_new(city, target)?;
            // What staff took off the menu for longer does not come back sooner.
            let gone = matches!(before.supply, Supply::OutOfStock | Supply::Hidden);
            if gone && before.returns_at.is_none_or(|before| before >= returns_at) {
                continue;
            }
            let due = Due::StockReturns(restaurant_id, target);
            if let Some(due_at) = before.returns_at {
                self.write(Write::DropDeadline(Deadline { due_at, due }));
            }
            self.write(Write::Deadline(Deadline { due_at: returns_at, due }));
            self.change_stock(city, target, |stock| {
                stock.supply = Supply::OutOfStock;
                stock.returns_at = Some(returns_at);
            })?;
            run_out.push(target);
        }
        let targets = run_out;
        if !targets.is_empty() {
            self.event(Event::StockChanged { restaurant_id, targets });
        }
        Ok(())
    }
}

/// The record of a thing that nobody has counted yet.
pub(crate) fn uncounted(restaurant_id: RestaurantId, target: StockTarget) -> Stock {
    Stock {
        restaurant_id,
        target,
        supply: Supply::InStock,
        added: 0,
        free: 0,
        reserved: 0,
        sold: 0,
        returns_at: None,
        set_by: None,
        revision: 0,
    }
}
