//! (1) Everything that can happen in a city, one line each.

use crate::{Outcome, Proposal, Rejection, Stamp, Unreadable, View};

/// Decides one entry of the log, from what the city was before it.
///
/// # Errors
/// Only if the city cannot be read; that is this replica's trouble, and no verdict.
pub fn apply(city: &impl View, stamp: &Stamp, proposal: Proposal) -> Result<Outcome, Unreadable> {
    let _ = (city, stamp, proposal);
    Ok(Outcome::rejected(Rejection::CityUnknown))
}
