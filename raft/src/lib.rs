//! One log for the city: openraft, and the gRPC service between the nodes.
//!
//! The rest of a node knows only [`City`]. Nothing of openraft or tonic appears in a public
//! signature, and nothing of openraft's own encoding on a disk or a wire, so that the library can
//! be replaced (docs/adr/0002-openraft.md). Everything between this crate and `storage` is indexes,
//! bytes and paths.
//!
//! To read it, begin with `state_machine.rs` (what the log does), then `propose.rs` (how something
//! gets into it), `log_store.rs` and `snapshot.rs` (what stays on the disk), `network.rs` and
//! `server.rs` (the two ends of a connection).

mod ask;
mod checkpoint;
mod city;
mod damage;
mod datagrams;
mod error;
mod gate;
mod identity;
mod log_store;
mod member;
mod members;
mod network;
mod progress;
mod propose;
mod read;
mod server;
mod settings;
mod snapshot;
mod state_machine;
#[cfg(test)]
mod suite;
mod timers;
mod transfer;
mod transport;
mod types;
mod wire;
mod world;

pub use ask::{QUESTION_BYTES, Question};
pub use city::City;
pub use datagrams::DATAGRAM_BYTES;
pub use error::{Doubt, MembershipError, ProposeError, ReadError, Refusal, StartError};
#[cfg(feature = "simulation")]
pub use log_store::stored_vote;
pub use member::{Leadership, Member, MemberStatus, Role, Status};
pub use propose::Applied;
pub use read::reflected;
pub use settings::*;
#[cfg(feature = "simulation")]
pub use wire::{LogEntry, read_entry};
#[cfg(feature = "simulation")]
pub use world::{promise_of, set_seed};
