//! What stands in paths and queries, with refusals that name it.

use super::error::Fail;
use api::codes::Code;
use api::wire::{PAGE_DEFAULT, PAGE_MOST, Page};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::OrderId;
use domain::position::{Position, PositionError};
use domain::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use storage::OrderCursor;

/// A query string of one shape.
#[derive(Clone, Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        query(&parts.uri).map(Self)
    }
}

/// The parameters of a query string that somebody asks for; the others are somebody else's.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Fail> {
    match Query::<T>::try_from_uri(uri) {
        Ok(Query(params)) => Ok(params),
        Err(error) => {
            // "Failed to deserialize query string: lat: invalid float literal"
            let full = error.to_string();
            let said = full.split_once(": ").map_or(full.as_str(), |(_, said)| said);
            let named = said.split_once(": ").filter(|(name, _)| !name.contains(' '));
            let (name, said) = match named {
                Some((name, said)) => (name, said),
                None => (said.split('`').nth(1).unwrap_or("query"), said),
            };
            Err(Fail::field(Code::ParamInvalid, name, said))
        }
    }
}

/// `?limit=` and `?cursor=`
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Paging {
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Paging {
    /// Rows of this page.
    pub(super) fn limit(&self) -> Result<usize, Fail> {
        match self.limit {
            None => Ok(PAGE_DEFAULT),
            Some(limit) if (1..=PAGE_MOST).contains(&limit) => Ok(limit),
            Some(_) => Err(Fail::field(Code::ParamInvalid, "limit", "is from 1 to 100")),
        }
    }

    /// Where the page before ended, in a list of orders.
    pub(super) fn order_cursor(&self) -> Result<Option<OrderCursor>, Fail> {
        let found = self.time_cursor()?;
        Ok(found.map(|(placed_at, id)| OrderCursor { placed_at, id: OrderId(id) }))
    }

    /// Where the page before ended, in a list that is newest first: a moment and an id.
    pub(super) fn time_cursor(&self) -> Result<Option<(Timestamp, [u8; 16])>, Fail> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let wrong = || Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (at, id) = bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
        let id = id.try_into().map_err(|_| wrong())?;
        Ok(Some((Timestamp(i64::from_be_bytes(*at)), id)))
    }

    /// An id where the page before ended.
    pub(super) fn id_cursor<T: std::str::FromStr>(&self) -> Result<Option<T>, Fail> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let wrong = |_| Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave");
        text.parse().map(Some).map_err(wrong)
    }
}

/// The cursor behind a row of a list that is newest first.
pub(super) fn after(at: Timestamp, id: [u8; 16]) -> String {
    let mut bytes = at.0.to_be_bytes().to_vec();
    bytes.extend_from_slice(&id);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A page of orders, rendered.
pub(super) fn order_page<T>(
    page: storage::OrderPage,
    render: impl FnMut(Arc<domain::order::Order>) -> Result<T, Fail>,
) -> Result<Page<T>, Fail> {
    let next_cursor = page.next.map(|cursor| after(cursor.placed_at, cursor.id.0));
    let has_more = next_cursor.is_some();
    let data = page.orders.into_iter().map(render).collect::<Result<_, _>>()?;
    Ok(Page { data, next_cursor, has_more })
}

/// A place from `?lat=` and `?lng=`.
pub(super) fn place(lat: f64, lng: f64) -> Result<Position, Fail> {
    Position::from_degrees(lat, lng).map_err(|error| {
        let name = match error {
            PositionError::Latitude => "lat",
            PositionError::Longitude => "lng",
        };
        Fail::field(Code::ParamInvalid, name, error.to_string())
    })
}

/// A place from a body.
pub(super) fn point(pointer: &str, point: api::wire::Point) -> Result<Position, Fail> {
    Position::from_degrees(point.lat, point.lng).map_err(|error| {
        let name = match error {
            PositionError::Latitude => "lat",
            PositionError::Longitude => "lng",
        };
        Fail::field(Code::FieldInvalid, format!("{pointer}/{name}"), error.to_string())
    })
}

/// A version as an ETag.
pub(super) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The version that a caller saw, if they name one.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Fail> {
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let version = tag.to_str().ok().and_then(|tag| tag.trim_matches('"').parse().ok());
    let wrong = || Fail::field(Code::ParamInvalid, "If-Match", "is a version, as in \"7\"");
    version.map(Some).ok_or_else(wrong)
}

/// An id from a path; one that cannot be read is as unknown as one that is not there.
pub(super) fn id<T: std::str::FromStr>(text: &str, unknown: Code) -> Result<T, Fail> {
    text.parse().map_err(|_| Fail::new(unknown))
}
