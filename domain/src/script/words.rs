//! One line of a script, taken apart.

use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

/// `12:00:00 place o1 at r1 by alice tip 100: 2 ramen, 1 tea` has a time, a verb, a subject, pairs
/// of words, and a list behind the colon.
#[derive(Clone, Debug)]
pub(super) struct Words<'a> {
    line: &'a str,
    pub(super) at_ms: i64,
    pub(super) verb: &'a str,
    pub(super) subject: &'a str,
    rest: Vec<&'a str>,
    pub(super) list: Vec<&'a str>,
}

impl<'a> Words<'a> {
    pub(super) fn read(line: &'a str) -> Self {
        let (head, list) = line.split_once(": ").unwrap_or((line, ""));
        let mut words = head.split_whitespace();
        let time = words.next().unwrap_or("");
        let at_ms = clock_ms(time).unwrap_or_else(|| panic!("no time of day: {line}"));
        let verb = words.next().unwrap_or_else(|| panic!("no verb: {line}"));
        Self {
            line,
            at_ms,
            verb,
            subject: words.next().unwrap_or(""),
            rest: words.collect(),
            list: list.split(", ").map(str::trim).filter(|text| !text.is_empty()).collect(),
        }
    }

    /// The word behind this one, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        let place = self.rest.iter().position(|word| *word == key)?;
        self.rest.get(place + 1).copied()
    }

    /// The word behind this one.
    pub(super) fn need(&self, key: &str) -> &'a str {
        self.get(key).unwrap_or_else(|| self.wrong(key))
    }

    /// Whether the word stands there.
    pub(super) fn has(&self, word: &str) -> bool {
        self.rest.contains(&word)
    }

    /// The number behind this word, if it is there.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.get(key).map(|word| word.parse().unwrap_or_else(|_| self.wrong(key)))
    }

    /// The time of day behind this word, if it is there, in milliseconds.
    pub(super) fn clock(&self, key: &str) -> Option<i64> {
        self.get(key).map(|word| clock_ms(word).unwrap_or_else(|| self.wrong(key)))
    }

    /// One of these words, if one of them stands there.
    pub(super) fn choose<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        choices.iter().find(|(word, _)| self.has(word)).map(|(_, choice)| *choice)
    }

    /// A script is a test: what it means must be clear.
    pub(super) fn wrong(&self, what: &str) -> ! {
        panic!("the script does not say it right ({what}): {}", self.line)
    }
}

/// `36:00:30` is half a minute past noon of the second day.
fn clock_ms(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    Some(hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS)
}
