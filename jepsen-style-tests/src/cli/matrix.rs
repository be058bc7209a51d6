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
    // One that was stopped goes on with the seed that it began with.
    let begun = cells.iter().enumerate().find_map(|(place, (one, kind))| {
        let cell = before(&common.out.join(name(*one, *kind)))?;
        Some(cell.seed.wrapping_sub(place as u64))
    });
    let seed = common.seed.or(begun).unwrap_or_else(|| common.seed());
    say(&format!("{} cells, seed {seed}, in {}", cells.len(), common.out.display()));
    std::fs::create_dir_all(&common.out).with_context(|| common.out.display().to_string())?;
    let (mut matrix, began, mut run) = (Matrix::default(), Instant::now(), 0_u32);
    for (place, (workload, kind)) in cells.iter().enumerate() {
        let plan = Plan {
            workload: *workload,
            nemesis: *kind,
            length: common.length(),
            seed: seed.wrapping_add(place as u64),
            transport: common.transport.0,
            class: None,
            only: None,
            dir: common.out.join(name(*workload, *kind)),
        };
        if let Some(cell) = done(&plan) {
            say(&format!("{}: {} before", cell.name(), cell.verdict()));
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
    Ok(matrix.exit_code())
}

/// A row of an earlier matrix.
fn before(dir: &Path) -> Option<Cell> {
    let text = std::fs::read_to_string(dir.join(CELL)).ok()?;
    serde_json::from_str(&text).ok()
}

/// A row of an earlier matrix that need not be run again: the same run, and a good one.
fn done(plan: &Plan) -> Option<Cell> {
    before(&plan.dir).filter(|cell| is_done(plan, cell))
}

fn is_done(plan: &Plan, cell: &Cell) -> bool {
    cell.word == Some(Word::Valid)
        && cell.seed == plan.seed
        && cell.seconds == plan.length.as_secs()
        && cell.transport == plan.choice().name()
}

/// One cell; a harness that fails is a row, too, and so is what this machine cannot do.
async fn cell(plan: &Plan) -> Result<Cell> {
    let cell = match possible(plan.nemesis) {
        Err(why) => Cell { skipped: true, ..without(plan, why) },
        Ok(()) => match Box::pin(live(plan, say)).await {
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
            Err(error) => without(plan, format!("{error:#}")),
        },
    };
    let why = cell.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    say(&format!("{}: {}{why}", cell.name(), cell.verdict()));
    Ok(cell)
}

/// The row of a run that there was not.
fn without(plan: &Plan, why: String) -> Cell {
    Cell {
        workload: plan.workload.name().to_owned(),
        nemesis: plan.nemesis.name().to_owned(),
        transport: String::new(),
        seed: plan.seed,
        seconds: plan.length.as_secs(),
        word: None,
        skipped: false,
        why: Some(why),
        counts: Counts::default(),
        promises: BTreeMap::new(),
        faults: BTreeMap::new(),
        command: plan.command(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Choice;

    #[test]
    fn every_workload_has_a_control_and_every_nemesis_a_workload() {
        assert_eq!(useful(Kind::None), Workload::ALL);
        assert!(Kind::ALL.iter().all(|kind| !useful(*kind).is_empty()));
    }

    fn plan() -> Plan {
        Plan {
            workload: Register,
            nemesis: Kind::Kill,
            length: Duration::from_secs(20),
            seed: 7,
            transport: Some(Choice::Proxy),
            class: None,
            only: None,
            dir: "nowhere".into(),
        }
    }

    fn cell(word: Option<Word>) -> Cell {
        Cell { word, transport: "proxy".to_owned(), ..without(&plan(), String::new()) }
    }

    #[test]
    fn only_the_same_run_that_was_good_is_not_run_again() {
        let good = cell(Some(Word::Valid));
        assert!(is_done(&plan(), &good));
        for word in [Some(Word::Invalid), Some(Word::Unproven), None] {
            assert!(!is_done(&plan(), &cell(word)), "{word:?}");
        }
        assert!(!is_done(&plan(), &Cell { seed: 8, ..good.clone() }));
        assert!(!is_done(&plan(), &Cell { seconds: 21, ..good.clone() }));
        assert!(!is_done(&plan(), &Cell { transport: "namespaces".to_owned(), ..good }));
    }

    #[test]
    fn a_harness_that_failed_is_told_to_the_shell() {
        let code = |cells: &[Cell]| Matrix { cells: cells.to_vec() }.exit_code();
        let [good, bad, open, failed] =
            [Some(Word::Valid), Some(Word::Invalid), Some(Word::Unproven), None].map(cell);
        let skipped = Cell { skipped: true, ..failed.clone() };
        assert_eq!(code(&[good.clone(), failed.clone()]), 2);
        assert_eq!(code(&[good.clone(), failed.clone(), open.clone()]), 2);
        assert_eq!(code(&[good.clone(), failed, bad]), 1);
        assert_eq!(code(&[good.clone(), open]), 3);
        assert_eq!(code(&[good, skipped.clone()]), 0, "what was not run is no failure");
        assert_eq!(code(&[skipped]), 3, "nothing was run");
    }
}
