//! What a gateway says, heard at a node that is behind, and heard twice.

use crate::story::{Story, proposal};
use domain::ids::PaymentId;
use domain::payment::PaymentStatus;
use domain::{Event, Rejection, Verdict};

const DELIVERED: &str = "
    12:00:00 open    r1
    12:00:00 courier carl
    12:00:00 place   o1 at r1 by alice: 2 ramen
    12:00:01 pay     o1
    12:00:02 accept  o1 by r1
    12:10:00 ready   o1 by r1
    12:10:00 offer   o1 to carl
    12:10:01 take    o1 by carl
    12:11:00 pick_up o1 by carl
    12:20:00 deliver o1 by carl
";

/// The capture comes to a node that does not know the order yet, and at the same time, once more,
/// to another: it is taken once, and no node ever says otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r11_a_capture_before_its_order_is_known_here_and_twice_is_one_change() {
    let mut story = Story::begins("11:00:00 open r0").await;
    let behind = story.group.follower().await;
    let asleep = story.group.freeze(behind).await;
    story.script.run(DELIVERED);
    let awake = story.group.nodes.keys().copied().find(|id| *id != behind).expect("two are awake");
    story.catch_up_at(awake).await;
    let (_, mut wishes) = story.script.commands("12:20:01 pay o1");
    let (actor, command) = wishes.remove(0);
    let captured = proposal(actor, story.here(awake, command));

    drop(asleep); // it wakes, and has heard nothing of the order
    let at = |node: u64| story.group.propose(node, &captured);
    let (first, second, third) = tokio::join!(at(behind), at(awake), at(behind));
    let verdicts = [first, second, third].map(|applied| applied.expect("a verdict").verdict);
    let changed = |verdict: &&Verdict| matches!(verdict, Verdict::Yes { changed: true, .. });
    assert_eq!(verdicts.iter().filter(changed).count(), 1, "{verdicts:?}");
    let late = |verdict: &&Verdict| **verdict == Verdict::No(Rejection::WorkUnknown);
    assert_eq!(verdicts.iter().filter(late).count(), 2, "{verdicts:?}");

    let captures = story.told(|event| matches!(event, Event::PaymentCaptured { .. })).await;
    assert_eq!(captures, 1);
    let payment_id = PaymentId::of(story.script.order_id("o1"), 1);
    for node in story.group.nodes.values() {
        let payment =
            node.reader.view().payment(payment_id).expect("readable").expect("it is there");
        assert_eq!(payment.status, PaymentStatus::Captured);
    }
    story.group.end().await;
}
