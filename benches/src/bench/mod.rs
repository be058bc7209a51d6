//! The comparisons behind `cargo xtask bench`: orders through three real nodes, when others hear of
//! them, and what happens to them when the leader is killed.

pub mod events;
pub mod failover;
pub mod flood;
pub mod orders;
pub mod shop;

use anyhow::Result;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::process::{machine_cpu_s, own_cpu_s};

/// Processor time of everybody at one moment; the difference of two says where the time went.
#[derive(Clone, Debug)]
pub struct CpuClock {
    at: Vec<(String, f64)>,
    machine: f64,
}

impl CpuClock {
    /// Now.
    pub fn read(cluster: &Cluster) -> Self {
        let mut at = cluster.cpu_s();
        at.push(("fdload".to_owned(), own_cpu_s().unwrap_or(0.0)));
        Self { at, machine: machine_cpu_s().unwrap_or(0.0) }
    }

    /// Processor seconds used by each since then, and by all other programs of this machine: where
    /// those are many, the figures are those of a busy machine.
    pub fn since(&self, earlier: &Self) -> Vec<(String, f64)> {
        let used = self.at.iter().filter_map(|(name, now)| {
            let (_, then) = earlier.at.iter().find(|(other, _)| other == name)?;
            // A process that was started anew has lost count.
            (now >= then).then(|| (name.clone(), now - then))
        });
        let mut used: Vec<_> = used.collect();
        let ours: f64 = used.iter().map(|(_, seconds)| seconds).sum();
        used.push(("others".to_owned(), (self.machine - earlier.machine - ours).max(0.0)));
        used
    }
}

/// As a part of a line.
pub fn cpu_text(used: &[(String, f64)]) -> String {
    let parts = used.iter().map(|(name, seconds)| format!("{name} {seconds:.1}"));
    parts.collect::<Vec<_>>().join("  ")
}

/// For scripts.
pub fn cpu_json(used: &[(String, f64)]) -> Value {
    used.iter().map(|(name, seconds)| (name.clone(), Value::from(*seconds))).collect()
}

/// Data goes to stdout, and this is the only place that writes there for a bench.
///
/// # Errors
/// Nobody reads it.
pub fn print_data(text: &str) -> Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
