//! Copies are equal: the same log applied up to the same index leaves the same audit chain.

use crate::reading::Sight;
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

/// Compares nodes that nobody asks anything of at the moment.
pub fn check(sights: &[Sight]) -> Vec<Violation> {
    let [first, others @ ..] = sights else { return vec![Violation::Alone] };
    if others.is_empty() {
        return vec![Violation::Alone];
    }
    let mut violations = Vec::new();
    for Sight { node, applied, audit_head } in sights {
        let (node, applied) = (*node, *applied);
        if audit_head.is_none() {
            violations.push(Violation::Headless { node });
        } else if applied != first.applied {
            violations.push(Violation::Apart { node, applied, first: first.applied });
        } else if *audit_head != first.audit_head {
            violations.push(Violation::Forked { node, applied });
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(node: u64, applied: u64, head: &str) -> Sight {
        let audit_head = (!head.is_empty()).then(|| head.to_owned());
        Sight { node, applied, audit_head }
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
}
