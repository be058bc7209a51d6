//! One record of each kind, every field filled: for golden bytes here, and for the tests of the
//! crate from outside.

use domain::Event;
use domain::account::{Account, Ban, OperatorRole, PreviousRefresh, Session, StaffRole};
use domain::calendar::{Range, WeeklyHours};
use domain::city::{City, Rules};
use domain::courier::{Courier, Vehicle};
use domain::delivery::{Delivery, DeliveryState, DeliveryStatus, FailReason};
use domain::ids::*;
use domain::menu::{Category, Dish, DishOption, Menu, OptionGroup, Words};
use domain::money::{Currency, Money};
use domain::order::{Destination, Order, OrderState, OrderStatus, Step, StepKind};
use domain::payment::{Method, Payment, PaymentStatus, Work};
use domain::position::Position;
use domain::pricing::{BasketLine, BasketOption, Receipt, ReceiptLine, ReceiptOption};
use domain::quote::Quote;
use domain::rating::{Rating, Stars};
use domain::restaurant::{Profile, Restaurant};
use domain::sealed::{Digest, Sealed};
use domain::time::Timestamp;

/// Bytes that show as a letter.
fn id(letter: u8) -> [u8; 16] {
    [letter; 16]
}

pub(crate) fn digest(letter: u8) -> Digest {
    Digest([letter; 32])
}

fn words(text: &str) -> Words {
    [("en".to_owned(), text.to_owned())].into()
}

fn place() -> Position {
    Position { lat_e7: 411_496_000, lng_e7: -86_109_973 }
}

pub(crate) fn account() -> Account {
    Account {
        id: AccountId(id(b'a')),
        login: digest(b'l'),
        contact: Sealed(b"contact".to_vec()),
        name: Sealed(b"name".to_vec()),
        password: "$argon2id$".to_owned(),
        locale: Some("pt".to_owned()),
        created_at: Timestamp(1_000),
        created_index: 7,
        request: digest(b'q'),
        epoch: 2,
        ban: Some(Ban { reason: "fraud".to_owned(), at: Timestamp(2_000), until: None }),
        staff: [(RestaurantId(id(b'r')), StaffRole::Manager)].into(),
        courier: Some(CourierId(id(b'c'))),
        operator: Some(OperatorRole::Support),
        revision: 15,
    }
}

pub(crate) fn session() -> Session {
    Session {
        id: SessionId(id(b's')),
        account_id: AccountId(id(b'a')),
        refresh: digest(b'f'),
        previous: Some(PreviousRefresh { refresh: digest(b'p'), replaced_at: Timestamp(5) }),
        opened_at: Timestamp(1),
        ends_at: Timestamp(9),
        epoch: 2,
        revision: 16,
    }
}

pub(crate) fn city() -> City {
    City {
        number: CityNumber(7),
        name: "Porto".to_owned(),
        currency: Currency::try_from("EUR".to_owned()).unwrap(),
        time_zone: "Europe/Lisbon".to_owned(),
        language: "pt".to_owned(),
        centre: place(),
        rules: Rules::default(),
        founder: AccountId(id(b'a')),
    }
}

pub(crate) fn courier() -> Courier {
    Courier {
        id: CourierId(id(b'c')),
        account_id: AccountId(id(b'a')),
        vehicle: Vehicle::Bicycle,
        approved: true,
        online: true,
        carrying: [DeliveryId(id(b'd'))].into(),
        offered: Some(DeliveryId(id(b'e'))),
        rating_sum: 9,
        rating_count: 2,
        revision: 40,
    }
}

pub(crate) fn restaurant() -> Restaurant {
    let mut week = WeeklyHours::default();
    week.0[0].push(Range { from: 600, to: 1320 });
    Restaurant {
        id: RestaurantId(id(b'r')),
        profile: Profile {
            name: "Ramen".to_owned(),
            position: place(),
            address: "Rua 1".to_owned(),
            cuisines: vec!["ramen".to_owned()],
            hours: week,
            delivery_radius_m: 4_000,
            delivery_fee: Money(199),
            minimum: Money(1_000),
            preparation_ms: 900_000,
            auto_accept: false,
            sample: true,
        },
        approved: true,
        paused_until: Some(Timestamp(3)),
        menu_version: 4,
        dish_count: 1,
        rating_sum: 5,
        rating_count: 1,
        unanswered: 1,
        revision: 12,
    }
}

pub(crate) fn menu() -> Menu {
    let dish_ids = vec![DishId(id(b'd'))];
    Menu {
        restaurant_id: RestaurantId(id(b'r')),
        version: 4,
        categories: vec![Category {
            id: CategoryId(id(b'k')),
            title: words("Soups"),
            dish_ids: dish_ids.clone(),
        }],
        dish_ids,
        option_group_ids: vec![OptionGroupId(id(b'g'))],
    }
}

pub(crate) fn dish() -> Dish {
    Dish {
        id: DishId(id(b'd')),
        restaurant_id: RestaurantId(id(b'r')),
        own_ref: Some("R1".to_owned()),
        title: words("Ramen"),
        description: words("Hot"),
        price: Money(1_250),
        option_group_ids: vec![OptionGroupId(id(b'g'))],
        hidden: false,
        archived: false,
    }
}

