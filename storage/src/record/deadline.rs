//! A moment at which the leader must propose something. All of it is the key, so that the queue is
//! read without values: kind, moment, what for (a number, then ids).

use super::{ban, quality, stock, trace};
use crate::column::Kind;
use crate::row::{Parts, Row};
use domain::deadline::{Deadline, Due};
use domain::ids::{
    AccountId, ClaimId, DeliveryId, OrderId, PaymentId, QuoteId, RestaurantId, SessionId,
};
use domain::order::AlertStep;
use domain::sealed::Digest;
use domain::time::Timestamp;

/// Part of stored keys: a kind of deadline keeps its number for ever.
const PAY_BY: u8 = 1;
const ACCEPT_BY: u8 = 2;
const OFFER_EXPIRES: u8 = 3;
const NO_COURIER: u8 = 4;
const QUOTE_GONE: u8 = 5;
const SESSION_ENDS: u8 = 6;
const AVAILABILITY_ENDS: u8 = 7;
const STOCK_RETURNS: u8 = 8;
const SLOT_GONE: u8 = 9;
const KITCHEN_AT: u8 = 10;
const NO_SHOW_AT: u8 = 11;
const SUBSTITUTION_BY: u8 = 12;
const CLAIM_ANSWER_BY: u8 = 13;
const COURIER_MISSING: u8 = 14;
const NO_PROGRESS: u8 = 15;
const MONEY_STUCK: u8 = 16;
const INBOX_GONE: u8 = 17;
const ALERT: u8 = 20;
const ATTEMPTS_GONE: u8 = 21;
const BAN_ENDS: u8 = 40;
const BAN_AFTERMATH: u8 = 41;
const REVIEW_BY: u8 = 42;
const SCORE_MOVED: u8 = 43;
const MEASURE_ENDS: u8 = 44;
const ROLE_ENDS: u8 = 45;
const ERASURE_GOES_ON: u8 = 46;
const TRACE_ENDS: u8 = 47;

/// Its row in the queue.
pub(crate) fn row(deadline: &Deadline) -> Row {
    let row = Row::new(Kind::Deadline).time(deadline.due_at);
    match deadline.due {
        Due::PayBy(id) => row.byte(PAY_BY).bytes(&id.0),
        Due::AcceptBy(id) => row.byte(ACCEPT_BY).bytes(&id.0),
        Due::OfferExpires(id, fence) => row.byte(OFFER_EXPIRES).bytes(&id.0).short(fence),
        Due::NoCourier(id) => row.byte(NO_COURIER).bytes(&id.0),
        Due::QuoteGone(id) => row.byte(QUOTE_GONE).bytes(&id.0),
        Due::SessionEnds(id) => row.byte(SESSION_ENDS).bytes(&id.0),
        Due::AvailabilityEnds(id) => row.byte(AVAILABILITY_ENDS).bytes(&id.0),
        Due::StockReturns(id, target) => {
            stock::with_target(row.byte(STOCK_RETURNS).bytes(&id.0), target)
        }
        Due::SlotGone(id, start) => row.byte(SLOT_GONE).bytes(&id.0).time(start),
        Due::KitchenAt(id) => row.byte(KITCHEN_AT).bytes(&id.0),
        Due::NoShowAt(id) => row.byte(NO_SHOW_AT).bytes(&id.0),
        Due::SubstitutionBy(id) => row.byte(SUBSTITUTION_BY).bytes(&id.0),
        Due::ClaimAnswerBy(id) => row.byte(CLAIM_ANSWER_BY).bytes(&id.0),
        Due::CourierMissing(id) => row.byte(COURIER_MISSING).bytes(&id.0),
        Due::NoProgress(id, fence) => row.byte(NO_PROGRESS).bytes(&id.0).short(fence),
        Due::MoneyStuck(id) => row.byte(MONEY_STUCK).bytes(&id.0),
        Due::InboxGone(key) => row.byte(INBOX_GONE).bytes(&key.0),
        Due::AttemptsGone(login) => row.byte(ATTEMPTS_GONE).bytes(&login.0),
        Due::BanEnds(subject) => ban::with_subject(row.byte(BAN_ENDS), subject),
        Due::BanAftermath(id) => row.byte(BAN_AFTERMATH).bytes(&id.0),
        Due::ReviewBy(id) => row.byte(REVIEW_BY).bytes(&id.0),
        Due::ScoreMoved(of) => quality::with_of(row.byte(SCORE_MOVED), of),
        Due::MeasureEnds(of) => quality::with_of(row.byte(MEASURE_ENDS), of),
        Due::RoleEnds(id) => row.byte(ROLE_ENDS).bytes(&id.0),
        Due::ErasureGoesOn(id, done) => row.byte(ERASURE_GOES_ON).bytes(&id.0).short(done),
        Due::TraceEnds(key) => trace::with_key(row.byte(TRACE_ENDS), key),
        Due::Alert(id, step) => row.byte(ALERT).bytes(&id.0).byte(step_byte(step)),
    }
}

