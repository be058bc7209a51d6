//! A question, the ladder down which it is relaxed until there is an answer, and the answer.

use crate::collect::{Best, Factors, Found, collect};
use crate::error::SearchError;
use crate::expand::{Expander, Meaning, Typos, all_of};
use crate::schema::{DishFields, RestaurantFields};
use crate::suggest::{Phrases, Suggestion};
use crate::text::question;
use arc_swap::ArcSwap;
use domain::ids::{DishId, RestaurantId};
use std::sync::Arc;
use tantivy::Searcher;
use tantivy::query::{EnableScoring, Query as _};
use tantivy::schema::Field;

/// Results on one page; more are not given.
pub const MAX_PAGE: usize = 100;
/// Offset and limit together.
pub const MAX_DEPTH: usize = 1_000;
/// Matches that one question looks at in one index; beyond it the answer is marked as truncated.
pub const MAX_VISITED: usize = 50_000;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// As typed. Read up to [`MAX_LETTERS`](crate::MAX_LETTERS) and
    /// [`MAX_WORDS`](crate::MAX_WORDS); nothing in it has a special meaning.
    pub text: &'a str,
    /// Results in each section, at most [`MAX_PAGE`].
    pub limit: usize,
    /// Results to pass over in each section.
    pub offset: usize,
    /// What the caller thinks of a restaurant now: 0 hides it (closed, too far), and a soft factor
    /// above 0 multiplies its score. Asked at most once for each restaurant and question.
    pub eligible: &'a dyn Fn(RestaurantId) -> f32,
}

impl std::fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query")
            .field("text", &self.text)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

/// How far a question had to be relaxed until something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// All words, typos only where a word is rare.
    AllWords = 1,
    /// All words, typos everywhere.
    Typos = 2,
    /// Some words were left out.
    FewerWords = 3,
}

/// A restaurant that was found by its name, cuisine or area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Which.
    pub restaurant: RestaurantId,
    /// Higher is better; comparable within one section of one answer.
    pub score: f32,
}

/// The best dish of a restaurant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DishHit {
    /// Whose.
    pub restaurant: RestaurantId,
    /// Which.
    pub dish: DishId,
    /// Higher is better; comparable within one section of one answer.
    pub score: f32,
    /// How many more dishes of this restaurant match.
    pub more: u32,
}

/// What was found, in two sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Restaurants found by their own words, best first, equal scores by id.
    pub restaurants: Vec<Hit>,
    /// How many there are in all.
    pub restaurants_found: usize,
    /// Dishes, one for each restaurant, best first, equal scores by restaurant.
    pub dishes: Vec<DishHit>,
    /// How many restaurants have a matching dish.
    pub dishes_found: usize,
    /// How far the question was relaxed.
    pub rung: Rung,
    /// The words that were left out, normalised; empty above [`Rung::FewerWords`].
    pub left_out: Vec<String>,
    /// So much matched that not everything was looked at.
    pub truncated: bool,
    /// Everything up to this log index is in the answer.
    pub covers: u64,
}

/// How much the places and ways in which a word is found are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// In the name of the dish or of the restaurant that is looked for.
    pub name: f32,
    /// In a cuisine.
    pub cuisine: f32,
    /// In the name of a dish's restaurant.
    pub restaurant_name: f32,
    /// In a dish's description.
    pub description: f32,
    /// In a restaurant's street or quarter.
    pub area: f32,
    /// The typed word is the beginning of the found one; 1 is the word itself.
    pub prefix: f32,
    /// One letter differs.
    pub one_typo: f32,
    /// Two letters differ.
    pub two_typos: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            name: 3.0,
            cuisine: 2.0,
            restaurant_name: 2.0,
            description: 1.0,
            area: 1.0,
            prefix: 0.7,
            one_typo: 0.5,
            two_typos: 0.3,
        }
    }
}

/// Everything one question reads: it never changes, a commit puts a new one in its place.
pub(crate) struct View {
    pub(crate) restaurants: Searcher,
    pub(crate) restaurant_fields: RestaurantFields,
    pub(crate) dishes: Searcher,
    pub(crate) dish_fields: DishFields,
    /// Ids by the numbers that the indexes know.
    pub(crate) ids: Arc<Vec<RestaurantId>>,
    pub(crate) covers: u64,
}

/// What questions read, shared with the one writer.
pub(crate) struct Shared {
    pub(crate) view: ArcSwap<View>,
    pub(crate) phrases: ArcSwap<Phrases>,
    pub(crate) weights: Weights,
}

/// Answers questions. Cheap to clone; never waits for the writer.
#[derive(Clone)]
pub struct MenuIndex {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for MenuIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MenuIndex").field("covers", &self.covers()).finish_non_exhaustive()
    }
}

impl MenuIndex {
    /// Everything up to this log index can be found.
    pub fn covers(&self) -> u64 {
        self.shared.view.load().covers
    }

    /// Finds restaurants and dishes. A text without words finds nothing: listing what is near is
    /// not a question for a text index.
    ///
    /// # Errors
    /// [`SearchError::TooDeep`] beyond [`MAX_DEPTH`]; [`SearchError::Broken`].
    pub fn search(&self, query: &Query<'_>) -> Result<Answer, SearchError> {
        let limit = query.limit.min(MAX_PAGE);
        if query.offset.saturating_add(limit) > MAX_DEPTH {
            return Err(SearchError::TooDeep { limit: MAX_DEPTH });
        }
        let view = self.shared.view.load_full();
        let outcome = view.ladder(&question(query.text), query.eligible, &self.shared.weights)?;
        let page = |best: Vec<Best>| best.into_iter().skip(query.offset).take(limit);
        Ok(Answer {
            restaurants_found: outcome.restaurants.best.len(),
            dishes_found: outcome.dishes.best.len(),
            truncated: outcome.restaurants.truncated || outcome.dishes.truncated,
            restaurants: page(outcome.restaurants.best)
                .map(|best| Hit { restaurant: best.restaurant, score: best.score })
                .collect(),
            dishes: page(outcome.dishes.best).filter_map(dish_hit).collect(),
            rung: outcome.rung,
            left_out: outcome.left_out,
            covers: view.covers,
        })
    }

