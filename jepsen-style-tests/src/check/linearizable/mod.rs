//! I2: registers are linearizable, each by itself (a history is linearizable if it is so for each
//! object). A counter-example is as short as it can be made without making it untrue.

mod register;
pub(crate) mod search;

use super::Case;
use super::operations::Operation;
use super::verdict::{Example, Verdict};
use register::{Contents, Register, Step, needed};
use search::{Call, Found, STEPS, search};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Operations and unknown ones on one key, up to which a verdict can be had in time. Workloads go
/// on to another key then.
pub const OPERATIONS_PER_KEY: usize = 2_000;
/// See [`OPERATIONS_PER_KEY`].
pub const UNKNOWN_PER_KEY: usize = 30;
/// Steps for a counter-example to become short.
const SHRINK_STEPS: u64 = 20 * STEPS;

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let mut keys: BTreeMap<&str, Vec<&Operation<'_>>> = BTreeMap::new();
    for one in case.operations.iter().filter(|one| matches!(one.f(), "read" | "write" | "cas")) {
        keys.entry(one.key().unwrap_or_default()).or_default().push(one);
    }
    let mut verdict = Verdict::not_checked("there are no registers: read, write, cas");
    for (key, operations) in keys {
        verdict = verdict.and(one_key(key, &operations));
    }
    verdict
}

fn one_key(key: &str, operations: &[&Operation<'_>]) -> Verdict {
    let mut contents = Contents::default();
    let (mut calls, mut from) = (Vec::new(), Vec::new());
    for one in operations {
        match contents.call(one) {
            Ok(None) => {}
            Ok(Some(call)) => {
                calls.push(call);
                from.push(*one);
            }
            Err(why) => return Verdict::invalid(vec![Example::at(why, one.lines())]),
        }
    }
    match judge(&calls, STEPS) {
        Found::Order => Verdict::Valid { checked: calls.len() as u64 },
        Found::TooLong => {
            let unknown = calls.iter().filter(|call| call.answered.is_none()).count();
            let why = format!(
                "key {key}: no verdict after {STEPS} steps, with {} operations of which {unknown} \
                 are unknown (up to {OPERATIONS_PER_KEY} and {UNKNOWN_PER_KEY} are well decided)",
                calls.len()
            );
            Verdict::Undecided { why }
        }
        Found::Nothing => {
            let kept = shrunk(&calls);
            Verdict::invalid(vec![shown(key, &kept, &from)])
        }
    }
}

fn judge(calls: &[Call<Step>], steps: u64) -> Found {
    let needed = needed(calls);
    let calls: Vec<_> = calls
        .iter()
        .zip(needed)
        .filter(|(_, needed)| *needed)
        .map(|(call, _)| call.clone())
        .collect();
    search(&Register, &calls, steps)
}

/// The places of calls that are not linearizable by themselves, and whether their answer matters.
///
/// Only what keeps a good history good is tried: a read is left out, a change is taken to be
/// unknown. So what is left is still no good because of what really happened.
fn shrunk(calls: &[Call<Step>]) -> Vec<(usize, bool)> {
    let until = first_bad(calls);
    let mut kept: Vec<(usize, Call<Step>)> = calls
        .iter()
        .enumerate()
        .filter(|(_, call)| call.asked <= until)
        .map(|(place, call)| {
            let answered = call.answered.filter(|answered| *answered <= until);
            (place, Call { answered, ..call.clone() })
        })
        .filter(|(_, call)| call.answered.is_some() || !matches!(call.step, Step::Read(_)))
        .collect();
    kept = without_unseen(kept);
    let mut steps = SHRINK_STEPS;
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut begin = 0;
        while begin < kept.len() && steps > 0 {
            let end = (begin + size).min(kept.len());
            let fewer = relaxed(&kept, begin, end);
            let calls: Vec<_> = fewer.iter().map(|(_, call)| call.clone()).collect();
            steps = steps.saturating_sub(1 + calls.len() as u64);
            if same(&kept, &fewer) || judge(&calls, STEPS / 10) != Found::Nothing {
                begin = end;
            } else {
                begin += fewer.len() + (end - begin) - kept.len();
                kept = fewer;
            }
        }
        kept = without_unseen(kept);
        size /= 2;
    }
    kept.into_iter().map(|(place, call)| (place, call.answered.is_some())).collect()
}

/// Without what may have been written and explains nothing.
fn without_unseen(kept: Vec<(usize, Call<Step>)>) -> Vec<(usize, Call<Step>)> {
    let calls: Vec<_> = kept.iter().map(|(_, call)| call.clone()).collect();
    let needed = needed(&calls).into_iter();
    kept.into_iter().zip(needed).filter(|(_, needed)| *needed).map(|(one, _)| one).collect()
}

/// Without the reads of this range, and with its changes unknown.
fn relaxed(calls: &[(usize, Call<Step>)], begin: usize, end: usize) -> Vec<(usize, Call<Step>)> {
    let mut fewer = calls[..begin].to_vec();
    for (place, call) in &calls[begin..end] {
        match call.step {
            Step::Read(_) => {}
            Step::Write(_) | Step::Cas(..) => {
                fewer.push((*place, Call { answered: None, ..call.clone() }));
            }
        }
    }
    fewer.extend_from_slice(&calls[end..]);
    fewer
}

fn same(one: &[(usize, Call<Step>)], other: &[(usize, Call<Step>)]) -> bool {
    let key = |(place, call): &(usize, Call<Step>)| (*place, call.answered);
    one.iter().map(key).eq(other.iter().map(key))
}

/// The first answer with which the history is no good any more.
fn first_bad(calls: &[Call<Step>]) -> usize {
    let mut answers: Vec<usize> = calls.iter().filter_map(|call| call.answered).collect();
    answers.sort_unstable();
    let bad = |until: &usize| {
        let cut = calls.iter().filter(|call| call.asked <= *until).map(|call| {
            let answered = call.answered.filter(|answered| answered <= until);
            Call { answered, ..call.clone() }
        });
        judge(&cut.collect::<Vec<_>>(), STEPS) == Found::Nothing
    };
    let good = answers.partition_point(|until| !bad(until));
    answers.get(good).copied().unwrap_or(usize::MAX)
}

fn shown(key: &str, kept: &[(usize, bool)], from: &[&Operation<'_>]) -> Example {
    let mut what = format!("key {key}: no order explains these");
    let mut lines = Vec::new();
    for (place, matters) in kept {
        let one = from[*place];
        lines.extend(one.lines());
        let asked = one.asked;
        let _ = write!(what, "\n{:>10.3} s  process {} ", seconds(asked.t), asked.p);
        if let Some(node) = asked.node {
            let _ = write!(what, "at node {node} ");
        }
        match one.f() {
            "read" => {
                let seen = one.answer().cloned().unwrap_or_default();
                let _ = write!(what, "read {seen}");
            }
            f => {
                let _ = write!(what, "{f} {}", asked.value);
            }
        }
        match one.heard.filter(|_| *matters) {
            Some(heard) => {
                let _ = write!(what, ", answered at {:.3} s", seconds(heard.t));
            }
            None => what.push_str(", at some moment after that"),
        }
    }
    lines.sort_unstable();
    lines.dedup();
    Example::at(what, lines)
}

fn seconds(nanoseconds: u64) -> f64 {
    std::time::Duration::from_nanos(nanoseconds).as_secs_f64()
}

#[cfg(test)]
mod tests;
