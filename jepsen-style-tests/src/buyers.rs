//! People who pay by card, each for one order from the first click to its end: fetched, called off
//! early or late, refused by the kitchen, paid with a second card, confirmed with a bank or not,
//! refunded, tipped. Everything is asked for one to five times, at different nodes, and again
//! until somebody says yes or no.

use crate::cluster::Doors;
use crate::history::{Kind, Line, Process};
use crate::http::{Asker, Outcome, Request};
use crate::random::Random;
use crate::shop::Shop;
use crate::workload::Scene;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, interval};

/// Between two attempts, or two looks.
const AGAIN: Duration = Duration::from_millis(60);
/// Nothing that a buyer waits for takes longer, with nodes and gateway dying all the time.
const PATIENCE: Duration = Duration::from_secs(100);
/// One request is sent this often at most.
const REPEATS: usize = 5;

/// How an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Cooked and handed over.
    Fetched,
    /// The same, approved only after a while.
    FetchedLate,
    /// The same, and a part of it goes back, in two steps.
    Refunded,
    /// The same, and the kitchen is thanked.
    Tipped,
    /// The first card is declined, the second one pays.
    SecondCard,
    /// The customer confirms with their bank.
    Confirmed,
    /// The customer does not, and gives up.
    NotConfirmed,
    /// Declined, and given up.
    Declined,
    /// Called off before the kitchen says anything.
    CalledOff,
    /// Called off at once, while the bank may still be thinking.
    Abandoned,
    /// Called off at the stove: the dishes are owed.
    CalledOffLate,
    /// The kitchen says no.
    TurnedAway,
}

/// Every plan, the common ones more than once.
const PLANS: [Plan; 16] = [
    Plan::Fetched,
    Plan::Fetched,
    Plan::Fetched,
    Plan::FetchedLate,
    Plan::Refunded,
    Plan::Refunded,
    Plan::Tipped,
    Plan::Tipped,
    Plan::SecondCard,
    Plan::SecondCard,
    Plan::Confirmed,
    Plan::NotConfirmed,
    Plan::Declined,
    Plan::CalledOff,
    Plan::CalledOffLate,
    Plan::TurnedAway,
];

/// What was bought.
#[derive(Clone, Debug)]
pub struct Bought {
    /// Which order.
    pub order_id: String,
    /// What was meant to become of it.
    pub plan: Plan,
    /// The tip: payment and amount.
    pub tip: Option<(String, i64)>,
}

/// What every buyer needs.
#[derive(Clone, Debug)]
pub struct Market {
    /// Kitchens and people.
    pub shop: Arc<Shop>,
    /// Where to ask.
    pub doors: Doors,
    /// How to ask.
    pub asker: Asker,
    /// Who writes it down, if somebody does.
    pub scene: Option<Arc<Scene>>,
}

/// What is said: what the history calls it, where, under which key, by whom.
struct Words<'a> {
    f: &'static str,
    /// The order, once there is one.
    about: Option<&'a str>,
    request: Request,
}

/// One of them, with one order.
struct Buyer<'m> {
    market: &'m Market,
    random: Random,
    customer: String,
    key: String,
}

impl Market {
    /// Buys once, to the end.
    ///
    /// # Errors
    /// The city refuses for good what it should not, or something takes far too long.
    pub async fn buy(&self, name: &str, mut random: Random) -> Result<Bought> {
        let plan = match random.below(20) {
            0 => Plan::Abandoned,
            _ => PLANS[random.below(PLANS.len())],
        };
        let bought = self.order(&format!("b{name}"), plan, random).await;
        bought.with_context(|| format!("order {name}, {plan:?}"))
    }

    /// One order that goes like this.
    ///
    /// # Errors
    /// As [`Self::buy`].
    pub async fn order(&self, key: &str, plan: Plan, mut random: Random) -> Result<Bought> {
        let people = &self.shop.customers;
        let customer = people[random.below(people.len())].clone();
        let mut buyer = Buyer { market: self, random, customer, key: key.to_owned() };
        buyer.live(plan).await
    }
}

/// Whether nothing was bought because somebody else had the last portion: where others play with
/// the stock, that belongs to the game.
pub fn is_sold_out(error: &anyhow::Error) -> bool {
    format!("{error:#}").contains("place: out_of_stock")
}

impl Market {
    /// Any node, dead ones too.
    fn door(&self, random: &mut Random) -> (u64, String) {
        let doors = self.doors.read().expect("nobody panics with the doors in hand");
        doors[random.below(doors.len())].clone()
    }

    /// Once, with its two lines. Every attempt is a process of its own: several are under way.
    async fn say(
        &self,
        (node, url): (u64, String),
        f: &'static str,
        about: Option<String>,
        request: &Request,
    ) -> Outcome {
        let Some(scene) = &self.scene else { return self.asker.send(&url, request).await };
        let asked = Line {
            key: about,
            value: request.body(),
            node: Some(node),
            idem: request.key().map(str::to_owned),
            ..Line::new(Process::Customer(scene.process()), Kind::Invoke, f)
        };
        scene.ask(&url, asked, request, |body| Some(body.clone())).await
    }
}