    /// Whole phrases that begin with what was typed, or have a word that does: those that an
    /// eligible restaurant has first, then the most common. See [`Query::eligible`].
    pub fn suggest(
        &self,
        typed: &str,
        limit: usize,
        eligible: &dyn Fn(RestaurantId) -> f32,
    ) -> Vec<Suggestion> {
        self.shared.phrases.load().suggest(&question(typed), limit, eligible)
    }
}

fn dish_hit(best: Best) -> Option<DishHit> {
    let Best { restaurant, score, dish, matches } = best;
    Some(DishHit { restaurant, dish: dish?, score, more: matches - 1 })
}

/// What the ladder came to.
struct Outcome {
    restaurants: Found,
    dishes: Found,
    rung: Rung,
    left_out: Vec<String>,
}

impl Outcome {
    fn is_empty(&self) -> bool {
        self.restaurants.best.is_empty() && self.dishes.best.is_empty()
    }
}

impl View {
    fn ladder(
        &self,
        words: &[String],
        eligible: &dyn Fn(RestaurantId) -> f32,
        weights: &Weights,
    ) -> Result<Outcome, SearchError> {
        let mut factors = Factors::new(&self.ids, eligible);
        let mut outcome = Outcome {
            restaurants: Found::default(),
            dishes: Found::default(),
            rung: Rung::AllWords,
            left_out: Vec::new(),
        };
        if words.is_empty() {
            return Ok(outcome);
        }
        for (rung, typos) in
            [(Rung::AllWords, Typos::OfRareWords), (Rung::Typos, Typos::OfAllWords)]
        {
            outcome.rung = rung;
            let mut restaurants = self.restaurant_side(weights).understand(words, typos)?;
            let mut dishes = self.dish_side(weights).understand(words, typos)?;
            outcome.restaurants = restaurants.run(&mut factors)?;
            outcome.dishes = dishes.run(&mut factors)?;
            if !outcome.is_empty() {
                return Ok(outcome);
            }
            // Below the last rung of all words, the least telling are left out, one by one.
            while rung == Rung::Typos && restaurants.words_left() > 1 && outcome.is_empty() {
                outcome.rung = Rung::FewerWords;
                let word = least_telling(&restaurants, &dishes);
                outcome.left_out.push(words[word].clone());
                restaurants.leave_out(word);
                dishes.leave_out(word);
                outcome.restaurants = restaurants.run(&mut factors)?;
                outcome.dishes = dishes.run(&mut factors)?;
            }
        }
        if outcome.is_empty() {
            // Nothing helped: the question failed as it was asked.
            outcome.left_out.clear();
        }
        Ok(outcome)
    }

    fn restaurant_side<'a>(&'a self, weights: &'a Weights) -> Side<'a> {
        Side::new(&self.restaurants, self.restaurant_fields.searched(weights), weights, false)
    }

    fn dish_side<'a>(&'a self, weights: &'a Weights) -> Side<'a> {
        Side::new(&self.dishes, self.dish_fields.searched(weights), weights, true)
    }
}

/// One of the two indexes, with what the words mean in it.
struct Side<'a> {
    searcher: &'a Searcher,
    expander: Expander<'a>,
    with_dishes: bool,
    /// By the word's place in the question; nothing where it was left out.
    meanings: Vec<Option<Meaning>>,
}

impl<'a> Side<'a> {
    fn new(
        searcher: &'a Searcher,
        fields: Vec<(Field, f32)>,
        weights: &'a Weights,
        with_dishes: bool,
    ) -> Self {
        let expander = Expander::new(searcher, fields, weights);
        Self { searcher, expander, with_dishes, meanings: Vec::new() }
    }

    fn understand(mut self, words: &[String], typos: Typos) -> Result<Self, SearchError> {
        for place in 0..words.len() {
            self.meanings.push(Some(self.expander.meaning(words, place, typos)?));
        }
        Ok(self)
    }

    fn run(&mut self, factors: &mut Factors<'_>) -> Result<Found, SearchError> {
        // A word that means nothing here: no document can have all words.
        if self.meanings.iter().flatten().any(Meaning::is_nothing) {
            return Ok(Found::default());
        }
        let query = all_of(self.meanings.iter().flatten());
        let commonness = self.expander.commonness();
        let scoring = EnableScoring::enabled_from_statistics_provider(commonness, self.searcher);
        let weight = query.weight(scoring)?;
        collect(self.searcher, weight.as_ref(), factors, self.with_dishes)
    }

    fn words_left(&self) -> usize {
        self.meanings.iter().flatten().count()
    }

    fn leave_out(&mut self, word: usize) {
        self.meanings[word] = None;
    }
}

/// The word to leave out next: the one that tells the least. A word that means nothing anywhere
/// comes first, as nothing can be found with it.
fn least_telling(restaurants: &Side<'_>, dishes: &Side<'_>) -> usize {
    let pairs = restaurants.meanings.iter().zip(&dishes.meanings).enumerate();
    let left = pairs.filter_map(|(word, pair)| match pair {
        (Some(a), Some(b)) => Some((a.telling.max(b.telling), word)),
        (None, _) | (_, None) => None,
    });
    // Of equals, the later word goes.
    left.min_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map_or(0, |(_, word)| word)
}
