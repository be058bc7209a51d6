//! The business: what can happen in a city, decided by [`apply`] from what the city was before.
//!
//! Pure: no clock, no randomness, no I/O. Time and everything uncertain come with the log entry, so
//! every replica decides the same. A [`Command`] is answered yes or no; a yes is records to
//! [`Write`] and [`Event`]s that tell of it, a no is a [`Rejection`] and writes nothing. Anything
//! may be sent twice: the second yes changes nothing.
//!
//! # The life of an order
//!
//! Three machines move together, one entry of the log at a time. What is not drawn is refused.
//!
//! ```text
//! ORDER
//!   place ─▶ pending ── paid, cash, free ─▶ placed ── accept ─▶ accepted ── start ─▶ preparing
//!              │                              ├── reject ─▶ rejected │                  │
//!              ▼ pay_by                       └── accept_by passed   └──── ready ───────┤
//!           cancelled                              ─▶ expired                           ▼
//!   completed ◀── delivered ──┐                                                       ready
//!   no_show   ◀── returned ───┼── handed_off ◀────────────── picked up ─────────────────┘
//!   cancelled ◀── returned ───┘   (accepted, preparing: with the kitchen's number, through ready)
//!   ready, for pickup ── handed over for a PIN ─▶ completed; nobody came ─▶ no_show
//!   pending .. ready ── cancel; the kitchen's own only from accepted on ─▶ cancelled
//!   pending, held by the rules against fraud ── a person's yes, and the money ─▶ placed
//!   pending, held ── a person's no, or nobody's word in time ─▶ cancelled, or placed
//!   accepted .. ready ── no courier found ─▶ cancelled
//!   accepted, preparing ── delay ─▶ the same
//!
//! PAYMENT
//!   total 0   ─▶ none
//!   cash      ─▶ cash_due ── delivered ─▶ cash_collected
//!                   └── ended otherwise ─▶ none
//!   the rest  ─▶ authorizing ── approved ─▶ authorized ── something owed ─▶ capturing ─▶ captured
//!                   │  └── confirm ─▶ action_required ─▶ authorized, failed, voiding
//!                   ├── declined ─▶ failed          └── nothing owed ─▶ voiding ─▶ voided
//!                   └── approved, and nobody waits for it ─▶ voiding
//!   failed, voided ── a late approval ─▶ voiding; captured after all ─▶ captured, given back
//!   authorized ── let go by the gateway ─▶ failed
//!   capturing ── refused for good ─▶ failed, and a debt
//!   captured ── disputed ─▶ disputed ─▶ captured, lost
//!   Several attempts may follow each other while the order is pending; a tip is a payment of its
//!   own, captured as soon as it is authorized.
//!
//! DELIVERY
//!   waiting ── accepted ─▶ unassigned ── offer: fence + 1 ─▶ offering ── take ─▶ assigned
//!                           ▲  ▲                                │
//!                           │  └── decline, expiry, withdrawal ─┘
//!                           ├── drop, unassign, ban: fence + 1 ── assigned, at_store
//!                           └── 25 minutes and not at the kitchen: fence + 1 ── assigned
//!   assigned ─▶ at_store
//!   assigned, at_store ── ready, or the kitchen's number ─▶ picked_up ─▶ at_door
//!   picked_up, at_door ── proof ─▶ delivered
//!   picked_up, at_door ── fail ─▶ failed ─▶ returning ── the kitchen's number ─▶ returned
//!   failed, returning ── an operator ─▶ picked_up, returned, disposed
//!   picked_up .. returning ── an operator ─▶ lost
//!   waiting .. at_store ── the order has ended ─▶ cancelled
//! ```
//!
//! What happens when an order ends stands in one place, `order/ending.rs`, and what that costs, and
//! whom, in `order/bill.rs`; how the three records move together in `order/case.rs`; what an order
//! takes and gives back in `order/holds.rs`. Moments at which something must happen are records
//! ([`deadline`]); so is what the leader must ask of the gateway ([`payment::Work`]). What the
//! gateway says goes through `payment/fact.rs`, and who owes what then stands in [`ledger`].

mod access;
pub mod account;
mod apply;
pub mod area;
mod audience;
pub mod audit;
mod authority;
pub mod calendar;
pub mod city;
pub mod claim;
mod command;
pub mod coupon;
pub mod courier;
mod cursor;
pub mod deadline;
pub mod delivery;
mod entry;
mod event;
mod field;
pub mod fraud;
pub mod ids;
pub mod image;
pub mod key;
pub mod ledger;
pub mod limits;
pub mod menu;
pub mod moderation;
pub mod money;
pub mod mutant;
pub mod notice;
pub mod order;
mod outcome;
pub mod payment;
mod pieces;
pub mod position;
pub mod pricing;
pub mod quality;
pub mod quote;
pub mod rating;
pub mod refund;
mod rejection;
pub mod restaurant;
pub mod role;
#[cfg(any(test, feature = "script"))]
pub mod script;
pub mod sealed;
pub mod slot;
pub mod stock;
#[cfg(test)]
mod tests;
pub mod time;
mod view;
pub mod webhook;

pub use access::AccessCommand;
pub use apply::apply;
pub use audience::{Audience, Concern, EventKind, Party, Viewer};
pub use command::Command;
pub use cursor::Cursor;
pub use entry::{Actor, Proposal, Stamp};
pub use event::Event;
pub use outcome::{Outcome, Verdict, Write};
pub use rejection::{BasketProblem, Rejection};
pub use view::{Found, OrdersOf, Unreadable, View};
