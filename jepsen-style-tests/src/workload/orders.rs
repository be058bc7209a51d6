//! Workload C: orders from the basket to the door, with their kitchens, couriers and stock.
//!
//! Everybody also tries what must be refused: orders from too far away, food that is handed over
//! before it was fetched, a courier's word with the fence of an offer that is over. Two dishes are
//! counted, run out, come back with orders that are called off, and are filled up again.

use super::worker::{Op, Worker};
use super::{Crowd, PLACE, PLACE_FAR};
use crate::evidence::StockLine;
use crate::http::Request;
use crate::workload::courier;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Couriers of the city.
pub(super) const COURIERS: usize = 6;
/// People who order, kitchens' hands, and people who count.
const CUSTOMERS: usize = 4;
const COOKS: usize = 4;
const COUNTERS: usize = 2;
/// Between two orders of one person, and two words of one kitchen.
const ORDER_PACE: Duration = Duration::from_millis(350);
const COOK_PACE: Duration = Duration::from_millis(80);
const COUNT_PACE: Duration = Duration::from_millis(250);
/// Accepted orders that wait for a courier or ride with one, at most: couriers are few.
const UNDER_WAY: usize = 40;
/// Portions that a counted dish is filled up to, at most.
const PORTIONS: usize = 12;
/// The city's word for those who owe something.
const BARRED: &str = "cash_barred";
/// The kitchen whose first dishes are counted, and how many of them.
const COUNTED_KITCHEN: usize = 0;
const COUNTED: usize = 2;

/// An order that somebody has still to do something about.
#[derive(Clone, Debug)]
struct Open {
    order_id: String,
    restaurant_id: String,
    customer: String,
}

/// What is known to be open.
#[derive(Debug, Default)]
pub(super) struct Board {
    placed: VecDeque<Open>,
    cooking: VecDeque<Open>,
    /// May be called off, whatever has become of them.
    any: VecDeque<Open>,
    under_way: usize,
}

/// By all of them.
pub(super) type Shared = Arc<Mutex<Board>>;

pub(super) fn let_in(crowd: &mut Crowd<'_>) {
    let board = let_customers_in(crowd);
    for _ in 0..COOKS {
        let cook = Cook { worker: crowd.worker(COOK_PACE), board: board.clone() };
        crowd.people.spawn(cook.run());
    }
    for _ in 0..COUNTERS {
        let worker = crowd.worker(COUNT_PACE);
        crowd.people.spawn(count(worker));
    }
    let delivered: Arc<dyn Fn() + Send + Sync> = {
        let board = board.clone();
        Arc::new(move || {
            let under_way = &mut lock(&board).under_way;
            *under_way = under_way.saturating_sub(1);
        })
    };
    courier::let_in(crowd, &delivered);
}

/// Only those who order: nobody cooks.
pub(super) fn let_customers_in(crowd: &mut Crowd<'_>) -> Shared {
    let board = Shared::default();
    for number in 0..CUSTOMERS {
        let customer = Customer { worker: crowd.worker(ORDER_PACE), board: board.clone(), number };
        crowd.people.spawn(customer.run());
    }
    board
}

fn lock(board: &Shared) -> MutexGuard<'_, Board> {
    board.lock().expect("nobody panics with the board in hand")
}

struct Customer {
    worker: Worker,
    board: Shared,
    number: usize,
}

impl Customer {
    async fn run(mut self) -> Result<()> {
        for order in 0_u64.. {
            if !self.worker.goes_on().await {
                break;
            }
            match self.worker.random.below(10) {
                0 => self.call_off().await,
                1 => self.place(order, PLACE_FAR).await?,
                _ => self.place(order, PLACE).await?,
            }
        }
        Ok(())
    }

    /// An order, decided in the end or not: the same key again finds out what became of it.
    async fn place(&mut self, order: u64, f: &str) -> Result<()> {
        let key = format!("c{}-{order}", self.worker.number);
        let scene = Arc::clone(&self.worker.scene);
        let customer = &scene.shop.customers[self.number % scene.shop.customers.len()];
        let meal = scene.shop.meal(&key, f == PLACE_FAR, &mut self.worker.random);
        let request = Request::post("/v1/order", customer, &key, meal.clone());
        let answer = self.worker.insist(f, None, meal.clone(), &request, Value::clone).await;
        let body = match answer {
            None => return Ok(()),
            Some(Ok(body)) => body,
            Some(Err(why)) if why.starts_with(BARRED) => return self.pay_debt(customer).await,
            Some(Err(why)) if as_it_should_be(f, &why) => return Ok(()),
            Some(Err(why)) => bail!("{key} was refused for good: {why}"),
        };
        let text = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
        let open = Open {
            order_id: text("order_id"),
            restaurant_id: text("restaurant_id"),
            customer: customer.clone(),
        };
        let mut board = lock(&self.board);
        board.any.push_back(open.clone());
        board.placed.push_back(open);
        Ok(())
    }

    /// Who called an order off at the stove owes it, and pays at the counter.
    async fn pay_debt(&mut self, customer: &str) -> Result<()> {
        let operator = self.worker.scene.shop.operator.clone();
        let asked = self.worker.prepare(&Request::get("/v1/me", customer)).await;
        let Some(Ok(me)) = asked else { return Ok(()) };
        let account = me["account_id"].as_str().unwrap_or_default();
        let path = format!("/v1/admin/accounts/{account}/tab");
        let Some(Ok(tab)) = self.worker.prepare(&Request::get(path, &operator)).await else {
            return Ok(());
        };
        let debt = tab.pointer("/debt/amount").and_then(Value::as_i64).unwrap_or(0);
        let path = format!("/v1/admin/accounts/{account}/clear-debt");
        let body = json!({"debt": debt, "reason": "paid at the counter"});
        // Somebody else may owe more by now, or have paid: then it is for the next time.
        self.worker.prepare(&Request::say(path, &operator, body)).await;
        Ok(())
    }

