//! Opening hours over three real nodes, whose clock the test turns: what is decided at the last
//! second of a day, and in the two nights when clocks are moved, is the same on each of them.

use crate::group::{Group, is_yes};
use domain::script::Script;
use domain::time::Timestamp;
use domain::{Actor, Command, Proposal, Rejection, Verdict};
use futures_util::future::join_all;
use raft::WallClock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Three nodes, one clock, and the script that says what people want.
struct Night {
    group: Group,
    now_ms: Arc<AtomicI64>,
    script: Script,
    replayed: usize,
}

impl Night {
    async fn begins(setup: &str) -> Self {
        let mut script = Script::new();
        script.run(setup);
        let now_ms = Arc::new(AtomicI64::new(script.entries[0].0.0));
        let mut group = Group::new();
        let turned = Arc::clone(&now_ms);
        group.wall_clock = WallClock::of(move || turned.load(Ordering::SeqCst));
        group.found().await;
        let mut night = Self { group, now_ms, script, replayed: 0 };
        night.catch_up().await;
        night
    }

    fn turn_to(&self, at: Timestamp) {
        self.now_ms.store(at.0, Ordering::SeqCst);
    }

    /// The nodes decide what the script's own city has decided so far.
    async fn catch_up(&mut self) {
        for (at, actor, command) in self.script.entries[self.replayed..].iter().cloned() {
            self.turn_to(at);
            let applied = self.group.propose(1, &proposal(actor, command)).await.expect("a verdict");
            assert!(is_yes(&applied), "{applied:?}");
        }
        self.replayed = self.script.entries.len();
    }

    /// What the lines ask for; all of them at one moment.
    async fn asked(&mut self, lines: &[String]) -> (Timestamp, Vec<Proposal>) {
        let mut at = Timestamp(0);
        let mut asked = Vec::new();
        for line in lines {
            let (moment, wishes) = self.script.commands(line);
            at = moment;
            asked.extend(wishes.into_iter().map(|(actor, wish)| proposal(actor, wish)));
        }
        self.catch_up().await;
        (at, asked)
    }

    /// Every wish at once, shared among the nodes; the verdicts in the same order.
    async fn decide(&self, asked: &[Proposal]) -> Vec<Verdict> {
        let decided = asked.iter().enumerate().map(|(number, wish)| async move {
            let node = 1 + number as u64 % 3;
            self.group.propose(node, wish).await.expect("a verdict").verdict
        });
        join_all(decided).await
    }

    /// The same line is taken at one moment and refused at the other.
    async fn taken_until(&mut self, last: &str, closed: &str, order: &str, next_open: &str) {
        let ask = |time: &str, number: u8| {
            [
                format!("{time} quote q{order}{number} at r1 by alice: 1 ramen"),
                format!("{time} place o{order}{number} at r1 by alice cash: 1 ramen"),
            ]
        };
        let (at, asked) = self.asked(&ask(last, 1)).await;
        self.turn_to(at);
        for verdict in self.decide(&asked).await {
            assert!(matches!(verdict, Verdict::Yes { .. }), "{last}: {verdict:?}");
        }
        let (at, asked) = self.asked(&ask(closed, 2)).await;
        self.turn_to(at);
        let next_open = Some(next_open.parse().expect("a moment"));
        for verdict in self.decide(&asked).await {
            assert_eq!(verdict, Verdict::No(Rejection::RestaurantClosed { next_open }), "{closed}");
        }
    }
}

fn proposal(actor: Actor, command: Command) -> Proposal {
    Proposal { actor, request_id: "night".to_owned(), command }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_a_hundred_orders_around_the_second_before_closing() {
    let mut night = Night::begins("21:00:00 open r1 from 10:00 to 22:00").await;
    let lines: Vec<String> = (0..100)
        .map(|n| format!("21:59:59 place o{n} at r1 by buyer{n} cash: 1 ramen"))
        .collect();
    let (at, asked) = night.asked(&lines).await;
    night.turn_to(at);
    // The clock strikes while the orders are under way.
    let close = at.plus_ms(1_000);
    let strikes = async {
        while night.group.city(1).status().applied < night.replayed as u64 + 20 {
            tokio::task::yield_now().await;
        }
        night.turn_to(close);
    };
    let (verdicts, ()) = tokio::join!(night.decide(&asked), strikes);
    let next_open = Some(close.plus_ms(12 * 3_600_000));
    let taken = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Yes { .. })).count();
    for verdict in &verdicts {
        if let Verdict::No(why) = verdict {
            assert_eq!(*why, Rejection::RestaurantClosed { next_open });
        }
    }
    assert!(taken >= 1, "the first orders came before the clock struck");
    // What was taken was stamped before it closed, on each node alike.
    night.group.same_history().await;
    for node in night.group.nodes.values() {
        let view = node.reader.view();
        let orders = view.orders(&[domain::order::OrderState::Placed], None, 200);
        let orders = orders.expect("readable").orders;
        assert_eq!(orders.len(), taken);
        assert!(orders.iter().all(|order| order.placed_at < close));
    }
    night.group.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_the_nights_when_clocks_are_moved() {
    // In Lisbon; hours are counted from midnight of the 2nd of March 2026.
    let mut night = Night::begins("12:00:00 open r1 from 18:00 to 02:00").await;
    // The night to the 29th of March: at one o'clock it is two, and closing time.
    let next = "2026-03-29T17:00:00Z";
    night.taken_until("648:59:59", "649:00:00", "s", next).await;
    // The night to the 25th of October: one o'clock comes twice, and two o'clock an hour later.
    let next = "2026-10-25T18:00:00Z";
    night.taken_until("5689:59:59", "5690:00:00", "a", next).await;
    night.group.same_history().await;
    night.group.end().await;
}
