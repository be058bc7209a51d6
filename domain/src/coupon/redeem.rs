//! A coupon is redeemed in the entry that places the order, and returned if nothing is charged.

use super::{Coupon, CouponHold, CouponProblem, CouponUse};
use crate::city::City;
use crate::ids::{AccountId, CouponId, RestaurantId};
use crate::money::Money;
use crate::order::holds::tab_of;
use crate::outcome::Write;
use crate::pricing::Receipt;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use std::sync::Arc;

/// A coupon that is good for somebody, on its way into an order.
#[derive(Clone, Debug)]
pub(crate) struct Redemption {
    coupon: Arc<Coupon>,
    used: CouponUse,
    amount: Money,
}

impl Redemption {
    pub(crate) fn coupon(&self) -> &Coupon {
        &self.coupon
    }

    /// What the order holds of it.
    pub(crate) fn hold(&self) -> CouponHold {
        CouponHold { coupon_id: self.coupon.id, amount: self.amount }
    }

    /// The two counters, one higher.
    pub(crate) fn writes(self, revision: u64) -> [Write; 2] {
        let mut coupon = Arc::unwrap_or_clone(self.coupon);
        coupon.used = coupon.used.saturating_add(1);
        coupon.spent.0 = coupon.spent.0.saturating_add(self.amount.0);
        coupon.revision = revision;
        let mut used = self.used;
        used.count = used.count.saturating_add(1);
        used.revision = revision;
        [Write::Coupon(Arc::new(coupon)), Write::CouponUse(Arc::new(used))]
    }
}

/// The coupon behind a code, if this person may use it at this restaurant now. What depends on the
/// basket is judged by `redeem`.
pub(crate) fn good_for(
    city: &impl View,
    founded: &City,
    at: Timestamp,
    account_id: AccountId,
    restaurant_id: RestaurantId,
    code: &str,
) -> Result<Result<Redemption, CouponProblem>, Unreadable> {
    let coupon_id = CouponId::of(founded.number, code);
    let Some(coupon) = city.coupon(coupon_id)? else {
        return Ok(Err(CouponProblem::Unknown));
    };
    let terms = &coupon.terms;
    let elsewhere = !terms.restaurants.is_empty() && !terms.restaurants.contains(&restaurant_id);
    let problem = if terms.disabled {
        Some(CouponProblem::Over)
    } else if terms.from.is_some_and(|from| at < from) {
        Some(CouponProblem::NotYet)
    } else if terms.until.is_some_and(|until| at >= until) {
        Some(CouponProblem::Over)
    } else if elsewhere {
        Some(CouponProblem::Elsewhere)
    } else if terms.total.is_some_and(|total| coupon.used >= total) {
        Some(CouponProblem::UsedUp)
    } else {
        None
    };
    if let Some(problem) = problem {
        return Ok(Err(problem));
    }
    if terms.first_order && tab_of(city, account_id)?.charged_orders > 0 {
        return Ok(Err(CouponProblem::FirstOrderOnly));
    }
    let used = city.coupon_use(coupon_id, account_id)?;
    let used = used
        .map_or(CouponUse { coupon_id, account_id, count: 0, revision: 0 }, Arc::unwrap_or_clone);
    // Orders that are under way are not charged yet: the second of them is no first order either.
    if terms.first_order && used.count > 0 {
        return Ok(Err(CouponProblem::FirstOrderOnly));
    }
    if terms.per_person.is_some_and(|bound| used.count >= bound) {
        return Ok(Err(CouponProblem::UsedByPerson));
    }
    Ok(Ok(Redemption { coupon, used, amount: Money::ZERO }))
}

/// The coupon with what it gives for this receipt, which was priced with it.
pub(crate) fn redeem(
    redemption: Redemption,
    receipt: &Receipt,
) -> Result<Redemption, CouponProblem> {
    let terms = &redemption.coupon.terms;
    if receipt.dishes < terms.minimum {
        return Err(CouponProblem::BelowMinimum);
    }
    let amount = Money(receipt.discount.0.saturating_add(receipt.delivery_discount.0));
    if amount <= Money::ZERO {
        return Err(CouponProblem::Nothing);
    }
    let spent = redemption.coupon.spent.checked_add(amount);
    if terms.budget.is_some_and(|budget| spent.is_none_or(|spent| spent > budget)) {
        return Err(CouponProblem::UsedUp);
    }
    Ok(Redemption { amount, ..redemption })
}

/// What is written when an order that has redeemed a coupon costs nothing in the end.
pub(crate) fn returned(
    city: &impl View,
    revision: u64,
    account_id: AccountId,
    held: &CouponHold,
) -> Result<Vec<Write>, Unreadable> {
    let mut writes = Vec::new();
    if let Some(coupon) = city.coupon(held.coupon_id)? {
        let mut coupon = Arc::unwrap_or_clone(coupon);
        coupon.used = coupon.used.saturating_sub(1);
        coupon.spent.0 = coupon.spent.0.saturating_sub(held.amount.0);
        coupon.revision = revision;
        writes.push(Write::Coupon(Arc::new(coupon)));
    }
    if let Some(used) = city.coupon_use(held.coupon_id, account_id)? {
        let mut used = Arc::unwrap_or_clone(used);
        used.count = used.count.saturating_sub(1);
        used.revision = revision;
        writes.push(Write::CouponUse(Arc::new(used)));
    }
    Ok(writes)
}
