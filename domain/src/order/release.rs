//! The moment has come for a scheduled order: the kitchen is told again, and the search begins.

use super::case::Case;
use super::{OrderState, StepKind};
use crate::deadline::Deadline;
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::OrderId;
use crate::outcome::{Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};

pub(crate) fn kitchen_at(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    order_id: OrderId,
) -> Result<Outcome, Unreadable> {
    let Some(mut case) = Case::load(city, stamp, order_id)? else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    if !case.order().kitchen_awaited || case.order().kitchen_at != deadline.due_at {
        return Ok(Outcome::rejected(Rejection::NotDue));
    }
    case.write(Write::DropDeadline(deadline));
    case.kitchen_is_due();
    // Not accepted yet: it rings already, and the search opens with the yes.
    if case.order().status.state() != OrderState::Placed {
        case.order_mut().seen_at = None;
        case.ring(stamp.at);
        case.open_search();
    }
    Ok(case.yes())
}

impl Case {
    /// The kitchen need not wait any more.
    pub(crate) fn kitchen_is_due(&mut self) {
        let (order_id, restaurant_id) = (self.order().id, self.order().restaurant_id);
        self.order_mut().kitchen_awaited = false;
        self.step(StepKind::KitchenDue);
        self.event(Event::OrderKitchenDue { order_id, restaurant_id });
    }
}
