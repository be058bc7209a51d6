//! Walks over everything that matches, and keeps the best of each restaurant.

use crate::error::SearchError;
use crate::query::MAX_VISITED;
use crate::schema::{DISH_HIGH, DISH_LOW, RID, whole};
use domain::ids::{DishId, RestaurantId};
use std::sync::Arc;
use tantivy::columnar::ColumnValues;
use tantivy::query::Weight;
use tantivy::{DocSet, Searcher, SegmentReader, TERMINATED};

/// What the caller thinks of each restaurant, asked once for each in one question.
pub(crate) struct Factors<'a> {
    restaurants: &'a [RestaurantId],
    ask: &'a dyn Fn(RestaurantId) -> f32,
    /// By the restaurant's number.
    asked: Vec<Option<f32>>,
}

impl<'a> Factors<'a> {
    pub(crate) fn new(
        restaurants: &'a [RestaurantId],
        ask: &'a dyn Fn(RestaurantId) -> f32,
    ) -> Self {
        Self { restaurants, ask, asked: vec![None; restaurants.len()] }
    }

    /// The restaurant's factor; zero when it must not be shown.
    fn of(&mut self, rid: usize) -> f32 {
        let (Some(restaurant), Some(asked)) = (self.restaurants.get(rid), self.asked.get_mut(rid))
        else {
            return 0.0;
        };
        *asked.get_or_insert_with(|| {
            let factor = (self.ask)(*restaurant);
            if factor.is_finite() && factor > 0.0 { factor } else { 0.0 }
        })
    }
}

/// The best match in one restaurant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    pub(crate) restaurant: RestaurantId,
    pub(crate) score: f32,
    /// Which dish; nothing in the index of restaurants.
    pub(crate) dish: Option<DishId>,
    /// How many documents of this restaurant match.
    pub(crate) matches: u32,
}

/// What was found in one index.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Best first, equal scores by id.
    pub(crate) best: Vec<Best>,
    /// Some matches were not looked at.
    pub(crate) truncated: bool,
}

/// The columns of one segment.
struct Columns {
    rid: Arc<dyn ColumnValues<u64>>,
    dish: Option<[Arc<dyn ColumnValues<u64>>; 2]>,
}

impl Columns {
    fn open(segment: &SegmentReader, with_dishes: bool) -> Result<Self, SearchError> {
        let open = |name| -> Result<Arc<dyn ColumnValues<u64>>, SearchError> {
            Ok(segment.fast_fields().u64(name)?.first_or_default_col(0))
        };
        let dish = if with_dishes { Some([open(DISH_HIGH)?, open(DISH_LOW)?]) } else { None };
        Ok(Self { rid: open(RID)?, dish })
    }

    fn dish(&self, document: u32) -> Option<DishId> {
        let [high, low] = self.dish.as_ref()?;
        Some(whole(high.get_val(document), low.get_val(document)))
    }
}

/// Looks at every match, at most [`MAX_VISITED`]; multiplies its score by the restaurant's factor.
pub(crate) fn collect(
    searcher: &Searcher,
    weight: &dyn Weight,
    factors: &mut Factors<'_>,
    with_dishes: bool,
) -> Result<Found, SearchError> {
    let mut by_rid: Vec<Option<Best>> = vec![None; factors.restaurants.len()];
    let mut found = Found::default();
    let mut visited = 0;
    'segments: for segment in searcher.segment_readers() {
        let columns = Columns::open(segment, with_dishes)?;
        let alive = segment.alive_bitset();
        let mut scorer = weight.scorer(segment, 1.0)?;
        let mut document = scorer.doc();
        while document != TERMINATED {
            if visited == MAX_VISITED {
                found.truncated = true;
                break 'segments;
            }
            visited += 1;
            if alive.is_none_or(|alive| alive.is_alive(document)) {
                // Test first, score only what survives.
                let rid = usize::try_from(columns.rid.get_val(document)).unwrap_or(usize::MAX);
                let factor = factors.of(rid);
                if factor > 0.0 {
                    let score = scorer.score() * factor;
                    let restaurant = factors.restaurants[rid];
                    let best = &mut by_rid[rid];
                    keep(best, restaurant, score, || columns.dish(document));
                }
            }
            document = scorer.advance();
        }
    }
    found.best = by_rid.into_iter().flatten().collect();
    found
        .best
        .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.restaurant.cmp(&b.restaurant)));
    Ok(found)
}

fn keep(
    best: &mut Option<Best>,
    restaurant: RestaurantId,
    score: f32,
    dish: impl FnOnce() -> Option<DishId>,
) {
    match best {
        None => *best = Some(Best { restaurant, score, dish: dish(), matches: 1 }),
        Some(best) => {
            best.matches += 1;
            if score > best.score {
                (best.score, best.dish) = (score, dish());
            } else if score == best.score {
                // Which segment comes first is chance: the lower id wins.
                best.dish = best.dish.min(dish());
            }
        }
    }
}
