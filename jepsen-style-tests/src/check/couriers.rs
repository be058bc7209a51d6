//! I5: one courier has an order at a time, and no courier has more than they can carry.
//!
//! What clients heard is judged as a linearizable object for each order, whose fence only grows: a
//! yes to a word of a courier with an old fence is a violation, whatever the clocks say. What
//! happened in the city is followed in the feed, for the bags of couriers.

use super::Case;
use super::feeds::whole;
use super::linearizable::search::{Call, Found, Model, STEPS, search};
use super::operations::{Operation, Outcome};
use super::verdict::{Example, Verdict};
use crate::evidence::Evidence;
use domain::limits::COURIER_CAPACITY;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let mut calls: BTreeMap<String, Vec<(Call<Step>, &Operation<'_>)>> = BTreeMap::new();
    for one in &case.operations {
        for (order, step) in steps(one) {
            let answered = one.is_ok().then_some(one.done);
            let call = Call { step, asked: one.call, answered };
            calls.entry(order).or_default().push((call, one));
        }
    }
    let mut verdict = Verdict::not_checked("no courier took, carried or was told of an order");
    for (order, calls) in calls {
        verdict = verdict.and(one_order(&order, &calls));
    }
    verdict.and(bags(case)).and(looks(case))
}

/// An order, as couriers see it.
struct Order;

/// Who has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Held {
    /// The newest fence that anybody used.
    fence: u64,
    /// Whose it is.
    courier: Option<String>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    #[default]
    Taken,
    PickedUp,
    Delivered,
}

/// What was said of it, with the fence.
#[derive(Clone, Debug)]
struct Step {
    word: Word,
    courier: String,
    fence: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Take,
    Decline,
    Unassign,
    PickUp,
    Deliver,
    /// It was shown among what the courier carries.
    Shown,
}

impl Model for Order {
    type State = Held;
    type Step = Step;

    fn initial(&self) -> Held {
        Held::default()
    }

    fn step(&self, held: &Held, step: &Step) -> Option<Held> {
        let own = held.courier.as_ref() == Some(&step.courier) && held.fence == step.fence;
        let next = |courier: Option<&String>, stage| Held {
            fence: step.fence,
            courier: courier.cloned(),
            stage,
        };
        match step.word {
            Word::Take if step.fence > held.fence => Some(next(Some(&step.courier), Stage::Taken)),
            // The same yes again.
            Word::Take => own.then(|| held.clone()),
            // Whoever was taken off is gone for good: their fence is used up.
            Word::Decline | Word::Unassign if step.fence > held.fence => {
                Some(next(None, Stage::Taken))
            }
            Word::Unassign if own => Some(next(None, Stage::Taken)),
            Word::Decline if own => None,
            // Repeated, or overtaken: it changes nothing.
            Word::Decline | Word::Unassign => Some(held.clone()),
            Word::PickUp => own.then(|| next(Some(&step.courier), held.stage.max(Stage::PickedUp))),
            Word::Deliver if held.stage >= Stage::PickedUp => {
                own.then(|| next(Some(&step.courier), Stage::Delivered))
            }
            Word::Deliver => None,
            Word::Shown => own.then(|| held.clone()),
        }
    }
}

/// What an operation says of which orders.
fn steps(one: &Operation<'_>) -> Vec<(String, Step)> {
    let word = match one.f() {
        "take" => Word::Take,
        "decline" => Word::Decline,
        "unassign" => Word::Unassign,
        "pick_up" => Word::PickUp,
        "deliver" => Word::Deliver,
        "look" => {
            let shown = one.answer().and_then(Value::as_array).into_iter().flatten();
            let courier = one.key().unwrap_or_default();
            return shown.filter_map(|row| seen(row, courier)).collect();
        }
        _ => return Vec::new(),
    };
    if one.outcome == Outcome::Rejected {
        return Vec::new();
    }
    let value = &one.asked.value;
    let order = value["order"].as_str().or(one.key()).unwrap_or_default().to_owned();
    let courier = value["courier"].as_str().unwrap_or_default().to_owned();
    let fence = value["fence"].as_u64().unwrap_or_default();
    vec![(order, Step { word, courier, fence })]
}

