//! A second opinion: histories in the formats of other checkers, which users feed to those tools.
//! Neither is a dependency; the Rust crates that have their names are other things.

mod edn;
mod elle;
mod porcupine;

pub use elle::elle;
pub use porcupine::porcupine;

use crate::history::Process;
use std::collections::HashMap;

/// Numbers for clients, since those tools know no names.
#[derive(Debug, Default)]
struct Clients {
    named: HashMap<String, u64>,
}

impl Clients {
    /// Names are numbered from where no number of ours comes.
    const NAMED: u64 = 1 << 31;

    fn number(&mut self, process: &Process) -> u64 {
        match process {
            Process::Customer(number) => *number,
            Process::Other(name) => {
                let next = Self::NAMED + self.named.len() as u64;
                *self.named.entry(name.clone()).or_insert(next)
            }
        }
    }
}
