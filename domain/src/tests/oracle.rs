//! The receipt said again in exact fractions, from the words of the specification and with none of
//! the code's own functions: what `price` says must never be off by a unit.

use crate::calendar::{Range, WeeklyHours};
use crate::city::{DeliveryFee, Fees, Peak, STANDARD, Taxes, Zone};
use crate::claim::ClaimLine;
use crate::coupon::{Coupon, CouponGives, CouponTerms, Payer};
use crate::ids::*;
use crate::limits::AMOUNT;
use crate::menu::{ContextPrice, Dish, DishOption, OptionGroup, Words};
use crate::money::Money;
use crate::order::Fulfilment;
use crate::pricing::{
    BasketLine, BasketOption, OnSale, Receipt, Terms, price, price_line_alone, reprice,
};
use crate::script::NUMBER;
use crate::sealed::Sealed;
use crate::time::Timestamp;
use crate::{BasketProblem, Rejection};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A fraction that is never below nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    over: i128,
    under: i128,
}

impl Exact {
    fn of(amount: i128, numerator: i128, denominator: i128) -> Self {
        Self { over: amount * numerator, under: denominator }
    }

    fn floor(self) -> i128 {
        self.over / self.under
    }

    fn half_up(self) -> i128 {
        // floor(x + 1/2)
        Self { over: self.over * 2 + self.under, under: self.under * 2 }.floor()
    }

    /// What is above the floor is more than what is above the other's.
    fn has_more_rest(self, than: Self) -> bool {
        (self.over % self.under) * than.under > (than.over % than.under) * self.under
    }
}

/// A city, a menu and a basket, in plain numbers.
#[derive(Clone, Debug)]
struct Case {
    dishes: [PlainDish; 3],
    groups: [PlainGroup; 2],
    lines: Vec<PlainLine>,
    /// `standard`, `low`, `none`.
    rates: [i64; 3],
    included: bool,
    /// Place among the classes; 3 is one that is not there.
    fees_class: usize,
    pickup: bool,
    /// The sale is at Monday noon, or an hour later, when the lunch hours are over.
    lunch: bool,
    distance_m: u32,
    restaurant_fee: i64,
    city_fee: PlainFee,
    zone_fee: Option<PlainFee>,
    /// Lunch only or always, and the factor.
    peaks: Vec<(bool, i64)>,
    service: (i64, i64, Option<i64>),
    small: (i64, i64),
    bag: i64,
    coupon: Option<CouponGives>,
    tip: i64,
}

#[derive(Clone, Debug)]
struct PlainDish {
    price: i64,
    /// Place among the classes; 3 is one that is not there, 4 is no class at all.
    class: usize,
    /// Lunch only, delivery only, the price.
    other: Vec<(bool, bool, i64)>,
}

#[derive(Clone, Debug)]
struct PlainGroup {
    free: u32,
    /// Price, whether it is a default.
    options: [(i64, bool); 3],
}

/// A dish, how often, and how often each option of each group.
#[derive(Clone, Debug)]
struct PlainLine {
    dish: usize,
    quantity: u32,
    chosen: [[u32; 3]; 2],
}

#[derive(Clone, Copy, Debug)]
struct PlainFee {
    base: Option<i64>,
    included_m: u32,
    per_100m: i64,
    free_from: Option<i64>,
}

/// What the oracle says: lines as (total, discount, tax), then the fees.
#[derive(Debug)]
struct Expected {
    lines: Vec<(i128, i128, i128)>,
    dishes: i128,
    discount: i128,
    delivery: i128,
    delivery_discount: i128,
    service: i128,
    small: i128,
    bag: i128,
    delivery_tax: i128,
    tax: i128,
    total: i128,
    /// The largest amount on the way there: more than the bound is no receipt.
    largest: i128,
}

impl Case {
    fn rate(&self, class: usize) -> i128 {
        self.rates[if class < 3 { class } else { 0 }].into()
    }

    fn tax(&self, net: i128, class: usize) -> i128 {
        let rate = self.rate(class);
        let whole = if self.included { 1_000_000 + rate } else { 1_000_000 };
        Exact::of(net, rate, whole).half_up()
    }

