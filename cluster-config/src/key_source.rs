//! Where a key comes from when a node starts. Never the configuration itself, so that one can be
//! shown around.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is none of the others is a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeySource {
    /// `city`: made from the city's master key.
    City,
    /// A file that nobody else may read.
    File(PathBuf),
    /// `env:NAME`: a variable of the environment.
    Variable(String),
    /// `run:PROGRAM ARGUMENT ..`: what a program prints, as the command of a key service does. No
    /// shell reads it: words are parted by spaces.
    Program {
        /// Looked for as a shell would do.
        program: PathBuf,
        /// The words after it.
        arguments: Vec<String>,
    },
}

/// The text says of no key where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("say where a key is: a file, env:NAME, run:PROGRAM ARGUMENT .., or city")]
pub struct KeySourceError;

impl FromStr for KeySource {
    type Err = KeySourceError;

    fn from_str(text: &str) -> Result<Self, KeySourceError> {
        if text == "city" {
            return Ok(Self::City);
        }
        if let Some(name) = text.strip_prefix("env:") {
            let is_name = |name: &str| !name.is_empty() && !name.contains(['=', '\0', ' ']);
            return is_name(name).then(|| Self::Variable(name.to_owned())).ok_or(KeySourceError);
        }
        if let Some(line) = text.strip_prefix("run:") {
            let mut words = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned);
            let program = words.next().ok_or(KeySourceError)?.into();
            return Ok(Self::Program { program, arguments: words.collect() });
        }
        if text.is_empty() || is_scheme(text) || is_a_key(text) {
            return Err(KeySourceError);
        }
        Ok(Self::File(text.into()))
    }
}

/// Whether it begins like the name of a service that we do not know, and like no path.
fn is_scheme(text: &str) -> bool {
    let first = text.split_once(':').map(|(first, _)| first);
    first.is_some_and(|first| first.chars().all(|letter| letter.is_ascii_alphanumeric()))
}

/// Whether it is a key itself: a file of that name would be told in every complaint.
fn is_a_key(text: &str) -> bool {
    let of_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/".contains(letter);
    text.strip_suffix('=').is_some_and(|most| most.len() == 43 && most.chars().all(of_base64))
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::City => f.write_str("city"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::Program { program, arguments } => {
                write!(f, "run:{}", program.display())?;
                arguments.iter().try_for_each(|word| write!(f, " {word}"))
            }
        }
    }
}

impl TryFrom<String> for KeySource {
    type Error = KeySourceError;

    fn try_from(text: String) -> Result<Self, KeySourceError> {
        text.parse()
    }
}

impl From<KeySource> for String {
    fn from(source: KeySource) -> Self {
        source.to_string()
    }
}

impl KeySource {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::City | Self::Variable(_) | Self::Program { .. } => None,
        }
    }

    /// Reads a file's path from here.
    pub(crate) fn root(&mut self, base_dir: &Path) {
        if let Self::File(path) = self {
            *path = base_dir.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let read = |text: &str| text.parse::<KeySource>();
        let program = |program: &str, words: &[&str]| KeySource::Program {
            program: program.into(),
            arguments: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        for (text, source) in [
            ("city", KeySource::City),
            ("./city", KeySource::File("./city".into())),
            ("secrets/a key", KeySource::File("secrets/a key".into())),
            ("./a:b", KeySource::File("./a:b".into())),
            ("env:FD_CITY_KEY", KeySource::Variable("FD_CITY_KEY".to_owned())),
            ("run:/opt/unwrap", program("/opt/unwrap", &[])),
            ("run:kms decrypt --key fd", program("kms", &["decrypt", "--key", "fd"])),
        ] {
            assert_eq!(read(text).as_ref(), Ok(&source));
            assert_eq!(source.to_string(), text);
        }
        let key = format!("{}=", "B".repeat(43));
        for wrong in ["", "env:", "env:A=B", "run:", "run:  ", "ENV:A", "vault:secret/fd", &key] {
            assert_eq!(read(wrong), Err(KeySourceError), "{wrong}");
        }
        assert_eq!(read("run:kms  decrypt"), Ok(program("kms", &["decrypt"])));
    }
}
