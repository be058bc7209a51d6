//! I11: once it is quiet, what a search finds at each node is what the state says, and what was
//! deleted or closed never comes back.

use super::Case;
use super::verdict::{Example, Verdict};
use crate::evidence::Evidence;
use std::collections::BTreeSet;

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for shown in case.evidence.iter().filter(|shown| shown.at_rest) {
        let Evidence::Search(found) = &shown.evidence else { continue };
        checked += 1;
        let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        let (ids, expected, gone) = (set(&found.ids), set(&found.expected), set(&found.gone));
        let node = shown.node.unwrap_or_default();
        let mut tell = |what: &str, ids: Vec<&String>| {
            if !ids.is_empty() {
                let what = format!("{} at node {node} {what} {ids:?}", found.query);
                wrong.push(Example::at(what, [shown.line.i]));
            }
        };
        tell("does not find", expected.difference(&ids).collect());
        tell("finds what is gone:", ids.intersection(&gone).collect());
        let more = ids.difference(&expected).filter(|id| !gone.contains(*id));
        tell("finds too much:", more.collect());
        if ids.len() < found.ids.len() {
            tell("finds something twice in", found.ids.iter().collect());
        }
    }
    Verdict::of(checked, wrong, "nobody searched")
}
