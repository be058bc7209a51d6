//! What the end of an order makes everybody owe, by its bill.
//!
//! What the customer pays is split as the receipt splits it: the tax belongs to the state, the
//! dishes without tax to the restaurant, the fees without tax to the platform, the tip to who
//! carried it (or cooked it, where nobody did). The platform keeps its commission and pays the
//! courier. A coupon is borne by who pays it. Where somebody is paid for what nobody buys, the
//! platform bears the loss; a call-out that the restaurant has caused is the restaurant's.

use super::{Draft, Holder, LedgerWhat, PostingKind};
use crate::city::Rules;
use crate::coupon::Payer;
use crate::ids::CourierId;
use crate::money::Money;
use crate::order::case::Case;
use crate::order::{Bill, Fault, Order};
use crate::pricing::Receipt;
use crate::view::{Unreadable, View};

/// What the customer pays of a receipt, taken apart.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    /// Dishes after the coupon, without tax.
    dishes: Money,
    /// The way, after the coupon, without tax.
    delivery: Money,
    /// What the platform adds, without tax.
    fees: Money,
    tax: Money,
    tip: Money,
}

impl Parts {
    fn of(order: &Order, bill: &Bill) -> Self {
        if !bill.is_owed_for() {
            return Self::default();
        }
        let receipt = &order.receipt;
        let dish_tax = Money(receipt.lines.iter().map(|line| line.tax.0).sum());
        let dishes_paid = receipt.dishes_with_tax();
        let mut parts =
            Self { dishes: Money(dishes_paid.0 - dish_tax.0), tax: dish_tax, ..Self::default() };
        let completed = bill.fault.is_none();
        if completed || bill.courier_paid {
            let way_paid = receipt.delivery_with_tax();
            let rest_paid = receipt.without_tip().0 - dishes_paid.0 - way_paid.0;
            let all_tax = receipt.tax_included.0 + receipt.tax_added.0;
            parts.delivery = Money(way_paid.0 - receipt.delivery_tax.0);
            parts.fees = Money(rest_paid - (all_tax - dish_tax.0 - receipt.delivery_tax.0));
            parts.tax = Money(all_tax);
        }
        if completed {
            parts.tip = receipt.tip;
        }
        parts
    }
}

/// The tax in what the customer pays of an order that has ended with this bill.
pub(crate) fn tax_of(order: &Order, bill: &Bill) -> Money {
    Parts::of(order, bill).tax
}

/// What the dishes are worth to the restaurant if they are paid at all: without tax, and before a
/// coupon that the platform pays.
fn worth(receipt: &Receipt, payer: Option<Payer>) -> Money {
    let tax: i64 = receipt.lines.iter().map(|line| line.tax.0).sum();
    let net = receipt.dishes_with_tax().0 - tax;
    Money(net + by_platform(receipt.discount, payer).0)
}

fn by_platform(discount: Money, payer: Option<Payer>) -> Money {
    match payer {
        Some(Payer::Platform) => discount,
        Some(Payer::Restaurant) | None => Money::ZERO,
    }
}

/// A courier's pay for the length of the way, half up.
fn for_the_way(rules: &Rules, distance_m: u32) -> Money {
    let exact = i128::from(rules.courier_per_km.0) * i128::from(distance_m);
    Money(i64::try_from((exact + 500) / 1_000).unwrap_or(0))
}

impl Case {
    /// Books the end of the order. `courier` is who carried it, or came for it.
    pub(crate) fn book_end(
        &mut self,
        city: &impl View,
        bill: &Bill,
        courier: Option<CourierId>,
    ) -> Result<(), Unreadable> {
        let payer = match self.order().receipt.coupon {
            Some(held) => city.coupon(held.coupon_id)?.map(|coupon| coupon.terms.payer),
            None => None,
        };
        let mut draft = self.draft(LedgerWhat::OrderEnded);
        sell(&mut draft, self.order(), bill, courier, payer);
        pay_kitchen(&mut draft, self.order(), bill, self.rules(), payer);
        if let Some(courier) = courier {
            pay_courier(&mut draft, self.order(), bill, self.rules(), courier);
        }
        self.book(city, draft)
    }
}

/// What the customer owes, and whom.
fn sell(
    draft: &mut Draft,
    order: &Order,
    bill: &Bill,
    courier: Option<CourierId>,
    payer: Option<Payer>,
) {
    let customer = Holder::Customer(order.customer_id);
    let restaurant = Holder::Restaurant(order.restaurant_id);
    let Parts { dishes, delivery, fees, tax, tip } = Parts::of(order, bill);
    draft.owe(customer, restaurant, PostingKind::Dishes, dishes);
    draft.owe(customer, Holder::Platform, PostingKind::DeliveryFee, delivery);
    draft.owe(customer, Holder::Platform, PostingKind::Fees, fees);
    draft.owe(customer, Holder::Tax, PostingKind::Tax, tax);
    draft.owe(customer, courier.map_or(restaurant, Holder::Courier), PostingKind::Tip, tip);
    let whole = bill.is_owed_for() && (bill.fault.is_none() || bill.courier_paid);
    if whole && payer == Some(Payer::Restaurant) {
        let free_way = order.receipt.delivery_discount;
        draft.owe(restaurant, Holder::Platform, PostingKind::Coupon, free_way);
    }
}

/// What the restaurant gets that the customer does not pay, and what the platform keeps of it.
fn pay_kitchen(draft: &mut Draft, order: &Order, bill: &Bill, rules: &Rules, payer: Option<Payer>) {
    if !bill.restaurant_paid {
        return;
    }
    let restaurant = Holder::Restaurant(order.restaurant_id);
    let receipt = &order.receipt;
    let worth = worth(receipt, payer);
    if bill.is_owed_for() {
        let coupon = by_platform(receipt.discount, payer);
        draft.owe(Holder::Platform, restaurant, PostingKind::Coupon, coupon);
    } else {
        draft.owe(Holder::Platform, restaurant, PostingKind::Loss, worth);
    }
    let commission = worth.part(rules.commission_millionths).unwrap_or_default();
    draft.owe(restaurant, Holder::Platform, PostingKind::Commission, commission);
}

/// What the courier gets from the platform, or from a restaurant that let them come in vain.
fn pay_courier(draft: &mut Draft, order: &Order, bill: &Bill, rules: &Rules, courier: CourierId) {
    let courier = Holder::Courier(courier);
    if bill.courier_paid {
        let way = for_the_way(rules, order.distance_m);
        draft.owe(Holder::Platform, courier, PostingKind::DeliveryBase, rules.courier_base);
        draft.owe(Holder::Platform, courier, PostingKind::Distance, way);
    }
    let bearer = match bill.fault {
        Some(Fault::Restaurant) => Holder::Restaurant(order.restaurant_id),
        Some(Fault::Customer | Fault::Courier | Fault::Platform) | None => Holder::Platform,
    };
    draft.owe(bearer, courier, PostingKind::CallOut, bill.callout);
}
