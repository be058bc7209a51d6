//! Keeps the search index at the feed: a changed restaurant is read again from storage, whole.

use domain::ids::{DishId, RestaurantId};
use domain::menu::Words;
use domain::stock::{StockTarget, Supply};
use search::{DishDoc, MenuIndex, MenuWriter, RestaurantDoc, SearchError, Settings};
use std::collections::BTreeSet;
use std::fmt;
use storage::{CityView, Reader};

/// Restaurants indexed before a commit: a large import is searchable as it goes.
const RESTAURANTS_A_COMMIT: usize = 500;

/// The one owner of the index on this node.
pub(crate) struct MenuIndexer {
    reader: Reader,
    writer: MenuWriter,
    /// Changed since the last commit. Bursts of one restaurant's changes become one.
    dirty: BTreeSet<RestaurantId>,
}

impl fmt::Debug for MenuIndexer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MenuIndexer({} dirty)", self.dirty.len())
    }
}

impl MenuIndexer {
    /// An empty index, and the handle that answers from it.
    ///
    /// # Errors
    /// If the index cannot be made.
    pub(crate) fn new(reader: Reader) -> Result<(MenuIndex, Self), SearchError> {
        let (index, writer) = MenuIndex::in_memory(Settings::default())?;
        Ok((index, Self { reader, writer, dirty: BTreeSet::new() }))
    }

    /// Its words may have changed.
    pub(crate) fn changed(&mut self, id: RestaurantId) {
        self.dirty.insert(id);
    }

    /// Makes what changed searchable. The index then covers the log up to `covers`.
    pub(crate) fn commit(&mut self, covers: u64) {
        if self.dirty.is_empty() {
            return;
        }
        let dirty = std::mem::take(&mut self.dirty);
        let view = self.reader.view();
        for (count, id) in dirty.into_iter().enumerate() {
            if let Err(error) = self.index(&view, id) {
                tracing::error!(%id, %error, "a restaurant cannot be indexed");
            }
            if count % RESTAURANTS_A_COMMIT == RESTAURANTS_A_COMMIT - 1 {
                self.write(covers);
            }
        }
        self.write(covers);
        self.writer.refresh_suggestions();
    }

    fn write(&mut self, covers: u64) {
        if let Err(error) = self.writer.commit(covers) {
            tracing::error!(%error, "the search index cannot be committed");
        }
    }

    fn index(&mut self, view: &CityView, id: RestaurantId) -> Result<(), IndexError> {
        let sells = view.restaurant(id)?.filter(|restaurant| restaurant.may_sell());
        let Some(restaurant) = sells else {
            self.writer.remove_restaurant(id);
            return Ok(());
        };
        let menu = view.menu_graph(id)?;
        let dishes = menu.iter().flat_map(|menu| menu.dishes.iter());
        // What is sold out is found and shown as such; what is hidden is not found.
        let hidden = hidden(view, id)?;
        let dishes = dishes.filter(|dish| !dish.hidden && !dish.archived);
        let dishes = dishes.filter(|dish| !hidden.contains(&dish.id)).map(|dish| DishDoc {
            id: dish.id,
            name: all_words(&dish.title),
            description: all_words(&dish.description),
        });
        let document = RestaurantDoc {
            id,
            name: restaurant.profile.name.clone(),
            cuisines: restaurant.profile.cuisines.clone(),
            area: restaurant.profile.address.clone(),
            dishes: dishes.collect(),
        };
        Ok(self.writer.replace_restaurant(&document)?)
    }
}

#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Search(#[from] SearchError),
}

/// Dishes that staff have taken out of sight for a while.
fn hidden(view: &CityView, id: RestaurantId) -> Result<BTreeSet<DishId>, storage::Error> {
    let stocks = view.stock_of_restaurant(id)?;
    let hidden = stocks.iter().filter(|stock| stock.supply == Supply::Hidden);
    Ok(hidden
        .filter_map(|stock| match stock.target {
            StockTarget::Dish(id) => Some(id),
            StockTarget::Option(_) => None,
        })
        .collect())
}

/// Every language of a text: people search in any of them.
fn all_words(words: &Words) -> String {
    words.values().map(String::as_str).collect::<Vec<_>>().join(" ")
}
