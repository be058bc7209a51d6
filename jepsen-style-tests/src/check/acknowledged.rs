//! No acknowledged order is lost, none comes from nowhere, and one key has one effect: at every
//! node, with equal content.

use super::Case;
use super::verdict::{Example, Verdict};
use crate::evidence::Evidence;
use crate::history::{Kind, Line, PLACE, PLACE_FAR, TOO_FAR};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Facts of the acknowledgement that the order itself must repeat.
const FACTS: [&str; 4] = ["order_id", "restaurant_id", "placed_at", "receipt"];

/// A delivery that somebody is asked for, and one that waits for the next one to ask.
const OFFERED: &str = "offering";
const NOT_OFFERED: &str = "unassigned";

/// What one node showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Which.
    pub node: u64,
    /// By id, with `?read=linearizable`; orders that it does not know are missing.
    pub current: BTreeMap<String, Value>,
    /// By id, in its own copy with `?after=` the newest acknowledged index.
    pub own: BTreeMap<String, Value>,
    /// The ids of its own list of all orders.
    pub listed: BTreeSet<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It was acknowledged and a node does not have it.
    Lost { order: String, key: String, node: u64, how: &'static str },
    /// A node has an order that nobody was told of.
    FromNowhere { order: String, node: u64 },
    /// A node shows it otherwise than it was acknowledged or ordered.
    Altered { order: String, node: u64, fact: &'static str },
    /// Two nodes show it differently.
    Differs { order: String, node: u64, from: u64, how: &'static str },
    /// One key, several answers.
    TwoAnswers { key: String },
    /// One order, several keys.
    TwoKeys { order: String, keys: Vec<String> },
    /// It was acknowledged and should have been refused.
    Allowed { key: String },
    /// A key whose last word is that nobody knows: the run proves nothing about it.
    Undecided { key: String },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { order, key, node, how } => {
                write!(f, "lost: {order} (key {key}) is not at node {node}, {how}")
            }
            Self::FromNowhere { order, node } => {
                write!(f, "from nowhere: {order} is at node {node}")
            }
            Self::Altered { order, node, fact } => {
                write!(f, "altered: {order} has another {fact} at node {node}")
            }
            Self::Differs { order, node, from, how } => {
                write!(f, "differs: {order} at node {node} and at node {from}, {how}")
            }
            Self::TwoAnswers { key } => write!(f, "two answers to the key {key}"),
            Self::TwoKeys { order, keys } => write!(f, "{order} answers to {}", keys.join(", ")),
            Self::Allowed { key } => write!(f, "allowed: {key} is from too far away"),
            Self::Undecided { key } => write!(f, "undecided: {key}"),
        }
    }
}

/// I1, of a history that holds its evidence. How keys and answers go together is I7.
pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let readings = readings(case);
    if readings.is_empty() {
        return Verdict::not_checked("no node was asked for its orders");
    }
    let violations = check(case.lines, &readings);
    let nowhere = from_nowhere(case.lines, &violations, &readings);
    let wrong = violations.iter().filter(|violation| match violation {
        Violation::Lost { .. }
        | Violation::Altered { .. }
        | Violation::Differs { .. }
        | Violation::Allowed { .. } => true,
        Violation::FromNowhere { order, .. } => nowhere.contains(order.as_str()),
        // An open end is allowed: it happened, or it did not.
        Violation::TwoAnswers { .. } | Violation::TwoKeys { .. } | Violation::Undecided { .. } => {
            false
        }
    });
    let wrong: Vec<_> = wrong.map(Example::new).collect();
    let ids = case.operations.iter().filter(|one| places(one.asked));
    let ids: BTreeSet<_> = ids.filter_map(|one| order_id(one.answer()?)).collect();
    Verdict::of(ids.len() * readings.len(), wrong, "no order was acknowledged")
}

/// Orders that no open request explains: what somebody asked for and never heard of may be there.
fn from_nowhere<'a>(
    history: &[Line],
    violations: &'a [Violation],
    readings: &[Reading],
) -> BTreeSet<&'a str> {
    let (mut open, mut nowhere) = (BTreeSet::new(), BTreeSet::new());
    for violation in violations {
        if let Violation::Undecided { key } = violation {
            open.insert(key.as_str());
        } else if let Violation::FromNowhere { order, .. } = violation {
            nowhere.insert(order.as_str());
        }
    }
    let read = |order: &str| shown(readings, order);
    // Who writes the key into the note is known by it: such an order is theirs, or nobody's.
    nowhere.retain(|order| match read(order).and_then(|seen| seen["note"].as_str()) {
        Some(key) => !open.remove(key),
        None => true,
    });
    let meals = meals(history);
    let nameless = |key: &str| meals.get(key).is_none_or(|meal| meal["note"].is_null());
    let mut by_count = |fits: &dyn Fn(&str) -> bool, left: usize| {
        let keys: Vec<_> = open.iter().copied().filter(|key| fits(key)).take(left).collect();
        keys.iter().all(|key| open.remove(key)) && keys.len() == left
    };
    // One that was read and has no note is of somebody who writes none, one that nobody could read
    // is of anybody; which of them, nobody can say.
    let is_read = |order: &&str| read(order).is_some();
    let has_note = |order: &&str| read(order).is_some_and(|seen| seen["note"].is_string());
    let (noted, others): (BTreeSet<&str>, BTreeSet<&str>) = nowhere.into_iter().partition(has_note);
    let (seen, unseen): (BTreeSet<&str>, BTreeSet<&str>) = others.into_iter().partition(is_read);
    let explained = by_count(&nameless, seen.len()) && by_count(&|_| true, unseen.len());
    if explained { noted } else { noted.into_iter().chain(seen).chain(unseen).collect() }
}

