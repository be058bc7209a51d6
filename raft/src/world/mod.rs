//! Where this crate meets the world: sockets, threads and lots. Everything else in it sees only
//! time, and takes that from tokio.
//!
//! The feature `simulation` exchanges this one module, so that whole cities run in one thread and a
//! seed decides everything (docs/adr/0016-simulation.md). Both halves have the same functions.

#[cfg(not(feature = "simulation"))]
mod real;
#[cfg(feature = "simulation")]
mod simulated;

#[cfg(not(feature = "simulation"))]
pub(crate) use real::{Runtime, blocking, connect, listen, promised, seeded};
#[cfg(feature = "simulation")]
pub(crate) use simulated::{Runtime, blocking, connect, listen, promised, seeded};
#[cfg(feature = "simulation")]
pub use simulated::{promise_of, set_seed};