/// A step keeps its number for ever as well.
fn step_byte(step: AlertStep) -> u8 {
    match step {
        AlertStep::Push => 1,
        AlertStep::Sms => 2,
        AlertStep::Call => 3,
        AlertStep::Operators => 4,
    }
}

fn step_of(byte: u8) -> Option<AlertStep> {
    AlertStep::ALL.into_iter().find(|step| step_byte(*step) == byte)
}

/// Behind the last row that is due at this moment.
pub(crate) fn behind(until: Timestamp) -> Option<Vec<u8>> {
    Row::new(Kind::Deadline).time(until).behind()
}

/// What a row says. `None` if it is of no known shape.
pub(crate) fn deadline_of(row: &[u8]) -> Option<Deadline> {
    let mut parts = Parts(row.get(1..)?);
    let due_at = parts.time()?;
    let due = match parts.byte()? {
        PAY_BY => Due::PayBy(OrderId(parts.array()?)),
        ACCEPT_BY => Due::AcceptBy(OrderId(parts.array()?)),
        OFFER_EXPIRES => Due::OfferExpires(DeliveryId(parts.array()?), parts.short()?),
        NO_COURIER => Due::NoCourier(OrderId(parts.array()?)),
        QUOTE_GONE => Due::QuoteGone(QuoteId(parts.array()?)),
        SESSION_ENDS => Due::SessionEnds(SessionId(parts.array()?)),
        AVAILABILITY_ENDS => Due::AvailabilityEnds(RestaurantId(parts.array()?)),
        STOCK_RETURNS => {
            Due::StockReturns(RestaurantId(parts.array()?), stock::target(&mut parts)?)
        }
        SLOT_GONE => Due::SlotGone(RestaurantId(parts.array()?), parts.time()?),
        KITCHEN_AT => Due::KitchenAt(OrderId(parts.array()?)),
        NO_SHOW_AT => Due::NoShowAt(OrderId(parts.array()?)),
        SUBSTITUTION_BY => Due::SubstitutionBy(OrderId(parts.array()?)),
        CLAIM_ANSWER_BY => Due::ClaimAnswerBy(ClaimId(parts.array()?)),
        COURIER_MISSING => Due::CourierMissing(OrderId(parts.array()?)),
        NO_PROGRESS => Due::NoProgress(DeliveryId(parts.array()?), parts.short()?),
        MONEY_STUCK => Due::MoneyStuck(PaymentId(parts.array()?)),
        INBOX_GONE => Due::InboxGone(Digest(parts.array()?)),
        ATTEMPTS_GONE => Due::AttemptsGone(Digest(parts.array()?)),
        BAN_ENDS => Due::BanEnds(ban::subject(&mut parts)?),
        BAN_AFTERMATH => Due::BanAftermath(OrderId(parts.array()?)),
        REVIEW_BY => Due::ReviewBy(OrderId(parts.array()?)),
        SCORE_MOVED => Due::ScoreMoved(quality::of(&mut parts)?),
        MEASURE_ENDS => Due::MeasureEnds(quality::of(&mut parts)?),
        ROLE_ENDS => Due::RoleEnds(AccountId(parts.array()?)),
        ERASURE_GOES_ON => Due::ErasureGoesOn(AccountId(parts.array()?), parts.short()?),
        TRACE_ENDS => Due::TraceEnds(trace::key(&mut parts)?),
        ALERT => Due::Alert(OrderId(parts.array()?), step_of(parts.byte()?)?),
        _ => return None,
    };
    Some(Deadline { due_at, due })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fraud::TraceKey;
    use domain::ids::{AddressMark, CardMark, CourierId, DeviceMark, DishId, OptionId};
    use domain::moderation::BanSubject;
    use domain::quality::QualityOf;
    use domain::stock::StockTarget;

    #[test]
    fn golden_rows() {
        let at = Timestamp(0x0102_0304);
        let id = [7; 16];
        let all = [
            Due::PayBy(OrderId(id)),
            Due::AcceptBy(OrderId(id)),
            Due::OfferExpires(DeliveryId(id), 9),
            Due::NoCourier(OrderId(id)),
            Due::QuoteGone(QuoteId(id)),
            Due::SessionEnds(SessionId(id)),
            Due::AvailabilityEnds(RestaurantId(id)),
            Due::StockReturns(RestaurantId(id), StockTarget::Dish(DishId([8; 16]))),
            Due::StockReturns(RestaurantId(id), StockTarget::Option(OptionId([8; 16]))),
            Due::SlotGone(RestaurantId(id), Timestamp(0x0506)),
            Due::KitchenAt(OrderId(id)),
            Due::NoShowAt(OrderId(id)),
            Due::SubstitutionBy(OrderId(id)),
            Due::ClaimAnswerBy(ClaimId(id)),
            Due::CourierMissing(OrderId(id)),
            Due::NoProgress(DeliveryId(id), 9),
            Due::MoneyStuck(PaymentId(id)),
            Due::InboxGone(Digest([7; 32])),
            Due::AttemptsGone(Digest([9; 32])),
            Due::Alert(OrderId(id), AlertStep::Call),
            Due::BanEnds(BanSubject::Account(AccountId(id))),
            Due::BanEnds(BanSubject::Restaurant(RestaurantId(id))),
            Due::BanEnds(BanSubject::Courier(CourierId(id))),
            Due::BanEnds(BanSubject::Device(DeviceMark(id))),
            Due::BanEnds(BanSubject::Card(CardMark(id))),
            Due::BanAftermath(OrderId(id)),
            Due::ReviewBy(OrderId(id)),
            Due::ScoreMoved(QualityOf::Restaurant(RestaurantId(id))),
            Due::MeasureEnds(QualityOf::Courier(CourierId(id))),
            Due::RoleEnds(AccountId(id)),
            Due::ErasureGoesOn(AccountId(id), 200),
            Due::TraceEnds(TraceKey::Account(AccountId(id))),
            Due::TraceEnds(TraceKey::Device(DeviceMark(id))),
            Due::TraceEnds(TraceKey::Card(CardMark(id))),
            Due::TraceEnds(TraceKey::Address(AddressMark(id))),
        ];
        let mut text = String::new();
        for due in all {
            let deadline = Deadline { due_at: at, due };
            let row = row(&deadline);
            assert_eq!(deadline_of(row.as_ref()), Some(deadline));
            text += &format!("{row:?}\n");
        }
        expect_test::expect![[r#"
            5080000000010203040107070707070707070707070707070707
            5080000000010203040207070707070707070707070707070707
            508000000001020304030707070707070707070707070707070700000009
            5080000000010203040407070707070707070707070707070707
            5080000000010203040507070707070707070707070707070707
            5080000000010203040607070707070707070707070707070707
            5080000000010203040707070707070707070707070707070707
            50800000000102030408070707070707070707070707070707070108080808080808080808080808080808
            50800000000102030408070707070707070707070707070707070208080808080808080808080808080808
            50800000000102030409070707070707070707070707070707078000000000000506
            5080000000010203040a07070707070707070707070707070707
            5080000000010203040b07070707070707070707070707070707
            5080000000010203040c07070707070707070707070707070707
            5080000000010203040d07070707070707070707070707070707
            5080000000010203040e07070707070707070707070707070707
            5080000000010203040f0707070707070707070707070707070700000009
            5080000000010203041007070707070707070707070707070707
            508000000001020304110707070707070707070707070707070707070707070707070707070707070707
            508000000001020304150909090909090909090909090909090909090909090909090909090909090909
            508000000001020304140707070707070707070707070707070703
            508000000001020304280107070707070707070707070707070707
            508000000001020304280207070707070707070707070707070707
            508000000001020304280307070707070707070707070707070707
            508000000001020304280407070707070707070707070707070707
            508000000001020304280507070707070707070707070707070707
            5080000000010203042907070707070707070707070707070707
            5080000000010203042a07070707070707070707070707070707
            5080000000010203042b0107070707070707070707070707070707
            5080000000010203042c0207070707070707070707070707070707
            5080000000010203042d07070707070707070707070707070707
            5080000000010203042e07070707070707070707070707070707000000c8
            5080000000010203042f0107070707070707070707070707070707
            5080000000010203042f0207070707070707070707070707070707
            5080000000010203042f0307070707070707070707070707070707
            5080000000010203042f0407070707070707070707070707070707
        "#]]
        .assert_eq(&text);
    }
}
