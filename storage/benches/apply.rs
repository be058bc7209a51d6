//! What storage costs per log entry: an order is placed (its reads, six records, their index keys,
//! events, the audit line), and moved on. The domain's own work is not in here.
//!
//! The figures of `apply` are time on the CPU of the applying thread, so that they mean something
//! on a busy machine too; where the system does not tell, they are time on the clock.

#![allow(clippy::unwrap_used)] // a bench, not the product

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::account::CloseSession;
use domain::deadline::{Deadline, Due};
use domain::ids::{DeliveryId, DishId, OrderId, PaymentId, QuoteId, SessionId};
use domain::order::OrderStatus;
use domain::payment::{Work, WorkId};
use domain::time::Timestamp;
use domain::{Actor, Command, Event, Outcome, Proposal, Stamp, Verdict, View, Write};
use std::hint::black_box;
use std::time::{Duration, Instant};
use storage::{Batch, Settings, Writer};

#[allow(dead_code, unused_imports)]
#[path = "../src/record/samples/mod.rs"]
mod samples;

/// Entries that raft hands over at once under load.
const CHUNK: u64 = 64;
const DISHES: u8 = 40;

/// Runs something so many times, and says how long this thread was on a CPU.
fn on_cpu(times: u64, mut run: impl FnMut()) -> Duration {
    let spent = || {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    };
    let (clock, before) = (Instant::now(), spent());
    (0..times).for_each(|_| run());
    match (before, spent()) {
        (Some(before), Some(after)) => after - before,
        _ => clock.elapsed(),
    }
}

struct City {
    writer: Writer,
    index: u64,
    proposal: Proposal,
    // Last: it goes when the databases are closed.
    _dir: tempfile::TempDir,
}

fn id(index: u64) -> [u8; 16] {
    let mut id = [7; 16];
    // Spread, as hashes are.
    id[2..10].copy_from_slice(&index.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id
}

fn dish_id(number: u8) -> DishId {
    DishId([number; 16])
}

impl City {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _reader) = storage::open(dir.path(), &Settings::default()).unwrap();
        let session_id = SessionId([1; 16]);
        let proposal = Proposal {
            actor: Actor::System,
            request_id: "0190f0a4-7cb2-7d8e-9f00-0123456789ab".to_owned(),
            command: Command::CloseSession(CloseSession { session_id }),
        };
        let mut city = Self { writer, index: 0, proposal, _dir: dir };
        let mut writes = vec![
            Write::City(samples::city().into()),
            Write::Account(samples::account().into()),
            Write::Restaurant(samples::restaurant().into()),
            Write::Menu(samples::menu().into()),
        ];
        writes.extend((0..DISHES).map(|number| {
            let mut dish = samples::dish();
            dish.id = dish_id(number);
            Write::Dish(dish.into())
        }));
        let mut batch = city.writer.begin();
        city.record(&mut batch, writes, Vec::new());
        batch.commit().unwrap();
        city
    }

    fn record(&mut self, batch: &mut Batch, writes: Vec<Write>, events: Vec<Event>) {
        self.index += 1;
        let stamp = Stamp { index: self.index, at: Timestamp(self.index as i64) };
        let verdict = Verdict::Yes { changed: true, index: self.index };
        let outcome = Outcome { verdict, writes, events };
        batch.record(&stamp, &[b'p'; 700], &self.proposal, outcome).unwrap();
    }

    fn look(batch: &Batch, index: u64) {
        let restaurant = samples::restaurant().id;
        black_box(batch.city().unwrap());
        black_box(batch.account(samples::account().id).unwrap());
        black_box(batch.restaurant(restaurant).unwrap());
        black_box(batch.menu(restaurant).unwrap());
        for number in 0..3 {
            let dish = dish_id((index % u64::from(DISHES - 3)) as u8 + number);
            black_box(batch.dish(restaurant, dish).unwrap());
        }
        black_box(batch.quote(QuoteId(id(index))).unwrap());
        assert!(batch.order(OrderId(id(index))).unwrap().is_none());
    }

    fn place(&mut self, batch: &mut Batch) {
        let index = self.index;
        Self::look(batch, index);
        let (mut order, mut payment) = (samples::order(), samples::payment());
        let (mut delivery, mut quote) = (samples::delivery(), samples::quote());
        order.id = OrderId(id(index));
        order.placed_at = Timestamp(index as i64);
        payment.id = PaymentId(id(index));
        delivery.id = DeliveryId(id(index));
        quote.id = QuoteId(id(index));
        let due = |due_at, due| Write::Deadline(Deadline { due_at: Timestamp(due_at), due });
        let writes = vec![
            due(index as i64 + 300_000, Due::AcceptBy(order.id)),
            due(index as i64 + 600_000, Due::PayBy(order.id)),
            Write::Work(WorkId { index, number: 0 }, Work::Authorize { payment_id: payment.id }),
            Write::Order(order.into()),
            Write::Payment(payment.into()),
            Write::Delivery(delivery.into()),
            Write::Quote(quote.into()),
        ];
        self.record(batch, writes, vec![samples::event(), samples::event()]);
    }

    fn accept(&mut self, batch: &mut Batch, index: u64) {
        let order = OrderId(id(index));
        let mut order = (*batch.order(order).unwrap().unwrap()).clone();
        order.status = OrderStatus::Accepted;
        let due = Due::AcceptBy(order.id);
        let due_at = Timestamp(index as i64 + 300_000);
        let writes =
            vec![Write::DropDeadline(Deadline { due_at, due }), Write::Order(order.into())];
        self.record(batch, writes, vec![samples::event()]);
    }

    fn commit(&self, mut batch: Batch) {
        batch.set_position(self.index.to_be_bytes().to_vec());
        batch.commit().unwrap();
    }
}

