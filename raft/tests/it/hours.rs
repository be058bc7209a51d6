//! Opening hours over three real nodes: what is decided at the last second of a day, and in the two
//! nights when clocks are moved, is the same on each of them.

use crate::story::Story;
use domain::{Rejection, Verdict};

/// The same line is taken at one moment and refused at the other.
async fn taken_until(story: &mut Story, last: &str, closed: &str, order: &str, next_open: &str) {
    let ask = |time: &str, number: u8| {
        [
            format!("{time} quote q{order}{number} at r1 by alice: 1 ramen"),
            format!("{time} place o{order}{number} at r1 by alice cash: 1 ramen"),
        ]
    };
    let (at, asked) = story.asked(&ask(last, 1)).await;
    story.turn_to(at);
    for verdict in story.decide(&asked).await {
        assert!(matches!(verdict, Verdict::Yes { .. }), "{last}: {verdict:?}");
    }
    let (at, asked) = story.asked(&ask(closed, 2)).await;
    story.turn_to(at);
    let next_open = Some(next_open.parse().expect("a moment"));
    for verdict in story.decide(&asked).await {
        assert_eq!(verdict, Verdict::No(Rejection::RestaurantClosed { next_open }), "{closed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_a_hundred_orders_around_the_second_before_closing() {
    let mut night = Story::begins("21:00:00 open r1 from 10:00 to 22:00").await;
    let lines: Vec<String> =
        (0..100).map(|n| format!("21:59:59 place o{n} at r1 by buyer{n} cash: 1 ramen")).collect();
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
    let mut night = Story::begins("12:00:00 open r1 from 18:00 to 02:00").await;
    // The night to the 29th of March: at one o'clock it is two, and closing time.
    let next = "2026-03-29T17:00:00Z";
    taken_until(&mut night, "648:59:59", "649:00:00", "s", next).await;
    // The night to the 25th of October: one o'clock comes twice, and two o'clock an hour later.
    let next = "2026-10-25T18:00:00Z";
    taken_until(&mut night, "5689:59:59", "5690:00:00", "a", next).await;
    night.group.same_history().await;
    night.group.end().await;
}
