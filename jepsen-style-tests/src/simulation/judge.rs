//! The verdict at the end: the committed log is decided once more, by the same rules over a city in
//! memory, and everything that anybody has heard is compared with it.
//!
//! Every answer names an index of the log, which makes two otherwise hard questions easy. *Is what
//! was read right?* It must be what the log makes up to that index, byte by byte. *Did things
//! happen in an order that people could have seen?* Whoever asks after another one was answered
//! must get an index that is not before the other's. Both together are strict serializability, for
//! any number of objects at once.

use super::door::{Answer, Question};
use super::export;
use super::records::Which;
use super::stage::{Op, Stage};
use super::watch::Watch;
use crate::check::{self, Invariant};
use domain::delivery::DeliveryStatus;
use domain::limits::COURIER_CAPACITY;
use domain::script::MemoryCity;
use domain::time::Timestamp;
use domain::{Cursor, Event, Stamp, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The log, decided once more.
struct Truth {
    city: MemoryCity,
    /// All that ever was told, also what the feed has forgotten.
    told: Vec<(Cursor, Event)>,
    /// Who asked at an index, and what became of it.
    verdicts: BTreeMap<u64, (String, Verdict)>,
    /// The last entry.
    last: u64,
}

/// Judges a run; complaints go to the stage.
pub(super) fn judge(stage: &Stage, watch: &Watch, over_ms: i64) {
    let ops = stage.ops().clone();
    let Some(truth) = decide(stage, watch, &ops) else { return };
    answers(stage, &truth, &ops);
    order_in_time(stage, &ops);
    feed(stage, &truth, &ops);
    sums(stage, &truth.city);
    deadlines(stage, &truth.city, over_ms);
    replicas(stage, &truth);
    other_judges(stage, &ops);
}

/// Decides the log and compares what was read on the way.
fn decide(stage: &Stage, watch: &Watch, ops: &[Op]) -> Option<Truth> {
    let mut reads: BTreeMap<u64, Vec<&Op>> = BTreeMap::new();
    for op in ops {
        if let Some((_, Answer::Records(index, _))) = &op.heard {
            reads.entry(*index).or_default().push(op);
        }
    }
    let mut truth =
        Truth { city: MemoryCity::default(), told: Vec::new(), verdicts: BTreeMap::new(), last: 0 };
    let mut expected = None;
    for committed in watch.log() {
        let entry = &committed.entry;
        if expected.is_some_and(|expected| expected != entry.index) {
            stage.complain(format!("the harness has not seen the entries before {}", entry.index));
            return None;
        }
        expected = Some(entry.index + 1);
        if let Some((at_ms, proposal)) = &entry.command {
            truth.next(stage, entry.index, *at_ms, proposal);
        }
        truth.last = entry.index;
        for op in reads.remove(&entry.index).unwrap_or_default() {
            compare(stage, &truth.city, op);
        }
    }
    if let Some((index, _)) = reads.first_key_value() {
        let last = truth.last;
        stage.complain(format!("something was read at {index}, and only {last} was committed"));
    }
    Some(truth)
}

impl Truth {
    fn next(&mut self, stage: &Stage, index: u64, at_ms: i64, proposal: &domain::Proposal) {
        let stamp = Stamp { index, at: Timestamp(at_ms).max(self.city.at) };
        match domain::apply(&self.city, &stamp, proposal.clone()) {
            Ok(outcome) => {
                self.city.commit(&stamp, &outcome);
                let numbered = (0..).map(|number| Cursor { index, number });
                self.told.extend(numbered.zip(outcome.events.iter().cloned()));
                let asked = proposal.request_id.clone();
                self.verdicts.insert(index, (asked, outcome.verdict));
            }
            Err(error) => stage.complain(format!("entry {index} cannot be decided: {error}")),
        }
    }
}

fn compare(stage: &Stage, city: &MemoryCity, op: &Op) {
    let (Question::Read(which) | Question::ReadHere(which)) = &op.question else { return };
    let Some((_, Answer::Records(index, records))) = &op.heard else { return };
    for (which, record) in which.iter().zip(records) {
        if *record != which.by_the_log(city) {
            stage.complain(format!(
                "node {} showed {which:?} at {index} as it was not ({} of process {})",
                op.node, op.f, op.process
            ));
        }
    }
}

/// Nothing acknowledged is missing, nothing refused is there, one name has one effect and one
/// answer.
fn answers(stage: &Stage, truth: &Truth, ops: &[Op]) {
    // A token that is shown again when its grace is over ends the family: a second effect, rightly.
    let renewals = ops.iter().filter(|op| op.f == "refresh");
    let renewals: BTreeSet<&str> = renewals.filter_map(|op| op.idem.as_deref()).collect();
    let mut changed: BTreeMap<&str, u64> = BTreeMap::new();
    let mut proposed: BTreeSet<&str> = BTreeSet::new();
    for (index, (asked, verdict)) in &truth.verdicts {
        proposed.insert(asked);
        let did = matches!(verdict, Verdict::Yes { changed: true, .. });
        let ours = asked.starts_with('w') && did && !renewals.contains(asked.as_str());
        if ours && let Some(first) = changed.insert(asked, *index) {
            stage.complain(format!("{asked} had an effect twice, at {first} and {index}"));
        }
    }
    let mut yes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut open: BTreeMap<&str, bool> = BTreeMap::new();
    for op in ops {
        let Some(name) = op.idem.as_deref() else { continue };
        let refused = matches!(op.heard, Some((_, Answer::NotDone(_))));
        *open.entry(name).or_default() |= !refused;
        let Some((_, Answer::Applied(index, verdict))) = &op.heard else { continue };
        match truth.verdicts.get(index) {
            Some((asked, decided)) if asked == name && decided == verdict => {}
            Some((asked, decided)) if asked == name => stage.complain(format!(
                "{name} at {index} heard {verdict:?}, and the log says {decided:?}"
            )),
            Some((asked, _)) => {
                stage.complain(format!("{name} was acknowledged at {index}, where {asked} is"));
            }
            None => stage.complain(format!("{name} was acknowledged at {index}: it is lost")),
        }
        if let Verdict::Yes { index, .. } = verdict
            && yes.insert(name, *index).is_some_and(|before| before != *index)
            && !renewals.contains(name)
        {
            stage.complain(format!("{name} heard two different yeses"));
        }
    }
    for (name, _) in open.iter().filter(|(_, open)| !**open) {
        if proposed.contains(name) {
            stage.complain(format!("{name} was refused as not proposed, and it is in the log"));
        }
    }
}

/// Whoever asks later sees no less.
fn order_in_time(stage: &Stage, ops: &[Op]) {
    // (when answered, index) of everybody, and (when asked, index, whether it must be newer).
    let mut answered: Vec<(Duration, u64)> = Vec::new();
    let mut asked: Vec<(Duration, u64, bool, &Op)> = Vec::new();
    for op in ops {
        match (&op.question, &op.heard) {
            (Question::Propose(_), Some((at, Answer::Applied(index, _)))) => {
                answered.push((*at, *index));
                asked.push((op.asked, *index, true, op));
            }
            (Question::Read(_), Some((at, Answer::Records(index, _)))) => {
                answered.push((*at, *index));
                asked.push((op.asked, *index, false, op));
            }
            _ => {}
        }
    }
    answered.sort_unstable();
    asked.sort_by_key(|(at, ..)| *at);
    let (mut newest, mut known) = (0, answered.iter().peekable());
    for (at, index, newer, op) in asked {
        while let Some((_, index)) = known.next_if(|(answered, _)| *answered < at) {
            newest = newest.max(*index);
        }
        if index < newest || newer && index == newest {
            stage.complain(format!(
                "stale: {} of process {} at node {} got {index}, and {newest} was known before",
                op.f, op.process, op.node
            ));
        }
    }
}

/// A page is exactly what happened between its two ends.
fn feed(stage: &Stage, truth: &Truth, ops: &[Op]) {
    for op in ops {
        let (Question::Feed(after), Some((_, answer))) = (&op.question, &op.heard) else {
            continue;
        };
        let Answer::Feed(events, until) = answer else { continue };
        let told = truth.told.iter().filter(|(at, _)| at > after && at <= until);
        if !told.eq(events.iter()) {
            stage.complain(format!(
                "node {} told another story between {after} and {until}",
                op.node
            ));
        }
    }
}

/// Money comes from somewhere, portions too, and nobody carries more than they can.
fn sums(stage: &Stage, city: &MemoryCity) {
    let sum: i64 = city.balances.values().map(|balance| balance.amount.0).sum();
    if sum != 0 {
        stage.complain(format!("the books are {sum} apart"));
    }
    for stock in city.stocks.values() {
        let held = i64::from(stock.free) + i64::from(stock.reserved);
        let sold = i64::try_from(stock.sold).unwrap_or(i64::MAX);
        if stock.added != held + sold {
            stage.complain(format!("portions do not add up: {stock:?}"));
        }
    }
    for payment in city.payments.values() {
        if payment.refunded > payment.amount || payment.to_capture > payment.amount {
            stage.complain(format!("more than there was: {payment:?}"));
        }
    }
    let mut carried: BTreeMap<_, u32> = BTreeMap::new();
    for delivery in city.deliveries.values() {
        match delivery.status {
            DeliveryStatus::Assigned { courier_id }
            | DeliveryStatus::AtStore { courier_id }
            | DeliveryStatus::PickedUp { courier_id }
            | DeliveryStatus::AtDoor { courier_id } => {
                *carried.entry(courier_id).or_default() += 1;
            }
            DeliveryStatus::Waiting
            | DeliveryStatus::Unassigned
            | DeliveryStatus::Offering { .. }
            | DeliveryStatus::Delivered { .. }
            | DeliveryStatus::Failed { .. }
            | DeliveryStatus::Returning { .. }
            | DeliveryStatus::Returned { .. }
            | DeliveryStatus::Disposed { .. }
            | DeliveryStatus::Cancelled
            | DeliveryStatus::Lost { .. } => {}
        }
    }
    if let Some((courier, count)) = carried.iter().find(|(_, count)| **count > COURIER_CAPACITY) {
        stage.complain(format!("{courier} carries {count} orders"));
    }
}

/// What was due long before the end has been fired: its record is gone.
fn deadlines(stage: &Stage, city: &MemoryCity, over_ms: i64) {
    let late = super::LATE.as_millis().try_into().unwrap_or(i64::MAX) * stage.plan.clock_rate;
    if let Some(first) = city.deadlines.first()
        && first.due_at.0 + late < over_ms
    {
        stage.complain(format!("{first:?} was due and was never fired"));
    }
}

/// The checkers of the black-box tests know nothing of logs, and must come to the same verdict.
fn other_judges(stage: &Stage, ops: &[Op]) {
    let findings = check::judge(&export::history(&stage.plan, ops));
    let bad = findings.iter().filter(|finding| finding.invariant == Invariant::I2);
    for finding in bad.filter(|finding| !finding.passes()) {
        stage.complain(finding.to_string());
    }
}

/// Every node that lives shows what the log makes, and keeps what the others keep.
fn replicas(stage: &Stage, truth: &Truth) {
    let all = Which::all(&truth.city);
    let mut whole = None;
    for (id, node) in stage.living().iter() {
        if node.city.applied() != truth.last {
            continue; // it has left the city
        }
        let view = node.reader.view();
        match view.fingerprint() {
            Ok(hash) if *whole.get_or_insert(hash) == hash => {}
            Ok(_) => stage.complain(format!("node {id} keeps something else than the others")),
            Err(error) => stage.complain(format!("node {id} cannot read: {error}")),
        }
        for which in &all {
            match which.of(&view) {
                Ok(record) if record == which.by_the_log(&truth.city) => {}
                Ok(_) => stage.complain(format!("node {id} has another {which:?} than the log")),
                Err(error) => stage.complain(format!("node {id} cannot read: {error}")),
            }
        }
    }
}
