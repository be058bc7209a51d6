//! Workload B: lists that are appended to together.
//!
//! One log entry that places an order appends it to two lists, and each is read by a request of its
//! own, `?read=linearizable`:
//!
//! | list, appended to by `POST /v1/order` | read as |
//! |---|---|
//! | `queue-N`, what a kitchen has ever been asked for | `GET /v1/restaurant/{id}/orders` |
//! | `mine-N`, what a customer has ever ordered | `GET /v1/orders` |
//!
//! The element is the order's number, which stands in its note. A courier's log is left out: the
//! API shows what somebody carries, and nothing that only grows. Lists are left before they are
//! longer than a page. They are in the order of the time in the log entry, to the millisecond: a
//! read in which two orders share theirs, one of them not yet acknowledged, cannot be put in order
//! and is thrown away, which a read always may be.

use super::Crowd;
use super::worker::{Heard, Op, Worker};
use crate::http::Request;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Clients.
pub(super) const PEOPLE: usize = 12;
/// Between two transactions of one client.
const PACE: Duration = Duration::from_millis(60);
/// The longest page, and how many appends are tried on one list.
const PAGE: usize = 100;
const APPENDS: usize = 95;
/// Kitchens that are in use at a time.
const QUEUES: usize = 4;
/// One in so many transactions appends.
const APPEND_EVERY: usize = 3;

/// Lists in use, and what is known of the order of their elements.
#[derive(Debug, Default)]
struct Board {
    /// Appends that were tried, by list.
    tried: BTreeMap<String, usize>,
    /// The next order's number.
    next: u64,
    /// The log index of acknowledged orders.
    index: BTreeMap<u64, u64>,
    /// How many kitchens have served.
    left: usize,
}

pub(super) fn let_in(crowd: &mut Crowd<'_>, people: usize) {
    let board = Arc::new(Mutex::new(Board::default()));
    for _ in 0..people {
        let worker = crowd.worker(PACE);
        let client = Client { customers: Customers::default(), worker, board: Arc::clone(&board) };
        crowd.people.spawn(client.run());
    }
}

struct Client {
    worker: Worker,
    board: Arc<Mutex<Board>>,
    customers: Customers,
}

/// The people in whose name one client orders, one after the other.
#[derive(Default)]
struct Customers {
    now: Option<(String, String)>,
    made: usize,
    ordered: usize,
}

impl Client {
    async fn run(mut self) -> Result<()> {
        while self.worker.goes_on().await {
            if self.worker.random.below(APPEND_EVERY) == 0 {
                self.append().await?;
            } else {
                self.read().await;
            }
        }
        Ok(())
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().expect("nobody panics with the board in hand")
    }

    /// A customer whose list has room: the list's name and their token.
    async fn customer(&mut self) -> Result<Option<(String, String)>> {
        if self.customers.ordered < APPENDS
            && let Some(now) = &self.customers.now
        {
            return Ok(Some(now.clone()));
        }
        let (seed, number, made) =
            (self.worker.scene.seed, self.worker.number, self.customers.made);
        let name = format!("mine-{number}-{made}");
        let body = json!({"name": name, "email": format!("{name}-{seed}@example.com"),
            "password": "a list of orders"});
        let signup = Request::post("/v1/signup", "", &name, body);
        let token = match self.worker.prepare(&signup).await {
            None => return Ok(None),
            Some(Ok(answer)) => answer["access_token"].as_str().unwrap_or_default().to_owned(),
            Some(Err(why)) => bail!("nobody can sign up: {why}"),
        };
        let now = (name, token);
        self.customers = Customers { now: Some(now.clone()), made: made + 1, ordered: 0 };
        Ok(Some(now))
    }

