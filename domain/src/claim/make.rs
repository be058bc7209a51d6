//! A customer complains.

use super::{Claim, ClaimKind, ClaimLine, ClaimStatus};
use crate::authority::person;
use crate::deadline::Due;
use crate::delivery::DeliveryStatus;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::What;
use crate::ids::{AccountId, ClaimId, OrderId};
use crate::image::ImageHash;
use crate::limits::{BASKET_LINES, CLAIM_PHOTOS, CLAIM_WITHIN_MS, LATE_MS, ORDER_CLAIMS};
use crate::money::Money;
use crate::order::case::Case;
use crate::order::{Order, OrderState, travel_ms};
use crate::outcome::{Checked, Outcome, Write};
use crate::payment::PaymentStatus;
use crate::pricing::Receipt;
use crate::refund::make::refunded_lines;
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Makes a claim about an order that has ended, within 48 hours. Its customer only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MakeClaim {
    pub claim_id: ClaimId,
    pub order_id: OrderId,
    pub kind: ClaimKind,
    pub lines: Vec<ClaimLine>,
    pub photos: Vec<ImageHash>,
    pub text: Sealed,
    pub request: Digest,
}

pub(crate) fn make_claim(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: MakeClaim,
) -> Result<Outcome, Unreadable> {
    let order = city.order(command.order_id)?;
    if order.is_none_or(|order| person(actor) != Some(order.customer_id)) {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    }
    if let Some(claim) = city.claim(command.claim_id)? {
        return Ok(if claim.order_id == command.order_id && claim.request == command.request {
            Outcome::unchanged(claim.made_index)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    let Some(mut case) = Case::load(city, stamp, command.order_id)? else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    if let Err(why) = check(city, case.order().customer_id, &command)? {
        return Ok(Outcome::rejected(why));
    }
    if let Err(why) = can_claim(&case, command.kind) {
        return Ok(Outcome::rejected(why));
    }
    let before = earlier(city, &case)?;
    let asked = match asked(&case, &command, &before) {
        Ok(asked) => asked,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    case.count(city, What::Claims)?;
    case.make_claim(command, asked);
    Ok(case.yes())
}

/// The shape of a claim, and that its pictures are the customer's own.
fn check(city: &impl View, customer_id: AccountId, wish: &MakeClaim) -> Checked<()> {
    let shape = field::sealed("/text", &wish.text)
        .and_then(|()| field::length("/photos", wish.photos.len(), 0..=CLAIM_PHOTOS));
    if let Err(why) = shape {
        return Ok(Err(why));
    }
    for hash in &wish.photos {
        if city.image(*hash)?.is_none_or(|image| image.owner != customer_id) {
            return Ok(Err(Rejection::ImageUnknown));
        }
    }
    Ok(Ok(()))
}

/// Whether anything can be claimed of this order now.
fn can_claim(case: &Case, kind: ClaimKind) -> Result<(), Rejection> {
    let order = case.order();
    let state = order.status.state();
    if !state.is_terminal() {
        return Err(Rejection::OrderMovedOn { state });
    }
    // Whoever called it off, or did not come, has eaten nothing that could be missing or cold.
    if state != OrderState::Completed && kind != ClaimKind::NeverCame {
        return Err(Rejection::ClaimClosed);
    }
    // A cash order that nobody took leaves a debt and no money: whoever says that nobody came
    // must be heard all the same.
    let owed = order.bill.is_some_and(|bill| bill.customer_pays > Money::ZERO);
    let charged = case.charged() > Money::ZERO;
    let heard = charged || (owed && kind == ClaimKind::NeverCame);
    if !heard {
        return Err(Rejection::ClaimClosed);
    }
    let ended_at = order.ended_at.unwrap_or(order.placed_at);
    if case.at().ms_since(ended_at) > CLAIM_WITHIN_MS {
        return Err(Rejection::ClaimClosed);
    }
    field::length("/claims", order.claims.len() + 1, 1..=ORDER_CLAIMS)
}

/// What this order's claims were about until now.
#[derive(Debug, Default)]
struct Earlier {
    lines: Vec<ClaimLine>,
    late: bool,
    never_came: bool,
}

fn earlier(city: &impl View, case: &Case) -> Result<Earlier, Unreadable> {
    let mut earlier = Earlier { lines: refunded_lines(city, case)?, ..Earlier::default() };
    for claim_id in &case.order().claims {
        let Some(claim) = city.claim(*claim_id)? else { continue };
        earlier.lines.extend_from_slice(&claim.lines);
        earlier.late |= claim.kind == ClaimKind::Late;
        earlier.never_came |= claim.kind == ClaimKind::NeverCame;
    }
    Ok(earlier)
}

/// What a claim asks for, by the receipt; never more than was charged.
fn asked(case: &Case, wish: &MakeClaim, before: &Earlier) -> Result<Money, Rejection> {
    let charged = case.charged();
    match wish.kind {
        ClaimKind::Missing | ClaimKind::Wrong | ClaimKind::Quality | ClaimKind::Allergy => {
            let asked = price_of(&case.order().receipt, &before.lines, &wish.lines)?;
            Ok(asked.min(charged))
        }
        ClaimKind::Late | ClaimKind::NeverCame if !wish.lines.is_empty() => {
            Err(field::invalid("/lines", "none: this is about the whole order"))
        }
        // The same complaint twice is one.
        ClaimKind::Late if before.late => Err(Rejection::ClaimClosed),
        ClaimKind::NeverCame if before.never_came => Err(Rejection::ClaimClosed),
        ClaimKind::Late if case.delivery().is_none() => {
            Err(field::invalid("/kind", "late gives the way's fee back, and this order had none"))
        }
        ClaimKind::Late if !is_late(case) => {
            Err(field::invalid("/kind", "late: from 20 minutes after the promised time on"))
        }
        ClaimKind::Late => Ok(case.order().receipt.delivery_with_tax().min(charged)),
        ClaimKind::NeverCame => Ok(charged),
    }
}

/// What was paid for these lines, after the coupon and with their tax. `before` was asked for
/// already: nothing is given back twice.
pub(crate) fn price_of(
    receipt: &Receipt,
    before: &[ClaimLine],
    lines: &[ClaimLine],
) -> Result<Money, Rejection> {
    field::length("/lines", lines.len(), 1..=BASKET_LINES)?;
    if lines.iter().any(|line| line.quantity == 0) {
        return Err(field::invalid("/lines", "at least one of each line"));
    }
    let rule = "lines of the receipt, each no more often than it was bought and claimed before";
    receipt.part_after(before, lines).ok_or_else(|| field::invalid("/lines", rule))
}

/// Whether it came so long after its promised time that the way was not worth its fee.
fn is_late(case: &Case) -> bool {
    let order = case.order();
    let latest = order.promised.to.plus_ms(LATE_MS);
    let promised = order.promised.to > Timestamp::default();
    promised && came_at(case).is_some_and(|came| came > latest)
}

/// When it came to its door, by the courier's word where their phone told it later.
fn came_at(case: &Case) -> Option<Timestamp> {
    let delivery = case.delivery()?;
    match delivery.status {
        DeliveryStatus::Delivered { .. } => delivery.last_step_at.or(case.order().ended_at),
        DeliveryStatus::Waiting
        | DeliveryStatus::Unassigned
        | DeliveryStatus::Offering { .. }
        | DeliveryStatus::Assigned { .. }
        | DeliveryStatus::AtStore { .. }
        | DeliveryStatus::PickedUp { .. }
        | DeliveryStatus::AtDoor { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => None,
    }
}

/// Whether the food was ready so late that even a courier at the counter would have been late.
fn kitchen_was_late(order: &Order) -> bool {
    let due = order.promised.to.plus_ms(-travel_ms(order.distance_m));
    order.ready_at.is_some_and(|ready_at| ready_at > due)
}

impl Case {
    /// What was taken from the customer, whatever has gone back since.
    pub(super) fn charged(&self) -> Money {
        let payment = self.payment();
        match payment.status {
            PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::CashCollected
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => payment.to_capture,
            PaymentStatus::None
            | PaymentStatus::CashDue
            | PaymentStatus::Authorizing
            | PaymentStatus::ActionRequired
            | PaymentStatus::Failed
            | PaymentStatus::Authorized
            | PaymentStatus::Voiding
            | PaymentStatus::Voided => Money::ZERO,
        }
    }

    /// Keeps the claim, and lets the one judge it whose work it is about.
    fn make_claim(&mut self, wish: MakeClaim, asked: Money) {
        let MakeClaim { claim_id, order_id, kind, lines, photos, text, request } = wish;
        let restaurant_id = self.order().restaurant_id;
        let restaurants = match kind {
            ClaimKind::Missing | ClaimKind::Wrong | ClaimKind::Quality | ClaimKind::Allergy => true,
            ClaimKind::Late => kitchen_was_late(self.order()),
            ClaimKind::NeverCame => false,
        };
        let answer_by = self.at().plus_ms(self.rules().claim_answer_ms);
        let status =
            if restaurants { ClaimStatus::Open { answer_by } } else { ClaimStatus::Contested };
        let (made_at, made_index) = (self.at(), self.revision());
        self.write(Write::Claim(Arc::new(Claim {
            id: claim_id,
            order_id,
            customer_id: self.order().customer_id,
            restaurant_id,
            kind,
            lines,
            photos,
            text,
            asked,
            status,
            answer: None,
            decision: None,
            made_at,
            made_index,
            request,
            revision: made_index,
        })));
        self.order_mut().claims.push(claim_id);
        self.event(Event::ClaimMade { claim_id, order_id, restaurant_id });
        match status {
            ClaimStatus::Open { answer_by } => {
                self.await_due(answer_by, Due::ClaimAnswerBy(claim_id));
            }
            ClaimStatus::Contested => {
                self.event(Event::ClaimContested { claim_id, order_id, restaurant_id });
            }
            ClaimStatus::Settled { .. } | ClaimStatus::Refused => {}
        }
    }
}
