//! An operator changes what holds in the whole city.

use super::Rules;
use super::terms::{Fees, Taxes, Zone};
use crate::calendar::LocalDate;
use crate::entry::{Actor, Stamp};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Replaces one section. Operators only.
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
    _city: &impl View,
    _stamp: &Stamp,
    _actor: &Actor,
    _command: SetTerms,
) -> Result<Outcome, Unreadable> {
    Ok(Outcome::rejected(Rejection::Forbidden)) // TODO-CONTRACT
}
