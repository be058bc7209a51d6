//! From the domain's shape to the API's: what each kind of reader may see.

use super::error::{Answer, Fail};
use super::hours::{self, Holidays, open_state};
use super::orders::delivery_of;
use super::{endings, refunds};
use crate::node::Facts;
use crate::vault::Vault;
use api::accounts::Workplace;
use api::codes::Code;
use api::hours::OpenState;
use api::substitutions::Substitution;
use api::wire::{Money, Time};
use api::{couriers, orders, restaurants};
use domain::account::Account;
use domain::area::Polygon;
use domain::ids::OrderId;
use domain::order::{
    CancelReason, Fault, Fulfilment, Order, OrderStatus, PinKind, RejectReason, StepKind,
};
use domain::payment::Payment;
use domain::restaurant::{Mode, Restaurant};
use domain::time::{MINUTE_MS, Timestamp};
use geo_index::Couriers;
use serde::{Deserialize, Serialize};
use storage::CityView;

/// Ratings from which a mean is shown.
const RATINGS_SHOWN_FROM: u64 = 5;
/// The city's mean and how many ratings it weighs as, for restaurants with few.
const MEAN_MILLI: u64 = 4_200;
const MEAN_WEIGHS: u64 = 20;
/// A position older than this is not where the courier is.
pub(super) const STALE_POSITION_MS: i64 = 15_000;

/// What is closed of an order's destination: the rest of the address.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Door {
    pub(super) lines: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// Who is looking at an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Eyes {
    /// Its customer: everything, their PINs too.
    Customer,
    /// An operator: everything but what proves that somebody is somebody.
    Operator,
    /// Its restaurant: the note and its own number, not the door.
    Kitchen,
    /// Its courier: the door, once they hold the delivery.
    Courier,
}

pub(super) fn workplaces(view: &CityView, account: &Account) -> Answer<Vec<Workplace>> {
    let mut places = Vec::with_capacity(account.staff.len());
    for (restaurant_id, role) in &account.staff {
        let restaurant = view.restaurant(*restaurant_id)?;
        let name = restaurant.map(|restaurant| restaurant.profile.name.clone());
        places.push(Workplace {
            restaurant_id: *restaurant_id,
            name: name.unwrap_or_default(),
            role: *role,
        });
    }
    Ok(places)
}

/// A restaurant in a list, in the state in which its kind of orders is.
pub(super) fn summary(
    facts: &Facts,
    state: OpenState,
    restaurant: &Restaurant,
    distance_m: Option<u32>,
) -> restaurants::RestaurantSummary {
    let profile = &restaurant.profile;
    restaurants::RestaurantSummary {
        restaurant_id: restaurant.id,
        name: profile.name.clone(),
        position: profile.position.into(),
        address: profile.address.clone(),
        cuisines: profile.cuisines.clone(),
        distance_m,
        open: state.open,
        next_change: state.until,
        next_open: state.next_open,
        delivery_fee: facts.money(profile.delivery_fee),
        minimum: facts.money(profile.minimum),
        preparation_minutes: profile.preparation_ms / MINUTE_MS,
        rating: rating(restaurant.rating_sum, restaurant.rating_count),
        rating_count: restaurant.rating_count,
        sample: profile.sample,
    }
}

/// The Bayesian mean, rounded to hundredths; nothing until enough people have spoken.
pub(super) fn rating(sum: u64, count: u64) -> Option<f64> {
    if count < RATINGS_SHOWN_FROM {
        return None;
    }
    let milli = (MEAN_MILLI * MEAN_WEIGHS + sum * 1_000) / (MEAN_WEIGHS + count);
    Some((milli as f64 / 10.0).round() / 100.0)
}

