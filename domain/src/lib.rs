//! The life of an order (the lead's contract; the diagrams come with the functions).

pub mod account;
mod apply;
mod authority;
pub mod calendar;
pub mod city;
mod command;
pub mod courier;
pub mod deadline;
pub mod delivery;
mod entry;
mod event;
mod field;
pub mod ids;
pub mod limits;
pub mod menu;
pub mod money;
pub mod order;
mod outcome;
pub mod payment;
pub mod position;
pub mod pricing;
pub mod quote;
pub mod rating;
mod rejection;
pub mod restaurant;
#[cfg(any(test, feature = "script"))]
pub mod script;
pub mod sealed;
#[cfg(test)]
mod tests;
pub mod time;
mod view;

pub use apply::apply;
pub use command::Command;
pub use entry::{Actor, Proposal, Stamp};
pub use event::Event;
pub use outcome::{Outcome, Verdict, Write};
pub use rejection::{BasketProblem, Rejection};
pub use view::{Found, Unreadable, View};
