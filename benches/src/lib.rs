//! How fast, and for how long without a gap: the load generator behind `cargo xtask demo` and
//! `cargo xtask bench`.
//!
//! `fdload` starts three real nodes and a directory on this machine, fills them with a simulated
//! city that knows nothing but the public API, and measures from outside. What it measures it also
//! counts: every order that was acknowledged is looked for at every node at the end.

pub mod bench;
pub mod cluster;
pub mod demo;
pub mod figures;
pub mod http;
pub mod latency;
pub mod ledger;
pub mod load;
pub mod map;
pub mod nodes;
pub mod process;
pub mod random;
pub mod stop;
pub mod verify;
pub mod world;

#[cfg(test)]
mod fake;