pub(super) fn restaurant(
    facts: &Facts,
    holidays: &Holidays,
    at: Timestamp,
    restaurant: &Restaurant,
) -> restaurants::Restaurant {
    let profile = &restaurant.profile;
    let state = |fulfilment| open_state(facts, holidays, at, restaurant, fulfilment);
    let (delivery, pickup) = (state(Fulfilment::Delivery), state(Fulfilment::Pickup));
    let corners = |area: &Polygon| area.0.iter().map(|corner| (*corner).into()).collect();
    restaurants::Restaurant {
        summary: summary(facts, delivery, restaurant, None),
        hours: restaurants::Hours::of(&profile.hours),
        pickup_hours: profile.pickup_hours.as_ref().map(restaurants::Hours::of),
        holiday_hours: profile.holiday_hours.as_deref().map(api::hours::shown),
        last_order_minutes: profile.last_order_minutes,
        closings: hours::closings(facts, at, restaurant),
        delivery,
        pickup,
        busy_minutes: busy_minutes(restaurant, at),
        delivery_radius_m: profile.delivery_radius_m,
        delivery_area: profile.delivery_area.as_ref().map(corners),
        auto_accept: profile.auto_accept,
        approved: restaurant.approved,
        paused_until: restaurant.paused_until(at).map(Time),
        menu_version: restaurant.menu_version,
        dish_count: restaurant.dish_count,
    }
}

/// What each order takes longer, if it says so.
fn busy_minutes(restaurant: &Restaurant, at: Timestamp) -> Option<i64> {
    match restaurant.availability.mode_at(at) {
        Mode::Busy { extra_ms } => Some(extra_ms / MINUTE_MS),
        Mode::Open | Mode::Paused => None,
    }
}

pub(super) fn receipt(facts: &Facts, receipt: &domain::pricing::Receipt) -> orders::Receipt {
    let money = |amount| -> Money { facts.money(amount) };
    let row = |row: &domain::pricing::TaxLine| orders::TaxLine {
        class: row.class.clone(),
        millionths: row.millionths,
        base: money(row.base),
        tax: money(row.tax),
    };
    let used = |held: domain::coupon::CouponHold| orders::UsedCoupon {
        coupon_id: held.coupon_id,
        amount: money(held.amount),
    };
    orders::Receipt {
        lines: receipt.lines.iter().map(|line| receipt_line(facts, line)).collect(),
        dishes: money(receipt.dishes),
        discount: money(receipt.discount),
        delivery_fee: money(receipt.delivery_fee),
        delivery_discount: money(receipt.delivery_discount),
        service_fee: money(receipt.service_fee),
        small_order_fee: money(receipt.small_order_fee),
        bag_fee: money(receipt.bag_fee),
        tax_added: money(receipt.tax_added),
        tip: money(receipt.tip),
        total: money(receipt.total),
        tax_included: money(receipt.tax_included),
        taxes: receipt.taxes.iter().map(row).collect(),
        coupon: receipt.coupon.map(used),
        zone_id: receipt.zone_id,
        menu_version: receipt.menu_version,
        terms_version: receipt.terms_version,
        revision: receipt.revision,
    }
}

fn receipt_line(facts: &Facts, line: &domain::pricing::ReceiptLine) -> orders::ReceiptLine {
    let option = |option: &domain::pricing::ReceiptOption| orders::ReceiptOption {
        option_id: option.option_id,
        title: option.title.clone(),
        quantity: option.quantity,
        price: facts.money(option.price),
        free: option.free,
    };
    orders::ReceiptLine {
        dish_id: line.dish_id,
        title: line.title.clone(),
        quantity: line.quantity,
        unit: facts.money(line.unit),
        options: line.options.iter().map(option).collect(),
        total: facts.money(line.total),
        discount: facts.money(line.discount),
        tax_class: line.tax_class.clone(),
        tax_millionths: line.tax_millionths,
        tax: facts.money(line.tax),
        note: None,
        if_unavailable: line.if_unavailable,
    }
}

/// What the kitchen proposes and nobody has answered.
fn substitution(facts: &Facts, order: &Order) -> Option<Substitution> {
    let open = order.substitution.as_deref()?;
    Some(Substitution {
        line: open.line,
        instead: open.priced.as_ref().map(|line| receipt_line(facts, line)),
        new_allergens: open.new_allergens.iter().copied().collect(),
        proposed_at: Time(open.proposed_at),
        answer_by: Time(open.answer_by),
        revision: order.receipt.revision,
    })
}

/// Whether all or a part of what was taken has gone back.
fn refund_state(payment: &Payment) -> Option<String> {
    if payment.refunded <= domain::money::Money::ZERO {
        return None;
    }
    let all = payment.refunded >= payment.to_capture;
    Some(if all { "refunded" } else { "partially_refunded" }.to_owned())
}

pub(super) fn links(id: OrderId) -> orders::OrderLinks {
    orders::OrderLinks {
        order: format!("/v1/order/{id}"),
        status: format!("/v1/order/{id}/status"),
        stream: format!("/v1/order/{id}/stream"),
    }
}

