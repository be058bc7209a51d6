//! The table of all cells: for a terminal, for a document, and as a page that leads to each run.

use super::REPORT;
use super::page::{chip, escaped, page, table};
use crate::nemesis::Fault;
use crate::run::{Counts, Outcome, Silence, Word};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// What is kept of a run: one row of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What people did.
    pub workload: String,
    /// What was broken.
    pub nemesis: String,
    /// What lay between the nodes.
    pub transport: String,
    /// What chance began with.
    pub seed: u64,
    /// How long things were broken, in seconds.
    pub seconds: u64,
    /// In one word; nothing if the harness failed.
    pub word: Option<Word>,
    /// Whether this machine has not the means for it: nothing was run.
    #[serde(default)]
    pub skipped: bool,
    /// Why the harness failed, or why the run is none on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// All attempts.
    #[serde(default)]
    pub counts: Counts,
    /// Promise by promise.
    #[serde(default)]
    pub promises: BTreeMap<String, String>,
    /// Fault by fault.
    #[serde(default)]
    pub faults: BTreeMap<String, Silence>,
    /// The words that repeat it.
    pub command: String,
}

impl Cell {
    /// Of a run.
    pub fn of(outcome: &Outcome) -> Self {
        let header = &outcome.history.header;
        let config = &header.config;
        let command = config.more.get("command").and_then(|command| command.as_str());
        Self {
            workload: config.workload.clone(),
            nemesis: config.nemesis.clone(),
            transport: config.transport.clone(),
            seed: header.seed,
            seconds: (config.minutes * 60.0).round() as u64,
            word: Some(outcome.word()),
            skipped: false,
            why: outcome.trouble.first().cloned(),
            counts: outcome.total(),
            promises: outcome.words(),
            faults: outcome.faults(),
            command: command.unwrap_or_default().to_owned(),
        }
    }

    /// Its folder in the matrix.
    pub fn name(&self) -> String {
        format!("{}-{}", self.workload, self.nemesis)
    }

    /// In a few words.
    pub fn verdict(&self) -> &'static str {
        match self.word {
            Some(word) => word.name(),
            None if self.skipped => "not on this machine",
            None => "harness failed",
        }
    }

    /// What a process says of it to the shell; nothing if it was not run.
    pub fn exit_code(&self) -> Option<u8> {
        match self.word {
            Some(word) => Some(word.exit_code()),
            None if self.skipped => None,
            None => Some(HARNESS_FAILED),
        }
    }

    /// Promises by verdict, in words.
    fn promised(&self) -> String {
        let of = |word: &str| {
            let names = self.promises.iter().filter(|(_, said)| *said == word);
            let mut names: Vec<_> = names.map(|(name, _)| name.as_str()).collect();
            // I2 before I12.
            names.sort_by_key(|name| (name.len(), *name));
            names.join(" ")
        };
        let all = ["invalid", "undecided", "valid"].map(|word| (word, of(word)));
        let all = all.into_iter().filter(|(_, names)| !names.is_empty());
        all.map(|(word, names)| format!("{word}: {names}")).collect::<Vec<_>>().join("; ")
    }

    /// The longest silence where a majority could work, by fault.
    fn silence(&self) -> String {
        let silence = self.faults.iter().filter_map(|(fault, silence)| {
            silence.with_majority_ms?;
            Some(format!("{fault} {}", seconds(silence.with_majority_ms)))
        });
        silence.collect::<Vec<_>>().join(", ")
    }
}

fn seconds(ms: Option<u64>) -> String {
    ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1e3))
}

/// All rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// In the order in which they were run.
    pub cells: Vec<Cell>,
}

/// The harness itself failed.
pub const HARNESS_FAILED: u8 = 2;

const HEAD: [&str; 9] = [
    "workload",
    "nemesis",
    "verdict",
    "ok",
    "rejected",
    "unknown",
    "longest silence with a majority",
    "promises",
    "seed",
];
const HEAD_BY_FAULT: [&str; 4] =
    ["fault", "times", "longest silence with a majority", "longest silence without"];

impl Matrix {
    /// What a process says of all of them to the shell: broken before failed before unproven. Where
    /// nothing was run, nothing is proved.
    pub fn exit_code(&self) -> u8 {
        let codes: Vec<_> = self.cells.iter().filter_map(Cell::exit_code).collect();
        if codes.is_empty() {
            return Word::Unproven.exit_code();
        }
        let worst = [Word::Invalid.exit_code(), HARNESS_FAILED, Word::Unproven.exit_code()];
        worst.into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }

    /// As a document has it.
    pub fn markdown(&self) -> String {
        let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = row(&HEAD.map(str::to_owned));
        text += &row(&HEAD.map(|_| "---".to_owned()));
        for cell in &self.cells {
            text += &row(&rows_of(cell));
        }
        text += "\n";
        text += &row(&HEAD_BY_FAULT.map(str::to_owned));
        text += &row(&HEAD_BY_FAULT.map(|_| "---".to_owned()));
        for cells in self.by_fault() {
            text += &row(&cells);
        }
        text
    }

