//! A menu as its readers see it: in their language, with what is there now.

use crate::node::Facts;
use api::images::Picture;
use api::menus as shape;
use api::restaurants::Hours;
use axum::http::{HeaderMap, header};
use domain::menu::{Category, ContextPrice, Dish, DishOption, OptionGroup, Words};
use domain::stock::{Stock, StockTarget, Supply};
use domain::time::Timestamp;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::MenuGraph;

/// Languages that are looked at of what a reader would accept.
const LANGUAGES_ASKED: usize = 10;

/// Who reads a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Sees what is sold.
    Customer,
    /// Sees what is hidden as well.
    Staff,
}

/// What is counted at a restaurant.
pub(super) type Stocks = BTreeMap<StockTarget, Arc<Stock>>;

/// What a menu is shown with.
#[derive(Debug)]
pub(super) struct MenuView<'a> {
    pub(super) facts: &'a Facts,
    pub(super) stocks: &'a Stocks,
    pub(super) reader: Reader,
    pub(super) at: Timestamp,
    pub(super) languages: &'a Languages,
}

/// What a reader would like to read, the best first; all there is if they do not say.
#[derive(Debug, Default)]
pub(super) struct Languages {
    asked: Vec<String>,
    used: RefCell<BTreeSet<String>>,
}

impl Languages {
    /// From `Accept-Language`.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = headers.get(header::ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok());
        let mut asked: Vec<(u16, String)> = Vec::new();
        for part in text.unwrap_or_default().split(',').take(LANGUAGES_ASKED) {
            let mut words = part.split(';').map(str::trim);
            let tag = words.next().unwrap_or_default().to_lowercase();
            let weight = words.find_map(|word| word.strip_prefix("q="));
            let weight = weight.map_or(1_000, thousandths);
            if weight > 0 && !tag.is_empty() && tag != "*" {
                asked.push((weight, tag));
            }
        }
        // Stable: of equal weight, the first named comes first.
        asked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let asked = asked.into_iter().map(|(_, tag)| tag).collect();
        Self { asked, used: RefCell::default() }
    }

    /// The best of these words, or all of them for somebody who did not ask.
    fn choose(&self, words: &Words, fallback: &str) -> Words {
        if self.asked.is_empty() || words.len() <= 1 {
            self.used.borrow_mut().extend(words.keys().cloned());
            return words.clone();
        }
        let asked = self.asked.iter().find_map(|tag| in_language(words, tag));
        let found = asked.or_else(|| in_language(words, &fallback.to_lowercase()));
        let Some((language, text)) = found.or(words.iter().next()) else {
            return Words::new();
        };
        self.used.borrow_mut().insert(language.clone());
        Words::from([(language.clone(), text.clone())])
    }

    /// What was chosen, for `Content-Language`.
    pub(super) fn used(&self) -> String {
        let used = self.used.borrow();
        let tags: Vec<&str> = used.iter().map(String::as_str).collect();
        tags.join(", ")
    }
}

/// `0.8` as 800; what cannot be read counts little.
fn thousandths(weight: &str) -> u16 {
    let (whole, part) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let number = whole.parse::<u16>().ok().zip(part.parse::<u16>().ok());
    number.map_or(1, |(whole, part)| (whole.min(1) * 1_000 + part).min(1_000))
}

/// The words in a language: exactly it, or another of its kind.
fn in_language<'a>(words: &'a Words, tag: &str) -> Option<(&'a String, &'a String)> {
    let kind = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
    let exact = words.iter().find(|(language, _)| language.to_lowercase() == *tag);
    exact.or_else(|| words.iter().find(|(language, _)| kind(language) == kind(tag)))
}

