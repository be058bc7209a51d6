//! `fdchaos check`: every verdict again, from the file alone.

use super::run::told;
use super::{print, say};
use crate::export::{elle, porcupine};
use crate::history::History;
use crate::report;
use crate::run::Outcome;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

/// A history.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The history of a run.
    #[arg(value_name = "FILE")]
    history: PathBuf,
    /// JSON to stdout instead of a table.
    #[arg(long)]
    json: bool,
    /// Writes it for another checker, too: `porcupine` or `elle`.
    #[arg(long, num_args = 2, value_names = ["FORMAT", "FILE"])]
    export: Vec<String>,
    /// Writes the report, too.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) fn check(options: &Options) -> Result<u8> {
    let history = History::read(&options.history)?;
    if let [format, file] = options.export.as_slice() {
        let write = |file: &str| File::create(file).map(BufWriter::new).context(file.to_owned());
        let count = match format.as_str() {
            "porcupine" => porcupine(&history, &mut write(file)?)?,
            "elle" => elle(&history, &mut write(file)?)?,
            _ => bail!("there is no format {format}; there are porcupine and elle"),
        };
        say(&format!("{count} operations in {file}"));
    }
    let outcome = Outcome::judge(history);
    if let Some(file) = &options.html {
        let page = report::html(&outcome);
        std::fs::write(file, page).with_context(|| file.display().to_string())?;
    }
    print(&told(&outcome, options.json)?)?;
    Ok(outcome.word().exit_code())
}
