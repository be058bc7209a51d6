//! What somebody likes to come back to.

use super::{Belongings, Step, room};
use crate::ids::{DishId, RestaurantId};
use crate::limits::FAVOURITES;
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::view::View;
use serde::{Deserialize, Serialize};

/// A restaurant, or a dish of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Favourite {
    /// Whatever it cooks.
    Restaurant(RestaurantId),
    /// This dish of this restaurant.
    Dish(RestaurantId, DishId),
}

/// Says whether it is one. The same again is a yes; at most 200. What is no favourite need not
/// exist: it may have gone since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetFavourite {
    pub favourite: Favourite,
    /// Whether it is one from now on.
    pub is_one: bool,
}

impl SetFavourite {
    pub(super) fn apply(self, city: &impl View, all: &mut Belongings) -> Checked<Step> {
        let Self { favourite, is_one } = self;
        let was_one = all.favourites.contains(&favourite);
        if was_one == is_one {
            return Ok(Ok(Step::Was(all.revision)));
        }
        if !is_one {
            all.favourites.retain(|it| *it != favourite);
            return Ok(Ok(Step::Changed));
        }
        let unknown = match favourite {
            Favourite::Restaurant(id) => {
                city.restaurant(id)?.is_none().then_some(Rejection::RestaurantUnknown)
            }
            Favourite::Dish(restaurant_id, id) => {
                let dish = city.dish(restaurant_id, id)?;
                dish.is_none_or(|dish| dish.archived).then_some(Rejection::DishUnknown)
            }
        };
        if let Some(why) = unknown {
            return Ok(Err(why));
        }
        Ok(room(all.favourites.len(), FAVOURITES).map(|()| {
            all.favourites.push(favourite);
            Step::Changed
        }))
    }
}