    fn unit(&self, line: &PlainLine) -> i128 {
        let dish = &self.dishes[line.dish];
        let fits = dish
            .other
            .iter()
            .find(|(lunch, delivery, _)| (!lunch || self.lunch) && (!delivery || !self.pickup));
        let mut unit: i128 = fits.map_or(dish.price, |(_, _, price)| *price).into();
        for (group, chosen) in self.groups.iter().zip(line.chosen) {
            // Each unit by itself, the cheapest first.
            let mut units: Vec<i64> = Vec::new();
            for ((price, default), quantity) in group.options.iter().zip(chosen) {
                let by_default = *default && chosen == [0; 3];
                let count = if by_default { 1 } else { quantity };
                units.extend((0..count).map(|_| *price));
            }
            units.sort_unstable();
            let paid = units.iter().skip(usize::try_from(group.free).unwrap());
            unit += paid.map(|price| i128::from(*price)).sum::<i128>();
        }
        unit
    }

    fn way(&self, dishes_paid: i128) -> (i128, i128) {
        if self.pickup {
            return (0, 0);
        }
        let fee = self.zone_fee.unwrap_or(self.city_fee);
        if fee.free_from.is_some_and(|from| dishes_paid >= from.into()) {
            return (0, 0);
        }
        let mut way = i128::from(fee.base.unwrap_or(self.restaurant_fee));
        let mut reached = fee.included_m;
        while reached < self.distance_m {
            way += i128::from(fee.per_100m);
            reached += 100;
        }
        let mut factor = 1_000_000;
        for (lunch, peak) in &self.peaks {
            if !lunch || self.lunch {
                factor = factor.max(*peak).min(2_000_000);
            }
        }
        (Exact::of(way, factor.into(), 1_000_000).half_up(), way)
    }

    fn spread(discount: i128, totals: &[i128]) -> Vec<i128> {
        let whole: i128 = totals.iter().sum();
        if whole == 0 {
            return vec![0; totals.len()];
        }
        let quotas: Vec<Exact> =
            totals.iter().map(|total| Exact::of(discount, *total, whole)).collect();
        let mut given: Vec<i128> = quotas.iter().map(|quota| quota.floor()).collect();
        let mut may = vec![true; totals.len()];
        while given.iter().sum::<i128>() < discount {
            let mut best = may.iter().position(|may| *may).unwrap();
            for place in 0..quotas.len() {
                if may[place] && quotas[place].has_more_rest(quotas[best]) {
                    best = place;
                }
            }
            may[best] = false;
            given[best] += 1;
        }
        given
    }

    fn expected(&self) -> Expected {
        let units: Vec<i128> = self.lines.iter().map(|line| self.unit(line)).collect();
        let totals: Vec<i128> =
            self.lines.iter().zip(&units).map(|(l, unit)| unit * i128::from(l.quantity)).collect();
        let dishes: i128 = totals.iter().sum();
        let discount = match self.coupon {
            Some(CouponGives::Percent { millionths, up_to }) => {
                let part = Exact::of(dishes, millionths.into(), 1_000_000).half_up();
                part.min(up_to.map_or(part, |up_to| up_to.0.into()))
            }
            Some(CouponGives::Fixed { amount }) => dishes.min(amount.0.into()),
            Some(CouponGives::FreeDelivery) | None => 0,
        };
        let (delivery, way) = self.way(dishes - discount);
        let free_way = matches!(self.coupon, Some(CouponGives::FreeDelivery));
        let delivery_discount = if free_way { delivery } else { 0 };
        let (fixed, share, at_most) = self.service;
        let mut service = i128::from(fixed) + Exact::of(dishes, share.into(), 1_000_000).half_up();
        service = service.min(at_most.map_or(service, i128::from));
        let small = if dishes < i128::from(self.small.0) { self.small.1.into() } else { 0 };
        let bag = i128::from(self.bag);
        let spread = Self::spread(discount, &totals);
        let lines: Vec<(i128, i128, i128)> = (0..totals.len())
            .map(|place| {
                let (total, off) = (totals[place], spread[place]);
                let class = self.dishes[self.lines[place].dish].class;
                (total, off, self.tax(total - off, class))
            })
            .collect();
        let delivery_tax = self.tax(delivery - delivery_discount, self.fees_class);
        let other_fees = [service, small, bag].map(|fee| self.tax(fee, self.fees_class));
        let tax = lines.iter().map(|(_, _, tax)| tax).sum::<i128>()
            + delivery_tax
            + other_fees.iter().sum::<i128>();
        let added = if self.included { 0 } else { tax };
        let fees = delivery - delivery_discount + service + small + bag;
        let total = dishes - discount + fees + added;
        let tipped = total + i128::from(self.tip);
        let largest = [dishes, delivery, way, service, tipped].into_iter();
        let largest = largest.chain(units).chain(totals).max().unwrap();
        Expected {
            lines,
            dishes,
            discount,
            delivery,
            delivery_discount,
            service,
            small,
            bag,
            delivery_tax,
            tax,
            total: tipped,
            largest,
        }
    }
}

