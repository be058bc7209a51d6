//! Relevance as text: a small city, what is typed, what is found.

use crate::*;
use domain::ids::{CityNumber, DishId, RestaurantId};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn restaurant_id(name: &str) -> RestaurantId {
    RestaurantId::derive(CityNumber(1), &[name.as_bytes()])
}

fn dish_id(restaurant: &str, dish: &str) -> DishId {
    DishId::derive(CityNumber(1), &[restaurant.as_bytes(), dish.as_bytes()])
}

/// A restaurant written as "name | cuisines | area | dish: description; dish".
fn restaurant(line: &str) -> RestaurantDoc {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    let [name, cuisines, area, dishes] = parts[..] else { panic!("four parts: {line}") };
    let dishes = dishes.split(';').map(str::trim).filter(|dish| !dish.is_empty()).map(|dish| {
        let (dish, description) = dish.split_once(':').unwrap_or((dish, ""));
        DishDoc {
            id: dish_id(name, dish),
            name: dish.to_owned(),
            description: description.trim().to_owned(),
        }
    });
    RestaurantDoc {
        id: restaurant_id(name),
        name: name.to_owned(),
        cuisines: cuisines.split(',').map(|cuisine| cuisine.trim().to_owned()).collect(),
        area: area.to_owned(),
        dishes: dishes.collect(),
    }
}

const CITY: &str = "
    Bella Napoli | pizza, italian | Rua das Flores | Pizza Margherita: tomato, mozzarella, basil; Pizza Diavola: spicy salami; Lasagne al Forno: beef and béchamel; Tiramisù
    Pizza Palace | pizza | Avenida da Boavista | Margherita; Quattro Formaggi: four cheeses; Pizza Prosciutto: ham; Chicken Wings
    Sakura | japanese, sushi | Rua de Cedofeita | Salmon Nigiri; Spicy Tuna Roll: tuna, chili; Miso Soup; Chicken Katsu Curry: breaded chicken, rice
    Ramen Ya | japanese, ramen | Rua do Almada | Tonkotsu Ramen: pork broth; Spicy Miso Ramen: chili oil; Gyoza: chicken dumplings
    Curry Garden | indian | Rua de Santa Catarina | Chicken Tikka Masala: creamy tomato curry; Palak Paneer: spinach, cheese; Garlic Naan; Lamb Vindaloo: very spicy
    O Bacalhau | portuguese, seafood | Ribeira | Pastéis de Bacalhau: cod cakes; Polvo à Lagareiro: octopus, potatoes; Caldo Verde: kale soup
    Domino's Burger | burger, american | Rua das Flores | Cheeseburger: beef, cheddar; Veggie Burger: black beans; Onion Rings
    Café Müller | cafe, ice_cream | Foz | Crème Brûlée; Apfelstrudel; Hot Chocolate: with cream
";

fn city() -> Vec<RestaurantDoc> {
    CITY.lines().filter(|line| !line.trim().is_empty()).map(restaurant).collect()
}

/// An index with the city in it, and a name for each id.
struct City {
    index: MenuIndex,
    writer: MenuWriter,
    names: BTreeMap<[u8; 16], String>,
}

impl City {
    fn new(restaurants: Vec<RestaurantDoc>) -> Self {
        let (index, mut writer) = MenuIndex::in_memory(Settings::default()).unwrap();
        let mut names = BTreeMap::new();
        for restaurant in &restaurants {
            writer.replace_restaurant(restaurant).unwrap();
            names.insert(restaurant.id.0, restaurant.name.clone());
            names.extend(restaurant.dishes.iter().map(|dish| (dish.id.0, dish.name.clone())));
        }
        writer.commit(7).unwrap();
        writer.refresh_suggestions();
        Self { index, writer, names }
    }

    fn ask(&self, text: &str) -> Answer {
        self.index.search(&Query { text, limit: 4, offset: 0, eligible: &|_| 1.0 }).unwrap()
    }

    /// One line: the rung, what was left out, restaurants, dishes.
    fn row(&self, text: &str) -> String {
        let answer = self.ask(text);
        let name = |id: [u8; 16]| self.names[&id].as_str();
        let mut row = format!("{text:<22} {}", answer.rung as u8);
        for word in &answer.left_out {
            row += &format!(" -{word}");
        }
        let restaurants: Vec<_> =
            answer.restaurants.iter().map(|hit| name(hit.restaurant.0).to_owned()).collect();
        let dishes = answer.dishes.iter().map(|hit| {
            let more = if hit.more > 0 { format!(" +{}", hit.more) } else { String::new() };
            format!("{} @ {}{more}", name(hit.dish.0), name(hit.restaurant.0))
        });
        row += &format!(" | {} | ", restaurants.join(", "));
        row += &dishes.collect::<Vec<_>>().join(", ");
        row.trim_end().to_owned() + "\n"
    }
}

