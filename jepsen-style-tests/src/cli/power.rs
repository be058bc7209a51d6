//! `fdchaos power`: power is lost again and again while orders come in, and every acknowledged one
//! must still be there.

use super::run::keep;
use super::{Common, print, say};
use crate::history::Kind as LineKind;
use crate::nemesis::Kind;
use crate::run::{Plan, Word, run as live};
use crate::workload::{PLACE, Workload};
use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;

/// How often.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Power losses, of one, two and all nodes in turn.
    #[arg(long, value_name = "N", default_value_t = 50)]
    cycles: u64,
    #[command(flatten)]
    common: Common,
}

/// Runs at most, so that it ends whatever a machine does.
const RUNS: u64 = 100;

pub(super) async fn power(options: Options) -> Result<u8> {
    let Options { cycles, common } = options;
    let seed = common.seed();
    let (mut cycled, mut acknowledged, mut code, mut nodes) = (0, 0, 0, 0);
    for number in 0..RUNS {
        if cycled >= cycles {
            break;
        }
        let seed = seed.wrapping_add(number);
        let plan = Plan {
            workload: Workload::Orders,
            nemesis: Kind::Power,
            length: common.length(),
            seed,
            transport: common.transport.0,
            class: None,
            only: None,
            dir: common.out.join(format!("power-{seed}")),
        };
        let outcome = Box::pin(live(&plan, say)).await?;
        keep(&outcome, &plan.dir)?;
        let lost = outcome.gaps.iter().filter(|gap| gap.fault == "power_loss");
        cycled += lost.clone().count() as u64;
        nodes += lost.map(|gap| gap.nodes.len() as u64).sum::<u64>();
        let placed = |line: &&crate::history::Line| line.kind == LineKind::Ok && line.f == PLACE;
        acknowledged += outcome.history.lines.iter().filter(placed).count();
        let word = outcome.word();
        say(&format!("{cycled} of {cycles} losses, {acknowledged} orders acknowledged: {word}"));
        if word != Word::Valid {
            for finding in outcome.findings.iter().filter(|finding| !finding.passes()) {
                say(&finding.to_string());
            }
            code = word.exit_code();
            break;
        }
    }
    ensure!(cycled > 0, "power was never lost");
    let told = json!({"losses": cycled, "nodes": nodes, "acknowledged": acknowledged,
        "lost": if code == 0 { json!(0) } else { json!(null) }, "seed": seed});
    print(&match common.json {
        true => format!("{told}\n"),
        false => {
            let end = if code == 0 { "none lost" } else { "and something is wrong" };
            format!(
                "{cycled} power losses of {nodes} nodes in all, \
                 {acknowledged} orders acknowledged, {end}\n"
            )
        }
    })?;
    Ok(code)
}