const CLASSES: [&str; 4] = [STANDARD, "low", "none", "gone"];

/// The same case in the words of the domain.
struct Told {
    basket: Vec<BasketLine>,
    on_sale: OnSale,
    fees: Fees,
    taxes: Taxes,
    zone: Option<Zone>,
    coupon: Option<Coupon>,
}

fn lunch_hours() -> WeeklyHours {
    let mut hours = WeeklyHours::default();
    hours.0[0] = vec![Range { from: 12 * 60, to: 13 * 60 }];
    hours
}

fn id_of<T>(derive: impl Fn(CityNumber, &[&[u8]]) -> T, place: usize) -> T {
    derive(NUMBER, &[&[u8::try_from(place).unwrap()]])
}

fn option_id(group: usize, option: usize) -> OptionId {
    id_of(OptionId::derive, group * 3 + option)
}

impl Case {
    fn told(&self) -> Told {
        Told {
            basket: self.lines.iter().map(Self::tell_line).collect(),
            on_sale: OnSale {
                dishes: (0..3).map(|place| self.tell_dish(place)).collect(),
                groups: (0..2).map(|place| self.tell_group(place)).collect(),
            },
            fees: Fees {
                delivery: self.city_fee.told(),
                peaks: self
                    .peaks
                    .iter()
                    .map(|(lunch, factor)| Peak {
                        hours: if *lunch { lunch_hours() } else { WeeklyHours::always() },
                        factor_millionths: *factor,
                    })
                    .collect(),
                service: Money(self.service.0),
                service_millionths: self.service.1,
                service_at_most: self.service.2.map(Money),
                small_below: Money(self.small.0),
                small_fee: Money(self.small.1),
                bag: Money(self.bag),
            },
            taxes: Taxes {
                included: self.included,
                classes: (0..3)
                    .map(|place| (CLASSES[place].to_owned(), self.rates[place]))
                    .collect(),
                fees_class: CLASSES[self.fees_class].to_owned(),
            },
            zone: self.zone_fee.map(|fee| Zone {
                id: id_of(ZoneId::derive, 0),
                name: "Baixa".to_owned(),
                area: crate::area::Polygon(Vec::new()),
                fee: fee.told(),
            }),
            coupon: self.coupon.map(coupon),
        }
    }

    fn tell_line(line: &PlainLine) -> BasketLine {
        let mut options = Vec::new();
        for (group, chosen) in line.chosen.iter().enumerate() {
            for (option, quantity) in chosen.iter().enumerate().filter(|(_, n)| **n > 0) {
                let option_id = option_id(group, option);
                options.push(BasketOption { option_id, quantity: *quantity });
            }
        }
        BasketLine {
            dish_id: id_of(DishId::derive, line.dish),
            quantity: line.quantity,
            options,
            note: Sealed::default(),
            if_unavailable: Default::default(),
        }
    }

    fn tell_dish(&self, place: usize) -> (DishId, Arc<Dish>) {
        let plain = &self.dishes[place];
        let other = |(lunch, delivery, price): &(bool, bool, i64)| ContextPrice {
            fulfilment: delivery.then_some(Fulfilment::Delivery),
            windows: lunch.then(lunch_hours),
            price: Money(*price),
        };
        let dish = Dish {
            price: Money(plain.price),
            prices: plain.other.iter().map(other).collect(),
            tax_class: CLASSES.get(plain.class).map(|class| (*class).to_owned()),
            option_group_ids: (0..2).map(|group| id_of(OptionGroupId::derive, group)).collect(),
            ..dish(place)
        };
        (dish.id, Arc::new(dish))
    }