fn check(texts: &[&str], expected: Expect) {
    let city = City::new(city());
    expected.assert_eq(&texts.iter().map(|text| city.row(text)).collect::<String>());
}

#[test]
fn words_and_where_they_stand() {
    check(
        &[
            "pizza",
            "margherita",
            "pizza margherita",
            "japanese",
            "spicy",
            "chicken curry",
            "tomato",
            "margherita napoli",
            "ice cream",
            "flores",
            "dominos",
            "domino's",
        ],
        expect![[r#"
            pizza                  1 | Pizza Palace, Bella Napoli | Pizza Prosciutto @ Pizza Palace +3, Pizza Margherita @ Bella Napoli +3
            margherita             1 |  | Margherita @ Pizza Palace, Pizza Margherita @ Bella Napoli
            pizza margherita       1 |  | Pizza Margherita @ Bella Napoli, Margherita @ Pizza Palace
            japanese               1 | Ramen Ya, Sakura | Tonkotsu Ramen @ Ramen Ya +2, Miso Soup @ Sakura +3
            spicy                  1 |  | Spicy Miso Ramen @ Ramen Ya, Spicy Tuna Roll @ Sakura, Lamb Vindaloo @ Curry Garden, Pizza Diavola @ Bella Napoli
            chicken curry          1 |  | Chicken Katsu Curry @ Sakura, Chicken Tikka Masala @ Curry Garden
            tomato                 1 |  | Chicken Tikka Masala @ Curry Garden, Pizza Margherita @ Bella Napoli
            margherita napoli      1 |  | Pizza Margherita @ Bella Napoli
            ice cream              1 | Café Müller | Apfelstrudel @ Café Müller +2
            flores                 1 | Domino's Burger, Bella Napoli |
            dominos                1 | Domino's Burger | Veggie Burger @ Domino's Burger +2
            domino's               1 | Domino's Burger | Veggie Burger @ Domino's Burger +2
        "#]],
    );
}

#[test]
fn half_words_accents_and_typos() {
    check(
        &[
            "p",
            "piz",
            "marg",
            "spicy m",
            "creme brulee",
            "CRÈME BRÛLÉE",
            "pasteis bacalhau",
            "tiramisu",
            "pizzza",
            "margarita",
            "magrherita",
            "chesseburger",
            "quatro formagi",
            "tikka massala",
            "vindalu",
            "raman",
            "nan",
        ],
        expect![[r#"
            p                      2 |  |
            piz                    1 | Pizza Palace, Bella Napoli | Pizza Prosciutto @ Pizza Palace +3, Pizza Margherita @ Bella Napoli +3
            marg                   1 |  | Margherita @ Pizza Palace, Pizza Margherita @ Bella Napoli
            spicy m                1 |  | Spicy Miso Ramen @ Ramen Ya
            creme brulee           1 |  | Crème Brûlée @ Café Müller
            CRÈME BRÛLÉE           1 |  | Crème Brûlée @ Café Müller
            pasteis bacalhau       1 |  | Pastéis de Bacalhau @ O Bacalhau
            tiramisu               1 |  | Tiramisù @ Bella Napoli
            pizzza                 1 | Pizza Palace, Bella Napoli | Pizza Prosciutto @ Pizza Palace +3, Pizza Margherita @ Bella Napoli +3
            margarita              1 |  | Margherita @ Pizza Palace, Pizza Margherita @ Bella Napoli
            magrherita             1 |  | Margherita @ Pizza Palace, Pizza Margherita @ Bella Napoli
            chesseburger           1 |  | Cheeseburger @ Domino's Burger
            quatro formagi         1 |  | Quattro Formaggi @ Pizza Palace
            tikka massala          1 |  | Chicken Tikka Masala @ Curry Garden
            vindalu                2 |  | Lamb Vindaloo @ Curry Garden
            raman                  1 | Ramen Ya | Tonkotsu Ramen @ Ramen Ya +2
            nan                    2 |  |
        "#]],
    );
}

#[test]
fn the_ladder_down() {
    check(
        &[
            "spicy pizza xyzzyx",
            "vegan chicken tikka",
            "sushi with pineapple",
            "margheri pizsa",
            "qqqqqqqq",
            "qqqqqqqq wwwwwww",
            "",
            "  ?! ",
            "AND OR NOT name:* \"",
        ],
        expect![[r#"
            spicy pizza xyzzyx     3 -xyzzyx |  | Pizza Diavola @ Bella Napoli
            vegan chicken tikka    3 -vegan |  | Chicken Tikka Masala @ Curry Garden
            sushi with pineapple   3 -pineapple -with | Sakura | Miso Soup @ Sakura +3
            margheri pizsa         1 |  | Pizza Margherita @ Bella Napoli, Margherita @ Pizza Palace
            qqqqqqqq               2 |  |
            qqqqqqqq wwwwwww       3 |  |
                                   1 |  |
              ?!                   1 |  |
            AND OR NOT name:* "    3 -name -not -or |  | Lasagne al Forno @ Bella Napoli
        "#]],
    );
}

#[test]
fn suggestions() {
    let mut city = City::new(city());
    let table = |city: &City, eligible: &dyn Fn(RestaurantId) -> f32| {
        let mut table = String::new();
        for typed in ["p", "pi", "chick", "spicy", "burger", "creme b", "ice", "mu", "zzz", ""] {
            let found = city.index.suggest(typed, 5, eligible);
            let found = found.iter().map(|s| format!("{} ({:?})", s.text, s.kind));
            table += &format!("{typed:<8} | {}", found.collect::<Vec<_>>().join(", "));
            table = table.trim_end().to_owned() + "\n";
        }
        table
    };
    expect![[r#"
        p        | pizza (Cuisine), Palak Paneer (Dish), Pastéis de Bacalhau (Dish), Pizza Diavola (Dish), Pizza Margherita (Dish)
        pi       | pizza (Cuisine), Pizza Diavola (Dish), Pizza Margherita (Dish), Pizza Palace (Restaurant), Pizza Prosciutto (Dish)
        chick    | Chicken Katsu Curry (Dish), Chicken Tikka Masala (Dish), Chicken Wings (Dish)
        spicy    | Spicy Miso Ramen (Dish), Spicy Tuna Roll (Dish)
        burger   | burger (Cuisine), Domino's Burger (Restaurant), Veggie Burger (Dish)
        creme b  | Crème Brûlée (Dish)
        ice      | ice cream (Cuisine)
        mu       | Café Müller (Restaurant)
        zzz      |
                 |
    "#]].assert_eq(&table(&city, &|_| 1.0));
    // Only one kitchen is open: what it has comes first.
    let palace = restaurant_id("Pizza Palace");
    let open = |id| if id == palace { 1.0 } else { 0.0 };
    expect![[r#"
        p        | pizza (Cuisine), Pizza Palace (Restaurant), Pizza Prosciutto (Dish), Palak Paneer (Dish), Pastéis de Bacalhau (Dish)
        pi       | pizza (Cuisine), Pizza Palace (Restaurant), Pizza Prosciutto (Dish), Pizza Diavola (Dish), Pizza Margherita (Dish)
        chick    | Chicken Wings (Dish), Chicken Katsu Curry (Dish), Chicken Tikka Masala (Dish)
        spicy    | Spicy Miso Ramen (Dish), Spicy Tuna Roll (Dish)
        burger   | burger (Cuisine), Domino's Burger (Restaurant), Veggie Burger (Dish)
        creme b  | Crème Brûlée (Dish)
        ice      | ice cream (Cuisine)
        mu       | Café Müller (Restaurant)
        zzz      |
                 |
    "#]].assert_eq(&table(&city, &open));
    city.writer.remove_restaurant(palace);
    city.writer.refresh_suggestions();
    let left = city.index.suggest("p", 20, &|_| 1.0);
    assert!(left.iter().all(|s| s.text != "Pizza Prosciutto" && s.text != "Pizza Palace"));
    assert_eq!(left.iter().find(|s| s.text == "pizza").map(|s| s.restaurants), Some(1));
}

#[test]
fn the_caller_decides_who_is_shown() {
    let city = City::new(city());
    let [napoli, palace] = ["Bella Napoli", "Pizza Palace"].map(restaurant_id);
    let ask = |eligible: &dyn Fn(RestaurantId) -> f32| {
        let answer = city
            .index
            .search(&Query { text: "margherita", limit: 9, offset: 0, eligible })
            .unwrap();
        answer.dishes.iter().map(|hit| (hit.restaurant, hit.score)).collect::<Vec<_>>()
    };
    let all = ask(&|_| 1.0);
    assert_eq!(all.len(), 2);
    let (best, second) = (all[0], all[1]);
    assert_eq!(ask(&|id| if id == best.0 { 0.0 } else { 1.0 }), [second]);
    // A soft factor multiplies.
    let turned = ask(&|id| if id == best.0 { 0.01 } else { 2.0 });
    assert_eq!(turned, [(second.0, second.1 * 2.0), (best.0, best.1 * 0.01)]);
    for odd in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(ask(&|id| if id == napoli || id == palace { odd } else { 1.0 }), []);
    }
    let asked = std::cell::RefCell::new(Vec::new());
    ask(&|id| {
        asked.borrow_mut().push(id);
        1.0
    });
    let mut once = asked.borrow().clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), asked.borrow().len(), "asked once for each restaurant");
}

#[test]
fn nothing_is_seen_before_a_commit_and_everything_after() {
    let mut city = City::new(city());
    let found = |city: &City, text| city.row(text).split('|').nth(2).unwrap().trim().to_owned();
    let changed = restaurant("Sakura | japanese | Foz | Tuna Tataki; Miso Soup");
    city.names.insert(changed.dishes[0].id.0, changed.dishes[0].name.clone());
    city.writer.replace_restaurant(&changed).unwrap();
    city.writer.remove_restaurant(restaurant_id("Ramen Ya"));
    city.writer.remove_restaurant(restaurant_id("never was here"));
    assert_eq!(found(&city, "nigiri"), "Salmon Nigiri @ Sakura");
    assert_eq!((found(&city, "tataki").as_str(), city.index.covers()), ("", 7));

    let other_handle = city.index.clone();
    city.writer.commit(9).unwrap();
    assert_eq!(found(&city, "tataki"), "Tuna Tataki @ Sakura");
    assert_eq!(found(&city, "tonkotsu"), "");
    assert_eq!(found(&city, "nigiri"), "");
    assert_eq!((other_handle.covers(), city.ask("tataki").covers), (9, 9));

    // Nothing new, but the log has moved on.
    city.writer.commit(12).unwrap();
    assert_eq!(
        (found(&city, "tataki").as_str(), city.index.covers()),
        ("Tuna Tataki @ Sakura", 12)
    );
}

#[test]
fn a_rebuild_replaces_everything_at_once() {
    let mut city = City::new(city());
    city.writer.replace_restaurant(&restaurant("Ghost | x | x | Phantom Pie")).unwrap();
    let only = restaurant("Ramen Ya | japanese | Rua do Almada | Shoyu Ramen");
    city.names.insert(only.dishes[0].id.0, only.dishes[0].name.clone());
    city.writer.rebuild([only], 20).unwrap();
    assert_eq!(city.index.covers(), 20);
    assert_eq!(city.row("ramen"), "ramen                  1 | Ramen Ya | Shoyu Ramen @ Ramen Ya\n");
    for gone in ["pizza", "phantom"] {
        assert_eq!((city.ask(gone).dishes_found, city.ask(gone).restaurants_found), (0, 0));
    }
    assert_eq!(city.index.suggest("pizza", 5, &|_| 1.0), []);
    // The writer goes on in the new index.
    city.writer.replace_restaurant(&restaurant("Late | late | x | Phantom Pie")).unwrap();
    city.writer.commit(21).unwrap();
    assert_eq!(city.ask("phantom").dishes_found, 1);
}

#[test]
fn pages_do_not_overlap_and_end() {
    let many = (0..250).map(|n| {
        restaurant(&format!("Place {n} | grill | x | Chicken number {n}; Chicken and chips"))
    });
    let city = City::new(many.collect());
    let page = |offset| {
        let query = Query { text: "chicken", limit: 60, offset, eligible: &|_| 1.0 };
        city.index.search(&query).unwrap()
    };
    let mut seen = Vec::new();
    for offset in (0..300).step_by(60) {
        let page = page(offset);
        assert_eq!((page.dishes_found, page.truncated), (250, false));
        assert!(page.dishes.iter().all(|hit| hit.more == 1));
        seen.extend(page.dishes.iter().map(|hit| hit.restaurant));
    }
    assert_eq!(seen.len(), 250);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 250);
    let query = Query { text: "chicken", limit: 5_000, offset: 0, eligible: &|_| 1.0 };
    assert_eq!(city.index.search(&query).unwrap().dishes.len(), MAX_PAGE);
    for offset in [MAX_DEPTH, usize::MAX] {
        let query = Query { offset, ..query };
        assert!(matches!(city.index.search(&query), Err(SearchError::TooDeep { .. })));
    }
}

#[test]
fn a_rare_misspelling_does_not_beat_the_word() {
    let mut restaurants: Vec<_> = (0..40)
        .map(|n| restaurant(&format!("Place {n} | italian | x | Lasagna of the house")))
        .collect();
    restaurants.push(restaurant("Odd | italian | x | Lasanga of the house"));
    let city = City::new(restaurants);
    let query = Query { text: "lasagna", limit: 100, offset: 0, eligible: &|_| 1.0 };
    // Common enough that no typos are looked for.
    assert_eq!(city.index.search(&query).unwrap().dishes_found, 40);
    // Typed wrong, both are found, and whoever writes it the same way comes first.
    let answer = city.index.search(&Query { text: "lasanga", ..query }).unwrap();
    assert_eq!(answer.dishes_found, 41);
    assert_eq!(answer.dishes[0].restaurant, restaurant_id("Odd"));
}

#[test]
fn answers_do_not_wait_for_the_writer() {
    let City { index, mut writer, .. } = City::new(city());
    std::thread::scope(|scope| {
        let asking = scope.spawn({
            let index = index.clone();
            move || {
                let mut covered = 0;
                while covered < 30 {
                    let query = Query { text: "pizza", limit: 9, offset: 0, eligible: &|_| 1.0 };
                    let answer = index.search(&query).unwrap();
                    // The number of the commit is the number of places it added.
                    if answer.covers > 7 {
                        assert_eq!(answer.restaurants_found as u64, answer.covers - 7 + 2);
                    }
                    assert!(answer.covers >= covered, "never back in time");
                    covered = answer.covers;
                }
            }
        });
        for n in 8..=30 {
            let new = restaurant(&format!("Pizza {n} | pizza | x | Pizza {n}"));
            writer.replace_restaurant(&new).unwrap();
            writer.commit(n).unwrap();
        }
        asking.join().unwrap();
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]
    #[test]
    fn whole_words_are_found_as_by_reading(
        // Every dish has some of ten words; the question some too.
        menus in prop::collection::vec(prop::collection::vec(1u16..1024, 1..6), 1..12),
        asked in prop::collection::vec(0usize..10, 1..4),
    ) {
        const WORDS: [&str; 10] =
            ["ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st"];
        let name = |bits: u16| {
            let words = (0..10).filter(|bit| bits & (1 << bit) != 0).map(|bit| WORDS[bit]);
            words.collect::<Vec<_>>().join(" ")
        };
        let restaurants: Vec<_> = menus.iter().enumerate().map(|(n, menu)| {
            let dishes = menu.iter().map(|bits| name(*bits)).collect::<Vec<_>>().join(";");
            restaurant(&format!("{n} | x | x | {dishes}"))
        }).collect();
        let city = City::new(restaurants);
        let text = asked.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
        let wanted = asked.iter().fold(0, |bits, word| bits | 1 << word);
        let mut expected: Vec<_> = menus.iter().enumerate().filter_map(|(n, menu)| {
            let matches = menu.iter().filter(|bits| *bits & wanted == wanted).count();
            let id = restaurant_id(&n.to_string());
            matches.checked_sub(1).map(|more| (id, more as u32))
        }).collect();
        expected.sort();
        let query = Query { text: &text, limit: 100, offset: 0, eligible: &|_| 1.0 };
        let answer = city.index.search(&query).unwrap();
        if !expected.is_empty() {
            let mut found: Vec<_> =
                answer.dishes.iter().map(|hit| (hit.restaurant, hit.more)).collect();
            found.sort();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(answer.rung, Rung::AllWords);
        } else {
            prop_assert!(answer.rung > Rung::AllWords);
        }
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,200}") {
        thread_local! {
            static CITY_INDEX: City = City::new(city());
        }
        CITY_INDEX.with(|city| {
            let answer = city.ask(&text);
            prop_assert!(answer.dishes.len() <= 4);
            let suggested = city.index.suggest(&text, 5, &|_| 1.0);
            prop_assert!(suggested.len() <= 5);
            Ok(())
        })?;
    }
}
