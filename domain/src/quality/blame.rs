//! Who did what of an order, and what was wrong with it.

use super::{Counted, Quality, QualityOf, stars_of};
use crate::claim::ClaimKind;
use crate::deadline::{Deadline, Due};
use crate::delivery::DeliveryState;
use crate::ids::CourierId;
use crate::limits::{QUALITY_LATE_MS, QUALITY_WAIT_MS};
use crate::order::case::Case;
use crate::order::schedule::travel_ms;
use crate::order::{Fault, OrderState, Situation, StepKind};
use crate::outcome::{Changes, Write};
use crate::rating::Tally;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// What was wrong with an order, once for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Flaw {
    Unfulfilled,
    KitchenLate,
    Inaccurate,
    Poor,
    CourierLate,
    CourierFailed,
}

impl Flaw {
    /// Whether it is the courier's; else it is the restaurant's.
    fn is_couriers(self) -> bool {
        match self {
            Self::CourierLate | Self::CourierFailed => true,
            Self::Unfulfilled | Self::KitchenLate | Self::Inaccurate | Self::Poor => false,
        }
    }

    fn counted(self) -> Counted {
        match self {
            Self::Unfulfilled => Counted::Unfulfilled,
            Self::KitchenLate | Self::CourierLate => Counted::Late,
            Self::Inaccurate => Counted::Inaccurate,
            Self::Poor => Counted::Poor,
            Self::CourierFailed => Counted::Failed,
        }
    }
}

/// Records of quality that one entry changes, each written once.
#[derive(Debug, Default)]
pub(crate) struct Qualities(BTreeMap<QualityOf, Moved>);

#[derive(Debug)]
struct Moved {
    quality: Quality,
    stars: Tally,
    /// Something was wrong.
    flawed: bool,
}

impl Qualities {
    fn count(
        &mut self,
        city: &impl View,
        of: QualityOf,
        counted: Counted,
        at: Timestamp,
    ) -> Result<(), Unreadable> {
        let moved = match self.0.entry(of) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                let known = city.quality(of)?;
                let quality = known.map_or_else(|| Quality::new(of), Arc::unwrap_or_clone);
                place.insert(Moved { quality, stars: stars_of(city, of)?, flawed: false })
            }
        };
        moved.quality.add(counted, at);
        moved.flawed |= counted != Counted::Orders;
        Ok(())
    }

    /// Writes them. What follows from a score is decided in an entry of its own, at once.
    pub(crate) fn save(self, changes: &mut Changes) {
        let (at, revision) = (changes.stamp().at, changes.stamp().index);
        for Moved { mut quality, stars, flawed } in self.0.into_values() {
            let score = quality.score(at, stars);
            quality.lost = score.points.map_or(0, |_| score.parts.iter().map(|it| it.lost).sum());
            quality.revision = revision;
            let asks_for = quality.asks_for(at, stars);
            // An order that went well makes nothing worse, however bad it still is.
            let moves = if flawed { asks_for > quality.step } else { asks_for < quality.step };
            if moves && !quality.is_trusted_at(at) {
                let due = Due::ScoreMoved(quality.of);
                changes.write(Write::Deadline(Deadline { due_at: at, due }));
            }
            changes.write(Write::Quality(Arc::new(quality)));
        }
    }
}

/// What somebody had to do with the end of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    Done,
    Undone,
}

/// What the kitchen and the courier had to do with it. What they could not do because of others is
/// nothing.
fn doings(situation: Situation) -> (Doing, Doing) {
    match situation {
        Situation::Completed | Situation::Undelivered => (Doing::Done, Doing::Done),
        Situation::CustomerLate { .. } | Situation::PickupNoShow => (Doing::Done, Doing::Nothing),
        Situation::BeforeAccept(Fault::Restaurant) | Situation::Restaurant { .. } => {
            (Doing::Undone, Doing::Nothing)
        }
        Situation::Courier | Situation::Platform { fault: Fault::Courier, .. } => {
            (Doing::Nothing, Doing::Undone)
        }
        Situation::BeforeAccept(Fault::Customer | Fault::Courier | Fault::Platform)
        | Situation::CustomerEarly { .. }
        | Situation::Platform { .. } => (Doing::Nothing, Doing::Nothing),
    }
}

impl Case {
    /// The order ends: whoever had to do with it has one more.
    pub(crate) fn judge_end(
        &mut self,
        city: &impl View,
        situation: Situation,
    ) -> Result<(), Unreadable> {
        let (kitchen, courier) = doings(situation);
        let restaurant = QualityOf::Restaurant(self.order().restaurant_id);
        match kitchen {
            Doing::Nothing => {}
            Doing::Done => {
                self.count_work(city, restaurant, Counted::Orders)?;
                if self.made_courier_wait() {
                    self.blame(city, Flaw::KitchenLate)?;
                }
            }
            // What it has never seen it has not refused.
            Doing::Undone if self.order().came_to_the_kitchen() => {
                self.count_work(city, restaurant, Counted::Orders)?;
                self.blame(city, Flaw::Unfulfilled)?;
            }
            Doing::Undone => {}
        }
        let Some(courier_id) = self.carrier() else { return Ok(()) };
        match courier {
            Doing::Nothing => Ok(()),
            Doing::Done => {
                self.count_work(city, QualityOf::Courier(courier_id), Counted::Orders)?;
                if self.courier_was_late() { self.blame(city, Flaw::CourierLate) } else { Ok(()) }
            }
            Doing::Undone => {
                self.count_work(city, QualityOf::Courier(courier_id), Counted::Orders)?;
                self.blame(city, Flaw::CourierFailed)
            }
        }
    }