/// The address of an order, opened.
pub(super) fn address(vault: &Vault, order: &Order) -> Option<orders::Address> {
    let destination = order.destination.as_ref()?;
    let text = vault.open(order.customer_id, &destination.address)?;
    let door: Door = serde_json::from_str(&text).ok()?;
    let point = destination.position.into();
    Some(orders::Address { point, lines: door.lines, door_note: door.note })
}

pub(super) fn order(
    facts: &Facts,
    vault: &Vault,
    view: &CityView,
    order: &Order,
    eyes: Eyes,
) -> Answer<orders::Order> {
    let payment = view.payment(order.payment_id)?.ok_or_else(|| half(order.id))?;
    let delivery = delivery_of(view, order)?;
    let Particulars { accept_by, reject_reason, cancel_reason, fault } = particulars(order.status);
    // A courier needs the address until the food is there, and not a day longer.
    let carries = eyes == Eyes::Courier && !order.status.state().is_terminal();
    let sees_door = carries || matches!(eyes, Eyes::Customer | Eyes::Operator);
    let sees_alert = matches!(eyes, Eyes::Kitchen | Eyes::Operator);
    let sees_note = matches!(eyes, Eyes::Customer | Eyes::Operator | Eyes::Kitchen);
    let refunds = match sees_note && !order.refunds.is_empty() {
        true => view.refunds_of_order(order.id)?,
        false => Vec::new(),
    };
    let note = vault.open(order.customer_id, &order.note).filter(|note| !note.is_empty());
    Ok(orders::Order {
        order_id: order.id,
        restaurant_id: order.restaurant_id,
        state: order.status.state(),
        payment_state: payment.status,
        delivery_state: delivery.as_ref().map(|delivery| delivery.status.state()),
        fulfilment: order.fulfilment,
        when: order.when.into(),
        promised: window(order.promised),
        contactless: order.contactless,
        pickup_pin: number(vault, order, eyes, PinKind::Pickup),
        door_pin: number(vault, order, eyes, PinKind::Door),
        handover_code: number(vault, order, eyes, PinKind::HandOver),
        placed_at: Time(order.placed_at),
        accept_by,
        ready_at: order.ready_at.map(Time),
        receipt: with_notes(facts, vault, order, sees_note),
        address: if sees_door { address(vault, order) } else { None },
        note: note.filter(|_| sees_note),
        courier_id: delivery.and_then(|delivery| delivery.status.holder()),
        reject_reason,
        cancel_reason,
        fault,
        substitution: if sees_note { substitution(facts, order) } else { None },
        first_receipt: order.first_receipt.as_deref().map(|first| receipt(facts, first)),
        bill: order.bill.filter(|_| sees_note).map(|bill| endings::shown(facts, &bill)),
        refund_state: refund_state(&payment),
        payments: payments(facts, view, order, eyes)?,
        refunds: refunds.iter().map(|refund| refunds::shown(facts, refund)).collect(),
        claim_ids: if sees_note { order.claims.clone() } else { Vec::new() },
        timeline: timeline(order),
        ticket_id: (eyes == Eyes::Kitchen).then(|| ticket(order)),
        seen_at: order.seen_at.filter(|_| sees_alert).map(Time),
        unanswered_at: order.unanswered_at.filter(|_| sees_alert).map(Time),
        revision: order.revision,
    })
}

/// What was tried to pay for it, and the tips, for who pays.
fn payments(
    facts: &Facts,
    view: &CityView,
    order: &Order,
    eyes: Eyes,
) -> Answer<Vec<api::money::PaymentShown>> {
    if !matches!(eyes, Eyes::Customer | Eyes::Operator) {
        return Ok(Vec::new());
    }
    let mut shown = Vec::with_capacity(order.attempts.len() + order.tips.len());
    for payment_id in order.attempts.iter().chain(&order.tips) {
        shown.extend(view.payment(*payment_id)?.map(|it| super::money::shown(facts, &it)));
    }
    Ok(shown)
}

/// What a state says besides its name.
#[derive(Default)]
struct Particulars {
    accept_by: Option<Time>,
    reject_reason: Option<RejectReason>,
    cancel_reason: Option<CancelReason>,
    fault: Option<Fault>,
}

