//! What operators decide for the whole city: zones, fees, taxes, holidays, waiting times.
//!
//! Each section is put whole, by who has seen the version that it replaces. A dry run asks `apply`
//! and prices the newest orders again, and then nothing is proposed.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params::{self, Params, if_match, point};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::clock;
use crate::node::Facts;
use api::codes::Code;
use api::problem::Problem;
use api::restaurants::Hours;
use api::terms as shape;
use api::wire::Time;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::area::Polygon;
use domain::city::{
    CityTerms, DeliveryFee, Fees, Peak, Planned, Rules, Section, SetTerms, Taxes, Zone, ZoneFound,
};
use domain::ids::{CityNumber, ZoneId};
use domain::money::Money;
use domain::order::{AlertTimes, Order, When};
use domain::pricing::{Terms, reprice};
use domain::time::Timestamp;
use domain::{Actor, Command, Proposal, Stamp, Verdict, Write};
use serde::Deserialize;
use std::sync::Arc;
use storage::CityView;

/// Orders that a dry run looks at, at most.
const DRY_RUN_ORDERS: u64 = 1_000;
/// Orders that are read at once.
const DRY_RUN_PAGE: usize = 100;

/// What belongs to every request about terms.
struct Asked {
    facts: Arc<Facts>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    headers: HeaderMap,
    dry_run: bool,
}

/// `?dry_run=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct DryRun {
    #[serde(default)]
    dry_run: bool,
}

macro_rules! sections {
    ($($(#[doc = $doc:literal])* $show:ident $put:ident $path:literal $section:ident $shape:ident
        $told:path, $shown:path;)*) => {
        $(
            $(#[doc = $doc])*
            #[utoipa::path(get, path = $path, tag = "admin", security(("bearer" = [])),
                responses((status = 200, body = shape::Section<shape::$shape>,
                        description = "What holds and what is planned; ETag is the version"),
                    (status = "default", body = Problem, description = "Refused")))]
            pub(super) async fn $show(_: Operator, reads: Reads) -> Answer<impl IntoResponse> {
                let Read { view, index, .. } = reads.current().await?;
                let terms = terms(&view)?;
                let now = clock::now();
                let (holds, planned) = parts(&terms.$section, now);
                let answer = shape::Section {
                    version: terms.version,
                    now: $shown(holds, None),
                    next: planned.map(|(from, next)| $shown(next, Some(Time(from)))),
                };
                let tag = [(header::ETAG, params::etag(terms.version))];
                Ok((FdIndex(index), tag, axum::Json(answer)))
            }

            /// Replace them
            ///
            /// At once, which drops what was planned, or planned from `effective_from` on.
            #[utoipa::path(put, path = $path, tag = "admin", security(("bearer" = [])),
                params(("If-Match" = String, Header, description = "The version you saw"),
                    ("dry_run" = Option<bool>, Query,
                        description = "Only says what it would have meant for the newest orders")),
                request_body = shape::$shape,
                responses((status = 200, body = shape::TermsPut, description = "Replaced"),
                    (status = "default", body = Problem, description = "Refused")))]
            pub(super) async fn $put(
                State(facts): State<Arc<Facts>>,
                operator: Operator<Writes>,
                log: Log,
                reads: Reads,
                headers: HeaderMap,
                Params(DryRun { dry_run }): Params<DryRun>,
                Json(body): Json<shape::$shape>,
            ) -> Answer<Response> {
                let asked = Asked { facts, operator, log, reads, headers, dry_run };
                let from = body.effective_from.map(|time| time.0);
                let before = terms(&asked.reads.newest().await?.view)?;
                let section = $told(asked.facts.city_number, &before, body)?;
                put(asked, section, from).await
            }
        )*
    };
}

sections! {
    /// Where is delivered, and for how much
    zones put_zones "/zones" zones Zones zones_told, zones_shown;
    /// What is added to a basket
    fees put_fees "/fees" fees Fees fees_told, fees_shown;
    /// How the city taxes
    taxes put_taxes "/taxes" taxes Taxes taxes_told, taxes_shown;
    /// Days with other hours
    holidays put_holidays "/holidays" holidays Holidays holidays_told, holidays_shown;
    /// The numbers that people wait by
    settings put_settings "/settings" rules Settings settings_told, settings_shown;
}

