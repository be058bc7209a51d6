//! Random small histories, judged a second time by trying every order.

use super::tests::verdict;
use crate::check::operations::{Operation, Outcome, operations};
use crate::check::{Finding, Verdict};
use crate::history::{History, Kind, Line, Process};
use crate::random::Random;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Lists = BTreeMap<u64, Vec<u64>>;

/// Clients of lists that mostly do what they should: sometimes a list is read as it was, a write
/// is forgotten, a half is seen, or what is done is refused.
struct Clients {
    random: Random,
    lists: Lists,
    next_element: u64,
    next_process: u64,
    history: History,
}

/// A client: who it is, what it asked, and what came of it.
struct Client {
    process: u64,
    asked: Option<Vec<Value>>,
    answer: Option<(Kind, Vec<Value>)>,
}

impl Clients {
    fn live(seed: u64) -> History {
        let mut random = Random::new(seed);
        let transactions = 3 + random.below(4);
        let all = 2 + random.below(3);
        let mut clients = Self {
            random,
            lists: Lists::new(),
            next_element: 1,
            next_process: all as u64,
            history: History::default(),
        };
        let new = |process| Client { process, asked: None, answer: None };
        let mut each: Vec<Client> = (0..all as u64).map(new).collect();
        let mut asked = 0;
        while asked < transactions || each.iter().any(|client| client.asked.is_some()) {
            let client = clients.random.below(all);
            let client = &mut each[client];
            match (client.asked.take(), client.answer.take()) {
                (None, _) if asked < transactions => {
                    asked += 1;
                    let steps = clients.steps();
                    clients.say(client.process, Kind::Invoke, json!(steps));
                    client.asked = Some(steps);
                }
                (None, _) => {}
                (Some(steps), None) => {
                    client.answer = Some(clients.happens(&steps));
                    client.asked = Some(steps);
                }
                (Some(_), Some((kind, answer))) => {
                    clients.say(client.process, kind, json!(answer));
                    if kind == Kind::Unknown {
                        client.process = clients.next_process;
                        clients.next_process += 1;
                    }
                }
            }
        }
        clients.history
    }

    fn steps(&mut self) -> Vec<Value> {
        let steps = 1 + self.random.below(3);
        let mut step = || {
            let key = self.random.below(2);
            if self.random.below(2) == 0 {
                return json!(["r", key, null]);
            }
            self.next_element += 1;
            json!(["append", key, self.next_element])
        };
        (0..steps).map(|_| step()).collect()
    }

    fn happens(&mut self, steps: &[Value]) -> (Kind, Vec<Value>) {
        let mut chance = |one_in: usize| self.random.below(one_in) == 0;
        let kind = match (chance(6), chance(8)) {
            (true, _) => Kind::Unknown,
            (_, true) => Kind::Rejected,
            (false, false) => Kind::Ok,
        };
        let (forgotten, past) = (chance(6), chance(3));
        let refused = kind == Kind::Rejected && !chance(5);
        let mut lists = self.lists.clone();
        if past {
            lists.values_mut().for_each(|list| list.truncate(list.len().saturating_sub(1)));
        }
        let mut answer = Vec::new();
        for step in steps {
            let key = step[1].as_u64().unwrap();
            if step[0] == "append" {
                lists.entry(key).or_default().push(step[2].as_u64().unwrap());
                if !refused && !forgotten {
                    self.lists.entry(key).or_default().push(step[2].as_u64().unwrap());
                }
                answer.push(step.clone());
            } else {
                answer.push(json!(["r", key, lists.get(&key).cloned().unwrap_or_default()]));
            }
        }
        (kind, answer)
    }

    fn say(&mut self, process: u64, kind: Kind, value: Value) {
        let mut line = Line::new(Process::Customer(process), kind, "txn");
        line.i = self.history.lines.len() as u64;
        (line.t, line.value) = (line.i, value);
        self.history.lines.push(line);
    }
}

/// Whether some order of what was done explains all that was seen, and no answer came before a
/// question that it depends on.
fn brute(operations: &[Operation<'_>], done: &mut Vec<usize>, lists: &Lists) -> bool {
    let open: Vec<usize> = (0..operations.len()).filter(|one| !done.contains(one)).collect();
    if open.iter().all(|one| !operations[*one].is_ok()) {
        return true;
    }
    let answers = open.iter().filter(|one| operations[**one].is_ok());
    let deadline = answers.map(|one| operations[*one].done).min().unwrap_or(usize::MAX);
    for one in open {
        let operation = &operations[one];
        if operation.outcome == Outcome::Rejected || operation.call > deadline {
            continue;
        }
        if let Some(next) = after(operation, lists) {
            done.push(one);
            if brute(operations, done, &next) {
                return true;
            }
            done.pop();
        }
    }
    false
}

/// The lists when it has happened; nothing if it cannot have seen what it saw.
fn after(operation: &Operation<'_>, lists: &Lists) -> Option<Lists> {
    let mut lists = lists.clone();
    let steps = operation.answer().unwrap_or(&operation.asked.value).as_array().unwrap();
    for step in steps {
        let list = lists.entry(step[1].as_u64().unwrap()).or_default();
        if step[0] == "append" {
            list.push(step[2].as_u64().unwrap());
        } else if operation.is_ok() && step[2] != json!(list) {
            return None;
        }
    }
    Some(lists)
}

#[test]
fn every_verdict_is_that_of_brute_force() {
    let mut good = 0;
    let rounds = 4_000;
    for seed in 0..rounds {
        let history = Clients::live(seed);
        let operations = operations(&history.lines).unwrap();
        let expected = brute(&operations, &mut Vec::new(), &Lists::new());
        let finding: Finding = verdict(&history);
        let found = match finding.verdict {
            Verdict::Valid { .. } | Verdict::NotChecked { .. } => true,
            Verdict::Invalid { .. } | Verdict::Undecided { .. } => false,
        };
        let lines = history.lines.iter().map(|line| serde_json::to_string(line).unwrap());
        let lines = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(found, expected, "seed {seed}: {finding}\n{lines}");
        good += u64::from(expected);
    }
    // Both kinds are there.
    assert!((rounds / 4..rounds * 3 / 4).contains(&good), "{good} of {rounds}");
}
