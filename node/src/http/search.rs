//! Finding restaurants and dishes by words.

use super::error::{Answer, Fail};
use super::hours::{Holidays, open_state};
use super::params::{self, Params};
use super::reading::{FdIndex, Reads};
use super::render;
use crate::clock;
use crate::derived::kitchens::{Kitchens, Near};
use crate::node::Facts;
use api::codes::Code;
use api::problem::Problem;
use api::search as shape;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::ids::RestaurantId;
use domain::order::Fulfilment;
use domain::position::Position;
use domain::stock::{StockTarget, Supply};
use domain::time::Timestamp;
use search::{MenuIndex, Query};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// What can be asked.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    q: String,
    lat: f64,
    lng: f64,
    limit: Option<usize>,
    after: Option<u64>,
}

impl Asked {
    fn limit(&self) -> Answer<usize> {
        match self.limit {
            None => Ok(api::wire::PAGE_DEFAULT),
            Some(limit) if (1..=api::wire::PAGE_MOST).contains(&limit) => Ok(limit),
            Some(_) => Err(Fail::field(Code::ParamInvalid, "limit", "is from 1 to 100")),
        }
    }
}

/// How far derived state is on this node; 0 while it is being built.
pub(crate) type Reached = watch::Receiver<u64>;

/// Search restaurants and dishes
#[utoipa::path(get, path = "/search", tag = "browse",
    params(("q" = String, Query, description = "What you would like"),
        ("lat" = f64, Query, description = "Degrees", minimum = -90, maximum = 90),
        ("lng" = f64, Query, description = "Degrees", minimum = -180, maximum = 180),
        ("limit" = Option<u32>, Query, description = "1 to 100 in each section",
            minimum = 1, maximum = 100),
        ("after" = Option<u64>, Query, description = "Wait until this log index is searchable")),
    responses((status = 200, body = shape::SearchAnswer, description = "What was found"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn search(
    State(index): State<MenuIndex>,
    State(kitchens): State<Arc<Kitchens>>,
    State(facts): State<Arc<Facts>>,
    State(mut reached): State<Reached>,
    reads: Reads,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let limit = asked.limit()?;
    let place = params::place(asked.lat, asked.lng)?;
    warm(&reached)?;
    reach(&mut reached, asked.after.unwrap_or(0)).await;
    let now = clock::now();
    let near = near(&kitchens, place);
    let view = reads.browsing().await?.view;
    let holidays = Holidays::of(kitchens.terms());
    let eligible = |id: RestaurantId| factor(&facts, &holidays, now, near.get(&id));
    let query = Query { text: &asked.q, limit, offset: 0, eligible: &eligible };
    let found = index.search(&query).map_err(|error| Fail::internal("searching", &error))?;
    let shown = |id: RestaurantId| {
        near.get(&id).map(|near| {
            let delivery = Fulfilment::Delivery;
            let state = open_state(&facts, &holidays, now, &near.restaurant, delivery);
            render::summary(&facts, state, &near.restaurant, Some(near.distance_m))
        })
    };
    let mut dishes = Vec::with_capacity(found.dishes.len());
    for hit in &found.dishes {
        // The page shows the dish as it is now; the index only knew its words.
        let dish = view.dish(hit.restaurant, hit.dish)?.filter(|d| !d.hidden && !d.archived);
        let (Some(dish), Some(restaurant)) = (dish, shown(hit.restaurant)) else { continue };
        let counted = view.stock(hit.restaurant, StockTarget::Dish(hit.dish))?;
        let stock = counted.map(|found| super::menu_view::stock(&found, now)).unwrap_or_default();
        if stock.state == Supply::Hidden {
            continue;
        }
        dishes.push(shape::DishFound {
            dish_id: dish.id,
            title: words(&dish.title, &facts.language),
            price: facts.money(dish.price),
            stock,
            restaurant,
            more: hit.more,
        });
    }
    let head = *reached.borrow();
    let answer = shape::SearchAnswer {
        restaurants: found.restaurants.iter().filter_map(|hit| shown(hit.restaurant)).collect(),
        dishes,
        rung: found.rung as u8,
        left_out: found.left_out,
        truncated: found.truncated,
        stale: asked.after.is_some_and(|after| after > head),
    };
    Ok((FdIndex(head), axum::Json(answer)))
}

/// Phrases for the letters typed so far
#[utoipa::path(get, path = "/autocomplete", tag = "browse",
    params(("q" = String, Query, description = "The letters so far"),
        ("lat" = f64, Query, description = "Degrees", minimum = -90, maximum = 90),
        ("lng" = f64, Query, description = "Degrees", minimum = -180, maximum = 180),
        ("limit" = Option<u32>, Query, description = "1 to 20", minimum = 1, maximum = 20)),
    responses((status = 200, body = shape::Suggestions, description = "Phrases"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn autocomplete(
    State(index): State<MenuIndex>,
    State(kitchens): State<Arc<Kitchens>>,
    State(facts): State<Arc<Facts>>,
    State(reached): State<Reached>,
    Params(asked): Params<Asked>,
) -> Answer<impl IntoResponse> {
    let limit = asked.limit()?.min(search::MAX_SUGGESTIONS);
    let place = params::place(asked.lat, asked.lng)?;
    warm(&reached)?;
    let now = clock::now();
    let near = near(&kitchens, place);
    let holidays = Holidays::of(kitchens.terms());
    let eligible = |id: RestaurantId| factor(&facts, &holidays, now, near.get(&id));
    let suggestions = index.suggest(&asked.q, limit, &eligible);
    let suggestions = suggestions.into_iter().map(|suggestion| suggestion.text).collect();
    Ok(axum::Json(shape::Suggestions { suggestions }))
}

/// Gives derived state a moment to come so far. Late is better than nothing here; the answer says
/// how far it is.
pub(super) async fn reach(reached: &mut Reached, index: u64) {
    let there = reached.wait_for(|reached| *reached >= index);
    let _ = tokio::time::timeout(super::reading::BROWSE_WITHIN, there).await;
}

/// Refuses while there is nothing to find yet.
pub(super) fn warm(reached: &Reached) -> Answer<()> {
    if *reached.borrow() == 0 {
        return Err(Fail::new(Code::Warming).retry_after_ms(500));
    }
    Ok(())
}

fn near(kitchens: &Kitchens, place: Position) -> BTreeMap<RestaurantId, Near> {
    kitchens.delivering_to(place).into_iter().map(|near| (near.restaurant.id, near)).collect()
}

/// Who delivers here and takes orders now counts, the nearer the more; the rest is not found.
fn factor(facts: &Facts, holidays: &Holidays, now: Timestamp, near: Option<&Near>) -> f32 {
    let Some(near) = near else { return 0.0 };
    let (delivery, days) = (Fulfilment::Delivery, holidays.at(now));
    if near.restaurant.taking_orders(now, delivery, &facts.time_zone, days).is_err() {
        return 0.0;
    }
    1.0 / (1.0 + near.distance_m as f32 / 5_000.0)
}

/// A text in the city's language, or in any.
fn words(words: &domain::menu::Words, language: &str) -> String {
    words.get(language).or_else(|| words.values().next()).cloned().unwrap_or_default()
}
