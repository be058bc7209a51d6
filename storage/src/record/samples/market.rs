//! One of each kind of record that came with the marketplace.

use super::{bill, digest, holds, id, picture, tally, triangle, week};
use domain::Cursor;
use domain::account::{OperatorRole, Tab};
use domain::city::{CityTerms, DeliveryFee, Fees, Peak, Planned, Rules, Taxes, Zone};
use domain::claim::{Claim, ClaimKind, ClaimLine, ClaimStatus};
use domain::coupon::{Coupon, CouponGives, CouponTerms, CouponUse, Payer};
use domain::ids::*;
use domain::image::{Image, Variant};
use domain::key::{ApiKey, ApiKeys, KeyOwner, Scope};
use domain::ledger::{
    Balance, Holder, LedgerEntry, LedgerWhat, Payee, Payout, Posting, PostingKind,
};
use domain::money::Money;
use domain::order::Fault;
use domain::payment::{
    Difference, DifferenceKind, GatewayEvent, GatewayFact, WorkId, difference_key,
    gateway_event_key,
};
use domain::rating::DishScore;
use domain::refund::{Refund, RefundStatus};
use domain::role::{Grant, Roster};
use domain::sealed::Sealed;
use domain::slot::Slot;
use domain::stock::{Stock, StockTarget, Supply};
use domain::time::Timestamp;
use domain::webhook::{
    Attempt, Failing, OffReason, PreviousSecret, Webhook, WebhookAnswer, WebhookCounts,
    WebhookOwner, WebhookState, WebhooksOf,
};

fn fees() -> Fees {
    let delivery = DeliveryFee {
        base: Some(Money(199)),
        included_m: 2_000,
        per_100m: Money(10),
        free_from: Some(Money(3_000)),
    };
    Fees {
        delivery,
        peaks: vec![Peak { hours: week(), factor_millionths: 1_500_000 }],
        service: Money(99),
        service_millionths: 20_000,
        service_at_most: Some(Money(300)),
        small_below: Money(1_000),
        small_fee: Money(50),
        bag: Money(10),
    }
}

pub(crate) fn terms() -> CityTerms {
    let zone = Zone {
        id: ZoneId(id(b'z')),
        name: "Baixa".to_owned(),
        area: triangle(),
        fee: fees().delivery,
    };
    let taxes = Taxes {
        included: true,
        classes: [("standard".to_owned(), 230_000), ("food".to_owned(), 130_000)].into(),
        fees_class: "standard".to_owned(),
    };
    CityTerms {
        version: 2,
        zones: Planned { now: Vec::new(), next: Some((Timestamp(500), vec![zone])) },
        fees: Planned::just(fees()),
        taxes: Planned::just(taxes),
        holidays: Planned::just(["2026-12-25".parse().unwrap()].into()),
        rules: Planned::just(Rules::default()),
        revision: 30,
    }
}

pub(crate) fn stock() -> Stock {
    Stock {
        restaurant_id: RestaurantId(id(b'r')),
        target: StockTarget::Option(OptionId(id(b'o'))),
        supply: Supply::Quantity,
        added: 10,
        free: 5,
        reserved: 2,
        sold: 3,
        returns_at: Some(Timestamp(800)),
        set_by: Some(digest(b's')),
        revision: 31,
    }
}

pub(crate) fn slot() -> Slot {
    Slot {
        restaurant_id: RestaurantId(id(b'r')),
        start: Timestamp(900_000),
        orders: 2,
        dishes: 5,
        money: Money(6_000),
        revision: 32,
    }
}

pub(crate) fn coupon() -> Coupon {
    let terms = CouponTerms {
        code: "SOUP10".to_owned(),
        gives: CouponGives::Percent { millionths: 100_000, up_to: Some(Money(500)) },
        from: Some(Timestamp(1)),
        until: Some(Timestamp(1_000)),
        restaurants: [RestaurantId(id(b'r'))].into(),
        minimum: Money(1_000),
        first_order: true,
        per_person: Some(1),
        total: Some(100),
        budget: Some(Money(50_000)),
        payer: Payer::Restaurant,
        disabled: false,
    };
    let spent = holds().coupon.unwrap().amount;
    Coupon { id: CouponId(id(b'c')), terms, used: 1, spent, version: 3, revision: 33 }
}

