//! A hundred people want the same thing at the same moment, at three real nodes.

use crate::story::Story;
use domain::order::OrderState;
use domain::stock::StockTarget;
use domain::{Rejection, Verdict};

fn wishes(what: &str) -> Vec<String> {
    (0..100).map(|n| format!("12:00:00 place o{n} at r1 by buyer{n} cash{what}")).collect()
}

fn is_yes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Yes { changed: true, .. })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_a_hundred_buyers_one_dish_and_it_comes_back_after_the_leader_has_gone() {
    let mut story = Story::begins("11:00:00 open r1\n11:00:00 stock r1: ramen 1").await;
    let (at, asked) = story.asked(&wishes(": 1 ramen")).await;
    story.turn_to(at);
    let verdicts = story.decide(&asked).await;
    let ramen = story.script.dish_id("ramen");
    assert_eq!(verdicts.iter().filter(|verdict| is_yes(verdict)).count(), 1);
    let none = Rejection::OutOfStock { dishes: vec![ramen], options: Vec::new() };
    let refused = verdicts.iter().filter(|verdict| **verdict == Verdict::No(none.clone()));
    assert_eq!(refused.count(), 99);
    story.group.same_history().await;

    // The leader dies; whoever has the portion calls it off; somebody else has it then.
    let winner = verdicts.iter().position(is_yes).expect("somebody has it");
    let leader = story.group.leader().await;
    story.group.kill(leader).await;
    let node = story.group.leader_but(leader).await;
    let cancel = format!("12:01:00 cancel o{winner} by buyer{winner}");
    let next = "12:01:01 place late at r1 by latecomer cash: 1 ramen";
    for line in [cancel.as_str(), next] {
        let (at, wishes) = story.script.commands(line);
        story.catch_up_at(node).await;
        story.turn_to(at);
        for (actor, command) in wishes {
            let wish = crate::story::proposal(actor, command);
            let verdict = story.group.propose(node, &wish).await.expect("a verdict").verdict;
            assert!(is_yes(&verdict), "{line}: {verdict:?}");
        }
    }
    story.group.same_history().await;
    let restaurant_id = story.script.restaurant_id("r1");
    for node in story.group.nodes.values() {
        let view = node.reader.view();
        let counted = view.stock_of_restaurant(restaurant_id).expect("readable");
        let stock = counted.iter().find(|stock| stock.target == StockTarget::Dish(ramen));
        let stock = stock.expect("it is counted");
        assert_eq!((stock.free, stock.reserved, stock.sold, stock.added), (0, 1, 0, 1));
    }
    story.group.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_a_hundred_buyers_and_a_slot_of_ten() {
    let mut story = Story::begins("11:00:00 open r1\n11:00:00 capacity r1 orders 10").await;
    let (at, asked) = story.asked(&wishes(" slot 18:00: 1 tea")).await;
    story.turn_to(at);
    let verdicts = story.decide(&asked).await;
    assert_eq!(verdicts.iter().filter(|verdict| is_yes(verdict)).count(), 10);
    for verdict in verdicts.iter().filter(|verdict| !is_yes(verdict)) {
        let Verdict::No(Rejection::SlotFull { next }) = verdict else { panic!("{verdict:?}") };
        assert_eq!(next.len(), 3, "{next:?}");
    }
    story.group.same_history().await;
    for node in story.group.nodes.values() {
        let placed = node.reader.view().orders(&[OrderState::Placed], None, 200);
        assert_eq!(placed.expect("readable").orders.len(), 10);
    }
    story.group.end().await;
}
