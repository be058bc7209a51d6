//! I8: nothing is sold twice. Portions are free, reserved or sold and never less than none, and
//! while nobody sets them, all together stay as many; a slot never has more orders than places.

use super::Case;
use super::operations::Operation;
use super::verdict::{Example, Verdict};
use crate::evidence::{Evidence, StockLine};
use serde_json::Value;
use std::collections::BTreeMap;

/// A look at one thing, between its question and its answer.
struct Look {
    line: StockLine,
    asked: usize,
    answered: usize,
    at: u64,
}

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    let mut looks: BTreeMap<String, Vec<Look>> = BTreeMap::new();
    for one in case.operations.iter().filter(|one| one.f() == "stock_read") {
        let Some(answer) = one.answer() else { continue };
        let part = |name: &str| answer[name].as_i64().unwrap_or_default();
        let key = one.key().unwrap_or_default().to_owned();
        let (free, reserved, sold) = (part("free"), part("reserved"), part("sold"));
        let line = StockLine { key: key.clone(), free, reserved, sold };
        let look = Look { line, asked: one.call, answered: one.done, at: one.asked.i };
        looks.entry(key).or_default().push(look);
    }
    for shown in case.evidence.iter().filter(|shown| shown.at_rest) {
        if let Evidence::Stock(stock) = &shown.evidence {
            for line in &stock.lines {
                let (place, line) = (shown.place, line.clone());
                let look = Look { asked: place, answered: place, at: shown.line.i, line };
                looks.entry(look.line.key.clone()).or_default().push(look);
            }
        } else if let Evidence::Slots(slots) = &shown.evidence {
            checked += slots.slots.len();
            for slot in &slots.slots {
                let (taken, capacity) = (slot.taken, slot.capacity);
                if taken < 0 || taken > capacity {
                    let what = format!("{}: {taken} orders in {capacity} places", slot.key);
                    wrong.push(Example::at(what, [shown.line.i]));
                }
            }
        }
    }
    for (key, looks) in &looks {
        checked += looks.len();
        negative(looks, &mut wrong);
        let sets = case.operations.iter().filter(|one| one.f() == "stock_set");
        let sets: Vec<_> = sets.filter(|one| one.key() == Some(key)).collect();
        sums(looks, &sets, &mut wrong);
    }
    Verdict::of(checked, wrong, "nobody read a stock or a slot")
}

fn negative(looks: &[Look], wrong: &mut Vec<Example>) {
    for Look { line, at, .. } in looks {
        if line.free < 0 || line.reserved < 0 || line.sold < 0 {
            wrong.push(Example::at(told(line), [*at]));
        }
    }
}

fn told(line: &StockLine) -> String {
    let StockLine { key, free, reserved, sold } = line;
    format!("{key}: {free} free, {reserved} reserved, {sold} sold")
}

/// Between two looks that no setting came between, all together are as many.
fn sums(looks: &[Look], sets: &[&Operation<'_>], wrong: &mut Vec<Example>) {
    let mut looks: Vec<&Look> = looks.iter().collect();
    looks.sort_by_key(|look| look.asked);
    let set_between = |one: &Look, other: &Look| {
        sets.iter().any(|set| {
            let refused = set.outcome == super::operations::Outcome::Rejected;
            // Either look may have been long under way, past the other one.
            !refused && set.call < one.answered.max(other.answered) && set.done > one.asked
        })
    };
    for pair in looks.windows(2) {
        let (one, other) = (pair[0], pair[1]);
        let sum = |line: &StockLine| line.free + line.reserved + line.sold;
        if !set_between(one, other) && sum(&one.line) != sum(&other.line) {
            let what = format!("{}, and later {}", told(&one.line), told(&other.line));
            wrong.push(Example::at(what, [one.at, other.at]));
        }
        if !set_between(one, other) && other.line.sold < one.line.sold && other.asked > one.answered
        {
            let what =
                format!("{}, and later less was sold: {}", told(&one.line), told(&other.line));
            wrong.push(Example::at(what, [one.at, other.at]));
        }
    }
    // As many as were set, if that was before all looks and nothing was sold before.
    if let ([set], Some(first)) = (sets, looks.first()) {
        let free = set.asked.value.get("free").and_then(Value::as_i64);
        let StockLine { free: left, reserved, sold, .. } = first.line;
        let known = set.is_ok() && set.done < first.asked && first.line.sold >= 0;
        if let Some(free) = free.filter(|free| known && left + reserved + sold < *free) {
            let what = format!("{free} were set, and later {}", told(&first.line));
            wrong.push(Example::at(what, set.lines().chain([first.at])));
        }
    }
}
