//! What shows that the food came to its door.

use super::carry::in_the_bag;
use super::{Delivery, DeliveryStatus};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::ids::{AccountId, CourierId, OrderId};
use crate::image::ImageHash;
use crate::limits::NEAR_DOOR_M;
use crate::order::case::Case;
use crate::order::pin::Said;
use crate::order::{Order, PinKind};
use crate::outcome::{Checked, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::Digest;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// What a courier shows with a step. Whatever is absent is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Keyed hash of the PIN that the customer said at the door.
    pub pin: Option<Digest>,
    /// Keyed hash of the hand-over code that the kitchen said, at pick-up or at a return.
    pub code: Option<Digest>,
    /// A photo that was uploaded before.
    pub photo: Option<ImageHash>,
    /// A signature that was uploaded before.
    pub signature: Option<ImageHash>,
    /// The courier has seen that the customer is old enough.
    pub age_checked: bool,
    /// Metres from the courier's last position to the door, measured before the log; absent if
    /// nobody knows where they are.
    pub door_distance_m: Option<u32>,
}

/// What is kept of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Proven {
    pub pin: bool,
    pub photo: Option<ImageHash>,
    pub signature: Option<ImageHash>,
    pub age_checked: bool,
    /// The tap came from too far away: a question for fraud.
    pub far: bool,
}

/// Binds an uploaded photo or signature to a delivery, before the last step. The holder only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AttachProof {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    pub fence: Option<u32>,
    pub photo: Option<ImageHash>,
    pub signature: Option<ImageHash>,
}

/// What is missing before a delivery counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ProofNeeded {
    Pin,
    Photo,
    Signature,
    AgeCheck,
    Code,
}

pub(crate) fn attach_proof(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: AttachProof,
) -> Result<Outcome, Unreadable> {
    let AttachProof { courier_id, order_id, fence, photo, signature } = command;
    let mut case = match in_the_bag(city, stamp, actor, courier_id, order_id, fence, None)? {
        Ok(case) => case,
        Err(answer) => return Ok(answer),
    };
    let Some(delivery) = case.delivery() else {
        return Ok(Outcome::rejected(Rejection::OrderUnknown));
    };
    let mut proven = delivery.proven;
    proven.photo = photo.or(proven.photo);
    proven.signature = signature.or(proven.signature);
    if proven == delivery.proven {
        return Ok(Outcome::unchanged(delivery.revision));
    }
    if let Err(why) = delivery.may_show(courier_id, fence) {
        return Ok(Outcome::rejected(why));
    }
    let (delivery_id, customer_id) = (delivery.id, delivery.customer_id);
    for picture in [photo, signature].into_iter().flatten() {
        if !shows(city, actor, picture, customer_id)? {
            return Ok(Outcome::rejected(Rejection::ImageUnknown));
        }
    }
    case.keep(proven);
    case.event(Event::ProofAttached { delivery_id, order_id, courier_id });
    Ok(case.yes())
}

impl Delivery {
    /// Whether this courier may show something now: who has the food, until it is over.
    ///
    /// # Errors
    /// It is not theirs, or there is nothing to show yet, or no more.
    pub fn may_show(&self, courier_id: CourierId, fence: Option<u32>) -> Result<(), Rejection> {
        let holds = self.status.holder() == Some(courier_id);
        if !holds || fence.is_some_and(|fence| fence != self.fence) {
            return Err(Rejection::NotYours);
        }
        match self.status {
            DeliveryStatus::PickedUp { .. }
            | DeliveryStatus::AtDoor { .. }
            | DeliveryStatus::Failed { .. }
            | DeliveryStatus::Returning { .. } => Ok(()),
            DeliveryStatus::Waiting
            | DeliveryStatus::Unassigned
            | DeliveryStatus::Offering { .. }
            | DeliveryStatus::Assigned { .. }
            | DeliveryStatus::AtStore { .. }
            | DeliveryStatus::Delivered { .. }
            | DeliveryStatus::Returned { .. }
            | DeliveryStatus::Disposed { .. }
            | DeliveryStatus::Cancelled
            | DeliveryStatus::Lost { .. } => {
                Err(Rejection::OutOfOrder { state: self.status.state() })
            }
        }
    }
}

