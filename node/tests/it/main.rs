//! A whole city in one process: three nodes, real sockets, and people who talk HTTP to them.

mod city;
mod http;
mod people;

mod bad_input;
mod probes;
mod repeats;
mod router_fuzz;
mod tour;
mod walks;
