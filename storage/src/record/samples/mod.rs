//! One record of each kind, every field filled: for golden bytes here, and for the tests of the
//! crate from outside.

mod belongings;
mod fraud;
mod market;
mod notices;

pub(crate) use belongings::*;
pub(crate) use fraud::*;
pub(crate) use market::*;
pub(crate) use notices::*;

use domain::Event;
use domain::account::{
    Account, Attempts, CodePurpose, OneTimeCode, OperatorRole, PreviousRefresh, Session, StaffRole,
};
use domain::area::Polygon;
use domain::calendar::{DatedHours, Range, WeeklyHours};
use domain::city::{City, Rules};
use domain::coupon::CouponHold;
use domain::courier::{Courier, CourierTallies, Vehicle};
use domain::delivery::{Delivery, DeliveryState, DeliveryStatus, FailReason, Proven, Told};
use domain::ids::*;
use domain::image::ImageHash;
use domain::menu::{
    Allergen, Category, ContextPrice, Diet, Dish, DishOption, Menu, OptionGroup, Words,
};
use domain::moderation::{Appeal, Ban};
use domain::money::{Currency, Money};
use domain::notice::AlertPhone;
use domain::order::{
    Alert, AlertStep, Answered, Bill, Destination, Fault, Fulfilment, Holds, Instead, Order,
    OrderState, OrderStatus, Pin, PinKind, Pins, Step, StepKind, Substitution, SubstitutionAnswer,
    When, Window,
};
use domain::payment::{
    Dispute, DisputeClosed, GatewayFact, Method, Payment, PaymentStatus, Purpose, TipFor, Work,
    WorkId,
};
use domain::position::Position;
use domain::pricing::{
    BasketLine, BasketOption, IfUnavailable, Receipt, ReceiptLine, ReceiptOption, TaxLine,
};
use domain::quality::Flaw;
use domain::quote::Quote;
use domain::rating::{Rating, Reply, Stars, Tally};
use domain::restaurant::{Availability, Mode, Profile, Restaurant, RestaurantTallies};
use domain::sealed::{Digest, KeyName, Sealed};
use domain::slot::{Capacity, SlotHold};
use domain::stock::{StockHold, StockTarget};
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
        ban: Some(ban(None)),
        staff: [(RestaurantId(id(b'r')), StaffRole::Manager)].into(),
        courier: Some(CourierId(id(b'c'))),
        operator: Some(OperatorRole::Support),
        key: Some(KeyName(id(b'k'))),
        erased: None,
        verified_at: Some(Timestamp(1_500)),
        revision: 15,
    }
}

/// All that a ban can say.
pub(crate) fn ban(until: Option<Timestamp>) -> Ban {
    let by = Some(AccountId(id(b'u')));
    let appeal = Appeal { words: Sealed(b"no".to_vec()), at: Timestamp(2_001), by };
    Ban {
        reason: "fraud".to_owned(),
        at: Timestamp(2_000),
        until,
        by,
        cancel_open: true,
        appeal: Some(appeal),
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
        device: Sealed(b"phone".to_vec()),
        seen_at: Some(Timestamp(6)),
        revision: 16,
    }
}

pub(crate) fn attempts() -> Attempts {
    let code = OneTimeCode {
        purpose: CodePurpose::Reset,
        digest: digest(b'c'),
        expires_at: Timestamp(900),
        tries: 2,
    };
    Attempts {
        login: digest(b'l'),
        wrong: vec![Timestamp(5)],
        asked: vec![Timestamp(3), Timestamp(4)],
        others: vec![OneTimeCode { purpose: CodePurpose::LogIn, ..code.clone() }],
        code: Some(code),
        look_at: Timestamp(1_000),
        revision: 17,
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
        tallies: CourierTallies { care: tally(9), manner: tally(8), speed: tally(7) },
        ban: Some(ban(None)),
        measure: Some(measure()),
        revision: 40,
    }
}

