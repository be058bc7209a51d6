//! I7: one key has one effect and equal answers, wherever and however often it is sent; the same
//! key with other content is refused.

use super::Case;
use super::acknowledged::order_id;
use super::operations::Operation;
use super::verdict::{Example, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;

/// Names of what came of a request: equal in every answer to it.
const EFFECTS: [&str; 5] = ["order_id", "payment_id", "refund_id", "claim_id", "quote_id"];

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let mut keys: BTreeMap<(&str, &str), Vec<&Operation<'_>>> = BTreeMap::new();
    for one in case.operations.iter().filter(|one| one.is_ok()) {
        if let Some(key) = &one.asked.idem {
            keys.entry((one.f(), key)).or_default().push(one);
        }
    }
    let mut wrong = Vec::new();
    let mut orders: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for ((f, key), yes) in &keys {
        let first = yes[0];
        for other in &yes[1..] {
            let lines = || first.lines().chain(other.lines());
            if first.asked.value != other.asked.value {
                let what = format!("{f} {key}: two yes to one key with different contents");
                wrong.push(Example::at(what, lines()));
            } else if !equal(f, first.answer(), other.answer()) {
                let what = format!("{f} {key}: two different answers to one key");
                wrong.push(Example::at(what, lines()));
            }
        }
        if *f == "place" {
            for one in yes {
                if let Some(order) = one.answer().and_then(order_id) {
                    orders.entry(order).or_default().insert(key, one.asked.i);
                }
            }
        }
    }
    for (order, keys) in orders.into_iter().filter(|(_, keys)| keys.len() > 1) {
        let names: Vec<_> = keys.keys().copied().collect();
        let what = format!("{order} answers to {} keys: {}", names.len(), names.join(", "));
        wrong.push(Example::at(what, keys.values().copied()));
    }
    Verdict::of(keys.len(), wrong, "no request had a key and a yes")
}

/// An order is answered the same to the last byte. Other answers may show what happened since, but
/// never another effect.
fn equal(f: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    if f == "place" {
        return one == other;
    }
    EFFECTS.iter().all(|name| one.get(name) == other.get(name))
}