    fn tell_group(&self, place: usize) -> (OptionGroupId, Arc<OptionGroup>) {
        let plain = &self.groups[place];
        let option = |(number, (price, default)): (usize, &(i64, bool))| DishOption {
            id: option_id(place, number),
            title: Words::new(),
            price: Money(*price),
            max_quantity: 99,
            default: *default,
            allergens: BTreeSet::new(),
            dish_id: None,
        };
        let group = OptionGroup {
            id: id_of(OptionGroupId::derive, place),
            restaurant_id: id_of(RestaurantId::derive, 0),
            title: Words::new(),
            min: 0,
            max: 1_000,
            free: plain.free,
            options: plain.options.iter().enumerate().map(option).collect(),
            archived: false,
        };
        (group.id, Arc::new(group))
    }

    fn terms<'a>(&self, told: &'a Told) -> Terms<'a> {
        let noon: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        Terms {
            language: "pt",
            time_zone: "Europe/Lisbon",
            menu_version: 7,
            terms_version: 3,
            at: noon.plus_ms(if self.lunch { 0 } else { 3_600_000 }),
            fulfilment: if self.pickup { Fulfilment::Pickup } else { Fulfilment::Delivery },
            distance_m: self.distance_m,
            restaurant_fee: Money(self.restaurant_fee),
            zone: told.zone.as_ref(),
            fees: &told.fees,
            taxes: &told.taxes,
            coupon: told.coupon.as_ref(),
        }
    }

    fn priced(&self) -> Result<Receipt, Rejection> {
        let told = self.told();
        let receipt = price(&told.basket, &told.on_sale, &self.terms(&told))?;
        let too_large =
            Rejection::BasketInvalid { line: 0, problem: BasketProblem::AmountTooLarge };
        receipt.with_tip(Money(self.tip)).ok_or(too_large)
    }
}

impl PlainFee {
    fn told(self) -> DeliveryFee {
        DeliveryFee {
            base: self.base.map(Money),
            included_m: self.included_m,
            per_100m: Money(self.per_100m),
            free_from: self.free_from.map(Money),
        }
    }
}

/// A dish that costs nothing and asks nothing.
pub(super) fn dish(place: usize) -> Dish {
    Dish {
        id: id_of(DishId::derive, place),
        restaurant_id: id_of(RestaurantId::derive, 0),
        own_ref: None,
        title: Words::from([("pt".to_owned(), format!("prato {place}"))]),
        description: Words::new(),
        price: Money::ZERO,
        prices: Vec::new(),
        tax_class: None,
        image: None,
        allergens: BTreeSet::new(),
        diet: BTreeSet::new(),
        calories: None,
        alcohol: false,
        min_age: 0,
        windows: None,
        category_windows: None,
        option_group_ids: Vec::new(),
        hidden: false,
        archived: false,
    }
}

/// A coupon without any limit.
pub(super) fn coupon(gives: CouponGives) -> Coupon {
    Coupon {
        id: CouponId::of(NUMBER, "hello"),
        terms: CouponTerms {
            code: "hello".to_owned(),
            gives,
            from: None,
            until: None,
            restaurants: BTreeSet::new(),
            minimum: Money::ZERO,
            first_order: false,
            per_person: None,
            total: None,
            budget: None,
            payer: Payer::Platform,
            disabled: false,
        },
        used: 0,
        spent: Money::ZERO,
        version: 1,
        revision: 1,
    }
}

fn amount(usual: i64) -> impl Strategy<Value = i64> {
    prop_oneof![20 => 0..=usual, 3 => Just(0), 1 => 0..=AMOUNT]
}

fn rate() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(60_000), Just(130_000), Just(230_000), 0_i64..=1_000_000]
}

fn fee() -> impl Strategy<Value = PlainFee> {
    let base = proptest::option::of(amount(500));
    let free_from = proptest::option::weighted(0.3, 0_i64..20_000);
    (base, 0_u32..4_000, amount(60), free_from).prop_map(
        |(base, included_m, per_100m, free_from)| PlainFee {
            base,
            included_m,
            per_100m,
            free_from,
        },
    )
}

fn gives() -> impl Strategy<Value = Option<CouponGives>> {
    let percent =
        (0_i64..=1_000_000, proptest::option::of(0_i64..2_000)).prop_map(|(millionths, up_to)| {
            CouponGives::Percent { millionths, up_to: up_to.map(Money) }
        });
    prop_oneof![
        Just(None),
        percent.prop_map(Some),
        amount(3_000).prop_map(|amount| Some(CouponGives::Fixed { amount: Money(amount) })),
        Just(Some(CouponGives::FreeDelivery)),
    ]
}

