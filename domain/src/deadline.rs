//! Moments that something must happen at. They are records: the leader reads them and proposes
//! `FireDeadline`; `apply` checks that the moment has come and is still awaited.

use crate::account::attempts::forget_attempts;
use crate::account::erase::erasure_goes_on;
use crate::account::session::session_ends;
use crate::authority::is_system;
use crate::claim;
use crate::delivery::answer::offer_expires;
use crate::delivery::release::nobody_comes;
use crate::delivery::search::courier_missing;
use crate::entry::{Actor, Stamp};
use crate::fraud::{TraceKey, nobody_reviewed, trace_ends};
use crate::ids::{
    AccountId, ClaimId, DeliveryId, OrderId, PaymentId, QuoteId, RestaurantId, SessionId,
};
use crate::moderation::{BanSubject, ban_aftermath, ban_ends};
use crate::mutant::{Mutant, is_planted};
use crate::order::AlertStep;
use crate::order::alert::nobody_looks;
use crate::order::cancel::{nobody_carries, nobody_paid};
use crate::order::expire::expire_order;
use crate::order::no_show::nobody_came;
use crate::order::release::kitchen_at;
use crate::order::substitute::answer::nobody_answered;
use crate::outcome::Outcome;
use crate::payment::inbox::forget_gateway_event;
use crate::payment::stuck::money_stuck;
use crate::quality::{QualityOf, measure_ends, score_moved};
use crate::quote::make::forget_quote;
use crate::rejection::Rejection;
use crate::restaurant::availability::availability_ends;
use crate::role::role_ends;
use crate::sealed::Digest;
use crate::slot::hold::slot_gone;
use crate::stock::StockTarget;
use crate::stock::returns::stock_returns;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// A moment and what it is for. Both together are its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Deadline {
    /// Not before this moment.
    pub due_at: Timestamp,
    /// What it is for.
    pub due: Due,
}

/// What must happen. The order is part of the storage key: only ever add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Due {
    /// An order that nobody paid for is cancelled.
    PayBy(OrderId),
    /// An order that the kitchen did not answer expires.
    AcceptBy(OrderId),
    /// An offer with this fence that the courier did not answer goes to the next one.
    OfferExpires(DeliveryId, u32),
    /// An order for which no courier was found is cancelled, at the platform's fault.
    NoCourier(OrderId),
    /// A quote's tombstone can go.
    QuoteGone(QuoteId),
    /// A session has reached its end.
    SessionEnds(SessionId),
    /// A pause or busy mode is over.
    AvailabilityEnds(RestaurantId),
    /// A dish or option is in stock again.
    StockReturns(RestaurantId, StockTarget),
    /// A slot is over: what was promised for it need not be known any more.
    SlotGone(RestaurantId, Timestamp),
    /// The kitchen must begin a scheduled order now.
    KitchenAt(OrderId),
    /// Nobody came for a pickup order.
    NoShowAt(OrderId),
    /// A customer did not answer a proposal.
    SubstitutionBy(OrderId),
    /// A restaurant did not answer a claim.
    ClaimAnswerBy(ClaimId),
    /// No courier was found 15 minutes after the food was ready: operators are told.
    CourierMissing(OrderId),
    /// The holder with this fence said yes and did not come to the kitchen.
    NoProgress(DeliveryId, u32),
    /// Money does not get on: operators are told.
    MoneyStuck(PaymentId),
    /// A gateway's call is so old that it cannot come again.
    InboxGone(Digest),
    /// The next step for a kitchen that does not react to an order.
    Alert(OrderId, AlertStep),
    /// What was tried at a login can be forgotten.
    AttemptsGone(Digest),
    /// A ban is over.
    BanEnds(BanSubject),
    /// A ban, or its end, means something for this order.
    BanAftermath(OrderId),
    /// Nobody has looked at an order that waits for that.
    ReviewBy(OrderId),
    /// A score has crossed a line.
    ScoreMoved(QualityOf),
    /// What was done about somebody is over.
    MeasureEnds(QualityOf),
    /// The time that a role at the platform was given for is over.
    RoleEnds(AccountId),
    /// So many orders of somebody who left are without them; the next batch follows.
    ErasureGoesOn(AccountId, u32),
    /// Perhaps nobody needs any more what is known of something.
    TraceEnds(TraceKey),
}

