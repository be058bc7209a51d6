//! `fdchaos run` and `fdchaos replay`.

use super::{Common, nemesis, print, say, workload};
use crate::history::History;
use crate::nemesis::Kind;
use crate::report::{self, Cell, REPORT};
use crate::run::{HISTORY, Outcome, Plan, run as live};
use crate::transport::Choice;
use crate::workload::Workload;
use anyhow::{Context, Result};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One cell.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// What people do; `fdchaos list` has them.
    #[arg(long, value_name = "NAME", value_parser = workload)]
    workload: Workload,
    /// What is broken; `fdchaos list` has them.
    #[arg(long, value_name = "NAME", default_value = "none", value_parser = nemesis)]
    nemesis: Kind,
    /// Only link states of this class, from 1 to 16, for partitions.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    class: Option<u8>,
    /// Only faults whose words have this one, like wal, leader or AnswersLost.
    #[arg(long, value_name = "WORD", conflicts_with = "class")]
    only: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// A run again.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The folder of a run, or its history.
    #[arg(value_name = "DIR|FILE")]
    of: PathBuf,
    /// JSON to stdout instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> Result<u8> {
    let Options { workload, nemesis, class, only, common } = options;
    let seed = common.seed();
    let plan = Plan {
        workload,
        nemesis,
        length: common.length(),
        seed,
        transport: common.transport.0,
        class,
        only,
        dir: common.out.join(format!("{workload}-{}-{seed}", nemesis.name())),
    };
    one(&plan, common.json).await
}

pub(super) async fn replay(options: Replay) -> Result<u8> {
    let Replay { of, json } = options;
    let file = if of.is_dir() { of.join(HISTORY) } else { of };
    let header = History::read(&file)?.header;
    let config = &header.config;
    let parsed = |why: String| anyhow::anyhow!("{}: {why}", file.display());
    let all = [Choice::Direct, Choice::Proxy, Choice::Namespaces];
    let folder = file.parent().context("a history lies in a folder")?;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or("run");
    let class = config.more.get("class").and_then(serde_json::Value::as_u64);
    let plan = Plan {
        workload: config.workload.parse().map_err(parsed)?,
        nemesis: config.nemesis.parse().map_err(parsed)?,
        length: Duration::from_secs_f64(config.minutes * 60.0),
        seed: header.seed,
        transport: all.into_iter().find(|choice| choice.name() == config.transport),
        class: class.and_then(|class| u8::try_from(class).ok()),
        only: config.more.get("only").and_then(|only| only.as_str().map(str::to_owned)),
        dir: folder.with_file_name(format!("{name}-again")),
    };
    one(&plan, json).await
}

async fn one(plan: &Plan, json: bool) -> Result<u8> {
    say(&format!("seed {}; again with: {}", plan.seed, plan.command()));
    let outcome = live(plan, say).await.with_context(|| {
        format!("seed {}, logs in {}", plan.seed, plan.dir.join("city").display())
    })?;
    keep(&outcome, &plan.dir)?;
    print(&told(&outcome, json)?)?;
    say(&format!("report: {}", plan.dir.join(REPORT).display()));
    Ok(outcome.word().exit_code())
}

/// Report and row, in the folder of the run.
pub(super) fn keep(outcome: &Outcome, dir: &Path) -> Result<()> {
    report::write(outcome, dir)?;
    let file = dir.join(CELL);
    let row = serde_json::to_string_pretty(&Cell::of(outcome))?;
    std::fs::write(&file, row).with_context(|| file.display().to_string())
}

/// The row of a run, in its folder.
pub(super) const CELL: &str = "cell.json";

/// What a run came to, for people or for scripts.
pub(super) fn told(outcome: &Outcome, json: bool) -> Result<String> {
    if json {
        let value = serde_json::json!({
            "cell": Cell::of(outcome),
            "findings": outcome.findings,
            "coverage": outcome.coverage,
            "gaps": outcome.gaps,
            "trouble": outcome.trouble,
        });
        return Ok(serde_json::to_string_pretty(&value)? + "\n");
    }
    let mut text = String::new();
    for finding in outcome.findings.iter().chain([&outcome.coverage]) {
        text += &format!("{finding}\n");
    }
    for trouble in &outcome.trouble {
        text += &format!("trouble: {trouble}\n");
    }
    for (fault, silence) in outcome.faults() {
        let seconds = |ms: Option<u64>| {
            ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.2} s", ms as f64 / 1e3))
        };
        text += &format!(
            "{fault} \u{d7} {}: longest silence {} with a majority, {} without\n",
            silence.times,
            seconds(silence.with_majority_ms),
            seconds(silence.without_majority_ms)
        );
    }
    let total = outcome.total();
    text += &format!(
        "{}: {} ok, {} rejected, {} unknown, seed {}\n",
        outcome.word(),
        total.ok,
        total.rejected,
        total.unknown,
        outcome.history.header.seed
    );
    Ok(text)
}
