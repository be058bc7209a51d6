//! What was asked and what was heard, in the order of one clock: JSON lines, one file per run.
//!
//! `ok` and `rejected` are definite; `unknown` is everything that may have happened. A worker that
//! heard `unknown` goes on under a new process id, since the old one's request may still be on its
//! way; the same key again, under the new id, finds out.
//!
//! A history is self-contained: what was done to the city stands in it, and what every node showed
//! at the end ([`crate::evidence`]), so that each verdict can be given again without a city.

use crate::evidence::Evidence;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What a good order is called.
pub const PLACE: &str = "place";
/// An order that must always be refused.
pub const PLACE_FAR: &str = "place_far";
/// The city's word for those, with which its reason begins.
pub const TOO_FAR: &str = "not_deliverable";

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Process {
    /// A customer, until its first `unknown`.
    Customer(u64),
    /// As `nemesis`, who breaks things.
    Other(String),
}

/// What kind of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Asked.
    Invoke,
    /// Done, and the answer has arrived.
    Ok,
    /// It certainly had no effect.
    Rejected,
    /// Nobody can say.
    Unknown,
    /// No operation.
    Info,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number.
    pub i: u64,
    /// Nanoseconds since the run began, on one monotonic clock.
    pub t: u64,
    /// Who.
    pub p: Process,
    /// What kind.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What was done, as `place` or `kill`.
    pub f: String,
    /// To which object, as `ord-9`: a register, a dish, an order, a family of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was asked or answered.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// Where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<u64>,
    /// The idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idem: Option<String>,
    /// The log index that the answer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_index: Option<u64>,
    /// The term that the answer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<u64>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<String>,
    /// Of the nemesis: what shows that it happened, as packets dropped or bytes lost.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub observed: Value,
}

/// The first line of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// What chance began with.
    pub seed: u64,
    /// Of this program.
    pub version: String,
    /// Which run.
    pub run: String,
    /// What was planned.
    #[serde(default)]
    pub config: Config,
}

/// What a run is made of. The same again, with the same seed, is the same plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// What the clients do.
    pub workload: String,
    /// What is done to the city.
    pub nemesis: String,
    /// How the nodes are connected.
    pub transport: String,
    /// How long.
    pub minutes: f64,
    /// Faults that this machine can do.
    pub possible: Vec<String>,
    /// Faults that it cannot do.
    pub impossible: Vec<Impossible>,
    /// How the city was set up.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A fault that this machine cannot do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impossible {
    /// Which.
    pub fault: String,
    /// What is missing.
    pub why: String,
}

/// What part of a run a line belongs to: everything behind the line that begins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// No faults yet.
    Calm,
    /// Faults.
    Faults,
    /// Every fault is over, and the city must find itself.
    Healed,
    /// It is at rest, and each node is asked what it has.
    Evidence,
    /// There is no more.
    End,
}

/// A whole history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What was planned.
    pub header: Header,
    /// What happened, in its order.
    pub lines: Vec<Line>,
}

impl History {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or a line of it is no line of a history; the text says which.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads a text.
    ///
    /// # Errors
    /// A line of it is no line of a history; the text says which.
    pub fn parse(text: &str) -> Result<Self> {
        let mut rows = text.lines().enumerate().filter(|(_, row)| !row.trim().is_empty());
        let (_, first) = rows.next().context("the history is empty")?;
        let header = serde_json::from_str(first).context("line 1 is no header of a history")?;
        let mut lines: Vec<Line> = Vec::new();
        for (number, row) in rows {
            let line: Line = serde_json::from_str(row)
                .with_context(|| format!("line {} is no line of a history", number + 1))?;
            anyhow::ensure!(
                lines.last().is_none_or(|before| before.t <= line.t && before.i < line.i),
                "line {} is out of order: time and number only grow",
                number + 1
            );
            lines.push(line);
        }
        Ok(Self { header, lines })
    }

