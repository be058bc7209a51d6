//! Whether a run did what it was to do. A green run in which nothing was broken, or in which
//! nothing went through, proves nothing: it is invalid, and not green.

use super::faults::{self, Span, is_observed};
use super::operations::Operation;
use super::verdict::{Example, Verdict};
use super::{Case, is_read};
use crate::evidence::{Evidence, is_evidence};
use crate::history::{History, Phase};
use std::collections::BTreeMap;
use std::time::Duration;

/// Operations that must always be refused: they need no yes.
const REFUSED: [&str; 1] = ["place_far"];
/// A majority resumes within this time: a fault that leaves one and lasts longer sees a yes.
const RESUMES_WITHIN: Duration = Duration::from_secs(10);
/// Nemeses that do nothing.
const CALM: [&str; 3] = ["", "none", "control"];

/// Judges the run, and not the city.
pub(super) fn verdict(history: &History, case: &Case<'_>) -> Verdict {
    let mut wrong = Vec::new();
    if case.operations.is_empty() {
        wrong.push(Example::new("nobody asked anything"));
    }
    unread(history, &mut wrong);
    ended(history, case, &mut wrong);
    answered(&case.operations, &mut wrong);
    happened(history, &case.spans, &mut wrong);
    went_on(case, &mut wrong);
    Verdict::of(case.operations.len() + case.spans.len(), wrong, "there is nothing")
}

/// Evidence that nobody can read.
fn unread(history: &History, wrong: &mut Vec<Example>) {
    for line in history.lines.iter().filter(|line| is_evidence(line)) {
        if Evidence::of(line).is_none() {
            wrong.push(Example::at(format!("this is no evidence of {}", line.f), [line.i]));
        }
    }
}

/// Every phase was reached, and the city answered after the faults.
fn ended(history: &History, case: &Case<'_>, wrong: &mut Vec<Example>) {
    let phased = history.lines.iter().any(|line| line.phase().is_some());
    if !phased {
        return;
    }
    if history.began(Phase::End).is_none() {
        wrong.push(Example::new("the run ended early: its history has no end"));
    }
    if let Some(healed) = history.began(Phase::Healed) {
        let after = |one: &&Operation<'_>| one.is_ok() && one.call > healed;
        if !case.operations.iter().any(|one| after(&one)) {
            wrong.push(Example::new("nothing was acknowledged after the faults"));
        }
    }
}

/// Each kind of operation has had a yes.
fn answered(operations: &[Operation<'_>], wrong: &mut Vec<Example>) {
    let mut kinds: BTreeMap<&str, bool> = BTreeMap::new();
    for one in operations {
        *kinds.entry(one.f()).or_default() |= one.is_ok();
    }
    for (kind, _) in kinds.into_iter().filter(|(kind, ok)| !ok && !REFUSED.contains(kind)) {
        wrong.push(Example::new(format!("no {kind} ever had a yes")));
    }
}

/// Each planned fault has shown itself.
fn happened(history: &History, spans: &[Span<'_>], wrong: &mut Vec<Example>) {
    let nemesis = &history.header.config.nemesis;
    if spans.is_empty() && !CALM.contains(&nemesis.as_str()) {
        wrong.push(Example::new(format!("the nemesis {nemesis} did nothing")));
    }
    for span in spans {
        let line = history.lines[span.began].i;
        let (name, number) = (span.name, span.note.fault);
        if span.ended == usize::MAX {
            wrong.push(Example::at(format!("the fault {number}, {name}, never ended"), [line]));
        } else if !is_observed(span.observed) {
            let what = format!("the fault {number}, {name}, was not observed: {}", span.observed);
            wrong.push(Example::at(what, [line]));
        }
    }
}

/// Where a majority could work, it did.
fn went_on(case: &Case<'_>, wrong: &mut Vec<Example>) {
    // Beside a fault that leaves no majority, another one promises nothing.
    let alone = |span: &&Span<'_>| {
        let overlaps = |other: &Span<'_>| other.from <= span.to && span.from <= other.to;
        span.note.quorum && !case.spans.iter().any(|other| !other.note.quorum && overlaps(other))
    };
    let workable: Vec<Span<'_>> = case.spans.iter().filter(alone).cloned().collect();
    let writes = case.operations.iter().any(|one| !is_read(one.asked));
    if workable.is_empty() || !writes {
        return;
    }
    let gaps = faults::gaps(&workable, &case.operations);
    if gaps.iter().all(|gap| gap.acknowledged == 0) {
        wrong.push(Example::new("nothing was acknowledged during any fault that left a majority"));
        return;
    }
    for (gap, span) in gaps.iter().zip(&workable) {
        let lasted = Duration::from_nanos(gap.to - gap.from);
        if gap.acknowledged == 0 && lasted > RESUMES_WITHIN {
            let what = format!(
                "nothing was acknowledged during the fault {}, {}, which left a majority for \
                 {:.1} s",
                gap.number,
                gap.fault,
                lasted.as_secs_f64()
            );
            wrong.push(Example::at(what, [case.lines[span.began].i]));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::coverage;
    use crate::check::testing::history;
    use expect_test::{Expect, expect};

    fn found(text: &str, expected: &Expect) {
        expected.assert_eq(&coverage(&history(text)).to_string());
    }

    #[test]
    fn a_run_that_did_what_it_should() {
        found(
            r#"
            phase calm
            begin cut {"fault": 1, "nodes": [3], "quorum": true}
            1 invoke write x 1
            1 ok write x 1
            end cut {"fault": 1} {"observed": {"dropped": 3}}
            phase healed
            1 invoke read x
            1 ok read x 1
            phase end
            "#,
            &expect!["coverage the run did what it was to do: valid, 3 checked"],
        );
    }

    #[test]
    fn a_run_that_proves_nothing() {
        found(
            r#"
            phase calm
            begin cut {"fault": 1, "nodes": [3], "quorum": true}
            1 invoke write x 1
            1 rejected write x 1
            end cut {"fault": 1} {"observed": {"dropped": 0}}
            begin kill {"fault": 2, "nodes": [1]}
            phase healed
            reader info orders - 7
            "#,
            &expect![[r#"
                coverage the run did what it was to do: INVALID, 7 found
                  this is no evidence of orders (lines [7])
                  the run ended early: its history has no end
                  nothing was acknowledged after the faults
                  no write ever had a yes
                  the fault 1, cut, was not observed: {"dropped":0} (lines [1])
                  the fault 2, kill, never ended (lines [5])
                  nothing was acknowledged during any fault that left a majority"#]],
        );
    }
}
