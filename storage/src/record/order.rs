//! A customer's commitment. Key: kind, order id. Lists, newest first:
//!
//! - of a restaurant: kind, restaurant id, state, moment backwards, order id
//! - of a customer: kind, customer id, moment backwards, order id
//! - of the city: kind, state and padding to an id's width, moment backwards, order id
//! - that nobody reacts to: kind, padding to an id's width, moment backwards, order id

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::{AccountId, OrderId, RestaurantId};
use domain::order::{Order, OrderState};

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

/// What the orders that nobody reacts to start with.
pub(crate) fn unanswered() -> Row {
    Row::new(Kind::UnansweredOrder).bytes(&[0; 16])
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
        if self.unanswered_at.is_some() {
            let row = unanswered().time_backwards(self.placed_at).bytes(&self.id.0);
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
            \01\01\de\00,\a2id\c4\10oooooooooooooooo\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\adre
            staurant_id\c4\10rrrrrrrrrrrrrrrr\aafulfilment\a8delivery\a4when\81\a4slot\81\a5s
            tart\ce\00\0d\bb\a0\a7receipt\de\00\14\a5lines\91\8e\a7dish_id\c4\10ddddddddddddd
            ddd\a5title\a5Ramen\a8quantity\02\a4unit\cd\05F\a7options\91\86\a9option_id\c4\10
            oooooooooooooooo\a5title\a4Soft\a8quantity\01\a5priced\a4free\00\a7dish_id\c4\10e
            eeeeeeeeeeeeeee\a5total\cd\0a\8c\a8discount\cd\01\0e\a9tax_class\a4food\aetax_mil
            lionths\ce\00\01\86\a0\a3tax\cc\dd\a4note\c4\03hot\aeif_unavailable\aasubstitute\a9
            allergens\91\a4eggs\a7min_age\12\a6dishes\cd\0a\8c\a8discount\cd\01\0e\acdelivery
            _fee\cc\c7\b1delivery_discount\cc\c7\abservice_feec\afsmall_order_fee2\a7bag_fee\0a
            \actax_included\cc\eb\a9tax_added\01\aatax_on_top\c3\acdelivery_tax\0e\a3tipd\a5t
            otal\cd\0a\82\a5taxes\91\84\a5class\a4food\aamillionths\ce\00\01\86\a0\a4base\cd\09
            ~\a3tax\cc\dd\a6coupon\82\a9coupon_id\c4\10cccccccccccccccc\a6amount\cd\01\d5\a7z
            one_id\c4\10zzzzzzzzzzzzzzzz\acmenu_version\04\adterms_version\02\a8revision\01\ad
            first_receipt\de\00\14\a5lines\90\a6dishes\00\a8discount\00\acdelivery_fee\00\b1d
            elivery_discount\00\abservice_fee\00\afsmall_order_fee\00\a7bag_fee\00\actax_incl
            uded\00\a9tax_added\00\aatax_on_top\c2\acdelivery_tax\00\a3tip\00\a5total\00\a5ta
            xes\90\a6coupon\c0\a7zone_id\c0\acmenu_version\00\adterms_version\00\a8revision\00
            \abdestination\82\a8position\82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a7a
            ddress\c4\07address\aadistance_m\cd\04\b0\abcontactless\c3\a4pins\87\a6pickup\82\a6
            digest\c4 11111111111111111111111111111111\a6sealed\c4\03pin\a4door\82\a6digest\c4
             22222222222222222222222222222222\a6sealed\c4\03pin\a8handover\82\a6digest\c4 333
            33333333333333333333333333333\a6sealed\c4\03pin\acpickup_tries\01\aadoor_tries\02
            \aehandover_tries\03\a5wrong\92\a6pickup\c4 wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\a4no
            te\c4\04note\aapayment_id\c4\10pppppppppppppppp\a8attempts\92\c4\10yyyyyyyyyyyyyy
            yy\c4\10pppppppppppppppp\a4tips\91\c4\10tttttttttttttttt\abdelivery_id\c4\10ddddd
            ddddddddddd\a9placed_at\1e\acplaced_index\08\b1placed_as_pending\c3\a5marks\83\a6
            device\c4\10dddddddddddddddd\a4card\c4\10kkkkkkkkkkkkkkkk\aethrowaway_mail\c3\aaa
            ssessment\85\a6values\93\00\00\07\a6points-\a7verdict\a6review\adrules_version\02
            \a6shadow\c3\aaheld_untilM\a7request\c4 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\a6status
            \81\a6Placed\81\a9accept_by<\a8ready_atZ\aefirst_ready_atX\a8promised\82\a4fromd\a2
            ton\aakitchen_atF\afkitchen_awaited\c3\aano_show_at_\a5holds\84\a5stock\91\82\a6t
            arget\81\a4Dish\c4\10dddddddddddddddd\a8quantity\02\a6cooked\c3\a4slot\83\a5start
            \ce\00\0d\bb\a0\a6dishes\02\a5money\cd\0a\8c\a6coupon\82\a9coupon_id\c4\10ccccccc
            ccccccccc\a6amount\cd\01\d5\acsubstitution\87\a4line\00\a7instead\81\a7replace\85
            \a7dish_id\c4\10dddddddddddddddd\a8quantity\02\a7options\91\82\a9option_id\c4\10o
            ooooooooooooooo\a8quantity\01\a4note\c4\03hot\aeif_unavailable\aasubstitute\a6pri
            ced\8e\a7dish_id\c4\10dddddddddddddddd\a5title\a5Ramen\a8quantity\02\a4unit\cd\05
            F\a7options\91\86\a9option_id\c4\10oooooooooooooooo\a5title\a4Soft\a8quantity\01\a5
            priced\a4free\00\a7dish_id\c4\10eeeeeeeeeeeeeeee\a5total\cd\0a\8c\a8discount\cd\01
            \0e\a9tax_class\a4food\aetax_millionths\ce\00\01\86\a0\a3tax\cc\dd\a4note\c4\03ho
            t\aeif_unavailable\aasubstitute\a9allergens\91\a4eggs\a7min_age\12\adnew_allergen
            s\91\a4milk\a5holds\91\82\a6target\81\a4Dish\c4\10dddddddddddddddd\a8quantity\02\ab
            proposed_at(\a9answer_by2\ablast_answer\82\a8revision\00\a6answer\a6accept\a7seen
            _at \a5alert\83\a5since!\a4step\a3sms\a6due_at"\adunanswered_at#\a8ended_atc\a4bi
            ll\85\adcustomer_pays\cd\0a\82\afrestaurant_paid\c3\a7callout\cd\01,\accourier_pa
            id\c3\a5fault\a7courier\a6claims\91\c4\10mmmmmmmmmmmmmmmm\a7refunds\91\c4\10fffff
            fffffffffff\a5flaws\92\ackitchen_late\aecourier_failed\a6delays\01\a8timeline\92\82
            \a2at\1e\a4what\81\a5order\a6placed\83\a2at\1f\a4what\81\a8delivery\a7waiting\abo
            ccurred_at\1d\a8revision\09
        "#]]
        .assert_eq(&round_trip(&samples::order()));
    }
}
