//! A picture enters the city.

use super::{Image, ImageHash, Variant};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::limits::{IMAGE_BYTES, IMAGE_WIDTHS};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keeps a picture. Any person; what it is for is decided by whoever names it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PutImage {
    pub hash: ImageHash,
    pub private: bool,
    pub variants: Vec<Variant>,
}

pub(crate) fn put_image(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: PutImage,
) -> Result<Outcome, Unreadable> {
    let PutImage { hash, private, variants } = command;
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
    let mut changes = Changes::new(stamp);
    let revision = stamp.index;
    changes.write(Write::Image(Arc::new(Image { hash, owner, private, variants, revision })));
    changes.event(Event::ImagePut { hash });
    Ok(changes.yes())
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
