//! A ride that nobody can have made: at the door sooner than any vehicle comes there.
//!
//! A courier who works with a customer need not wait for food that nobody eats: it is "fetched" and
//! "brought" within a minute, and a coupon, a bonus or a stranger's card pays for both. The log has
//! no positions, but it has two places and two moments: the kitchen's door and the customer's, and
//! when the courier says they stood there. A courier who forgets to tap says both at the door, too;
//! so one such ride is a fact for operators, and only a large share of somebody's orders is the
//! business of a rule.

use super::What;
use crate::delivery::{Progress, Told};
use crate::event::Event;
use crate::order::case::Case;
use crate::time::SECOND_MS;
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
    /// Takes down when the ride from the kitchen begins; where it ends, looks at how long it was.
    pub(crate) fn rides(
        &mut self,
        city: &impl View,
        to: Progress,
        told: Told,
    ) -> Result<(), Unreadable> {
        let Some(left_at) = self.delivery().map(|delivery| delivery.left_at) else {
            return Ok(());
        };
        match to {
            Progress::PickedUp => {
                self.change_delivery(|delivery| delivery.left_at = Some(told));
                return Ok(());
            }
            Progress::AtDoor | Progress::Delivered => {}
            Progress::AtStore | Progress::Returning | Progress::Returned => return Ok(()),
        }
        let Some(left) = left_at else { return Ok(()) };
        self.change_delivery(|delivery| delivery.left_at = None);
        // Two clocks may be minutes apart.
        if left.by_phone != told.by_phone {
            return Ok(());
        }
        let (distance_m, took_ms) = (self.order().distance_m, told.at.ms_since(left.at));
        if !is_impossible(distance_m, took_ms) {
            return Ok(());
        }
        let order_id = self.order().id;
        let (Some(delivery_id), Some(courier_id)) = (self.order().delivery_id, self.holder())
        else {
            return Ok(());
        };
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
