//! The crate from outside, on real RocksDB in temporary directories.

#![allow(clippy::unwrap_used)] // it is all test code

mod audit;
mod city;
#[path = "on_rocks.rs"]
mod engine;
mod feed;
mod files;
mod index;
mod install;
mod log;
mod market;
mod model;
mod overlay;
mod queues;
mod records;
mod restart;
#[allow(dead_code)]
#[path = "../../src/record/samples/mod.rs"]
mod samples;
