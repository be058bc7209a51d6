//! What one order costs the applying thread, the domain's decision included: the whole of what
//! every replica does for it, on a city of 5,000 restaurants and 200,000 dishes on disk.
//!
//! A typical order: three dishes, two options, a coupon, and every portion of it counted. The
//! figures are time on the CPU of that thread for one order, with the node's allocator; `thrpt` is
//! orders for each second.

#![allow(clippy::unwrap_used)] // a bench, not the product

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::account::Account;
use domain::calendar::{Range, WeeklyHours};
use domain::coupon::{Coupon, CouponGives, CouponTerms, Payer};
use domain::ids::*;
use domain::menu::{Dish, DishOption, OptionGroup};
use domain::money::Money;
use domain::order::{Destination, Fulfilment, Goods, Pin, Pins, PlaceOrder, Wanted, When};
use domain::payment::Method;
use domain::pricing::{BasketLine, BasketOption, IfUnavailable};
use domain::restaurant::{Availability, Restaurant};
use domain::sealed::{Digest, Sealed};
use domain::slot::Capacity;
use domain::stock::{Stock, StockTarget, Supply};
use domain::time::Timestamp;
use domain::{Actor, Command, Outcome, Proposal, Stamp, Verdict, Write};
use std::time::Duration;
use storage::{Settings, Writer};

#[allow(dead_code, unused_imports)]
#[path = "../src/record/samples/mod.rs"]
mod samples;

/// As in the node.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Entries that raft hands over at once under load.
const CHUNK: usize = 64;
const RESTAURANTS: u64 = 5_000;
const DISHES: u64 = 40;
const GROUPS: u64 = 2;
const OPTIONS: u64 = 4;
const CUSTOMERS: u64 = 20_000;
const PORTIONS: u32 = 1_000_000;
const NOON: i64 = 1_767_225_600_000;
const WARMED_BY: usize = 20_000;
const CITY: CityNumber = CityNumber(7);
const CODE: &str = "SOUP10";

/// So long this thread has been on a CPU. Cheap enough to be asked for each order.
fn on_cpu() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

/// What is measured. All of it is done each time.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The decision: `domain::apply`, with all that it reads.
    Apply,
    /// That, and its writes, events and audit entry in the batch.
    Record,
    /// That, and this order's share of the commit of its chunk.
    Commit,
}

/// Who orders where.
#[derive(Clone, Copy, Debug)]
enum Crowd {
    /// Every restaurant alike: the least that the caches can do.
    Everywhere,
    /// Half of all orders go to a tenth of the restaurants, as in a real evening.
    Favourites,
}

struct City {
    writer: Writer,
    index: u64,
    /// Of the generator that picks.
    seed: u64,
    // Last: it goes when the databases are closed.
    _dir: tempfile::TempDir,
}

