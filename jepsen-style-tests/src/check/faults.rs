//! What was done to the city and when, put together from the lines of the nemesis, and how long
//! the city was silent meanwhile.

use super::operations::Operation;
use crate::history::Line;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// A fault, from its beginning to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Span<'a> {
    /// Which, like `cut`.
    pub name: &'a str,
    /// What the nemesis said of it.
    pub note: Note,
    /// The place of its first line in the history.
    pub began: usize,
    /// The place of its last line; behind everything if it never ended.
    pub ended: usize,
    /// Nanoseconds since the run began.
    pub from: u64,
    /// And its end, when all is well again.
    pub to: u64,
    /// It certainly lasted until then: what follows is mending, in which nodes come back.
    pub lasted: u64,
    /// What shows that it happened.
    pub observed: &'a Value,
}

/// What the nemesis says of a fault, in the value of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Its number in the plan.
    pub fault: u64,
    /// `begin` or `end`.
    pub phase: String,
    /// Whom it hits.
    pub nodes: Vec<u64>,
    /// Whether a majority can work while it lasts.
    pub quorum: bool,
    /// The class of the link state, for a cut.
    pub class: Option<u8>,
    /// Who led when it began.
    pub leader: Option<u64>,
}

/// All faults, in the order in which they began.
///
/// # Errors
/// The number of a line that says how a fault ended which never began, or that cannot be read.
pub fn spans(lines: &[Line]) -> Result<Vec<Span<'_>>, u64> {
    let last = lines.last().map_or(0, |line| line.t);
    let mut spans: Vec<Span<'_>> = Vec::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.is_nemesis()) {
        let note = Note::deserialize(&line.value).map_err(|_| line.i)?;
        match note.phase.as_str() {
            "begin" => spans.push(Span {
                name: &line.f,
                note,
                began: place,
                ended: usize::MAX,
                from: line.t,
                to: last,
                lasted: last,
                observed: &Value::Null,
            }),
            "end" => {
                let open = |span: &&mut Span<'_>| {
                    let same = span.name == line.f && span.note.fault == note.fault;
                    span.ended == usize::MAX && same
                };
                let span = spans.iter_mut().find(open).ok_or(line.i)?;
                (span.ended, span.to, span.observed) = (place, line.t, &line.observed);
                span.lasted = span.lasted.min(line.t);
            }
            "mending" => {
                let open = |span: &&mut Span<'_>| {
                    span.ended == usize::MAX && span.note.fault == note.fault
                };
                spans.iter_mut().find(open).ok_or(line.i)?.lasted = line.t;
            }
            // A note in passing.
            _ => {}
        }
    }
    Ok(spans)
}

/// The longest time without an acknowledged write during a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Which fault.
    pub fault: String,
    /// Its number in the plan.
    pub number: u64,
    /// Whom it hit.
    pub nodes: Vec<u64>,
    /// Whether a majority could work.
    pub quorum: bool,
    /// The class of the link state, for a cut.
    pub class: Option<u8>,
    /// Who led when it began.
    pub leader: Option<u64>,
    /// Nanoseconds since the run began, from the fault's beginning
    pub from: u64,
    /// to its end.
    pub to: u64,
    /// Milliseconds without an acknowledgement, at most, counted up to the first one behind the
    /// fault.
    pub longest_ms: u64,
    /// Acknowledged writes while it lasted.
    pub acknowledged: u64,
    /// Different terms that answers named while it lasted and up to the first one behind it, less
    /// one: elections that somebody saw.
    pub terms: u64,
}

/// What changes nothing, whatever is asked.
const READS: [&str; 5] = ["read", "stock_read", "search", "look", "event"];

/// Whether something is asked that changes nothing: it proves no quorum that can write.
pub fn is_read(asked: &Line) -> bool {
    match asked.f.as_str() {
        // A token is shown to read with, or to write.
        "use" => asked.value["write"] != true,
        "txn" => {
            let steps = asked.value.as_array();
            steps.is_some_and(|steps| steps.iter().all(|step| step[0] == "r"))
        }
        f => READS.contains(&f),
    }
}

