//! What was out of stock comes back when it was said to.

use super::{StockTarget, Supply};
use crate::deadline::Deadline;
use crate::entry::Stamp;
use crate::event::Event;
use crate::ids::RestaurantId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use std::sync::Arc;

/// It is plainly there again. What orders hold and what was sold stays counted.
pub(crate) fn stock_returns(
    city: &impl View,
    stamp: &Stamp,
    deadline: Deadline,
    restaurant_id: RestaurantId,
    target: StockTarget,
) -> Result<Outcome, Unreadable> {
    let found = city.stock(restaurant_id, target)?;
    let Some(stock) = found.filter(|stock| stock.returns_at == Some(deadline.due_at)) else {
        return Ok(Outcome::rejected(Rejection::NotDue));
    };
    let mut stock = Arc::unwrap_or_clone(stock);
    stock.supply = Supply::InStock;
    stock.returns_at = None;
    stock.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::DropDeadline(deadline));
    changes.write(Write::Stock(Arc::new(stock)));
    changes.event(Event::StockChanged { restaurant_id, targets: vec![target] });
    Ok(changes.yes())
}
