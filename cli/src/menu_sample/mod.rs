//! A menu for a restaurant of which only the name and the cuisine are known.
//!
//! The map knows where people eat, not what. So that a city can be tried out before its kitchens
//! have written their menus, one is made up that fits the cuisine. It hangs on the restaurant's id
//! alone: the same restaurant has the same menu in every import, and a repeated import changes
//! nothing. Such restaurants are marked (`Profile::sample`).

mod book;

use api::menus::{CategoryInput, DishInput, MenuInput, OptionGroupInput, OptionInput, Words};
use book::{BookDish, Choice, Cuisine, Section, book};
use domain::ids::RestaurantId;
use std::collections::{BTreeMap, BTreeSet};

/// The language of the book.
const LANGUAGE: &str = "en";
/// Cuisines that one menu mixes.
const CUISINES: usize = 2;
/// Categories on one menu, drinks included.
const CATEGORIES: usize = 6;
/// Dishes on one menu.
const DISHES: usize = 40;
/// The smallest step between two prices, in minor units.
const PRICE_STEP: i64 = 10;
/// Per mille by which one kitchen is dearer than another.
const KITCHEN_PRICES: std::ops::Range<i64> = 850..1_300;
/// Per mille by which one dish is off the book's price.
const DISH_PRICES: std::ops::Range<i64> = 950..1_050;

/// The menu of this restaurant. `price_percent` 100 is the book's level, with a currency of a
/// hundred minor units.
pub(crate) fn menu(id: RestaurantId, cuisines: &[String], price_percent: u32) -> MenuInput {
    let mut dice = Dice::of(id);
    let mut printed = Printed {
        price_percent: i64::from(price_percent),
        kitchen_permille: dice.within(KITCHEN_PRICES),
        groups: BTreeMap::new(),
        dishes: Vec::new(),
        categories: Vec::new(),
    };
    for (title, dishes) in chosen(cuisines, &mut dice) {
        printed.category(title, &dishes, &mut dice);
    }
    MenuInput {
        categories: printed.categories,
        dishes: printed.dishes,
        option_groups: printed.groups.into_values().collect(),
    }
}

/// Whether the book knows this cuisine, so that a menu of its own kind comes out.
#[cfg(test)]
pub(crate) fn knows(cuisine: &str) -> bool {
    book().cuisine(cuisine).is_some()
}

/// A dish with the choices of its section.
type Picked<'a> = (&'a BookDish, &'a [String]);

/// Titles with their dishes, in the order of the card.
fn chosen<'a>(cuisines: &[String], dice: &mut Dice) -> Vec<(&'a str, Vec<Picked<'a>>)> {
    let mut card: Vec<(&str, Vec<Picked<'_>>)> = Vec::new();
    let mut titles = BTreeSet::new();
    let kitchens = kitchens(cuisines);
    let of_each = (CATEGORIES - 1) / kitchens.len();
    let mut sections: Vec<&Section> =
        kitchens.iter().flat_map(|kitchen| kitchen.sections.iter().take(of_each)).collect();
    let has_sweets =
        |names: &[String]| names.iter().any(|n| n == "coffee_shop" || n == "ice_cream");
    if sections.len() + 2 <= CATEGORIES
        && !kitchens.iter().any(|kitchen| has_sweets(&kitchen.names))
        && !sections.iter().any(|s| ["Sweets", "Desserts", "Dolci"].contains(&s.title.as_str()))
    {
        sections.extend(by_name("sweets").sections.iter());
    }
    sections.extend(by_name("drinks").sections.iter());

    for section in sections {
        let mut dishes: Vec<Picked<'_>> = Vec::new();
        for dish in &section.dishes {
            if titles.insert(dish.title.as_str()) {
                dishes.push((dish, &section.choices));
            }
        }
        // A kitchen does not cook the whole book: up to a third of a section is left out.
        for _ in 0..dice.below(dishes.len() as u64 / 3 + 1) {
            dishes.remove(dice.below(dishes.len() as u64) as usize);
        }
        match card.iter_mut().find(|(title, _)| *title == section.title) {
            Some((_, there)) => there.extend(dishes),
            None => card.push((&section.title, dishes)),
        }
    }
    while card.iter().map(|(_, dishes)| dishes.len()).sum::<usize>() > DISHES {
        let longest = card.iter_mut().max_by_key(|(_, dishes)| dishes.len());
        longest.expect("a card has sections").1.pop();
    }
    card.retain(|(_, dishes)| !dishes.is_empty());
    card
}

