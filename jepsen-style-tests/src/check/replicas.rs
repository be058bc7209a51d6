//! Copies are equal: the same log applied up to the same index leaves the same audit chain.

use super::Case;
use super::verdict::{Example, Verdict};
use crate::evidence::{Evidence, Sight};
use std::collections::BTreeMap;
use std::fmt;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Too few to compare.
    Alone,
    /// It has not applied as much as the first.
    Apart { node: u64, applied: u64, first: u64 },
    /// The same position, and another history.
    Forked { node: u64, applied: u64 },
    /// It names no head at all.
    Headless { node: u64 },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone => write!(f, "there is nothing to compare"),
            Self::Apart { node, applied, first } => {
                write!(f, "node {node} stands at {applied}, the first at {first}")
            }
            Self::Forked { node, applied } => {
                write!(f, "node {node} has another history up to {applied}")
            }
            Self::Headless { node } => write!(f, "node {node} has no audit head"),
        }
    }
}

/// Compares whatever any two nodes showed at the same position, and at the end all of them.
pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let mut at: BTreeMap<u64, (u64, &Sight)> = BTreeMap::new();
    let mut last: BTreeMap<u64, &Sight> = BTreeMap::new();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for shown in &case.evidence {
        let (Some(node), Evidence::Sight(sight)) = (shown.node, &shown.evidence) else { continue };
        checked += 1;
        // A node that is no member any more was seen before.
        if shown.at_rest {
            last.insert(node, sight);
        }
        let (first, other) = *at.entry(sight.applied).or_insert((node, sight));
        let differ = |one: &Option<String>, other: &Option<String>| {
            one.is_some() && other.is_some() && one != other
        };
        if differ(&sight.audit_head, &other.audit_head)
            || differ(&sight.state_hash, &other.state_hash)
        {
            let applied = sight.applied;
            wrong.push(Example::new(format!(
                "nodes {first} and {node} are not equal at {applied}: audit heads {} and {}, \
                 states {} and {}",
                hash(&other.audit_head),
                hash(&sight.audit_head),
                hash(&other.state_hash),
                hash(&sight.state_hash),
            )));
        }
    }
    let hashless = last.iter().find(|(_, sight)| sight.state_hash.is_none());
    let hashless = hashless.map(|(node, _)| format!("node {node} showed no hash over its state"));
    if !last.is_empty() {
        let last: Vec<_> = last.into_iter().map(|(node, sight)| (node, sight.clone())).collect();
        wrong.extend(check(&last).into_iter().map(Example::new));
    }
    // Equal histories are no equal states.
    match hashless {
        Some(hashless) if wrong.is_empty() => Verdict::not_checked(&hashless),
        Some(_) | None => Verdict::of(checked, wrong, "no node showed how far it is"),
    }
}

fn hash(hash: &Option<String>) -> &str {
    hash.as_deref().unwrap_or("unknown")
}

/// Compares nodes that nobody asks anything of at the moment.
pub fn check(sights: &[(u64, Sight)]) -> Vec<Violation> {
    let [(_, first), others @ ..] = sights else { return vec![Violation::Alone] };
    if others.is_empty() {
        return vec![Violation::Alone];
    }
    let mut violations = Vec::new();
    for (node, sight) in sights {
        let (node, applied) = (*node, sight.applied);
        if sight.audit_head.is_none() {
            violations.push(Violation::Headless { node });
        } else if applied != first.applied {
            violations.push(Violation::Apart { node, applied, first: first.applied });
        } else if sight.audit_head != first.audit_head || sight.state_hash != first.state_hash {
            violations.push(Violation::Forked { node, applied });
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judge;
    use crate::check::testing::history;
    use crate::check::verdict::Invariant;
    use crate::history::History;

    fn sight(node: u64, applied: u64, head: &str) -> (u64, Sight) {
        let audit_head = (!head.is_empty()).then(|| head.to_owned());
        (node, Sight { applied, audit_head, ..Sight::default() })
    }

    #[test]
    fn equal_copies_pass_and_every_difference_is_named() {
        let equal = [sight(1, 9, "aa"), sight(2, 9, "aa"), sight(4, 9, "aa")];
        assert_eq!(check(&equal), []);
        let unequal = [sight(1, 9, "aa"), sight(2, 9, "bb"), sight(3, 8, "aa"), sight(4, 9, "")];
        let expected = [
            Violation::Forked { node: 2, applied: 9 },
            Violation::Apart { node: 3, applied: 8, first: 9 },
            Violation::Headless { node: 4 },
        ];
        assert_eq!(check(&unequal), expected);
        assert_eq!(check(&equal[..1]), [Violation::Alone]);
    }

    #[test]
    fn copies_whose_states_nobody_hashed_are_not_judged() {
        let rest = |hashes: [&str; 2]| {
            let sight = |node: usize| {
                let hash = hashes[node - 1];
                format!(r#"reader@{node} info sight - {{"applied": 9, "audit_head": "aa"{hash}}}"#)
            };
            history(&format!("phase evidence\n{}\n{}", sight(1), sight(2)))
        };
        let verdict = |history: &History| {
            let findings = judge(history);
            findings.into_iter().find(|one| one.invariant == Invariant::I12).unwrap().verdict
        };
        let (one, other) = (r#", "state_hash": "f1""#, r#", "state_hash": "f2""#);
        assert_eq!(verdict(&rest([one, one])), Verdict::Valid { checked: 2 });
        assert!(matches!(verdict(&rest([one, other])), Verdict::Invalid { .. }));
        assert!(matches!(verdict(&rest(["", ""])), Verdict::NotChecked { .. }));
    }
}
