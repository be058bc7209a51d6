//! A picture enters the city.

use super::{Image, ImageHash, Variant};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::fraud::{Trace, TraceKey, What, Within};
use crate::ids::AccountId;
use crate::limits::{
    IMAGE_BYTES, IMAGE_WIDTHS, PICTURES_A_DAY, PICTURES_A_DAY_OF_COURIER, PICTURES_A_DAY_OF_STAFF,
};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::{HOUR_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keeps a picture. Any person, so many a day; what it is for is decided by whoever names it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutImage {
    pub hash: ImageHash,
    pub private: bool,
    /// See [`Image::closed_for`].
    #[serde(default)]
    pub closed_for: Option<AccountId>,
    pub variants: Vec<Variant>,
}

pub(crate) fn put_image(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutImage,
) -> Result<Outcome, Unreadable> {
    let PutImage { hash, private, closed_for, variants } = command;
    let Some(owner) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    if let Some(image) = city.image(hash)? {
        // The name is of the content: the first upload stands, unless it is somebody's secret.
        return Ok(if image.private == private && (!private || image.owner == owner) {
            Outcome::unchanged(image.revision)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    if let Err(why) = check(&variants) {
        return Ok(Outcome::rejected(why));
    }
    let mut trace = Trace::load(city, TraceKey::Account(owner))?;
    let pictures = trace.counts.count(What::Pictures, Within::Day, stamp.at);
    if pictures >= allowance(city, owner)? {
        // A day is 24 pieces of an hour: with the next one some may be forgotten.
        let until = Timestamp((stamp.at.0.div_euclid(HOUR_MS) + 1) * HOUR_MS);
        return Ok(Outcome::rejected(Rejection::TooOften { until }));
    }
    trace.counts.add(What::Pictures, stamp.at);
    let mut changes = Changes::new(stamp);
    trace.save(&mut changes);
    let revision = stamp.index;
    let image = Image { hash, owner, private, closed_for, variants, revision };
    changes.write(Write::Image(Arc::new(image)));
    changes.event(Event::ImagePut { hash });
    Ok(changes.yes())
}

/// How many pictures somebody may bring within a day. Every one of them goes through the log, to
/// every node: whoever only orders needs few.
fn allowance(city: &impl View, owner: AccountId) -> Result<i64, Unreadable> {
    let Some(account) = city.account(owner)? else { return Ok(0) };
    let keeps_menus = account.operator.is_some() || !account.staff.is_empty();
    Ok(match (keeps_menus, account.courier.is_some()) {
        (true, _) => PICTURES_A_DAY_OF_STAFF,
        (false, true) => PICTURES_A_DAY_OF_COURIER,
        (false, false) => PICTURES_A_DAY,
    })
}

fn check(variants: &[Variant]) -> Result<(), Rejection> {
    field::length("", variants.len(), 1..=IMAGE_WIDTHS)?;
    let bytes: usize = variants.iter().map(|variant| variant.bytes.0.len()).sum();
    if bytes > IMAGE_BYTES {
        return Err(field::invalid("", format!("at most {IMAGE_BYTES} bytes in all widths")));
    }
    let wider = |pair: &[Variant]| pair[0].width < pair[1].width;
    let known = |variant: &Variant| matches!(variant.extension.as_str(), "jpg" | "png" | "webp");
    if !variants.windows(2).all(wider) || !variants.iter().all(known) {
        return Err(field::invalid(
            "",
            "each width once, from narrow to wide, as jpg, png or webp",
        ));
    }
    Ok(())
}
