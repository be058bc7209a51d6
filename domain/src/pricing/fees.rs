//! What is added to the dishes: the way, the platform's fee, small baskets, the bag.

use super::Terms;
use super::rounding::{ONE, bounded, share};
use crate::city::DeliveryFee;
use crate::limits::PEAK_MILLIONTHS;
use crate::money::Money;
use crate::order::Fulfilment;

/// Metres of one step of the delivery fee.
const STEP_M: u32 = 100;

/// The fees of one basket, before any coupon.
pub(super) struct Added {
    pub(super) delivery: Money,
    pub(super) service: Money,
    pub(super) small_order: Money,
    pub(super) bag: Money,
}

/// The fees for dishes that cost so much, of which the coupon takes so much off; nothing where one
/// is absurd. The platform's share and the size of a basket are judged before the coupon: a coupon
/// makes no basket small. Free delivery is judged after it.
pub(super) fn fees(dishes: Money, discount: Money, terms: &Terms<'_>) -> Option<Added> {
    let fees = terms.fees;
    let service = fees.service.checked_add(share(dishes, fees.service_millionths, ONE))?;
    let small = dishes < fees.small_below;
    Some(Added {
        delivery: delivery(dishes.checked_sub(discount)?, terms)?,
        service: bounded(Some(fees.service_at_most.map_or(service, |most| service.min(most))))?,
        small_order: if small { fees.small_fee } else { Money::ZERO },
        bag: fees.bag,
    })
}

/// The base, and a step for each started 100 m beyond what it includes, times the peak.
fn delivery(dishes: Money, terms: &Terms<'_>) -> Option<Money> {
    match terms.fulfilment {
        Fulfilment::Pickup => return Some(Money::ZERO),
        Fulfilment::Delivery => {}
    }
    let DeliveryFee { base, included_m, per_100m, free_from } =
        terms.zone.map_or(terms.fees.delivery, |zone| zone.fee);
    if free_from.is_some_and(|from| dishes >= from) {
        return Some(Money::ZERO);
    }
    let steps = terms.distance_m.saturating_sub(included_m).div_ceil(STEP_M);
    let way = per_100m.checked_mul(steps.into())?;
    let fee = bounded(base.unwrap_or(terms.restaurant_fee).checked_add(way))?;
    bounded(Some(share(fee, peak(terms), ONE)))
}

/// The highest factor of those that hold: never below one, and never above two.
fn peak(terms: &Terms<'_>) -> i64 {
    let peaks = terms.fees.peaks.iter();
    let hold = peaks.filter(|peak| peak.hours.state_at(terms.at, terms.time_zone).open);
    let highest = hold.map(|peak| peak.factor_millionths).max();
    highest.unwrap_or(ONE).clamp(ONE, PEAK_MILLIONTHS)
}
