//! I4: orders, deliveries and payments go from state to state as they may, and never back. What
//! happened is taken from the feed; where nobody read it, from the timelines of orders.
//!
//! The edges stand here a second time, on purpose: a judge that asks the accused is none. A test
//! compares them with the tables of the domain's own tests.

use super::Case;
use super::feeds::whole;
use super::verdict::{Example, Verdict};
use crate::evidence::Evidence;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A machine: its states, and where each may go. The first row is the beginning.
type Table = &'static [(&'static str, &'static [&'static str])];

/// Of an order.
const ORDER: Table = &[
    ("", &["pending", "placed"]),
    ("pending", &["placed", "cancelled"]),
    ("placed", &["accepted", "rejected", "expired", "cancelled"]),
    // With the kitchen's number a courier takes it early, through ready.
    ("accepted", &["preparing", "ready", "handed_off", "cancelled"]),
    ("preparing", &["ready", "handed_off", "cancelled"]),
    ("ready", &["handed_off", "completed", "no_show", "cancelled"]),
    ("handed_off", &["completed", "no_show", "cancelled"]),
    ("completed", &[]),
    ("rejected", &[]),
    ("expired", &[]),
    ("cancelled", &[]),
    ("no_show", &[]),
];

/// Of a delivery.
const DELIVERY: Table = &[
    ("", &["waiting", "unassigned", "cancelled"]),
    ("waiting", &["unassigned", "cancelled"]),
    ("unassigned", &["offering", "cancelled"]),
    ("offering", &["assigned", "unassigned", "cancelled"]),
    ("assigned", &["at_store", "picked_up", "unassigned", "cancelled"]),
    ("at_store", &["picked_up", "unassigned", "cancelled"]),
    ("picked_up", &["at_door", "delivered", "failed", "lost"]),
    ("at_door", &["delivered", "failed", "lost"]),
    ("delivered", &[]),
    ("failed", &["returning", "returned", "disposed", "picked_up", "lost"]),
    ("returning", &["returned", "disposed", "picked_up", "lost"]),
    ("returned", &[]),
    ("disposed", &[]),
    ("cancelled", &[]),
    ("lost", &[]),
];

/// Of a payment. How it begins is not told: by card, in cash, or not at all.
const PAYMENT: Table = &[
    ("", &["authorizing", "action_required", "authorized", "failed", "voiding", "cash_collected"]),
    ("none", &[]),
    ("cash_due", &["none", "cash_collected"]),
    ("cash_collected", &[]),
    ("authorizing", &["action_required", "authorized", "failed", "voiding"]),
    ("action_required", &["authorized", "failed", "voiding"]),
    // A late approval is let go, a late capture given back.
    ("failed", &["voiding", "captured"]),
    ("authorized", &["capturing", "voiding", "failed"]),
    ("capturing", &["captured", "failed"]),
    ("captured", &["disputed"]),
    ("voiding", &["voided", "captured", "failed"]),
    ("voided", &["voiding", "captured"]),
    ("disputed", &["captured", "lost"]),
    ("lost", &[]),
];

const MACHINES: [(&str, Table); 3] =
    [("order", ORDER), ("delivery", DELIVERY), ("payment", PAYMENT)];

/// What an event says of which machine; nothing if it moves none.
fn moved(event: &Value) -> Option<(&'static str, &'static str)> {
    let won = || if event["data"]["won"] == true { "captured" } else { "lost" };
    Some(match event["type"].as_str()? {
        "offer.declined" | "offer.expired" | "offer.withdrawn" => ("delivery", "unassigned"),
        "payment.opened" => ("payment", "authorizing"),
        "payment.dispute_closed" => ("payment", won()),
        kind => {
            let (noun, what) = kind.split_once('.')?;
            let (noun, table) = MACHINES.iter().find(|(name, _)| *name == noun)?;
            (noun, state(table, what)?)
        }
    })
}

/// The state that a past tense names.
fn state(table: Table, what: &str) -> Option<&'static str> {
    let what = match what {
        "started" => "preparing",
        "opened" => "unassigned",
        "offered" => "offering",
        "resumed" => "picked_up",
        other => other,
    };
    table.iter().map(|(state, _)| *state).find(|state| *state == what)
}

fn may(table: Table, from: &str, to: &str) -> bool {
    table.iter().any(|(state, next)| *state == from && next.contains(&to))
}

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    if let Some(feed) = whole(&case.evidence) {
        let mut at: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for told in &feed.events {
            let Some((machine, to)) = moved(&told.event) else { continue };
            let subject = told.event["subject"].as_str().unwrap_or_default();
            let table = MACHINES.iter().find(|(name, _)| *name == machine);
            let table = table.map_or(ORDER, |(_, table)| *table);
            let begins = !at.contains_key(&(machine, subject));
            let from = at.insert((machine, subject), to).unwrap_or("");
            checked += 1;
            // A feed that was read from its middle on says nothing of where somebody came from.
            let unknown = begins && feed.from > domain::Cursor::START;
            if !unknown && !may(table, from, to) {
                let from = if from.is_empty() { "nothing" } else { from };
                wrong.push(Example::new(format!(
                    "{machine} {subject} went from {from} to {to} at {}",
                    told.cursor
                )));
            }
        }
    }
    checked += timelines(case, &mut wrong);
    Verdict::of(checked, wrong, "nobody read the feed or an order")
}

