//! An order with its money and its way, while one entry decides about all three.
//!
//! Every step of an order goes through here, so that the three records, their deadlines, the
//! courier and the timeline move together and each record is written once.

use super::{Order, OrderStatus, Step, StepKind};
use crate::account::Tab;
use crate::city::{Rules, rules_at};
use crate::courier::Courier;
use crate::deadline::{Deadline, Due};
use crate::delivery::{Delivery, DeliveryStatus};
use crate::entry::Stamp;
use crate::event::Event;
use crate::fraud::Traces;
use crate::ids::{CourierId, DeliveryId, OrderId};
use crate::limits::TIMELINE_STEPS;
use crate::outcome::{Changes, Outcome, Write};
use crate::payment::{Payment, PaymentStatus, Work, WorkId};
use crate::quality::Qualities;
use crate::stock::hold::uncounted;
use crate::stock::{Stock, StockTarget};
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The records of one order, and what this entry has changed in them.
#[derive(Debug)]
pub(crate) struct Case {
    changes: Changes,
    rules: Rules,
    order: Order,
    payment: Payment,
    /// Nothing if the customer comes for it.
    delivery: Option<Delivery>,
    /// Who carries it, or is asked.
    courier: Option<Courier>,
    /// The customer's tab, once this entry has changed it.
    tab: Option<Tab>,
    /// Stock that this entry has changed.
    stocks: BTreeMap<StockTarget, Stock>,
    /// Traces that this entry has changed.
    traces: Traces,
    /// Records of quality that this entry has changed.
    qualities: Qualities,
    /// When it happened, if we learn of it only now.
    occurred_at: Option<Timestamp>,
    touched: Touched,
    /// Where the money stood, and how long it might stay there.
    money_was: Option<(PaymentStatus, Option<i64>)>,
}

/// Which records must be written.
#[derive(Debug, Default)]
struct Touched {
    order: bool,
    payment: bool,
    delivery: bool,
    courier: bool,
}

/// The state contradicts itself: this replica must not go on.
pub(crate) fn torn(what: &'static str) -> Unreadable {
    Unreadable(what.into())
}

impl Case {
    /// An order that this entry brings into the world.
    pub(crate) fn new(
        stamp: &Stamp,
        rules: Rules,
        order: Order,
        payment: Payment,
        delivery: Option<Delivery>,
    ) -> Self {
        let touched = Touched { order: true, payment: true, delivery: true, courier: false };
        let changes = Changes::new(stamp);
        let mut case = Self {
            changes,
            rules,
            order,
            payment,
            delivery,
            courier: None,
            tab: None,
            stocks: BTreeMap::new(),
            traces: Traces::default(),
            qualities: Qualities::default(),
            occurred_at: None,
            touched,
            money_was: None,
        };
        case.step(StepKind::Order(case.order.status.state()));
        case
    }

    /// An order that is there, if it is.
    pub(crate) fn load(
        city: &impl View,
        stamp: &Stamp,
        order_id: OrderId,
    ) -> Result<Option<Self>, Unreadable> {
        let Some(order) = city.order(order_id)? else {
            return Ok(None);
        };
        let delivery = match order.delivery_id {
            Some(id) => {
                Some(city.delivery(id)?.ok_or_else(|| torn("an order has lost its delivery"))?)
            }
            None => None,
        };
        let busy = delivery.as_ref().and_then(|delivery| delivery.status.busy_with());
        let courier = match busy {
            Some(courier_id) => {
                let courier = city.courier(courier_id)?;
                Some(courier.ok_or_else(|| torn("a delivery names a courier who is not there"))?)
            }
            None => None,
        };
        let courier = courier.map(Arc::unwrap_or_clone);
        Self::with(city, Changes::new(stamp), order, delivery, courier).map(Some)
    }

    /// The order of a payment, with that payment: an attempt before the present one, or a tip.
    pub(crate) fn of_payment(
        city: &impl View,
        stamp: &Stamp,
        payment: Arc<Payment>,
    ) -> Result<Option<Self>, Unreadable> {
        let Some(mut case) = Self::load(city, stamp, payment.order_id)? else {
            return Ok(None);
        };
        if case.payment.id != payment.id {
            case.money_was = Some((payment.status, payment.patience(&case.rules)));
            case.payment = Arc::unwrap_or_clone(payment);
        }
        Ok(Some(case))
    }

    /// The order of a delivery that this courier carries or is asked for, amid other changes.
    pub(crate) fn of_courier(
        city: &impl View,
        changes: Changes,
        delivery_id: DeliveryId,
        courier: Courier,
    ) -> Result<Self, Unreadable> {
        let delivery =
            city.delivery(delivery_id)?.ok_or_else(|| torn("a courier has a missing delivery"))?;
        let order =
            city.order(delivery.order_id)?.ok_or_else(|| torn("a delivery has no order"))?;
        Self::with(city, changes, order, Some(delivery), Some(courier))
    }

