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

pub mod buyers;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod disk;
pub mod drill;
pub mod evidence;
pub mod export;
pub mod gateway;
mod ground;
pub mod history;
pub mod http;
pub mod leftovers;
pub mod messages;
pub mod money;
pub mod nemesis;
mod preload;
mod process;
mod programs;
pub mod random;
pub mod reading;
pub mod report;
pub mod run;
pub mod shop;
#[cfg(feature = "simulation")]
pub mod simulation;
pub mod subscribers;
mod tools;
pub mod transport;
mod turn;
pub mod workload;
