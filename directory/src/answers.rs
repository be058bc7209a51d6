//! What the directory says by itself.

use crate::cities::{City, Health};
use crate::limits::RETRY_AFTER_MS;
use api::codes::Code;
use api::problem::Problem;
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Carries a request's name through all systems.
pub(crate) const REQUEST_ID: &str = "request-id";

/// A city with its nodes: the answer of `/v1/route`, and one row of `/v1/cities`.
#[derive(Debug, Serialize)]
pub(crate) struct CityAnswer<'c> {
    slug: &'c str,
    number: u16,
    name: &'c str,
    currency: &'c str,
    time_zone: &'c str,
    nodes: Vec<NodeAnswer<'c>>,
}

#[derive(Debug, Serialize)]
struct NodeAnswer<'c> {
    url: &'c str,
    health: &'static str,
}

/// The answer of `/v1/cities`.
#[derive(Debug, Serialize)]
pub(crate) struct CitiesAnswer<'c> {
    pub(crate) data: Vec<CityAnswer<'c>>,
}

impl<'c> CityAnswer<'c> {
    pub(crate) fn of(city: &'c City) -> Self {
        let about = &city.about;
        let nodes = city
            .nodes
            .iter()
            .map(|node| NodeAnswer { url: &node.address, health: health_text(node.health()) });
        Self {
            slug: &about.slug,
            number: about.number,
            name: &about.name,
            currency: about.currency.as_str(),
            time_zone: &about.time_zone,
            nodes: nodes.collect(),
        }
    }
}

pub(crate) fn health_text(health: Health) -> &'static str {
    match health {
        Health::Ready => "ready",
        Health::NotReady => "not_ready",
        Health::Away => "away",
    }
}

pub(crate) fn json(body: &impl Serialize) -> Response {
    Json(body).into_response()
}

/// A refusal because of the nodes of a city: may be sent again after a moment.
pub(crate) fn try_again(code: Code, detail: String) -> Problem {
    let mut problem = Problem::new(code);
    problem.detail = Some(detail);
    problem.retry_after_ms = Some(RETRY_AFTER_MS);
    problem
}

/// A problem document for a request with these headers and this path.
pub(crate) fn refuse(mut problem: Problem, headers: &HeaderMap, path: &str) -> Response {
    let name = headers.get(REQUEST_ID).and_then(|name| name.to_str().ok());
    problem.request_id = name.map(ToOwned::to_owned);
    problem.instance = Some(path.to_owned());
    let status = StatusCode::from_u16(problem.status).expect("codes have a status");
    let wait = problem.retry_after_ms;
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/problem+json");
    headers.insert(CONTENT_TYPE, kind);
    if let Some(ms) = wait {
        headers.insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000)));
    }
    response
}
