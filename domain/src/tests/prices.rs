//! Prices by example: the borders that random baskets meet too seldom.

use super::oracle::{coupon, dish};
use crate::calendar::{Range, WeeklyHours};
use crate::city::{DeliveryFee, Fees, Peak, STANDARD, Taxes};
use crate::claim::ClaimLine;
use crate::coupon::CouponGives;
use crate::ids::*;
use crate::menu::{Allergen, Dish, DishOption, OptionGroup, Words};
use crate::money::Money;
use crate::order::Fulfilment;
use crate::pricing::*;
use crate::script::NUMBER;
use crate::sealed::Sealed;
use crate::{BasketProblem, Rejection};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a basket is priced with here, to be changed by a test.
struct Shop {
    dishes: Vec<Dish>,
    group: OptionGroup,
    fees: Fees,
    taxes: Taxes,
    distance_m: u32,
    gives: Option<CouponGives>,
    clock: &'static str,
}

fn group_id() -> OptionGroupId {
    OptionGroupId::derive(NUMBER, &[b"group"])
}

fn option_id(place: u8) -> OptionId {
    OptionId::derive(NUMBER, &[&[place]])
}

fn shop(prices: &[i64], options: &[i64]) -> Shop {
    let option = |(place, price): (u8, &i64)| DishOption {
        id: option_id(place),
        title: Words::from([("pt".to_owned(), format!("extra {place}"))]),
        price: Money(*price),
        max_quantity: 2,
        default: false,
        allergens: BTreeSet::new(),
        dish_id: None,
    };
    let dish = |(place, price): (usize, &i64)| Dish {
        price: Money(*price),
        option_group_ids: vec![group_id()],
        ..dish(place)
    };
    Shop {
        dishes: prices.iter().enumerate().map(dish).collect(),
        group: OptionGroup {
            id: group_id(),
            restaurant_id: RestaurantId::derive(NUMBER, &[b"r1"]),
            title: Words::new(),
            min: 0,
            max: 3,
            free: 0,
            options: (0..).zip(options).map(option).collect(),
            archived: false,
        },
        fees: Fees::default(),
        taxes: Taxes {
            included: true,
            classes: BTreeMap::from([(STANDARD.to_owned(), 100_000)]),
            fees_class: STANDARD.to_owned(),
        },
        distance_m: 0,
        gives: None,
        clock: "2026-03-02T12:00:00Z",
    }
}

/// A dish, how often, and its options, each how often.
type Line<'a> = (usize, u32, &'a [(u8, u32)]);

fn wanted(lines: &[Line<'_>]) -> Vec<BasketLine> {
    let line = |(place, quantity, options): &Line<'_>| BasketLine {
        dish_id: dish(*place).id,
        quantity: *quantity,
        options: options
            .iter()
            .map(|(place, quantity)| BasketOption {
                option_id: option_id(*place),
                quantity: *quantity,
            })
            .collect(),
        note: Sealed::default(),
        if_unavailable: IfUnavailable::default(),
    };
    lines.iter().map(line).collect()
}

impl Shop {
    fn on_sale(&self) -> OnSale {
        OnSale {
            dishes: self.dishes.iter().map(|dish| (dish.id, Arc::new(dish.clone()))).collect(),
            groups: BTreeMap::from([(group_id(), Arc::new(self.group.clone()))]),
        }
    }

