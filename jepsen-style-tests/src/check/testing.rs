//! Histories in few words, for tests of checkers.

use crate::history::{Config, Header, History, Line, NEMESIS, Phase};
use serde_json::{Value, json};

/// One line of history for each line of text:
///
/// - `30ms 4@2 invoke write x 1`: a moment (or one millisecond after the line before), a process,
///   perhaps at a node, a kind, what is done, to which key (`-` for none), and the value as JSON;
/// - `phase healed`;
/// - `begin kill {"nodes": [1]}`, `end kill {"nodes": [1]} {"observed": {"pid": 7}}`: a fault.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in text.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (first, rest) = row.split_once(' ').unwrap_or((row, ""));
        let moment = first.strip_suffix("ms").and_then(|ms| ms.parse::<u64>().ok());
        let after = lines.last().map_or(0, |line| line.t + 1_000_000);
        let t = moment.map_or(after, |ms| ms * 1_000_000);
        let mut line = line(if moment.is_some() { rest } else { row });
        (line.i, line.t) = (lines.len() as u64, t);
        lines.push(line);
    }
    lines
}

/// The same, as a whole history.
pub(crate) fn history(text: &str) -> History {
    let header = Header { seed: 1, config: Config::default(), ..Header::default() };
    History { header, lines: lines(text) }
}

fn line(row: &str) -> Line {
    let mut words = row.split_whitespace();
    let first = words.next().unwrap();
    match first {
        "phase" => {
            let phase: Phase = serde_json::from_value(json!(words.next().unwrap())).unwrap();
            Line::beginning(phase)
        }
        "begin" | "mending" | "end" => {
            let f = words.next().unwrap();
            let rest = words.collect::<Vec<_>>().join(" ");
            let mut parts = serde_json::Deserializer::from_str(&rest).into_iter::<Value>();
            let mut value = parts.next().unwrap().unwrap();
            value["phase"] = json!(first);
            let more = parts.next().map(Result::unwrap).unwrap_or_default();
            let observed = more["observed"].clone();
            serde_json::from_value(json!({"i": 0, "t": 0, "p": NEMESIS, "type": "info", "f": f,
                "value": value, "observed": observed}))
            .unwrap()
        }
        _ => operation(first, words),
    }
}

fn operation<'a>(first: &str, mut words: impl Iterator<Item = &'a str>) -> Line {
    let (process, node) = match first.split_once('@') {
        Some((process, node)) => (process, Some(node.parse::<u64>().unwrap())),
        None => (first, None),
    };
    let process = process.parse::<u64>().map_or(json!(process), |number| json!(number));
    let (kind, f) = (words.next().unwrap(), words.next().unwrap());
    let key = words.next().filter(|key| *key != "-");
    let value = words.collect::<Vec<_>>().join(" ");
    let value: Value = match value.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap(),
    };
    serde_json::from_value(json!({"i": 0, "t": 0, "p": process, "type": kind, "f": f, "key": key,
        "value": value, "node": node}))
    .unwrap()
}
