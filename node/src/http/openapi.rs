//! The document of the API, and pages that show it. The routes write it themselves.

use super::examples;
use api::codes;
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
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
    examples::add(&mut json);
    json.to_string()
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
