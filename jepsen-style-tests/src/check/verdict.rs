//! What a checker says: one finding for each promise, with counter-examples where it is broken.

use serde::Serialize;
use std::fmt;

/// Counter-examples that a finding keeps; the rest is counted.
pub const EXAMPLES: usize = 20;

/// Declares the promises: name, title.
macro_rules! invariants {
    ($($name:ident = $text:literal, $title:literal;)*) => {
        /// What the city promises, and that the run itself was one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[allow(missing_docs)]
        pub enum Invariant {
            $(#[doc = $title] #[serde(rename = $text)] $name,)*
        }

        impl Invariant {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As it is called in reports, like `I1`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it promises, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

invariants! {
    I1 = "I1", "no acknowledged order is lost, none comes from nowhere";
    I2 = "I2", "linearizable reads are linearizable";
    I3 = "I3", "commands about several objects are strictly serializable";
    I4 = "I4", "states take legal edges only and never go back";
    I5 = "I5", "one courier per order, no courier over capacity";
    I6 = "I6", "money adds up, to the cent, on both sides";
    I7 = "I7", "one key has one effect and equal answers";
    I8 = "I8", "stock and slots never negative, and they add up";
    I9 = "I9", "nothing is accepted after a revoke";
    I10 = "I10", "the feed is ordered, unique and without gaps";
    I11 = "I11", "search comes to what the state says";
    I12 = "I12", "replicas are identical";
    I13 = "I13", "timers fire once, not early, and are not lost";
    I14 = "I14", "healed, the city finds itself in time";
    I15 = "I15", "no acknowledgement from a node with a broken disk";
    I16 = "I16", "what is erased is nowhere";
    I17 = "I17", "limits are not multiplied by hopping nodes";
    Coverage = "coverage", "the run did what it was to do";
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a checker says of one promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of which.
    pub invariant: Invariant,
    /// What it promises.
    pub title: &'static str,
    /// Whether it was kept.
    pub verdict: Verdict,
}

/// Whether a promise was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// It was.
    Valid {
        /// Things that were looked at: operations, orders, events.
        checked: u64,
    },
    /// It was not.
    Invalid {
        /// How often, as far as that can be counted.
        total: u64,
        /// The first few.
        examples: Vec<Example>,
    },
    /// Nobody can say: the checker ran out of time, or the history leaves it open. This fails a
    /// run.
    Undecided {
        /// Why not.
        why: String,
    },
    /// The history has nothing that this promise is about.
    NotChecked {
        /// What is missing.
        why: String,
    },
}

/// A counter-example.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Example {
    /// In words; may have several lines.
    pub what: String,
    /// The numbers (`i`) of the lines of the history that show it, if single ones do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u64>,
}

impl Example {
    /// Shown by no single line.
    pub fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), lines: Vec::new() }
    }

    /// Shown by these lines.
    pub fn at(what: impl fmt::Display, lines: impl IntoIterator<Item = u64>) -> Self {
        Self { what: what.to_string(), lines: lines.into_iter().collect() }
    }
}

impl Verdict {
    /// Valid if there is no counter-example among so many things; not checked if there is nothing.
    pub fn of(checked: usize, examples: Vec<Example>, nothing: &str) -> Self {
        if !examples.is_empty() {
            return Self::invalid(examples);
        }
        match checked {
            0 => Self::not_checked(nothing),
            _ => Self::Valid { checked: checked as u64 },
        }
    }

    /// With these counter-examples, of which the first are kept.
    pub fn invalid(mut examples: Vec<Example>) -> Self {
        let total = examples.len() as u64;
        examples.truncate(EXAMPLES);
        Self::Invalid { total, examples }
    }

    /// Nothing to look at.
    pub fn not_checked(why: &str) -> Self {
        Self::NotChecked { why: why.to_owned() }
    }

    /// Whether a run with this verdict is green: kept, or not asked.
    pub fn passes(&self) -> bool {
        match self {
            Self::Valid { .. } | Self::NotChecked { .. } => true,
            Self::Invalid { .. } | Self::Undecided { .. } => false,
        }
    }

    /// Both together: the worst word, and what both have seen.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (
                Self::Invalid { total, mut examples },
                Self::Invalid { total: more, examples: others },
            ) => {
                examples.extend(others);
                examples.truncate(EXAMPLES);
                Self::Invalid { total: total + more, examples }
            }
            (bad @ Self::Invalid { .. }, _) | (_, bad @ Self::Invalid { .. }) => bad,
            (open @ Self::Undecided { .. }, _) | (_, open @ Self::Undecided { .. }) => open,
            (Self::Valid { checked }, Self::Valid { checked: more }) => {
                Self::Valid { checked: checked + more }
            }
            (good @ Self::Valid { .. }, Self::NotChecked { .. })
            | (Self::NotChecked { .. }, good @ Self::Valid { .. }) => good,
            (nothing @ Self::NotChecked { .. }, Self::NotChecked { .. }) => nothing,
        }
    }
}

impl Finding {
    /// Of a promise.
    pub fn new(invariant: Invariant, verdict: Verdict) -> Self {
        Self { invariant, title: invariant.title(), verdict }
    }

    /// Whether a run with this finding is green.
    pub fn passes(&self) -> bool {
        self.verdict.passes()
    }
}

impl fmt::Display for Finding {
    /// One line, and two spaces before each line of a counter-example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.invariant, self.title)?;
        match &self.verdict {
            Verdict::Valid { checked } => write!(f, "valid, {checked} checked"),
            Verdict::Undecided { why } => write!(f, "undecided: {why}"),
            Verdict::NotChecked { why } => write!(f, "not checked: {why}"),
            Verdict::Invalid { total, examples } => {
                write!(f, "INVALID, {total} found")?;
                for example in examples {
                    for line in example.what.lines() {
                        write!(f, "\n  {line}")?;
                    }
                    if !example.lines.is_empty() {
                        write!(f, " (lines {:?})", example.lines)?;
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_word_counts() {
        let valid = |checked| Verdict::Valid { checked };
        let nothing = || Verdict::not_checked("nothing");
        let open = || Verdict::Undecided { why: "late".to_owned() };
        let bad = |what: &str| Verdict::invalid(vec![Example::new(what)]);
        assert_eq!(valid(1).and(valid(2)), valid(3));
        assert_eq!(valid(1).and(nothing()), valid(1));
        assert_eq!(open().and(valid(1)), open());
        assert_eq!(open().and(bad("a")), bad("a"));
        let both = Verdict::invalid(vec![Example::new("a"), Example::new("b")]);
        assert_eq!(bad("a").and(bad("b")), both);
        assert!(nothing().passes() && !open().passes() && !both.passes());
    }

    #[test]
    fn a_finding_is_told_in_words() {
        let verdict = Verdict::invalid(vec![Example::at("x was read\nbefore it was", [3, 4])]);
        let finding = Finding::new(Invariant::I2, verdict);
        let expected = "I2 linearizable reads are linearizable: INVALID, 1 found\n  \
                        x was read\n  before it was (lines [3, 4])";
        assert_eq!(finding.to_string(), expected);
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["invariant"], "I2");
        assert_eq!(json["verdict"]["is"], "invalid");
    }
}