pub(crate) fn option_group() -> OptionGroup {
    OptionGroup {
        id: OptionGroupId(id(b'g')),
        restaurant_id: RestaurantId(id(b'r')),
        title: words("Egg"),
        min: 0,
        max: 2,
        options: vec![DishOption {
            id: OptionId(id(b'o')),
            title: words("Soft"),
            price: Money(100),
        }],
        archived: false,
    }
}

fn receipt() -> Receipt {
    Receipt {
        lines: vec![ReceiptLine {
            dish_id: DishId(id(b'd')),
            title: "Ramen".to_owned(),
            quantity: 2,
            unit: Money(1_350),
            options: vec![ReceiptOption {
                option_id: OptionId(id(b'o')),
                title: "Soft".to_owned(),
                quantity: 1,
                price: Money(100),
            }],
            total: Money(2_700),
        }],
        dishes: Money(2_700),
        delivery_fee: Money(199),
        service_fee: Money(99),
        tax_included: Money(272),
        tip: Money(100),
        total: Money(3_098),
        menu_version: 4,
    }
}

fn destination() -> Destination {
    Destination { position: place(), address: Sealed(b"address".to_vec()) }
}

pub(crate) fn quote() -> Quote {
    Quote {
        id: QuoteId(id(b'q')),
        customer_id: AccountId(id(b'a')),
        restaurant_id: RestaurantId(id(b'r')),
        basket: vec![BasketLine {
            dish_id: DishId(id(b'd')),
            quantity: 2,
            options: vec![BasketOption { option_id: OptionId(id(b'o')), quantity: 1 }],
        }],
        destination: destination(),
        receipt: receipt(),
        made_at: Timestamp(10),
        made_index: 3,
        expires_at: Timestamp(20),
        used_by: Some(OrderId(id(b'o'))),
        request: digest(b'q'),
    }
}

pub(crate) fn order() -> Order {
    Order {
        id: OrderId(id(b'o')),
        customer_id: AccountId(id(b'a')),
        restaurant_id: RestaurantId(id(b'r')),
        receipt: receipt(),
        destination: destination(),
        distance_m: 1_200,
        note: Sealed(b"note".to_vec()),
        payment_id: PaymentId(id(b'p')),
        delivery_id: DeliveryId(id(b'd')),
        placed_at: Timestamp(30),
        placed_index: 8,
        placed_as_pending: true,
        request: digest(b'q'),
        status: OrderStatus::Placed { accept_by: Timestamp(60) },
        ready_at: Some(Timestamp(90)),
        delays: 1,
        timeline: vec![
            Step { at: Timestamp(30), what: StepKind::Order(OrderState::Placed) },
            Step { at: Timestamp(31), what: StepKind::Delivery(DeliveryState::Waiting) },
        ],
        revision: 9,
    }
}

pub(crate) fn payment() -> Payment {
    Payment {
        id: PaymentId(id(b'p')),
        order_id: OrderId(id(b'o')),
        customer_id: AccountId(id(b'a')),
        method: Method::Card { token: "tok".to_owned() },
        amount: Money(3_098),
        to_capture: Money(3_098),
        status: PaymentStatus::Authorized,
        gateway_ref: Some("gw".to_owned()),
        created_at: Timestamp(30),
        revision: 9,
    }
}

pub(crate) fn delivery() -> Delivery {
    Delivery {
        id: DeliveryId(id(b'd')),
        order_id: OrderId(id(b'o')),
        restaurant_id: RestaurantId(id(b'r')),
        customer_id: AccountId(id(b'a')),
        pickup: place(),
        drop: place(),
        ready_at: Timestamp(90),
        status: DeliveryStatus::Offering {
            offer_id: OfferId(id(b'f')),
            courier_id: CourierId(id(b'c')),
            expires_at: Timestamp(70),
        },
        fence: 2,
        declined_by: [CourierId(id(b'x'))].into(),
        last_step_at: Some(Timestamp(65)),
        fail_reason: Some(FailReason::Refused),
        no_courier_at: Some(Timestamp(99)),
        revision: 10,
    }
}

pub(crate) fn rating() -> Rating {
    Rating {
        id: RatingId(id(b't')),
        order_id: OrderId(id(b'o')),
        customer_id: AccountId(id(b'a')),
        restaurant_id: RestaurantId(id(b'r')),
        courier_id: Some(CourierId(id(b'c'))),
        stars: Stars { restaurant: 5, food: Some(4), packaging: None, courier: Some(5) },
        text: Some("good".to_owned()),
        rated_at: Timestamp(200),
        revision: 20,
    }
}

pub(crate) fn work() -> Work {
    Work::Authorize { payment_id: PaymentId(id(b'p')) }
}

pub(crate) fn event() -> Event {
    Event::OrderPlaced {
        order_id: OrderId(id(b'o')),
        restaurant_id: RestaurantId(id(b'r')),
        accept_by: Timestamp(60),
    }
}
