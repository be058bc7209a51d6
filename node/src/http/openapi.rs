//! The document of the API, and pages that show it. The routes write it themselves.

use super::examples;
use api::codes;
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

const DOCS_PAGE: &str = include_str!("../../../web/docs.html");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "fd: food delivery for a city",
        version = "1.0.0",
        description = "Any node of the city answers any request. Amounts are integers in minor \
            units, times RFC 3339 in UTC. Every refusal is a problem document with a stable code. \
            A POST that creates something takes an Idempotency-Key: the same request with the same \
            key, at any node, is the same thing.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(api::problem::Problem))
)]
struct Document;

/// The head of the document; the routers add their routes.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document
}

/// The document as text, every body with an example.
fn with_examples(document: &utoipa::openapi::OpenApi) -> String {
    // The document is plain data; should it ever not be, the routes still work.
    let mut json = serde_json::to_value(document).unwrap_or_default();
    open_what_is_part_of_more(&mut json);
    examples::add(&mut json);
    json.to_string()
}

/// A shape that takes no other members than its own, and stands inside of a larger one: there its
/// members are written out, since "no others" would refuse those of the larger one.
fn open_what_is_part_of_more(json: &mut Value) {
    const SCHEMAS: &str = "#/components/schemas/";
    let Some(schemas) = json.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    else {
        return;
    };
    let closed: BTreeMap<String, Value> = schemas
        .iter()
        .filter(|(_, schema)| schema["additionalProperties"] == false)
        .map(|(name, schema)| (format!("{SCHEMAS}{name}"), schema.clone()))
        .collect();
    // Wherever they are: rows of a page are written out in place.
    schemas.values_mut().for_each(|schema| open_in(schema, &closed));
}

fn open_in(schema: &mut Value, closed: &BTreeMap<String, Value>) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        let named = part.get("$ref").and_then(Value::as_str);
        let Some(mut own) = named.and_then(|name| closed.get(name)).cloned() else { continue };
        if let Some(members) = own.as_object_mut() {
            members.remove("additionalProperties");
        }
        *part = own;
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(|it| open_in(it, closed)),
        Value::Array(all) => all.iter_mut().for_each(|it| open_in(it, closed)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `/openapi.json`, `/docs` and `/docs/errors/{code}`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(
    document: &utoipa::openapi::OpenApi,
) -> Router<S> {
    let json: &'static str = with_examples(document).leak();
    let json = move || async move { ([(header::CONTENT_TYPE, "application/json")], json) };
    Router::new()
        .route("/openapi.json", get(json))
        .route("/docs", get(|| async { Html(DOCS_PAGE) }))
        .route("/docs/errors/{code}", get(error_page))
}

async fn error_page(axum::extract::Path(code): axum::extract::Path<String>) -> impl IntoResponse {
    let Some(code) = codes::Code::from_text(&code) else {
        return super::error::Fail::new(codes::Code::RouteUnknown).into_response();
    };
    let again = if code.retryable() { "may succeed later" } else { "will not help" };
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{code}</title>\
         <body style='font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem'>\
         <h1>{code}</h1><p>HTTP {}. {}.</p><p>{}</p><p>The same request again {again}.</p>",
        code.status(),
        code.title(),
        code.next_step(),
    );
    Html(page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_part_of_more_refuses_nothing_of_the_whole() {
        let terms =
            json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false});
        let part = json!({"$ref": "#/components/schemas/Terms"});
        let whole = json!({"allOf": [part, {"type": "object", "properties": {"b": {}}}]});
        let page = json!({"properties": {"data": {"type": "array", "items": whole}}});
        let mut document =
            json!({"components": {"schemas": {"Terms": terms, "Whole": whole, "Page": page}}});
        open_what_is_part_of_more(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Terms"], terms);
        let part = json!({"type": "object", "properties": {"a": {}}});
        assert_eq!(schemas["Whole"]["allOf"][0], part);
        assert_eq!(schemas["Page"]["properties"]["data"]["items"]["allOf"][0], part);
    }
}
