//! Bans stand with whom or what they are about; this is the list of them.
//! Key: kind, of what (a number), padding to an id's width, moment backwards, id.

use super::IndexRow;
use crate::column::{Column, Kind};
use crate::row::{Parts, Row};
use domain::ids::{AccountId, CardMark, CourierId, DeviceMark, RestaurantId};
use domain::moderation::{Ban, BanKind, BanSubject};

/// Part of stored keys: a kind keeps its number for ever.
fn kind_byte(kind: BanKind) -> u8 {
    match kind {
        BanKind::Account => 1,
        BanKind::Restaurant => 2,
        BanKind::Courier => 3,
        BanKind::Device => 4,
        BanKind::Card => 5,
    }
}

/// What the bans of one kind start with.
pub(crate) fn of_kind(kind: BanKind) -> Row {
    Row::new(Kind::BanOfCity).byte(kind_byte(kind)).bytes(&[0; 15])
}

/// The key that leads to a ban.
pub(crate) fn lead(subject: BanSubject, ban: &Ban) -> IndexRow {
    let row = of_kind(subject.kind()).time_backwards(ban.at).bytes(&id_of(subject));
    IndexRow::new(Column::Index, row)
}

/// The subject at the end of such a key, of a list of this kind.
pub(crate) fn subject_of(kind: BanKind, id: [u8; 16]) -> BanSubject {
    match kind {
        BanKind::Account => BanSubject::Account(AccountId(id)),
        BanKind::Restaurant => BanSubject::Restaurant(RestaurantId(id)),
        BanKind::Courier => BanSubject::Courier(CourierId(id)),
        BanKind::Device => BanSubject::Device(DeviceMark(id)),
        BanKind::Card => BanSubject::Card(CardMark(id)),
    }
}

/// A subject as part of a key.
pub(crate) fn with_subject(row: Row, subject: BanSubject) -> Row {
    row.byte(kind_byte(subject.kind())).bytes(&id_of(subject))
}

/// The subject at this place of a key.
pub(crate) fn subject(parts: &mut Parts<'_>) -> Option<BanSubject> {
    let byte = parts.byte()?;
    let kind = BanKind::ALL.into_iter().find(|kind| kind_byte(*kind) == byte)?;
    Some(subject_of(kind, parts.array()?))
}

/// The id of a subject, as it stands in keys.
pub(crate) fn id_of(subject: BanSubject) -> [u8; 16] {
    match subject {
        BanSubject::Account(id) => id.0,
        BanSubject::Restaurant(id) => id.0,
        BanSubject::Courier(id) => id.0,
        BanSubject::Device(id) => id.0,
        BanSubject::Card(id) => id.0,
    }
}
