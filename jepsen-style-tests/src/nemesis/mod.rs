//! What breaks a city, on purpose and with proof.
//!
//! One direction: a [`Kind`] and a seed make a [`script`] of [`Fault`]s, the [`World`] does each of
//! them to real processes, disks and lines, and says what the system counted while it lasted. A
//! fault without such a proof did not happen. What a machine cannot do is said by [`Abilities`].

mod abilities;
mod cpu;
mod disks;
mod fault;
mod kind;
mod links;
mod members;
mod network;
mod processes;
mod script;
mod strobe;
mod world;

pub use abilities::Abilities;
pub use fault::{Clock, Damage, Disk, Fault, GatewayFault, Manner, Packets, Store, Who};
pub use kind::Kind;
pub use links::Cuts;
pub use script::{Step, partitions, script};
pub use world::World;
