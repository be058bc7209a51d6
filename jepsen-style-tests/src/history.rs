//! What was asked and what was heard, in the order of one clock: JSON lines, one file per run.
//!
//! `ok` and `rejected` are definite; `unknown` is everything that may have happened. A worker that
//! heard `unknown` goes on under a new process id, since the old one's request may still be on its
//! way; the same key again, under the new id, finds out.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<String>,
}

/// The first line of the file.
#[derive(Clone, Debug, Serialize)]
pub struct Header {
    /// What chance began with.
    pub seed: u64,
    /// Of this program.
    pub version: &'static str,
    /// Which run.
    pub run: String,
    /// How the city was set up.
    pub config: Value,
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
        let p = Process::Other("nemesis".to_owned());
        self.record(Line { value, ..Line::new(p, Kind::Info, what) })
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
        let (value, f) = (Value::Null, f.to_owned());
        Self { i: 0, t: 0, p, kind, f, value, node: None, idem: None, log_index: None, err: None }
    }
}

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

/// From a moment on: until the answer to the first request that was asked after it and got a yes.
pub fn next_acknowledged(history: &[Line], since: u64) -> Option<Duration> {
    let mut asked = std::collections::BTreeMap::new();
    for line in history.iter().filter(|line| line.t >= since) {
        let Process::Customer(customer) = line.p else { continue };
        match line.kind {
            Kind::Invoke => {
                asked.insert(customer, line.idem.clone());
            }
            Kind::Ok if asked.get(&customer) == Some(&line.idem) => {
                return Some(Duration::from_nanos(line.t - since));
            }
            Kind::Ok | Kind::Rejected | Kind::Unknown | Kind::Info => {}
        }
    }
    None
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
    fn an_answer_to_an_older_question_does_not_end_a_gap() {
        let history = [
            line(0, 1, "invoke", "a"),
            line(5, 2, "invoke", "b"),
            line(20, 1, "ok", "a"),
            line(30, 1, "invoke", "c"),
            line(60, 1, "ok", "c"),
        ];
        assert_eq!(next_acknowledged(&history, 10), Some(Duration::from_nanos(50)));
        assert_eq!(next_acknowledged(&history, 40), None);
    }

    #[test]
    fn a_file_holds_what_happened() {
        let path = std::env::temp_dir().join(format!("history-{}.jsonl", std::process::id()));
        let header =
            Header { seed: 7, version: "0", run: "a".to_owned(), config: json!({"nodes": 3}) };
        let recorder = Recorder::begin(&path, &header).unwrap();
        recorder.nemesis("kill", json!({"node": 2}));
        let mut asked = Line::new(Process::Customer(4), Kind::Invoke, "place");
        asked.idem = Some("k".to_owned());
        recorder.record(asked);
        let lines = recorder.end().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut read = text.lines();
        assert!(read.next().unwrap().contains("\"seed\":7"));
        let read: Vec<Line> = read.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, lines);
        assert_eq!(read[0].p, Process::Other("nemesis".to_owned()));
    }
}
