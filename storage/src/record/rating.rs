//! Stars and words. Key: kind, rating id. A restaurant's, newest first: kind, restaurant id,
//! moment backwards, rating id.

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::{RatingId, RestaurantId};
use domain::rating::Rating;

/// What a restaurant's ratings start with.
pub(crate) fn of_restaurant(id: RestaurantId) -> Row {
    Row::new(Kind::RatingOfRestaurant).bytes(&id.0)
}

impl Record for Rating {
    type Key = RatingId;
    const COLUMN: Column = Column::Orders;
    const INDEXED: bool = true;

    fn row(key: RatingId) -> Row {
        Row::new(Kind::Rating).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let row = of_restaurant(self.restaurant_id).time_backwards(self.rated_at);
        into.push(IndexRow::new(Column::Index, row.bytes(&self.id.0)));
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.ratings
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples, unshown};
    use domain::rating::Rating;
    use domain::sealed::Sealed;

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\8c\a2id\c4\10tttttttttttttttt\a8order_id\c4\10oooooooooooooooo\abcustomer_
            id\c4\10aaaaaaaaaaaaaaaa\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\aacourier_id\c4\10
            cccccccccccccccc\a5stars\88\aarestaurant\05\a4food\04\a9packaging\c0\a8accuracy\03
            \a7courier\05\a4care\04\a6manner\03\a5speed\02\a6dishes\81\c4\10dddddddddddddddd\05
            \a5words\c4\06closed\a9withdrawn\c3\a5reply\82\a4text\a6thanks\a2at\cc\d2\a8rated
            _at\cc\c8\a8revision\14
        "#]]
        .assert_eq(&round_trip(&samples::rating()));
    }

    /// As it was stored when words lay in clear: they are not shown any more.
    const OLD: &str = r"
        \01\01\8d\a2id\c4\10tttttttttttttttt\a8order_id\c4\10oooooooooooooooo\abcustomer_
        id\c4\10aaaaaaaaaaaaaaaa\adrestaurant_id\c4\10rrrrrrrrrrrrrrrr\aacourier_id\c4\10
        cccccccccccccccc\a5stars\88\aarestaurant\05\a4food\04\a9packaging\c0\a8accuracy\03
        \a7courier\05\a4care\04\a6manner\03\a5speed\02\a6dishes\81\c4\10dddddddddddddddd\05
        \a4text\a4good\a4held\c3\a9withdrawn\c3\a5reply\82\a4text\a6thanks\a2at\cc\d2\a8r
        ated_at\cc\c8\a8revision\14";

    #[test]
    fn an_old_one_still_reads() {
        let old: Rating = crate::codec::decode(&unshown(OLD)).unwrap();
        assert_eq!(old, Rating { words: Sealed::default(), ..samples::rating() });
    }
}
