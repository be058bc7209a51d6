//! I9: from the yes to a revoke on, no write is accepted anywhere and nothing is renewed; private
//! reads end within a second. A refresh token that is shown again ends its family.

use super::Case;
use super::operations::{Operation, Outcome};
use super::verdict::{Example, Verdict};
use crate::evidence::Evidence;
use serde_json::Value;
use std::collections::BTreeMap;

/// A private read may still be answered for so long, in nanoseconds.
const READS_END_NS: u64 = 1_000_000_000;
/// A refresh token that was replaced is good for so long, in nanoseconds: its answer may be lost.
const GRACE_NS: u64 = 30_000_000_000;
/// The city's word for a refresh token that was shown again too late.
const REUSED: &str = "refresh_reused";

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let mut families: BTreeMap<&str, Vec<&Operation<'_>>> = BTreeMap::new();
    for one in &case.operations {
        if matches!(one.f(), "login" | "refresh" | "revoke" | "use") {
            families.entry(one.key().unwrap_or_default()).or_default().push(one);
        }
    }
    let (mut wrong, mut checked) = (Vec::new(), 0);
    let mut ends: BTreeMap<&str, End> = BTreeMap::new();
    for (family, operations) in &families {
        checked += operations.len();
        reused(family, operations, &mut wrong);
        if let Some(end) = operations.iter().filter_map(|one| End::of(one)).min_by_key(|end| end.t)
        {
            for one in operations {
                end.judge(family, one, &mut wrong);
            }
            ends.insert(family, end);
        }
    }
    for shown in case.evidence.iter().filter(|shown| shown.at_rest) {
        let Evidence::Sessions(sessions) = &shown.evidence else { continue };
        for (family, alive) in &sessions.families {
            checked += 1;
            let end = ends.get(family.as_str());
            if let Some(end) = end.filter(|end| *alive && end.t + READS_END_NS < shown.line.t) {
                let node = shown.node.unwrap_or_default();
                let what = format!("{family} is still alive at node {node}, and was {}", end.why);
                wrong.push(Example::at(what, [end.line, shown.line.i]));
            }
        }
    }
    Verdict::of(checked, wrong, "nobody logged in")
}

/// The moment from which a family is dead.
struct End {
    why: &'static str,
    place: usize,
    t: u64,
    line: u64,
}

impl End {
    fn of(one: &Operation<'_>) -> Option<Self> {
        let heard = one.heard?;
        let why = match (one.f(), one.outcome) {
            ("revoke", Outcome::Ok) => "revoked",
            ("refresh", Outcome::Rejected)
                if heard.err.as_deref().is_some_and(|why| why.starts_with(REUSED)) =>
            {
                "shown a refresh token again"
            }
            _ => return None,
        };
        Some(Self { why, place: one.done, t: heard.t, line: heard.i })
    }

    /// Whether a yes came too late.
    fn judge(&self, family: &str, one: &Operation<'_>, wrong: &mut Vec<Example>) {
        if !one.is_ok() || one.call < self.place {
            return;
        }
        let read = one.f() == "use" && one.asked.value["write"] != true;
        let late = match one.f() {
            "refresh" => true,
            "use" => !read || one.asked.t > self.t + READS_END_NS,
            // Another login is another family; to end what has ended changes nothing.
            _ => false,
        };
        if late {
            let since = (one.asked.t - self.t) / 1_000_000;
            let node = one.asked.node.map(|node| format!(" at node {node}")).unwrap_or_default();
            let what = format!(
                "{family} was {} and {since} ms later a {}{node} was accepted: {}",
                self.why,
                if read { "read" } else { one.f() },
                one.asked.value
            );
            wrong.push(Example::at(what, [self.line].into_iter().chain(one.lines())));
        }
    }
}

/// The same refresh token twice: within the grace it gives the same pair, behind it none.
fn reused(family: &str, operations: &[&Operation<'_>], wrong: &mut Vec<Example>) {
    let mut first: BTreeMap<String, &Operation<'_>> = BTreeMap::new();
    for one in operations.iter().filter(|one| one.f() == "refresh" && one.is_ok()) {
        let shown = one.asked.value["token"].to_string();
        let Some(before) = first.get(shown.as_str()) else {
            first.insert(shown, one);
            continue;
        };
        let (Some(answered), asked) = (before.heard, one.asked) else { continue };
        let lines = || before.lines().chain(one.lines());
        if asked.t > answered.t + GRACE_NS {
            let ms = (asked.t - answered.t) / 1_000_000;
            let what = format!("{family}: the refresh token {shown} was good again after {ms} ms");
            wrong.push(Example::at(what, lines()));
        }
        let pair = |one: &Operation<'_>| one.answer().map_or(Value::Null, |v| v["token"].clone());
        if pair(before) != pair(one) && one.call > before.done && newer(operations, before, one) {
            let what = format!("{family}: the refresh token {shown} gave two pairs");
            wrong.push(Example::at(what, lines()));
        }
    }
}

/// Whether nobody refreshed with the pair of the first answer in between: then the second one
/// could only repeat it.
fn newer(operations: &[&Operation<'_>], before: &Operation<'_>, again: &Operation<'_>) -> bool {
    let pair = before.answer().map(|answer| answer["token"].clone());
    !operations.iter().any(|one| {
        one.f() == "refresh"
            && one.call < again.done
            && Some(&one.asked.value["token"]) == pair.as_ref()
    })
}
