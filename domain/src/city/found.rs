//! The first entry of every city.

use super::{City, Rules};
use crate::account::sign_up::new_account;
use crate::account::{OperatorRole, SignUp};
use crate::authority::is_system;
use crate::calendar::is_known_zone;
use crate::entry::{Actor, Stamp};
use crate::event::Event;
use crate::field;
use crate::ids::CityNumber;
use crate::limits::{NAME_LETTERS, OFFER_MS, RULE_MS};
use crate::money::Currency;
use crate::outcome::{Changes, Outcome, Write};
use crate::position::Position;
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Founds the city and gives it its first operator. The same again is yes; another city is no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCity {
    /// See [`super::City::number`].
    pub number: CityNumber,
    /// See [`super::City::name`].
    pub name: String,
    /// See [`super::City::currency`].
    pub currency: Currency,
    /// See [`super::City::time_zone`].
    pub time_zone: String,
    /// See [`super::City::language`].
    pub language: String,
    /// See [`super::City::centre`].
    pub centre: Position,
    /// See [`super::City::rules`].
    pub rules: Rules,
    /// Signed up in the same entry, with the operator role.
    pub founder: SignUp,
}

pub(crate) fn found_city(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: FoundCity,
) -> Result<Outcome, Unreadable> {
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    if let Err(why) = check(&command) {
        return Ok(Outcome::rejected(why));
    }
    let FoundCity { number, name, currency, time_zone, language, centre, rules, founder } = command;
    let founder_id = founder.account_id;
    let wanted =
        City { number, name, currency, time_zone, language, centre, rules, founder: founder_id };
    if let Some(found) = city.city()? {
        if *found != wanted {
            return Ok(Outcome::rejected(Rejection::CityFounded));
        }
        let founded_by = city.account(founder_id)?;
        return Ok(Outcome::unchanged(founded_by.map_or(stamp.index, |a| a.created_index)));
    }
    let mut account = new_account(stamp, founder);
    account.operator = Some(OperatorRole::Operator);

    let mut changes = Changes::new(stamp);
    changes.write(Write::City(Arc::new(wanted)));
    changes.write(Write::Account(Arc::new(account)));
    changes.event(Event::CityFounded { number });
    changes.event(Event::AccountSignedUp { account_id: founder_id });
    Ok(changes.yes())
}

fn check(wish: &FoundCity) -> Result<(), Rejection> {
    field::letters("/name", &wish.name, 1..=NAME_LETTERS)?;
    field::letters("/language", &wish.language, 1..=NAME_LETTERS)?;
    field::position("/centre", wish.centre)?;
    if !is_known_zone(&wish.time_zone) {
        return Err(field::invalid("/time_zone", "an IANA name, as in Europe/Lisbon"));
    }
    check_rules("/rules", &wish.rules)?;
    crate::account::sign_up::check(&wish.founder)
}

/// What a city may set for its numbers: when it is founded, and later.
pub(super) fn check_rules(pointer: &str, rules: &Rules) -> Result<(), Rejection> {
    let Rules {
        quote_ms,
        pay_by_ms,
        accept_ms,
        offer_ms,
        no_courier_ms,
        service_fee,
        tax_millionths,
        substitution_ms,
        claim_answer_ms,
        claim_limit,
        pin_from,
        callout_fee,
        tip_ms,
        commission_millionths,
        courier_base,
        courier_per_km,
        alerts,
    } = *rules;
    for (name, number, range) in [
        ("quote_ms", quote_ms, RULE_MS),
        ("pay_by_ms", pay_by_ms, RULE_MS),
        ("accept_ms", accept_ms, RULE_MS),
        ("offer_ms", offer_ms, OFFER_MS),
        ("no_courier_ms", no_courier_ms, RULE_MS),
        ("substitution_ms", substitution_ms, RULE_MS),
        ("claim_answer_ms", claim_answer_ms, RULE_MS),
        ("tip_ms", tip_ms, RULE_MS),
        ("tax_millionths", tax_millionths, 0..=1_000_000),
        ("commission_millionths", commission_millionths, 0..=1_000_000),
        ("alert_push_ms", alerts.push_ms, RULE_MS),
        ("alert_sms_ms", alerts.sms_ms, RULE_MS),
        ("alert_call_ms", alerts.call_ms, RULE_MS),
        ("alert_operators_ms", alerts.operators_ms, RULE_MS),
    ] {
        field::number(&format!("{pointer}/{name}"), number, range)?;
    }
    for (name, amount) in [
        ("service_fee", service_fee),
        ("claim_limit", claim_limit),
        ("pin_from", pin_from.unwrap_or_default()),
        ("callout_fee", callout_fee),
        ("courier_base", courier_base),
        ("courier_per_km", courier_per_km),
    ] {
        field::amount(&format!("{pointer}/{name}"), amount)?;
    }
    Ok(())
}
