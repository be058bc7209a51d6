//! Questions and their answers, put together from the lines of a history.

use crate::history::{Kind, Line, Process};
use serde_json::Value;
use std::collections::HashMap;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a yes.
    Ok,
    /// It certainly had no effect.
    Rejected,
    /// Nobody can say; also if the history ends before its answer.
    Unknown,
}

/// One attempt: what was asked, and what was heard.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The line that asked.
    pub asked: &'a Line,
    /// The line that answered.
    pub heard: Option<&'a Line>,
    /// How it ended.
    pub outcome: Outcome,
    /// The place of the question in the history.
    pub call: usize,
    /// The place of the answer; behind everything if it has none that is definite.
    pub done: usize,
}

impl<'a> Operation<'a> {
    /// What was done.
    pub fn f(&self) -> &'a str {
        &self.asked.f
    }

    /// To which object.
    pub fn key(&self) -> Option<&'a str> {
        self.asked.key.as_deref()
    }

    /// The content of a yes.
    pub fn answer(&self) -> Option<&'a Value> {
        match self.outcome {
            Outcome::Ok => self.heard.map(|line| &line.value),
            Outcome::Rejected | Outcome::Unknown => None,
        }
    }

    /// Whether it had its yes.
    pub fn is_ok(&self) -> bool {
        self.outcome == Outcome::Ok
    }

    /// The numbers of its lines, for an example.
    pub fn lines(&self) -> impl Iterator<Item = u64> {
        let heard = self.heard.map(|line| line.i);
        std::iter::once(self.asked.i).chain(heard)
    }
}

/// A line that no question belongs to, or a question of somebody who has not heard the last
/// answer: the harness is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The number of the line.
    pub line: u64,
    /// What is wrong with it.
    pub why: &'static str,
}

/// All attempts, in the order in which they were asked.
///
/// # Errors
/// The first line that makes no sense.
pub fn operations(lines: &[Line]) -> Result<Vec<Operation<'_>>, Malformed> {
    let mut operations: Vec<Operation<'_>> = Vec::new();
    // Where each process is: the place of its open question, or that it must not ask again.
    let mut open: HashMap<Name<'_>, Option<usize>> = HashMap::new();
    for (place, line) in lines.iter().enumerate() {
        let malformed = |why| Malformed { line: line.i, why };
        match line.kind {
            Kind::Info => {}
            Kind::Invoke => {
                let number = operations.len();
                if open.insert(name(&line.p), Some(number)).is_some() {
                    return Err(malformed("this process has not heard a definite answer"));
                }
                let (outcome, done) = (Outcome::Unknown, usize::MAX);
                operations.push(Operation { asked: line, heard: None, outcome, call: place, done });
            }
            Kind::Ok | Kind::Rejected | Kind::Unknown => {
                let asked = open.remove(&name(&line.p)).flatten();
                let Some(number) = asked else {
                    return Err(malformed("this process has asked nothing"));
                };
                let operation = &mut operations[number];
                if operation.asked.f != line.f {
                    return Err(malformed("this process has asked something else"));
                }
                operation.heard = Some(line);
                (operation.outcome, operation.done) = match line.kind {
                    Kind::Ok => (Outcome::Ok, place),
                    Kind::Rejected => (Outcome::Rejected, place),
                    Kind::Unknown | Kind::Invoke | Kind::Info => {
                        // Its request may still be on its way: this process never asks again.
                        open.insert(name(&line.p), None);
                        (Outcome::Unknown, usize::MAX)
                    }
                };
            }
        }
    }
    Ok(operations)
}

#[derive(PartialEq, Eq, Hash)]
enum Name<'a> {
    Number(u64),
    Word(&'a str),
}

fn name(process: &Process) -> Name<'_> {
    match process {
        Process::Customer(number) => Name::Number(*number),
        Process::Other(name) => Name::Word(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::lines;

    #[test]
    fn questions_find_their_answers() {
        let lines = lines(
            "
            1 invoke   write x 1
            2 invoke   read  x
            1 ok       write x 1
            2 rejected read  x
            2 invoke   read  x
            2 unknown  read  x
            3 invoke   read  x
            ",
        );
        let operations = operations(&lines).unwrap();
        let told = operations.iter().map(|one| (one.call, one.done, one.outcome));
        let expected = [
            (0, 2, Outcome::Ok),
            (1, 3, Outcome::Rejected),
            (4, usize::MAX, Outcome::Unknown),
            (6, usize::MAX, Outcome::Unknown),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!(operations[0].lines().collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_harness_that_is_at_fault_is_named() {
        let wrong = |text: &str| operations(&lines(text)).map(|_| ()).unwrap_err();
        assert_eq!(wrong("1 ok read x 1").why, "this process has asked nothing");
        let twice = "1 invoke read x\n1 invoke read x";
        assert_eq!(wrong(twice).line, 1);
        let reused = "1 invoke read x\n1 unknown read x\n1 invoke read x";
        assert_eq!(wrong(reused).why, "this process has not heard a definite answer");
        let other = "1 invoke read x\n1 ok write x 1";
        assert_eq!(wrong(other).why, "this process has asked something else");
    }
}
