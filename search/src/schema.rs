//! The two indexes: one document for each restaurant in the one, for each dish in the other. Apart,
//! because how rare a word is among dishes says nothing of how rare it is among names of places.
//!
//! No text is stored: an answer is ids, and pages read storage.

use crate::doc::{
    MAX_CUISINES, MAX_DESCRIPTION_LETTERS, MAX_DISHES, MAX_NAME_LETTERS, RestaurantDoc,
};
use crate::query::Weights;
use crate::text::indexed;
use domain::ids::DishId;
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

/// The column with a restaurant's number.
pub(crate) const RID: &str = "rid";
/// The columns with the two halves of a dish's id.
pub(crate) const DISH_HIGH: &str = "dish_high";
pub(crate) const DISH_LOW: &str = "dish_low";

/// The fields of the index of restaurants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestaurantFields {
    pub(crate) rid: Field,
    name: Field,
    cuisine: Field,
    area: Field,
}

/// The fields of the index of dishes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DishFields {
    pub(crate) rid: Field,
    high: Field,
    low: Field,
    name: Field,
    cuisine: Field,
    restaurant_name: Field,
    description: Field,
}

/// Words are cut by us, before they reach the index, and joined by spaces.
fn words() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    TextOptions::default().set_indexing_options(indexing)
}

fn column() -> NumericOptions {
    NumericOptions::default() | FAST
}

impl RestaurantFields {
    pub(crate) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let fields = Self {
            rid: schema.add_u64_field(RID, column() | INDEXED),
            name: schema.add_text_field("name", words()),
            cuisine: schema.add_text_field("cuisine", words()),
            area: schema.add_text_field("area", words()),
        };
        (schema.build(), fields)
    }

    pub(crate) fn document(&self, rid: u32, restaurant: &RestaurantDoc) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(self.rid, u64::from(rid));
        document.add_text(self.name, indexed(&restaurant.name, MAX_NAME_LETTERS));
        document.add_text(self.cuisine, cuisines(restaurant));
        document.add_text(self.area, indexed(&restaurant.area, MAX_NAME_LETTERS));
        document
    }

    /// The fields that are searched, and what a word in each is worth.
    pub(crate) fn searched(&self, weights: &Weights) -> Vec<(Field, f32)> {
        vec![(self.name, weights.name), (self.cuisine, weights.cuisine), (self.area, weights.area)]
    }
}

impl DishFields {
    pub(crate) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let fields = Self {
            rid: schema.add_u64_field(RID, column() | INDEXED),
            high: schema.add_u64_field(DISH_HIGH, column()),
            low: schema.add_u64_field(DISH_LOW, column()),
            name: schema.add_text_field("name", words()),
            cuisine: schema.add_text_field("cuisine", words()),
            restaurant_name: schema.add_text_field("restaurant_name", words()),
            description: schema.add_text_field("description", words()),
        };
        (schema.build(), fields)
    }

    pub(crate) fn documents(
        &self,
        rid: u32,
        restaurant: &RestaurantDoc,
    ) -> impl Iterator<Item = TantivyDocument> {
        let restaurant_name = indexed(&restaurant.name, MAX_NAME_LETTERS);
        let cuisine = cuisines(restaurant);
        restaurant.dishes.iter().take(MAX_DISHES).map(move |dish| {
            let (high, low) = halves(dish.id);
            let mut document = TantivyDocument::new();
            document.add_u64(self.rid, u64::from(rid));
            document.add_u64(self.high, high);
            document.add_u64(self.low, low);
            document.add_text(self.name, indexed(&dish.name, MAX_NAME_LETTERS));
            document.add_text(self.cuisine, &cuisine);
            document.add_text(self.restaurant_name, &restaurant_name);
            let description = indexed(&dish.description, MAX_DESCRIPTION_LETTERS);
            document.add_text(self.description, description);
            document
        })
    }

    /// The fields that are searched, and what a word in each is worth.
    pub(crate) fn searched(&self, weights: &Weights) -> Vec<(Field, f32)> {
        vec![
            (self.name, weights.name),
            (self.cuisine, weights.cuisine),
            (self.restaurant_name, weights.restaurant_name),
            (self.description, weights.description),
        ]
    }
}

fn cuisines(restaurant: &RestaurantDoc) -> String {
    let cuisines = restaurant.cuisines.iter().take(MAX_CUISINES);
    cuisines.map(|cuisine| indexed(cuisine, MAX_NAME_LETTERS)).collect::<Vec<_>>().join(" ")
}

/// An id as two numbers that sort as it does.
fn halves(dish: DishId) -> (u64, u64) {
    let number = u128::from_be_bytes(dish.0);
    ((number >> 64) as u64, number as u64)
}

/// The id that the two numbers came from.
pub(crate) fn whole(high: u64, low: u64) -> DishId {
    DishId(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_halves() {
        for byte in [0u8, 1, 127, 128, 255] {
            let id = DishId(std::array::from_fn(|n| byte.wrapping_add((n as u8).wrapping_mul(37))));
            let (high, low) = halves(id);
            assert_eq!(whole(high, low), id);
        }
    }
}