async fn put(asked: Asked, section: Section, from: Option<Timestamp>) -> Answer<Response> {
    let Asked { facts, operator, log, reads, headers, dry_run } = asked;
    let seen = if_match(&headers)?.ok_or_else(|| Fail::new(Code::IfMatchMissing))?;
    let wish = SetTerms { if_version: Some(seen), effective_from: from, section };
    let actor = operator.caller.actor();
    if dry_run {
        let Read { view, index, .. } = reads.newest().await?;
        let tried = move || try_out(&facts, &view, index, actor, wish);
        let tried = tokio::task::spawn_blocking(tried).await;
        let answer = tried.map_err(|error| Fail::internal("trying new terms out", &error))??;
        return Ok((FdIndex(index), axum::Json(answer)).into_response());
    }
    let done = log.propose(actor, Command::SetTerms(Box::new(wish))).await?;
    let version = terms(&reads.after_write(done.index).await?.view)?.version;
    let tag = [(header::ETAG, params::etag(version))];
    let answer = axum::Json(shape::TermsPut { version, dry_run: None });
    Ok((tag, done, answer).into_response())
}

/// What `apply` would say, and what the newest orders would have cost.
fn try_out(
    facts: &Facts,
    view: &CityView,
    index: u64,
    actor: Actor,
    wish: SetTerms,
) -> Answer<shape::TermsPut> {
    let stamp = Stamp { index: index + 1, at: clock::now() };
    let moment = wish.effective_from.unwrap_or(stamp.at).max(stamp.at);
    let command = Command::SetTerms(Box::new(wish));
    let proposal = Proposal { actor, request_id: String::new(), command };
    let outcome = domain::apply(view, &stamp, proposal)
        .map_err(|error| Fail::internal("trying new terms out", &error))?;
    if let Verdict::No(why) = outcome.verdict {
        return Err(why.into());
    }
    let written = outcome
        .writes
        .into_iter()
        .find_map(|write| if let Write::Terms(terms) = write { Some(terms) } else { None });
    let terms = match written {
        Some(terms) => terms,
        None => terms(view)?,
    };
    let mut sum = Sum::default();
    let mut cursor = None;
    while sum.orders < DRY_RUN_ORDERS {
        let page = view.orders(&[], cursor, DRY_RUN_PAGE)?;
        for order in &page.orders {
            sum.add(order, again(facts, view, &terms, moment, order)?);
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let dry_run = Some(shape::DryRun {
        orders: sum.orders,
        not_deliverable: sum.not_deliverable,
        dearer: sum.dearer,
        cheaper: sum.cheaper,
        before: facts.money(Money(sum.before)),
        after: facts.money(Money(sum.after)),
    });
    Ok(shape::TermsPut { version: terms.version, dry_run })
}

/// What a dry run has seen so far.
#[derive(Default)]
struct Sum {
    orders: u64,
    not_deliverable: u64,
    dearer: u64,
    cheaper: u64,
    before: i64,
    after: i64,
}

impl Sum {
    fn add(&mut self, order: &Order, again: Option<Money>) {
        self.orders += 1;
        let Some(after) = again else {
            self.not_deliverable += 1;
            return;
        };
        let before = order.placed_receipt().total;
        self.dearer += u64::from(after > before);
        self.cheaper += u64::from(after < before);
        // A thousand orders of the largest amount fit a thousand times.
        self.before += before.0;
        self.after += after.0;
    }
}

/// The total of an order under other terms; nothing where they would not deliver it.
fn again(
    facts: &Facts,
    view: &CityView,
    terms: &CityTerms,
    moment: Timestamp,
    order: &Order,
) -> Answer<Option<Money>> {
    let place = order.destination.as_ref().map(|destination| destination.position);
    let zone = match place.map(|place| terms.zone_of(place, moment)) {
        Some(ZoneFound::Outside) => return Ok(None),
        Some(ZoneFound::Inside(zone)) => Some(zone),
        Some(ZoneFound::NoZones) | None => None,
    };
    let restaurant = view.restaurant(order.restaurant_id)?;
    let with = Terms {
        language: &facts.language,
        time_zone: &facts.time_zone,
        menu_version: order.receipt.menu_version,
        terms_version: terms.version,
        at: match order.when {
            When::Asap => order.placed_at,
            When::Slot { start } => start,
        },
        fulfilment: order.fulfilment,
        distance_m: order.distance_m,
        restaurant_fee: restaurant.map_or(Money::ZERO, |kitchen| kitchen.profile.delivery_fee),
        zone,
        fees: terms.fees.at(moment),
        taxes: terms.taxes.at(moment),
        coupon: None,
    };
    Ok(reprice(order.placed_receipt(), &with).map(|receipt| receipt.total))
}

/// What operators have decided, or what holds until they do.
fn terms(view: &CityView) -> Answer<Arc<CityTerms>> {
    let founded = view.city()?.ok_or_else(|| Fail::from(domain::Rejection::CityUnknown))?;
    let decided = view.terms()?;
    Ok(decided.unwrap_or_else(|| Arc::new(CityTerms::founding(&founded))))
}

/// What holds at a moment, and what is planned for later.
fn parts<T>(section: &Planned<T>, now: Timestamp) -> (&T, Option<(Timestamp, &T)>) {
    let planned = section.next.as_ref().filter(|(from, _)| *from > now);
    (section.at(now), planned.map(|(from, next)| (*from, next)))
}

fn zones_told(city: CityNumber, _: &CityTerms, body: shape::Zones) -> Answer<Section> {
    let zone = |(place, zone): (usize, shape::Zone)| zone_told(city, place, zone);
    let zones = body.zones.into_iter().enumerate().map(zone);
    Ok(Section::Zones(zones.collect::<Answer<_>>()?))
}

fn zone_told(city: CityNumber, place: usize, zone: shape::Zone) -> Answer<Zone> {
    let corners = zone.area.into_iter().enumerate();
    let corner = |(corner, at)| point(&format!("/zones/{place}/area/{corner}"), at);
    Ok(Zone {
        id: zone.zone_id.unwrap_or_else(|| ZoneId::derive(city, &[zone.name.as_bytes()])),
        area: Polygon(corners.map(corner).collect::<Answer<_>>()?),
        fee: delivery_told(zone.fee),
        name: zone.name,
    })
}

fn zones_shown(zones: &[Zone], effective_from: Option<Time>) -> shape::Zones {
    let zone = |zone: &Zone| shape::Zone {
        zone_id: Some(zone.id),
        name: zone.name.clone(),
        area: zone.area.0.iter().map(|corner| (*corner).into()).collect(),
        fee: delivery_shown(zone.fee),
    };
    shape::Zones { zones: zones.iter().map(zone).collect(), effective_from }
}

fn delivery_told(fee: shape::DeliveryFee) -> DeliveryFee {
    DeliveryFee {
        base: fee.base.map(Money),
        included_m: fee.included_m,
        per_100m: Money(fee.per_100m),
        free_from: fee.free_from.map(Money),
    }
}

fn delivery_shown(fee: DeliveryFee) -> shape::DeliveryFee {
    shape::DeliveryFee {
        base: fee.base.map(|money| money.0),
        included_m: fee.included_m,
        per_100m: fee.per_100m.0,
        free_from: fee.free_from.map(|money| money.0),
    }
}

fn fees_told(_: CityNumber, _: &CityTerms, body: shape::Fees) -> Answer<Section> {
    let peak = |(place, peak): (usize, shape::Peak)| {
        let hours = peak.hours.to_domain().map_err(|error| {
            let pointer = format!("/peaks/{place}/hours/{}/{}", error.day, error.place);
            Fail::field(Code::FieldInvalid, pointer, error.to_string())
        })?;
        Ok(Peak { hours, factor_millionths: peak.factor_millionths })
    };
    Ok(Section::Fees(Fees {
        delivery: delivery_told(body.delivery),
        peaks: body.peaks.into_iter().enumerate().map(peak).collect::<Answer<_>>()?,
        service: Money(body.service),
        service_millionths: body.service_millionths,
        service_at_most: body.service_at_most.map(Money),
        small_below: Money(body.small_below),
        small_fee: Money(body.small_fee),
        bag: Money(body.bag),
    }))
}

fn fees_shown(fees: &Fees, effective_from: Option<Time>) -> shape::Fees {
    let peak = |peak: &Peak| shape::Peak {
        hours: Hours::of(&peak.hours),
        factor_millionths: peak.factor_millionths,
    };
    shape::Fees {
        delivery: delivery_shown(fees.delivery),
        peaks: fees.peaks.iter().map(peak).collect(),
        service: fees.service.0,
        service_millionths: fees.service_millionths,
        service_at_most: fees.service_at_most.map(|money| money.0),
        small_below: fees.small_below.0,
        small_fee: fees.small_fee.0,
        bag: fees.bag.0,
        effective_from,
    }
}

fn taxes_told(_: CityNumber, _: &CityTerms, body: shape::Taxes) -> Answer<Section> {
    let shape::Taxes { included, classes, fees_class, effective_from: _ } = body;
    Ok(Section::Taxes(Taxes { included, classes, fees_class }))
}

fn taxes_shown(taxes: &Taxes, effective_from: Option<Time>) -> shape::Taxes {
    let Taxes { included, classes, fees_class } = taxes.clone();
    shape::Taxes { included, classes, fees_class, effective_from }
}

fn holidays_told(_: CityNumber, _: &CityTerms, body: shape::Holidays) -> Answer<Section> {
    Ok(Section::Holidays(body.holidays))
}

fn holidays_shown(
    days: &std::collections::BTreeSet<domain::calendar::LocalDate>,
    effective_from: Option<Time>,
) -> shape::Holidays {
    shape::Holidays { holidays: days.clone(), effective_from }
}

/// The founding fee and tax are kept: they are sections of their own by now.
fn settings_told(_: CityNumber, before: &CityTerms, body: shape::Settings) -> Answer<Section> {
    let before = before.rules.at(clock::now());
    Ok(Section::Rules(Rules {
        quote_ms: body.quote_ms,
        pay_by_ms: body.pay_by_ms,
        accept_ms: body.accept_ms,
        offer_ms: body.offer_ms,
        no_courier_ms: body.no_courier_ms,
        service_fee: before.service_fee,
        tax_millionths: before.tax_millionths,
        substitution_ms: body.substitution_ms,
        claim_answer_ms: body.claim_answer_ms,
        claim_limit: Money(body.claim_limit),
        pin_from: body.pin_from.map(Money),
        callout_fee: Money(body.callout_fee),
        tip_ms: body.tip_ms.unwrap_or(before.tip_ms),
        commission_millionths: body.commission_millionths.unwrap_or(before.commission_millionths),
        courier_base: body.courier_base.map_or(before.courier_base, Money),
        courier_per_km: body.courier_per_km.map_or(before.courier_per_km, Money),
        alerts: AlertTimes {
            push_ms: body.alert_push_ms.unwrap_or(before.alerts.push_ms),
            sms_ms: body.alert_sms_ms.unwrap_or(before.alerts.sms_ms),
            call_ms: body.alert_call_ms.unwrap_or(before.alerts.call_ms),
            operators_ms: body.alert_operators_ms.unwrap_or(before.alerts.operators_ms),
        },
    }))
}

fn settings_shown(rules: &Rules, effective_from: Option<Time>) -> shape::Settings {
    shape::Settings {
        quote_ms: rules.quote_ms,
        pay_by_ms: rules.pay_by_ms,
        accept_ms: rules.accept_ms,
        offer_ms: rules.offer_ms,
        no_courier_ms: rules.no_courier_ms,
        substitution_ms: rules.substitution_ms,
        claim_answer_ms: rules.claim_answer_ms,
        claim_limit: rules.claim_limit.0,
        pin_from: rules.pin_from.map(|money| money.0),
        callout_fee: rules.callout_fee.0,
        tip_ms: Some(rules.tip_ms),
        commission_millionths: Some(rules.commission_millionths),
        courier_base: Some(rules.courier_base.0),
        courier_per_km: Some(rules.courier_per_km.0),
        alert_push_ms: Some(rules.alerts.push_ms),
        alert_sms_ms: Some(rules.alerts.sms_ms),
        alert_call_ms: Some(rules.alerts.call_ms),
        alert_operators_ms: Some(rules.alerts.operators_ms),
        effective_from,
    }
}
