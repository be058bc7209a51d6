//! The carrying of an order. Key: kind, delivery id. While somebody must be found for it, it
//! waits in a queue: kind, moment when the food is ready, delivery id.

use super::{IndexRow, Record};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::delivery::{Delivery, DeliveryState};
use domain::ids::DeliveryId;

impl Record for Delivery {
    type Key = DeliveryId;
    const COLUMN: Column = Column::Orders;
    const INDEXED: bool = true;

    fn row(key: DeliveryId) -> Row {
        Row::new(Kind::Delivery).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        if self.status.state() == DeliveryState::Unassigned {
            let row = Row::new(Kind::UnassignedDelivery).time(self.ready_at).bytes(&self.id.0);
            into.push(IndexRow::new(Column::Queues, row));
        }
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.deliveries
    }
}

/// The delivery that a row of the queue names.
pub(crate) fn unassigned(row: &[u8]) -> Option<DeliveryId> {
    let mut parts = Parts(row.get(1..)?);
    parts.time()?;
    parts.array().map(DeliveryId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::record::{round_trip, samples, unshown};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\16\a2id\c4\10dddddddddddddddd\a8order_id\c4\10oooooooooooooooo\adres
            taurant_id\c4\10rrrrrrrrrrrrrrrr\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\a6pickup\82\a6
            lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a4drop\82\a6lat_e7\ce\18\86\ee@\a6lng
            _e7\d2\fa\de\10\eb\a8ready_atZ\a6status\81\a8Offering\83\a8offer_id\c4\10ffffffff
            ffffffff\aacourier_id\c4\10cccccccccccccccc\aaexpires_atF\a5fence\02\abdeclined_b
            y\91\c4\10xxxxxxxxxxxxxxxx\aclast_step_atA\a7left_at\82\a2at@\a8by_phone\c3\abfai
            l_reason\a7refused\a6proven\85\a3pin\c3\a5photo\d9 ababababababababababababababab
            ab\a9signature\d9 abababababababababababababababab\abage_checked\c3\a3far\c3\aaat
            _door_atB\abat_store_at<\a8contacts\91C\a5heard\91\c4 hhhhhhhhhhhhhhhhhhhhhhhhhhh
            hhhhh\adno_courier_atc\aamissing_atb\aeno_progress_ata\a8revision\0a
        "#]]
        .assert_eq(&round_trip(&samples::delivery()));
    }
    #[test]
    fn one_from_before_rides_were_looked_at_still_reads() {
        let stored = r#"
            \01\01\de\00\15\a2id\c4\10dddddddddddddddd\a8order_id\c4\10oooooooooooooooo\adres
            taurant_id\c4\10rrrrrrrrrrrrrrrr\abcustomer_id\c4\10aaaaaaaaaaaaaaaa\a6pickup\82\a6
            lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a4drop\82\a6lat_e7\ce\18\86\ee@\a6lng
            _e7\d2\fa\de\10\eb\a8ready_atZ\a6status\81\a8Offering\83\a8offer_id\c4\10ffffffff
            ffffffff\aacourier_id\c4\10cccccccccccccccc\aaexpires_atF\a5fence\02\abdeclined_b
            y\91\c4\10xxxxxxxxxxxxxxxx\aclast_step_atA\abfail_reason\a7refused\a6proven\85\a3
            pin\c3\a5photo\d9 abababababababababababababababab\a9signature\d9 abababababababa
            babababababababab\abage_checked\c3\a3far\c3\aaat_door_atB\abat_store_at<\a8contac
            ts\91C\a5heard\91\c4 hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh\adno_courier_atc\aamissing_
            atb\aeno_progress_ata\a8revision\0a
        "#;
        let read: Delivery = codec::decode(&unshown(stored)).unwrap();
        assert_eq!(read, Delivery { left_at: None, ..samples::delivery() });
    }
}
