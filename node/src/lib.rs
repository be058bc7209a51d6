//! `fdnode`: one node of a city. HTTP in front, the log behind, derived state beside.
//!
//! Begin with `node.rs` (the wiring) and `http/mod.rs` (the whole API on one screen); a request
//! walks from its handler to `raft::City::propose` or to a query of `storage`, and back.

mod clock;
mod derived;
mod founding;
mod gateways;
mod http;
mod leader;
mod live;
mod metrics;
#[cfg(feature = "mutants")]
pub mod mutant;
pub mod node;
mod notices;
mod passwords;
mod pictures;
mod pings;
mod reconcile;
pub mod sandbox;
mod secrets;
mod settings;
pub mod signature;
mod sinks;
mod tokens;
mod vault;
mod webhooks;
