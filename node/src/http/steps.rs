//! A courier's word on its way to the log: said now, or offline and told later.

use super::auth::CourierSelf;
use super::error::{Answer, Fail};
use super::reading::Reads;
use super::writing::{Done, Log};
use crate::clock;
use crate::derived::kitchens::metres;
use crate::node::Parts;
use crate::vault::Vault;
use api::codes::Code;
use api::deliveries as shape;
use api::orders::CourierStatus;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts as RequestParts;
use domain::delivery::{
    AdvanceDelivery, DeclineOffer, DropDelivery, FailDelivery, FailReason, Progress, Proof,
    TakeOffer,
};
use domain::ids::{DeliveryId, OrderId};
use domain::order::PinKind;
use domain::sealed::Digest;
use domain::time::{MINUTE_MS, Timestamp};
use domain::{Command, Rejection};
use geo_index::{Couriers, haversine_m};
use std::sync::Arc;
use storage::Reader;

/// Letters of the name that a phone gives to what it tells.
const EVENT_ID_LETTERS: std::ops::RangeInclusive<usize> = 1..=100;
/// A position older than this says nothing about a tap; nor does a tap that is told later.
const TAP_MS: i64 = MINUTE_MS;

/// Takes down what the courier who asks says.
pub(super) struct Steps {
    pub(super) courier: CourierSelf,
    pub(super) log: Log,
    pub(super) reads: Reads,
    pub(super) vault: Vault,
    reader: Reader,
    couriers: Arc<Couriers>,
}

/// What they say of one order.
pub(super) struct Word {
    pub(super) order_id: OrderId,
    pub(super) status: CourierStatus,
    pub(super) fence: Option<u32>,
    pub(super) occurred_at: Option<Timestamp>,
    pub(super) reason: Option<FailReason>,
    pub(super) event_id: Option<String>,
    pub(super) proof: Option<shape::Proof>,
}

impl FromRequestParts<Parts> for Steps {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut RequestParts, state: &Parts) -> Result<Self, Fail> {
        Ok(Self {
            courier: CourierSelf::from_request_parts(parts, state).await?,
            log: Log::from_request_parts(parts, state).await?,
            reads: Reads::from_request_parts(parts, state).await?,
            vault: Vault::from_ref(state),
            reader: Reader::from_ref(state),
            couriers: <Arc<Couriers>>::from_ref(state),
        })
    }
}

impl Steps {
    /// Says it to the log.
    ///
    /// # Errors
    /// As a refusal; `pin_wrong` too, though the log took that try down.
    pub(super) async fn take_down(&self, word: Word) -> Answer<Done> {
        let order_id = word.order_id;
        let said = word.proof.as_ref();
        let a_number = said.is_some_and(|proof| proof.pin.is_some() || proof.code.is_some());
        let command = self.command(word)?;
        let to = if let Command::AdvanceDelivery(step) = &command { Some(step.to) } else { None };
        let done = self.log.propose(self.courier.caller.actor(), command).await?;
        if let Some(to) = to.filter(|_| a_number) {
            self.was_right(order_id, to, done).await?;
        }
        Ok(done)
    }

