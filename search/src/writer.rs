//! The one owner of the index: replaces, removes, commits, rebuilds.

use crate::doc::RestaurantDoc;
use crate::error::SearchError;
use crate::query::{MenuIndex, Shared, View, Weights};
use crate::schema::{DishFields, RestaurantFields};
use crate::suggest::{PhraseBook, Phrases};
use arc_swap::ArcSwap;
use domain::ids::RestaurantId;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::{Field, Schema};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Term};

/// Segments of like size that are merged into one.
const MERGE_SEGMENTS: usize = 4;
/// Share of removed documents in a segment above which it is written anew: until then their words
/// count as if they were there.
const MERGE_REMOVED_SHARE: f32 = 0.2;

/// What can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Bytes that each of the two indexes may gather before it writes a segment. Tantivy takes no
    /// less than the default of 15 MB.
    pub writer_bytes: usize,
    /// What a match is worth.
    pub weights: Weights,
}

impl Default for Settings {
    fn default() -> Self {
        Self { writer_bytes: 15_000_000, weights: Weights::default() }
    }
}

/// Writes the index. There is one, and nothing it writes is seen before a commit.
///
/// A commit takes some milliseconds and a rebuild seconds: call them where blocking is allowed.
pub struct MenuWriter {
    settings: Settings,
    shared: Arc<Shared>,
    generation: Generation,
}

impl std::fmt::Debug for MenuWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MenuWriter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl MenuIndex {
    /// An empty index in memory, which covers nothing yet, and its writer.
    ///
    /// # Errors
    /// [`SearchError::Broken`] when the settings are out of bounds or threads cannot be started.
    pub fn in_memory(settings: Settings) -> Result<(Self, MenuWriter), SearchError> {
        let mut generation = Generation::empty(&settings)?;
        let view = ArcSwap::from_pointee(generation.view(0)?);
        let phrases = ArcSwap::from_pointee(Phrases::default());
        let shared = Arc::new(Shared { view, phrases, weights: settings.weights.clone() });
        let writer = MenuWriter { settings, shared: Arc::clone(&shared), generation };
        Ok((Self { shared }, writer))
    }
}

impl MenuWriter {
    /// Puts a restaurant and its menu in the place of what was known of it.
    ///
    /// # Errors
    /// [`SearchError::Broken`].
    pub fn replace_restaurant(&mut self, restaurant: &RestaurantDoc) -> Result<(), SearchError> {
        self.generation.replace(restaurant)
    }

    /// Takes a restaurant and its dishes out.
    pub fn remove_restaurant(&mut self, restaurant: RestaurantId) {
        self.generation.remove(restaurant);
    }

    /// Makes everything so far visible. `covers` is the log index up to which the caller has told
    /// us everything; answers carry it. Without changes only that number moves.
    ///
    /// # Errors
    /// [`SearchError::Broken`]; what was visible stays visible.
    pub fn commit(&mut self, covers: u64) -> Result<(), SearchError> {
        let view = self.generation.view(covers)?;
        self.shared.view.store(Arc::new(view));
        Ok(())
    }

    /// Makes the phrases of everything so far suggested. Apart from [`commit`](Self::commit)
    /// because it sorts all phrases of the city, and hardly any change brings a new one: call it
    /// after an import, and from time to time.
    pub fn refresh_suggestions(&mut self) {
        self.shared.phrases.store(Arc::new(self.generation.phrases.phrases()));
    }

    /// Fills a new index from all restaurants, and puts it in the place of the old one, which
    /// answers until then. What was written and not committed is forgotten.
    ///
    /// # Errors
    /// [`SearchError::Broken`]; the old index stays.
    pub fn rebuild(
        &mut self,
        restaurants: impl IntoIterator<Item = RestaurantDoc>,
        covers: u64,
    ) -> Result<(), SearchError> {
        let mut next = Generation::empty(&self.settings)?;
        for restaurant in restaurants {
            next.replace(&restaurant)?;
        }
        let view = next.view(covers)?;
        let phrases = next.phrases.phrases();
        self.generation = next;
        self.shared.view.store(Arc::new(view));
        self.shared.phrases.store(Arc::new(phrases));
        Ok(())
    }
}