/// Whether this person has uploaded that picture, and it is closed with the customer's key: what it
/// shows goes with them.
fn shows(
    city: &impl View,
    actor: &Actor,
    picture: ImageHash,
    customer_id: AccountId,
) -> Result<bool, Unreadable> {
    let owner = person(actor);
    let image = city.image(picture)?;
    Ok(image.is_some_and(|image| {
        image.private && Some(image.owner) == owner && image.keyed_to() == customer_id
    }))
}

impl Case {
    /// Whether what is shown, now or before, is enough for a delivery; it is kept then.
    ///
    /// The highest that is asked for counts: a PIN, a signature, a photo, or the tap itself. That
    /// a customer is old enough is the law, and no PIN shows it.
    pub(super) fn prove(
        &mut self,
        city: &impl View,
        actor: &Actor,
        shown: &Proof,
    ) -> Checked<Said> {
        let Some(delivery) = self.delivery() else {
            return Ok(Err(Rejection::OrderUnknown));
        };
        let (before, customer_id) = (delivery.proven, delivery.customer_id);
        for picture in [shown.photo, shown.signature].into_iter().flatten() {
            let known = [before.photo, before.signature].contains(&Some(picture));
            if !known && !shows(city, actor, picture, customer_id)? {
                return Ok(Err(Rejection::ImageUnknown));
            }
        }
        let mut proven = Proven {
            pin: false,
            photo: shown.photo.or(before.photo),
            signature: shown.signature.or(before.signature),
            age_checked: shown.age_checked || before.age_checked,
            far: shown.door_distance_m.is_some_and(|metres| metres > NEAR_DOOR_M),
        };
        let needed = self.order().missing_proof(&proven, shown.pin.is_some());
        if !needed.is_empty() {
            return Ok(Err(Rejection::ProofMissing { needed }));
        }
        if let (Some(_), Some(pin)) = (&self.order().pins.door, shown.pin) {
            match self.say(PinKind::Door, pin) {
                Ok(Said::Right) => proven.pin = true,
                Ok(said @ (Said::Wrong | Said::Again)) => return Ok(Ok(said)),
                Err(why) => return Ok(Err(why)),
            }
        }
        self.keep(proven);
        Ok(Ok(Said::Right))
    }

    /// Keeps what shows it. A picture in whose place another one comes is needed no more.
    fn keep(&mut self, proven: Proven) {
        let Some(before) = self.delivery().map(|delivery| delivery.proven) else { return };
        let now = [proven.photo, proven.signature];
        for old in [before.photo, before.signature].into_iter().flatten() {
            if !now.contains(&Some(old)) {
                self.write(Write::DropImage(old));
            }
        }
        self.change_delivery(|delivery| delivery.proven = proven);
    }
}

impl Order {
    /// What a delivery of this order would still have to show.
    fn missing_proof(&self, proven: &Proven, pin_said: bool) -> Vec<ProofNeeded> {
        let restricted = self.is_restricted();
        let mut needed = Vec::new();
        if self.pins.door.is_some() {
            if !pin_said {
                needed.push(ProofNeeded::Pin);
            }
        } else if restricted {
            if proven.signature.is_none() {
                needed.push(ProofNeeded::Signature);
            }
        } else if (self.contactless || proven.far) && proven.photo.is_none() {
            needed.push(ProofNeeded::Photo);
        }
        if restricted && !proven.age_checked {
            needed.push(ProofNeeded::AgeCheck);
        }
        needed
    }

    /// Whether something in it is not for everybody.
    pub fn is_restricted(&self) -> bool {
        self.receipt.lines.iter().any(|line| line.min_age > 0)
    }
}
