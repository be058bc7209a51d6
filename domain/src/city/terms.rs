//! What operators decide about prices and days: zones, fees, taxes, holidays, waiting times.
//!
//! One record with one version: a receipt names the version it was made with. Each section may
//! have one successor that is waiting for its moment.

use super::{City, Rules};
use crate::area::Polygon;
use crate::calendar::{LocalDate, WeeklyHours};
use crate::ids::ZoneId;
use crate::money::Money;
use crate::position::Position;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that operators decide for the whole city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CityTerms {
    /// Raised by every change.
    pub version: u64,
    pub zones: Planned<Vec<Zone>>,
    pub fees: Planned<Fees>,
    pub taxes: Planned<Taxes>,
    pub holidays: Planned<BTreeSet<LocalDate>>,
    pub rules: Planned<Rules>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// What holds now, and what will hold from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned<T> {
    /// Until `next` comes.
    pub now: T,
    /// From a moment on.
    pub next: Option<(Timestamp, T)>,
}

impl<T> Planned<T> {
    /// Without a successor.
    pub fn just(now: T) -> Self {
        Self { now, next: None }
    }

    /// What holds at a moment.
    pub fn at(&self, at: Timestamp) -> &T {
        match &self.next {
            Some((from, next)) if at >= *from => next,
            Some(_) | None => &self.now,
        }
    }

    /// What holds at a moment, as what holds now.
    pub(super) fn rolled(self, at: Timestamp) -> Self {
        match self.next {
            Some((from, next)) if at >= from => Self::just(next),
            next @ (Some(_) | None) => Self { now: self.now, next },
        }
    }
}

/// A polygon with fees. Where a city has zones, nothing is delivered outside of them; where zones
/// overlap, the first holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Zone {
    pub id: ZoneId,
    pub name: String,
    pub area: Polygon,
    pub fee: DeliveryFee,
}

/// What the way costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFee {
    /// For the first metres; the restaurant's own fee if absent.
    pub base: Option<Money>,
    /// Metres that the base includes.
    pub included_m: u32,
    /// For each started 100 m beyond them.
    pub per_100m: Money,
    /// Free from this much of dishes on, after the coupon.
    pub free_from: Option<Money>,
}

/// What is added to a basket besides the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fees {
    /// Where no zone says otherwise.
    pub delivery: DeliveryFee,
    /// When the way costs more; the highest factor of those that hold, at most double.
    pub peaks: Vec<Peak>,
    /// The platform's, fixed part.
    pub service: Money,
    /// The platform's, share of the dishes in millionths.
    pub service_millionths: i64,
    /// The most that the platform's fee can be.
    pub service_at_most: Option<Money>,
    /// Baskets of dishes below this ..
    pub small_below: Money,
    /// .. pay this.
    pub small_fee: Money,
    /// For the bag.
    pub bag: Money,
}

/// A part of the week in which the way costs more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Peak {
    pub hours: WeeklyHours,
    /// 1,500,000 is half as much again.
    pub factor_millionths: i64,
}

/// How the city taxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxes {
    /// Whether prices contain it; if not, it is added.
    pub included: bool,
    /// Rates in millionths by class. `standard` is always there.
    pub classes: BTreeMap<String, i64>,
    /// The class of fees.
    pub fees_class: String,
}

/// The class of a dish that names none.
pub const STANDARD: &str = "standard";

impl Taxes {
    /// The rate of a class in millionths; an unknown one is taxed as standard.
    pub fn rate(&self, class: Option<&str>) -> i64 {
        let named = class.and_then(|class| self.classes.get(class));
        named.or_else(|| self.classes.get(STANDARD)).copied().unwrap_or(0)
    }
}

impl CityTerms {
    /// What holds in a city where no operator has decided anything yet.
    pub fn founding(city: &City) -> Self {
        let rules = city.rules.clone();
        let fees = Fees { service: rules.service_fee, ..Fees::default() };
        let taxes = Taxes {
            included: true,
            classes: BTreeMap::from([(STANDARD.to_owned(), rules.tax_millionths)]),
            fees_class: STANDARD.to_owned(),
        };
        Self {
            version: 0,
            zones: Planned::just(Vec::new()),
            fees: Planned::just(fees),
            taxes: Planned::just(taxes),
            holidays: Planned::just(BTreeSet::new()),
            rules: Planned::just(rules),
            revision: 0,
        }
    }

    /// The zone of a place at a moment; where the city has zones at all, no zone is no delivery.
    pub fn zone_of(&self, place: Position, at: Timestamp) -> ZoneFound<'_> {
        let zones = self.zones.at(at);
        if zones.is_empty() {
            return ZoneFound::NoZones;
        }
        let found = zones.iter().find(|zone| zone.area.contains(place));
        found.map_or(ZoneFound::Outside, ZoneFound::Inside)
    }
}

/// Where a place lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneFound<'a> {
    /// The city has none: each restaurant says how far it delivers.
    NoZones,
    /// In this one.
    Inside(&'a Zone),
    /// In none of them.
    Outside,
}
