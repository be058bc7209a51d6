//! What an order keeps from others: portions, room in a slot, a coupon. Taken in the entry that
//! places it, all or nothing; given back when it ends, unless it was used up.

use super::bill::Bill;
use super::case::Case;
use crate::account::Tab;
use crate::coupon::CouponHold;
use crate::coupon::redeem::Redemption;
use crate::event::Event;
use crate::ids::AccountId;
use crate::money::Money;
use crate::outcome::Write;
use crate::slot::hold::Taken;
use crate::stock::{Stock, StockHold};
use crate::view::{Unreadable, View};
use std::sync::Arc;

impl Case {
    /// Takes what the sale has found to be free.
    pub(super) fn take(
        &mut self,
        stocks: Vec<Stock>,
        slot: Option<Taken>,
        coupon: Option<Redemption>,
    ) {
        let (order_id, revision) = (self.order().id, self.revision());
        for mut stock in stocks {
            stock.revision = revision;
            self.write(Write::Stock(Arc::new(stock)));
        }
        if let Some(taken) = slot {
            self.amid(|changes| taken.write(changes));
        }
        if let Some(redemption) = coupon {
            let CouponHold { coupon_id, amount } = redemption.hold();
            for write in redemption.writes(revision) {
                self.write(write);
            }
            self.event(Event::CouponRedeemed { coupon_id, order_id, amount });
        }
    }

    /// The kitchen has begun: the portions are in the pan and do not come back.
    pub(crate) fn cook(&mut self, city: &impl View) -> Result<(), Unreadable> {
        if self.order().holds.cooked {
            return Ok(());
        }
        self.order_mut().holds.cooked = true;
        for hold in self.order().holds.stock.clone() {
            self.change_stock(city, hold.target, |stock| stock.sell(hold.quantity))?;
        }
        Ok(())
    }

    /// Portions that nobody will cook any more are there for others.
    pub(crate) fn give_back_stock(
        &mut self,
        city: &impl View,
        holds: &[StockHold],
    ) -> Result<(), Unreadable> {
        if self.order().holds.cooked {
            return Ok(());
        }
        for hold in holds {
            self.change_stock(city, hold.target, |stock| stock.give_back(hold.quantity))?;
        }
        Ok(())
    }

    /// The order has ended with this bill.
    pub(super) fn let_go_of_holds(
        &mut self,
        city: &impl View,
        bill: &Bill,
    ) -> Result<(), Unreadable> {
        let holds = self.order().holds.clone();
        self.give_back_stock(city, &holds.stock)?;
        if !holds.cooked {
            self.order_mut().holds.stock.clear();
            if let Some(held) = holds.slot {
                self.give_back_slot(city, &held)?;
                self.order_mut().holds.slot = None;
            }
        }
        if bill.customer_pays > Money::ZERO {
            return self.count_charge(city);
        }
        // Nothing is owed because the coupon has paid for all of it: then it is used up as well.
        if bill.is_owed_for() {
            return Ok(());
        }
        if let Some(held) = holds.coupon {
            let (order_id, customer_id) = (self.order().id, self.order().customer_id);
            for write in crate::coupon::redeem::returned(city, self.revision(), customer_id, &held)?
            {
                self.write(write);
            }
            self.order_mut().holds.coupon = None;
            let (coupon_id, amount) = (held.coupon_id, held.amount);
            self.event(Event::CouponReturned { coupon_id, order_id, amount });
        }
        Ok(())
    }

    /// The customer owes for an order that was to be paid in cash.
    pub(crate) fn owe(&mut self, city: &impl View, owed: Money) -> Result<(), Unreadable> {
        let (order_id, account_id) = (self.order().id, self.order().customer_id);
        self.change_tab(city, |tab| {
            tab.debt = tab.debt.checked_add(owed).unwrap_or(tab.debt);
        })?;
        self.event(Event::DebtAdded { account_id, order_id, amount: owed });
        Ok(())
    }

    fn count_charge(&mut self, city: &impl View) -> Result<(), Unreadable> {
        self.change_tab(city, |tab| tab.charged_orders = tab.charged_orders.saturating_add(1))
    }

    fn change_tab(
        &mut self,
        city: &impl View,
        change: impl FnOnce(&mut Tab),
    ) -> Result<(), Unreadable> {
        let account_id = self.order().customer_id;
        let mut tab = match self.take_tab() {
            Some(tab) => tab,
            None => tab_of(city, account_id)?,
        };
        change(&mut tab);
        self.put_tab(tab);
        Ok(())
    }

    fn give_back_slot(
        &mut self,
        city: &impl View,
        held: &crate::slot::SlotHold,
    ) -> Result<(), Unreadable> {
        let restaurant_id = self.order().restaurant_id;
        if let Some(slot) = city.slot(restaurant_id, held.start)? {
            let slot = Arc::unwrap_or_clone(slot).without(held, self.revision());
            self.write(Write::Slot(Arc::new(slot)));
        }
        Ok(())
    }
}

/// A customer's tab, as it is for somebody who was never charged if there is none.
pub(crate) fn tab_of(city: &impl View, account_id: AccountId) -> Result<Tab, Unreadable> {
    Ok(city.tab(account_id)?.map_or(
        Tab { account_id, charged_orders: 0, debt: Money::ZERO, revision: 0 },
        Arc::unwrap_or_clone,
    ))
}