fn tally(sum: u64) -> Tally {
    Tally { sum, count: 2 }
}

fn week() -> WeeklyHours {
    let mut week = WeeklyHours::default();
    week.0[0].push(Range { from: 600, to: 1320 });
    week
}

fn triangle() -> Polygon {
    let north = Position { lat_e7: 412_000_000, ..place() };
    let east = Position { lng_e7: -86_000_000, ..place() };
    Polygon(vec![place(), north, east])
}

fn picture() -> ImageHash {
    ImageHash(id(0xab))
}

pub(crate) fn restaurant() -> Restaurant {
    Restaurant {
        id: RestaurantId(id(b'r')),
        profile: Profile {
            name: "Ramen".to_owned(),
            position: place(),
            address: "Rua 1".to_owned(),
            cuisines: vec!["ramen".to_owned()],
            hours: week(),
            pickup_hours: Some(week()),
            holiday_hours: Some(vec![Range { from: 720, to: 900 }]),
            last_order_minutes: 15,
            delivery_radius_m: 4_000,
            delivery_area: Some(triangle()),
            delivery_fee: Money(199),
            minimum: Money(1_000),
            preparation_ms: 900_000,
            auto_accept: false,
            sample: true,
        },
        approved: true,
        availability: Availability {
            mode: Mode::Busy { extra_ms: 600_000 },
            until: Some(Timestamp(3)),
            delivery: true,
            pickup: false,
        },
        capacity: Some(Capacity { orders: Some(4), dishes: Some(20), money: Some(Money(30_000)) }),
        dated_hours: vec![DatedHours {
            id: ClosingId(id(b'x')),
            from: "2026-12-24".parse().unwrap(),
            to: "2026-12-26".parse().unwrap(),
            ranges: Vec::new(),
            reason: Some("Christmas".to_owned()),
        }],
        menu_version: 4,
        dish_count: 1,
        rating_sum: 5,
        rating_count: 1,
        tallies: RestaurantTallies { food: tally(5), packaging: tally(4), accuracy: tally(3) },
        unanswered: 1,
        ban: Some(ban(None)),
        measure: Some(measure()),
        alert_phone: Some(AlertPhone { number: Sealed(b"phone".to_vec()), digest: digest(b'n') }),
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
            windows: Some(week()),
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
        prices: vec![ContextPrice {
            fulfilment: Some(Fulfilment::Pickup),
            windows: Some(week()),
            price: Money(1_100),
        }],
        tax_class: Some("food".to_owned()),
        image: Some(picture()),
        allergens: [Allergen::Gluten, Allergen::Eggs].into(),
        diet: [Diet::Halal].into(),
        calories: Some(780),
        alcohol: true,
        min_age: 18,
        windows: Some(week()),
        category_windows: Some(week()),
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
        free: 1,
        options: vec![DishOption {
            id: OptionId(id(b'o')),
            title: words("Soft"),
            price: Money(100),
            max_quantity: 2,
            default: true,
            allergens: [Allergen::Eggs].into(),
            dish_id: Some(DishId(id(b'e'))),
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
                free: 0,
                dish_id: Some(DishId(id(b'e'))),
            }],
            total: Money(2_700),
            discount: Money(270),
            tax_class: "food".to_owned(),
            tax_millionths: 100_000,
            tax: Money(221),
            note: Sealed(b"hot".to_vec()),
            if_unavailable: IfUnavailable::Substitute,
            allergens: [Allergen::Eggs].into(),
            min_age: 18,
        }],
        dishes: Money(2_700),
        discount: Money(270),
        delivery_fee: Money(199),
        delivery_discount: Money(199),
        service_fee: Money(99),
        small_order_fee: Money(50),
        bag_fee: Money(10),
        tax_included: Money(235),
        tax_added: Money(1),
        tax_on_top: true,
        delivery_tax: Money(14),
        tip: Money(100),
        total: Money(2_690),
        taxes: vec![TaxLine {
            class: "food".to_owned(),
            millionths: 100_000,
            base: Money(2_430),
            tax: Money(221),
        }],
        coupon: Some(coupon_hold()),
        zone_id: Some(ZoneId(id(b'z'))),
        menu_version: 4,
        terms_version: 2,
        revision: 1,
    }
}

