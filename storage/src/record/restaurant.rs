//! A kitchen. Key: kind, restaurant id.

use super::{IndexRow, Record, ban};
use crate::cache::{Hot, Shelf};
use crate::column::{Column, Kind};
use crate::row::Row;
use domain::ids::RestaurantId;
use domain::moderation::BanSubject;
use domain::restaurant::Restaurant;

/// All of them, in the order of ids.
pub(crate) const RESTAURANTS: Kind = Kind::Restaurant;

impl Record for Restaurant {
    type Key = RestaurantId;
    const COLUMN: Column = Column::Menus;
    const INDEXED: bool = true;

    fn row(key: RestaurantId) -> Row {
        Row::new(Kind::Restaurant).bytes(&key.0)
    }

    fn index(&self, into: &mut Vec<IndexRow>) {
        let subject = BanSubject::Restaurant(self.id);
        into.extend(self.ban.as_ref().map(|it| ban::lead(subject, it)));
    }

    fn shelf(hot: &Hot) -> &Shelf<Self> {
        &hot.restaurants
    }
}

#[cfg(test)]
mod tests {
    use crate::record::{round_trip, samples};

    #[test]
    fn golden_bytes() {
        expect_test::expect![[r#"
            \01\01\de\00\10\a2id\c4\10rrrrrrrrrrrrrrrr\a7profile\8f\a4name\a5Ramen\a8position
            \82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\a7address\a5Rua 1\a8cuisines\91
            \a5ramen\a5hours\97\91\82\a4from\cd\02X\a2to\cd\05(\90\90\90\90\90\90\acpickup_ho
            urs\97\91\82\a4from\cd\02X\a2to\cd\05(\90\90\90\90\90\90\adholiday_hours\91\82\a4
            from\cd\02\d0\a2to\cd\03\84\b2last_order_minutes\0f\b1delivery_radius_m\cd\0f\a0\ad
            delivery_area\93\82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\de\10\eb\82\a6lat_e7\ce\18
            \8e\9f\00\a6lng_e7\d2\fa\de\10\eb\82\a6lat_e7\ce\18\86\ee@\a6lng_e7\d2\fa\df\be\80
            \acdelivery_fee\cc\c7\a7minimum\cd\03\e8\aepreparation_ms\ce\00\0d\bb\a0\abauto_a
            ccept\c2\a6sample\c3\a8approved\c3\acavailability\84\a4mode\81\a4busy\81\a8extra_
            ms\ce\00\09'\c0\a5until\03\a8delivery\c3\a6pickup\c2\a8capacity\83\a6orders\04\a6
            dishes\14\a5money\cdu0\abdated_hours\91\85\a2id\c4\10xxxxxxxxxxxxxxxx\a4from\aa20
            26-12-24\a2to\aa2026-12-26\a6ranges\90\a6reason\a9Christmas\acmenu_version\04\aad
            ish_count\01\aarating_sum\05\acrating_count\01\a7tallies\83\a4food\82\a3sum\05\a5
            count\02\a9packaging\82\a3sum\04\a5count\02\a8accuracy\82\a3sum\03\a5count\02\aau
            nanswered\01\abalert_phone\82\a6number\c4\05phone\a6digest\c4 nnnnnnnnnnnnnnnnnnn
            nnnnnnnnnnnnn\a3ban\86\a6reason\a5fraud\a2at\cd\07\d0\a5until\c0\a2by\c4\10uuuuuu
            uuuuuuuuuu\abcancel_open\c3\a6appeal\83\a5words\c4\02no\a2at\cd\07\d1\a2by\c4\10u
            uuuuuuuuuuuuuuu\a7measure\85\a4step\a5limit\a2at\cd\07\d2\a5until\cd\0b\b8\a2by\c4
            \10uuuuuuuuuuuuuuuu\a6reason\a4late\a8revision\0c
        "#]]
        .assert_eq(&round_trip(&samples::restaurant()));
    }
}
