//! Reports for people: one page for each run, and one for a whole matrix. Each is a single file
//! that needs no network, in light and dark.

mod chart;
mod matrix;
mod page;
mod svg;

pub use matrix::{Cell, HARNESS_FAILED, Matrix};

use crate::evidence::Evidence;
use crate::run::Outcome;
use anyhow::{Context, Result};
use std::path::Path;

/// The page of a run, in its folder.
pub const REPORT: &str = "report.html";

/// Writes the page of a run into this folder.
///
/// # Errors
/// It cannot be written.
pub fn write(outcome: &Outcome, dir: &Path) -> Result<()> {
    let file = dir.join(REPORT);
    std::fs::write(&file, html(outcome)).with_context(|| file.display().to_string())
}

/// The page of a run.
pub fn html(outcome: &Outcome) -> String {
    let panics = outcome.history.lines.iter().filter_map(|line| match Evidence::of(line) {
        Some(Evidence::Panics(panics)) if !panics.lines.is_empty() => {
            Some(format!("{}:\n{}", panics.log, panics.lines.join("\n")))
        }
        Some(_) | None => None,
    });
    page::report(outcome, &panics.collect::<Vec<_>>())
}
