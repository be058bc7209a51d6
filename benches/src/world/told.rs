//! Numbers that people say to each other, where no app listens: the customer at the counter and at
//! the door.

use std::collections::BTreeMap;

use domain::ids::OrderId;
use parking_lot::Mutex;

/// What a customer would say, order by order.
#[derive(Debug, Default)]
pub struct Told {
    numbers: Mutex<BTreeMap<OrderId, String>>,
}

impl Told {
    /// The customer has read their number.
    pub fn learn(&self, order: OrderId, number: String) {
        self.numbers.lock().insert(order, number);
    }

    /// What they say when they are asked for it; nothing if they have none, or have not looked.
    pub fn say(&self, order: OrderId) -> Option<String> {
        self.numbers.lock().get(&order).cloned()
    }
}
