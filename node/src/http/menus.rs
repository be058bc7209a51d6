//! Menus: shown to everybody, changed by managers.

use super::auth::Staff;
use super::body::{Json, Unparsed};
use super::error::{Answer, Fail};
use super::params;
use super::reading::{FdIndex, Reads};
use super::render;
use super::writing::Log;
use crate::node::Facts;
use api::codes::Code;
use api::menus as shape;
use api::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Command;
use domain::ids::{CategoryId, CityNumber, DishId, OptionGroupId, OptionId, RestaurantId};
use domain::menu::{Category, Dish, DishOption, EditMenu, OptionGroup, PutMenu};
use domain::money::Money;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A restaurant's menu
#[utoipa::path(get, path = "/restaurants/{id}/menu", tag = "browse",
    params(("id" = String, Path, description = "res_..")),
    responses((status = 200, body = shape::Menu, description = "The menu; ETag is its version"),
        (status = 304, description = "It is still the version of If-None-Match"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    reads: Reads,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer<Response> {
    let id: RestaurantId = params::id(&id, Code::RestaurantUnknown)?;
    let read = reads.browsing().await?;
    let graph = read.view.menu_graph(id)?;
    let Some(graph) = graph else {
        let known = read.view.restaurant(id)?.is_some();
        let detail = if known { "it has no menu yet" } else { "check the id" };
        return Err(Fail::because(Code::RestaurantUnknown, detail));
    };
    let tag = format!("\"{}\"", graph.menu.version);
    let seen = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let index = FdIndex(read.index);
    if seen == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, index, [(header::ETAG, tag)]).into_response());
    }
    let menu = axum::Json(render::menu(&facts, &graph));
    Ok((index, [(header::ETAG, tag)], menu).into_response())
}