impl Buyer<'_> {
    async fn live(&mut self, plan: Plan) -> Result<Bought> {
        let token = match plan {
            Plan::SecondCard | Plan::Declined => "tok_declined",
            Plan::Confirmed | Plan::NotConfirmed => "tok_3ds",
            Plan::FetchedLate => "tok_late",
            Plan::Fetched
            | Plan::Refunded
            | Plan::Tipped
            | Plan::CalledOff
            | Plan::Abandoned
            | Plan::CalledOffLate
            | Plan::TurnedAway => "tok_visa",
        };
        let mut meal = self.market.shop.meal(&self.key, false, &mut self.random);
        meal["payment"] = json!({"method": "card", "token": token});
        meal["fulfilment"] = json!("pickup");
        meal.as_object_mut().context("a meal is an object")?.remove("address");
        let placed = self.post("place", None, "/v1/order", "place", meal).await?;
        let id = placed["order_id"].as_str().context("an order has an id")?.to_owned();
        let tip = match plan {
            Plan::Fetched | Plan::FetchedLate => self.fetch(&id).await.map(|()| None)?,
            Plan::Refunded => {
                self.fetch(&id).await?;
                self.order_is(&id, "payment_state", "captured").await?;
                self.refund(&id, "first", 300).await?;
                self.refund(&id, "second", 50).await?;
                None
            }
            Plan::Tipped => {
                self.fetch(&id).await?;
                Some(self.tip(&id, 150).await?)
            }
            Plan::SecondCard => {
                self.order_is(&id, "payment_state", "failed").await?;
                self.pay_again(&id).await?;
                self.fetch(&id).await.map(|()| None)?
            }
            Plan::Confirmed => {
                self.confirm(&id, true).await?;
                self.fetch(&id).await.map(|()| None)?
            }
            Plan::NotConfirmed => {
                self.confirm(&id, false).await?;
                self.order_is(&id, "payment_state", "failed").await?;
                self.call_off(&id).await.map(|()| None)?
            }
            Plan::Declined => {
                self.order_is(&id, "payment_state", "failed").await?;
                self.call_off(&id).await.map(|()| None)?
            }
            Plan::CalledOff => {
                self.order_is(&id, "state", "placed").await?;
                self.call_off(&id).await.map(|()| None)?
            }
            Plan::Abandoned => self.call_off(&id).await.map(|()| None)?,
            Plan::CalledOffLate => {
                let order = self.order_is(&id, "state", "placed").await?;
                self.kitchen(&order, json!({"status": "accepted"})).await?;
                self.kitchen(&order, json!({"status": "preparing"})).await?;
                self.call_off(&id).await.map(|()| None)?
            }
            Plan::TurnedAway => {
                let order = self.order_is(&id, "state", "placed").await?;
                let no = json!({"status": "rejected", "reason": "busy"});
                self.kitchen(&order, no).await.map(|()| None)?
            }
        };
        Ok(Bought { order_id: id, plan, tip })
    }

    /// Cooked, and handed over the counter.
    async fn fetch(&mut self, id: &str) -> Result<()> {
        let order = self.order_is(id, "state", "placed").await?;
        self.kitchen(&order, json!({"status": "accepted"})).await?;
        self.kitchen(&order, json!({"status": "ready"})).await?;
        let pin = order["pickup_pin"].clone();
        self.kitchen(&order, json!({"status": "handed_over", "pin": pin})).await
    }

    async fn pay_again(&mut self, id: &str) -> Result<()> {
        let other = json!({"payment": {"method": "card", "token": "tok_visa"}});
        let path = format!("/v1/order/{id}/payment");
        self.post("pay", Some(id), &path, "again", other).await.map(drop)
    }

    async fn call_off(&mut self, id: &str) -> Result<()> {
        let body = json!({"reason": "customer_changed_mind"});
        self.post("cancel", Some(id), &format!("/v1/order/{id}/cancel"), "off", body)
            .await
            .map(drop)
    }

    async fn refund(&mut self, id: &str, name: &str, amount: i64) -> Result<()> {
        let body = json!({"amount": amount, "fault": "platform", "reason": "cold"});
        let path = format!("/v1/admin/order/{id}/refund");
        let operator = &self.market.shop.operator;
        let request = Request::post(path, operator, &format!("{id}-{name}"), body);
        self.ask(Words { f: "refund", about: Some(id), request }).await.map(drop)
    }

    async fn tip(&mut self, id: &str, amount: i64) -> Result<(String, i64)> {
        self.order_is(id, "state", "completed").await?;
        let payment = json!({"method": "card", "token": "tok_visa"});
        let body = json!({"amount": amount, "to": "kitchen", "payment": payment});
        let tip = self.post("tip", Some(id), &format!("/v1/order/{id}/tip"), "tip", body).await?;
        let payment_id = tip["payment_id"].as_str().context("a tip has a payment")?;
        Ok((payment_id.to_owned(), amount))
    }

    /// At the bank's own page, as the customer is shown it.
    async fn confirm(&mut self, id: &str, yes: bool) -> Result<()> {
        let order = self.order_is(id, "payment_state", "action_required").await?;
        let page = order.pointer("/payments/0/action_url").and_then(Value::as_str);
        let url = page.context("there is a page to confirm at")?.to_owned();
        let mut looks = Looks::begin();
        loop {
            looks.next("the bank's page").await?;
            match self.market.asker.post(&url, "", "", &json!({"yes": yes})).await {
                Outcome::Done { .. } => return Ok(()),
                // Said before, and the answer was lost.
                Outcome::Unknown(why) if why == "status 409" => return Ok(()),
                Outcome::Refused { .. } | Outcome::Unknown(_) => {}
            }
        }
    }

    async fn kitchen(&mut self, order: &Value, word: Value) -> Result<()> {
        let text = |name: &str| order[name].as_str().map(str::to_owned);
        let restaurant = text("restaurant_id").context("an order has a restaurant")?;
        let id = text("order_id").context("an order has an id")?;
        let path = format!("/v1/restaurant/{restaurant}/order/{id}/status");
        let f = match word["status"].as_str().unwrap_or_default() {
            "accepted" => "accept",
            "preparing" => "preparing",
            "ready" => "ready",
            "handed_over" => "handed_over",
            _ => "reject",
        };
        let request = Request::patch(path, &self.market.shop.operator, word);
        self.ask(Words { f, about: Some(&id), request }).await.map(drop)
    }

    async fn order_is(&mut self, id: &str, member: &str, value: &str) -> Result<Value> {
        let path = format!("/v1/order/{id}");
        let what = format!("{id} has {member} {value}");
        let mut looks = Looks::begin();
        loop {
            looks.next(&what).await?;
            let (_, url) = self.market.door(&mut self.random);
            let seen = self.market.asker.get(&(url + &path), &self.customer).await;
            if let Outcome::Done { body, .. } = seen
                && body[member] == value
            {
                return Ok(body);
            }
        }
    }

    async fn post(
        &mut self,
        f: &'static str,
        about: Option<&str>,
        path: &str,
        name: &str,
        body: Value,
    ) -> Result<Value> {
        let key = format!("{}-{name}", self.key);
        let request = Request::post(path, &self.customer, &key, body);
        self.ask(Words { f, about, request }).await
    }

    /// Some requests at once, and then one after the other until one is answered.
    async fn ask(&mut self, words: Words<'_>) -> Result<Value> {
        let Words { f, about, request } = words;
        let about = about.map(str::to_owned);
        let at_once = 1 + self.random.below(REPEATS);
        let mut asked = JoinSet::new();
        for _ in 0..at_once {
            let (market, door) = (self.market.clone(), self.market.door(&mut self.random));
            let (about, request) = (about.clone(), request.clone());
            asked.spawn(async move { market.say(door, f, about, &request).await });
        }
        let (mut yes, mut no) = (None::<Value>, None);
        while let Some(outcome) = asked.join_next().await {
            match outcome.context("a request panicked")? {
                Outcome::Done { body, .. } => {
                    let same = |first: &Value| first["order_id"] == body["order_id"];
                    ensure!(yes.as_ref().is_none_or(same), "two answers to one key: {body}");
                    yes = Some(body);
                }
                Outcome::Refused { why, again: false } => no = Some(why),
                Outcome::Refused { again: true, .. } | Outcome::Unknown(_) => {}
            }
        }
        if let Some(yes) = yes {
            return Ok(yes);
        }
        if let Some(why) = no {
            bail!("{f}: {why}");
        }
        let mut looks = Looks::begin();
        loop {
            looks.next(f).await?;
            let door = self.market.door(&mut self.random);
            match self.market.say(door, f, about.clone(), &request).await {
                Outcome::Done { body, .. } => return Ok(body),
                Outcome::Refused { why, again: false } => bail!("{f}: {why}"),
                Outcome::Refused { again: true, .. } | Outcome::Unknown(_) => {}
            }
        }
    }
}

/// One look after the other, until patience ends.
struct Looks {
    give_up: Instant,
    again: Interval,
}

impl Looks {
    fn begin() -> Self {
        Self { give_up: Instant::now() + PATIENCE, again: interval(AGAIN) }
    }

    async fn next(&mut self, what: &str) -> Result<()> {
        self.again.tick().await;
        ensure!(Instant::now() < self.give_up, "in vain: {what}");
        Ok(())
    }
}
