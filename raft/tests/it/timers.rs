//! What happens at a moment happens once, whoever says that it has come.

use crate::story::{Story, proposal, said};
use domain::deadline::{Deadline, Due};
use domain::money::Money;
use domain::restaurant::Mode;
use domain::{Actor, Command, Event, Proposal, Rejection, Verdict};

/// The end of what is awaited, from the script's own city.
fn fire(story: &Story, is_it: impl Fn(Due) -> bool) -> (Deadline, Proposal) {
    let deadline = story.script.city.deadlines.iter().find(|deadline| is_it(deadline.due));
    let deadline = *deadline.expect("it is awaited");
    (deadline, proposal(Actor::System, Command::FireDeadline(deadline)))
}

fn changed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Yes { changed: true, .. })
}

/// Nobody answers a proposal; that its time is over is said at two nodes at once. It is answered
/// once, the line is gone, and the order costs less; the answer that comes then is too late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r19_silence_is_one_answer_and_costs_less() {
    let mut story = Story::begins(
        "
        11:00:00 open    r1
        12:00:00 place   o1 at r1 by alice: 2 ramen, 1 tea
        12:00:00 pay     o1
        12:00:30 accept  o1 by r1
        12:01:00 propose o1 line 0 remove
        ",
    )
    .await;
    let order_id = story.script.order_id("o1");
    let (deadline, fire) = fire(&story, |due| due == Due::SubstitutionBy(order_id));
    story.turn_to(deadline.due_at.plus_ms(-1));
    assert_eq!(story.say(2, &fire).await, Verdict::No(Rejection::NotDue));
    story.turn_to(deadline.due_at);
    let (one, two) = tokio::join!(story.say(1, &fire), story.say(2, &fire));
    assert_eq!([&one, &two].into_iter().filter(|it| changed(it)).count(), 1, "{one:?} {two:?}");
    let accept = story.wish("12:06:01 answer o1 accept");
    assert_eq!(story.say(3, &accept).await, Verdict::No(Rejection::ProposalClosed));

    let answered = story.told(|event| matches!(event, Event::SubstitutionAnswered { .. })).await;
    assert_eq!(answered, 1);
    for node in story.group.nodes.values() {
        let order = node.reader.view().order(order_id).expect("readable").expect("it is there");
        assert_eq!((order.placed_receipt().total, order.receipt.total), (Money(3098), Money(698)));
    }
    story.group.end().await;
}

/// A rush is over just when the leader is cut off. Both others say so, and so does the old leader
/// when it is back: it ends once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r12_a_rush_ends_once_around_a_change_of_leader() {
    let setup = "
        11:00:00 open r1
        12:00:00 busy r1 minutes 20 until 13:00
    ";
    let mut story = Story::begins(setup).await;
    let restaurant_id = story.script.restaurant_id("r1");
    let (deadline, fire) = fire(&story, |due| due == Due::AvailabilityEnds(restaurant_id));
    let old = story.group.leader().await;
    let asleep = story.group.freeze(old).await;
    story.turn_to(deadline.due_at);
    let (city, word) = (story.group.city(old), fire.clone());
    let stuck = tokio::spawn(async move { said(&city, &word).await });
    let others: Vec<u64> = story.group.nodes.keys().copied().filter(|id| *id != old).collect();
    let (one, two) = tokio::join!(story.say(others[0], &fire), story.say(others[1], &fire));
    drop(asleep);
    let three = stuck.await.expect("no panic");
    // A yes may have been lost with the old leader; never is there a second one.
    let verdicts = [one, two, three];
    assert!(verdicts.iter().filter(|it| changed(it)).count() <= 1, "{verdicts:?}");
    let is_no = |it: &&Verdict| **it == Verdict::No(Rejection::NotDue);
    assert!(verdicts.iter().filter(is_no).count() >= 2, "{verdicts:?}");

    let ended =
        |event: &Event| matches!(event, Event::AvailabilityChanged { mode: Mode::Open, .. });
    assert_eq!(story.told(ended).await, 1);
    for node in story.group.nodes.values() {
        let found = node.reader.view().restaurant(restaurant_id).expect("readable");
        let availability = found.expect("it is there").availability;
        assert_eq!((availability.mode, availability.until), (Mode::Open, None));
    }
    story.group.end().await;
}