impl MenuView<'_> {
    /// The whole menu.
    pub(super) fn menu(&self, graph: &MenuGraph) -> shape::Menu {
        let dishes = graph.dishes.iter().filter(|dish| !dish.archived && self.shows(dish));
        let dishes: Vec<shape::Dish> = dishes.map(|dish| self.dish(dish)).collect();
        let shown: BTreeSet<_> = dishes.iter().map(|dish| dish.dish_id).collect();
        let category = |category: &Category| shape::Category {
            category_id: category.id,
            title: self.words(&category.title),
            dish_ids: category.dish_ids.iter().copied().filter(|id| shown.contains(id)).collect(),
            windows: category.windows.as_ref().map(Hours::of),
        };
        let groups = graph.option_groups.iter().filter(|group| !group.archived);
        shape::Menu {
            restaurant_id: graph.menu.restaurant_id,
            version: graph.menu.version,
            categories: graph.menu.categories.iter().map(category).collect(),
            dishes,
            option_groups: groups.map(|group| self.group(group)).collect(),
        }
    }

    fn shows(&self, dish: &Dish) -> bool {
        let target = StockTarget::Dish(dish.id);
        self.reader == Reader::Staff || (!dish.hidden && !self.is_hidden(target))
    }

    fn is_hidden(&self, target: StockTarget) -> bool {
        self.stocks.get(&target).is_some_and(|stock| stock.supply_at(self.at) == Supply::Hidden)
    }

    fn words(&self, words: &Words) -> Words {
        self.languages.choose(words, &self.facts.language)
    }

    fn stock(&self, target: StockTarget) -> api::stock::Stock {
        let Some(found) = self.stocks.get(&target) else {
            return api::stock::Stock::default();
        };
        let mut stock = stock(found, self.at);
        if self.reader == Reader::Customer && stock.left == Some(0) {
            stock.state = Supply::OutOfStock;
            stock.left = None;
        }
        stock
    }

    fn dish(&self, dish: &Dish) -> shape::Dish {
        let money = |amount| self.facts.money(amount);
        let price = |price: &ContextPrice| shape::PriceBy {
            fulfilment: price.fulfilment,
            windows: price.windows.as_ref().map(Hours::of),
            price: money(price.price),
        };
        let stock = self.stock(StockTarget::Dish(dish.id));
        let sold_now = [&dish.windows, &dish.category_windows]
            .into_iter()
            .flatten()
            .all(|hours| hours.state_at(self.at, &self.facts.time_zone).open);
        shape::Dish {
            dish_id: dish.id,
            own_ref: dish.own_ref.clone(),
            title: self.words(&dish.title),
            description: self.words(&dish.description),
            price: money(dish.price),
            prices_by: dish.prices.iter().map(price).collect(),
            tax_class: dish.tax_class.clone(),
            image: dish.image.map(Picture::of),
            allergens: dish.allergens.clone(),
            diet: dish.diet.clone(),
            calories: dish.calories,
            alcohol: dish.alcohol,
            min_age: dish.min_age,
            windows: dish.windows.as_ref().map(Hours::of),
            available_now: sold_now && !dish.hidden && is_there(&stock),
            stock,
            option_group_ids: dish.option_group_ids.clone(),
            hidden: dish.hidden,
        }
    }

    fn group(&self, group: &OptionGroup) -> shape::OptionGroup {
        let option = |option: &DishOption| shape::DishOption {
            option_id: option.id,
            title: self.words(&option.title),
            price: self.facts.money(option.price),
            max_quantity: option.max_quantity,
            default: option.default,
            allergens: option.allergens.clone(),
            dish_id: option.dish_id,
            stock: self.stock_of_option(option),
        };
        let hidden = |option: &DishOption| self.is_hidden(StockTarget::Option(option.id));
        let shown = group.options.iter().filter(|it| self.reader == Reader::Staff || !hidden(it));
        shape::OptionGroup {
            option_group_id: group.id,
            title: self.words(&group.title),
            min: group.min,
            max: group.max,
            free: group.free,
            options: shown.map(option).collect(),
        }
    }

    /// Its own, or that of the dish that it is, whichever runs out first.
    fn stock_of_option(&self, option: &DishOption) -> api::stock::Stock {
        let own = self.stock(StockTarget::Option(option.id));
        let of_dish = option.dish_id.map(|id| self.stock(StockTarget::Dish(id)));
        match of_dish {
            Some(of_dish) if self.reader == Reader::Customer && !is_there(&of_dish) => {
                api::stock::Stock { state: Supply::OutOfStock, ..of_dish }
            }
            Some(_) | None => own,
        }
    }
}

fn is_there(stock: &api::stock::Stock) -> bool {
    match stock.state {
        Supply::InStock => true,
        Supply::Quantity => stock.left != Some(0),
        Supply::OutOfStock | Supply::Hidden => false,
    }
}

/// How much there is of something at a moment.
pub(super) fn stock(found: &Stock, at: Timestamp) -> api::stock::Stock {
    let state = found.supply_at(at);
    api::stock::Stock {
        state,
        left: (state == Supply::Quantity).then_some(found.free),
        until: found.returns_at.filter(|until| *until > at).map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str, words: &[&str]) -> (String, String) {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        }
        let words: Words =
            words.iter().map(|tag| ((*tag).to_owned(), format!("in {tag}"))).collect();
        let languages = Languages::of(&headers);
        let chosen = languages.choose(&words, "pt");
        (chosen.into_keys().collect::<Vec<_>>().join(" "), languages.used())
    }

    #[test]
    fn words_in_the_language_that_is_asked_for() {
        let all = ["de", "en-GB", "pt"];
        let cases = [
            ("", "de en-GB pt"),
            ("de", "de"),
            ("DE-ch, en;q=0.9", "de"),
            ("en", "en-GB"),
            ("en-us;q=0.5, de;q=0.8", "de"),
            ("fr, ja;q=0.2", "pt"),
            ("de;q=0", "de en-GB pt"),
            ("*", "de en-GB pt"),
            (";;,q=,-,de;q=x", "de"),
            ("fr;q=0.001,en;q=0.0001", "pt"),
        ];
        for (accept, expected) in cases {
            let (chosen, used) = chosen(accept, &all);
            assert_eq!(chosen, expected, "{accept}");
            assert_eq!(used, expected.replace(' ', ", "), "{accept}");
        }
        assert_eq!(chosen("de", &["en"]).0, "en", "the only words there are");
        assert_eq!(chosen("de", &["en", "fr"]).0, "en", "neither asked for nor the city's");
        assert_eq!(chosen("de", &[]).0, "");
    }
}
