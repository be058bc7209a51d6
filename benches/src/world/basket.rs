//! What somebody takes from a menu: a few dishes, each with the answers it asks for.

use api::menus::{Dish, Menu};
use api::quotes::{BasketLine, BasketOption};

use crate::random::Random;

/// Nobody carries more of one dish.
const MOST_OF_ONE: u32 = 12;

/// One to three dishes, worth at least `minimum` (minor units); nothing if the menu has none to
/// offer.
pub fn choose(menu: &Menu, minimum: i64, random: &mut Random) -> Option<Vec<BasketLine>> {
    let dishes: Vec<_> = menu.dishes.iter().filter(|dish| !dish.hidden).collect();
    let mut lines: Vec<BasketLine> = Vec::new();
    let mut worth = 0;
    for _ in 0..=random.below(3) {
        let dish = *random.pick(&dishes)?;
        if lines.iter().any(|line| line.dish_id == dish.dish_id) {
            continue;
        }
        let Some((options, extra)) = answers(menu, dish, random) else {
            continue;
        };
        worth += dish.price.amount + extra;
        lines.push(BasketLine {
            dish_id: dish.dish_id,
            quantity: 1,
            options,
            note: None,
            if_unavailable: None,
        });
    }
    let line = lines.first_mut()?;
    let price = menu.dishes.iter().find(|dish| dish.dish_id == line.dish_id)?.price.amount;
    while worth < minimum {
        if price <= 0 || line.quantity == MOST_OF_ONE {
            return None;
        }
        line.quantity += 1;
        worth += price;
    }
    Some(lines)
}

/// As few options as each group of the dish wants, and what they cost.
fn answers(menu: &Menu, dish: &Dish, random: &mut Random) -> Option<(Vec<BasketOption>, i64)> {
    let mut options = Vec::new();
    let mut extra = 0;
    for group_id in &dish.option_group_ids {
        let group = menu.option_groups.iter().find(|group| group.option_group_id == *group_id)?;
        let wanted = group.min as usize;
        if group.options.len() < wanted {
            return None;
        }
        let first = random.below(group.options.len());
        for place in 0..wanted {
            let option = &group.options[(first + place) % group.options.len()];
            extra += option.price.amount;
            options.push(BasketOption { option_id: option.option_id, quantity: 1 });
        }
    }
    Some((options, extra))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn menu() -> Menu {
        let id = |prefix: &str, letter: &str| format!("{prefix}_{}{letter}", "0".repeat(25));
        let money = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        let dish = |letter: &str, price: i64, groups: &[&str], hidden: bool| {
            let groups: Vec<_> = groups.iter().map(|group| id("ogr", group)).collect();
            json!({
                "dish_id": id("dsh", letter), "title": {"en": letter}, "description": {},
                "price": money(price), "option_group_ids": groups, "hidden": hidden,
            })
        };
        let option =
            |letter: &str| json!({"option_id": id("opt", letter), "title": {}, "price": money(50)});
        let menu = json!({
            "restaurant_id": id("res", "1"), "version": 1, "categories": [],
            "dishes": [
                dish("1", 500, &["1"], false),
                dish("2", 300, &[], false),
                dish("3", 100, &[], true),
            ],
            "option_groups": [{
                "option_group_id": id("ogr", "1"), "title": {}, "min": 2, "max": 2,
                "options": [option("1"), option("2"), option("3")],
            }],
        });
        serde_json::from_value(menu).unwrap()
    }

    #[test]
    fn a_basket_answers_what_is_asked_and_is_worth_enough() {
        let menu = menu();
        let mut random = Random::new(5);
        for _ in 0..200 {
            let basket = choose(&menu, 1_200, &mut random).unwrap();
            let mut worth = 0;
            for line in &basket {
                let dish = menu.dishes.iter().find(|d| d.dish_id == line.dish_id).unwrap();
                assert!(!dish.hidden);
                let asked = if dish.option_group_ids.is_empty() { 0 } else { 2 };
                assert_eq!(line.options.len(), asked);
                assert!(asked == 0 || line.options[0].option_id != line.options[1].option_id);
                worth += dish.price.amount * i64::from(line.quantity);
            }
            assert!(worth + 200 >= 1_200, "{worth}");
        }
    }

    #[test]
    fn an_empty_menu_feeds_nobody() {
        let menu = Menu { dishes: Vec::new(), ..menu() };
        assert_eq!(choose(&menu, 0, &mut Random::new(1)), None);
    }
}
