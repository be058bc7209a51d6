//! Black-box tests of a whole city: three real `fdnode` processes that are killed, wiped and left
//! behind while customers order, and checkers that compare what was acknowledged with what is
//! there.
//!
//! One direction: [`cluster`] runs the processes, [`shop`] furnishes the city, [`workload`] orders
//! and writes down in [`history`] what it asked and heard, [`reading`] asks every node at the end,
//! and [`check`] judges the two against each other, without any input or output of its own.

pub mod check;
pub mod cluster;
pub mod history;
pub mod http;
mod process;
pub mod random;
pub mod reading;
pub mod run;
pub mod shop;
pub mod workload;