fn apply(c: &mut Criterion) {
    let mut group = c.benchmark_group("apply");
    group.throughput(Throughput::Elements(CHUNK));
    let mut city = City::new();
    group.bench_function("place, 64 at once", |bench| {
        bench.iter_custom(|times| {
            on_cpu(times, || {
                let mut batch = city.writer.begin();
                (0..CHUNK).for_each(|_| city.place(&mut batch));
                city.commit(batch);
            })
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("place, alone", |bench| {
        bench.iter_custom(|times| {
            on_cpu(times, || {
                let mut batch = city.writer.begin();
                city.place(&mut batch);
                city.commit(batch);
            })
        });
    });
    group.throughput(Throughput::Elements(2));
    group.bench_function("place, then accept in the next batch", |bench| {
        bench.iter_custom(|times| {
            on_cpu(times, || {
                let placed = city.index;
                let mut batch = city.writer.begin();
                city.place(&mut batch);
                city.commit(batch);
                let mut batch = city.writer.begin();
                city.accept(&mut batch, placed);
                city.commit(batch);
            })
        });
    });
    group.finish();
}

fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("read");
    let mut city = City::new();
    for _ in 0..200 {
        let mut batch = city.writer.begin();
        (0..CHUNK).for_each(|_| city.place(&mut batch));
        city.commit(batch);
    }
    city.writer.flush().unwrap();
    let reader = city.writer.reader();
    group.bench_function("a view and one order", |bench| {
        let mut index = 0;
        bench.iter(|| {
            index = (index + 1) % 10_000 + 1;
            assert!(reader.view().order(OrderId(id(index))).unwrap().is_some());
        });
    });
    let restaurant = samples::restaurant().id;
    group.bench_function("a restaurant's 20 newest orders", |bench| {
        bench.iter(|| {
            let page = reader.view().orders_of_restaurant(restaurant, &[], None, 20).unwrap();
            assert_eq!(page.orders.len(), 20);
        });
    });
    group.bench_function("100 events of the feed", |bench| {
        bench.iter(|| {
            let page = reader.view().feed(storage::Cursor::after_entry(5_000), 100).unwrap();
            assert_eq!(page.events.len(), 100);
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = apply, read
}
criterion_main!(benches);
