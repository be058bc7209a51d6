//! The crate from outside on the engine in memory: the same behaviour as on RocksDB, and crashes.

#![allow(clippy::unwrap_used)] // it is all test code

mod audit;
mod city;
mod crash;
#[path = "on_memory.rs"]
mod engine;
mod feed;
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
