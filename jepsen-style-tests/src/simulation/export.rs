//! A life as a history of the black-box tests writes it: for their checkers, which know nothing of
//! logs and come to their verdicts in another way.

use super::Plan;
use super::door::{Answer, Question};
use super::plan::Scenario;
use super::stage::Op;
use crate::history::{Header, History, Kind, Line, Process};
use domain::Verdict;
use domain::menu::Menu;
use domain::stock::Stock;
use serde_json::{Value, json};
use std::time::Duration;

/// Every question that is one of the scenario's, and its answer, in the order of the one clock.
pub(super) fn history(plan: &Plan, ops: &[Op]) -> History {
    let mut lines: Vec<(Duration, Line)> = Vec::new();
    for op in ops.iter().filter(|op| plan.scenario == Scenario::Registers && is_register(op)) {
        let process = || Process::Customer(op.process);
        let asked = Line { value: op.value.clone(), ..Line::new(process(), Kind::Invoke, op.f) };
        lines.push((op.asked, about(asked, op)));
        if let Some((at, answer)) = &op.heard {
            let (kind, value, index, err) = told(op, answer);
            let line = Line { value, log_index: index, err, ..Line::new(process(), kind, op.f) };
            lines.push((*at, about(line, op)));
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    let numbered = (0..).zip(lines).map(|(i, (at, line))| {
        let t = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        Line { i, t, ..line }
    });
    let lines = numbered.collect();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let run = format!("simulation of {}", plan.scenario.name());
    let header = Header { seed: plan.seed, version, run, ..Header::default() };
    History { header, lines }
}

fn is_register(op: &Op) -> bool {
    ["read", "write", "cas"].contains(&op.f)
}

fn about(line: Line, op: &Op) -> Line {
    Line { key: Some(op.key.clone()), node: Some(op.node), idem: op.idem.clone(), ..line }
}

fn told(op: &Op, answer: &Answer) -> (Kind, Value, Option<u64>, Option<String>) {
    match answer {
        Answer::Applied(index, Verdict::Yes { .. }) => {
            (Kind::Ok, op.value.clone(), Some(*index), None)
        }
        Answer::Applied(index, Verdict::No(why)) => {
            (Kind::Rejected, Value::Null, Some(*index), Some(why.to_string()))
        }
        Answer::Records(index, records) => {
            let bytes = records.first().and_then(Option::as_ref);
            (Kind::Ok, value(op, bytes), Some(*index), None)
        }
        Answer::NotDone(why) => (Kind::Rejected, Value::Null, None, Some(why.clone())),
        // A read that was not heard has done nothing either, but nobody needs to know.
        Answer::Unknown(why) => match op.question {
            Question::Propose(_) => (Kind::Unknown, Value::Null, None, Some(why.clone())),
            Question::Read(_) | Question::ReadHere(_) | Question::Feed(_) => {
                (Kind::Rejected, Value::Null, None, Some(why.clone()))
            }
        },
        Answer::Feed(..) | Answer::Resync(_) => (Kind::Info, Value::Null, None, None),
    }
}

/// What a register holds: nothing before the first write.
fn value(op: &Op, bytes: Option<&Vec<u8>>) -> Value {
    let Some(bytes) = bytes else { return Value::Null };
    if op.key.starts_with("menu") {
        let menu = storage::codec::decode::<Menu>(bytes);
        return menu.map_or(Value::Null, |menu| version(menu.version));
    }
    let stock = storage::codec::decode::<Stock>(bytes);
    stock.map_or(Value::Null, |stock| json!(stock.free))
}

/// The version of a menu as a register holds it: the first is the one that the city began with.
pub(super) fn version(version: u64) -> Value {
    if version <= 1 { Value::Null } else { json!(version) }
}
