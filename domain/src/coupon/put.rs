//! An operator makes a coupon, or changes one.

use super::{Coupon, CouponGives, CouponTerms};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::CouponId;
use crate::limits::{AMOUNT, CODE_LETTERS, COUPON_RESTAURANTS};
use crate::money::Money;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Creates a coupon or replaces its terms; what was redeemed stays counted. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutCoupon {
    /// Must be the one of the code.
    pub coupon_id: CouponId,
    pub terms: CouponTerms,
    /// The version this replaces, if the caller saw one; 0 for one that is not there yet.
    pub if_version: Option<u64>,
}

pub(crate) fn put_coupon(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutCoupon,
) -> Result<Outcome, Unreadable> {
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    let PutCoupon { coupon_id, terms, if_version } = command;
    if let Err(why) = check(&terms) {
        return Ok(Outcome::rejected(why));
    }
    if coupon_id != CouponId::of(founded.number, &terms.code) {
        let why = field::invalid("/coupon_id", "the id of this code");
        return Ok(Outcome::rejected(why));
    }
    let found = city.coupon(coupon_id)?;
    if let Some(coupon) = found.as_deref().filter(|coupon| coupon.terms == terms) {
        return Ok(Outcome::unchanged(coupon.revision));
    }
    let version = found.as_ref().map_or(0, |coupon| coupon.version);
    if if_version.is_some_and(|seen| seen != version) {
        return Ok(Outcome::rejected(Rejection::VersionChanged { version }));
    }
    let (used, spent) = found.map_or((0, Money::ZERO), |coupon| (coupon.used, coupon.spent));
    let (version, revision) = (version + 1, stamp.index);
    let mut changes = Changes::new(stamp);
    changes.write(Write::Coupon(Arc::new(Coupon {
        id: coupon_id,
        terms,
        used,
        spent,
        version,
        revision,
    })));
    changes.event(Event::CouponPut { coupon_id, version });
    Ok(changes.yes())
}

fn check(terms: &CouponTerms) -> Result<(), Rejection> {
    field::letters("/code", &terms.code, CODE_LETTERS)?;
    // What people read out to each other: nothing that is invisible, or typed around a code.
    if !terms.code.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    {
        return Err(field::invalid("/code", "letters, digits, - and _"));
    }
    match terms.gives {
        CouponGives::Percent { millionths, up_to } => {
            field::number("/gives/percent/millionths", millionths, 1..=1_000_000)?;
            at_least_one("/gives/percent/up_to", up_to)?;
        }
        CouponGives::Fixed { amount } => at_least_one("/gives/fixed/amount", Some(amount))?,
        CouponGives::FreeDelivery => {}
    }
    if terms.from.zip(terms.until).is_some_and(|(from, until)| until <= from) {
        return Err(field::invalid("/until", "after its beginning"));
    }
    field::length("/restaurants", terms.restaurants.len(), 0..=COUPON_RESTAURANTS)?;
    field::amount("/minimum", terms.minimum)?;
    let most = i64::from(u32::MAX);
    field::number("/per_person", terms.per_person.unwrap_or(1).into(), 1..=most)?;
    field::number("/total", terms.total.unwrap_or(1).into(), 1..=most)?;
    at_least_one("/budget", terms.budget)
}

/// An amount that is something, where there is one.
fn at_least_one(field: &str, amount: Option<Money>) -> Result<(), Rejection> {
    amount.map_or(Ok(()), |amount| field::number(field, amount.0, 1..=AMOUNT))
}