/// An order as any node showed it.
fn shown<'r>(readings: &'r [Reading], order: &str) -> Option<&'r Value> {
    readings.iter().find_map(|one| one.current.get(order).or(one.own.get(order)))
}

/// What the nodes showed when the city was at rest.
fn readings(case: &Case<'_>) -> Vec<Reading> {
    let mut readings: BTreeMap<u64, Reading> = BTreeMap::new();
    for shown in case.evidence.iter().filter(|shown| shown.at_rest) {
        let node = shown.node.unwrap_or_default();
        let empty = Reading { node, ..Reading::default() };
        if let Evidence::Order(seen) = &shown.evidence {
            let reading = readings.entry(node).or_insert(empty);
            let id = || seen.order_id.clone();
            reading.current.extend(seen.current.clone().map(|order| (id(), order)));
            reading.own.extend(seen.own.clone().map(|order| (id(), order)));
        } else if let Evidence::Orders(listed) = &shown.evidence {
            let reading = readings.entry(node).or_insert(empty);
            reading.listed.extend(listed.ids.iter().cloned());
        }
    }
    readings.into_values().collect()
}

/// Whether a line is about placing an order.
fn places(line: &Line) -> bool {
    line.f == PLACE || line.f == PLACE_FAR
}

/// Compares what was acknowledged with what each node shows, at the end of a run.
pub fn check(history: &[Line], readings: &[Reading]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let answers = answers(history, &mut violations);
    let meals = meals(history);
    let known: BTreeSet<&str> = answers.keys().map(String::as_str).collect();
    for reading in readings {
        let node = reading.node;
        let nowhere = reading.listed.iter().filter(|order| !known.contains(order.as_str()));
        violations
            .extend(nowhere.map(|order| Violation::FromNowhere { order: order.clone(), node }));
        for (order, (key, answer)) in &answers {
            let lost = |how| Violation::Lost { order: order.clone(), key: key.clone(), node, how };
            if !reading.listed.contains(order) {
                violations.push(lost("in its list"));
            }
            let asked = [(&reading.current, "linearizable"), (&reading.own, "in its own copy")];
            for (orders, how) in asked {
                let Some(seen) = orders.get(order) else {
                    violations.push(lost(how));
                    continue;
                };
                let altered = altered(answer, meals.get(key.as_str()).copied(), seen);
                let altered = altered.into_iter();
                let order = || order.clone();
                violations.extend(altered.map(|fact| Violation::Altered {
                    order: order(),
                    node,
                    fact,
                }));
            }
        }
    }
    violations.extend(differences(readings));
    violations
}

/// Of an answer to `POST /order`, or of an order.
pub fn order_id(body: &Value) -> Option<String> {
    Some(body.get("order_id")?.as_str()?.to_owned())
}

/// By order: its key and the answer. An answer is the same at every repeat, to the last byte.
fn answers(history: &[Line], violations: &mut Vec<Violation>) -> BTreeMap<String, (String, Value)> {
    let mut by_key: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for line in history.iter().filter(|line| places(line)) {
        let Some(key) = line.idem.as_deref() else { continue };
        match line.kind {
            Kind::Ok => {
                if line.f == PLACE_FAR {
                    violations.push(Violation::Allowed { key: key.to_owned() });
                }
                if by_key.insert(key, &line.value).is_some_and(|before| *before != line.value) {
                    violations.push(Violation::TwoAnswers { key: key.to_owned() });
                }
            }
            // Refused at last, and for ever: had an earlier attempt been a yes, the same key had it
            // again. Any other refusal leaves an earlier attempt open, which may still be on its
            // way, in a process that is stopped or behind a link that is held.
            Kind::Rejected if line.err.as_deref().is_some_and(|why| why.starts_with(TOO_FAR)) => {
                open.remove(key);
            }
            Kind::Unknown => {
                open.insert(key);
            }
            Kind::Invoke | Kind::Rejected | Kind::Info => {}
        }
    }
    let undecided = open.iter().filter(|key| !by_key.contains_key(*key));
    violations.extend(undecided.map(|key| Violation::Undecided { key: (*key).to_owned() }));
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut answers = BTreeMap::new();
    for (key, answer) in by_key {
        let Some(order) = order_id(answer) else {
            violations.push(Violation::Undecided { key: key.to_owned() });
            continue;
        };
        keys.entry(order.clone()).or_default().push(key.to_owned());
        answers.insert(order, (key.to_owned(), answer.clone()));
    }
    let shared = keys.into_iter().filter(|(_, keys)| keys.len() > 1);
    violations.extend(shared.map(|(order, keys)| Violation::TwoKeys { order, keys }));
    answers
}