impl Due {
    /// The id of the thing it is about.
    pub fn subject(&self) -> String {
        match self {
            Self::PayBy(order_id)
            | Self::AcceptBy(order_id)
            | Self::NoCourier(order_id)
            | Self::KitchenAt(order_id)
            | Self::NoShowAt(order_id)
            | Self::SubstitutionBy(order_id)
            | Self::CourierMissing(order_id)
            | Self::BanAftermath(order_id)
            | Self::ReviewBy(order_id)
            | Self::Alert(order_id, _) => order_id.to_string(),
            Self::AvailabilityEnds(restaurant_id)
            | Self::StockReturns(restaurant_id, _)
            | Self::SlotGone(restaurant_id, _) => restaurant_id.to_string(),
            Self::ClaimAnswerBy(claim_id) => claim_id.to_string(),
            Self::OfferExpires(delivery_id, _) | Self::NoProgress(delivery_id, _) => {
                delivery_id.to_string()
            }
            Self::QuoteGone(quote_id) => quote_id.to_string(),
            Self::MoneyStuck(payment_id) => payment_id.to_string(),
            Self::InboxGone(key) | Self::AttemptsGone(key) => format!("{key:?}"),
            Self::BanEnds(subject) => subject.to_string(),
            Self::ScoreMoved(of) | Self::MeasureEnds(of) => of.to_string(),
            Self::SessionEnds(session_id) => session_id.to_string(),
            Self::RoleEnds(account_id) => account_id.to_string(),
            Self::ErasureGoesOn(account_id, _) => account_id.to_string(),
            Self::TraceEnds(TraceKey::Account(account_id)) => account_id.to_string(),
            Self::TraceEnds(TraceKey::Device(mark)) => mark.to_string(),
            Self::TraceEnds(TraceKey::Card(mark)) => mark.to_string(),
            // The audit chain is for good, and doors can be tried out.
            Self::TraceEnds(TraceKey::Address(_)) => "door".to_owned(),
        }
    }
}

/// Lets what a deadline is for happen: once, not early, and only while it is awaited. Whatever
/// makes a moment moot drops its record in the same entry, so a due record is always awaited.
pub(crate) fn fire_deadline(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    deadline: Deadline,
) -> Result<Outcome, Unreadable> {
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if stamp.at < deadline.due_at && !is_planted(Mutant::EarlyTimer) {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    match deadline.due {
        Due::PayBy(order_id) => nobody_paid(city, stamp, deadline, order_id),
        Due::AcceptBy(order_id) => expire_order(city, stamp, deadline, order_id),
        Due::OfferExpires(delivery_id, fence) => {
            offer_expires(city, stamp, deadline, delivery_id, fence)
        }
        Due::NoCourier(order_id) => nobody_carries(city, stamp, deadline, order_id),
        Due::QuoteGone(quote_id) => forget_quote(city, stamp, deadline, quote_id),
        Due::SessionEnds(session_id) => session_ends(city, stamp, deadline, session_id),
        Due::AvailabilityEnds(restaurant_id) => {
            availability_ends(city, stamp, deadline, restaurant_id)
        }
        Due::StockReturns(restaurant_id, target) => {
            stock_returns(city, stamp, deadline, restaurant_id, target)
        }
        Due::SlotGone(restaurant_id, start) => {
            slot_gone(city, stamp, deadline, restaurant_id, start)
        }
        Due::KitchenAt(order_id) => kitchen_at(city, stamp, deadline, order_id),
        Due::NoShowAt(order_id) => nobody_came(city, stamp, deadline, order_id),
        Due::SubstitutionBy(order_id) => nobody_answered(city, stamp, deadline, order_id),
        Due::ClaimAnswerBy(claim_id) => {
            claim::answer::nobody_answered(city, stamp, deadline, claim_id)
        }
        Due::CourierMissing(order_id) => courier_missing(city, stamp, deadline, order_id),
        Due::NoProgress(delivery_id, fence) => {
            nobody_comes(city, stamp, deadline, delivery_id, fence)
        }
        Due::MoneyStuck(payment_id) => money_stuck(city, stamp, deadline, payment_id),
        Due::AttemptsGone(login) => forget_attempts(city, stamp, deadline, login),
        Due::InboxGone(key) => forget_gateway_event(city, stamp, deadline, key),
        Due::Alert(order_id, step) => nobody_looks(city, stamp, deadline, order_id, step),
        Due::BanEnds(subject) => ban_ends(city, stamp, deadline, subject),
        Due::ReviewBy(order_id) => nobody_reviewed(city, stamp, deadline, order_id),
        Due::ScoreMoved(of) => score_moved(city, stamp, deadline, of),
        Due::MeasureEnds(of) => measure_ends(city, stamp, deadline, of),
        Due::RoleEnds(account_id) => role_ends(city, stamp, deadline, account_id),
        Due::ErasureGoesOn(account_id, done) => {
            erasure_goes_on(city, stamp, deadline, account_id, done)
        }
        Due::TraceEnds(key) => trace_ends(city, stamp, deadline, key),
        Due::BanAftermath(order_id) => ban_aftermath(city, stamp, deadline, order_id),
    }
}
