//! What there is to sell: shown to the restaurant's staff, and set by them line by line.

use super::auth::{Staff, StockKeys};
use super::body::Keyed;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::menu_input::Parts;
use super::menu_view::stock;
use super::reading::{FdIndex, Reads};
use super::writing::Log;
use crate::clock;
use crate::vault::Vault;
use api::codes::Code;
use api::problem::Problem;
use api::stock as shape;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::CityNumber;
use domain::limits::STOCK_LINES;
use domain::stock::{SetStock, Stock, StockChange, StockTarget, Until};
use domain::time::Timestamp;
use domain::{Command, Rejection};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::MenuGraph;

/// How often the lines that are left are proposed again when one of them turned out to be wrong
/// only in the log: the menu has changed in between.
const TRIES: usize = 5;

/// What there is of every dish and option
#[utoipa::path(get, path = "/restaurant/{id}/stock", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_..")),
    responses((status = 200, body = shape::StockList, description = "Dishes, then options"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(staff: Staff<StockKeys>, reads: Reads) -> Answer<impl IntoResponse> {
    let read = reads.current().await?;
    let stocks = read.view.stock_of_restaurant(staff.restaurant_id)?;
    let stocks: BTreeMap<StockTarget, Arc<Stock>> =
        stocks.into_iter().map(|stock| (stock.target, stock)).collect();
    let mut lines = Vec::new();
    if let Some(graph) = read.view.menu_graph(staff.restaurant_id)? {
        let at = clock::now();
        for dish in &graph.dishes {
            let found = stocks.get(&StockTarget::Dish(dish.id));
            lines.push(shape::StockLine {
                dish_id: Some(dish.id),
                own_ref: dish.own_ref.clone(),
                ..line(found, at, dish.title.clone())
            });
        }
        for option in graph.option_groups.iter().flat_map(|group| &group.options) {
            let found = stocks.get(&StockTarget::Option(option.id));
            let line = line(found, at, option.title.clone());
            lines.push(shape::StockLine { option_id: Some(option.id), ..line });
        }
    }
    Ok((FdIndex(read.index), axum::Json(shape::StockList { lines })))
}

fn line(found: Option<&Arc<Stock>>, at: Timestamp, title: api::menus::Words) -> shape::StockLine {
    shape::StockLine {
        dish_id: None,
        option_id: None,
        own_ref: None,
        title,
        stock: found.map(|found| stock(found, at)).unwrap_or_default(),
        reserved: found.map_or(0, |found| found.reserved),
        sold: found.map_or(0, |found| found.sold),
    }
}

/// Say what is there and what is not
///
/// Only what is named changes. Each line has a result of its own: what is unknown is told, and the
/// rest holds. With an Idempotency-Key the same request again brings back nothing that was sold
/// since.
#[utoipa::path(patch, path = "/restaurant/{id}/stock", tag = "restaurants",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "res_.."),
        ("Idempotency-Key" = Option<String>, Header, description = "Names this request")),
    request_body = shape::StockPatch,
    responses((status = 207, body = shape::StockResults, description = "A result for each line",
            example = json!({"results": [{"status": 200}, {"status": 404, "code": "dish_unknown",
                "detail": "there is no such dish or option on the menu"}]})),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn patch(
    State(city): State<CityNumber>,
    State(vault): State<Vault>,
    staff: Staff<StockKeys>,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::StockPatch>,
) -> Answer<Response> {
    if body.lines.is_empty() || body.lines.len() > STOCK_LINES {
        let rule = format!("from 1 to {STOCK_LINES} of them");
        return Err(Fail::field(Code::FieldInvalid, "/lines", rule));
    }
    let key = Key::or_drawn(key, &vault)?;
    let mut told = staff.caller.account_id().0.to_vec();
    told.extend_from_slice(key.text.as_bytes());
    told.extend_from_slice(&request.0);
    let request = Some(vault.digest(&told));

    let read = reads.newest().await?;
    let graph = read.view.menu_graph(staff.restaurant_id)?;
    let known = Known::of(Parts { city, id: staff.restaurant_id }, graph.as_ref());
    let mut results = vec![good(); body.lines.len()];
    let mut wishes: Vec<(usize, StockChange)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, line) in body.lines.iter().enumerate() {
        match known.wish(line).and_then(|wish| each_once(&mut seen, wish)) {
            Ok(wish) => wishes.push((place, wish)),
            Err(result) => results[place] = result,
        }
    }
    let mut index = FdIndex(read.index);
    for _ in 0..TRIES {
        if wishes.is_empty() {
            break;
        }
        let changes = wishes.iter().map(|(_, wish)| *wish).collect();
        let wish = SetStock { restaurant_id: staff.restaurant_id, changes, request };
        match log.decide(staff.caller.actor(), Command::SetStock(wish)).await? {
            Ok(done) => {
                index = FdIndex(done.index);
                wishes.clear();
            }
            Err(why) => leave_out(why, &mut wishes, &mut results)?,
        }
    }
    for (place, _) in wishes {
        results[place] = bad(Code::VersionChanged, "the menu keeps changing; send it again");
    }
    let answer = axum::Json(shape::StockResults { results });
    Ok((StatusCode::MULTI_STATUS, index, [(KEY, key.text)], answer).into_response())
}

/// Tells of the line that the log has refused, and goes on without it.
fn leave_out(
    why: Rejection,
    wishes: &mut Vec<(usize, StockChange)>,
    results: &mut [shape::StockResult],
) -> Answer<()> {
    let place = line_of(&why).filter(|place| *place < wishes.len());
    let (Some(place), Rejection::FieldInvalid { field, rule }) = (place, &why) else {
        return Err(why.into());
    };
    let (line, _) = wishes.remove(place);
    let member = field.splitn(4, '/').nth(3);
    results[line] = match member {
        Some(member) => bad(Code::FieldInvalid, &format!("{member}: {rule}")),
        None => bad(Code::DishUnknown, rule),
    };
    Ok(())
}

/// The line that a refusal is about.
fn line_of(why: &Rejection) -> Option<usize> {
    let Rejection::FieldInvalid { field, .. } = why else { return None };
    field.strip_prefix("/lines/")?.split('/').next()?.parse().ok()
}

/// What a line may name.
struct Known {
    parts: Parts,
    targets: BTreeSet<StockTarget>,
}

impl Known {
    fn of(parts: Parts, graph: Option<&MenuGraph>) -> Self {
        let mut targets = BTreeSet::new();
        if let Some(graph) = graph {
            targets.extend(graph.dishes.iter().map(|dish| StockTarget::Dish(dish.id)));
            let options = graph.option_groups.iter().flat_map(|group| &group.options);
            targets.extend(options.map(|option| StockTarget::Option(option.id)));
        }
        Self { parts, targets }
    }

    fn wish(&self, line: &shape::StockChange) -> Result<StockChange, shape::StockResult> {
        let unknown = || bad(Code::DishUnknown, "there is no such dish or option on the menu");
        let target = match (&line.dish_id, &line.option_id, &line.own_ref) {
            (Some(id), None, None) => id.parse().map(StockTarget::Dish).ok(),
            (None, Some(id), None) => id.parse().map(StockTarget::Option).ok(),
            (None, None, Some(own_ref)) => Some(StockTarget::Dish(self.parts.dish_id(own_ref))),
            _ => {
                let rule = "name it by one of dish_id, option_id and ref";
                return Err(bad(Code::FieldInvalid, rule));
            }
        };
        let target = target.filter(|target| self.targets.contains(target)).ok_or_else(unknown)?;
        let until = match line.until.as_deref() {
            None => None,
            Some("next_reset") => Some(Until::NextReset),
            Some(moment) => Some(Until::At(
                moment
                    .parse()
                    .map_err(|_| bad(Code::FieldInvalid, "until: a moment, or next_reset"))?,
            )),
        };
        Ok(StockChange { target, supply: line.state, quantity: line.quantity, until })
    }
}

fn each_once(
    seen: &mut BTreeSet<StockTarget>,
    wish: StockChange,
) -> Result<StockChange, shape::StockResult> {
    if seen.insert(wish.target) {
        return Ok(wish);
    }
    Err(bad(Code::FieldInvalid, "each dish or option once"))
}

fn good() -> shape::StockResult {
    shape::StockResult { status: 200, code: None, detail: None }
}

fn bad(code: Code, detail: &str) -> shape::StockResult {
    shape::StockResult {
        status: code.status(),
        code: Some(code.as_str().to_owned()),
        detail: Some(detail.to_owned()),
    }
}