    /// The line that begins this phase: its place in `lines`.
    pub fn began(&self, phase: Phase) -> Option<usize> {
        self.lines.iter().position(|line| line.phase() == Some(phase))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(number) => write!(f, "{number}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// Writes a history while it happens.
#[derive(Debug)]
pub struct Recorder {
    began: Instant,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    lines: Vec<Line>,
    file: BufWriter<File>,
    failed: Option<std::io::Error>,
}

impl Recorder {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(path: &Path, header: &Header) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut file = BufWriter::new(file);
        writeln!(file, "{}", serde_json::to_string(header)?)?;
        let written = Written { lines: Vec::new(), file, failed: None };
        Ok(Self { began: Instant::now(), written: Mutex::new(written) })
    }

    /// Adds a line; its number and time are given here, so that the file is in their order.
    pub fn record(&self, mut line: Line) -> u64 {
        let mut written = self.lock();
        line.i = written.lines.len() as u64;
        line.t = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let text = serde_json::to_string(&line).expect("a line is JSON");
        if let Err(error) = writeln!(written.file, "{text}") {
            written.failed = Some(error);
        }
        let t = line.t;
        written.lines.push(line);
        t
    }

    /// Something was done to the city.
    pub fn nemesis(&self, what: &str, value: Value) -> u64 {
        let p = Process::Other(NEMESIS.to_owned());
        self.record(Line { value, ..Line::new(p, Kind::Info, what) })
    }

    /// A phase begins.
    pub fn phase(&self, phase: Phase) -> u64 {
        self.record(Line::beginning(phase))
    }

    /// A node showed something; or nobody in particular did, as the gateway.
    pub fn evidence(&self, node: Option<u64>, evidence: &Evidence) -> u64 {
        self.record(evidence.line(node))
    }

    /// What there is so far.
    pub fn lines(&self) -> Vec<Line> {
        self.lock().lines.clone()
    }

    /// The whole, once everybody has stopped.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn end(&self) -> Result<Vec<Line>> {
        let mut written = self.lock();
        written.file.flush().context("writing the history")?;
        match written.failed.take() {
            Some(error) => Err(error).context("writing the history"),
            None => Ok(written.lines.clone()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().expect("nobody panics with the history in hand")
    }
}

impl Line {
    /// Without a number and a time yet.
    pub fn new(p: Process, kind: Kind, f: &str) -> Self {
        Self {
            i: 0,
            t: 0,
            p,
            kind,
            f: f.to_owned(),
            key: None,
            value: Value::Null,
            node: None,
            idem: None,
            log_index: None,
            term: None,
            err: None,
            observed: Value::Null,
        }
    }

    /// The line that begins a phase.
    pub fn beginning(phase: Phase) -> Self {
        let value = serde_json::to_value(phase).expect("a word");
        Self { value, ..Self::new(Process::Other(RUN.to_owned()), Kind::Info, PHASE) }
    }

    /// The phase that it begins, if it does.
    pub fn phase(&self) -> Option<Phase> {
        let begins = self.f == PHASE && self.p == Process::Other(RUN.to_owned());
        begins.then(|| Phase::deserialize(&self.value).ok()).flatten()
    }

    /// Whether it was done to the city.
    pub fn is_nemesis(&self) -> bool {
        matches!(&self.p, Process::Other(name) if name == NEMESIS)
    }
}

/// Who breaks things.
pub const NEMESIS: &str = "nemesis";
/// Who runs it all.
pub const RUN: &str = "run";
/// Who looks at the city from outside, for the picture of a run.
pub const WATCH: &str = "watch";
/// The word of a line that begins a phase.
pub const PHASE: &str = "phase";

/// What a history comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Keys with a yes.
    pub acknowledged: usize,
    /// Answers that left it open.
    pub unknown: usize,
    /// Requests that certainly did nothing.
    pub rejected: usize,
    /// Between two acknowledgements.
    pub longest_gap: Duration,
}

/// Counts.
pub fn summary(history: &[Line]) -> Summary {
    let count = |kind| history.iter().filter(|line| line.kind == kind).count();
    let oks = || history.iter().filter(|line| line.kind == Kind::Ok);
    let gaps = oks().zip(oks().skip(1)).map(|(one, next)| next.t - one.t);
    let keys: std::collections::BTreeSet<_> = oks().filter_map(|line| line.idem.as_ref()).collect();
    Summary {
        acknowledged: keys.len(),
        unknown: count(Kind::Unknown),
        rejected: count(Kind::Rejected),
        longest_gap: Duration::from_nanos(gaps.max().unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(t: u64, p: u64, kind: &str, idem: &str) -> Line {
        serde_json::from_value(
            json!({"i": 0, "t": t, "p": p, "type": kind, "f": "place", "idem": idem}),
        )
        .unwrap()
    }

    #[test]
    fn a_history_is_counted_once_per_key() {
        let history = [
            line(0, 1, "invoke", "a"),
            line(10, 1, "ok", "a"),
            line(15, 1, "invoke", "b"),
            line(500, 1, "unknown", "b"),
            line(510, 2, "invoke", "b"),
            line(700, 2, "ok", "b"),
            line(710, 2, "ok", "b"),
        ];
        let expected = Summary {
            acknowledged: 2,
            unknown: 1,
            rejected: 0,
            longest_gap: Duration::from_nanos(690),
        };
        assert_eq!(summary(&history), expected);
    }

    #[test]
    fn a_file_holds_what_happened() {
        let path = std::env::temp_dir().join(format!("history-{}.jsonl", std::process::id()));
        let header = json!({"seed": 7, "version": "0", "run": "a", "config": {"nodes": 3}});
        let header: Header = serde_json::from_value(header).unwrap();
        let recorder = Recorder::begin(&path, &header).unwrap();
        recorder.nemesis("kill", json!({"node": 2}));
        let mut asked = Line::new(Process::Customer(4), Kind::Invoke, "place");
        asked.idem = Some("k".to_owned());
        recorder.record(asked);
        let lines = recorder.end().unwrap();
        let read = History::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read, History { header, lines });
        assert_eq!(read.header.config.more["nodes"], 3);
        assert!(read.lines[0].is_nemesis());
    }

    #[test]
    fn a_bad_line_is_named() {
        let header = r#"{"seed":1,"version":"0","run":"a","config":{}}"#;
        let said = |rows: &str| {
            let error = History::parse(&format!("{header}\n{rows}")).unwrap_err();
            format!("{error:#}")
        };
        let line = |i: u64, t: u64| format!(r#"{{"i":{i},"t":{t},"p":1,"type":"ok","f":"read"}}"#);
        assert!(said("{}").starts_with("line 2 is no line of a history: missing field `i`"));
        let torn = format!("{}\n{{\"i\":1,", line(0, 0));
        assert!(said(&torn).starts_with("line 3 is no line of a history"), "{}", said(&torn));
        let back = format!("{}\n\n{}", line(0, 5), line(1, 4));
        assert_eq!(said(&back), "line 4 is out of order: time and number only grow");
        assert_eq!(History::parse("").unwrap_err().to_string(), "the history is empty");
    }

    #[test]
    fn phases_begin_with_a_line() {
        let mut lines = vec![Line::beginning(Phase::Calm), line(1, 1, "ok", "a")];
        lines.push(Line::beginning(Phase::Healed));
        let history = History { header: Header::default(), lines };
        assert_eq!(history.began(Phase::Healed), Some(2));
        assert_eq!(history.began(Phase::Evidence), None);
        let text = serde_json::to_string(&history.lines[0]).unwrap();
        assert!(text.contains(r#""p":"run","type":"info","f":"phase","value":"calm""#), "{text}");
    }
}
