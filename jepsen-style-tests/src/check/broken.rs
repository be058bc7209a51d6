//! I15: a node whose disk is full, fails or is damaged acknowledges nothing while that lasts. That
//! nothing is lost by it is for I1 to say.

use super::faults::Span;
use super::verdict::{Example, Verdict};
use super::{Case, is_read};

/// Faults of a disk.
const BROKEN: [&str; 3] = ["disk_full", "eio", DAMAGED];
const DAMAGED: &str = "corrupt";
/// A fault has struck after this time, in nanoseconds: until somebody writes, nobody knows of it.
const STRUCK_AFTER_NS: u64 = 2_000_000_000;

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let broken: Vec<&Span<'_>> =
        case.spans.iter().filter(|span| BROKEN.contains(&span.name)).collect();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for span in &broken {
        let struck = span.from + STRUCK_AFTER_NS;
        // A node with damaged files has them until another one takes its place.
        let until = if span.name == DAMAGED { span.to } else { span.lasted };
        let meanwhile = case.operations.iter().filter(|one| {
            let there = one.asked.node.is_some_and(|node| span.note.nodes.contains(&node));
            there && (struck..=until).contains(&one.asked.t) && !is_read(one.asked)
        });
        for one in meanwhile {
            tried += 1;
            if !one.is_ok() || one.heard.is_none_or(|line| line.t > until) {
                continue;
            }
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
    let nothing = match broken.len() {
        0 => "no disk was broken",
        _ => "nobody asked a node with a broken disk to change anything",
    };
    Verdict::of(tried, wrong, nothing)
}

#[cfg(test)]
mod tests {
    use crate::check::judge;
    use crate::check::testing::history;
    use crate::check::verdict::{Invariant, Verdict};

    fn verdict(text: &str) -> Verdict {
        let findings = judge(&history(text));
        findings.into_iter().find(|one| one.invariant == Invariant::I15).unwrap().verdict
    }

    #[test]
    fn a_broken_disk_that_nobody_asked_proves_nothing() {
        let unasked = r#"
            0ms    begin eio {"fault": 1, "nodes": [2]}
            2500ms 1@1 invoke write x 1
            2510ms 1@1 ok write x 1
            2600ms 2@2 invoke read x
            2610ms 2@2 ok read x 1
            4000ms end eio {"fault": 1} {"observed": {"calls": 3}}
        "#;
        assert!(matches!(verdict(unasked), Verdict::NotChecked { .. }));
        let asked = r#"
            0ms    begin eio {"fault": 1, "nodes": [2]}
            2500ms 1@2 invoke write x 1
            2510ms 1@2 rejected write x 1
            4000ms end eio {"fault": 1} {"observed": {"calls": 3}}
        "#;
        assert_eq!(verdict(asked), Verdict::Valid { checked: 1 });
        let agreed = asked.replace("rejected", "ok");
        assert!(matches!(verdict(&agreed), Verdict::Invalid { total: 1, .. }));
        // A node that was started again on a sound disk may say yes before all is well.
        let mended = agreed.replace(
            "2500ms",
            "2200ms 2@2 invoke write x 2\n2300ms 2@2 rejected write x 2\n\
             2400ms mending eio {\"fault\": 1}\n2500ms",
        );
        assert_eq!(verdict(&mended), Verdict::Valid { checked: 1 });
    }
}
