//! The verbs that speak of stock: `stock r1 until 14:00: ramen 5, gyoza out, large hidden`,
//! `has_none o1 by r1: 0` for a kitchen that lacks the first line of an order, `combo r1` for a
//! dish whose options are dishes, and `count r1`.

use super::Script;
use super::words::Words;
use crate::Command;
use crate::ids::DishId;
use crate::menu::{DishOption, EditMenu, OptionGroup};
use crate::money::Money;
use crate::order::{RejectOrder, RejectReason};
use crate::stock::{SetStock, StockChange, StockTarget, Supply, Until};
use std::collections::BTreeSet;

/// Options of a script's menus; every other name is a dish.
const OPTIONS: [&str; 3] = ["large", "side_gyoza", "side_tea"];

impl Script {
    pub(super) fn stocks(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let restaurant_id = self.restaurant_id(words.subject);
        Some(match words.verb {
            "stock" => {
                let until = words.clock("until").map(|ms| Until::At(self.midnight.plus_ms(ms)));
                let until = if words.has("reset") { Some(Until::NextReset) } else { until };
                let changes = words.list.iter().map(|line| self.stock_change(line, until, words));
                let changes = changes.collect();
                let request = words.get("request").map(super::digest);
                ("r1", Command::SetStock(SetStock { restaurant_id, changes, request }))
            }
            "has_none" => {
                let lines = words.list.iter();
                let lines = lines.map(|n| n.parse().unwrap_or_else(|_| words.wrong("line")));
                let wish = RejectOrder {
                    order_id: self.order_id(words.subject),
                    restaurant_id: self.restaurant_id(words.get("by").unwrap_or("r1")),
                    reason: RejectReason::OutOfStock,
                    lines: lines.collect(),
                };
                ("r1", Command::RejectOrder(wish))
            }
            "combo" => ("op", Command::EditMenu(Box::new(self.combo(words.subject)))),
            _ => return None,
        })
    }

    /// `ramen 5`, `gyoza out`, `large hidden`, `tea in`.
    fn stock_change(&mut self, line: &str, until: Option<Until>, words: &Words<'_>) -> StockChange {
        let (name, state) = line.split_once(' ').unwrap_or((line, ""));
        let quantity = state.parse().ok();
        let supply = match state {
            "in" => Supply::InStock,
            "out" => Supply::OutOfStock,
            "hidden" => Supply::Hidden,
            _ if quantity.is_some() => Supply::Quantity,
            _ => words.wrong("state"),
        };
        StockChange { target: self.stock_target(name), supply, quantity, until }
    }

    fn stock_target(&mut self, name: &str) -> StockTarget {
        if OPTIONS.contains(&name) {
            StockTarget::Option(self.option_id(name))
        } else {
            StockTarget::Dish(self.dish_id(name))
        }
    }

    /// A dish that comes with gyoza or tea, up to three of them.
    fn combo(&mut self, name: &str) -> EditMenu {
        let words = |text: &str| crate::menu::Words::from([("en".to_owned(), text.to_owned())]);
        let restaurant_id = self.restaurant_id(name);
        let mut plain = self.menu(name, &["combo 900"]);
        let option = |script: &mut Self, name: &str, dish_id: DishId| DishOption {
            id: script.option_id(name),
            title: words(name),
            price: Money(100),
            max_quantity: 3,
            default: false,
            allergens: BTreeSet::new(),
            dish_id: Some(dish_id),
        };
        let (gyoza, tea) = (self.dish_id("gyoza"), self.dish_id("tea"));
        let side = OptionGroup {
            id: self.option_group_id("side"),
            restaurant_id,
            title: words("side"),
            min: 0,
            max: 3,
            free: 0,
            options: vec![option(self, "side_gyoza", gyoza), option(self, "side_tea", tea)],
            archived: false,
        };
        plain.dishes[0].option_group_ids = vec![side.id];
        EditMenu {
            restaurant_id,
            if_version: None,
            dishes: plain.dishes,
            option_groups: vec![side],
            category_id: self.category_id("all"),
        }
    }

    /// Everything that is counted at a restaurant, in the order of names.
    pub(super) fn count(&mut self, name: &str) -> String {
        let restaurant_id = self.restaurant_id(name);
        let of_it = self.city.stocks.values().filter(|it| it.restaurant_id == restaurant_id);
        let mut told: Vec<String> = of_it
            .map(|it| {
                let counted = format!("{} = {} + {} + {}", it.added, it.free, it.reserved, it.sold);
                let until = it.returns_at.map(|at| format!(" until {}", self.clock(at)));
                let name = self.tell_target(it.target);
                format!("{name} {:?}{} {counted}", it.supply, until.unwrap_or_default())
            })
            .collect();
        told.sort_unstable();
        told.join(super::tell::FOLDED)
    }

    /// What the script calls a dish or an option.
    pub(super) fn tell_target(&self, target: StockTarget) -> &str {
        let id = match target {
            StockTarget::Dish(id) => id.to_string(),
            StockTarget::Option(id) => id.to_string(),
        };
        self.named(&id).unwrap_or("?")
    }
}
