//! What operators do about fraud.

use super::case::{DecideCase, decide_case};
use super::rules::{PutFraudRules, put_fraud_rules};
use crate::entry::{Actor, Stamp};
use crate::outcome::Outcome;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum FraudCommand {
    PutRules(PutFraudRules),
    Decide(DecideCase),
}

impl FraudCommand {
    /// Its name, for logs, metrics and the audit chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PutRules(_) => "put_fraud_rules",
            Self::Decide(_) => "decide_fraud_case",
        }
    }

    /// What it is about, if it is one thing.
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::PutRules(_) => None,
            Self::Decide(wish) => Some(wish.case_id.to_string()),
        }
    }

    /// Why somebody says they want it.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::PutRules(wish) => {
                Some(&wish.reason).filter(|why| !why.is_empty()).map(|it| &**it)
            }
            Self::Decide(wish) => Some(&wish.reason),
        }
    }
}

pub(crate) fn apply_fraud(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: FraudCommand,
) -> Result<Outcome, Unreadable> {
    match command {
        FraudCommand::PutRules(wish) => put_fraud_rules(city, stamp, actor, wish),
        FraudCommand::Decide(wish) => decide_case(city, stamp, actor, wish),
    }
}
