//! The ports of a city: a row of them for people, and another one for the nodes among themselves.

use anyhow::{Context, Result};
use std::net::TcpListener;

/// First ports of a row that are tried, below those that the system hands out by itself.
const PORTS: std::ops::Range<u16> = 21_000..22_000;
/// Ports of one row: as many ids as a run may ever use.
pub(crate) const ROW: u16 = 20;
/// From a node's HTTP port to its port for the other nodes.
pub(crate) const RAFT_PORTS: u16 = 1_000;

/// A row of ports that nobody listens on. Two runs at once begin to look at different places.
pub(crate) fn free_row() -> Result<u16> {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let row = |base: u16| (base..base + ROW).flat_map(|port| [port, port + RAFT_PORTS]);
    let rows: Vec<_> = PORTS.step_by(usize::from(ROW)).collect();
    let first = std::process::id() as usize % rows.len();
    let mut tried = rows.iter().cycle().skip(first).take(rows.len());
    let base = tried.find(|base| row(**base).all(|port| free(&port)));
    base.copied().context("there is no row of free ports")
}
