//! Each person is told each thing once: what the provider took is what follows from the feed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What must, and what may have been said, by the keys of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The key, and what it is about.
    pub must: BTreeMap<String, String>,
    /// Overtaken by what happened next, or sent only where somebody was slow.
    pub may: BTreeSet<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// Nobody was told.
    Untold {
        /// The message's key.
        key: String,
        /// What it is about.
        what: String,
    },
    /// Said twice.
    Twice {
        /// The message's key.
        key: String,
    },
    /// Nothing has happened that it tells of.
    Stray {
        /// The message's key.
        key: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untold { key, what } => write!(f, "{what}: nobody was told ({key})"),
            Self::Twice { key } => write!(f, "{key} was said twice"),
            Self::Stray { key } => write!(f, "{key} tells of nothing"),
        }
    }
}

/// Compares the keys that the provider took with what follows from the feed.
pub fn check(expected: &Expected, taken: &[String]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for key in taken {
        if !seen.insert(key) {
            violations.push(Violation::Twice { key: key.clone() });
        } else if !expected.must.contains_key(key) && !expected.may.contains(key) {
            violations.push(Violation::Stray { key: key.clone() });
        }
    }
    for (key, what) in expected.must.iter().filter(|(key, _)| !seen.contains(key)) {
        violations.push(Violation::Untold { key: key.clone(), what: what.clone() });
    }
    violations.sort();
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(taken: &[&str]) -> String {
        let expected = Expected {
            must: [("a", "placed"), ("b", "accepted")]
                .map(|(key, what)| (key.to_owned(), what.to_owned()))
                .into(),
            may: ["c".to_owned()].into(),
        };
        let taken: Vec<_> = taken.iter().map(|key| (*key).to_owned()).collect();
        let said = check(&expected, &taken).iter().map(ToString::to_string).collect::<Vec<_>>();
        said.join("; ")
    }

    #[test]
    fn histories() {
        assert_eq!(told(&["a", "b"]), "");
        assert_eq!(told(&["b", "c", "a"]), "", "in any order, and what may be");
        assert_eq!(told(&["a"]), "accepted: nobody was told (b)");
        assert_eq!(told(&["a", "b", "a"]), "a was said twice");
        assert_eq!(told(&["a", "b", "x"]), "x tells of nothing");
    }
}
