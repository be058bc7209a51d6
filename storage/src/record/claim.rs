//! A complaint. Key: kind, claim id. An order names its own. Lists, newest first:
//!
//! - of a restaurant: kind, restaurant id, state, moment backwards, claim id
//! - of a customer: kind, customer id, moment backwards, claim id
//! - of the city: kind, state and padding to an id's width, moment backwards, claim id

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::claim::{Claim, ClaimState};
use domain::ids::{AccountId, ClaimId, RestaurantId};

/// What a restaurant's claims in one state start with.
pub(crate) fn of_restaurant(id: RestaurantId, state: ClaimState) -> Row {
    Row::new(Kind::ClaimOfRestaurant).bytes(&id.0).byte(state_byte(state))
}

/// What a customer's claims start with.
pub(crate) fn of_customer(id: AccountId) -> Row {
    Row::new(Kind::ClaimOfCustomer).bytes(&id.0)
}

/// What the city's claims in one state start with.
pub(crate) fn of_city(state: ClaimState) -> Row {
    Row::new(Kind::ClaimOfCity).byte(state_byte(state)).bytes(&[0; 15])
}

/// Part of stored keys: a state keeps its number for ever.
fn state_byte(state: ClaimState) -> u8 {
    match state {
        ClaimState::Open => 1,
        ClaimState::Contested => 2,
        ClaimState::Settled => 3,
        ClaimState::Refused => 4,
    }
}

impl Record for Claim {
    type Key = ClaimId;
    const COLUMN: Column = Column::Orders;
    const INDEXED: bool = true;

    fn row(key: ClaimId) -> Row {
        Row::new(Kind::Claim).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let state = self.status.state();
        for list in [
            of_restaurant(self.restaurant_id, state),
            of_customer(self.customer_id),
            of_city(state),
        ] {
            let row = list.time_backwards(self.made_at).bytes(&self.id.0);
            into.push(IndexRow::new(Column::Index, row));
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.claims
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\10\a2id\c4\10mmmmmmmmmmmmmmmm\a8order_id\c4\10oooooooooooooooo\abcus
            tomer_id\c4\10aaaaaaaaaaaaaaaa\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\a4kind\a7mis
            sing\a5lines\91\82\a4line\00\a8quantity\01\a6photos\91\d9 abababababababababababa
            babababab\a4text\c4\04text\a5asked\cd\05F\a6status\81\a7settled\83\a6amount\cd\05
            F\a5fault\aarestaurant\a9refund_id\c4\10ffffffffffffffff\a6answer\a5sorry\a8decis
            ion\b1seen on the photo\a7made_at\cd\01,\aamade_index$\a7request\c4 qqqqqqqqqqqqq
            qqqqqqqqqqqqqqqqqqq\a8revision%
        "#]]
        .assert_eq(&round_trip(&samples::claim()));
    }
}
