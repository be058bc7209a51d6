//! What may stand on a menu, and what a change of it leaves alone.

use crate::calendar::{Range, WeeklyHours};
use crate::image::{ImageHash, PutImage, Variant};
use crate::limits::{PICTURES_A_DAY, PICTURES_A_DAY_OF_COURIER};
use crate::menu::{Allergen, ContextPrice, Diet, PutMenu};
use crate::money::Money;
use crate::order::Fulfilment;
use crate::script::Script;
use crate::sealed::Sealed;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};
use crate::{Actor, Command, Rejection, Verdict};
use expect_test::expect;

const NOON: &str = "2026-03-02T12:00:00Z";

fn at() -> Timestamp {
    NOON.parse().unwrap()
}

/// A city with a restaurant whose menu stands, and that menu.
fn kitchen() -> (Script, Actor, PutMenu) {
    let mut script = Script::new();
    script.run("11:00 open r1\n11:00 combo r1");
    let restaurant_id = script.restaurant_id("r1");
    let menu = script.city.menus[&restaurant_id].clone();
    let dish = |id| (*script.city.dishes[&(restaurant_id, id)]).clone();
    let group = |id| (*script.city.option_groups[&(restaurant_id, id)]).clone();
    let wish = PutMenu {
        restaurant_id,
        if_version: None,
        categories: menu.categories.clone(),
        dishes: menu.dish_ids.iter().map(|id| dish(*id)).collect(),
        option_groups: menu.option_group_ids.iter().map(|id| group(*id)).collect(),
    };
    let account_id = script.account_id("op");
    let operator = Actor::Account { account_id, session_id: None, epoch: 0 };
    (script, operator, wish)
}

fn lunch() -> WeeklyHours {
    WeeklyHours(std::array::from_fn(|_| vec![Range { from: 720, to: 900 }]))
}

fn upload(script: &mut Script, by: &Actor, byte: u8, private: bool) -> ImageHash {
    let hash = ImageHash([byte; 16]);
    let bytes = Sealed(vec![1, 2, 3]);
    let variants = vec![Variant { width: 320, extension: "jpg".to_owned(), bytes }];
    let wish = PutImage { hash, private, closed_for: None, variants };
    let outcome = script.propose(at(), by.clone(), Command::PutImage(Box::new(wish)));
    assert!(matches!(outcome.verdict, Verdict::Yes { .. }), "{outcome:?}");
    hash
}

