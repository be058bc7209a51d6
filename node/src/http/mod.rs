//! (3) The whole API on one screen. Any node answers any route; writes reach the leader inside.

mod accounts;
mod addresses;
mod admin;
mod audit;
mod auth;
mod bans;
mod batch;
mod body;
mod cards;
mod claims;
mod codes;
mod coupons;
mod couriers;
mod debts;
mod deliveries;
mod doorstep;
mod earnings;
mod endings;
mod error;
mod events;
mod examples;
mod favourites;
mod frame;
mod fraud;
mod health;
mod hours;
mod images;
mod inbox;
mod keys;
mod kitchen;
mod ledger;
mod limits;
mod login;
mod marks;
mod menu_input;
mod menu_patch;
mod menu_view;
mod menus;
mod money;
mod notices;
mod openapi;
mod orders;
mod params;
mod payment_methods;
mod people;
mod profile;
mod quality;
mod quotes;
mod ratings;
mod reading;
mod reconcile;
mod refreshing;
mod refunds;
mod render;
mod restaurants;
mod roles;
mod room;
pub(crate) mod search;
mod serve;
mod sessions;
mod slots;
mod sockets;
mod standing;
mod steps;
mod stock;
mod streams;
mod substitutions;
mod terms;
mod unread;
mod wanted;
mod webhooks;
mod writing;

pub(crate) use accounts::normalised;
pub(crate) use error::Fail;
pub(crate) use limits::Limits;
pub(crate) use room::Room;
pub(crate) use serve::serve;

use crate::node::Parts;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tower_http::cors::CorsLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The body of most requests, in bytes.
const BODY_BYTES: usize = 256 << 10;
/// The body of a menu or an import, in bytes.
const MENU_BYTES: usize = 4 << 20;

/// The routes of the brief: spelled exactly so, at the root and under `/v1`.
fn brief() -> OpenApiRouter<Parts> {
    OpenApiRouter::new()
        .routes(routes!(accounts::signup))
        .routes(routes!(accounts::login))
        .routes(routes!(restaurants::browse))
        .routes(routes!(orders::place))
        .routes(routes!(orders::status))
        .routes(routes!(ratings::rate))
        .routes(routes!(accounts::staff_login))
        .routes(routes!(kitchen::orders))
        .routes(routes!(kitchen::patch_status))
        .routes(routes!(accounts::courier_login))
        .routes(routes!(deliveries::assignments))
        .routes(routes!(deliveries::patch_status))
        .merge(OpenApiRouter::new().routes(routes!(menus::edit)).layer(large_body()))
}

/// What everybody has of their own, under `/v1` only.
fn own() -> OpenApiRouter<Parts> {
    OpenApiRouter::new()
        .routes(routes!(accounts::refresh))
        .routes(routes!(codes::ask))
        .routes(routes!(codes::verify))
        .routes(routes!(codes::guest))
        .routes(routes!(codes::reset))
        .routes(routes!(accounts::logout))
        .routes(routes!(profile::show, profile::change, people::erase_own))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::end_all))
        .routes(routes!(sessions::put_password))
        .routes(routes!(people::export_own, people::show_own))
        .routes(routes!(addresses::list, addresses::add))
        .routes(routes!(addresses::change, addresses::remove))
        .routes(routes!(favourites::list))
        .routes(routes!(favourites::put_restaurant, favourites::drop_restaurant))
        .routes(routes!(favourites::put_dish, favourites::drop_dish))
        .routes(routes!(payment_methods::list, payment_methods::add))
        .routes(routes!(payment_methods::remove))
        .routes(routes!(payment_methods::prefer))
        .routes(routes!(notices::show, notices::put))
        .routes(routes!(notices::devices, notices::add_device))
        .routes(routes!(notices::drop_device))
}

/// What programs outside have: what they are told of, and by which key they act; under `/v1` only.
fn told() -> OpenApiRouter<Parts> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::make, webhooks::list))
        .routes(routes!(webhooks::show, webhooks::change, webhooks::forget))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::rotate))
        .routes(routes!(webhooks::replay))
        .routes(routes!(webhooks::attempts))
        .routes(routes!(keys::make, keys::list))
        .routes(routes!(keys::revoke))
}

/// What those who work here see of their own work, under `/v1` only.
fn worked() -> OpenApiRouter<Parts> {
    OpenApiRouter::new()
        .routes(routes!(earnings::of_restaurant))
        .routes(routes!(earnings::of_courier))
        .routes(routes!(quality::of_restaurant))
        .routes(routes!(quality::of_courier))
}

