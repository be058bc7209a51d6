//! A register: what was written last is what is read. A changed register names what it was.

use super::search::{Call, Model};
use crate::check::operations::{Operation, Outcome};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Nothing has been written yet.
const NOTHING: u32 = 0;

/// A register whose first content is `null`.
pub(crate) struct Register;

/// What was done to it. Contents are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Read(u32),
    Write(u32),
    /// It was the first, and became the second.
    Cas(u32, u32),
}

impl Model for Register {
    type State = u32;
    type Step = Step;

    fn initial(&self) -> u32 {
        NOTHING
    }

    fn step(&self, state: &u32, step: &Step) -> Option<u32> {
        match *step {
            Step::Read(seen) => (seen == *state).then_some(seen),
            Step::Write(new) => Some(new),
            Step::Cas(old, new) => (old == *state).then_some(new),
        }
    }
}

/// Contents and their numbers.
#[derive(Debug, Default)]
pub(super) struct Contents {
    numbers: BTreeMap<String, u32>,
}

impl Contents {
    fn number(&mut self, content: &Value) -> u32 {
        if content.is_null() {
            return NOTHING;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX - 1) + 1;
        *self.numbers.entry(content.to_string()).or_insert(next)
    }

    /// The call of an operation; nothing if it proves nothing, and an error if it cannot be read.
    pub(super) fn call(&mut self, one: &Operation<'_>) -> Result<Option<Call<Step>>, &'static str> {
        let answered = match one.outcome {
            Outcome::Ok => Some(one.done),
            Outcome::Unknown => None,
            Outcome::Rejected => return Ok(None),
        };
        let step = match (one.f(), one.answer()) {
            ("read", Some(seen)) => Step::Read(self.number(seen)),
            ("read", None) => return Ok(None),
            ("write", _) => Step::Write(self.number(&one.asked.value)),
            ("cas", _) => {
                let pair = one.asked.value.as_array().map(Vec::as_slice);
                let Some([old, new]) = pair else { return Err("a cas is about two contents") };
                Step::Cas(self.number(old), self.number(new))
            }
            _ => return Err("a register is read, written or changed"),
        };
        Ok(Some(Call { step, asked: one.call, answered }))
    }
}

/// Whether each call of this list is needed. What may have been written, and what nobody has seen,
/// explains nothing: each such call would double the search.
pub(super) fn needed(calls: &[Call<Step>]) -> Vec<bool> {
    let mut needed: Vec<bool> = calls.iter().map(|call| call.answered.is_some()).collect();
    let mut seen: BTreeSet<u32> = calls
        .iter()
        .filter(|call| call.answered.is_some())
        .filter_map(|call| match call.step {
            Step::Read(content) | Step::Cas(content, _) => Some(content),
            Step::Write(_) => None,
        })
        .collect();
    loop {
        let mut more = false;
        // Backwards: who is seen comes mostly before who saw.
        let open = needed.iter_mut().zip(calls).rev().filter(|(needed, _)| !**needed);
        for (needed, call) in open {
            let (old, new) = match call.step {
                Step::Read(_) => continue,
                Step::Write(new) => (None, new),
                Step::Cas(old, new) => (Some(old), new),
            };
            if seen.contains(&new) {
                seen.extend(old);
                (*needed, more) = (true, true);
            }
        }
        if !more {
            return needed;
        }
    }
}
