//! `fdchaos list`: what there is, and what this machine can do of it.

use super::print;
use crate::check::Invariant;
use crate::cluster::Setup;
use crate::nemesis::{Abilities, Kind};
use crate::transport::Choice;
use crate::workload::Workload;
use anyhow::Result;
use clap::Args;
use serde_json::json;

/// How it is listed.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// JSON to stdout instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn list(options: &Options) -> Result<u8> {
    let choices = [Choice::Proxy, Choice::Namespaces, Choice::Direct];
    let nemeses: Vec<_> = Kind::ALL.iter().map(|kind| (*kind, possible(*kind))).collect();
    if options.json {
        let why = |possible: &Result<(), String>| possible.clone().err();
        let value = json!({
            "workloads": Workload::ALL.map(|one| {
                json!({"name": one.name(), "letter": one.letter(), "what": one.what()})
            }),
            "nemeses": nemeses.iter().map(|(kind, possible)| {
                json!({"name": kind.name(), "what": kind.what(), "missing": why(possible)})
            }).collect::<Vec<_>>(),
            "transports": choices.map(|choice| {
                json!({"name": choice.name(), "missing": why(&choice.possible())})
            }),
            "promises": Invariant::ALL.iter().map(|one| {
                json!({"name": one.name(), "title": one.title()})
            }).collect::<Vec<_>>(),
        });
        print(&(serde_json::to_string_pretty(&value)? + "\n"))?;
        return Ok(0);
    }
    let mut text = "workloads\n".to_owned();
    for one in Workload::ALL {
        text += &format!("  {} {:13} {}\n", one.letter(), one.name(), one.what());
    }
    let missing = |possible: Result<(), String>| match possible {
        Ok(()) => String::new(),
        Err(why) => format!("\n{:17}not here: {why}", ""),
    };
    text += "nemeses\n";
    for (kind, possible) in nemeses {
        text += &format!("    {:13}{}{}\n", kind.name(), kind.what(), missing(possible));
    }
    text += "transports\n";
    for choice in choices {
        text += &format!("    {:13}{}\n", choice.name(), missing(choice.possible()).trim_start());
    }
    text += "promises\n";
    for one in Invariant::ALL {
        text += &format!("    {:13}{}\n", one.name(), one.title());
    }
    print(&text)?;
    Ok(0)
}

/// Whether a run of this kind could do anything here, with the best that this machine has.
pub(super) fn possible(kind: Kind) -> Result<(), String> {
    let gateway_port = (kind == Kind::Gateway).then_some(1);
    let setup = Setup { transport: Choice::Proxy, gateway_port, ..Setup::default() };
    Abilities::of(&setup.ready_for(kind)).kind(kind)
}