fn kitchens(cuisines: &[String]) -> Vec<&'static Cuisine> {
    let mut found: Vec<&Cuisine> = Vec::new();
    for cuisine in cuisines.iter().filter_map(|name| book().cuisine(name)) {
        if found.len() < CUISINES && !found.iter().any(|there| std::ptr::eq(*there, cuisine)) {
            found.push(cuisine);
        }
    }
    if found.is_empty() {
        found.push(by_name("any"));
    }
    found
}

fn by_name(name: &str) -> &'static Cuisine {
    book().cuisine(name).expect("the book has drinks, sweets and a cuisine for any kitchen")
}

/// The card while it is written.
struct Printed {
    price_percent: i64,
    kitchen_permille: i64,
    /// By the name in the book.
    groups: BTreeMap<String, OptionGroupInput>,
    dishes: Vec<DishInput>,
    categories: Vec<CategoryInput>,
}

impl Printed {
    fn category(&mut self, title: &str, picked: &[Picked<'_>], dice: &mut Dice) {
        let dishes = picked.iter().map(|(dish, choices)| self.dish(dish, choices, dice)).collect();
        self.categories.push(CategoryInput {
            own_ref: Some(key(title)),
            title: words(title),
            dishes,
            ..CategoryInput::default()
        });
    }

    fn dish(&mut self, dish: &BookDish, choices: &[String], dice: &mut Dice) -> String {
        let permille = self.kitchen_permille * dice.within(DISH_PRICES) / 1_000;
        let price = self.price(dish.price * permille / 1_000);
        choices.iter().for_each(|choice| self.group(choice));
        let own_ref = key(&dish.title);
        self.dishes.push(DishInput {
            own_ref: Some(own_ref.clone()),
            title: words(&dish.title),
            description: words(&dish.description),
            price: price.max(1),
            option_groups: choices.to_vec(),
            ..DishInput::default()
        });
        own_ref
    }

    fn group(&mut self, name: &str) {
        if self.groups.contains_key(name) {
            return;
        }
        let Choice { title, min, max, options } = &book().choices[name];
        let options = options
            .iter()
            .map(|(title, price)| OptionInput {
                own_ref: Some(key(title)),
                title: words(title),
                price: self.price(*price),
                ..OptionInput::default()
            })
            .collect();
        let (own_ref, title) = (Some(name.to_owned()), words(title));
        let (min, max) = (*min, *max);
        let group =
            OptionGroupInput { own_ref, title, min, max, options, ..OptionGroupInput::default() };
        self.groups.insert(name.to_owned(), group);
    }

    /// A book price at the level of this city, rounded to what stands on a card.
    fn price(&self, hundredths: i64) -> i64 {
        let exact = hundredths * self.price_percent / 100;
        (exact + PRICE_STEP / 2) / PRICE_STEP * PRICE_STEP
    }
}

fn words(text: &str) -> Words {
    BTreeMap::from([(LANGUAGE.to_owned(), text.to_owned())])
}

/// A title as the restaurant's own key: `Fish and chips` is `fish-and-chips`.
fn key(title: &str) -> String {
    let letters = title.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' });
    let words = letters.collect::<String>().to_lowercase();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

/// Numbers that hang on an id alone (SplitMix64): the same on every machine, in every version.
struct Dice(u64);

impl Dice {
    fn of(id: RestaurantId) -> Self {
        // The id is a hash already; its last eight bytes are as good as any.
        let mut seed = [0; 8];
        seed.copy_from_slice(&id.0[8..]);
        Self(u64::from_be_bytes(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn within(&mut self, range: std::ops::Range<i64>) -> i64 {
        let width = range.end.abs_diff(range.start);
        range.start + i64::try_from(self.below(width)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::CityNumber;
    use expect_test::expect;

    fn restaurant(number: u32) -> RestaurantId {
        RestaurantId::derive(CityNumber(1), &[b"test", &number.to_be_bytes()])
    }

    fn shown(menu: &MenuInput) -> String {
        let mut out = String::new();
        for category in &menu.categories {
            out.push_str(&format!("{}\n", category.title[LANGUAGE]));
            for own_ref in &category.dishes {
                let dish =
                    menu.dishes.iter().find(|d| d.own_ref.as_ref() == Some(own_ref)).unwrap();
                let (title, groups) = (&dish.title[LANGUAGE], dish.option_groups.join(", "));
                out.push_str(&format!("    {:>5} {title} [{groups}]\n", dish.price));
            }
        }
        out
    }

    #[test]
    fn a_menu_fits_its_cuisine() {
        let menu = menu(restaurant(1), &["pizza".to_owned()], 100);
        expect![[r#"
            Starters
                  360 Garlic bread []
                  420 Bruschetta []
                  790 Burrata []
                  540 Arancini []
            Pizza
                  740 Margherita [size, toppings]
                  810 Prosciutto [size, toppings]
                  790 Funghi [size, toppings]
                  960 Quattro formaggi [size, toppings]
                 1020 Capricciosa [size, toppings]
                  850 Vegetarian [size, toppings]
                  920 Tuna and onion [size, toppings]
                  930 Calzone [size, toppings]
            Salads
                  590 Rocket and parmesan []
                  680 Caprese []
                  490 Mixed salad []
            Desserts
                  370 Chocolate mousse []
                  400 Cheesecake []
                  330 Ice cream []
                  370 Apple cake []
                  320 Creme caramel []
            Drinks
                  120 Still water []
                  130 Sparkling water []
                  190 Cola []
                  200 Orange soda []
                  250 Lemonade []
                  210 Iced tea []
                  210 Apple juice []
                  230 Alcohol-free beer []
        "#]]
        .assert_eq(&shown(&menu));
    }

    #[test]
    fn a_menu_hangs_on_the_id_alone() {
        let cuisines = ["thai".to_owned(), "sushi".to_owned()];
        assert_eq!(menu(restaurant(7), &cuisines, 100), menu(restaurant(7), &cuisines, 100));
        let (one, other) = (menu(restaurant(7), &[], 100), menu(restaurant(8), &[], 100));
        assert_ne!(shown(&one), shown(&other), "two kitchens do not cook the same");
    }

    #[test]
    fn every_menu_keeps_the_bounds() {
        let names: Vec<String> = book().cuisines.iter().map(|c| c.names[0].clone()).collect();
        for number in 0..2_000 {
            let first = names[number as usize % names.len()].clone();
            let second = names[(number as usize / 7) % names.len()].clone();
            let cuisines = if number % 3 == 0 { vec![first, second] } else { vec![first] };
            let menu = menu(restaurant(number), &cuisines, 100);
            let context = || format!("{number} {cuisines:?}\n{}", shown(&menu));

            if !cuisines.iter().any(|name| name == "sweets" || name == "drinks") {
                assert!((3..=CATEGORIES).contains(&menu.categories.len()), "{}", context());
                assert!((10..=DISHES).contains(&menu.dishes.len()), "{}", context());
            }
            let keys: BTreeSet<_> = menu.dishes.iter().map(|dish| &dish.own_ref).collect();
            assert_eq!(keys.len(), menu.dishes.len(), "a dish stands twice: {}", context());
            for dish in &menu.dishes {
                assert!((100..=5_000).contains(&dish.price), "{}", context());
            }
            for group in &menu.option_groups {
                let keys: BTreeSet<_> = group.options.iter().map(|o| &o.own_ref).collect();
                assert_eq!(keys.len(), group.options.len(), "an answer stands twice");
            }
        }
    }

    #[test]
    fn another_currency_has_other_prices() {
        let total = |percent| -> i64 {
            menu(restaurant(3), &["indian".to_owned()], percent)
                .dishes
                .iter()
                .map(|d| d.price)
                .sum()
        };
        let (plain, dear) = (total(100), total(15_000));
        assert!((dear - plain * 150).abs() < plain, "{plain} becomes {dear}");
    }

    #[test]
    fn what_the_map_often_says_is_in_the_book() {
        for name in ["pizza", "regional", "burger", "coffee_shop", "italian", "chinese", "kebab"] {
            assert!(knows(name), "{name}");
        }
    }
}
