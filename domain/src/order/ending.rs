//! How orders end: in one place, whatever ended them. The money goes where it belongs, what was
//! held is free again, the courier too, and no deadline is left behind.

use super::bill::{Bill, Situation};
use super::case::Case;
use super::{CancelReason, Fault, OrderStatus, RejectReason};
use crate::deadline::Due;
use crate::delivery::DeliveryStatus;
use crate::event::Event;
use crate::fraud::{TraceKey, What};
use crate::ids::CourierId;
use crate::money::Money;
use crate::payment::{PaymentStatus, Work};
use crate::view::{Unreadable, View};

/// The ways in which an order can end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// Delivered, or picked up.
    Completed,
    /// The kitchen said no.
    Rejected(RejectReason),
    /// The kitchen said nothing.
    Expired,
    /// Somebody called it off.
    Cancelled(CancelReason, Fault),
    /// Nobody took it.
    NoShow,
}

impl Case {
    /// Ends the order. What it costs, and whom, follows from the situation.
    pub(crate) fn end(
        &mut self,
        city: &impl View,
        ending: Ending,
        situation: Situation,
    ) -> Result<(), Unreadable> {
        let order_id = self.order().id;
        let restaurant_id = self.order().restaurant_id;
        let bill = Bill::of(self.order(), situation, self.rules().callout_fee);
        let carrier = self.carrier();
        self.remember_end(city, ending, carrier)?;
        self.judge_end(city, situation)?;
        self.end_review(city)?;
        self.drop_proposal(city)?;
        self.drop_order_deadlines();
        let (status, event) = match ending {
            Ending::Completed => {
                (OrderStatus::Completed, Event::OrderCompleted { order_id, restaurant_id })
            }
            Ending::Rejected(reason) => (
                OrderStatus::Rejected { reason },
                Event::OrderRejected { order_id, restaurant_id, reason },
            ),
            Ending::Expired => {
                (OrderStatus::Expired, Event::OrderExpired { order_id, restaurant_id })
            }
            Ending::Cancelled(reason, fault) => (
                OrderStatus::Cancelled { reason, fault },
                Event::OrderCancelled { order_id, restaurant_id, reason, fault },
            ),
            Ending::NoShow => (OrderStatus::NoShow, Event::OrderNoShow { order_id, restaurant_id }),
        };
        let now = self.at();
        let order = self.order_mut();
        order.bill = Some(bill);
        order.ended_at = Some(now);
        self.move_order(status);
        self.event(event);
        self.end_delivery();
        self.book_end(city, &bill, carrier)?;
        self.settle(city, matches!(ending, Ending::Completed), bill.customer_pays)?;
        self.let_go_of_holds(city, &bill)
    }

    /// What is known of the customer from now on.
    fn remember_end(
        &mut self,
        city: &impl View,
        ending: Ending,
        carrier: Option<CourierId>,
    ) -> Result<(), Unreadable> {
        let on_the_way = self.order().status == OrderStatus::HandedOff;
        match ending {
            Ending::Completed => {
                let (at, key) = (self.at(), TraceKey::Account(self.order().customer_id));
                match carrier {
                    Some(id) => self.traces().change(city, key, |trace| trace.brought(id, at)),
                    None => Ok(()),
                }
            }
            Ending::Cancelled(_, Fault::Customer) | Ending::NoShow if on_the_way => {
                self.count(city, What::Refusals)
            }
            Ending::Cancelled(..) | Ending::NoShow | Ending::Rejected(_) | Ending::Expired => {
                Ok(())
            }
        }
    }

    fn drop_order_deadlines(&mut self) {
        let order_id = self.order().id;
        self.silence();
        match self.order().status {
            OrderStatus::Pending { pay_by } => self.drop_due(pay_by, Due::PayBy(order_id)),
            OrderStatus::Placed { accept_by } => self.drop_due(accept_by, Due::AcceptBy(order_id)),
            OrderStatus::Accepted
            | OrderStatus::Preparing
            | OrderStatus::Ready
            | OrderStatus::HandedOff
            | OrderStatus::Completed
            | OrderStatus::Rejected { .. }
            | OrderStatus::Expired
            | OrderStatus::Cancelled { .. }
            | OrderStatus::NoShow => {}
        }
        if self.order().kitchen_awaited {
            self.drop_due(self.order().kitchen_at, Due::KitchenAt(order_id));
            self.order_mut().kitchen_awaited = false;
        }
        if let Some(no_show_at) = self.order().no_show_at {
            self.drop_due(no_show_at, Due::NoShowAt(order_id));
            self.order_mut().no_show_at = None;
        }
    }