/// The steps that orders tell of themselves. Only those of the order: of its delivery they leave
/// out offers.
fn timelines(case: &Case<'_>, wrong: &mut Vec<Example>) -> usize {
    let mut checked = 0;
    let mut told: BTreeSet<String> = BTreeSet::new();
    for shown in &case.evidence {
        let Evidence::Order(seen) = &shown.evidence else { continue };
        for order in [&seen.current, &seen.own].into_iter().flatten() {
            let steps = order["timeline"].as_array().into_iter().flatten();
            let states = steps.filter_map(|step| {
                let what = step["what"].as_str()?.strip_prefix("order.")?;
                state(ORDER, what)
            });
            let mut from = "";
            for to in states {
                checked += 1;
                if !may(ORDER, from, to) {
                    let (id, begin) =
                        (&seen.order_id, if from.is_empty() { "nothing" } else { from });
                    told.insert(format!("the timeline of {id} goes from {begin} to {to}"));
                }
                from = to;
            }
            let now = order["state"].as_str().unwrap_or(from);
            if !from.is_empty() && now != from {
                let id = &seen.order_id;
                told.insert(format!("{id} is {now}, and its timeline ends with {from}"));
            }
        }
    }
    wrong.extend(told.into_iter().map(Example::new));
    checked
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = include_str!("../../../domain/src/tests/tables.rs");
    const PAYMENTS: &str = include_str!("../../../domain/src/tests/payment_table.rs");

    /// `HandedOff` as `handed_off`.
    fn snake(name: &str) -> String {
        let mut text = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !text.is_empty() {
                text.push('_');
            }
            text.push(letter.to_ascii_lowercase());
        }
        text
    }

    /// The edges in the rows of a table of the domain, as `Ready cancel:Cancelled+Cancelled`.
    fn edges(text: &str, states: Table) -> BTreeSet<(String, String)> {
        let known: Vec<&str> = states.iter().map(|(state, _)| *state).collect();
        let mut edges = BTreeSet::new();
        for row in text.lines().map(str::trim) {
            // The longest names leave no space behind them.
            let begin = row.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(0);
            let mut words: Vec<String> =
                row[begin..].split_whitespace().map(str::to_owned).collect();
            let mut name = snake(&row[..begin]);
            if let Some(state) = known.iter().find(|state| {
                !state.is_empty() && !known.contains(&name.as_str()) && name.starts_with(**state)
            }) {
                words[0] = format!("{}{}", &name[state.len()..], words[0]);
                name = (*state).to_owned();
            }
            if !known.contains(&name.as_str()) {
                continue;
            }
            for word in words {
                let Some((_, to)) = word.split_once(':') else { continue };
                let to = snake(to.split('+').next().unwrap_or_default());
                if known.contains(&to.as_str()) && to != name {
                    edges.insert((name.clone(), to));
                }
            }
        }
        edges
    }

    fn ours(table: Table) -> BTreeSet<(String, String)> {
        let edges = table.iter().filter(|(from, _)| !from.is_empty());
        let edges = edges.flat_map(|(from, to)| to.iter().map(|to| (*from, *to)));
        edges.map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
    }

    fn between<'a>(text: &'a str, begin: &str) -> &'a str {
        let text = &text[text.find(begin).expect("the domain has this table")..];
        let text = &text[text.find("expect![[").expect("a table is expected")..];
        &text[..text.find("]]").expect("it ends")]
    }

    fn too_much(table: Table, domain: &BTreeSet<(String, String)>) -> Vec<(String, String)> {
        let ours = ours(table);
        assert_eq!(domain.difference(&ours).collect::<Vec<_>>(), Vec::<&_>::new(), "missing here");
        ours.difference(domain).cloned().collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn the_edges_are_those_of_the_domain() {
        let mut orders =
            edges(between(TABLES, "fn every_order_command_in_every_order_state"), ORDER);
        orders.extend(edges(between(TABLES, "fn every_order_command_in_every_state_of_a"), ORDER));
        let deliveries = between(TABLES, "fn every_delivery_command");
        // An order ends as it does because of its delivery: the second word of those rows.
        assert_eq!(too_much(ORDER, &orders), pairs(&[("handed_off", "no_show")]));
        assert!(deliveries.contains("o-returned:Returned+NoShow"));
        assert_eq!(too_much(DELIVERY, &edges(deliveries, DELIVERY)), pairs(&[]));
        let payments = edges(between(PAYMENTS, "fn every_cause"), PAYMENT);
        // Told apart by what the order has become meanwhile, and by the order's end.
        let expected = [
            ("authorized", "capturing"),
            ("authorizing", "voiding"),
            ("cash_due", "cash_collected"),
        ];
        assert_eq!(too_much(PAYMENT, &payments), pairs(&expected));
    }
}
