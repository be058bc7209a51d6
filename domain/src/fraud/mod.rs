//! Who orders, with what and from where: what is known of it, and what follows.
//!
//! Every order is looked at in the entry that places it, never later and never elsewhere: the
//! traces of the customer, their device, their card and their door are read, one more order is
//! counted in each, and rules make whole points of what they say. So every replica comes to the
//! same verdict, and what the verdict rests on is kept with the order.

mod case;
mod command;
mod counts;
mod judge;
mod marks;
mod ride;
mod rules;
mod signal;
mod trace;
mod traces;

pub(crate) use case::nobody_reviewed;
pub(crate) use command::apply_fraud;
pub(crate) use judge::{Asked, Judged, judge};
pub(crate) use marks::let_in;
pub(crate) use trace::trace_ends;
pub(crate) use traces::Traces;

pub use case::{CaseAbout, CaseState, CaseStatus, DecideCase, Decision, FraudCase};
pub use command::FraudCommand;
pub use counts::{Counts, What, Within};
pub use judge::Assessment;
pub use marks::Marks;
pub use rules::{
    FraudRules, FraudVerdict, Hit, PutFraudRules, Rule, RuleSet, RulesMode, Unreviewed,
};
pub use signal::{Signal, Values};
pub use trace::{Brought, Link, Trace, TraceKey};