fn plain_dish() -> impl Strategy<Value = PlainDish> {
    let other = (any::<bool>(), any::<bool>(), amount(3_000));
    (amount(3_000), 0_usize..5, proptest::collection::vec(other, 0..3))
        .prop_map(|(price, class, other)| PlainDish { price, class, other })
}

fn plain_group() -> impl Strategy<Value = PlainGroup> {
    let option = (amount(300), proptest::bool::weighted(0.2));
    (0_u32..6, proptest::array::uniform3(option))
        .prop_map(|(free, options)| PlainGroup { free, options })
}

fn plain_line() -> impl Strategy<Value = PlainLine> {
    let count = prop_oneof![4 => Just(0_u32), 3 => 1_u32..4, 1 => 1_u32..=99];
    let quantity = prop_oneof![5 => 1_u32..5, 1 => 1_u32..=99];
    let chosen = proptest::array::uniform2(proptest::array::uniform3(count));
    (0_usize..3, quantity, chosen).prop_map(|(dish, quantity, chosen)| PlainLine {
        dish,
        quantity,
        chosen,
    })
}

fn case() -> impl Strategy<Value = Case> {
    let menu = (
        proptest::array::uniform3(plain_dish()),
        proptest::array::uniform2(plain_group()),
        proptest::collection::vec(plain_line(), 1..8),
    );
    let taxes = (proptest::array::uniform3(rate()), any::<bool>(), 0_usize..4);
    let way = (
        proptest::bool::weighted(0.2),
        any::<bool>(),
        0_u32..10_000,
        amount(500),
        fee(),
        proptest::option::of(fee()),
        proptest::collection::vec((any::<bool>(), 1_000_000_i64..2_500_000), 0..3),
    );
    let service = (amount(200), 0_i64..200_000, proptest::option::of(0_i64..1_000));
    let rest = (service, (0_i64..5_000, amount(300)), amount(20), gives(), amount(500));
    (menu, taxes, way, rest).prop_map(|(menu, taxes, way, rest)| Case {
        dishes: menu.0,
        groups: menu.1,
        lines: menu.2,
        rates: taxes.0,
        included: taxes.1,
        fees_class: taxes.2,
        pickup: way.0,
        lunch: way.1,
        distance_m: way.2,
        restaurant_fee: way.3,
        city_fee: way.4,
        zone_fee: way.5,
        peaks: way.6,
        service: rest.0,
        small: rest.1,
        bag: rest.2,
        coupon: rest.3,
        tip: rest.4,
    })
}