fn destination() -> Destination {
    Destination { position: place(), address: Sealed(b"address".to_vec()) }
}

fn coupon_hold() -> CouponHold {
    CouponHold { coupon_id: CouponId(id(b'c')), amount: Money(469) }
}

fn basket_line() -> BasketLine {
    BasketLine {
        dish_id: DishId(id(b'd')),
        quantity: 2,
        options: vec![BasketOption { option_id: OptionId(id(b'o')), quantity: 1 }],
        note: Sealed(b"hot".to_vec()),
        if_unavailable: IfUnavailable::Substitute,
    }
}

pub(crate) fn quote() -> Quote {
    Quote {
        id: QuoteId(id(b'q')),
        customer_id: AccountId(id(b'a')),
        restaurant_id: RestaurantId(id(b'r')),
        basket: vec![basket_line()],
        fulfilment: Fulfilment::Delivery,
        when: When::Slot { start: Timestamp(900_000) },
        destination: Some(destination()),
        distance_m: 1_200,
        coupon_code: Some("SOUP10".to_owned()),
        promised: window(),
        receipt: receipt(),
        made_at: Timestamp(10),
        made_index: 3,
        expires_at: Timestamp(20),
        used_by: Some(OrderId(id(b'o'))),
        request: digest(b'q'),
    }
}

fn window() -> Window {
    Window { from: Timestamp(100), to: Timestamp(110) }
}

fn pin(letter: u8) -> Option<Pin> {
    Some(Pin { digest: digest(letter), sealed: Sealed(b"pin".to_vec()) })
}

fn holds() -> Holds {
    Holds {
        stock: vec![StockHold { target: StockTarget::Dish(DishId(id(b'd'))), quantity: 2 }],
        cooked: true,
        slot: Some(SlotHold { start: Timestamp(900_000), dishes: 2, money: Money(2_700) }),
        coupon: Some(coupon_hold()),
    }
}

fn substitution() -> Substitution {
    Substitution {
        line: 0,
        instead: Instead::Replace(basket_line()),
        priced: receipt().lines.pop(),
        new_allergens: [Allergen::Milk].into(),
        holds: holds().stock,
        proposed_at: Timestamp(40),
        answer_by: Timestamp(50),
    }
}

fn bill() -> Bill {
    Bill {
        customer_pays: Money(2_690),
        restaurant_paid: true,
        callout: Money(300),
        courier_paid: true,
        fault: Some(Fault::Courier),
    }
}

