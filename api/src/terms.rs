//! What operators decide for the whole city: zones, fees, taxes, holidays, waiting times.
//!
//! Each is put whole, and shown as it is put. Amounts are minor units of the city's currency, rates
//! and factors millionths.

use crate::restaurants::Hours;
use crate::wire::{Money, Point, Time};
use domain::calendar::LocalDate;
use domain::ids::ZoneId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// One section of the city's terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
// An absent `next` needs no `T` of its own.
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[allow(missing_docs)]
pub struct Section<T> {
    /// Of all sections together: also the ETag, and what If-Match names.
    pub version: u64,
    /// What holds.
    pub now: T,
    /// What will hold from its `effective_from` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<T>,
}

/// `PUT /v1/admin/zones`. Where a city has zones, nothing is delivered outside of them; where they
/// overlap, the first holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Zones {
    /// At most 200; none at all leaves it to each restaurant how far it delivers.
    pub zones: Vec<Zone>,
    /// From when it holds; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Time>,
}

/// A polygon with fees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Zone {
    /// Made from the name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub zone_id: Option<ZoneId>,
    #[schema(example = "Old town")]
    pub name: String,
    /// Its corners in order; the last is joined to the first.
    #[schema(min_items = 3, max_items = 500, example = json!([
        {"lat": 43.54, "lng": -5.93}, {"lat": 43.56, "lng": -5.93}, {"lat": 43.56, "lng": -5.90}]))]
    pub area: Vec<Point>,
    #[serde(default)]
    pub fee: DeliveryFee,
}

/// What the way costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryFee {
    /// For the first metres; the restaurant's own fee if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 199)]
    pub base: Option<i64>,
    /// Metres that the base includes.
    #[serde(default)]
    #[schema(example = 1500)]
    pub included_m: u32,
    /// For each started 100 m beyond them.
    #[serde(default)]
    #[schema(example = 8)]
    pub per_100m: i64,
    /// Free from this much of dishes on, after the coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 3500)]
    pub free_from: Option<i64>,
}

/// `PUT /v1/admin/fees`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// Where no zone says otherwise.
    #[serde(default)]
    pub delivery: DeliveryFee,
    /// When the way costs more; the highest factor of those that hold.
    #[serde(default)]
    pub peaks: Vec<Peak>,
    /// The platform's fee, fixed part.
    #[serde(default)]
    #[schema(example = 99)]
    pub service: i64,
    /// The platform's fee, share of the dishes before any coupon.
    #[serde(default)]
    #[schema(example = 50000)]
    pub service_millionths: i64,
    /// The most that the platform's fee can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 299)]
    pub service_at_most: Option<i64>,
    /// Baskets of dishes below this, before any coupon ..
    #[serde(default)]
    #[schema(example = 1000)]
    pub small_below: i64,
    /// .. pay this.
    #[serde(default)]
    #[schema(example = 150)]
    pub small_fee: i64,
    /// For the bag.
    #[serde(default)]
    #[schema(example = 10)]
    pub bag: i64,
    /// From when it holds; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Time>,
}

/// A part of the week in which the way costs more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"hours": {"friday": ["18:00-22:00"], "saturday": ["18:00-22:00"]},
    "factor_millionths": 1250000}))]
#[allow(missing_docs)]
pub struct Peak {
    pub hours: Hours,
    /// From 1000000 to 2000000: 1500000 is half as much again.
    #[schema(example = 1250000)]
    pub factor_millionths: i64,
}

/// `PUT /v1/admin/taxes`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Taxes {
    /// Whether prices contain it; if not, it is added.
    pub included: bool,
    /// Rates by class, `standard` among them. Dishes of a class that is gone are taxed as standard.
    #[schema(example = json!({"standard": 210000, "food": 100000}))]
    pub classes: BTreeMap<String, i64>,
    /// The class of fees.
    #[serde(default = "standard")]
    #[schema(example = "standard")]
    pub fees_class: String,
    /// From when it holds; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Time>,
}

fn standard() -> String {
    domain::city::STANDARD.to_owned()
}

/// `PUT /v1/admin/holidays`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    /// Local dates.
    #[schema(value_type = Vec<String>, example = json!(["2026-12-25", "2027-01-01"]))]
    pub holidays: BTreeSet<LocalDate>,
    /// From when it holds; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Time>,
}

/// `PUT /v1/admin/settings`: the numbers that people wait by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long a quote's price holds.
    #[schema(example = 300000)]
    pub quote_ms: i64,
    /// How long an order waits for its payment.
    #[schema(example = 600000)]
    pub pay_by_ms: i64,
    /// How long an order waits for the kitchen's answer.
    #[schema(example = 300000)]
    pub accept_ms: i64,
    /// How long a courier may think about an offer.
    #[schema(example = 30000)]
    pub offer_ms: i64,
    /// An order without a courier is cancelled this long after its food was ready.
    #[schema(example = 2700000)]
    pub no_courier_ms: i64,
    /// How long a customer may think about a substitution.
    #[schema(example = 300000)]
    pub substitution_ms: i64,
    /// How long a restaurant may think about a claim.
    #[schema(example = 86400000)]
    pub claim_answer_ms: i64,
    /// An unanswered claim is decided for the customer up to this.
    #[schema(example = 2000)]
    pub claim_limit: i64,
    /// Orders of this much and more are handed over for a PIN; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 8000)]
    pub pin_from: Option<i64>,
    /// A courier who had to come for nothing gets this.
    #[schema(example = 300)]
    pub callout_fee: i64,
    /// How long after an order's end it can be tipped; kept as it is if absent, as are the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 86400000)]
    pub tip_ms: Option<i64>,
    /// What the platform keeps of a restaurant's dishes, in millionths of them before tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 200000)]
    pub commission_millionths: Option<i64>,
    /// A courier gets this for each delivery that they carried ..
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 300)]
    pub courier_base: Option<i64>,
    /// .. and this for each kilometre from the kitchen to the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub courier_per_km: Option<i64>,
    /// How long after an order came its kitchen's tablets ring again; as before if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 45000)]
    pub alert_push_ms: Option<i64>,
    /// When it gets a short message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 90000)]
    pub alert_sms_ms: Option<i64>,
    /// When it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 150000)]
    pub alert_call_ms: Option<i64>,
    /// When operators see that nobody reacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 180000)]
    pub alert_operators_ms: Option<i64>,
    /// From when it holds; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Time>,
}

/// The answer to a change of the terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TermsPut {
    /// The version that holds now; on a dry run the one that would.
    pub version: u64,
    /// Only on a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<DryRun>,
}

/// What a change would have meant for the newest orders, priced again with the dishes, distances
/// and coupons that they had. Nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct DryRun {
    /// The newest, 1,000 at most.
    pub orders: u64,
    /// Of them, those outside of all zones; they are in neither sum.
    pub not_deliverable: u64,
    pub dearer: u64,
    pub cheaper: u64,
    /// Sum of their totals as they were placed.
    pub before: Money,
    /// Sum of their totals as they would be.
    pub after: Money,
}
