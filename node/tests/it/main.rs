//! A whole city in one process: three nodes, real sockets, and people who talk HTTP to them.
#![allow(clippy::unwrap_used)] // a test that panics has done its job

mod city;
mod http;
mod live;
mod people;
mod receiver;
mod relay;

mod after;
mod bad_input;
mod calendar;
mod codes;
mod couriers;
mod feed;
mod gateways;
mod keys;
mod matrix;
mod menus;
mod moderation;
mod money;
mod notices;
mod own;
mod pickup;
mod prices;
mod probes;
mod quality;
mod regressions;
mod repeats;
mod router_fuzz;
mod sandbox;
mod secrets;
mod sessions;
mod sinks;
mod stock;
mod stripe;
mod tour;
mod vault;
mod walks;
mod webhooks;
