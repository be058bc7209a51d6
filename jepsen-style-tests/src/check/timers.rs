//! I13: what has a moment happens once, not before it, and is not lost. Moments are those of the
//! log: what an event says its own time is, and what was promised in an earlier one.
//!
//! An event says when it happened as the API writes times. What it holds is the domain's own event,
//! where a moment is a number of milliseconds.

use super::Case;
use super::feeds::{Feed, whole};
use super::verdict::{Example, Verdict};
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A moment that has passed for so long, in milliseconds, without anything happening is lost: a
/// leader may have to be found, and to catch up, first.
const LOST_AFTER_MS: i64 = 30_000;

/// What waits: the event that promised it, and its moment.
struct Promise {
    due_ms: i64,
    said: String,
}

/// What the feed says of moments.
#[derive(Default)]
struct Timers {
    waiting: BTreeMap<String, Promise>,
    wrong: Vec<Example>,
    fired: usize,
    settled: usize,
    now: Option<i64>,
}

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let Some(feed) = whole(&case.evidence) else {
        return Verdict::not_checked("nobody read the whole feed");
    };
    let mut timers = Timers::default();
    for told in &feed.events {
        timers.hear(&told.event, &told.cursor.to_string(), &feed);
    }
    timers.end()
}

impl Timers {
    fn hear(&mut self, event: &Value, cursor: &str, feed: &Feed) {
        let (Some(kind), Some(subject)) = (event["type"].as_str(), event["subject"].as_str())
        else {
            return;
        };
        let at = told_at(&event["at"]);
        self.now = self.now.max(at);
        let (order, offer) = (format!("order {subject}"), format!("offer {subject}"));
        match kind {
            "order.placed" => self.promise(order, cursor, &event["data"]["accept_by"]),
            "delivery.offered" => self.promise(offer, cursor, &event["data"]["expires_at"]),
            "order.expired" => self.fire(&order, at, cursor, feed),
            "offer.expired" => self.fire(&offer, at, cursor, feed),
            "order.accepted" | "order.rejected" | "order.cancelled" => {
                self.settled += usize::from(self.waiting.remove(&order).is_some());
            }
            "offer.declined" | "offer.withdrawn" | "delivery.assigned" | "delivery.cancelled" => {
                self.settled += usize::from(self.waiting.remove(&offer).is_some());
            }
            _ => {}
        }
    }

    fn promise(&mut self, what: String, cursor: &str, due: &Value) {
        let said = cursor.to_owned();
        match Timestamp::deserialize(due) {
            Ok(due) => drop(self.waiting.insert(what, Promise { due_ms: due.0, said })),
            // A judge that passes over this waits for nothing, and finds everything in order.
            Err(_) => {
                self.wrong.push(Example::new(format!("{what} at {cursor}: {due} is no moment")));
            }
        }
    }

    fn fire(&mut self, what: &str, at: Option<i64>, cursor: &str, feed: &Feed) {
        self.fired += 1;
        match (self.waiting.remove(what), at) {
            (_, None) => {
                self.wrong.push(Example::new(format!("{what} expired at {cursor}, at no time")))
            }
            (Some(promise), Some(at)) if at < promise.due_ms => {
                let early = promise.due_ms - at;
                self.wrong.push(Example::new(format!(
                    "{what} expired at {cursor}, {early} ms early: {} said when",
                    promise.said
                )));
            }
            (None, _) if feed.from == domain::Cursor::START => {
                let what = format!("{what} expired at {cursor}: nobody waited for it");
                self.wrong.push(Example::new(what));
            }
            (Some(_) | None, Some(_)) => {}
        }
    }

    /// What was promised and did not come, and how much there was to look at. Where everything was
    /// answered in time no timer has shown anything.
    fn end(mut self) -> Verdict {
        for (what, promise) in &self.waiting {
            let late = self.now.unwrap_or(i64::MIN).saturating_sub(promise.due_ms);
            if late > LOST_AFTER_MS {
                let said = &promise.said;
                self.wrong.push(Example::new(format!(
                    "{what} should expire, said {said}; {late} ms later nothing has happened"
                )));
            }
        }
        let checked = if self.fired == 0 { 0 } else { self.fired + self.settled };
        Verdict::of(checked, self.wrong, "nothing waited until its moment")
    }
}