    /// Each fault over all cells: how often, and the longest silence. Those that did not come up
    /// are told, too: what was not done proves nothing.
    fn by_fault(&self) -> Vec<[String; 4]> {
        let mut all: BTreeMap<&str, Silence> =
            Fault::NAMES.into_iter().map(|name| (name, Silence::default())).collect();
        for (fault, silence) in self.cells.iter().flat_map(|cell| &cell.faults) {
            let sum = all.entry(fault).or_default();
            sum.times += silence.times;
            sum.with_majority_ms = sum.with_majority_ms.max(silence.with_majority_ms);
            sum.without_majority_ms = sum.without_majority_ms.max(silence.without_majority_ms);
        }
        let row = |(fault, silence): (&str, Silence)| {
            let Silence { times, with_majority_ms, without_majority_ms } = silence;
            let (with, without) = (seconds(with_majority_ms), seconds(without_majority_ms));
            [fault.to_owned(), times.to_string(), with, without]
        };
        all.into_iter().map(row).collect()
    }

    /// Writes the page and the document into a folder that has one folder for each cell.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&self, dir: &Path) -> Result<()> {
        let write = |name: &str, text: String| {
            let file = dir.join(name);
            std::fs::write(&file, text).with_context(|| file.display().to_string())
        };
        write("matrix.md", self.markdown())?;
        write("matrix.json", serde_json::to_string_pretty(self)?)?;
        write("index.html", self.html())
    }

    fn html(&self) -> String {
        let mut body = "<h1>Faults \u{d7} workloads</h1>\n".to_owned();
        let by =
            |code: Option<u8>| self.cells.iter().filter(|cell| cell.exit_code() == code).count();
        let said = |word: Word| by(Some(word.exit_code()));
        let _ = writeln!(
            body,
            "<p class=\"soft\">{} runs: {} valid, {} invalid, {} unproven, {} where the harness \
             failed; {} for which this machine has not the means</p>",
            self.cells.len() - by(None),
            said(Word::Valid),
            said(Word::Invalid),
            said(Word::Unproven),
            by(Some(HARNESS_FAILED)),
            by(None)
        );
        let rows: Vec<_> = self
            .cells
            .iter()
            .map(|cell| {
                let mut row: Vec<_> = rows_of(cell).iter().map(|text| escaped(text)).collect();
                let link = format!("{}/{REPORT}", cell.name());
                row[0] = format!("<a href=\"{link}\">{}</a>", row[0]);
                row[2] = chip(cell.verdict());
                if let Some(why) = &cell.why {
                    let _ = write!(row[7], "<br><span class=\"soft\">{}</span>", escaped(why));
                }
                row
            })
            .collect();
        body += &table(&HEAD, &[3, 4, 5, 8], &rows);
        body += "<h2>Fault by fault</h2>\n";
        let by_fault: Vec<_> = self.by_fault().into_iter().map(Vec::from).collect();
        body += &table(&HEAD_BY_FAULT, &[1, 2, 3], &by_fault);
        page("Faults \u{d7} workloads", &body)
    }
}

fn rows_of(cell: &Cell) -> [String; 9] {
    let Counts { ok, rejected, unknown } = cell.counts;
    [
        cell.workload.clone(),
        cell.nemesis.clone(),
        cell.verdict().to_owned(),
        ok.to_string(),
        rejected.to_string(),
        unknown.to_string(),
        cell.silence(),
        cell.promised(),
        cell.seed.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_row_of_the_document() {
        let silence =
            Silence { times: 3, with_majority_ms: Some(1_250), without_majority_ms: None };
        let cell = Cell {
            workload: "register".to_owned(),
            nemesis: "kill".to_owned(),
            transport: "proxy".to_owned(),
            seed: 7,
            seconds: 30,
            word: Some(Word::Valid),
            skipped: false,
            why: None,
            counts: Counts { ok: 900, rejected: 20, unknown: 4 },
            promises: ["I12", "I2"].map(|name| (name.to_owned(), "valid".to_owned())).into(),
            faults: [("kill".to_owned(), silence)].into(),
            command: "again".to_owned(),
        };
        let other = Silence { times: 2, with_majority_ms: None, without_majority_ms: Some(4_000) };
        let faults = [("kill".to_owned(), other)].into();
        let other = Cell { faults, ..cell.clone() };
        let text = Matrix { cells: vec![cell, other] }.markdown();
        let expected =
            "| register | kill | valid | 900 | 20 | 4 | kill 1.2 s | valid: I2 I12 | 7 |";
        assert_eq!(text.lines().nth(2), Some(expected));
        let told = |row: &str| text.lines().any(|line| line == row);
        assert!(told("| kill | 5 | 1.2 s | 4.0 s |"), "{text}");
        assert!(told("| eio | 0 | - | - |"), "what did not come up is told: {text}");
    }
}
