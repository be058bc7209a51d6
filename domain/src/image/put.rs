//! A picture enters the city.

use super::{Image, ImageHash, Variant};
use crate::authority::person;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::limits::IMAGE_BYTES;
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
    let bytes: usize = variants.iter().map(|variant| variant.bytes.0.len()).sum();
    if variants.is_empty() || bytes > IMAGE_BYTES {
        let rule = format!("at most {IMAGE_BYTES} bytes in all widths");
        return Ok(Outcome::rejected(field::invalid("", rule)));
    }
    let mut changes = Changes::new(stamp);
    let revision = stamp.index;
    changes.write(Write::Image(Arc::new(Image { hash, owner, private, variants, revision })));
    changes.event(Event::ImagePut { hash });
    Ok(changes.yes())
}
