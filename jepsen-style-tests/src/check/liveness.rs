//! I14: with all faults over there is a leader within 5 seconds, and within 30 seconds everything
//! works again at every node. No process has panicked on the way.

use super::verdict::{Example, Verdict};
use super::{Case, Shown, is_read};
use crate::evidence::Evidence;
use crate::history::Phase;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A leader is known within this time.
const LEADER_WITHIN: Duration = Duration::from_secs(5);
/// Everything works within this time.
const HEALED_WITHIN: Duration = Duration::from_secs(30);

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let (mut wrong, mut checked) = panics(case);
    let begins = |phase| case.lines.iter().position(|line| line.phase() == Some(phase));
    if let Some(healed) = begins(Phase::Healed) {
        checked += 1;
        let from = case.lines[healed].t;
        leader(case, healed, &mut wrong);
        let first = writes(case, healed);
        for node in nodes(case) {
            checked += 1;
            match first.get(&node).map(|t| Duration::from_nanos(t - from)) {
                None => wrong.push(Example::new(format!(
                    "healed, and no write went through node {node} any more"
                ))),
                Some(after) if after > HEALED_WITHIN => wrong.push(Example::new(format!(
                    "node {node} took its first write {:.1} s after everything was healed",
                    after.as_secs_f64()
                ))),
                Some(_) => {}
            }
        }
        match begins(Phase::Evidence).map(|place| Duration::from_nanos(case.lines[place].t - from))
        {
            None => wrong.push(Example::new("healed, and it never came to rest")),
            Some(after) if after > HEALED_WITHIN => wrong.push(Example::new(format!(
                "healed, and it came to rest only after {:.1} s",
                after.as_secs_f64()
            ))),
            Some(_) => {}
        }
    }
    Verdict::of(checked, wrong, "no phase began in which all faults were over")
}

fn panics(case: &Case<'_>) -> (Vec<Example>, usize) {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for shown in &case.evidence {
        let Evidence::Panics(panics) = &shown.evidence else { continue };
        checked += 1;
        for line in &panics.lines {
            wrong.push(Example::at(format!("{}: {line}", panics.log), [shown.line.i]));
        }
    }
    (wrong, checked)
}

/// Somebody named one, or something went through that only a leader lets through.
fn leader(case: &Case<'_>, healed: usize, wrong: &mut Vec<Example>) {
    let from = case.lines[healed].t;
    let seen = case.evidence.iter().filter_map(|shown| {
        let Evidence::Sight(sight) = &shown.evidence else { return None };
        (shown.line.t >= from && sight.leader.is_some()).then_some(shown.line.t)
    });
    let went_through = writes(case, healed).into_values();
    match seen.chain(went_through).min().map(|t| Duration::from_nanos(t - from)) {
        None => wrong.push(Example::new("healed, and nobody leads")),
        Some(after) if after > LEADER_WITHIN => wrong
            .push(Example::new(format!("healed, and for {:.1} s nobody led", after.as_secs_f64()))),
        Some(_) => {}
    }
}

/// By node: when the first write that was asked after the healing had its yes.
fn writes(case: &Case<'_>, healed: usize) -> BTreeMap<u64, u64> {
    let mut first = BTreeMap::new();
    let later = case.operations.iter().filter(|one| one.call > healed && one.is_ok());
    for one in later.filter(|one| !is_read(one.asked)) {
        if let (Some(node), Some(heard)) = (one.asked.node, one.heard) {
            let t = first.entry(node).or_insert(heard.t);
            *t = heard.t.min(*t);
        }
    }
    first
}

/// Who is a node at the end: whoever showed something then.
fn nodes(case: &Case<'_>) -> BTreeSet<u64> {
    // The logs of nodes that are gone are looked at, too.
    let shows =
        |shown: &&Shown<'_>| shown.at_rest && !matches!(shown.evidence, Evidence::Panics(_));
    case.evidence.iter().filter(shows).filter_map(|shown| shown.node).collect()
}

#[cfg(test)]
mod tests {
    use crate::check::judge;
    use crate::check::testing::history;
    use crate::check::verdict::{Invariant, Verdict};

    fn verdict(panics: &str) -> Verdict {
        let history = history(&format!(
            r#"
            phase healed
            1@1 invoke write x 1
            1@1 ok write x 1
            phase evidence
            reader@1 info sight - {{"applied": 9, "audit_head": "aa", "leader": 1}}
            reader@1 info panics - {{"log": "node1.log", "lines": []}}
            reader@7 info panics - {{"log": "node7.log", "lines": [{panics}]}}
            "#
        ));
        let findings = judge(&history);
        findings.into_iter().find(|one| one.invariant == Invariant::I14).unwrap().verdict
    }

    #[test]
    fn a_node_that_is_gone_owes_no_write_and_must_not_have_panicked() {
        assert!(matches!(verdict(""), Verdict::Valid { .. }));
        assert!(matches!(verdict(r#""panicked at""#), Verdict::Invalid { total: 1, .. }));
    }
}