/// As the API shows times.
fn told_at(value: &Value) -> Option<i64> {
    api::wire::Time::deserialize(value).ok().map(|time| time.0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judge;
    use crate::check::testing::history;
    use crate::check::verdict::Invariant;
    use domain::Event;
    use domain::ids::{CityNumber, CourierId, DeliveryId, OrderId, RestaurantId};
    use expect_test::{Expect, expect};
    use serde_json::json;

    const NOON: i64 = 1_795_996_800_000;

    /// As a node makes it: the domain's event is its content.
    fn event(id: u64, at_ms: i64, event: &Event) -> Value {
        let data = serde_json::to_value(event).unwrap();
        let data = data.as_object().and_then(|one| one.values().next()).unwrap_or(&data).clone();
        let at = serde_json::to_value(api::wire::Time(Timestamp(at_ms))).unwrap();
        json!({"id": format!("{id}.0"), "type": event.name(), "at": at, "city": 1,
            "subject": event.subject(), "data": data})
    }

    const CITY: CityNumber = CityNumber(1);
    const WAIT_MS: i64 = 15_000;

    fn placed(id: u64, at_ms: i64) -> Value {
        let (order_id, restaurant_id) = ids();
        let accept_by = Timestamp(at_ms + WAIT_MS);
        event(id, at_ms, &Event::OrderPlaced { order_id, restaurant_id, accept_by })
    }

    fn accepted(id: u64, at_ms: i64) -> Value {
        let (order_id, restaurant_id) = ids();
        let ready_at = Timestamp(at_ms);
        event(id, at_ms, &Event::OrderAccepted { order_id, restaurant_id, ready_at })
    }

    fn offered(id: u64, at_ms: i64) -> Value {
        let (delivery_id, order_id, courier_id) = offer();
        let expires_at = Timestamp(at_ms + WAIT_MS);
        let fence = 1;
        let offered =
            Event::DeliveryOffered { delivery_id, order_id, courier_id, expires_at, fence };
        event(id, at_ms, &offered)
    }

    fn expired(id: u64, at_ms: i64) -> Value {
        let (delivery_id, order_id, courier_id) = offer();
        event(id, at_ms, &Event::OfferExpired { delivery_id, order_id, courier_id })
    }

    fn ids() -> (OrderId, RestaurantId) {
        (OrderId::derive(CITY, &[b"o"]), RestaurantId::derive(CITY, &[b"r"]))
    }

    fn offer() -> (DeliveryId, OrderId, CourierId) {
        (DeliveryId::derive(CITY, &[b"d"]), ids().0, CourierId::derive(CITY, &[b"c"]))
    }

    fn found(events: &[Value], expected: &Expect) {
        expected.assert_eq(&said(events));
    }

    fn said(events: &[Value]) -> String {
        let read = json!({"who": "the operator", "after": "0.0", "until": "90", "events": events});
        let findings = judge(&history(&format!("reader@1 info feed - {read}")));
        let found = findings.iter().find(|one| one.invariant == Invariant::I13).unwrap();
        let said = found.to_string().split_once(": ").unwrap().1.to_owned();
        said.replace(&ids().0.to_string(), "O").replace(&offer().0.to_string(), "D")
    }

    #[test]
    fn moments_are_numbers_as_the_product_sends_them() {
        assert_eq!(placed(10, NOON)["data"]["accept_by"], json!(NOON + WAIT_MS));
    }

    #[test]
    fn a_timer_that_fires_at_its_moment_is_good() {
        let events = [placed(9, NOON), offered(10, NOON), expired(20, NOON + WAIT_MS)];
        found(&events, &expect!["valid, 1 checked"]);
        let answered = [placed(9, NOON), accepted(10, NOON + 1)];
        found(&answered, &expect!["not checked: nothing waited until its moment"]);
    }

    #[test]
    fn one_that_fires_early_or_twice_or_for_nothing_is_found() {
        found(
            &[offered(10, NOON), expired(20, NOON + WAIT_MS - 1)],
            &expect![[r#"
                INVALID, 1 found
                  offer D expired at 20.0, 1 ms early: 10.0 said when"#]],
        );
        let on_time = NOON + WAIT_MS;
        found(
            &[offered(10, NOON), expired(20, on_time), expired(21, on_time)],
            &expect![[r#"
                INVALID, 1 found
                  offer D expired at 21.0: nobody waited for it"#]],
        );
    }

    #[test]
    fn one_that_does_not_fire_is_found() {
        let late = NOON + WAIT_MS + LOST_AFTER_MS;
        let mut other = accepted(30, late + 1);
        other["subject"] = json!("ord_other");
        found(
            &[placed(10, NOON), other.clone()],
            &expect![[r#"
                INVALID, 1 found
                  order O should expire, said 10.0; 30001 ms later nothing has happened"#]],
        );
        other["at"] = expired(30, late)["at"].clone();
        let in_time = [placed(10, NOON), other];
        found(&in_time, &expect!["not checked: nothing waited until its moment"]);
    }

    #[test]
    fn a_moment_that_cannot_be_read_is_no_pass() {
        let mut placed = placed(10, NOON);
        placed["data"]["accept_by"] = placed["at"].clone();
        found(
            &[placed],
            &expect![[r#"
                INVALID, 1 found
                  order O at 10.0: "2026-11-30T00:00:00.000Z" is no moment"#]],
        );
    }
}
