//! Workload A: single values that are read, written, and set only if nobody else was faster.
//!
//! The value is the smallest basket of a coupon: a number that an operator changes, blindly or by
//! the version they saw (`If-Match`), and that `?read=linearizable` shows. Each value is written
//! once, so that a version and a value are the same thing and a compare-and-set by version is one
//! by value. A key is left for a new one before it has more operations than a checker can order.

use super::Crowd;
use super::worker::{Heard, Op, Worker};
use crate::http::Request;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Clients.
pub(super) const PEOPLE: usize = 12;
/// Between two operations of one client.
const PACE: Duration = Duration::from_millis(40);
/// Keys at a time.
const KEYS: usize = 4;
/// Operations of one key, and those of them that nobody can say anything about.
const OPERATIONS: u64 = 1_900;
const UNKNOWN: u64 = 25;

/// One value.
#[derive(Clone, Debug)]
struct Register {
    key: String,
    coupon_id: String,
}

/// What is in use now.
#[derive(Debug, Default)]
struct Slot {
    register: Option<Register>,
    operations: u64,
    unknown: u64,
    /// The next value, never written before.
    next: u64,
    /// What somebody saw last: the value and its version.
    seen: Option<(Value, u64)>,
}

#[derive(Debug, Default)]
struct Board {
    slots: [Slot; KEYS],
    made: u64,
}

pub(super) fn let_in(crowd: &mut Crowd<'_>, people: usize) {
    let board = Arc::new(Mutex::new(Board::default()));
    for _ in 0..people {
        let worker = crowd.worker(PACE);
        crowd.people.spawn(Client { worker, board: Arc::clone(&board) }.run());
    }
}

struct Client {
    worker: Worker,
    board: Arc<Mutex<Board>>,
}

impl Client {
    async fn run(mut self) -> Result<()> {
        while self.worker.goes_on().await {
            let slot = self.worker.random.below(KEYS);
            let Some(register) = self.register(slot).await? else { continue };
            match self.worker.random.below(10) {
                0..4 => self.read(slot, &register).await,
                4..7 => self.write(slot, &register).await,
                _ => self.compare_and_set(slot, &register).await,
            }
        }
        Ok(())
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().expect("nobody panics with the board in hand")
    }

    /// The key of a slot, a new one if the last has served; nothing if the load ends meanwhile.
    async fn register(&mut self, slot: usize) -> Result<Option<Register>> {
        let number = {
            let mut board = self.board();
            let used = &mut board.slots[slot];
            let fresh = used.operations < OPERATIONS && used.unknown < UNKNOWN;
            if let Some(register) = used.register.as_ref().filter(|_| fresh) {
                let register = register.clone();
                used.operations += 1;
                return Ok(Some(register));
            }
            board.made += 1;
            board.made
        };
        let key = format!("coupon-{number}");
        let body = json!({"code": format!("R{}-{number}", self.worker.scene.seed),
            "gives": {"fixed": {"amount": 100}}, "minimum": 0});
        let operator = self.worker.scene.shop.operator.clone();
        let make = Request::post("/v1/admin/coupons", &operator, &key, body);
        let made = match self.worker.prepare(&make).await {
            None => return Ok(None),
            Some(Ok(made)) => made,
            Some(Err(why)) => bail!("a coupon is not made: {why}"),
        };
        let coupon_id = made["coupon_id"].as_str().context("a coupon has an id")?.to_owned();
        let register = Register { key, coupon_id };
        let mut board = self.board();
        // Somebody else may have been as fast; then theirs goes on unused.
        board.slots[slot] =
            Slot { register: Some(register.clone()), operations: 1, ..Slot::default() };
        Ok(Some(register))
    }

    fn request(&self, register: &Register, change: Option<Value>) -> Request {
        let path = format!("/v1/admin/coupons/{}", register.coupon_id);
        let operator = &self.worker.scene.shop.operator;
        match change {
            Some(minimum) => Request::patch(path, operator, json!({"minimum": minimum})),
            None => Request::get(path + "?read=linearizable", operator),
        }
    }

    async fn read(&mut self, slot: usize, register: &Register) {
        let request = self.request(register, None);
        self.ask(slot, register, "read", Value::Null, &request).await;
    }

    async fn write(&mut self, slot: usize, register: &Register) {
        let value = self.next(slot);
        let request = self.request(register, Some(value.clone()));
        self.ask(slot, register, "write", value, &request).await;
    }

    async fn compare_and_set(&mut self, slot: usize, register: &Register) {
        let seen = self.board().slots[slot].seen.clone();
        let Some((old, version)) = seen else { return self.read(slot, register).await };
        let new = self.next(slot);
        let request = self.request(register, Some(new.clone())).if_version(version);
        self.ask(slot, register, "cas", json!([old, new]), &request).await;
    }

    fn next(&self, slot: usize) -> Value {
        let next = &mut self.board().slots[slot].next;
        *next += 1;
        json!(*next)
    }

    async fn ask(&mut self, slot: usize, at: &Register, f: &str, value: Value, request: &Request) {
        let asked = value.clone();
        let show = |body: &Value| if f == "read" { shown(body) } else { asked.clone() };
        let op = Op { f, key: Some(&at.key), value, request };
        let heard = self.worker.ask(op, show).await;
        let mut board = self.board();
        let slot = &mut board.slots[slot];
        if slot.register.as_ref().is_none_or(|register| register.key != at.key) {
            return;
        }
        match heard {
            Heard::Yes { body } => {
                slot.seen = body["version"].as_u64().map(|version| (shown(&body), version));
            }
            Heard::Unknown => slot.unknown += 1,
            Heard::No { .. } => {}
        }
    }
}

/// The value of a coupon: nothing until it is written for the first time.
fn shown(coupon: &Value) -> Value {
    match coupon["minimum"].as_u64() {
        None | Some(0) => Value::Null,
        Some(value) => json!(value),
    }
}