#[test]
fn mistakes_are_named_by_their_place() {
    type Change = fn(&mut PutMenu);
    let mistakes: [(&str, Change); 19] = [
        ("too many prices", |m| {
            let price = ContextPrice {
                fulfilment: Some(Fulfilment::Pickup),
                windows: None,
                price: Money(1),
            };
            m.dishes[0].prices = vec![price; 11];
        }),
        ("a price for always", |m| {
            let price = ContextPrice { fulfilment: None, windows: None, price: Money(1) };
            m.dishes[0].prices = vec![price];
        }),
        ("a price below nothing", |m| {
            let price = ContextPrice { fulfilment: None, windows: Some(lunch()), price: Money(-1) };
            m.dishes[0].prices = vec![price];
        }),
        ("hours of no day", |m| {
            let mut windows = lunch();
            windows.0[6][0].from = 1_440;
            m.dishes[1].windows = Some(windows);
        }),
        ("too many hours", |m| {
            let mut windows = lunch();
            windows.0[0] = vec![Range { from: 0, to: 10 }; 7];
            m.categories[0].windows = Some(windows);
        }),
        ("a tax of another city", |m| m.dishes[0].tax_class = Some("luxury".to_owned())),
        ("no such picture", |m| m.dishes[0].image = Some(ImageHash([9; 16]))),
        ("somebody's secret", |m| m.dishes[0].image = Some(ImageHash([2; 16]))),
        ("energy", |m| m.dishes[0].calories = Some(50_001)),
        ("age", |m| m.dishes[0].min_age = 100),
        ("nothing can be chosen", |m| m.option_groups[0].max = 0),
        ("more than the most", |m| m.option_groups[0].min = 4),
        ("more free than the most", |m| m.option_groups[0].free = 4),
        ("more than the options allow", |m| {
            m.option_groups.iter_mut().for_each(|group| (group.max, group.min) = (7, 7));
        }),
        ("too many by default", |m| {
            m.option_groups.iter_mut().for_each(|group| {
                group.max = 1;
                group.options.iter_mut().for_each(|option| option.default = true);
            });
        }),
        ("never chosen", |m| m.option_groups[0].options[0].max_quantity = 0),
        ("chosen without end", |m| m.option_groups[0].options[0].max_quantity = 100),
        ("an option that is no dish", |m| {
            let gone = m.dishes.iter().position(|dish| dish.title["en"] == "gyoza").unwrap();
            let id = m.dishes.remove(gone).id;
            m.categories[0].dish_ids.retain(|dish_id| *dish_id != id);
        }),
        ("a dish of two categories", |m| {
            let first = m.categories[0].dish_ids[0];
            m.categories[0].dish_ids.push(first);
        }),
    ];
    let (mut script, operator, right) = kitchen();
    upload(&mut script, &operator, 2, true);
    let mut told = String::new();
    for (what, mistake) in mistakes {
        let mut wish = right.clone();
        mistake(&mut wish);
        let command = Command::PutMenu(Box::new(wish));
        let outcome = script.propose(at(), operator.clone(), command);
        let Verdict::No(Rejection::FieldInvalid { field, rule }) = outcome.verdict else {
            panic!("{what}: {outcome:?}");
        };
        told += &format!("{what}: {field} {rule}\n");
    }
    expect![[r#"
        too many prices: /dishes/0/prices_by from 0 to 10 of them
        a price for always: /dishes/0/prices_by/0 a fulfilment, windows, or both
        a price below nothing: /dishes/0/prices_by/0/price an amount from 0 to 100000000
        hours of no day: /dishes/1/windows/6/0/from a number from 0 to 1439
        too many hours: /categories/0/windows/0 from 0 to 6 of them
        a tax of another city: /dishes/0/tax_class a class of the city's taxes
        no such picture: /dishes/0/image a picture that was uploaded for everybody
        somebody's secret: /dishes/0/image a picture that was uploaded for everybody
        energy: /dishes/0/calories a number from 0 to 50000
        age: /dishes/0/min_age a number from 0 to 99
        nothing can be chosen: /option_groups/0/max a number from 1 to 4950
        more than the most: /option_groups/0/min a number from 0 to 3
        more free than the most: /option_groups/0/free a number from 0 to 3
        more than the options allow: /option_groups/0/min at most as many as its options allow together
        too many by default: /option_groups/0/options no more options by default than can be chosen
        never chosen: /option_groups/0/options/0/max_quantity a number from 1 to 99
        chosen without end: /option_groups/0/options/0/max_quantity a number from 1 to 99
        an option that is no dish: /option_groups/0/options/0/dish_id a dish of this menu
        a dish of two categories: /categories/0/dish_ids/4 each dish in one category
    "#]].assert_eq(&told);
    let outcome = script.propose(at(), operator, Command::PutMenu(Box::new(right)));
    assert!(matches!(outcome.verdict, Verdict::Yes { changed: false, .. }), "{outcome:?}");
}

#[test]
fn a_dish_with_all_that_can_be_said_of_it() {
    let (mut script, operator, mut wish) = kitchen();
    let image = upload(&mut script, &operator, 1, false);
    let dish = &mut wish.dishes[0];
    dish.image = Some(image);
    dish.allergens = [Allergen::Gluten, Allergen::Soybeans].into();
    dish.diet = [Diet::Vegan].into();
    dish.tax_class = Some("standard".to_owned());
    dish.calories = Some(640);
    dish.alcohol = true;
    dish.min_age = 18;
    dish.windows = Some(lunch());
    dish.prices = vec![ContextPrice {
        fulfilment: Some(Fulfilment::Pickup),
        windows: Some(lunch()),
        price: Money(990),
    }];
    // What apply sets is not the caller's to say.
    dish.category_windows = Some(WeeklyHours::always());
    wish.option_groups[0].free = 1;
    let command = Command::PutMenu(Box::new(wish.clone()));
    let outcome = script.propose(at(), operator.clone(), command.clone());
    assert!(matches!(outcome.verdict, Verdict::Yes { changed: true, .. }), "{outcome:?}");
    assert_eq!(outcome.writes.len(), 4, "a dish, a group, the menu and the restaurant");
    let kept = &script.city.dishes[&(wish.restaurant_id, wish.dishes[0].id)];
    assert_eq!(kept.category_windows, None);
    let again = script.propose(at(), operator, command);
    assert!(matches!(again.verdict, Verdict::Yes { changed: false, .. }), "{again:?}");
}

#[test]
fn a_category_gives_its_hours_to_its_dishes() {
    let (mut script, operator, mut wish) = kitchen();
    wish.categories[0].windows = Some(lunch());
    let put = |script: &mut Script, wish: &PutMenu| {
        script.propose(at(), operator.clone(), Command::PutMenu(Box::new(wish.clone())))
    };
    let outcome = put(&mut script, &wish);
    assert_eq!(outcome.writes.len(), wish.dishes.len() + 2);
    let all_have = |script: &Script, hours: Option<WeeklyHours>| {
        script.city.dishes.values().all(|dish| dish.category_windows == hours)
    };
    assert!(all_have(&script, Some(lunch())));
    assert!(matches!(put(&mut script, &wish).verdict, Verdict::Yes { changed: false, .. }));
    // A dish that comes later gets them as well.
    script.line("12:00 edit r1: ramen 1300, pho 1100");
    assert!(all_have(&script, Some(lunch())));
    assert!(script.line("12:00 edit r1: ramen 1300, pho 1100").contains("unchanged"));
    script.line("12:00 menu r1: ramen 1300, tea 300");
    let ramen = script.dish_id("ramen");
    let left = &script.city.dishes[&(wish.restaurant_id, ramen)];
    assert_eq!(left.category_windows, None);
}

#[test]
fn no_menu_touches_the_stock() {
    let (mut script, operator, wish) = kitchen();
    script.line("12:00 stock r1 until 15:00: ramen out, large hidden, gyoza 5");
    let before = (script.city.stocks.clone(), script.city.deadlines.clone());
    script.line("12:00 menu r1: tea 300");
    script.propose(at(), operator, Command::PutMenu(Box::new(wish)));
    assert_eq!((script.city.stocks.clone(), script.city.deadlines.clone()), before);
    assert!(script.line("12:00 place o1 at r1 by alice: 1 ramen").contains("OutOfStock"));
}

#[test]
fn an_edit_of_another_version_is_refused_and_a_repeat_is_not() {
    crate::script::check(
        "
        11:00:00  open    r1
        11:01:00  edit    r1 if 1: ramen 1300
        11:01:00  edit    r1 if 1: ramen 1300
        11:01:00  edit    r1 if 1: ramen 1400
        11:01:00  edit    r1 if 2: ramen 1400
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:01:00 edit     r1   yes MenuChanged r1 version=2
            11:01:00 edit     r1   yes (unchanged)
            11:01:00 edit     r1   no  VersionChanged version=2
            11:01:00 edit     r1   yes MenuChanged r1 version=3
        "#]],
    );
}

/// Every picture goes through the log to every node: nobody fills it by themselves.
#[test]
fn pictures_of_a_day_have_an_end() {
    let mut script = Script::default();
    script.run(
        "12:00:00 open r1\n 12:00:00 courier carl\n 12:00:00 place o1 at r1 by alice cash: 1 tea",
    );
    let mut put = |name: &str, number: i64, at: Timestamp| {
        let (account_id, session_id, epoch) = (script.account_id(name), None, 0);
        let by = Actor::Account { account_id, session_id, epoch };
        let hash = ImageHash(i128::from(number).to_be_bytes());
        let bytes = Sealed(vec![1, 2, 3]);
        let variants = vec![Variant { width: 320, extension: "jpg".to_owned(), bytes }];
        let wish = PutImage { hash, private: true, closed_for: None, variants };
        script.propose(at, by, Command::PutImage(Box::new(wish))).verdict
    };
    let is_yes = |verdict: &Verdict| matches!(verdict, Verdict::Yes { changed: true, .. });
    let whole = |at: Timestamp| Timestamp(at.0.div_euclid(HOUR_MS) * HOUR_MS);
    for (day, name, most) in [(0, "alice", PICTURES_A_DAY), (2, "carl", PICTURES_A_DAY_OF_COURIER)]
    {
        let (noon, first) = (at().plus_ms(day * DAY_MS), day * 1_000_000);
        for number in 0..most {
            assert!(is_yes(&put(name, first + number, noon)), "{name} {number}");
        }
        let until = whole(noon).plus_ms(HOUR_MS);
        let too_many = Verdict::No(Rejection::TooOften { until });
        assert_eq!(put(name, first + most, noon), too_many, "{name}");
        let again = put(name, first, noon);
        assert!(
            matches!(again, Verdict::Yes { changed: false, .. }),
            "the same picture: {again:?}"
        );
        assert!(!is_yes(&put(name, first + most, whole(noon).plus_ms(DAY_MS - 1))));
        assert!(is_yes(&put(name, first + most, whole(noon).plus_ms(DAY_MS))), "{name}");
    }
}
