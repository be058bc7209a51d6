//! What many lives come to, for people and for scripts.

use super::Report;
use super::sweep::Arguments;
use anyhow::Result;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// What all seeds come to.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) lived: u64,
    /// Those that failed.
    pub(super) bad: Vec<u64>,
    simulated_ms: u64,
    took_ms: u64,
    slowest_ms: u64,
    entries: usize,
    asked: usize,
    answered: usize,
    snapshots: u64,
    installed: usize,
    faults: BTreeMap<String, u64>,
    pub(super) code: ExitCode,
    /// How often the harness failed.
    broken: u64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            lived: 0,
            bad: Vec::new(),
            simulated_ms: 0,
            took_ms: 0,
            slowest_ms: 0,
            entries: 0,
            asked: 0,
            answered: 0,
            snapshots: 0,
            installed: 0,
            faults: BTreeMap::new(),
            code: ExitCode::SUCCESS,
            broken: 0,
        }
    }
}

impl Sum {
    pub(super) fn failed(&self) -> bool {
        !self.bad.is_empty() || self.broken > 0
    }

    pub(super) fn add(
        &mut self,
        arguments: &Arguments,
        seed: u64,
        report: Result<Report>,
        elapsed: Duration,
    ) -> Result<()> {
        self.lived += 1;
        let mut out = io::stdout().lock();
        match &report {
            Ok(report) => {
                if arguments.json {
                    writeln!(out, "{}", serde_json::to_string(report)?)?;
                } else if !report.violations.is_empty() {
                    clear_progress();
                    tell(&mut out, report)?;
                    writeln!(out, "  again: {}", arguments.again(seed))?;
                }
                self.count(seed, report);
            }
            Err(error) => {
                clear_progress();
                eprintln!("fdsim: seed {seed}: the harness failed: {error:#}");
                self.broken += 1;
            }
        }
        if self.broken > 0 {
            self.code = ExitCode::from(2);
        } else if !self.bad.is_empty() {
            self.code = ExitCode::from(1);
        }
        if io::stderr().is_terminal() || self.lived.is_multiple_of(25) {
            let (lived, bad) = (self.lived, self.bad.len());
            let rate = lived as f64 / elapsed.as_secs_f64();
            let all = arguments.seeds;
            let line = format!("{lived} of {all} seeds, {bad} bad, {rate:.1} a second");
            if io::stderr().is_terminal() {
                eprint!("\r{line}  ");
            } else {
                eprintln!("{line}");
            }
        }
        Ok(())
    }

    fn count(&mut self, seed: u64, report: &Report) {
        if !report.violations.is_empty() {
            self.bad.push(seed);
        }
        self.simulated_ms += report.simulated_ms;
        self.took_ms += report.took_ms;
        self.slowest_ms = self.slowest_ms.max(report.took_ms);
        self.entries += report.entries;
        self.asked += report.asked;
        self.answered += report.answered;
        self.snapshots += report.snapshots;
        self.installed += report.installed;
        for (fault, count) in &report.faults {
            *self.faults.entry(fault.clone()).or_default() += count;
        }
    }

    pub(super) fn tell(&self, elapsed: Duration) -> Result<()> {
        clear_progress();
        let mut err = io::stderr().lock();
        let each = seconds(self.took_ms) / self.lived.max(1) as f64;
        writeln!(
            err,
            "{} seeds in {:.0} s, {each:.2} s each, the slowest {:.1} s; {:.1} simulated hours",
            self.lived,
            elapsed.as_secs_f64(),
            seconds(self.slowest_ms),
            seconds(self.simulated_ms) / 3_600.0
        )?;
        writeln!(
            err,
            "{} entries committed, {} of {} questions answered for sure, {} snapshots ({} sent)",
            self.entries, self.answered, self.asked, self.snapshots, self.installed
        )?;
        let faults: Vec<_> = self.faults.iter().map(|(what, n)| format!("{what} {n}")).collect();
        writeln!(err, "faults: {}", faults.join(", "))?;
        match self.bad.as_slice() {
            [] => writeln!(err, "no violation")?,
            bad => writeln!(err, "violations in {} seeds: {bad:?}", bad.len())?,
        }
        Ok(())
    }
}

fn clear_progress() {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}

/// What a person wants to know of a life.
pub(super) fn tell(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "seed {}: {}", report.seed, report.plan)?;
    writeln!(
        out,
        "  {} entries, terms to {}, {} of {} questions answered for sure, {} snapshots ({} sent)",
        report.entries,
        report.terms,
        report.answered,
        report.asked,
        report.snapshots,
        report.installed
    )?;
    let faults: Vec<_> = report.faults.iter().map(|(what, n)| format!("{what} {n}")).collect();
    let (simulated, took) = (seconds(report.simulated_ms), seconds(report.took_ms));
    writeln!(out, "  {simulated:.1} s simulated in {took:.2} s; {}", faults.join(", "))?;
    writeln!(out, "  digest {}", report.digest)?;
    for violation in &report.violations {
        writeln!(out, "  VIOLATION {violation}")?;
    }
    Ok(())
}

fn seconds(millis: u64) -> f64 {
    Duration::from_millis(millis).as_secs_f64()
}
