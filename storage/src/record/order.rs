//! A customer's commitment. Key: kind, order id. Lists, newest first:
//!
//! - of a restaurant: kind, restaurant id, state, moment backwards, order id
//! - of a customer: kind, customer id, moment backwards, order id
//! - of the city: kind, state and padding to an id's width, moment backwards, order id

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::ids::{AccountId, OrderId, RestaurantId};
use domain::order::{Order, OrderState};
use domain::time::Timestamp;

/// What a restaurant's orders in one state start with.
pub(crate) fn of_restaurant(id: RestaurantId, state: OrderState) -> Row {
    Row::new(Kind::OrderOfRestaurant).bytes(&id.0).byte(state_byte(state))
}

/// What a customer's orders start with.
pub(crate) fn of_customer(id: AccountId) -> Row {
    Row::new(Kind::OrderOfCustomer).bytes(&id.0)
}

/// What the city's orders in one state start with.
pub(crate) fn of_city(state: OrderState) -> Row {
    Row::new(Kind::OrderOfCity).byte(state_byte(state)).bytes(&[0; 15])
}

/// The moment and the name at the end of such a row.
pub(crate) fn tail(row: &[u8]) -> Option<(Timestamp, OrderId)> {
    let start = row.len().checked_sub(8 + 16)?;
    let mut parts = Parts(row.get(start..)?);
    Some((parts.time_backwards()?, OrderId(parts.array()?)))
}

/// Part of stored keys: a state keeps its number for ever.
fn state_byte(state: OrderState) -> u8 {
    match state {
        OrderState::Pending => 1,
        OrderState::Placed => 2,
        OrderState::Accepted => 3,
        OrderState::Preparing => 4,
        OrderState::Ready => 5,
        OrderState::HandedOff => 6,
        OrderState::Completed => 7,
        OrderState::Rejected => 8,
        OrderState::Expired => 9,
        OrderState::Cancelled => 10,
        OrderState::NoShow => 11,
    }
}

impl Record for Order {
    type Key = OrderId;
    const COLUMN: Column = Column::Orders;
    const INDEXED: bool = true;

    fn row(key: OrderId) -> Row {
        Row::new(Kind::Order).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let state = self.status.state();
        for list in [
            of_restaurant(self.restaurant_id, state),
            of_customer(self.customer_id),
            of_city(state),
        ] {
            let row = list.time_backwards(self.placed_at).bytes(&self.id.0);
            into.push(IndexRow::new(Column::Index, row));
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.orders
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\12\a2id\c4\10oooooooooooooooo\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\ad
            restaurant_id\c4\10rrrrrrrrrrrrrrrr\a7receipt\88\a5lines\91\86\a7dish_id\c4\10ddd
            ddddddddddddd\a5title\a5Ramen\a8quantity\02\a4unit\cd\05F\a7options\91\84\a9optio
            n_id\c4\10oooooooooooooooo\a5title\a4Soft\a8quantity\01\a5priced\a5total\cd\0a\8c
            \a6dishes\cd\0a\8c\acdelivery_fee\cc\c7\abservice_feec\actax_included\cd\01\10\a3
            tipd\a5total\cd\0c\1a\acmenu_version\04\abdestination\82\a8position\82\a6lat_e7\ce
            \18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a7address\c4\07address\aadistance_m\cd\04\b0\a4
            note\c4\04note\aapayment_id\c4\10pppppppppppppppp\abdelivery_id\c4\10dddddddddddd
            dddd\a9placed_at\1e\acplaced_index\08\b1placed_as_pending\c3\a7request\c4 qqqqqqq
            qqqqqqqqqqqqqqqqqqqqqqqqq\a6status\81\a6Placed\81\a9accept_by<\a8ready_atZ\a6dela
            ys\01\a8timeline\92\82\a2at\1e\a4what\81\a5order\a6placed\82\a2at\1f\a4what\81\a8
            delivery\a7waiting\a8revision\09
        "#]]
        .assert_eq(&round_trip(&samples::order()));
    }
}
