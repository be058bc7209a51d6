//! Where is a place served, and by whom? A directory knows the cities by their boundaries, asks
//! their nodes whether they are ready, answers `/v1/route` and `/v1/cities`, and passes every other
//! request on to a node of the city it means.
//!
//! It keeps nothing: any number of copies can run with the same file. Two of them may disagree for
//! a moment about a node's health; that costs a second try and nothing else.

mod answers;
mod boundaries;
mod cities;
mod error;
mod health;
mod limits;
mod lookup;
mod metrics;
mod proxy;
mod server;
mod tunnel;

pub use boundaries::BoundaryError;
pub use error::StartError;
pub use server::Directory;
