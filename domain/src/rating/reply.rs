//! The restaurant answers a rating, once and in public.

use crate::entry::{Actor, Stamp};
use crate::ids::{RatingId, RestaurantId};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Answers a rating of this restaurant. Managers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReplyRating {
    pub rating_id: RatingId,
    pub restaurant_id: RestaurantId,
    pub text: String,
}

pub(crate) fn reply_rating(
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: ReplyRating,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