/// By key: what was ordered.
fn meals(history: &[Line]) -> BTreeMap<&str, &Value> {
    let invoked = history.iter().filter(|line| line.kind == Kind::Invoke && places(line));
    invoked.filter_map(|line| Some((line.idem.as_deref()?, &line.value))).collect()
}

fn altered(answer: &Value, meal: Option<&Value>, seen: &Value) -> Vec<&'static str> {
    let mut altered: Vec<_> =
        FACTS.iter().copied().filter(|fact| answer.get(*fact) != seen.get(*fact)).collect();
    let asked = |what| meal.and_then(|meal| meal.get(what));
    // Sealed on its way into the log: equal words show that every node can open them.
    if asked("note") != seen.get("note") {
        altered.push("note");
    }
    if asked("address").and_then(|address| address.get("lines"))
        != seen.get("address").and_then(|address| address.get("lines"))
    {
        altered.push("address");
    }
    altered
}

/// Each node against the first, and its own copy against the leader's word.
fn differences(readings: &[Reading]) -> Vec<Violation> {
    let Some(first) = readings.first() else { return Vec::new() };
    let mut violations = Vec::new();
    for reading in readings {
        let pairs = [
            (&first.current, &reading.current, first.node, "linearizable"),
            (&first.own, &reading.own, first.node, "in its own copy"),
            (&reading.current, &reading.own, reading.node, "by the way of reading"),
        ];
        for (there, here, from, how) in pairs {
            for (order, content) in there {
                // What moved on between two looks has another revision.
                let same = |seen: &Value| seen.get("revision") == content.get("revision");
                if here.get(order).is_some_and(|seen| !alike(seen, content) && same(seen)) {
                    let (order, node) = (order.clone(), reading.node);
                    violations.push(Violation::Differs { order, node, from, how });
                }
            }
        }
    }
    violations
}

/// Offers are made and run out without a new revision of the order.
fn alike(one: &Value, other: &Value) -> bool {
    one == other || without_offer(one) == without_offer(other)
}