    async fn call_off(&mut self) {
        let open = {
            let mut board = lock(&self.board);
            // The newest one may still be called off, another one is mostly at the stove.
            let place = match self.worker.random.below(2) {
                0 => board.any.len().saturating_sub(1),
                _ => self.worker.random.below(board.any.len()),
            };
            board.any.remove(place)
        };
        let Some(open) = open else { return };
        let path = format!("/v1/order/{}/cancel", open.order_id);
        let body = json!({"reason": "customer_changed_mind"});
        let key = format!("off-{}", open.order_id);
        let request = Request::post(path, &open.customer, &key, body);
        let value = json!({"order": open.order_id});
        let shown = value.clone();
        let called_off =
            self.worker.insist("cancel", Some(&open.order_id), value, &request, |_| shown.clone());
        called_off.await;
    }
}

/// Refusals that belong to the game. Where menus are changed, kitchens close and open, too.
fn as_it_should_be(f: &str, why: &str) -> bool {
    let begins = |word: &str| why.starts_with(word);
    match f {
        PLACE_FAR => begins(super::TOO_FAR) || begins("restaurant_"),
        _ => begins("out_of_stock") || begins("restaurant_"),
    }
}

struct Cook {
    worker: Worker,
    board: Shared,
}

impl Cook {
    async fn run(mut self) -> Result<()> {
        while self.worker.goes_on().await {
            if self.worker.random.below(2) == 0 {
                self.begin().await;
            } else {
                self.end().await;
            }
        }
        Ok(())
    }

    async fn begin(&mut self) {
        let open = {
            let mut board = lock(&self.board);
            let full = board.under_way >= UNDER_WAY;
            if full { None } else { board.placed.pop_front() }
        };
        let Some(open) = open else { return };
        match self.worker.random.below(12) {
            0 => {
                let no = json!({"status": "rejected", "reason": "busy"});
                self.say("reject", &open, no).await;
            }
            // Not yet accepted: this must be refused.
            1 => {
                self.say("ready", &open, json!({"status": "ready"})).await;
                lock(&self.board).placed.push_back(open);
            }
            _ => {
                if self.say("accept", &open, json!({"status": "accepted"})).await {
                    let mut board = lock(&self.board);
                    board.under_way += 1;
                    board.cooking.push_back(open);
                }
            }
        }
    }

    async fn end(&mut self) {
        let open = lock(&self.board).cooking.pop_front();
        if let Some(open) = open {
            self.say("ready", &open, json!({"status": "ready"})).await;
        }
    }

    /// Whether it was a yes.
    async fn say(&mut self, f: &str, open: &Open, word: Value) -> bool {
        let path = format!("/v1/restaurant/{}/order/{}/status", open.restaurant_id, open.order_id);
        let request = Request::patch(path, &self.worker.scene.shop.operator, word);
        let value = json!({"order": open.order_id});
        let shown = value.clone();
        let heard = self.worker.insist(f, Some(&open.order_id), value, &request, |_| shown.clone());
        matches!(heard.await, Some(Ok(_)))
    }
}

/// Fills counted dishes up and looks at them.
async fn count(mut worker: Worker) -> Result<()> {
    while worker.goes_on().await {
        let menu = &worker.scene.shop.menus[COUNTED_KITCHEN];
        let dish = menu.dishes[worker.random.below(COUNTED)].dish_id.to_string();
        let path = format!("/v1/restaurant/{}/stock", menu.restaurant_id);
        let operator = worker.scene.shop.operator.clone();
        if worker.random.below(4) == 0 {
            let quantity = worker.random.below(PORTIONS + 1);
            let line = json!({"dish_id": dish, "state": "quantity", "quantity": quantity});
            let request = Request::patch(path, &operator, json!({"lines": [line]}));
            let value = json!({"free": quantity});
            let shown = value.clone();
            let op = Op { f: "stock_set", key: Some(&dish), value, request: &request };
            worker.ask(op, |_| shown.clone()).await;
        } else {
            let request = Request::get(path + "?read=linearizable", &operator);
            let value = Value::Null;
            let op = Op { f: "stock_read", key: Some(&dish), value, request: &request };
            let show = |body: &Value| {
                let line = counted(body).into_iter().find(|line| line.key == dish)?;
                let StockLine { free, reserved, sold, .. } = line;
                Some(json!({"free": free, "reserved": reserved, "sold": sold}))
            };
            worker.ask_to_read(op, show).await;
        }
    }
    Ok(())
}

/// What a list of stock says of the dishes that are counted. Before one was counted for the first
/// time there is nothing to say of it.
pub fn counted(list: &Value) -> Vec<StockLine> {
    let lines = list["lines"].as_array().into_iter().flatten();
    let counted = lines.filter(|line| line["state"] == "quantity");
    let counted = counted.filter_map(|line| {
        Some(StockLine {
            key: line["dish_id"].as_str()?.to_owned(),
            free: line["left"].as_i64()?,
            reserved: line["reserved"].as_i64()?,
            sold: line["sold"].as_i64()?,
        })
    });
    counted.collect()
}
