//! Black-box tests of a whole city: three real `fdnode` processes that are killed, wiped and left
//! behind while customers order, and checkers that compare what was acknowledged with what is
//! there.
//!
//! One direction: [`cluster`] runs the processes, [`shop`] furnishes the city, [`workload`] orders
//! and writes down in [`history`] what it asked and heard, [`reading`] asks every node at the end,
//! and [`check`] judges the two against each other, without any input or output of its own.
//! [`subscribers`] follow the feed meanwhile, and what they heard is judged against the whole feed.
//!
//! A cell of the matrix ties them together: [`run`] takes a workload and a nemesis from calm over
//! faults to a city that is at rest, [`report`] draws it, and [`cli`] is `fdchaos`, which does so
//! for people. Tests that need a hand at each step have a [`drill`] instead.
//!
//! What breaks is one direction, too: a [`nemesis`] has a script of faults and does them to the
//! cluster's processes, to the [`transport`] between them and to the [`disk`]s under them.
//!
//! Money has a run of its own ([`money`]): [`buyers`] pay by card through a real [`gateway`], which
//! misbehaves and is killed too, and at the end both journals are compared to the cent. Messages
//! have another one ([`messages`]): everybody is told once.
//!
//! The simulation needs no process: the feature `processes` takes its part away from it, so that
//! it is built in minutes on a machine that has built nothing.

#[cfg(feature = "processes")]
pub mod buyers;
pub mod check;
#[cfg(feature = "processes")]
pub mod cli;
#[cfg(feature = "processes")]
pub mod cluster;
#[cfg(feature = "processes")]
pub mod disk;
#[cfg(feature = "processes")]
pub mod drill;
pub mod evidence;
pub mod export;
#[cfg(feature = "processes")]
pub mod gateway;
#[cfg(feature = "processes")]
mod ground;
pub mod history;
#[cfg(feature = "processes")]
pub mod http;
#[cfg(feature = "processes")]
pub mod leftovers;
#[cfg(feature = "processes")]
pub mod messages;
#[cfg(feature = "processes")]
pub mod money;
#[cfg(feature = "processes")]
pub mod nemesis;
#[cfg(feature = "processes")]
mod ports;
#[cfg(feature = "processes")]
mod preload;
#[cfg(feature = "processes")]
mod process;
#[cfg(feature = "processes")]
mod programs;
pub mod random;
#[cfg(feature = "processes")]
pub mod reading;
#[cfg(feature = "processes")]
pub mod report;
#[cfg(feature = "processes")]
pub mod run;
#[cfg(feature = "processes")]
pub mod shop;
#[cfg(feature = "simulation")]
pub mod simulation;
#[cfg(feature = "processes")]
pub mod subscribers;
#[cfg(feature = "processes")]
mod tools;
#[cfg(feature = "processes")]
pub mod transport;
#[cfg(feature = "processes")]
mod turn;
#[cfg(feature = "processes")]
pub mod workload;