/// The silence during each fault. What was asked before it began does not count as a sign of life.
pub fn gaps(spans: &[Span<'_>], operations: &[Operation<'_>]) -> Vec<Gap> {
    let mut yes: Vec<(u64, &Operation<'_>)> = operations
        .iter()
        .filter(|one| one.is_ok() && !is_read(one.asked))
        .filter_map(|one| Some((one.heard?.t, one)))
        .collect();
    yes.sort_by_key(|(t, _)| *t);
    let gap = |span: &Span<'_>| {
        let (mut longest, mut acknowledged, mut before) = (0, 0, span.from);
        let mut terms = BTreeSet::new();
        let first = yes.partition_point(|(t, _)| *t < span.from);
        for (t, one) in &yes[first..] {
            if one.asked.t < span.from {
                continue;
            }
            longest = longest.max(t - before);
            terms.extend(one.heard.and_then(|line| line.term));
            before = *t;
            if *t > span.to {
                break;
            }
            acknowledged += 1;
        }
        // It never came back before the end of the history.
        if before <= span.to {
            longest = longest.max(span.to - before);
        }
        Gap {
            fault: span.name.to_owned(),
            number: span.note.fault,
            nodes: span.note.nodes.clone(),
            quorum: span.note.quorum,
            class: span.note.class,
            leader: span.note.leader,
            from: span.from,
            to: span.to,
            longest_ms: u64::try_from(Duration::from_nanos(longest).as_millis())
                .unwrap_or(u64::MAX),
            acknowledged,
            terms: (terms.len() as u64).saturating_sub(1),
        }
    };
    spans.iter().map(gap).collect()
}

/// Whether a fault has shown itself: some number above nothing, some word, some yes.
pub fn is_observed(observed: &Value) -> bool {
    match observed {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64().is_some_and(|number| number > 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_observed),
        Value::Object(members) => members.values().any(is_observed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::operations::operations;
    use crate::check::testing::lines;

    #[test]
    fn the_silence_ends_with_the_first_yes_to_a_later_question() {
        let lines = lines(
            r#"
            0ms   1 invoke write x 1
            5ms   begin cut {"fault": 1, "nodes": [3], "quorum": true, "class": 9}
            9ms   1 ok write x 1
            10ms  1 invoke read x
            11ms  1 ok read x 1
            12ms  1 invoke write x 2
            40ms  1 ok write x 2
            60ms  end cut {"fault": 1} {"observed": {"dropped": 3}}
            61ms  1 invoke write x 3
            95ms  1 ok write x 3
            "#,
        );
        let spans = spans(&lines).unwrap();
        let gap = &gaps(&spans, &operations(&lines).unwrap())[0];
        assert_eq!((gap.longest_ms, gap.acknowledged, gap.class), (55, 1, Some(9)));
        assert!(is_observed(spans[0].observed));
    }

    #[test]
    fn a_read_is_what_changes_nothing() {
        let reads = |row: &str| is_read(&lines(row)[0]);
        for row in ["read x", "stock_read d", "search", "look c", "use u {\"write\": false}"] {
            assert!(reads(&format!("1 invoke {row}")), "{row}");
        }
        assert!(reads(r#"1 invoke txn - [["r", 1, null], ["r", 2, null]]"#));
        assert!(!reads(r#"1 invoke txn - [["r", 1, null], ["append", 2, 3]]"#));
        // A kitchen's word has "read" in it, too.
        for row in ["ready o", "write x 1", "place", "refresh", "use u {\"write\": true}"] {
            assert!(!reads(&format!("1 invoke {row}")), "{row}");
        }
    }

    #[test]
    fn a_fault_that_ends_without_a_beginning_is_named() {
        let lines = lines(r#"end kill {"fault": 1}"#);
        assert_eq!(spans(&lines), Err(0));
        assert!(!is_observed(&serde_json::json!({"dropped": 0, "why": "", "nodes": []})));
    }
}
