//! Work now, or not.

use super::{Courier, Vehicle};
use crate::account::OperatorRole;
use crate::authority::{is_operator, rides_as};
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::fraud::{Trace, TraceKey};
use crate::ids::{CourierId, DeviceMark};
use crate::order::case::Case;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Goes on or off shift. Off shift withdraws a live offer; what is carried stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetCourierOnline {
    pub courier_id: CourierId,
    pub online: bool,
    pub vehicle: Option<Vehicle>,
    /// The device that they work with.
    #[serde(default)]
    pub device: Option<DeviceMark>,
}

pub(crate) fn set_courier_online(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetCourierOnline,
) -> Result<Outcome, Unreadable> {
    let SetCourierOnline { courier_id, online, vehicle, device } = command;
    if !rides_as(city, actor, courier_id)? && !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(courier) = city.courier(courier_id)? else {
        return Ok(Outcome::rejected(Rejection::CourierUnknown));
    };
    let vehicle = vehicle.unwrap_or(courier.vehicle);
    if courier.online == online && courier.vehicle == vehicle {
        return Ok(Outcome::unchanged(courier.revision));
    }
    let mut courier = Arc::unwrap_or_clone(courier);
    let mut changes = Changes::new(stamp);
    if courier.vehicle != vehicle {
        // Whoever waits for what they carry was promised a time for this vehicle.
        if !courier.carrying.is_empty() {
            return Ok(Outcome::rejected(Rejection::CourierNotReady));
        }
        courier.vehicle = vehicle;
    }
    if online && !courier.online {
        if courier.ban.is_some() {
            return Ok(Outcome::rejected(Rejection::Banned));
        }
        if !courier.approved {
            return Ok(Outcome::rejected(Rejection::CourierNotReady));
        }
        if !courier.may_carry() {
            let until = courier.measure.as_ref().and_then(|measure| measure.until);
            return Ok(Outcome::rejected(Rejection::CourierPaused { until }));
        }
        courier.online = true;
        if let Some(key) = device.map(TraceKey::Device) {
            let mut trace = Trace::load(city, key)?;
            trace.link(courier.account_id, true, stamp.at);
            trace.save(&mut changes);
        }
        changes.event(Event::CourierWentOnline { courier_id });
    }
    if !online {
        (changes, courier) = off_shift(city, changes, courier)?;
    }
    courier.revision = stamp.index;
    changes.write(Write::Courier(Arc::new(courier)));
    Ok(changes.yes())
}

/// Off shift: nothing new is shown to them. The caller writes the courier.
pub(crate) fn off_shift(
    city: &impl View,
    mut changes: Changes,
    mut courier: Courier,
) -> Result<(Changes, Courier), Unreadable> {
    if let Some(delivery_id) = courier.offered {
        let mut case = Case::of_courier(city, changes, delivery_id, courier)?;
        case.withdraw_offer();
        (changes, courier) = case.save_but_courier()?;
    }
    if courier.online {
        courier.online = false;
        changes.event(Event::CourierWentOffline { courier_id: courier.id });
    }
    Ok((changes, courier))
}

/// Nothing is theirs to carry any more. What is not picked up yet is searched for anew; what is in
/// their bag already stays there, and operators are told: somebody must see to it.
pub(crate) fn ban_from_work(
    city: &impl View,
    mut changes: Changes,
    mut courier: Courier,
) -> Result<Changes, Unreadable> {
    let courier_id = courier.id;
    for delivery_id in courier.carrying.clone() {
        let mut case = Case::of_courier(city, changes, delivery_id, courier)?;
        case.give_back();
        if case.holder().is_some() {
            let order_id = case.order().id;
            case.event(Event::DeliveryStranded { delivery_id, order_id, courier_id });
        }
        (changes, courier) = case.save_but_courier()?;
    }
    let (mut changes, mut courier) = off_shift(city, changes, courier)?;
    courier.revision = changes.stamp().index;
    changes.write(Write::Courier(Arc::new(courier)));
    Ok(changes)
}
