//! I13: what has a moment happens once, not before it, and is not lost. Moments are those of the
//! log: what an event says its own time is, and what was promised in an earlier one.

use super::Case;
use super::feeds::whole;
use super::verdict::{Example, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;

/// A moment that has passed for so long, in milliseconds, without anything happening is lost: a
/// leader may have to be found, and to catch up, first.
const LOST_AFTER_MS: i64 = 30_000;

/// What waits: the event that promised it, and its moment.
struct Promise {
    what: &'static str,
    due_ms: i64,
    said: String,
}

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let Some(feed) = whole(&case.evidence) else {
        return Verdict::not_checked("nobody read the whole feed");
    };
    let mut waiting: BTreeMap<String, Promise> = BTreeMap::new();
    let (mut wrong, mut checked, mut now) = (Vec::new(), 0, i64::MIN);
    for told in &feed.events {
        let event = &told.event;
        let (Some(kind), Some(subject)) = (event["type"].as_str(), event["subject"].as_str())
        else {
            continue;
        };
        let at = moment(&event["at"]);
        now = now.max(at.unwrap_or(now));
        let key = |noun: &str| format!("{noun} {subject}");
        let promise = |what, due: &Value| {
            Some(Promise { what, due_ms: moment(due)?, said: told.cursor.to_string() })
        };
        match kind {
            "order.placed" => {
                let promise = promise("expire", &event["data"]["accept_by"]);
                waiting.extend(promise.map(|promise| (key("order"), promise)));
            }
            "delivery.offered" => {
                let promise = promise("expire", &event["data"]["expires_at"]);
                waiting.extend(promise.map(|promise| (key("offer"), promise)));
            }
            "order.expired" | "offer.expired" => {
                checked += 1;
                let noun = if kind == "order.expired" { "order" } else { "offer" };
                match (waiting.remove(&key(noun)), at) {
                    (Some(promise), Some(at)) if at < promise.due_ms => {
                        let early = promise.due_ms - at;
                        let what = format!(
                            "{kind} of {subject} at {} is {early} ms early: {} said when",
                            told.cursor, promise.said
                        );
                        wrong.push(Example::new(what));
                    }
                    (None, _) if feed.from == domain::Cursor::START => {
                        let what =
                            format!("{kind} of {subject} at {}: nobody waited for it", told.cursor);
                        wrong.push(Example::new(what));
                    }
                    _ => {}
                }
            }
            "order.accepted" | "order.rejected" | "order.cancelled" => {
                checked += usize::from(waiting.remove(&key("order")).is_some());
            }
            "offer.declined" | "offer.withdrawn" | "delivery.assigned" | "delivery.cancelled" => {
                checked += usize::from(waiting.remove(&key("offer")).is_some());
            }
            _ => {}
        }
    }
    for (what, promise) in &waiting {
        if promise.due_ms < now.saturating_sub(LOST_AFTER_MS) {
            let late = now - promise.due_ms;
            let Promise { what: verb, said, .. } = promise;
            wrong.push(Example::new(format!(
                "{what} should {verb}, said {said}; {late} ms later nothing has happened"
            )));
        }
    }
    Verdict::of(checked, wrong, "nothing had a moment")
}

/// As the API shows it.
fn moment(value: &Value) -> Option<i64> {
    serde_json::from_value::<api::wire::Time>(value.clone()).ok().map(|time| time.0.0)
}