fn particulars(status: OrderStatus) -> Particulars {
    let none = Particulars::default();
    match status {
        OrderStatus::Placed { accept_by } => {
            Particulars { accept_by: Some(Time(accept_by)), ..none }
        }
        OrderStatus::Rejected { reason } => Particulars { reject_reason: Some(reason), ..none },
        OrderStatus::Cancelled { reason, fault } => {
            Particulars { cancel_reason: Some(reason), fault: Some(fault), ..none }
        }
        OrderStatus::Pending { .. }
        | OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::Ready
        | OrderStatus::HandedOff
        | OrderStatus::Completed
        | OrderStatus::Expired
        | OrderStatus::NoShow => none,
    }
}

/// What is printed has a name of its own, so that two tablets print it once: another one only when
/// a substitution has changed what is cooked.
fn ticket(order: &Order) -> String {
    format!("{}.{}", order.id, order.receipt.revision)
}

/// The receipt, with what was said to the kitchen about each line.
fn with_notes(facts: &Facts, vault: &Vault, order: &Order, sees_note: bool) -> orders::Receipt {
    let mut shown = receipt(facts, &order.receipt);
    if sees_note {
        for (line, shown) in order.receipt.lines.iter().zip(&mut shown.lines) {
            let said = Some(&line.note).filter(|note| !note.0.is_empty());
            shown.note = said.and_then(|note| vault.open(order.customer_id, note));
        }
    }
    shown
}

/// One of an order's numbers, opened for whoever says it, while it can be needed.
fn number(vault: &Vault, order: &Order, eyes: Eyes, kind: PinKind) -> Option<String> {
    let (pin, whose) = match kind {
        PinKind::Pickup => (&order.pins.pickup, Eyes::Customer),
        PinKind::Door => (&order.pins.door, Eyes::Customer),
        PinKind::HandOver => (&order.pins.handover, Eyes::Kitchen),
    };
    if eyes != whose || order.status.state().is_terminal() {
        return None;
    }
    vault.open(order.customer_id, &pin.as_ref()?.sealed)
}

pub(super) fn window(window: domain::order::Window) -> orders::EtaWindow {
    orders::EtaWindow { from: Time(window.from), to: Time(window.to) }
}

pub(super) fn timeline(order: &Order) -> Vec<orders::TimelineStep> {
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let what = |kind: StepKind| match kind {
        StepKind::Order(state) => format!("order.{}", word(serde_json::to_value(state))),
        StepKind::Delivery(state) => format!("delivery.{}", word(serde_json::to_value(state))),
        StepKind::Delayed => "order.delayed".to_owned(),
        StepKind::KitchenDue => "order.kitchen_due".to_owned(),
        StepKind::SubstitutionProposed => "substitution.proposed".to_owned(),
        StepKind::SubstitutionAnswered => "substitution.answered".to_owned(),
        StepKind::Refunded => "order.refunded".to_owned(),
    };
    let step = |step: &domain::order::Step| orders::TimelineStep {
        at: Time(step.at),
        occurred_at: step.occurred_at.map(Time),
        what: what(step.what),
    };
    order.timeline.iter().map(step).collect()
}

pub(super) fn courier(
    couriers: &Couriers,
    at: Timestamp,
    courier: &domain::courier::Courier,
) -> couriers::Courier {
    let seen = couriers.get(courier.id, at);
    couriers::Courier {
        courier_id: courier.id,
        account_id: courier.account_id,
        vehicle: courier.vehicle,
        approved: courier.approved,
        online: courier.online,
        carrying: courier.carrying.iter().copied().collect(),
        offered: courier.offered,
        position: seen.map(|seen| seen.position.into()),
        age_ms: seen.map(|seen| seen.age_ms),
    }
}

/// An order without its payment: the store is damaged, and we say so.
fn half(id: OrderId) -> Fail {
    tracing::error!(%id, "an order lacks its payment");
    Fail::new(Code::Internal)
}

#[cfg(test)]
mod tests {
    use super::rating;

    #[test]
    fn few_ratings_lean_on_the_citys_mean() {
        assert_eq!(rating(20, 4), None);
        assert_eq!(rating(25, 5), Some(4.36));
        assert_eq!(rating(5_000, 1_000), Some(4.98));
        assert_eq!(rating(5, 5), Some(3.56));
    }
}
