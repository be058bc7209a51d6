//! I6: the ledger sums to nothing, no more goes back than was taken, every order that was
//! delivered was taken once, and the gateway's own journal says the same, to the cent.

use super::charged::{self, Ended};
use super::verdict::{Example, Verdict};
use super::{Case, books};
use crate::evidence::{Charge, Evidence};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let at_rest = || case.evidence.iter().filter(|shown| shown.at_rest);
    let journal = at_rest().find_map(|shown| {
        let Evidence::Journal(journal) = &shown.evidence else { return None };
        Some(journal.charges.as_slice())
    });
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for shown in at_rest() {
        let Evidence::Balances(balances) = &shown.evidence else { continue };
        checked += balances.accounts.len();
        let node = shown.node.map(|node| format!("node {node}: ")).unwrap_or_default();
        for violation in books::check(&balances.accounts, journal) {
            wrong.push(Example::at(format!("{node}{violation}"), [shown.line.i]));
        }
    }
    if let Some(journal) = journal {
        let orders = ended(case);
        checked += orders.len() + journal.len();
        wrong.extend(charged::check(&orders, journal).into_iter().map(Example::new));
        wrong.extend(journal.iter().filter_map(overdrawn));
    }
    Verdict::of(checked, wrong, "nobody read the books or the gateway's journal")
}

/// Never more back than was taken.
fn overdrawn(charge: &Charge) -> Option<Example> {
    let (captured, refunded) = (charge.captured, charge.refunded());
    let what = || format!("{} took {captured} and gave back {refunded}", charge.id);
    (refunded > captured).then(|| Example::new(what()))
}

/// Every order as it stands at the node that knows most of it.
fn ended(case: &Case<'_>) -> Vec<Ended> {
    let mut newest: BTreeMap<&str, &Value> = BTreeMap::new();
    let revision = |order: &Value| order["revision"].as_u64().unwrap_or_default();
    for shown in case.evidence.iter().filter(|shown| shown.at_rest) {
        let Evidence::Order(seen) = &shown.evidence else { continue };
        for order in [&seen.current, &seen.own].into_iter().flatten() {
            let known = newest.entry(&seen.order_id).or_insert(order);
            if revision(order) > revision(known) {
                *known = order;
            }
        }
    }
    newest.into_iter().map(|(id, order)| ended_so(id, order)).collect()
}

/// Cash never comes to the gateway: it is taken at the door, or owed until the next order.
fn by_cash(order: &Value) -> bool {
    order["payment_state"] == "cash_collected" || order["payment_state"] == "none"
}

fn ended_so(id: &str, order: &Value) -> Ended {
    let amount = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_i64);
    let owed = match amount(order, "/bill/customer_pays/amount") {
        Some(billed) => billed,
        None if order["state"] == "completed" => {
            amount(order, "/receipt/total/amount").unwrap_or_default()
        }
        None => 0,
    };
    let rows = |name: &str| order[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let done = rows("refunds").iter().filter(|refund| refund["state"] == "done");
    let refunded = done.filter_map(|refund| amount(refund, "/amount/amount")).sum();
    let name = |payment: &Value| Some(payment["payment_id"].as_str()?.to_owned());
    let (own, tips): (Vec<_>, Vec<_>) =
        rows("payments").iter().partition(|payment| payment["tip_for"].is_null());
    let taken = tips.into_iter().filter(|tip| tip["state"] == "captured");
    Ended {
        order_id: id.to_owned(),
        attempts: own.into_iter().filter_map(name).collect(),
        owed: if by_cash(order) { 0 } else { owed },
        refunded,
        tips: taken.filter_map(|tip| Some((name(tip)?, amount(tip, "/amount/amount")?))).collect(),
    }
}