pub(crate) fn coupon_use() -> CouponUse {
    CouponUse {
        coupon_id: CouponId(id(b'c')),
        account_id: AccountId(id(b'a')),
        count: 1,
        revision: 34,
    }
}

pub(crate) fn tab() -> Tab {
    Tab {
        account_id: AccountId(id(b'a')),
        charged_orders: 3,
        debt: bill().customer_pays,
        revision: 35,
    }
}

pub(crate) fn claim() -> Claim {
    Claim {
        id: ClaimId(id(b'm')),
        order_id: OrderId(id(b'o')),
        customer_id: AccountId(id(b'a')),
        restaurant_id: RestaurantId(id(b'r')),
        kind: ClaimKind::Missing,
        lines: vec![ClaimLine { line: 0, quantity: 1 }],
        photos: vec![picture()],
        text: Sealed(b"text".to_vec()),
        asked: Money(1_350),
        status: ClaimStatus::Settled {
            amount: Money(1_350),
            fault: Fault::Restaurant,
            refund_id: Some(RefundId(id(b'f'))),
        },
        answer: Some("sorry".to_owned()),
        decision: Some("seen on the photo".to_owned()),
        made_at: Timestamp(300),
        made_index: 36,
        request: digest(b'q'),
        revision: 37,
    }
}

pub(crate) fn refund() -> Refund {
    Refund {
        id: RefundId(id(b'f')),
        order_id: OrderId(id(b'o')),
        payment_id: PaymentId(id(b'p')),
        amount: Money(1_350),
        lines: vec![ClaimLine { line: 0, quantity: 1 }],
        fault: Fault::Restaurant,
        reason: "a dish was missing".to_owned(),
        status: RefundStatus::Pending,
        work: Some(WorkId { index: 37, number: 0 }),
        made_at: Timestamp(310),
        made_index: 37,
        request: digest(b'q'),
        revision: 38,
    }
}

pub(crate) fn gateway_event() -> GatewayEvent {
    GatewayEvent {
        key: gateway_event_key("stripe", "evt_1"),
        gateway: "stripe".to_owned(),
        event_id: "evt_1".to_owned(),
        payment_id: PaymentId(id(b'p')),
        fact: GatewayFact::Authorized { gateway_ref: "pi_1".to_owned(), amount: Money(3_098) },
        at: Timestamp(31),
        index: 9,
        gone_at: Timestamp(5_000),
    }
}

pub(crate) fn difference() -> Difference {
    let kind = DifferenceKind::Captured;
    Difference {
        key: difference_key("pi_1", kind),
        gateway_ref: "pi_1".to_owned(),
        payment_id: Some(PaymentId(id(b'p'))),
        kind,
        ours: "3098".to_owned(),
        theirs: "0".to_owned(),
        found_at: Timestamp(32),
        revision: 10,
    }
}

pub(crate) fn ledger_entry() -> LedgerEntry {
    let posting = |holder, kind, amount| Posting { holder, kind, amount: Money(amount) };
    LedgerEntry {
        index: 44,
        number: 1,
        at: Timestamp(320),
        what: LedgerWhat::OrderEnded,
        order_id: Some(OrderId(id(b'o'))),
        payment_id: Some(PaymentId(id(b'p'))),
        postings: vec![
            posting(Holder::Tax, PostingKind::Tax, -100),
            posting(Holder::Customer(AccountId(id(b'a'))), PostingKind::Dishes, 1_000),
            posting(Holder::Customer(AccountId(id(b'a'))), PostingKind::Tax, 100),
            posting(Holder::Restaurant(RestaurantId(id(b'r'))), PostingKind::Dishes, -1_000),
        ],
    }
}