    fn command(&self, word: Word) -> Answer<Command> {
        let Word { order_id, status, fence, occurred_at, reason, event_id, proof } = word;
        let courier_id = self.courier.courier_id;
        let event_id = event_id.map(|event_id| self.event(&event_id)).transpose()?;
        let step = |to| {
            let proof = self.proof(order_id, proof.unwrap_or_default(), to, occurred_at)?;
            Ok(Command::AdvanceDelivery(AdvanceDelivery {
                courier_id,
                order_id,
                to,
                fence,
                occurred_at,
                event_id,
                proof,
            }))
        };
        match status {
            CourierStatus::Accepted => {
                Ok(Command::TakeOffer(TakeOffer { courier_id, order_id, fence }))
            }
            CourierStatus::Declined => {
                Ok(Command::DeclineOffer(DeclineOffer { courier_id, order_id, fence }))
            }
            CourierStatus::Dropped => {
                Ok(Command::DropDelivery(DropDelivery { courier_id, order_id, fence }))
            }
            CourierStatus::AtStore => step(Progress::AtStore),
            CourierStatus::PickedUp => step(Progress::PickedUp),
            CourierStatus::AtDoor => step(Progress::AtDoor),
            CourierStatus::Delivered => step(Progress::Delivered),
            CourierStatus::Returning => step(Progress::Returning),
            CourierStatus::Returned => step(Progress::Returned),
            CourierStatus::Failed => {
                let Some(reason) = reason else {
                    let rule = "is required with failed";
                    return Err(Fail::field(Code::FieldInvalid, "/reason", rule));
                };
                Ok(Command::FailDelivery(FailDelivery {
                    courier_id,
                    order_id,
                    reason,
                    fence,
                    occurred_at,
                    event_id,
                }))
            }
        }
    }

    /// The name of what a phone tells, as the log has it: this courier's own.
    ///
    /// # Errors
    /// If it is empty or long.
    pub(super) fn event(&self, event_id: &str) -> Answer<Digest> {
        if !EVENT_ID_LETTERS.contains(&event_id.chars().count()) {
            let rule = "has from 1 to 100 letters";
            return Err(Fail::field(Code::FieldInvalid, "/event_id", rule));
        }
        let mut text = b"event".to_vec();
        text.extend_from_slice(&self.courier.courier_id.0);
        text.extend_from_slice(event_id.as_bytes());
        Ok(self.vault.digest(&text))
    }

    fn proof(
        &self,
        order_id: OrderId,
        said: shape::Proof,
        to: Progress,
        occurred_at: Option<Timestamp>,
    ) -> Answer<Proof> {
        let digest = |purpose, text: Option<String>| {
            text.map(|text| self.vault.pin_digest(order_id, purpose, &text))
        };
        let door_distance_m = match to {
            Progress::Delivered => self.door_distance_m(order_id, occurred_at)?,
            Progress::AtStore
            | Progress::PickedUp
            | Progress::AtDoor
            | Progress::Returning
            | Progress::Returned => None,
        };
        Ok(Proof {
            pin: digest(PinKind::Door, said.pin),
            code: digest(PinKind::HandOver, said.code),
            photo: said.photo,
            signature: said.signature,
            age_checked: said.age_checked,
            door_distance_m,
        })
    }

    /// How far the courier is from the door at the moment of the tap; nothing if nobody knows.
    fn door_distance_m(
        &self,
        order_id: OrderId,
        occurred_at: Option<Timestamp>,
    ) -> Answer<Option<u32>> {
        let now = clock::now();
        if occurred_at.is_some_and(|at| now.ms_since(at) > TAP_MS) {
            return Ok(None);
        }
        let seen = self.couriers.get(self.courier.courier_id, now);
        let Some(seen) = seen.filter(|seen| seen.age_ms <= TAP_MS) else { return Ok(None) };
        // The door never moves: what this replica has of it is enough.
        let delivery = self.reader.view().delivery(DeliveryId::of(order_id))?;
        Ok(delivery.map(|delivery| metres(haversine_m(seen.position, delivery.drop))))
    }

    /// A wrong number is a yes that counts it, and the delivery has not moved.
    async fn was_right(&self, order_id: OrderId, to: Progress, done: Done) -> Answer<()> {
        let view = self.reads.after_write(done.index).await?.view;
        let delivery = view.delivery(DeliveryId::of(order_id))?;
        let delivery = delivery.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
        if to.is_done_in(delivery.status.state()) {
            return Ok(());
        }
        let order = view.order(order_id)?.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
        let kind = match to {
            Progress::Delivered => PinKind::Door,
            Progress::AtStore
            | Progress::PickedUp
            | Progress::AtDoor
            | Progress::Returning
            | Progress::Returned => PinKind::HandOver,
        };
        let tries_left = order.pins.tries_left(kind);
        Err(Rejection::PinWrong { tries_left }.into())
    }
}
