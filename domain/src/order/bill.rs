//! What the end of an order costs, and whom: the table of who pays.

use super::{Fault, Fulfilment, Order};
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// What is owed for an order that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// What the customer pays of the receipt.
    pub customer_pays: Money,
    /// Whether the restaurant is paid for the dishes.
    pub restaurant_paid: bool,
    /// What the courier gets for coming in vain; zero if they carried it, or never came.
    pub callout: Money,
    /// Whether the courier is paid for the way; nobody is where the customer came for it.
    pub courier_paid: bool,
    /// Who bears what is missing; nobody where all went well.
    pub fault: Option<Fault>,
}

/// How an order came to its end, as far as money is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// Eaten, as far as we know.
    Completed,
    /// Before the restaurant said yes; rejected; expired.
    BeforeAccept(Fault),
    /// The customer called it off after the yes and before the kitchen began.
    CustomerEarly {
        /// A courier had come to the kitchen for it.
        at_store: bool,
    },
    /// The customer called it off when the kitchen had begun.
    CustomerLate {
        /// A courier had said yes to it.
        assigned: bool,
    },
    /// The restaurant called it off after its yes, or was closed when the courier came.
    Restaurant {
        /// A courier had said yes to it.
        assigned: bool,
    },
    /// No courier, an outage, the gateway; or an operator knows that the courier is at fault, who
    /// is not paid for coming then.
    Platform {
        /// The platform, or the courier.
        fault: Fault,
        /// The kitchen had begun.
        started: bool,
        /// A courier had said yes to it.
        assigned: bool,
    },
    /// The courier lost or damaged it.
    Courier,
    /// Absent, refused, wrong address: the food came and nobody took it.
    Undelivered,
    /// Nobody came to pick it up.
    PickupNoShow,
}

impl Bill {
    /// Whether the customer had to pay for what was cooked, be it nothing after a coupon.
    pub(crate) fn is_owed_for(&self) -> bool {
        let customers = match self.fault {
            None | Some(Fault::Customer) => true,
            Some(Fault::Restaurant | Fault::Courier | Fault::Platform) => false,
        };
        self.restaurant_paid && customers
    }

    /// The table. `callout_fee` is what the city pays couriers who came for nothing.
    pub fn of(order: &Order, situation: Situation, callout_fee: Money) -> Self {
        let receipt = &order.receipt;
        let callout = |owed: bool| if owed { callout_fee } else { Money::ZERO };
        let free = |fault, restaurant_paid, callout| Self {
            customer_pays: Money::ZERO,
            restaurant_paid,
            callout,
            courier_paid: false,
            fault: Some(fault),
        };
        match situation {
            Situation::Completed => Self {
                customer_pays: receipt.total,
                restaurant_paid: true,
                callout: Money::ZERO,
                courier_paid: order.fulfilment == Fulfilment::Delivery,
                fault: None,
            },
            Situation::BeforeAccept(fault) => free(fault, false, Money::ZERO),
            Situation::CustomerEarly { at_store } => {
                free(Fault::Customer, false, callout(at_store))
            }
            Situation::CustomerLate { assigned } => Self {
                customer_pays: receipt.dishes_with_tax(),
                restaurant_paid: true,
                callout: callout(assigned),
                courier_paid: false,
                fault: Some(Fault::Customer),
            },
            Situation::Restaurant { assigned } => free(Fault::Restaurant, false, callout(assigned)),
            Situation::Platform { fault, started, assigned } => {
                free(fault, started, callout(assigned && fault != Fault::Courier))
            }
            Situation::Courier => free(Fault::Courier, true, Money::ZERO),
            Situation::Undelivered => Self {
                customer_pays: receipt.without_tip(),
                restaurant_paid: true,
                callout: Money::ZERO,
                courier_paid: true,
                fault: Some(Fault::Customer),
            },
            Situation::PickupNoShow => Self {
                customer_pays: receipt.dishes_with_tax(),
                restaurant_paid: true,
                callout: Money::ZERO,
                courier_paid: false,
                fault: Some(Fault::Customer),
            },
        }
    }
}
