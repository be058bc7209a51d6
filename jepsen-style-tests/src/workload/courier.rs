//! Couriers of workload C: on shift, saying where they are, looking at their phone, and taking or
//! leaving what they are offered.
//!
//! Each phone is at one node. Now and then somebody does not answer, and the offer runs out. Now
//! and then a courier says yes with the fence of an offer that is over, or hands over what they
//! have not fetched: both must be refused. Now and then an operator takes a delivery away again,
//! and every later word of that courier must be refused.

use super::Crowd;
use super::worker::{Heard, Op, Worker};
use crate::http::Request;
use crate::shop::Courier;
use anyhow::Result;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the phone.
const PACE: Duration = Duration::from_millis(200);
/// One look in so many says where the courier is, too.
const PING_EVERY: u64 = 5;
/// Of a hundred offers, those that are declined.
const DECLINES: usize = 10;
/// Of a hundred offers, those that are left to run out: some timer must fire in a run.
const IGNORES: usize = 5;
/// Of a hundred things to do, those that are done wrong first.
const WRONG: usize = 5;
/// Of a hundred deliveries that an operator looks at, those that are taken away.
const TAKEN_AWAY: usize = 15;

/// What is told to those who wait: one order is off the road.
pub(super) type Delivered = Arc<dyn Fn() + Send + Sync>;

pub(super) fn let_in(crowd: &mut Crowd<'_>, delivered: &Delivered) {
    for (number, courier) in crowd.scene.shop.couriers.clone().into_iter().enumerate() {
        let worker = crowd.worker(PACE);
        let rider = Phone {
            worker,
            courier,
            delivered: Arc::clone(delivered),
            at: json!({"lat": 43.55, "lng": -5.92}),
            old: None,
            // One sleeps through the first offer, so that the shortest run sees one run out.
            ignored: None,
            is_asleep: number == 0,
        };
        crowd.people.spawn(rider.run());
    }
}

struct Phone {
    worker: Worker,
    courier: Courier,
    delivered: Delivered,
    at: Value,
    /// An offer of which it is known that it is over.
    old: Option<(String, u64)>,
    /// The offer that is being left to run out.
    ignored: Option<(String, u64)>,
    /// Whether the next one is.
    is_asleep: bool,
}

impl Phone {
    async fn run(mut self) -> Result<()> {
        let path = format!("/v1/delivery/{}/online", self.courier.courier_id);
        let shift = Request::put(path, &self.courier.token, json!({"online": true}));
        self.worker.prepare(&shift).await;
        for look in 0_u64.. {
            if !self.worker.goes_on().await {
                break;
            }
            if look.is_multiple_of(PING_EVERY) {
                self.ping().await;
            }
            self.look().await;
        }
        Ok(())
    }

    /// Soft state: not in the history, and no harm if it is lost.
    async fn ping(&mut self) {
        let path = format!("/v1/delivery/{}/positions", self.courier.courier_id);
        let body = json!({"positions": [{"point": self.at}]});
        let request = Request::say(path, &self.courier.token, body);
        let (_, url) = self.worker.door();
        let _ = self.worker.scene.asker.send(&url, &request).await;
    }

    async fn look(&mut self) {
        let path = "/v1/delivery/assignments?read=linearizable";
        let request = Request::get(path, &self.courier.token);
        let courier = self.courier.courier_id.clone();
        let op = Op { f: "look", key: Some(&courier), value: Value::Null, request: &request };
        let Heard::Yes { body } = self.worker.ask(op, carried).await else { return };
        for offer in body["offers"].as_array().into_iter().flatten() {
            self.answer(offer).await;
        }
        // Its food may not be ready yet: so each of them.
        for delivery in body["deliveries"].as_array().into_iter().flatten() {
            self.carry(delivery).await;
        }
        if self.worker.random.below(100) < WRONG
            && let Some((order, fence)) = self.old.clone()
        {
            self.say("take", &order, fence, json!({"status": "accepted"})).await;
        }
    }

    async fn answer(&mut self, offer: &Value) {
        let (order, fence) = named(offer);
        let this = Some((order.clone(), fence));
        if self.ignored == this {
            return;
        }
        if std::mem::take(&mut self.is_asleep) || self.worker.random.below(100) < IGNORES {
            self.ignored = this;
            return;
        }
        if self.worker.random.below(100) < DECLINES {
            if self.say("decline", &order, fence, json!({"status": "declined"})).await {
                self.old = Some((order, fence));
            }
        } else {
            self.say("take", &order, fence, json!({"status": "accepted"})).await;
        }
    }

    async fn carry(&mut self, delivery: &Value) {
        let (order, fence) = named(delivery);
        let wrong = self.worker.random.below(100) < WRONG;
        let stop = delivery["stops"].as_array().and_then(|stops| stops.last()).cloned();
        match delivery["state"].as_str().unwrap_or_default() {
            "assigned" | "at_store" if wrong => {
                // Not fetched yet.
                self.say("deliver", &order, fence, json!({"status": "delivered"})).await;
            }
            "assigned" if self.worker.random.below(100) < TAKEN_AWAY => {
                self.taken_away(delivery).await;
                self.old = Some((order.clone(), fence));
                self.say("pick_up", &order, fence, json!({"status": "picked_up"})).await;
                (self.delivered)();
            }
            "assigned" | "at_store" => {
                self.say("pick_up", &order, fence, json!({"status": "picked_up"})).await;
            }
            "picked_up" | "at_door" => {
                // The city looks at where the phone is when food is handed over.
                if let Some(stop) = stop {
                    self.at = stop["point"].clone();
                    self.ping().await;
                }
                if self.say("deliver", &order, fence, json!({"status": "delivered"})).await {
                    (self.delivered)();
                }
            }
            _ => {}
        }
    }

    /// By an operator: from then on the delivery is free again, under another fence.
    async fn taken_away(&mut self, delivery: &Value) {
        let id = delivery["delivery_id"].as_str().unwrap_or_default();
        let path = format!("/v1/admin/delivery/{id}/unassign");
        let operator = self.worker.scene.shop.operator.clone();
        let request = Request::say(path, &operator, json!({"reason": "a flat tyre"}));
        let (order, fence) = named(delivery);
        let value = json!({"order": order, "courier": self.courier.courier_id, "fence": fence});
        let shown = value.clone();
        let op = Op { f: "unassign", key: Some(&order), value, request: &request };
        self.worker.ask(op, |_| shown.clone()).await;
    }

    /// Whether it was a yes. Asked once: what became of it shows at the next look.
    async fn say(&mut self, f: &str, order: &str, fence: u64, mut word: Value) -> bool {
        let path = format!("/v1/delivery/{}/order/{order}/status", self.courier.courier_id);
        word["fence"] = json!(fence);
        let request = Request::patch(path, &self.courier.token, word);
        let value = json!({"order": order, "courier": self.courier.courier_id, "fence": fence});
        let shown = value.clone();
        let op = Op { f, key: Some(order), value, request: &request };
        matches!(self.worker.ask(op, |_| shown.clone()).await, Heard::Yes { .. })
    }
}

/// Whose, and which attempt.
fn named(delivery: &Value) -> (String, u64) {
    let order = delivery["order_id"].as_str().unwrap_or_default().to_owned();
    (order, delivery["fence"].as_u64().unwrap_or(0))
}

/// What somebody carries, without the words for people.
fn carried(body: &Value) -> Value {
    let rows = body["deliveries"].as_array().into_iter().flatten();
    let rows = rows.map(|row| {
        json!({"delivery": row["delivery_id"], "order": row["order_id"], "state": row["state"],
            "fence": row["fence"]})
    });
    rows.collect()
}
