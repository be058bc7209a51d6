//! The city itself: founded once, with the rules that people there live by.

pub(crate) mod found;
pub(crate) mod set_terms;
pub(crate) mod terms;
pub(crate) mod trim_feed;

pub use found::FoundCity;
pub use set_terms::{Section, SetTerms};
pub use terms::{CityTerms, DeliveryFee, Fees, Peak, Planned, STANDARD, Taxes, Zone, ZoneFound};
pub use trim_feed::TrimFeed;

use crate::ids::{AccountId, CityNumber};
use crate::money::{Currency, Money};
use crate::order::AlertTimes;
use crate::position::Position;
use crate::time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One Raft group with its area, currency, language and time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct City {
    /// The first two bytes of every id born here.
    pub number: CityNumber,
    /// As people call it.
    pub name: String,
    /// Every amount here is in this currency.
    pub currency: Currency,
    /// IANA name; calendars are read in it.
    pub time_zone: String,
    /// BCP 47; menus and messages fall back to it.
    pub language: String,
    /// Where the map of couriers is centred.
    pub centre: Position,
    /// What is decided by numbers.
    pub rules: Rules,
    /// The first operator.
    pub founder: AccountId,
}

/// What operators have decided, or what holds until they do.
///
/// # Errors
/// If the city cannot be read.
pub fn terms_of(city: &impl View, founded: &City) -> Result<Arc<CityTerms>, Unreadable> {
    Ok(city.terms()?.unwrap_or_else(|| Arc::new(CityTerms::founding(founded))))
}

/// The waiting times that hold at a moment.
pub(crate) fn rules_at(
    city: &impl View,
    founded: &City,
    at: Timestamp,
) -> Result<Rules, Unreadable> {
    Ok(city.terms()?.map_or_else(|| founded.rules.clone(), |terms| terms.rules.at(at).clone()))
}

/// The numbers of the city that may differ between cities. Durations in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// How long a quote's price holds.
    pub quote_ms: i64,
    /// How long an order waits for its payment.
    pub pay_by_ms: i64,
    /// How long an order waits for the kitchen's answer.
    pub accept_ms: i64,
    /// How long a courier may think about an offer.
    pub offer_ms: i64,
    /// An order without a courier is cancelled this long after its food was ready.
    pub no_courier_ms: i64,
    /// Added to each order, and kept by the platform.
    pub service_fee: Money,
    /// The tax inside all prices, in millionths, until operators say more.
    pub tax_millionths: i64,
    /// How long a customer may think about a substitution.
    pub substitution_ms: i64,
    /// How long a restaurant may think about a claim.
    pub claim_answer_ms: i64,
    /// An unanswered claim is decided for the customer up to this.
    pub claim_limit: Money,
    /// Orders of this much and more are handed over for a PIN; never if absent.
    pub pin_from: Option<Money>,
    /// A courier who had to come for nothing gets this.
    pub callout_fee: Money,
    /// How long after an order's end it can be tipped.
    pub tip_ms: i64,
    /// What the platform keeps of a restaurant's dishes, in millionths of them before tax.
    pub commission_millionths: i64,
    /// A courier gets this for each delivery that they carried ..
    pub courier_base: Money,
    /// .. and this for each kilometre from the kitchen to the door.
    pub courier_per_km: Money,
    /// When a kitchen that does not react is told again.
    pub alerts: AlertTimes,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            quote_ms: 5 * MINUTE_MS,
            pay_by_ms: 10 * MINUTE_MS,
            accept_ms: 5 * MINUTE_MS,
            offer_ms: 30 * SECOND_MS,
            no_courier_ms: 45 * MINUTE_MS,
            service_fee: Money(99),
            tax_millionths: 100_000,
            substitution_ms: 5 * MINUTE_MS,
            claim_answer_ms: DAY_MS,
            claim_limit: Money(2_000),
            pin_from: None,
            callout_fee: Money(300),
            tip_ms: DAY_MS,
            commission_millionths: 200_000,
            courier_base: Money(300),
            courier_per_km: Money(60),
            alerts: AlertTimes::default(),
        }
    }
}