fn bytes(kind: u8, number: u64) -> [u8; 16] {
    let mut id = [0, 7, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // Spread, as hashes are.
    id[3..11].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id
}

fn restaurant_id(number: u64) -> RestaurantId {
    RestaurantId(bytes(1, number))
}

fn dish_id(restaurant: u64, number: u64) -> DishId {
    DishId(bytes(2, restaurant * DISHES + number))
}

fn group_id(restaurant: u64, number: u64) -> OptionGroupId {
    OptionGroupId(bytes(3, restaurant * GROUPS + number))
}

fn option_id(restaurant: u64, group: u64, number: u64) -> OptionId {
    OptionId(bytes(4, (restaurant * GROUPS + group) * OPTIONS + number))
}

fn account_id(number: u64) -> AccountId {
    AccountId(bytes(5, number))
}

/// A kitchen that never sleeps. Every second one has slots.
fn restaurant(number: u64) -> Restaurant {
    let mut restaurant = samples::restaurant();
    restaurant.id = restaurant_id(number);
    let always = WeeklyHours(std::array::from_fn(|_| vec![Range { from: 0, to: 1440 }]));
    restaurant.profile.hours = always;
    restaurant.profile.pickup_hours = None;
    restaurant.profile.holiday_hours = None;
    restaurant.profile.delivery_area = None;
    restaurant.availability = Availability::default();
    restaurant.dated_hours = Vec::new();
    let orders = Some(PORTIONS);
    restaurant.capacity =
        (number % 2 == 1).then_some(Capacity { orders, dishes: None, money: None });
    restaurant
}

fn dish(restaurant: u64, number: u64) -> Dish {
    Dish {
        id: dish_id(restaurant, number),
        restaurant_id: restaurant_id(restaurant),
        option_group_ids: (0..GROUPS).map(|group| group_id(restaurant, group)).collect(),
        prices: Vec::new(),
        tax_class: None,
        min_age: 0,
        windows: None,
        category_windows: None,
        ..samples::dish()
    }
}

fn group(restaurant: u64, number: u64) -> OptionGroup {
    let option = |place| DishOption {
        id: option_id(restaurant, number, place),
        default: false,
        dish_id: None,
        ..samples::option_group().options.remove(0)
    };
    OptionGroup {
        id: group_id(restaurant, number),
        restaurant_id: restaurant_id(restaurant),
        min: 0,
        max: 2,
        free: 0,
        options: (0..OPTIONS).map(option).collect(),
        ..samples::option_group()
    }
}

fn stock(restaurant: u64, target: StockTarget) -> Stock {
    Stock {
        restaurant_id: restaurant_id(restaurant),
        target,
        supply: Supply::Quantity,
        added: PORTIONS.into(),
        free: PORTIONS,
        reserved: 0,
        sold: 0,
        returns_at: None,
        ..samples::stock()
    }
}

fn account(number: u64) -> Account {
    let mut login = [5; 32];
    login[..16].copy_from_slice(&bytes(6, number));
    Account {
        id: account_id(number),
        login: Digest(login),
        ban: None,
        staff: Default::default(),
        courier: None,
        operator: None,
        ..samples::account()
    }
}

fn coupon() -> Coupon {
    let terms = CouponTerms {
        code: CODE.to_owned(),
        gives: CouponGives::Percent { millionths: 100_000, up_to: None },
        from: None,
        until: None,
        restaurants: Default::default(),
        minimum: Money::ZERO,
        first_order: false,
        per_person: Some(PORTIONS),
        total: None,
        budget: None,
        payer: Payer::Platform,
        disabled: false,
    };
    Coupon { id: CouponId::of(CITY, CODE), terms, used: 0, spent: Money(0), ..samples::coupon() }
}

impl City {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _reader) = storage::open(dir.path(), &Settings::default()).unwrap();
        let mut city = Self { writer, index: 0, seed: 1, _dir: dir };
        city.put(vec![Write::City(samples::city().into()), Write::Coupon(coupon().into())]);
        for first in (0..CUSTOMERS).step_by(2_000) {
            let accounts = (first..first + 2_000).map(|n| Write::Account(account(n).into()));
            city.put(accounts.collect());
        }
        for number in 0..RESTAURANTS {
            city.open(number);
        }
        city.writer.flush().unwrap();
        // An evening that is under way: the caches know what people like.
        for _ in 0..WARMED_BY / CHUNK {
            let orders: Vec<_> = (0..CHUNK).map(|_| city.encoded(Crowd::Favourites)).collect();
            city.place(&orders, Part::Commit);
        }
        city
    }

    fn open(&mut self, number: u64) {
        let mut writes = vec![Write::Restaurant(restaurant(number).into())];
        for place in 0..DISHES {
            let dish = dish(number, place);
            writes.push(Write::Stock(stock(number, StockTarget::Dish(dish.id)).into()));
            writes.push(Write::Dish(dish.into()));
        }
        for place in 0..GROUPS {
            let group = group(number, place);
            let stocks = group.options.iter().map(|option| StockTarget::Option(option.id));
            writes.extend(stocks.map(|target| Write::Stock(stock(number, target).into())));
            writes.push(Write::OptionGroup(group.into()));
        }
        self.put(writes);
    }

    fn stamp(&mut self) -> Stamp {
        self.index += 1;
        Stamp { index: self.index, at: Timestamp(NOON + self.index as i64) }
    }

    fn put(&mut self, writes: Vec<Write>) {
        let stamp = self.stamp();
        let verdict = Verdict::Yes { changed: true, index: stamp.index };
        let outcome = Outcome { verdict, writes, events: Vec::new() };
        let proposal = self.order(Crowd::Everywhere);
        let mut batch = self.writer.begin();
        batch.record(&stamp, b"built", &proposal, outcome).unwrap();
        batch.commit().unwrap();
    }

    fn pick(&mut self, below: u64) -> u64 {
        // SplitMix64: any spread will do, and the same in each run.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    fn place_of(&mut self, crowd: Crowd) -> u64 {
        match crowd {
            Crowd::Favourites if self.pick(2) == 0 => self.pick(RESTAURANTS / 10),
            Crowd::Favourites | Crowd::Everywhere => self.pick(RESTAURANTS),
        }
    }

    fn order(&mut self, crowd: Crowd) -> Proposal {
        let (restaurant, customer) = (self.place_of(crowd), self.pick(CUSTOMERS));
        let first = self.pick(DISHES - 3);
        let line = |place: u64| BasketLine {
            dish_id: dish_id(restaurant, first + place),
            quantity: 1,
            options: (0..u64::from(place < 2))
                .map(|_| BasketOption {
                    option_id: option_id(restaurant, place % GROUPS, place),
                    quantity: 1,
                })
                .collect(),
            note: Sealed::default(),
            if_unavailable: IfUnavailable::Remove,
        };
        let sealed = |length: usize| Sealed(vec![b's'; length]);
        let pin = || Some(Pin { digest: Digest([9; 32]), sealed: sealed(35) });
        let position = samples::restaurant().profile.position;
        let wanted = Wanted {
            restaurant_id: restaurant_id(restaurant),
            basket: (0..3).map(line).collect(),
            fulfilment: Fulfilment::Delivery,
            when: When::Asap,
            destination: Some(Destination { position, address: sealed(90) }),
            distance_m: 1_200,
            coupon_code: Some(CODE.to_owned()),
        };
        let command = Command::PlaceOrder(Box::new(PlaceOrder {
            order_id: OrderId(bytes(7, self.pick(u64::MAX))),
            goods: Goods::Basket(wanted),
            method: Method::Card { token: "tok_visa_0190f0a4".to_owned() },
            tip: Money(100),
            note: sealed(29),
            contactless: false,
            pin_at_door: false,
            pins: Pins { pickup: pin(), door: pin(), handover: pin(), ..Pins::default() },
            marks: domain::fraud::Marks::default(),
            expected_total: None,
            request: Digest([8; 32]),
        }));
        let account_id = account_id(customer);
        let actor =
            Actor::Account { account_id, session_id: None, epoch: samples::account().epoch };
        Proposal { actor, request_id: "0190f0a4-7cb2-7d8e-9f00-0123456789ab".to_owned(), command }
    }

    /// An order, and its bytes in the log.
    fn encoded(&mut self, crowd: Crowd) -> (Vec<u8>, Proposal) {
        let order = self.order(crowd);
        (storage::codec::encode(&order), order)
    }

    /// As raft applies them: one batch, each entry upon the ones before. How long the part took.
    fn place(&mut self, orders: &[(Vec<u8>, Proposal)], part: Part) -> Duration {
        let begun = on_cpu();
        let mut batch = self.writer.begin();
        let (mut decided, mut recorded) = (Duration::ZERO, Duration::ZERO);
        for (bytes, proposal) in orders {
            let stamp = self.stamp();
            // The domain takes a proposal apart, and the audit wants to see it: as in the node.
            let start = on_cpu();
            let outcome = domain::apply(&batch, &stamp, proposal.clone()).unwrap();
            decided += on_cpu() - start;
            assert!(matches!(outcome.verdict, Verdict::Yes { .. }), "{:?}", outcome.verdict);
            batch.record(&stamp, bytes, proposal, outcome).unwrap();
            recorded += on_cpu() - start;
        }
        batch.set_position(self.index.to_be_bytes().to_vec());
        batch.commit().unwrap();
        match part {
            Part::Apply => decided,
            Part::Record => recorded,
            Part::Commit => on_cpu() - begun,
        }
    }
}

fn place(c: &mut Criterion) {
    let mut city = City::new();
    for (name, part) in [
        ("place: apply", Part::Apply),
        ("place: apply and record", Part::Record),
        ("place: with commit", Part::Commit),
    ] {
        let mut group = c.benchmark_group(name);
        for (name, crowd, at_once) in [
            ("favourites, 64 at once", Crowd::Favourites, CHUNK),
            ("everywhere, 64 at once", Crowd::Everywhere, CHUNK),
            ("favourites, alone", Crowd::Favourites, 1),
        ] {
            group.throughput(Throughput::Elements(1));
            group.bench_function(name, |bench| {
                bench.iter_custom(|times| {
                    let chunks = (times as usize).div_ceil(at_once);
                    let orders: Vec<_> =
                        (0..chunks * at_once).map(|_| city.encoded(crowd)).collect();
                    let spent: Duration =
                        orders.chunks(at_once).map(|chunk| city.place(chunk, part)).sum();
                    spent.mul_f64(times as f64 / orders.len() as f64)
                });
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = place
}
criterion_main!(benches);