pub(crate) fn balance() -> Balance {
    let holder = Holder::CourierCash(CourierId(id(b'c')));
    Balance { holder, amount: Money(-1_350), entries: 3, revision: 44 }
}

pub(crate) fn payout() -> Payout {
    Payout {
        id: PayoutId(id(b'p')),
        payee: Payee::Courier(CourierId(id(b'c'))),
        amount: Money(5_000),
        cash: Money(1_200),
        reason: "week 12".to_owned(),
        made_by: AccountId(id(b'a')),
        made_at: Timestamp(330),
        made_index: 45,
        request: digest(b'q'),
    }
}

pub(crate) fn dish_score() -> DishScore {
    DishScore {
        restaurant_id: RestaurantId(id(b'r')),
        dish_id: DishId(id(b'd')),
        tally: tally(9),
        revision: 39,
    }
}

pub(crate) fn image() -> Image {
    Image {
        hash: picture(),
        owner: AccountId(id(b'a')),
        private: true,
        closed_for: Some(AccountId(id(b'c'))),
        variants: vec![Variant {
            width: 320,
            extension: "jpg".to_owned(),
            bytes: Sealed(b"bytes".to_vec()),
        }],
        revision: 40,
    }
}

pub(crate) fn webhook() -> Webhook {
    let event = Cursor { index: 41, number: 1 };
    Webhook {
        id: WebhookId(id(b'w')),
        owner: WebhookOwner::Restaurant(RestaurantId(id(b'r'))),
        made_by: AccountId(id(b'a')),
        url: Sealed(b"url".to_vec()),
        types: vec!["order.*".to_owned()],
        secret: Sealed(b"secret".to_vec()),
        previous: Some(PreviousSecret {
            secret: Sealed(b"before".to_vec()),
            until: Timestamp(400),
        }),
        state: WebhookState::Off { why: OffReason::Failing, at: Timestamp(399) },
        cursor: Cursor { index: 41, number: 0 },
        failing: Some(Failing {
            event,
            attempts: 2,
            next_at: Timestamp(410),
            since: Timestamp(390),
        }),
        failing_since: Some(Timestamp(390)),
        again: vec![Cursor { index: 7, number: 0 }],
        counts: WebhookCounts { delivered: 5, failed: 2, given_up: 1, gaps: 1 },
        last_success_at: Some(Timestamp(380)),
        attempts: vec![Attempt {
            event,
            at: Timestamp(390),
            took_ms: 12,
            answer: WebhookAnswer::Status(500),
        }],
        made_at: Timestamp(350),
        request: digest(b'q'),
        rotation: Some(digest(b'o')),
        version: 3,
        revision: 42,
    }
}

pub(crate) fn webhooks_of() -> WebhooksOf {
    WebhooksOf { owner: WebhookOwner::City, ids: vec![WebhookId(id(b'w'))], revision: 42 }
}

pub(crate) fn api_keys() -> ApiKeys {
    let key = ApiKey {
        id: ApiKeyId(id(b'k')),
        made_by: AccountId(id(b'a')),
        label: "till".to_owned(),
        secret: digest(b's'),
        scopes: [Scope::Orders, Scope::Menu].into(),
        made_at: Timestamp(360),
        made_index: 40,
        expires_at: Some(Timestamp(900)),
        request: digest(b'q'),
    };
    let owner = KeyOwner::Restaurant(RestaurantId(id(b'r')));
    ApiKeys { owner, keys: vec![key], revision: 43 }
}

pub(crate) fn roster() -> Roster {
    let grant = |role, until| Grant {
        role,
        until,
        by: AccountId(id(b'a')),
        at: Timestamp(370),
        reason: "holidays".to_owned(),
        index: 44,
    };
    Roster {
        grants: [(AccountId(id(b's')), grant(OperatorRole::Support, Some(Timestamp(990))))].into(),
        wishes: [(AccountId(id(b'o')), grant(OperatorRole::Operator, None))].into(),
        revision: 44,
    }
}