fn seen(row: &Value, courier: &str) -> Option<(String, Step)> {
    let (order, fence) = (row["order"].as_str()?.to_owned(), row["fence"].as_u64()?);
    let step = Step { word: Word::Shown, courier: courier.to_owned(), fence };
    Some((order, step))
}

fn one_order(order: &str, calls: &[(Call<Step>, &Operation<'_>)]) -> Verdict {
    // What may have been shown, or said of an order by somebody who never had it, is no matter:
    // what is unknown is tried only where it explains something.
    let searched: Vec<_> = calls.iter().map(|(call, _)| call.clone()).collect();
    match search(&Order, &searched, STEPS) {
        Found::Order => Verdict::Valid { checked: calls.len() as u64 },
        Found::TooLong => {
            Verdict::Undecided { why: format!("{order}: no verdict after {STEPS} steps") }
        }
        Found::Nothing => {
            let told = calls.iter().map(|(call, one)| {
                let Step { courier, fence, .. } = &call.step;
                let outcome = match one.outcome {
                    Outcome::Ok => "yes",
                    Outcome::Rejected => "no",
                    Outcome::Unknown => "unknown",
                };
                let node = one.asked.node.map(|node| format!(" at node {node}"));
                let node = node.unwrap_or_default();
                format!("{} by {courier} with fence {fence}{node}: {outcome}", one.f())
            });
            let told = told.collect::<Vec<_>>().join("\n");
            let lines = calls.iter().flat_map(|(_, one)| one.lines());
            let what = format!("{order}: no order of these lets one courier have it\n{told}");
            Verdict::invalid(vec![Example::at(what, lines)])
        }
    }
}

/// Follows who carries what through the feed.
fn bags(case: &Case<'_>) -> Verdict {
    let Some(feed) = whole(&case.evidence) else { return Verdict::not_checked("no feed") };
    let mut bags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut fences: BTreeMap<String, u64> = BTreeMap::new();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for told in &feed.events {
        let event = &told.event;
        let Some(kind) = event["type"].as_str() else { continue };
        let delivery = event["subject"].as_str().unwrap_or_default();
        let courier = event["data"]["courier_id"].as_str().unwrap_or_default();
        match kind {
            "delivery.assigned" => {
                checked += 1;
                let holders = bags.iter().filter(|(_, bag)| bag.contains(delivery));
                for (holder, _) in holders {
                    let what = format!(
                        "{delivery} went to {courier} at {}, and {holder} has it",
                        told.cursor
                    );
                    wrong.push(Example::new(what));
                }
                let fence = event["data"]["fence"].as_u64().unwrap_or_default();
                if fences.insert(delivery.to_owned(), fence).is_some_and(|last| last >= fence) {
                    let what = format!(
                        "{delivery} went to {courier} at {} with the fence {fence}, \
                        which was used before",
                        told.cursor
                    );
                    wrong.push(Example::new(what));
                }
                let bag = bags.entry(courier.to_owned()).or_default();
                bag.insert(delivery.to_owned());
                if bag.len() > COURIER_CAPACITY as usize {
                    let what =
                        format!("{courier} carries {} at {}: {bag:?}", bag.len(), told.cursor);
                    wrong.push(Example::new(what));
                }
            }
            "delivery.unassigned"
            | "delivery.delivered"
            | "delivery.returned"
            | "delivery.disposed"
            | "delivery.lost"
            | "delivery.cancelled" => {
                for bag in bags.values_mut() {
                    bag.remove(delivery);
                }
            }
            _ => {}
        }
    }
    Verdict::of(checked, wrong, "nothing was assigned")
}

/// What was shown of couriers: never more than they can carry, and no order twice.
fn looks(case: &Case<'_>) -> Verdict {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for one in case.operations.iter().filter(|one| one.f() == "look") {
        let Some(rows) = one.answer().and_then(Value::as_array) else { continue };
        checked += 1;
        if rows.len() > COURIER_CAPACITY as usize {
            let what = format!("{} was shown with {} orders", one.key().unwrap_or("?"), rows.len());
            wrong.push(Example::at(what, one.lines()));
        }
    }
    for shown in case.evidence.iter().filter(|shown| shown.at_rest) {
        let Evidence::Deliveries(carried) = &shown.evidence else { continue };
        let mut holders: BTreeMap<&str, &str> = BTreeMap::new();
        for delivery in &carried.deliveries {
            checked += 1;
            let courier = delivery.courier_id.as_str();
            let other = holders.insert(&delivery.delivery_id, courier);
            if let Some(other) = other.filter(|other| *other != courier) {
                let what =
                    format!("{} is shown with {courier} and with {other}", delivery.delivery_id);
                wrong.push(Example::at(what, [shown.line.i]));
            }
        }
    }
    Verdict::of(checked, wrong, "nobody looked")
}

#[cfg(test)]
mod tests {
    use crate::check::testing::history;
    use crate::check::{Invariant, judge};

    fn told(text: &str) -> String {
        let findings = judge(&history(text));
        let found = findings.iter().find(|finding| finding.invariant == Invariant::I5);
        found.unwrap().to_string()
    }

    const TAKEN: &str = r#"
        1 invoke take o1 {"order": "o1", "courier": "ana", "fence": 1}
        1 ok     take o1 {"order": "o1", "courier": "ana", "fence": 1}
        "#;

    #[test]
    fn an_order_goes_from_hand_to_hand() {
        let text = format!(
            r#"{TAKEN}
            1 invoke   unassign o1 {{"order": "o1", "courier": "ana", "fence": 1}}
            1 unknown  unassign o1 null
            2 invoke   take o1 {{"order": "o1", "courier": "ben", "fence": 3}}
            2 ok       take o1 {{"order": "o1", "courier": "ben", "fence": 3}}
            3 invoke   pick_up o1 {{"order": "o1", "courier": "ana", "fence": 1}}
            3 rejected pick_up o1 null
            2 invoke   pick_up o1 {{"order": "o1", "courier": "ben", "fence": 3}}
            2 ok       pick_up o1 {{"order": "o1", "courier": "ben", "fence": 3}}
            2 invoke   look ben null
            2 ok       look ben [{{"delivery": "d1", "order": "o1", "state": "picked_up", "fence": 3}}]
            2 invoke   deliver o1 {{"order": "o1", "courier": "ben", "fence": 3}}
            2 ok       deliver o1 {{"order": "o1", "courier": "ben", "fence": 3}}
            "#
        );
        assert!(told(&text).ends_with("valid, 7 checked"), "{}", told(&text));
    }

    #[test]
    fn two_couriers_and_old_fences_are_found() {
        let after = |line: &str| {
            let asked = format!("2 invoke {line}");
            told(&format!("{TAKEN}\n{asked}\n2 ok {line}"))
        };
        let same = after(r#"take o1 {"order": "o1", "courier": "ben", "fence": 1}"#);
        assert!(same.contains("no order of these lets one courier have it"), "{same}");
        let old = format!(
            r#"{TAKEN}
            2 invoke take o1 {{"order": "o1", "courier": "ben", "fence": 2}}
            2 ok     take o1 {{"order": "o1", "courier": "ben", "fence": 2}}
            1 invoke pick_up o1 {{"order": "o1", "courier": "ana", "fence": 1}}
            1 ok     pick_up o1 {{"order": "o1", "courier": "ana", "fence": 1}}
            "#
        );
        assert!(told(&old).contains("INVALID"), "{}", told(&old));
        let early = after(r#"deliver o1 {"order": "o1", "courier": "ana", "fence": 1}"#);
        assert!(early.contains("INVALID"), "{early}");
    }
}