/// Two indexes that belong together, and the numbers that restaurants have in them. A number is
/// never given to another restaurant: an old document could point at it.
struct Generation {
    restaurants: Half,
    restaurant_fields: RestaurantFields,
    dishes: Half,
    dish_fields: DishFields,
    numbers: HashMap<RestaurantId, u32>,
    ids: Arc<Vec<RestaurantId>>,
    phrases: PhraseBook,
}

impl Generation {
    fn empty(settings: &Settings) -> Result<Self, SearchError> {
        let (restaurant_schema, restaurant_fields) = RestaurantFields::schema();
        let (dish_schema, dish_fields) = DishFields::schema();
        Ok(Self {
            restaurants: Half::in_memory(restaurant_schema, settings)?,
            restaurant_fields,
            dishes: Half::in_memory(dish_schema, settings)?,
            dish_fields,
            numbers: HashMap::new(),
            ids: Arc::default(),
            phrases: PhraseBook::default(),
        })
    }

    fn replace(&mut self, restaurant: &RestaurantDoc) -> Result<(), SearchError> {
        let rid = match self.numbers.get(&restaurant.id) {
            Some(rid) => *rid,
            None => {
                let rid = self.ids.len() as u32;
                // Copied only when a question still reads the old list.
                Arc::make_mut(&mut self.ids).push(restaurant.id);
                self.numbers.insert(restaurant.id, rid);
                rid
            }
        };
        self.restaurants.remove(self.restaurant_fields.rid, rid);
        self.restaurants.add(self.restaurant_fields.document(rid, restaurant))?;
        self.dishes.remove(self.dish_fields.rid, rid);
        for document in self.dish_fields.documents(rid, restaurant) {
            self.dishes.add(document)?;
        }
        self.phrases.replace(rid, restaurant);
        Ok(())
    }

    fn remove(&mut self, restaurant: RestaurantId) {
        if let Some(rid) = self.numbers.get(&restaurant).copied() {
            self.restaurants.remove(self.restaurant_fields.rid, rid);
            self.dishes.remove(self.dish_fields.rid, rid);
            self.phrases.remove(rid);
        }
    }

    /// Commits both halves and opens what can be searched now.
    fn view(&mut self, covers: u64) -> Result<View, SearchError> {
        self.restaurants.commit()?;
        self.dishes.commit()?;
        Ok(View {
            restaurants: self.restaurants.reader.searcher(),
            restaurant_fields: self.restaurant_fields,
            dishes: self.dishes.reader.searcher(),
            dish_fields: self.dish_fields,
            ids: Arc::clone(&self.ids),
            covers,
        })
    }
}

/// One index with its writer and its reader.
struct Half {
    writer: IndexWriter,
    reader: IndexReader,
    /// Something was written since the last commit.
    dirty: bool,
}

impl Half {
    fn in_memory(schema: Schema, settings: &Settings) -> Result<Self, SearchError> {
        let index = Index::create_in_ram(schema);
        // One thread each: more would take the cores that answer questions.
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(settings.writer_bytes)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer = index.writer_with_options(options)?;
        let mut merging = LogMergePolicy::default();
        merging.set_min_num_segments(MERGE_SEGMENTS);
        merging.set_del_docs_ratio_before_merge(MERGE_REMOVED_SHARE);
        writer.set_merge_policy(Box::new(merging));
        // By hand, so that a commit is visible when it returns.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { writer, reader, dirty: false })
    }

    fn add(&mut self, document: tantivy::TantivyDocument) -> Result<(), SearchError> {
        self.dirty = true;
        self.writer.add_document(document)?;
        Ok(())
    }

    fn remove(&mut self, field: Field, rid: u32) {
        self.dirty = true;
        self.writer.delete_term(Term::from_field_u64(field, u64::from(rid)));
    }

    fn commit(&mut self) -> Result<(), SearchError> {
        if self.dirty {
            self.writer.commit()?;
            self.reader.reload()?;
            self.dirty = false;
        }
        Ok(())
    }
}