fn same(receipt: &Receipt, expected: &Expected, case: &Case) -> Result<(), TestCaseError> {
    let said: Vec<(i128, i128, i128)> = receipt
        .lines
        .iter()
        .map(|line| (line.total.0.into(), line.discount.0.into(), line.tax.0.into()))
        .collect();
    prop_assert_eq!(&said, &expected.lines);
    let (included, added) = if case.included { (expected.tax, 0) } else { (0, expected.tax) };
    for (what, said, expected) in [
        ("dishes", receipt.dishes, expected.dishes),
        ("discount", receipt.discount, expected.discount),
        ("delivery", receipt.delivery_fee, expected.delivery),
        ("delivery discount", receipt.delivery_discount, expected.delivery_discount),
        ("service", receipt.service_fee, expected.service),
        ("small order", receipt.small_order_fee, expected.small),
        ("bag", receipt.bag_fee, expected.bag),
        ("delivery tax", receipt.delivery_tax, expected.delivery_tax),
        ("tax included", receipt.tax_included, included),
        ("tax added", receipt.tax_added, added),
        ("total", receipt.total, expected.total),
    ] {
        prop_assert_eq!(i128::from(said.0), expected, "{}", what);
    }
    prop_assert_eq!(receipt.checks(), Ok(()));
    prop_assert!(receipt.total >= Money::ZERO);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn r25_a_receipt_is_what_the_fractions_say(case in case()) {
        let expected = case.expected();
        match case.priced() {
            Ok(receipt) => {
                prop_assert!(expected.largest <= AMOUNT.into());
                same(&receipt, &expected, &case)?;
            }
            Err(Rejection::BasketInvalid { problem: BasketProblem::AmountTooLarge, .. }) => {
                prop_assert!(expected.largest > AMOUNT.into(), "{:?}", expected);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn the_same_dishes_under_other_terms(case in case(), other in case()) {
        let Ok(receipt) = case.priced() else { return Ok(()) };
        let told = case.told();
        prop_assert_eq!(reprice(&receipt, &case.terms(&told)), Some(receipt.clone()));
        let dearer = Case {
            rates: other.rates,
            included: other.included,
            fees_class: other.fees_class,
            city_fee: other.city_fee,
            zone_fee: other.zone_fee,
            peaks: other.peaks,
            service: other.service,
            small: other.small,
            bag: other.bag,
            ..case
        };
        let told = dearer.told();
        // The same classes: one that was gone before is standard on the receipt.
        let Some(again) = reprice(&receipt, &dearer.terms(&told)) else { return Ok(()) };
        prop_assume!(receipt.delivery_fee > Money::ZERO || receipt.coupon.is_none());
        same(&again, &dearer.expected(), &dearer)?;
    }

    #[test]
    fn pieces_make_the_whole(case in case(), order in any::<u64>()) {
        let Ok(receipt) = case.priced() else { return Ok(()) };
        let mut left: Vec<u32> = receipt.lines.iter().map(|line| line.quantity).collect();
        let mut before: Vec<ClaimLine> = Vec::new();
        let (mut pick, mut back, mut alone) = (order, 0, 0);
        while left.iter().any(|left| *left > 0) {
            // Any line, and any number of it.
            pick = pick.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            let place = usize::try_from(pick >> 33).unwrap() % left.len();
            if left[place] == 0 {
                continue;
            }
            let quantity = u32::try_from(pick >> 40).unwrap() % left[place] + 1;
            left[place] -= quantity;
            let piece = ClaimLine { line: u32::try_from(place).unwrap(), quantity };
            let part = receipt.part_after(&before, &[piece]).unwrap();
            prop_assert!(part >= Money::ZERO);
            back += part.0;
            alone += receipt.part_of(&[piece]).unwrap().0;
            before.push(piece);
        }
        prop_assert_eq!(Money(back), receipt.dishes_with_tax());
        prop_assert!(Money(alone) <= receipt.dishes_with_tax());
        let all = receipt.part_of(&before);
        prop_assert_eq!(all, Some(receipt.dishes_with_tax()));
        prop_assert_eq!(receipt.part_after(&before, &before[..1]), None, "it went back already");
        let rest = receipt.total.0 - receipt.dishes_with_tax().0;
        prop_assert!(rest >= receipt.delivery_with_tax().0 + receipt.tip.0);
    }

    #[test]
    fn r19_totals_only_fall(
        case in case(),
        steps in proptest::collection::vec(any::<u32>(), 1..6),
    ) {
        let Ok(mut receipt) = case.priced() else { return Ok(()) };
        let told = case.told();
        let terms = case.terms(&told);
        for step in steps {
            let place = usize::try_from(step / 8).unwrap() % receipt.lines.len();
            let old = receipt.lines[place].clone();
            let with = match step % 4 {
                0 => None,
                1 => receipt.fewer(place, step % old.quantity),
                _ => {
                    let wanted = &told.basket[place % told.basket.len()];
                    price_line_alone(wanted, &told.on_sale, &terms).ok()
                }
            };
            let new = with.clone();
            let Some(next) = receipt.replaced(place, with) else { continue };
            prop_assert_eq!(next.checks(), Ok(()));
            prop_assert!(next.total <= receipt.total);
            prop_assert_eq!(next.revision, receipt.revision + 1);
            let fees = |r: &Receipt| {
                (r.delivery_fee, r.delivery_discount, r.service_fee, r.small_order_fee, r.bag_fee)
            };
            prop_assert_eq!((fees(&next), next.tip), (fees(&receipt), receipt.tip));
            if let Some(new) = new {
                let line = &next.lines[place];
                let (was, off) = (i128::from(old.total.0), i128::from(old.discount.0));
                let discount = if was == 0 {
                    0
                } else {
                    Exact::of(off, new.total.0.into(), was).half_up()
                };
                prop_assert_eq!(i128::from(line.discount.0), discount);
                let whole = if case.included { 1_000_000 + line.tax_millionths } else { 1_000_000 };
                let net = i128::from(line.total.0) - discount;
                let tax = Exact::of(net, line.tax_millionths.into(), whole.into()).half_up();
                prop_assert_eq!(i128::from(line.tax.0), tax);
            }
            receipt = next;
        }
    }
}