    /// Somebody said yes and did not come. To say no to an offer never counts, nor to go when the
    /// kitchen has made one wait.
    pub(crate) fn judge_given_back(
        &mut self,
        city: &impl View,
        courier_id: CourierId,
    ) -> Result<(), Unreadable> {
        if self.is_kept_waiting() {
            return Ok(());
        }
        let of = QualityOf::Courier(courier_id);
        self.count_work(city, of, Counted::Orders)?;
        self.count_work(city, of, Counted::Unfulfilled)
    }

    /// A complaint was right.
    pub(crate) fn judge_claim(
        &mut self,
        city: &impl View,
        kind: ClaimKind,
        fault: Fault,
    ) -> Result<(), Unreadable> {
        let flaw = match (fault, kind) {
            (Fault::Restaurant, ClaimKind::Late) => Flaw::KitchenLate,
            (Fault::Restaurant, ClaimKind::Quality | ClaimKind::Allergy) => Flaw::Poor,
            (Fault::Restaurant, ClaimKind::Missing | ClaimKind::Wrong | ClaimKind::NeverCame) => {
                Flaw::Inaccurate
            }
            (Fault::Courier, ClaimKind::Late) => Flaw::CourierLate,
            (
                Fault::Courier,
                ClaimKind::Missing
                | ClaimKind::Wrong
                | ClaimKind::Quality
                | ClaimKind::NeverCame
                | ClaimKind::Allergy,
            ) => Flaw::CourierFailed,
            (Fault::Customer | Fault::Platform, _) => return Ok(()),
        };
        self.blame(city, flaw)
    }

    /// An operator gave money back without a complaint.
    pub(crate) fn judge_refund(
        &mut self,
        city: &impl View,
        fault: Fault,
    ) -> Result<(), Unreadable> {
        match fault {
            Fault::Restaurant => self.blame(city, Flaw::Inaccurate),
            Fault::Courier => self.blame(city, Flaw::CourierFailed),
            Fault::Customer | Fault::Platform => Ok(()),
        }
    }

    /// Once for each kind of flaw; what was never made has no other ones.
    fn blame(&mut self, city: &impl View, flaw: Flaw) -> Result<(), Unreadable> {
        let flaws = &self.order().flaws;
        let known = flaws.contains(&flaw) || flaws.contains(&Flaw::Unfulfilled);
        let restaurant = QualityOf::Restaurant(self.order().restaurant_id);
        let of = match (flaw.is_couriers(), self.carrier()) {
            (false, _) => Some(restaurant),
            (true, courier) => courier.map(QualityOf::Courier),
        };
        let Some(of) = of.filter(|_| !known) else { return Ok(()) };
        self.order_mut().flaws.insert(flaw);
        self.count_work(city, of, flaw.counted())
    }

    fn count_work(
        &mut self,
        city: &impl View,
        of: QualityOf,
        counted: Counted,
    ) -> Result<(), Unreadable> {
        let at = self.at();
        self.qualities().count(city, of, counted, at)
    }

    /// Whether food was ready later than the kitchen first said, and a courier stood there.
    fn made_courier_wait(&self) -> bool {
        let order = self.order();
        let came = self.delivery().and_then(|delivery| delivery.at_store_at);
        let (Some(said), Some(ready), Some(came)) = (order.first_ready_at, order.ready_at, came)
        else {
            return false;
        };
        // The tap may come late: what was carried away was ready.
        let left = self.moment_of(DeliveryState::PickedUp);
        let ready = left.map_or(ready, |left| ready.min(left));
        ready.ms_since(said.max(came)) > QUALITY_WAIT_MS
    }

    /// Whether somebody stands there and waits for food that should have been ready long ago.
    fn is_kept_waiting(&self) -> bool {
        let Some(delivery) = self.delivery() else { return false };
        if delivery.status.state() != DeliveryState::AtStore {
            return false;
        }
        let (Some(said), Some(came)) = (self.order().first_ready_at, delivery.at_store_at) else {
            return false;
        };
        let is_ready = self.order().status.state() == OrderState::Ready;
        let until = self.order().ready_at.filter(|_| is_ready).unwrap_or(self.at());
        until.ms_since(said.max(came)) > QUALITY_WAIT_MS
    }

    /// Whether it came later than the customer was told, and the way took longer than it must: who
    /// got the food late, or was given it late, is not to blame.
    fn courier_was_late(&self) -> bool {
        let order = self.order();
        let Some(left) = self.moment_of(DeliveryState::PickedUp) else {
            return false;
        };
        let came = self.moment();
        came.ms_since(order.promised.to) > QUALITY_LATE_MS
            && came.ms_since(left) > travel_ms(order.distance_m) + QUALITY_LATE_MS
    }

    /// When the delivery came to that state last.
    fn moment_of(&self, state: DeliveryState) -> Option<Timestamp> {
        let wanted = StepKind::Delivery(state);
        let step = self.order().timeline.iter().rfind(|step| step.what == wanted);
        step.map(|step| step.occurred_at.unwrap_or(step.at))
    }
}