/// Replace the whole menu
///
/// If-Match with the version you saw keeps two managers from undoing each other's work.
#[utoipa::path(put, path = "/restaurant/{id}/menu", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::MenuInput,
    responses((status = 200, body = shape::MenuChanged, description = "Replaced"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put(
    State(city): State<CityNumber>,
    staff: Staff,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Json(body): Json<shape::MenuInput>,
) -> Answer<impl IntoResponse> {
    let if_version = match headers.get(header::IF_MATCH).map(|tag| tag.to_str()) {
        None => None,
        Some(tag) => {
            let version = tag.ok().and_then(|tag| tag.trim_matches('"').parse().ok());
            let wrong = || Fail::field(Code::ParamInvalid, "If-Match", "is a menu version");
            Some(version.ok_or_else(wrong)?)
        }
    };
    let wish = whole(city, staff.restaurant_id, body, "", if_version)?;
    let dish_ids = wish.dishes.iter().map(|dish| dish.id).collect();
    let done = log.propose(staff.caller.actor(), Command::PutMenu(Box::new(wish))).await?;
    let view = reads.after_write(done.index).await?.view;
    let version = view.menu(staff.restaurant_id)?.map_or(0, |menu| menu.version);
    Ok((done, axum::Json(shape::MenuChanged { version, dish_ids })))
}

/// Add a dish, or change one
///
/// One dish, or several with their option groups. What is not named stays as it is.
#[utoipa::path(post, path = "/restaurant/{id}/menu", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::MenuEdit,
    responses((status = 200, body = shape::MenuChanged, description = "Changed"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn edit(
    State(city): State<CityNumber>,
    staff: Staff,
    log: Log,
    reads: Reads,
    Unparsed(body): Unparsed,
) -> Answer<impl IntoResponse> {
    let (dishes, option_groups, alone) = edited(&body)?;
    let id = staff.restaurant_id;
    let parts = Parts { city, id };
    let dishes: Vec<Dish> = dishes
        .into_iter()
        .enumerate()
        .map(|(place, dish)| parts.dish(dish, &format!("/dishes/{place}")))
        .collect::<Result<_, _>>()
        .map_err(|fail: Fail| if alone { fail.out_of(FIRST) } else { fail })?;
    let dish_ids = dishes.iter().map(|dish| dish.id).collect();
    let wish = EditMenu {
        restaurant_id: id,
        dishes,
        option_groups: option_groups.into_iter().map(|group| parts.group(group)).collect(),
        category_id: parts.category("more"),
    };
    let done = log.propose(staff.caller.actor(), Command::EditMenu(Box::new(wish))).await;
    let done = done.map_err(|fail| if alone { fail.out_of(FIRST) } else { fail })?;
    let version = reads.after_write(done.index).await?.view.menu(id)?.map_or(0, |m| m.version);
    Ok((done, axum::Json(shape::MenuChanged { version, dish_ids })))
}

/// Where the only dish stands when it is told as a list.
const FIRST: &str = "/dishes/0";

/// The dishes, the groups, and whether the body was one dish.
type Edited = (Vec<shape::DishInput>, Vec<shape::OptionGroupInput>, bool);

/// One dish or several: told apart by the member `dishes`, so that a mistake inside is named where
/// it is.
fn edited(body: &[u8]) -> Answer<Edited> {
    let value: serde_json::Value = super::body::parse(body)?;
    if value.get("dishes").is_some() {
        let many: shape::MenuEditMany = super::body::parse(body)?;
        return Ok((many.dishes, many.option_groups, false));
    }
    let one: shape::DishInput = super::body::parse(body)?;
    Ok((vec![one], Vec::new(), true))
}

/// A whole menu as the domain keeps it; `at` is where it stands in the body.
pub(super) fn whole(
    city: CityNumber,
    id: RestaurantId,
    body: shape::MenuInput,
    at: &str,
    if_version: Option<u64>,
) -> Answer<PutMenu> {
    let parts = Parts { city, id };
    let category = |category: shape::CategoryInput| Category {
        id: parts.category(&category.own_ref),
        title: category.title,
        dish_ids: category.dishes.iter().map(|own| parts.dish_id(own)).collect(),
        windows: None,
    };
    let dishes = body.dishes.into_iter().enumerate();
    let dishes = dishes.map(|(place, dish)| parts.dish(dish, &format!("{at}/dishes/{place}")));
    Ok(PutMenu {
        restaurant_id: id,
        if_version,
        categories: body.categories.into_iter().map(category).collect(),
        dishes: dishes.collect::<Result<_, _>>()?,
        option_groups: body.option_groups.into_iter().map(|group| parts.group(group)).collect(),
    })
}

/// The ids of a menu's parts follow from the restaurant and its own keys.
struct Parts {
    city: CityNumber,
    id: RestaurantId,
}

impl Parts {
    fn dish_id(&self, own_ref: &str) -> DishId {
        DishId::derive(self.city, &[&self.id.0, own_ref.as_bytes()])
    }

    fn group_id(&self, own_ref: &str) -> OptionGroupId {
        OptionGroupId::derive(self.city, &[&self.id.0, own_ref.as_bytes()])
    }

    fn category(&self, own_ref: &str) -> CategoryId {
        CategoryId::derive(self.city, &[&self.id.0, own_ref.as_bytes()])
    }

    fn dish(&self, dish: shape::DishInput, at: &str) -> Answer<Dish> {
        let id = match (dish.dish_id, &dish.own_ref) {
            (Some(id), _) => id,
            (None, Some(own_ref)) => self.dish_id(own_ref),
            (None, None) => {
                let rule = "name the dish by ref (your own key) or by dish_id";
                return Err(Fail::field(Code::FieldInvalid, format!("{at}/ref"), rule));
            }
        };
        Ok(Dish {
            id,
            restaurant_id: self.id,
            own_ref: dish.own_ref,
            title: dish.title,
            description: dish.description,
            price: Money(dish.price),
            prices: Vec::new(),
            tax_class: None,
            image: None,
            allergens: BTreeSet::new(),
            diet: BTreeSet::new(),
            calories: None,
            alcohol: false,
            min_age: 0,
            windows: None,
            category_windows: None,
            option_group_ids: dish.option_groups.iter().map(|own| self.group_id(own)).collect(),
            hidden: dish.hidden,
            archived: false,
        })
    }

    fn group(&self, group: shape::OptionGroupInput) -> OptionGroup {
        let id = self.group_id(&group.own_ref);
        let option = |option: shape::OptionInput| DishOption {
            id: OptionId::derive(self.city, &[&id.0, option.own_ref.as_bytes()]),
            title: option.title,
            price: Money(option.price),
            max_quantity: 1,
            default: false,
            allergens: BTreeSet::new(),
            dish_id: None,
        };
        OptionGroup {
            id,
            restaurant_id: self.id,
            title: group.title,
            min: group.min,
            max: group.max,
            free: 0,
            options: group.options.into_iter().map(option).collect(),
            archived: false,
        }
    }
}