/// The rest, under `/v1` only.
fn rest() -> OpenApiRouter<Parts> {
    OpenApiRouter::new()
        .routes(routes!(notices::phone, notices::put_phone))
        .routes(routes!(restaurants::show))
        .routes(routes!(slots::free))
        .routes(routes!(menus::show))
        .routes(routes!(search::search))
        .routes(routes!(search::autocomplete))
        .routes(routes!(quotes::make))
        .routes(routes!(quotes::show))
        .routes(routes!(orders::show))
        .routes(routes!(orders::list))
        .routes(routes!(endings::cancel))
        .routes(routes!(endings::reorder))
        .routes(routes!(money::retry))
        .routes(routes!(money::tip))
        .routes(routes!(substitutions::answer))
        .routes(routes!(substitutions::propose))
        .routes(routes!(substitutions::seen))
        .routes(routes!(claims::make, claims::of_order))
        .routes(routes!(claims::own))
        .routes(routes!(claims::of_restaurant))
        .routes(routes!(claims::answer))
        .routes(routes!(ratings::rate_order))
        .routes(routes!(ratings::rate_courier))
        .routes(routes!(ratings::reviews))
        .routes(routes!(ratings::reply))
        .routes(routes!(streams::of_order))
        .routes(routes!(sockets::of_order))
        .routes(routes!(restaurants::create))
        .routes(routes!(restaurants::update))
        .routes(routes!(hours::put))
        .routes(routes!(hours::close))
        .routes(routes!(hours::reopen))
        .routes(routes!(hours::availability))
        .routes(routes!(hours::capacity))
        .routes(routes!(restaurants::staff))
        .routes(routes!(kitchen::delay))
        .routes(routes!(streams::of_restaurant))
        .routes(routes!(sockets::of_restaurant))
        .routes(routes!(couriers::signup))
        .routes(routes!(couriers::show))
        .routes(routes!(couriers::online))
        .routes(routes!(couriers::positions))
        .routes(routes!(streams::of_courier))
        .routes(routes!(sockets::of_courier))
        .routes(routes!(doorstep::contact))
        .routes(routes!(doorstep::shown))
        .routes(routes!(batch::batch))
        .routes(routes!(events::page))
        .routes(routes!(streams::all))
        .routes(routes!(menus::remove))
        .routes(routes!(stock::show, stock::patch))
        .routes(routes!(images::show_to_owner))
        .routes(routes!(inbox::take))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(images::upload))
                .routes(routes!(doorstep::proof))
                .layer(picture_body()),
        )
        .merge(
            OpenApiRouter::new()
                .routes(routes!(menus::show_to_staff, menus::put, menus::patch))
                .layer(large_body()),
        )
}

/// For operators, under `/v1/admin`.
fn admin() -> OpenApiRouter<Parts> {
    OpenApiRouter::new()
        .routes(routes!(people::erase))
        .routes(routes!(people::export))
        .routes(routes!(roles::list))
        .routes(routes!(roles::grant, roles::take))
        .routes(routes!(fraud::cases))
        .routes(routes!(fraud::decide))
        .routes(routes!(fraud::rules, fraud::put_rules))
        .routes(routes!(quality::list))
        .routes(routes!(quality::show))
        .routes(routes!(quality::act))
        .routes(routes!(bans::list, bans::ban, bans::unban, bans::appeal))
        .routes(routes!(admin::approve_restaurant))
        .routes(routes!(admin::approve_courier))
        .routes(routes!(admin::unassign))
        .routes(routes!(admin::direct))
        .routes(routes!(admin::orders))
        .routes(routes!(refunds::make))
        .routes(routes!(refunds::cancel))
        .routes(routes!(claims::all))
        .routes(routes!(claims::settle))
        .routes(routes!(admin::couriers))
        .routes(routes!(admin::restaurants))
        .routes(routes!(audit::list))
        .routes(routes!(audit::find))
        .routes(routes!(audit::head))
        .routes(routes!(coupons::make, coupons::list))
        .routes(routes!(coupons::show, coupons::change))
        .routes(routes!(terms::zones, terms::put_zones))
        .routes(routes!(terms::fees, terms::put_fees))
        .routes(routes!(terms::taxes, terms::put_taxes))
        .routes(routes!(terms::holidays, terms::put_holidays))
        .routes(routes!(terms::settings, terms::put_settings))
        .routes(routes!(notices::list))
        .routes(routes!(notices::retry))
        .routes(routes!(notices::outbox))
        .routes(routes!(ledger::entries))
        .routes(routes!(ledger::balances))
        .routes(routes!(ledger::payouts, ledger::pay))
        .routes(routes!(ledger::evidence))
        .routes(routes!(debts::show))
        .routes(routes!(reconcile::unsettled))
        .routes(routes!(reconcile::compare))
        .routes(routes!(reconcile::show))
        .routes(routes!(reconcile::retry))
        .routes(routes!(debts::clear))
        .routes(routes!(health::cluster))
        .routes(routes!(health::hash))
        .routes(routes!(health::add_node))
        .routes(routes!(health::remove_node))
        .routes(routes!(health::transfer))
        .routes(routes!(health::snapshot))
        .merge(OpenApiRouter::new().routes(routes!(admin::bulk)).layer(large_body()))
}

/// Everything that this node serves.
pub(crate) fn router(parts: Parts, cors: CorsLayer) -> Router {
    let versioned =
        brief().merge(own()).merge(told()).merge(worked()).merge(rest()).nest("/admin", admin());
    let probes = OpenApiRouter::new()
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(images::show));
    let counted = (parts.limits.clone(), parts.tokens.clone(), parts.reader.clone());
    let (router, document) = OpenApiRouter::with_openapi(openapi::document())
        .merge(brief())
        .nest("/v1", versioned)
        .merge(probes)
        .split_for_parts();
    router
        .merge(openapi::routes(&document))
        .route("/.well-known/jwks.json", axum::routing::get(sessions::jwks))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(tower_http::catch_panic::CatchPanicLayer::new())
        .layer(from_fn_with_state(counted, limits::limit))
        .layer(from_fn_with_state(parts.metrics.clone(), frame::frame))
        .layer(cors)
        .with_state(parts)
}

fn picture_body() -> DefaultBodyLimit {
    DefaultBodyLimit::max(crate::pictures::UPLOAD_BYTES)
}

fn large_body() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MENU_BYTES)
}