    fn with_terms<T>(&self, then: impl FnOnce(&Terms<'_>) -> T) -> T {
        let coupon = self.gives.map(coupon);
        then(&Terms {
            language: "pt",
            time_zone: "Europe/Lisbon",
            menu_version: 7,
            terms_version: 3,
            at: self.clock.parse().unwrap(),
            fulfilment: Fulfilment::Delivery,
            distance_m: self.distance_m,
            restaurant_fee: Money(299),
            zone: None,
            fees: &self.fees,
            taxes: &self.taxes,
            coupon: coupon.as_ref(),
        })
    }

    fn sells(&self, lines: &[Line<'_>]) -> Result<Receipt, Rejection> {
        let receipt = self.with_terms(|terms| price(&wanted(lines), &self.on_sale(), terms));
        if let Ok(receipt) = &receipt {
            assert_eq!(receipt.checks(), Ok(()));
        }
        receipt
    }

    fn refuses(&self, lines: &[Line<'_>]) -> BasketProblem {
        match self.sells(lines) {
            Err(Rejection::BasketInvalid { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }
}

fn lunch() -> WeeklyHours {
    let mut hours = WeeklyHours::default();
    hours.0[0] = vec![Range { from: 12 * 60, to: 13 * 60 }];
    hours
}

#[test]
fn a_receipt_says_how_its_total_came_about() {
    let mut shop = shop(&[1_000, 333], &[50]);
    shop.fees.service = Money(99);
    let receipt = shop.sells(&[(0, 2, &[(0, 2)]), (1, 1, &[])]).unwrap();
    assert_eq!(receipt.lines[0].unit, Money(1_100));
    assert_eq!(receipt.lines[0].title, "prato 0");
    assert_eq!(receipt.dishes, Money(2_200 + 333));
    assert_eq!(receipt.total, Money(2_533 + 299 + 99));
    // 200, 30.27, 27.18 and 9.00, each rounded
    assert_eq!(receipt.tax_included, Money(200 + 30 + 27 + 9));
    let tipped = receipt.clone().with_tip(Money(100)).unwrap();
    assert_eq!((tipped.total, tipped.tip), (Money(2_533 + 299 + 99 + 100), Money(100)));
    assert_eq!(tipped.tax_included, receipt.tax_included, "tips are not taxed");
    assert_eq!(tipped.with_tip(Money::ZERO), Some(receipt));
}

#[test]
fn groups_are_answered_as_often_as_they_want() {
    let mut shop = shop(&[1_000], &[50, 60]);
    (shop.group.min, shop.group.max) = (1, 2);
    let total = |shop: &Shop, options| shop.sells(&[(0, 1, options)]).unwrap().dishes.0;
    assert_eq!(total(&shop, &[(0, 1)]), 1_050);
    assert_eq!(total(&shop, &[(0, 1), (1, 1)]), 1_110);
    assert_eq!(shop.refuses(&[]), BasketProblem::Empty);
    assert_eq!(shop.refuses(&[(0, 1, &[])]), BasketProblem::OptionCount);
    assert_eq!(shop.refuses(&[(0, 1, &[(0, 2), (1, 1)])]), BasketProblem::OptionCount);
    assert_eq!(shop.refuses(&[(0, 1, &[(1, 3)])]), BasketProblem::OptionQuantity);
    assert_eq!(shop.refuses(&[(0, 1, &[(0, 0)])]), BasketProblem::Quantity);
    assert_eq!(shop.refuses(&[(0, 1, &[(9, 1)])]), BasketProblem::OptionUnknown);
    assert_eq!(shop.refuses(&[(0, 1, &[(0, 1), (0, 1)])]), BasketProblem::OptionTwice);
    assert_eq!(shop.refuses(&[(0, 100, &[(0, 1)])]), BasketProblem::Quantity);
    assert_eq!(shop.refuses(&[(9, 1, &[])]), BasketProblem::DishUnknown);
    shop.group.options[1].default = true;
    assert_eq!(total(&shop, &[]), 1_060, "the default answers for who says nothing");
    assert_eq!(total(&shop, &[(0, 2)]), 1_100, "and not for who says something");
}

#[test]
fn the_cheapest_choices_are_free() {
    let mut shop = shop(&[1_000], &[80, 50, 50]);
    shop.group.free = 2;
    let receipt = shop.sells(&[(0, 3, &[(0, 1), (1, 1), (2, 1)])]).unwrap();
    let free: Vec<u32> = receipt.lines[0].options.iter().map(|option| option.free).collect();
    assert_eq!(free, [0, 1, 1]);
    assert_eq!(receipt.dishes, Money(3 * 1_080), "free on each of the three");
    let receipt = shop.sells(&[(0, 1, &[(0, 2)])]).unwrap();
    assert_eq!(receipt.dishes, Money(1_000));
}

#[test]
fn dishes_have_their_hours() {
    let mut shop = shop(&[1_000, 500], &[]);
    shop.dishes[0].category_windows = Some(lunch());
    shop.dishes[1].windows = Some(lunch());
    let both: &[Line<'_>] = &[(0, 1, &[]), (1, 1, &[])];
    shop.sells(both).unwrap();
    shop.clock = "2026-03-02T13:00:00Z";
    for place in [0, 1] {
        assert_eq!(shop.refuses(&[(place, 1, &[])]), BasketProblem::NotSoldThen);
    }
    shop.dishes[0].category_windows = None;
    shop.dishes[1].windows = None;
    shop.dishes[1].hidden = true;
    let dishes = vec![shop.dishes[1].id];
    assert_eq!(shop.sells(both), Err(Rejection::OutOfStock { dishes, options: Vec::new() }));
}

#[test]
fn each_fee_has_its_borders() {
    let mut shop = shop(&[1_000], &[]);
    shop.fees = Fees {
        delivery: DeliveryFee {
            base: Some(Money(200)),
            included_m: 1_000,
            per_100m: Money(15),
            free_from: Some(Money(3_000)),
        },
        peaks: vec![
            Peak { hours: lunch(), factor_millionths: 1_500_000 },
            Peak { hours: WeeklyHours::always(), factor_millionths: 1_100_000 },
        ],
        small_below: Money(2_000),
        small_fee: Money(150),
        service: Money(50),
        service_millionths: 50_000,
        service_at_most: Some(Money(120)),
        bag: Money(10),
    };
    let fees = |shop: &Shop, quantity| {
        let receipt = shop.sells(&[(0, quantity, &[])]).unwrap();
        [receipt.delivery_fee, receipt.small_order_fee, receipt.service_fee].map(|fee| fee.0)
    };
    shop.distance_m = 1_000;
    assert_eq!(fees(&shop, 1), [300, 150, 100], "at noon half as much again");
    shop.distance_m = 1_001;
    assert_eq!(fees(&shop, 2), [323, 0, 120], "a started step is a step; 322.5 is 323");
    assert_eq!(fees(&shop, 3), [0, 0, 120]);
    shop.clock = "2026-03-02T13:00:00Z";
    shop.distance_m = 1_100;
    assert_eq!(fees(&shop, 1), [237, 150, 100], "236.5 is 237");
    shop.gives = Some(CouponGives::Fixed { amount: Money(1) });
    assert_eq!(fees(&shop, 3), [237, 0, 120], "the coupon counts for the free way");
    shop.gives = Some(CouponGives::Fixed { amount: Money(1_500) });
    assert_eq!(fees(&shop, 2), [237, 0, 120], "and makes no basket small");
    shop.gives = None;
    shop.fees.delivery = DeliveryFee::default();
    assert_eq!(fees(&shop, 1)[0], 329, "without a base it is the restaurant's, at the peak");
}

#[test]
fn a_coupon_is_spread_and_never_more_than_the_dishes() {
    let mut shop = shop(&[100, 100, 100], &[]);
    let lines: &[Line<'_>] = &[(0, 1, &[]), (1, 1, &[]), (2, 1, &[])];
    let off = |shop: &Shop| {
        let receipt = shop.sells(lines).unwrap();
        let parts: Vec<i64> = receipt.lines.iter().map(|line| line.discount.0).collect();
        (parts, receipt.total.0, receipt.coupon.unwrap().amount.0)
    };
    shop.gives = Some(CouponGives::Fixed { amount: Money(100) });
    assert_eq!(off(&shop), (vec![34, 33, 33], 200 + 299, 100));
    shop.gives = Some(CouponGives::Fixed { amount: Money(10_000) });
    assert_eq!(off(&shop), (vec![100, 100, 100], 299, 300), "what is left is the way");
    shop.gives = Some(CouponGives::Percent { millionths: 500_000, up_to: Some(Money(20)) });
    assert_eq!(off(&shop), (vec![7, 7, 6], 280 + 299, 20));
    shop.gives = Some(CouponGives::FreeDelivery);
    assert_eq!(off(&shop), (vec![0, 0, 0], 300, 299));
}

#[test]
fn each_line_has_the_rate_of_its_class() {
    let mut shop = shop(&[1_000, 1_000, 1_000], &[]);
    shop.taxes.included = false;
    shop.taxes.classes =
        BTreeMap::from([(STANDARD.to_owned(), 230_000), ("food".to_owned(), 130_000)]);
    shop.taxes.fees_class = "food".to_owned();
    shop.dishes[0].tax_class = Some("food".to_owned());
    shop.dishes[1].tax_class = Some("removed".to_owned());
    let receipt = shop.sells(&[(0, 1, &[]), (1, 1, &[]), (2, 1, &[])]).unwrap();
    let rows: Vec<_> = receipt
        .taxes
        .iter()
        .map(|row| (row.class.as_str(), row.millionths, row.base.0, row.tax.0))
        .collect();
    assert_eq!(rows, [("food", 130_000, 1_299, 130 + 39), (STANDARD, 230_000, 2_000, 460)]);
    assert_eq!((receipt.tax_included, receipt.tax_added), (Money::ZERO, Money(629)));
    assert_eq!(receipt.total, Money(3_000 + 299 + 629));
    assert_eq!(receipt.dishes_with_tax(), Money(3_000 + 130 + 460));
    assert_eq!(receipt.delivery_with_tax(), Money(299 + 39));
    let first = ClaimLine { line: 0, quantity: 1 };
    assert_eq!(receipt.part_of(&[first]), Some(Money(1_130)), "a line goes back with its tax");
}

#[test]
fn only_what_was_bought_goes_back() {
    let shop = shop(&[100, 50], &[]);
    let receipt = shop.sells(&[(0, 3, &[]), (1, 1, &[])]).unwrap();
    let of = |line, quantity| ClaimLine { line, quantity };
    assert_eq!(receipt.part_of(&[of(0, 2)]), Some(Money(200)));
    assert_eq!(receipt.part_of(&[of(0, 2), of(0, 1), of(1, 1)]), Some(Money(350)));
    assert_eq!(receipt.part_of(&[of(0, 2), of(0, 2)]), None);
    assert_eq!(receipt.part_of(&[of(2, 1)]), None);
    assert_eq!(receipt.part_of(&[of(1, 0)]), None);
    assert_eq!(receipt.part_after(&[of(1, 1)], &[of(1, 1)]), None);
    assert_eq!(receipt.part_of(&[]), Some(Money::ZERO));
}

#[test]
fn r19_a_substitute_never_costs_more() {
    let mut shop = shop(&[1_000, 800, 1_001], &[]);
    shop.fees.delivery.free_from = Some(Money(1_500));
    shop.gives = Some(CouponGives::Percent { millionths: 100_000, up_to: None });
    shop.dishes[1].allergens = BTreeSet::from([Allergen::Nuts]);
    let receipt = shop.sells(&[(0, 2, &[]), (0, 1, &[])]).unwrap();
    assert_eq!((receipt.delivery_fee, receipt.total), (Money::ZERO, Money(2_700)));
    let alone = |place, quantity| {
        let line = &wanted(&[(place, quantity, &[])])[0];
        shop.with_terms(|terms| price_line_alone(line, &shop.on_sale(), terms))
    };
    let cheaper = receipt.replaced(1, Some(alone(1, 1).unwrap())).unwrap();
    assert_eq!(cheaper.checks(), Ok(()));
    assert_eq!((cheaper.total, cheaper.discount), (Money(2_700 - 180), Money(280)));
    assert_eq!((cheaper.revision, cheaper.delivery_fee), (1, Money::ZERO));
    let less = cheaper.replaced(0, cheaper.fewer(0, 1)).unwrap();
    assert_eq!((less.total, less.revision), (Money(900 + 720), 2));
    let one = less.replaced(0, None).unwrap();
    assert_eq!((one.total, one.delivery_fee, one.revision), (Money(720), Money::ZERO, 3));
    assert_eq!(one.replaced(0, None), None, "an order of nothing is cancelled instead");
    assert_eq!(receipt.replaced(1, Some(alone(2, 1).unwrap())), None, "that costs more");
    assert_eq!(receipt.replaced(2, None), None);
    assert_eq!((receipt.fewer(0, 2), receipt.fewer(0, 0)), (None, None));
    assert_eq!(alone(9, 1), Err(BasketProblem::DishUnknown));
}

#[test]
fn what_costs_nothing_has_a_receipt_too() {
    let mut shop = shop(&[0], &[]);
    shop.gives = Some(CouponGives::Percent { millionths: 1_000_000, up_to: None });
    shop.fees.delivery.base = Some(Money::ZERO);
    let receipt = shop.sells(&[(0, 1, &[])]).unwrap();
    assert_eq!((receipt.total, receipt.taxes), (Money::ZERO, Vec::new()));
}
