//! What the index is told of a restaurant. Whatever is longer than its limit is cut for the index
//! only: the page that shows it reads storage.

use domain::ids::{DishId, RestaurantId};

/// Dishes of one restaurant that can be found.
pub const MAX_DISHES: usize = domain::limits::MENU_DISHES;
/// Cuisines of one restaurant that can be found.
pub const MAX_CUISINES: usize = domain::limits::CUISINES;
/// Letters of a name, a cuisine or an area that can be found.
pub const MAX_NAME_LETTERS: usize = domain::limits::NAME_LETTERS;
/// Letters of a description that can be found.
pub const MAX_DESCRIPTION_LETTERS: usize = domain::limits::TEXT_LETTERS;

/// A restaurant with its menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestaurantDoc {
    /// Which.
    pub id: RestaurantId,
    /// What it is called.
    pub name: String,
    /// What it cooks, as in "thai"; underscores count as spaces.
    pub cuisines: Vec<String>,
    /// Where it is, in words: street, quarter.
    pub area: String,
    /// What it offers. What may not be found is left out by the caller.
    pub dishes: Vec<DishDoc>,
}

/// A dish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DishDoc {
    /// Which.
    pub id: DishId,
    /// What it is called.
    pub name: String,
    /// What is said of it.
    pub description: String,
}