    fn with(
        city: &impl View,
        changes: Changes,
        order: Arc<Order>,
        delivery: Option<Arc<Delivery>>,
        courier: Option<Courier>,
    ) -> Result<Self, Unreadable> {
        let founded = city.city()?.ok_or_else(|| torn("an order has no city"))?;
        let rules = rules_at(city, &founded, changes.stamp().at)?;
        let payment =
            city.payment(order.payment_id)?.ok_or_else(|| torn("an order has no payment"))?;
        let money_was = Some((payment.status, payment.patience(&rules)));
        Ok(Self {
            money_was,
            changes,
            rules,
            order: Arc::unwrap_or_clone(order),
            payment: Arc::unwrap_or_clone(payment),
            delivery: delivery.map(Arc::unwrap_or_clone),
            courier,
            tab: None,
            stocks: BTreeMap::new(),
            traces: Traces::default(),
            qualities: Qualities::default(),
            occurred_at: None,
            touched: Touched::default(),
        })
    }

    pub(crate) fn at(&self) -> Timestamp {
        self.changes.stamp().at
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn order(&self) -> &Order {
        &self.order
    }

    pub(crate) fn payment(&self) -> &Payment {
        &self.payment
    }

    /// Nothing if the customer comes for it.
    pub(crate) fn delivery(&self) -> Option<&Delivery> {
        self.delivery.as_ref()
    }

    pub(crate) fn courier(&self) -> Option<&Courier> {
        self.courier.as_ref()
    }

    /// The courier who carries it.
    pub(crate) fn holder(&self) -> Option<CourierId> {
        self.delivery.as_ref().and_then(|delivery| delivery.status.holder())
    }

    /// The courier who will be asked.
    pub(crate) fn bring_in(&mut self, courier: Courier) {
        self.courier = Some(courier);
    }

    pub(crate) fn order_mut(&mut self) -> &mut Order {
        self.touched.order = true;
        &mut self.order
    }

    pub(crate) fn payment_mut(&mut self) -> &mut Payment {
        self.touched.payment = true;
        &mut self.payment
    }

    /// Does nothing where there is none.
    pub(crate) fn change_delivery(&mut self, change: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) = self.delivery.as_mut() {
            self.touched.delivery = true;
            change(delivery);
        }
    }

    /// The courier who carries or is asked; does nothing where there is none.
    pub(crate) fn change_courier(&mut self, change: impl FnOnce(&mut Courier)) {
        if let Some(courier) = self.courier.as_mut() {
            self.touched.courier = true;
            change(courier);
        }
    }

    /// The entry under way.
    pub(crate) fn revision(&self) -> u64 {
        self.changes.stamp().index
    }

    pub(super) fn take_tab(&mut self) -> Option<Tab> {
        self.tab.take()
    }

    pub(super) fn put_tab(&mut self, tab: Tab) {
        self.tab = Some(tab);
    }

    /// The stock of something, counted from now on if it was not.
    pub(crate) fn stock_or_new(
        &mut self,
        city: &impl View,
        target: StockTarget,
    ) -> Result<&Stock, Unreadable> {
        if !self.stocks.contains_key(&target) {
            let restaurant_id = self.order.restaurant_id;
            let found = city.stock(restaurant_id, target)?;
            let stock =
                found.map_or_else(|| uncounted(restaurant_id, target), Arc::unwrap_or_clone);
            self.stocks.insert(target, stock);
        }
        self.stocks.get(&target).ok_or_else(|| torn("a stock that was just kept is gone"))
    }

    /// Changes the stock of this restaurant's dish or option; what has no record is not counted.
    pub(crate) fn change_stock(
        &mut self,
        city: &impl View,
        target: StockTarget,
        change: impl FnOnce(&mut Stock),
    ) -> Result<(), Unreadable> {
        if let Some(stock) = self.stocks.get_mut(&target) {
            change(stock);
            return Ok(());
        }
        if let Some(stock) = city.stock(self.order.restaurant_id, target)? {
            let mut stock = Arc::unwrap_or_clone(stock);
            change(&mut stock);
            self.stocks.insert(target, stock);
        }
        Ok(())
    }

    /// What is known of the customer and of what they ordered with.
    pub(crate) fn traces(&mut self) -> &mut Traces {
        &mut self.traces
    }

    /// How those have worked who had to do with it.
    pub(crate) fn qualities(&mut self) -> &mut Qualities {
        &mut self.qualities
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.changes.event(event);
    }

    pub(crate) fn write(&mut self, write: Write) {
        self.changes.write(write);
    }

    /// Changes that belong to this entry, and not to the order.
    pub(crate) fn amid(&mut self, change: impl FnOnce(&mut Changes)) {
        change(&mut self.changes);
    }

    /// Asks the gateway for something that the payment itself does not wait for.
    pub(crate) fn work(&mut self, work: Work) -> WorkId {
        self.changes.work(work)
    }

    /// Asks the gateway for something, instead of what it was asked about this payment before.
    pub(crate) fn ask(&mut self, work: Work) {
        self.stop_asking();
        let work_id = self.changes.work(work);
        self.payment_mut().work = Some(work_id);
    }