    /// Before pick-up the delivery ends with its order; after it the food is somewhere, and the
    /// delivery has reached its own end or goes on to it.
    fn end_delivery(&mut self) {
        let Some(delivery) = self.delivery() else { return };
        let delivery_id = delivery.id;
        let order_id = self.order().id;
        match delivery.status {
            DeliveryStatus::Waiting | DeliveryStatus::Unassigned => {}
            DeliveryStatus::Offering { .. } => self.withdraw_offer(),
            DeliveryStatus::Assigned { courier_id } | DeliveryStatus::AtStore { courier_id } => {
                self.part_from_courier();
                self.event(Event::DeliveryUnassigned { delivery_id, order_id, courier_id });
            }
            DeliveryStatus::PickedUp { .. }
            | DeliveryStatus::AtDoor { .. }
            | DeliveryStatus::Delivered { .. }
            | DeliveryStatus::Failed { .. }
            | DeliveryStatus::Returning { .. }
            | DeliveryStatus::Returned { .. }
            | DeliveryStatus::Disposed { .. }
            | DeliveryStatus::Cancelled
            | DeliveryStatus::Lost { .. } => return,
        }
        self.search_until(None);
        self.move_delivery(DeliveryStatus::Cancelled);
        self.event(Event::DeliveryCancelled { delivery_id, order_id });
    }

    /// Takes what is owed, and lets the rest go. Never more than was set aside.
    fn settle(&mut self, city: &impl View, completed: bool, owed: Money) -> Result<(), Unreadable> {
        let owed = owed.min(self.payment().amount).max(Money::ZERO);
        let payment_id = self.payment().id;
        let order_id = self.order().id;
        match self.payment().status {
            PaymentStatus::Authorized if owed > Money::ZERO => {
                self.capture(owed);
            }
            PaymentStatus::Authorized => self.let_go(),
            PaymentStatus::CashDue if completed => {
                self.payment_mut().to_capture = owed;
                self.move_payment(PaymentStatus::CashCollected);
                self.book_cash(city, owed)?;
                if let Some(courier_id) = self.carrier() {
                    self.event(Event::CashCollected { payment_id, order_id, courier_id });
                }
            }
            // Nobody was there to pay: what is owed all the same is a debt.
            PaymentStatus::CashDue => {
                self.payment_mut().to_capture = Money::ZERO;
                self.move_payment(PaymentStatus::None);
                if owed > Money::ZERO {
                    self.owe(city, owed)?;
                }
            }
            // The gateway is still being asked. Its yes will find the order ended and be let go:
            // a void on its heels could arrive before it.
            PaymentStatus::Authorizing => self.payment_mut().to_capture = Money::ZERO,
            PaymentStatus::ActionRequired => self.let_go(),
            // The gateway has let go of it meanwhile: what is owed all the same is a debt.
            // What it took in between without being asked is on its way back.
            PaymentStatus::Failed
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Captured
            | PaymentStatus::Disputed
            | PaymentStatus::Lost
                if owed > Money::ZERO =>
            {
                self.owe(city, owed)?;
            }
            PaymentStatus::None
            | PaymentStatus::CashCollected
            | PaymentStatus::Failed
            | PaymentStatus::Capturing
            | PaymentStatus::Captured
            | PaymentStatus::Voiding
            | PaymentStatus::Voided
            | PaymentStatus::Disputed
            | PaymentStatus::Lost => {}
        }
        self.hear_waiting(city)
    }

    /// Gives money back that was set aside and is not owed.
    pub(crate) fn let_go(&mut self) {
        let payment_id = self.payment().id;
        let order_id = self.order().id;
        let payment = self.payment_mut();
        payment.to_capture = Money::ZERO;
        payment.action_url = None;
        self.move_payment(PaymentStatus::Voiding);
        self.ask(Work::Void { payment_id });
        self.event(Event::PaymentVoiding { payment_id, order_id });
    }
}