    async fn append(&mut self) -> Result<()> {
        let Some((mine, token)) = self.customer().await? else { return Ok(()) };
        let place = self.worker.random.below(QUEUES);
        let kitchens = self.worker.scene.shop.menus.len();
        let (number, kitchen) = {
            let mut board = self.board();
            let kitchen = (board.left + place) % kitchens;
            let tried = board.tried.entry(queue(kitchen)).or_default();
            *tried += 1;
            if *tried > APPENDS {
                // Full: the next kitchen opens, and this one is only read a while longer.
                board.left = (board.left + 1).min(kitchens - QUEUES);
                return Ok(());
            }
            board.next += 1;
            (board.next, kitchen)
        };
        self.customers.ordered += 1;
        let menu = &self.worker.scene.shop.menus[kitchen];
        let (restaurant_id, dish_id) = (menu.restaurant_id, menu.dishes[0].dish_id);
        let body = json!({
            "restaurant_id": restaurant_id, "fulfilment": "pickup",
            "basket": [{"dish_id": dish_id, "quantity": 1}],
            "payment": {"method": "cash"}, "note": number.to_string(),
        });
        let request = Request::post("/v1/order", &token, &format!("t{number}"), body);
        let value = json!([["append", queue(kitchen), number], ["append", mine, number]]);
        let op = Op { f: "txn", key: None, value: value.clone(), request: &request };
        match self.worker.ask(op, |_| value.clone()).await {
            Heard::Yes { body } => {
                if let Some(index) = body["index"].as_u64() {
                    self.board().index.insert(number, index);
                }
            }
            // Every one of them is a good order.
            Heard::No { why, again: false } => bail!("a good order was refused: {why}"),
            Heard::No { again: true, .. } | Heard::Unknown => {}
        }
        Ok(())
    }

    async fn read(&mut self) {
        let place = self.worker.random.below(QUEUES + 1);
        let (list, request) = match self.customers.now.clone() {
            Some((mine, token)) if place == QUEUES => {
                let path = format!("/v1/orders?limit={PAGE}&read=linearizable");
                (mine, Request::get(path, &token))
            }
            Some(_) | None => {
                let shop = &self.worker.scene.shop;
                let kitchen = (self.board().left + place % QUEUES) % shop.menus.len();
                let id = shop.menus[kitchen].restaurant_id;
                let path = format!("/v1/restaurant/{id}/orders?limit={PAGE}&read=linearizable");
                (queue(kitchen), Request::get(path, &shop.operator))
            }
        };
        let board = Arc::clone(&self.board);
        let value = json!([["r", list, null]]);
        let op = Op { f: "txn", key: None, value, request: &request };
        let show = |body: &Value| {
            let board = board.lock().expect("nobody panics with the board in hand");
            in_order(body, &board.index).map(|numbers| json!([["r", list, numbers]]))
        };
        self.worker.ask_to_read(op, show).await;
    }
}

fn queue(kitchen: usize) -> String {
    format!("queue-{kitchen}")
}

/// The numbers of a page of orders, the oldest first; nothing if that cannot be told.
fn in_order(page: &Value, index: &BTreeMap<u64, u64>) -> Option<Vec<u64>> {
    let mut rows = Vec::new();
    for row in page["data"].as_array()? {
        let number: u64 = row["note"].as_str()?.parse().ok()?;
        rows.push((row["placed_at"].as_str()?, index.get(&number).copied(), number));
    }
    rows.reverse();
    rows.sort_by_key(|(at, index, _)| (*at, *index));
    let tied = rows.windows(2).any(|pair| {
        let ((at, one, _), (next_at, other, _)) = (pair[0], pair[1]);
        at == next_at && (one.is_none() || other.is_none())
    });
    (!tied).then(|| rows.into_iter().map(|(_, _, number)| number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_of_one_millisecond_are_told_apart_by_their_log_index_or_not_at_all() {
        let row = |at: &str, number: u64| json!({"placed_at": at, "note": number.to_string()});
        let page = json!({"data": [row("10:00:02", 4), row("10:00:01", 2), row("10:00:01", 3),
            row("10:00:00", 1)]});
        let index = |known: &[(u64, u64)]| known.iter().copied().collect();
        assert_eq!(in_order(&page, &index(&[(3, 30), (2, 31)])), Some(vec![1, 3, 2, 4]));
        assert_eq!(in_order(&page, &index(&[(2, 31)])), None);
        assert_eq!(in_order(&json!({"data": []}), &index(&[])), Some(vec![]));
    }
}
