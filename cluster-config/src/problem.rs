//! What is wrong with a file: everything at once, so that it is corrected in one go.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the text, counted from 1; nothing for a key that is not there.
    pub line: Option<usize>,
    /// Which key, as in `node.http_listen`; empty where the text is not TOML.
    pub key: String,
    /// What it should be.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Problems {
    /// The file is not there or cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its text is wrong: correct all of these.
    #[error("{}", lines(.0))]
    Wrong(Vec<Problem>),
}

impl Problems {
    /// Each thing that is wrong with the text, in the order of the text.
    pub fn all(&self) -> &[Problem] {
        match self {
            Self::Unreadable { .. } => &[],
            Self::Wrong(problems) => problems,
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