pub(crate) fn order() -> Order {
    Order {
        id: OrderId(id(b'o')),
        customer_id: AccountId(id(b'a')),
        restaurant_id: RestaurantId(id(b'r')),
        fulfilment: Fulfilment::Delivery,
        when: When::Slot { start: Timestamp(900_000) },
        receipt: receipt(),
        first_receipt: Some(Box::default()),
        destination: Some(destination()),
        distance_m: 1_200,
        contactless: true,
        pins: Pins {
            pickup: pin(b'1'),
            door: pin(b'2'),
            handover: pin(b'3'),
            pickup_tries: 1,
            door_tries: 2,
            handover_tries: 3,
            wrong: Some((PinKind::Pickup, digest(b'w'))),
        },
        note: Sealed(b"note".to_vec()),
        payment_id: PaymentId(id(b'p')),
        attempts: vec![PaymentId(id(b'y')), PaymentId(id(b'p'))],
        tips: vec![PaymentId(id(b't'))],
        delivery_id: Some(DeliveryId(id(b'd'))),
        placed_at: Timestamp(30),
        placed_index: 8,
        placed_as_pending: true,
        marks: marks(),
        assessment: Some(Box::new(assessment())),
        held_until: Some(Timestamp(77)),
        request: digest(b'q'),
        status: OrderStatus::Placed { accept_by: Timestamp(60) },
        ready_at: Some(Timestamp(90)),
        first_ready_at: Some(Timestamp(88)),
        promised: window(),
        kitchen_at: Timestamp(70),
        kitchen_awaited: true,
        no_show_at: Some(Timestamp(95)),
        holds: holds(),
        substitution: Some(Box::new(substitution())),
        last_answer: Some(Answered { revision: 0, answer: SubstitutionAnswer::Accept }),
        seen_at: Some(Timestamp(32)),
        alert: Some(Alert { since: Timestamp(33), step: AlertStep::Sms, due_at: Timestamp(34) }),
        unanswered_at: Some(Timestamp(35)),
        ended_at: Some(Timestamp(99)),
        bill: Some(bill()),
        claims: vec![ClaimId(id(b'm'))],
        refunds: vec![RefundId(id(b'f'))],
        flaws: [Flaw::KitchenLate, Flaw::CourierFailed].into(),
        delays: 1,
        timeline: vec![
            Step {
                at: Timestamp(30),
                what: StepKind::Order(OrderState::Placed),
                occurred_at: None,
            },
            Step {
                at: Timestamp(31),
                what: StepKind::Delivery(DeliveryState::Waiting),
                occurred_at: Some(Timestamp(29)),
            },
        ],
        revision: 9,
    }
}

pub(crate) fn payment() -> Payment {
    Payment {
        id: PaymentId(id(b'p')),
        order_id: OrderId(id(b'o')),
        customer_id: AccountId(id(b'a')),
        purpose: Purpose::Tip { to: TipFor::Courier },
        method: Method::Card { token: "tok".to_owned() },
        amount: Money(3_098),
        to_capture: Money(3_098),
        refunded: Money(100),
        refunding: Money(50),
        status: PaymentStatus::Authorized,
        gateway_ref: Some("gw".to_owned()),
        work: Some(WorkId { index: 5, number: 1 }),
        action_url: Some("https://bank".to_owned()),
        decline: Some("no funds".to_owned()),
        waiting: vec![
            GatewayFact::Captured { amount: Money(3_098) },
            GatewayFact::DisputeOpened { dispute_id: "dp".to_owned(), amount: Money(98) },
            GatewayFact::Refunded { refund_id: RefundId(id(b'f')) },
        ],
        stuck_at: Some(Timestamp(3_600)),
        dispute: Some(Dispute {
            id: "dp".to_owned(),
            amount: Money(98),
            opened_at: Timestamp(40),
            closed: Some(DisputeClosed { won: true, at: Timestamp(50) }),
        }),
        request: Some(digest(b'q')),
        created_at: Timestamp(30),
        created_index: 8,
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
        left_at: Some(Told { at: Timestamp(64), by_phone: true }),
        fail_reason: Some(FailReason::Refused),
        proven: Proven {
            pin: true,
            photo: Some(picture()),
            signature: Some(picture()),
            age_checked: true,
            far: true,
        },
        at_door_at: Some(Timestamp(66)),
        at_store_at: Some(Timestamp(60)),
        contacts: vec![Timestamp(67)],
        heard: vec![digest(b'h')],
        no_courier_at: Some(Timestamp(99)),
        missing_at: Some(Timestamp(98)),
        no_progress_at: Some(Timestamp(97)),
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
        stars: Stars {
            restaurant: 5,
            food: Some(4),
            packaging: None,
            accuracy: Some(3),
            courier: Some(5),
            care: Some(4),
            manner: Some(3),
            speed: Some(2),
        },
        dishes: [(DishId(id(b'd')), 5)].into(),
        words: Sealed(b"closed".to_vec()),
        withdrawn: true,
        reply: Some(Reply { text: "thanks".to_owned(), at: Timestamp(210) }),
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