    /// What the gateway was asked about this payment need not be answered any more.
    pub(crate) fn stop_asking(&mut self) {
        if let Some(work_id) = self.payment.work {
            self.payment_mut().work = None;
            self.changes.write(Write::DropWork(work_id));
        }
    }

    /// From here on the case is about another payment of the same order; the one before is kept.
    pub(crate) fn next_payment(&mut self, payment: Payment) {
        self.keep_payment();
        self.payment = payment;
        self.touched.payment = true;
        self.money_was = None;
    }

    /// Writes the payment, and the moment at which somebody must look at it.
    fn keep_payment(&mut self) {
        if !self.touched.payment {
            return;
        }
        let patience = self.payment.patience(&self.rules);
        let now = Some((self.payment.status, patience));
        if now != self.money_was {
            let payment_id = self.payment.id;
            if let Some(before) = self.payment.stuck_at.take() {
                self.drop_due(before, Due::MoneyStuck(payment_id));
            }
            if let Some(patience) = patience {
                let stuck_at = self.at().plus_ms(patience);
                self.payment.stuck_at = Some(stuck_at);
                self.await_due(stuck_at, Due::MoneyStuck(payment_id));
            }
        }
        self.payment.revision = self.revision();
        self.changes.write(Write::Payment(Arc::new(self.payment.clone())));
    }

    pub(crate) fn await_due(&mut self, due_at: Timestamp, due: Due) {
        self.changes.write(Write::Deadline(Deadline { due_at, due }));
    }

    pub(crate) fn drop_due(&mut self, due_at: Timestamp, due: Due) {
        self.changes.write(Write::DropDeadline(Deadline { due_at, due }));
    }

    pub(crate) fn move_order(&mut self, status: OrderStatus) {
        self.order_mut().status = status;
        self.step(StepKind::Order(status.state()));
    }

    pub(crate) fn move_payment(&mut self, status: PaymentStatus) {
        self.payment_mut().status = status;
    }

    /// Moves the delivery; a step of the courier's is the customer's to see.
    pub(crate) fn move_delivery(&mut self, status: DeliveryStatus) {
        let Some(before) = self.delivery.as_ref().map(|delivery| delivery.status.state()) else {
            return;
        };
        self.change_delivery(|delivery| delivery.status = status);
        let state = status.state();
        self.expect_progress(state);
        if state.is_told_after(before) {
            self.step(StepKind::Delivery(state));
        }
    }

    /// One more line on the timeline. When it is full, the oldest but the first goes.
    pub(crate) fn step(&mut self, what: StepKind) {
        let (at, occurred_at) = (self.at(), self.occurred_at);
        let timeline = &mut self.order_mut().timeline;
        if timeline.len() >= TIMELINE_STEPS {
            timeline.remove(1);
        }
        timeline.push(Step { at, what, occurred_at });
    }

    /// The steps of this entry happened then, and not now.
    pub(crate) fn happened_at(&mut self, occurred_at: Timestamp) {
        self.occurred_at = Some(occurred_at).filter(|occurred_at| *occurred_at != self.at());
    }

    /// When what this entry tells of happened.
    pub(crate) fn moment(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.at())
    }

    /// Nobody is bound to this delivery any more.
    pub(crate) fn part_from_courier(&mut self) -> Option<CourierId> {
        let delivery_id = self.delivery.as_ref()?.id;
        self.change_courier(|courier| {
            courier.carrying.remove(&delivery_id);
            if courier.offered == Some(delivery_id) {
                courier.offered = None;
            }
        });
        self.courier.as_ref().map(|courier| courier.id)
    }

    /// Yes, and everything that was touched is written.
    pub(crate) fn yes(self) -> Outcome {
        let courier_touched = self.touched.courier;
        let (mut changes, courier) = self.save();
        if let (true, Some(mut courier)) = (courier_touched, courier) {
            courier.revision = changes.stamp().index;
            changes.write(Write::Courier(Arc::new(courier)));
        }
        changes.yes()
    }

    /// The same amid other changes, where the caller writes the courier.
    pub(crate) fn save_but_courier(self) -> Result<(Changes, Courier), Unreadable> {
        let (changes, courier) = self.save();
        Ok((changes, courier.ok_or_else(|| torn("a case has lost its courier"))?))
    }

    fn save(mut self) -> (Changes, Option<Courier>) {
        self.keep_payment();
        let Self { mut changes, mut order, delivery, courier, tab, stocks, touched, .. } = self;
        let revision = changes.stamp().index;
        for mut stock in stocks.into_values() {
            stock.revision = revision;
            changes.write(Write::Stock(Arc::new(stock)));
        }
        self.traces.save(&mut changes);
        self.qualities.save(&mut changes);
        if let Some(mut tab) = tab {
            tab.revision = revision;
            changes.write(Write::Tab(Arc::new(tab)));
        }
        if touched.order {
            order.revision = revision;
            changes.write(Write::Order(Arc::new(order)));
        }
        if let (true, Some(mut delivery)) = (touched.delivery, delivery) {
            delivery.revision = revision;
            changes.write(Write::Delivery(Arc::new(delivery)));
        }
        (changes, courier)
    }
}
