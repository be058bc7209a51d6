//! A ride that nobody can have made: at the door sooner than any vehicle comes there.
//!
//! A courier who works with a customer need not wait for food that nobody eats: it is "fetched" and
//! "brought" within a minute, and a coupon, a bonus or a stranger's card pays for both. The log has
//! no positions, but it has two places and two moments: the kitchen's door and the customer's, and
//! when the courier says they stood there. A courier who forgets to tap says both at the door, too;
//! so one such ride is a fact for operators, and only several of them are a rule's business.

use super::What;
use crate::delivery::{DeliveryState, Progress};
use crate::event::Event;
use crate::order::case::Case;
use crate::time::{SECOND_MS, Timestamp};
use crate::view::{Unreadable, View};

/// Nobody rides faster through a city, from door to door as the crow flies: 108 km/h.
const FASTEST_M_PER_S: i64 = 30;
/// Within so many metres a tap that comes late says nothing.
const NEXT_DOOR_M: u32 = 500;

/// Whether nobody can have ridden so far in so short a time.
fn is_impossible(distance_m: u32, took_ms: i64) -> bool {
    let needed_ms = i64::from(distance_m) * SECOND_MS / FASTEST_M_PER_S;
    distance_m > NEXT_DOOR_M && took_ms < needed_ms
}

impl Case {
    /// Looks at the way from the kitchen, if this step ends it. Not yet taken: the last step of the
    /// delivery is the one before.
    pub(crate) fn look_at_ride(
        &mut self,
        city: &impl View,
        to: Progress,
        arrived_at: Timestamp,
    ) -> Result<(), Unreadable> {
        let distance_m = self.order().distance_m;
        let Some(delivery) = self.delivery() else { return Ok(()) };
        let rode = delivery.status.state() == DeliveryState::PickedUp;
        if !rode || !matches!(to, Progress::AtDoor | Progress::Delivered) {
            return Ok(());
        }
        let (Some(left_at), Some(courier_id)) = (delivery.last_step_at, delivery.status.holder())
        else {
            return Ok(());
        };
        let took_ms = arrived_at.ms_since(left_at);
        if !is_impossible(distance_m, took_ms) {
            return Ok(());
        }
        let (delivery_id, order_id) = (delivery.id, delivery.order_id);
        self.event(Event::RideImpossible {
            delivery_id,
            order_id,
            courier_id,
            distance_m,
            took_ms,
        });
        self.count(city, What::ImpossibleRides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_that_is_believed() {
        assert!(!is_impossible(500, 0), "a tap that comes late");
        assert!(is_impossible(501, 0));
        assert!(is_impossible(3_000, 99_999));
        assert!(!is_impossible(3_000, 100_000));
        // What was told before it happened is refused where moments are read.
        assert!(is_impossible(3_000, -1));
        assert!(!is_impossible(u32::MAX, i64::MAX));
    }
}
