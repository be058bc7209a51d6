//! Three nodes in one process over real gRPC on loopback, on real disks.

#![allow(clippy::unwrap_used)]

mod certificates;
mod damage;
mod failing;
mod group;
mod hours;
mod market;
mod members;
mod money;
mod offers;
mod propose;
mod starting;
mod story;
mod timers;
