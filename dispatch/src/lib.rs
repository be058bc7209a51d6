//! Who carries what: a snapshot of the city in, offers with their reasons out.
//!
//! Food should meet its courier when it is ready, so a delivery is offered so early that whoever
//! takes it arrives at that moment, and to whoever brings it to the door soonest. One delivery is
//! shown to one courier at a time; silence and a no come back in the next snapshot.
//!
//! A plan is disposable: only offers and answers are facts, and they stand in the log, where every
//! offer is judged once more. So two planners that both believe they lead do no harm, and the next
//! leader has nothing to recover.
//!
//! Pure: no clock, no randomness, no floating point, no hash order. The same snapshot, in whatever
//! order its lists are, gives the same plan on every machine.
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

mod distance;
mod plan;
mod snapshot;

pub use distance::metres_between;
pub use plan::{Candidate, Intent, MAX_EXPLAINED, Offer, Plan, Verdict, Waiting, Why, plan};
pub use snapshot::{Courier, Job, JobState, Snapshot, Weights};

#[cfg(test)]
mod tests;