fn without_offer(order: &Value) -> Value {
    let mut order = order.clone();
    if order["delivery_state"] == OFFERED {
        order["delivery_state"] = NOT_OFFERED.into();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    fn line(kind: &str, key: &str, value: Value) -> Line {
        serde_json::from_value(json!({
            "i": 0, "t": 0, "p": 1, "type": kind, "f": "place", "idem": key, "value": value,
        }))
        .unwrap()
    }

    fn meal(key: &str) -> Value {
        json!({"note": key, "address": {"lines": "Calle Mayor 1"}})
    }

    fn answer(order: &str) -> Value {
        json!({"order_id": order, "restaurant_id": "r", "placed_at": "t", "receipt": {"total": 5}})
    }

    fn stored(order: &str, key: &str) -> Value {
        let mut stored = answer(order);
        stored["note"] = json!(key);
        stored["address"] = json!({"lines": "Calle Mayor 1"});
        stored
    }

    /// Two orders, the second after an open end, at three nodes.
    fn sound() -> (Vec<Line>, Vec<Reading>) {
        let history = vec![
            line("invoke", "a", meal("a")),
            line("ok", "a", answer("o1")),
            line("invoke", "b", meal("b")),
            line("unknown", "b", Value::Null),
            line("invoke", "b", meal("b")),
            line("ok", "b", answer("o2")),
            line("invoke", "c", meal("c")),
            line("rejected", "c", Value::Null),
        ];
        let orders = [("o1", "a"), ("o2", "b")];
        let orders: BTreeMap<_, _> =
            orders.iter().map(|(order, key)| ((*order).to_owned(), stored(order, key))).collect();
        let readings = (1..=3).map(|node| Reading {
            node,
            current: orders.clone(),
            own: orders.clone(),
            listed: orders.keys().cloned().collect(),
        });
        (history, readings.collect())
    }

    fn found(break_it: impl FnOnce(&mut Vec<Line>, &mut Vec<Reading>), expected: &Expect) {
        let (mut history, mut readings) = sound();
        break_it(&mut history, &mut readings);
        let found: Vec<_> = check(&history, &readings).iter().map(ToString::to_string).collect();
        expected.assert_eq(&found.join("\n"));
    }

    #[test]
    fn a_sound_run_has_no_violation() {
        found(|_, _| {}, &expect![[""]]);
    }

    #[test]
    fn a_lost_order_is_found_at_its_node() {
        found(
            |_, readings| {
                readings[2].current.remove("o1");
                readings[2].own.remove("o1");
                readings[2].listed.remove("o1");
            },
            &expect![[r#"
                lost: o1 (key a) is not at node 3, in its list
                lost: o1 (key a) is not at node 3, linearizable
                lost: o1 (key a) is not at node 3, in its own copy"#]],
        );
    }

    #[test]
    fn an_order_of_a_refused_request_comes_from_nowhere() {
        found(
            |_, readings| {
                readings[0].listed.insert("o3".to_owned());
            },
            &expect!["from nowhere: o3 is at node 1"],
        );
    }

    #[test]
    fn other_content_is_found() {
        found(
            |_, readings| {
                readings[1].own.get_mut("o2").unwrap()["receipt"]["total"] = json!(6);
                readings[1].current.get_mut("o1").unwrap()["state"] = json!("ready");
            },
            &expect![[r#"
                altered: o2 has another receipt at node 2
                differs: o1 at node 2 and at node 1, linearizable
                differs: o2 at node 2 and at node 1, in its own copy
                differs: o1 at node 2 and at node 2, by the way of reading
                differs: o2 at node 2 and at node 2, by the way of reading"#]],
        );
    }

    #[test]
    fn an_offer_that_runs_out_between_two_looks_is_no_difference() {
        let show = |readings: &mut Vec<Reading>, state| {
            readings[0].own.get_mut("o1").unwrap()["delivery_state"] = json!("unassigned");
            for orders in readings.iter_mut().flat_map(|one| [&mut one.current, &mut one.own]) {
                let order = orders.get_mut("o1").unwrap();
                if order["delivery_state"].is_null() {
                    order["delivery_state"] = json!(state);
                }
            }
        };
        found(|_, readings| show(readings, "offering"), &expect![[""]]);
        let (history, mut readings) = sound();
        show(&mut readings, "assigned");
        assert!(!check(&history, &readings).is_empty());
    }

    #[test]
    fn a_key_with_two_effects_is_found() {
        found(
            |history, _| {
                history.push(line("ok", "a", answer("o2")));
            },
            &expect![[r#"
                two answers to the key a
                o2 answers to a, b
                from nowhere: o1 is at node 1
                from nowhere: o1 is at node 2
                from nowhere: o1 is at node 3"#]],
        );
    }

    #[test]
    fn a_yes_that_should_be_a_no_is_found() {
        found(
            |history, _| {
                let f = PLACE_FAR.to_owned();
                history.push(Line { f: f.clone(), ..line("rejected", "c", Value::Null) });
                history[5].f = f;
            },
            &expect![["allowed: b is from too far away"]],
        );
    }

    #[test]
    fn an_open_end_is_no_proof() {
        found(
            |history, _| {
                history.push(line("invoke", "d", meal("d")));
                history.push(line("unknown", "d", Value::Null));
            },
            &expect!["undecided: d"],
        );
    }

    fn nowhere(orders: &[(&str, Option<&str>)], asked: &[(&str, Value)]) -> Vec<String> {
        let (mut history, mut readings) = sound();
        for (key, meal) in asked {
            history.push(line("invoke", key, meal.clone()));
            history.push(line("unknown", key, Value::Null));
        }
        for (order, note) in orders {
            readings[0].listed.insert((*order).to_owned());
            let mut seen = answer(order);
            seen["note"] = json!(note);
            readings[0].current.insert((*order).to_owned(), seen);
        }
        let violations = check(&history, &readings);
        let found = from_nowhere(&history, &violations, &readings);
        found.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn an_order_is_excused_by_its_own_open_request_only() {
        let open = [("d", meal("d")), ("e", meal("e"))];
        assert!(nowhere(&[("o3", Some("d")), ("o4", Some("e"))], &open).is_empty());
        // Two open requests, and an order of a third one, which was refused.
        assert_eq!(nowhere(&[("o3", Some("c"))], &open), ["o3"]);
        assert_eq!(nowhere(&[("o3", Some("d")), ("o4", Some("d"))], &open), ["o4"], "one of two");
        // Whoever writes a note made none of those that have none.
        assert_eq!(nowhere(&[("o3", None)], &open), ["o3"]);
        let nameless = [("d", json!({}))];
        assert!(nowhere(&[("o3", None)], &nameless).is_empty());
        assert_eq!(nowhere(&[("o3", None), ("o4", None)], &nameless), ["o3", "o4"]);
    }
}
