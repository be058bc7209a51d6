//! The restaurant answers a rating, once and in public.

use super::Reply;
use crate::account::StaffRole;
use crate::authority::works_at;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::{RatingId, RestaurantId};
use crate::limits::TEXT_LETTERS;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Answers a rating of this restaurant. Managers; what was said once in public stays said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReplyRating {
    pub rating_id: RatingId,
    pub restaurant_id: RestaurantId,
    pub text: String,
}

pub(crate) fn reply_rating(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: ReplyRating,
) -> Result<Outcome, Unreadable> {
    let ReplyRating { rating_id, restaurant_id, text } = command;
    if !works_at(city, actor, restaurant_id, StaffRole::Manager)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let rating = city.rating(rating_id)?.filter(|rating| rating.restaurant_id == restaurant_id);
    let Some(rating) = rating else {
        return Ok(Outcome::rejected(Rejection::RatingUnknown));
    };
    if let Some(said) = &rating.reply {
        return Ok(if said.text == text {
            Outcome::unchanged(rating.revision)
        } else {
            Outcome::rejected(Rejection::IdReused)
        });
    }
    if let Err(why) = field::letters("/text", &text, 1..=TEXT_LETTERS) {
        return Ok(Outcome::rejected(why));
    }
    let mut rating = Arc::unwrap_or_clone(rating);
    let order_id = rating.order_id;
    rating.reply = Some(Reply { text, at: stamp.at });
    rating.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Rating(Arc::new(rating)));
    changes.event(Event::RatingReplied { order_id, restaurant_id });
    Ok(changes.yes())
}
