//! I15: a node whose disk is full, fails or is damaged acknowledges nothing while that lasts. That
//! nothing is lost by it is for I1 to say.

use super::faults::Span;
use super::operations::Operation;
use super::verdict::{Example, Verdict};
use super::{Case, is_read};
use serde_json::Value;

/// Faults of a disk.
const BROKEN: [&str; 3] = ["disk_full", "eio", "corrupt"];
/// A fault has struck after this time, in nanoseconds: until somebody writes, nobody knows of it.
const STRUCK_AFTER_NS: u64 = 2_000_000_000;

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let broken: Vec<&Span<'_>> =
        case.spans.iter().filter(|span| BROKEN.contains(&span.name)).collect();
    let mut wrong = Vec::new();
    for span in &broken {
        let struck = span.from + STRUCK_AFTER_NS;
        let meanwhile = case.operations.iter().filter(|one| {
            let there = one.asked.node.is_some_and(|node| span.note.nodes.contains(&node));
            let inside = one.asked.t >= struck && one.heard.is_some_and(|line| line.t <= span.to);
            there && inside && one.is_ok() && changes(one)
        });
        for one in meanwhile {
            let node = one.asked.node.unwrap_or_default();
            let ms = (one.asked.t - span.from) / 1_000_000;
            let what = format!(
                "node {node} acknowledged a {} {ms} ms after the fault {}, {}",
                one.f(),
                span.note.fault,
                span.name
            );
            let begin = case.lines[span.began].i;
            wrong.push(Example::at(what, [begin].into_iter().chain(one.lines())));
        }
    }
    Verdict::of(broken.len(), wrong, "no disk was broken")
}

/// Reads go on where nothing can be written, those of several objects too.
fn changes(one: &Operation<'_>) -> bool {
    let is_read_step = |step: &Value| step[0] == "r";
    let steps = one.asked.value.as_array();
    let only_reads = steps.is_some_and(|steps| steps.iter().all(is_read_step));
    let reads = is_read(one.f()) || (one.f() == "txn" && only_reads);
    !reads
}
