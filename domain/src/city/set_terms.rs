//! An operator changes what holds in the whole city.

use super::found::check_rules;
use super::terms::{CityTerms, DeliveryFee, Fees, Planned, STANDARD, Taxes, Zone};
use super::{Rules, terms_of};
use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::calendar::LocalDate;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::limits::{
    DELIVERY_RADIUS_M, HOLIDAYS, NAME_LETTERS, PEAK_MILLIONTHS, PEAKS, TAX_CLASSES, TERMS_AHEAD_MS,
    ZONES,
};
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A whole, in the unit of rates and factors.
const ONE: i64 = 1_000_000;

/// Replaces one section, with what was planned for it. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTerms {
    /// The version this replaces, if the caller saw one: another is `VersionChanged`.
    pub if_version: Option<u64>,
    /// From when it holds; at once if absent.
    pub effective_from: Option<Timestamp>,
    /// What is replaced.
    pub section: Section,
}

/// One part of the terms, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Section {
    Zones(Vec<Zone>),
    Fees(Fees),
    Taxes(Taxes),
    Holidays(BTreeSet<LocalDate>),
    Rules(Rules),
}

pub(crate) fn set_terms(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetTerms,
) -> Result<Outcome, Unreadable> {
    if !is_operator(city, actor, OperatorRole::Operator)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(founded) = city.city()? else {
        return Ok(Outcome::rejected(Rejection::CityUnknown));
    };
    let SetTerms { if_version, effective_from, section } = command;
    if let Err(why) = check(&section) {
        return Ok(Outcome::rejected(why));
    }
    let from = effective_from.filter(|from| *from > stamp.at);
    if from.is_some_and(|from| from.ms_since(stamp.at) > TERMS_AHEAD_MS) {
        let why = field::invalid("/effective_from", "within a year");
        return Ok(Outcome::rejected(why));
    }
    let before = rolled(Arc::unwrap_or_clone(terms_of(city, &founded)?), stamp.at);
    let mut terms = before.clone();
    match section {
        Section::Zones(zones) => plan(&mut terms.zones, from, zones),
        Section::Fees(fees) => plan(&mut terms.fees, from, fees),
        Section::Taxes(taxes) => plan(&mut terms.taxes, from, taxes),
        Section::Holidays(days) => plan(&mut terms.holidays, from, days),
        Section::Rules(rules) => plan(&mut terms.rules, from, rules),
    }
    if terms == before {
        return Ok(Outcome::unchanged(terms.revision));
    }
    if if_version.is_some_and(|seen| seen != before.version) {
        return Ok(Outcome::rejected(Rejection::VersionChanged { version: before.version }));
    }
    terms.version += 1;
    terms.revision = stamp.index;
    let version = terms.version;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Terms(Arc::new(terms)));
    changes.event(Event::TermsChanged { version });
    Ok(changes.yes())
}

/// A change at once replaces what was planned as well: who makes one has seen the plan, and would
/// be surprised by its moment. A change that comes later replaces only what was planned.
fn plan<T>(section: &mut Planned<T>, from: Option<Timestamp>, wanted: T) {
    match from {
        Some(from) => section.next = Some((from, wanted)),
        None => *section = Planned::just(wanted),
    }
}

/// The terms where every plan whose moment has come is what holds.
fn rolled(terms: CityTerms, at: Timestamp) -> CityTerms {
    CityTerms {
        version: terms.version,
        zones: terms.zones.rolled(at),
        fees: terms.fees.rolled(at),
        taxes: terms.taxes.rolled(at),
        holidays: terms.holidays.rolled(at),
        rules: terms.rules.rolled(at),
        revision: terms.revision,
    }
}

fn check(section: &Section) -> Result<(), Rejection> {
    match section {
        Section::Zones(zones) => check_zones(zones),
        Section::Fees(fees) => check_fees(fees),
        Section::Taxes(taxes) => check_taxes(taxes),
        Section::Holidays(days) => field::length("/holidays", days.len(), 0..=HOLIDAYS),
        Section::Rules(rules) => check_rules("", rules),
    }
}

fn check_zones(zones: &[Zone]) -> Result<(), Rejection> {
    field::length("/zones", zones.len(), 0..=ZONES)?;
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (place, zone) in zones.iter().enumerate() {
        let pointer = format!("/zones/{place}");
        if !ids.insert(zone.id) {
            return Err(field::invalid(format!("{pointer}/zone_id"), "each zone once"));
        }
        field::letters(&format!("{pointer}/name"), &zone.name, 1..=NAME_LETTERS)?;
        if !names.insert(&zone.name) {
            return Err(field::invalid(format!("{pointer}/name"), "each name once"));
        }
        zone.area.check(&format!("{pointer}/area"))?;
        check_delivery(&format!("{pointer}/fee"), zone.fee)?;
    }
    Ok(())
}

fn check_delivery(pointer: &str, fee: DeliveryFee) -> Result<(), Rejection> {
    let DeliveryFee { base, included_m, per_100m, free_from } = fee;
    let metres = 0..=i64::from(DELIVERY_RADIUS_M);
    field::number(&format!("{pointer}/included_m"), included_m.into(), metres)?;
    field::amount(&format!("{pointer}/base"), base.unwrap_or_default())?;
    field::amount(&format!("{pointer}/per_100m"), per_100m)?;
    field::amount(&format!("{pointer}/free_from"), free_from.unwrap_or_default())
}

fn check_fees(fees: &Fees) -> Result<(), Rejection> {
    check_delivery("/delivery", fees.delivery)?;
    field::length("/peaks", fees.peaks.len(), 0..=PEAKS)?;
    for (place, peak) in fees.peaks.iter().enumerate() {
        let pointer = format!("/peaks/{place}");
        field::week(&format!("{pointer}/hours"), &peak.hours)?;
        let factors = ONE..=PEAK_MILLIONTHS;
        field::number(&format!("{pointer}/factor_millionths"), peak.factor_millionths, factors)?;
    }
    field::number("/service_millionths", fees.service_millionths, 0..=ONE)?;
    for (name, amount) in [
        ("/service", fees.service),
        ("/service_at_most", fees.service_at_most.unwrap_or_default()),
        ("/small_below", fees.small_below),
        ("/small_fee", fees.small_fee),
        ("/bag", fees.bag),
    ] {
        field::amount(name, amount)?;
    }
    Ok(())
}

fn check_taxes(taxes: &Taxes) -> Result<(), Rejection> {
    field::length("/classes", taxes.classes.len(), 1..=TAX_CLASSES)?;
    for (class, rate) in &taxes.classes {
        field::letters("/classes", class, 1..=NAME_LETTERS)?;
        field::number(&format!("/classes/{class}"), *rate, 0..=ONE)?;
    }
    if !taxes.classes.contains_key(STANDARD) {
        return Err(field::invalid("/classes", "standard among them"));
    }
    if !taxes.classes.contains_key(&taxes.fees_class) {
        return Err(field::invalid("/fees_class", "one of the classes"));
    }
    Ok(())
}
