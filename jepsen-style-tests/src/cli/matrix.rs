//! `fdchaos matrix`: every useful pair of workload and nemesis. What is in the folder already is
//! not run again, so that a matrix that was stopped goes on.

use super::list::possible;
use super::run::{CELL, keep};
use super::{Common, print, say};
use crate::nemesis::Kind;
use crate::report::{Cell, Matrix};
use crate::run::{Counts, Plan, Word, run as live};
use crate::workload::Workload::{
    self, Dinner, Feed, Money, Orders, Register, Sessions, Transactions,
};
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Which cells.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only cells whose name has one of these words, as `register` or `orders-kill`.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    filter: Vec<String>,
    /// Only says which cells there are.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

/// Which nemeses tell something about a workload: the matrix of the specification.
fn useful(kind: Kind) -> &'static [Workload] {
    match kind {
        Kind::None => &Workload::ALL,
        Kind::Partition | Kind::Pause | Kind::Clock => {
            &[Register, Transactions, Orders, Money, Sessions]
        }
        Kind::Kill | Kind::Power => &[Register, Transactions, Orders, Money, Feed],
        Kind::Packets | Kind::Restart | Kind::Cpu => &[Register, Transactions],
        Kind::Disk | Kind::Corruption => &[Register, Transactions, Feed],
        Kind::Membership => &[Register, Transactions, Orders, Feed],
        Kind::Gateway => &[Money],
        Kind::Swarm => &[Register, Transactions, Orders, Money, Dinner],
    }
}

/// What a cell needs besides the time of its faults: to start, to heal, to be read.
const AROUND: Duration = Duration::from_secs(35);

pub(super) async fn matrix(options: Options) -> Result<u8> {
    let Options { filter, dry_run, common } = options;
    let name = |workload: Workload, kind: Kind| format!("{workload}-{}", kind.name());
    let cells = Kind::ALL.iter().flat_map(|kind| useful(*kind).iter().map(|one| (*one, *kind)));
    let wanted = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(word));
    let cells: Vec<_> = cells.filter(|(one, kind)| wanted(&name(*one, *kind))).collect();
    ensure!(!cells.is_empty(), "no cell has a name with {}", filter.join(" or "));
    if dry_run {
        let names: String = cells.iter().map(|(one, kind)| name(*one, *kind) + "\n").collect();
        print(&names)?;
        return Ok(0);
    }
    let seed = common.seed();
    say(&format!("{} cells, seed {seed}, in {}", cells.len(), common.out.display()));
    std::fs::create_dir_all(&common.out).with_context(|| common.out.display().to_string())?;
    let (mut matrix, began, mut run) = (Matrix::default(), Instant::now(), 0_u32);
    for (place, (workload, kind)) in cells.iter().enumerate() {
        let dir = common.out.join(name(*workload, *kind));
        if let Some(cell) = done(&dir) {
            say(&format!("{}: {} before", cell.name(), cell.word.map_or("", Word::name)));
            matrix.cells.push(cell);
            continue;
        }
        let each = if run == 0 { common.length() + AROUND } else { began.elapsed() / run };
        let left = each * u32::try_from(cells.len() - place).unwrap_or(u32::MAX);
        let named = name(*workload, *kind);
        say(&format!(
            "{}/{} {named}; about {} min left",
            place + 1,
            cells.len(),
            left.as_secs().div_ceil(60)
        ));
        let plan = Plan {
            workload: *workload,
            nemesis: *kind,
            length: common.length(),
            seed: seed.wrapping_add(place as u64),
            transport: common.transport.0,
            class: None,
            only: None,
            dir,
        };
        matrix.cells.push(cell(&plan).await?);
        run += 1;
        matrix.write(&common.out)?;
    }
    matrix.write(&common.out)?;
    say(&format!("table: {}", common.out.join("index.html").display()));
    print(&match common.json {
        true => serde_json::to_string_pretty(&matrix)? + "\n",
        false => matrix.markdown(),
    })?;
    let worst = |cell: &Cell| cell.word.map_or(0, Word::exit_code);
    // Broken before unproven.
    let codes: Vec<_> = matrix.cells.iter().map(worst).collect();
    Ok([1, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0))
}

/// A row of an earlier matrix that need not be run again.
fn done(dir: &Path) -> Option<Cell> {
    let text = std::fs::read_to_string(dir.join(CELL)).ok()?;
    let cell: Cell = serde_json::from_str(&text).ok()?;
    cell.word.is_some().then_some(cell)
}

/// One cell; a harness that fails is a row, too.
async fn cell(plan: &Plan) -> Result<Cell> {
    let ran = match possible(plan.nemesis) {
        Ok(()) => Box::pin(live(plan, say)).await,
        Err(why) => Err(anyhow::anyhow!("not on this machine: {why}")),
    };
    let cell = match ran {
        Ok(outcome) => {
            keep(&outcome, &plan.dir)?;
            for finding in outcome.findings.iter().filter(|finding| !finding.passes()) {
                say(&finding.to_string());
            }
            if !outcome.coverage.passes() {
                say(&outcome.coverage.to_string());
            }
            Cell::of(&outcome)
        }
        Err(error) => {
            say(&format!("the harness failed: {error:#}"));
            Cell {
                workload: plan.workload.name().to_owned(),
                nemesis: plan.nemesis.name().to_owned(),
                transport: String::new(),
                seed: plan.seed,
                seconds: plan.length.as_secs(),
                word: None,
                why: Some(format!("{error:#}")),
                counts: Counts::default(),
                promises: BTreeMap::new(),
                faults: BTreeMap::new(),
                command: plan.command(),
            }
        }
    };
    say(&format!("{}: {}", cell.name(), cell.word.map_or("the harness failed", Word::name)));
    Ok(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_has_a_control_and_every_nemesis_a_workload() {
        assert_eq!(useful(Kind::None), Workload::ALL);
        assert!(Kind::ALL.iter().all(|kind| !useful(*kind).is_empty()));
    }
}
