//! Menus: shown to everybody, changed by managers.

use super::auth::{MenuKeys, Staff};
use super::body::{Json, Unparsed};
use super::error::{Answer, Fail};
use super::menu_input::{Parts, whole};
use super::menu_patch::{Merged, merged};
use super::menu_view::{Languages, MenuView, Reader, Stocks};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::writing::{Done, Log};
use crate::clock;
use crate::node::Facts;
use api::codes::Code;
use api::menus as shape;
use api::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::{CityNumber, DishId, RestaurantId};
use domain::menu::{Dish, EditMenu};
use domain::{Command, Rejection};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use storage::{CityView, MenuGraph};

/// How often a merge is made again because somebody else was faster.
const MERGES: usize = 5;

/// A restaurant's menu
///
/// What is sold out is shown as such; what is hidden is not shown. With `Accept-Language` every
/// text comes in one language, the city's where there is none that was asked for.
#[utoipa::path(get, path = "/restaurants/{id}/menu", tag = "browse",
    params(("id" = String, Path, description = "res_.."),
        ("Accept-Language" = Option<String>, Header, description = "Languages, the best first"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have")),
    responses((status = 200, body = shape::Menu, description = "The menu; ETag names its content",
            headers(("ETag" = String), ("Content-Language" = String))),
        (status = 304, description = "It is still that of If-None-Match"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    reads: Reads,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer<Response> {
    let id: RestaurantId = params::id(&id, Code::RestaurantUnknown)?;
    shown(&facts, &reads.browsing().await?, &headers, id, Reader::Customer)
}

/// The menu as its restaurant sees it
///
/// With everything that is hidden. Its ETag is good for If-Match.
#[utoipa::path(get, path = "/restaurant/{id}/menu", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have")),
    responses((status = 200, body = shape::Menu, description = "The menu"),
        (status = 304, description = "It is still that of If-None-Match"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show_to_staff(
    State(facts): State<Arc<Facts>>,
    staff: Staff<MenuKeys>,
    reads: Reads,
    headers: HeaderMap,
) -> Answer<Response> {
    let read = reads.current().await?;
    shown(&facts, &read, &headers, staff.restaurant_id, Reader::Staff)
}

fn shown(
    facts: &Facts,
    read: &Read,
    headers: &HeaderMap,
    id: RestaurantId,
    reader: Reader,
) -> Answer<Response> {
    let Some(graph) = read.view.menu_graph(id)? else {
        let known = read.view.restaurant(id)?.is_some();
        let detail = if known { "it has no menu yet" } else { "check the id" };
        return Err(Fail::because(Code::RestaurantUnknown, detail));
    };
    let stocks = read.view.stock_of_restaurant(id)?;
    let stocks: Stocks = stocks.into_iter().map(|stock| (stock.target, stock)).collect();
    let languages = Languages::of(headers);
    let at = clock::now();
    let view = MenuView { facts, stocks: &stocks, reader, at, languages: &languages };
    let body = serde_json::to_vec(&view.menu(&graph))
        .map_err(|error| Fail::internal("writing a menu", &error))?;
    // What is sold out changes without the menu's version: the tag is of what is said.
    let content = Sha256::digest(&body);
    let content = super::admin::hex(content.get(..8).unwrap_or_default());
    let tag = format!("\"{}-{content}\"", graph.menu.version);
    let mut answer = (FdIndex(read.index), [(header::ETAG, tag.clone())]).into_response();
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
    if let Ok(used) = HeaderValue::from_str(&languages.used()) {
        answer.headers_mut().insert(header::CONTENT_LANGUAGE, used);
    }
    if is_known(headers, &tag) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    let kind = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    *answer.body_mut() = body.into();
    Ok(answer)
}

/// Whether `If-None-Match` names this tag.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let seen = headers.get(header::IF_NONE_MATCH).and_then(|seen| seen.to_str().ok());
    seen.is_some_and(|seen| {
        seen.split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

/// The version that `If-Match` names, if it came: `"7"`, or the whole ETag of a menu.
fn if_match(headers: &HeaderMap) -> Answer<Option<u64>> {
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = tag.to_str().unwrap_or_default().trim().trim_matches('"');
    let version = text.split('-').next().and_then(|version| version.parse().ok());
    let wrong = || Fail::field(Code::ParamInvalid, "If-Match", "is the ETag of a menu");
    version.map(Some).ok_or_else(wrong)
}

/// Replace the whole menu
///
/// If-Match with the ETag or version you saw (`"0"` for the first menu) keeps two managers from
/// undoing each other's work. What is left out leaves the menu; the stock stays as it is.
#[utoipa::path(put, path = "/restaurant/{id}/menu", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("If-Match" = String, Header, description = "The ETag of the menu that this replaces")),
    request_body = shape::MenuInput,
    responses((status = 200, body = shape::MenuChanged, description = "Replaced"),
        (status = 412, body = Problem, description = "It has changed since"),
        (status = 428, body = Problem, description = "If-Match is required"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put(
    State(city): State<CityNumber>,
    staff: Staff<MenuKeys>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Json(body): Json<shape::MenuInput>,
) -> Answer<impl IntoResponse> {
    let Some(version) = if_match(&headers)? else {
        return Err(Fail::new(Code::IfMatchMissing));
    };
    let wish = whole(city, staff.restaurant_id, body, "", Some(version))?;
    let dish_ids = wish.dishes.iter().map(|dish| dish.id).collect();
    let done = log.propose(staff.caller.actor(), Command::PutMenu(Box::new(wish))).await?;
    changed(&reads, staff.restaurant_id, done, dish_ids).await
}

/// The answer to a change of a menu.
async fn changed(
    reads: &Reads,
    id: RestaurantId,
    done: Done,
    dish_ids: Vec<DishId>,
) -> Answer<(Done, [(header::HeaderName, String); 1], axum::Json<shape::MenuChanged>)> {
    let menu = reads.after_write(done.index).await?.view.menu(id)?;
    let version = menu.map_or(0, |menu| menu.version);
    let tag = [(header::ETAG, format!("\"{version}\""))];
    Ok((done, tag, axum::Json(shape::MenuChanged { version, dish_ids })))
}

/// Add a dish, or change one
///
/// One dish, or several with their option groups, by id or by your own `ref`. What is not named
/// stays as it is; what is named is replaced. 201 if a dish is new.
#[utoipa::path(post, path = "/restaurant/{id}/menu", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")), request_body = shape::MenuEdit,
    responses((status = 200, body = shape::MenuChanged, description = "Changed"),
        (status = 201, body = shape::MenuChanged, description = "Added"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn edit(
    State(city): State<CityNumber>,
    staff: Staff<MenuKeys>,
    log: Log,
    reads: Reads,
    Unparsed(body): Unparsed,
) -> Answer<impl IntoResponse> {
    let (dishes, option_groups, alone) = edited(&body)?;
    let id = staff.restaurant_id;
    let parts = Parts { city, id };
    let out = |fail: Fail| if alone { fail.out_of(FIRST) } else { fail };
    let before = reads.newest().await?.view;
    let mut new = false;
    let mut named = Vec::with_capacity(dishes.len());
    for (place, dish) in dishes.into_iter().enumerate() {
        let at = format!("/dishes/{place}");
        let by_id = dish.own_ref.is_none();
        let dish = parts.dish(dish, &at).map_err(out)?;
        let is_new = before.dish(id, dish.id)?.is_none_or(|dish| dish.archived);
        if by_id && is_new {
            let rule = "is no dish of this menu; a new one has a ref";
            return Err(out(Fail::field(Code::FieldInvalid, format!("{at}/dish_id"), rule)));
        }
        new |= is_new;
        named.push(dish);
    }
    let groups = option_groups.into_iter().enumerate();
    let groups =
        groups.map(|(place, group)| parts.group(group, &format!("/option_groups/{place}")));
    let dish_ids = named.iter().map(|dish: &Dish| dish.id).collect();
    let wish = EditMenu {
        restaurant_id: id,
        if_version: None,
        dishes: named,
        option_groups: groups.collect::<Result<_, _>>()?,
        category_id: parts.category_id("more"),
    };
    let done = log.propose(staff.caller.actor(), Command::EditMenu(Box::new(wish))).await;
    let answer = changed(&reads, id, done.map_err(out)?, dish_ids).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, answer))
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

/// Change one thing of a menu
///
/// A merge patch (RFC 7396): categories, dishes and option groups by id, each with only what
/// changes. Without If-Match it holds on whatever the menu is by then.
#[utoipa::path(patch, path = "/restaurant/{id}/menu", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("If-Match" = Option<String>, Header, description = "Only if it is still this one")),
    request_body = shape::MenuPatch,
    responses((status = 200, body = shape::MenuChanged, description = "Changed"),
        (status = 412, body = Problem, description = "It has changed since"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn patch(
    State(city): State<CityNumber>,
    staff: Staff<MenuKeys>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Json(body): Json<shape::MenuPatch>,
) -> Answer<impl IntoResponse> {
    let seen = if_match(&headers)?;
    let parts = Parts { city, id: staff.restaurant_id };
    let (done, dish_ids) =
        merge(&staff, &log, &reads, seen, |_, graph| merged(parts, graph, &body).map(Some)).await?;
    changed(&reads, staff.restaurant_id, done, dish_ids).await
}

/// Take a dish off the menu
///
/// Receipts keep its name. Off the menu already is a yes as well.
#[utoipa::path(delete, path = "/restaurant/{id}/menu/dish/{dish_id}", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("dish_id" = String, Path, description = "dsh_.."),
        ("If-Match" = Option<String>, Header, description = "Only if it is still this menu")),
    responses((status = 200, body = shape::MenuChanged, description = "It is off the menu"),
        (status = 412, body = Problem, description = "It has changed since"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn remove(
    State(city): State<CityNumber>,
    staff: Staff<MenuKeys>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    Path(path): Path<(String, String)>,
) -> Answer<impl IntoResponse> {
    let id = staff.restaurant_id;
    let dish_id: DishId = params::id(&path.1, Code::DishUnknown)?;
    let seen = if_match(&headers)?;
    let patch = shape::MenuPatch {
        dishes: [(dish_id.to_string(), json!(null))].into(),
        ..shape::MenuPatch::default()
    };
    let (done, dish_ids) = merge(&staff, &log, &reads, seen, |view, graph| {
        if graph.menu.dish_ids.contains(&dish_id) {
            return merged(Parts { city, id }, graph, &patch).map(Some);
        }
        let found = view.dish(id, dish_id)?;
        found.map(|_| None).ok_or_else(|| Fail::new(Code::DishUnknown))
    })
    .await?;
    changed(&reads, id, done, dish_ids).await
}

/// Makes a command from the menu as it is, and again if the menu was another by the time it came
/// to the log; unless the caller wants it of one version only.
async fn merge(
    staff: &Staff<MenuKeys>,
    log: &Log,
    reads: &Reads,
    seen: Option<u64>,
    make: impl Fn(&CityView, &MenuGraph) -> Answer<Option<Merged>>,
) -> Answer<(Done, Vec<DishId>)> {
    let mut last = Fail::new(Code::RestaurantUnknown);
    for _ in 0..MERGES {
        let read = reads.newest().await?;
        let graph = read.view.menu_graph(staff.restaurant_id)?;
        let graph = graph.ok_or_else(|| {
            Fail::because(Code::RestaurantUnknown, "it has no menu yet; PUT or POST one")
        })?;
        let version = graph.menu.version;
        if seen.is_some_and(|seen| seen != version) {
            return Err(Fail::from(Rejection::VersionChanged { version }));
        }
        let Some(merged) = make(&read.view, &graph)? else {
            return Ok((Done { index: read.index, changed: false }, Vec::new()));
        };
        let (command, dish_ids) = (merged.command.clone(), merged.dish_ids.clone());
        match log.decide(staff.caller.actor(), command).await? {
            Ok(done) => return Ok((done, dish_ids)),
            Err(why @ Rejection::VersionChanged { .. }) if seen.is_none() => {
                last = Fail::from(why);
            }
            Err(why) => return Err(merged.named(Fail::from(why))),
        }
    }
    Err(last)
}
