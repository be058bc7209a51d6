//! Couriers who answer while the city has lost its leader.

use crate::story::{Story, proposal, said};
use domain::deadline::Due;
use domain::delivery::DeliveryStatus;
use domain::ids::DeliveryId;
use domain::{Actor, Command, Event, Rejection, Verdict};
use futures_util::future::join_all;

const COURIERS: usize = 20;

/// One delivery, offered to the first of twenty couriers when the leader is cut off. The others'
/// yes is refused; the first one's comes after the offer went to the next, at every node: one
/// holder, and whatever the late one says is fenced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_twenty_couriers_answer_while_the_leader_is_cut_off() {
    let mut setup = "11:00:00 open r1 auto\n".to_owned();
    for n in 0..COURIERS {
        setup += &format!("11:00:00 courier c{n}\n");
    }
    setup += "
        12:00:00 place o1 at r1 by alice cash: 1 ramen
        12:00:00 ready o1 by r1
        12:00:00 offer o1 to c0
    ";
    let mut story = Story::begins(&setup).await;
    let delivery_id = DeliveryId::of(story.script.order_id("o1"));
    let (at, _) = story.script.commands("12:00:10 take o1 by c0 fence 1");
    story.turn_to(at);
    let others: Vec<_> =
        (1..COURIERS).map(|n| story.wish(&format!("12:00:10 take o1 by c{n} fence 1"))).collect();
    let yes = story.wish("12:00:10 take o1 by c0 fence 1");

    let old = story.group.leader().await;
    let asleep = story.group.freeze(old).await;
    let awake: Vec<u64> = story.group.nodes.keys().copied().filter(|id| *id != old).collect();
    // The yes of whom was asked is stuck at the old leader.
    let (city, word) = (story.group.city(old), yes.clone());
    let stuck = tokio::spawn(async move { said(&city, &word).await });
    let closed = Verdict::No(Rejection::OfferClosed);
    let answers = others.iter().enumerate().map(|(n, wish)| story.say(awake[n % 2], wish));
    for verdict in join_all(answers).await {
        assert_eq!(verdict, closed);
    }

    // The new leader waits for the first one no longer, and asks the second.
    let expires = Due::OfferExpires(delivery_id, 1);
    let awaited = story.script.city.deadlines.iter().find(|deadline| deadline.due == expires);
    let expires = *awaited.expect("the offer has an end");
    story.turn_to(expires.due_at);
    let fire = proposal(Actor::System, Command::FireDeadline(expires));
    story.say(awake[0], &fire).await;
    let asks = story.wish("12:00:31 offer o1 to c1 fence 1");
    assert!(matches!(story.say(awake[1], &asks).await, Verdict::Yes { .. }));
    for node in &awake {
        assert_eq!(story.say(*node, &yes).await, closed);
    }
    let takes = story.wish("12:00:32 take o1 by c1 fence 2");
    let (one, two) = tokio::join!(story.say(awake[0], &takes), story.say(awake[1], &takes));
    assert!(matches!((&one, &two), (Verdict::Yes { .. }, Verdict::Yes { .. })), "{one:?} {two:?}");

    drop(asleep);
    assert_eq!(stuck.await.expect("no panic"), closed);
    let late = [yes, story.wish("12:00:33 at_store o1 by c0 fence 1")];
    for node in 1..=3 {
        assert_eq!(story.say(node, &late[0]).await, closed);
        assert_eq!(story.say(node, &late[1]).await, Verdict::No(Rejection::NotYours));
    }
    let assigned = story.told(|event| matches!(event, Event::DeliveryAssigned { .. })).await;
    assert_eq!(assigned, 1);
    let courier_id = story.script.courier_id("c1");
    for node in story.group.nodes.values() {
        let delivery = node.reader.view().delivery(delivery_id);
        let delivery = delivery.expect("readable").expect("it is there");
        assert_eq!((delivery.status, delivery.fence), (DeliveryStatus::Assigned { courier_id }, 2));
    }
    story.group.end().await;
}
