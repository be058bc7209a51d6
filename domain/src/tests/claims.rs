//! Complaints, from the customer's word to the money back.

use crate::claim::ClaimState;
use crate::script::{Script, check};
use crate::{Actor, Command, Rejection, Verdict};
use expect_test::expect;

/// Two ramen and a tea, delivered at 12:20 and paid for.
const EATEN: &str = "
    11:00:00  open    r1
    11:00:00  courier carl
    11:00:00  grant   boss at r1 manager
    12:00:00  place   o1 at r1 by alice: 2 ramen, 1 tea
    12:00:00  pay     o1
    12:00:00  accept  o1 by r1
    12:00:00  ready   o1 by r1
    12:00:00  offer   o1 to carl
    12:00:00  take    o1 by carl
    12:00:00  pick_up o1 by carl
    12:20:00  deliver o1 by carl
    12:20:00  pay     o1
";

fn eaten(script: &str, expected: expect_test::Expect) {
    let mut city = Script::new();
    city.run(EATEN);
    expected.assert_eq(&city.run(script));
}

#[test]
fn the_restaurant_agrees_and_bears_it() {
    eaten(
        "
        12:30:00  claim   o1 as c1 by bob missing: 1 of 0
        12:30:00  claim   o1 as c1 missing
        12:30:00  claim   o1 as c1 missing: 0 of 0
        12:30:00  claim   o1 as c1 missing: 3 of 0
        12:30:00  claim   o1 as c1 missing: 1 of 2
        12:30:00  claim   o1 as c1 missing photo p1: 1 of 0
        12:30:00  photo   p1 by bob
        12:30:00  claim   o1 as c1 missing photo p1: 1 of 0
        12:30:00  photo   p2 by alice
        12:30:00  claim   o1 as c1 missing photo p2: 1 of 0
        12:30:00  again   -
        12:30:00  claim   o1 as c1 missing: 2 of 0
        12:30:00  claim   o1 as c2 quality: 2 of 0
        12:31:00  concede c1 by r1
        12:31:00  concede c1 by boss
        12:31:00  again   -
        12:31:00  contest c1 by boss
        12:31:01  pay     o1
        12:31:01  bill    o1
        12:32:00  claim   o1 as c2 quality: 1 of 0, 1 of 1
        12:33:00  concede c2 by boss text sorry
        12:33:00  bill    o1
        12:33:00  claim   o1 as c3 never_came
        12:34:00  settle  c3 as ref3 amount 1000
        12:34:00  settle  c3 as ref3 amount 0
        ",
        expect![[r#"
            12:30:00 claim    o1   no  OrderUnknown
            12:30:00 claim    o1   no  FieldInvalid /lines: from 1 to 100 of them
            12:30:00 claim    o1   no  FieldInvalid /lines: at least one of each line
            12:30:00 claim    o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:30:00 claim    o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:30:00 claim    o1   no  ImageUnknown
            12:30:00 photo    p1   yes ImagePut hash=f64551fcd6f07823cb87971cfb914464
            12:30:00 claim    o1   no  ImageUnknown
            12:30:00 photo    p2   yes ImagePut hash=3946ca64ff78d93ca61090a437cbb6b3
            12:30:00 claim    o1   yes ClaimMade c1 o1
            12:30:00 again    -    yes (unchanged)
            12:30:00 claim    o1   no  IdReused
            12:30:00 claim    o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            12:31:00 concede  c1   no  Forbidden
            12:31:00 concede  c1   yes RefundPending of_c1 o1 amount=1200 fault=Restaurant
                                       ClaimSettled c1 o1 amount=1200 fault=Restaurant
            12:31:00 again    -    yes (unchanged)
            12:31:00 contest  c1   no  ClaimClosed
            12:31:01 pay      o1   yes RefundDone of_c1 o1 amount=1200
            12:31:01 bill     o1   2 ramen 2400, 1 tea 300; total 3098 (revision 0); Captured 3098, back 0 + 1200
                                       pays 3098; kitchen paid; courier paid, call-out 0; fault None
            12:32:00 claim    o1   yes ClaimMade c2 o1
            12:33:00 concede  c2   yes RefundPending of_c2 o1 amount=1500 fault=Restaurant
                                       ClaimSettled c2 o1 amount=1500 fault=Restaurant
            12:33:00 bill     o1   2 ramen 2400, 1 tea 300; total 3098 (revision 0); Captured 3098, back 1500 + 1200
                                       pays 3098; kitchen paid; courier paid, call-out 0; fault None
            12:33:00 claim    o1   yes ClaimMade c3 o1
                                       ClaimContested c3 o1
            12:34:00 settle   c3   no  OverCaptured left=398
            12:34:00 settle   c3   yes ClaimRefused c3 o1
        "#]],
    );
}

#[test]
fn the_restaurant_disagrees_and_an_operator_decides() {
    eaten(
        "
        12:30:00  claim   o1 as c1 wrong: 1 of 1
        12:31:00  contest c1 by boss text no
        12:31:00  again   -
        12:31:00  contest c1 by boss text never
        12:31:00  concede c1 by boss
        12:32:00  settle  c1 by boss as ref1 amount 200
        12:32:00  settle  c1 as ref1 courier amount 9999
        12:32:00  settle  c1 as ref1 courier amount 200
        12:32:00  again   -
        12:32:00  settle  c1 as ref1 courier amount 100
        12:32:00  contest c1 by boss text no
        12:33:00  claim   o1 as c2 allergy: 1 of 0
        12:33:00  settle  c2 as ref2 amount 0
        12:33:00  again   -
        12:33:00  settle  c2 as ref2 amount 10
        12:33:00  concede c2 by boss
        12:34:00  claim   o1 as c3 wrong: 1 of 0
        12:34:00  settle  c3 as ref1 amount 10
        99:00:00  due     -
        ",
        expect![[r#"
            12:30:00 claim    o1   yes ClaimMade c1 o1
            12:31:00 contest  c1   yes ClaimContested c1 o1
            12:31:00 again    -    yes (unchanged)
            12:31:00 contest  c1   no  ClaimClosed
            12:31:00 concede  c1   no  ClaimClosed
            12:32:00 settle   c1   no  Forbidden
            12:32:00 settle   c1   no  OverCaptured left=3098
            12:32:00 settle   c1   yes RefundPending ref1 o1 amount=200 fault=Courier
                                       ClaimSettled c1 o1 amount=200 fault=Courier
            12:32:00 again    -    yes (unchanged)
            12:32:00 settle   c1   no  ClaimClosed
            12:32:00 contest  c1   no  ClaimClosed
            12:33:00 claim    o1   yes ClaimMade c2 o1
            12:33:00 settle   c2   yes ClaimRefused c2 o1
            12:33:00 again    -    yes (unchanged)
            12:33:00 settle   c2   no  ClaimClosed
            12:33:00 concede  c2   no  ClaimClosed
            12:34:00 claim    o1   yes ClaimMade c3 o1
            12:34:00 settle   c3   no  IdReused
            99:00:00 due      -    yes PaymentStuck o1 status=Captured
            99:00:00 due      -    yes RefundPending of_c3 o1 amount=1200 fault=Restaurant
                                       ClaimSettled c3 o1 amount=1200 fault=Restaurant
        "#]],
    );
}

#[test]
fn silence_is_a_yes_up_to_the_limit() {
    eaten(
        "
        12:30:00  claim   o1 as c1 missing: 1 of 0
        12:30:00  claim   o1 as c2 late
        36:29:59  due     -
        36:30:00  due     -
        36:30:00  concede c1 by boss
        36:30:00  bill    o1
        36:31:00  claim   o1 as c3 quality: 2 of 0
        36:31:00  claim   o1 as c3 quality: 1 of 0, 1 of 1
        60:00:00  due     -
        60:20:00  claim   o1 as c4 never_came
        60:20:01  claim   o1 as c5 wrong: 1 of 0
        ",
        expect![[r#"
            12:30:00 claim    o1   yes ClaimMade c1 o1
            12:30:00 claim    o1   no  FieldInvalid /kind: late: from 20 minutes after the promised time on
            36:30:00 due      -    yes RefundPending of_c1 o1 amount=1200 fault=Restaurant
                                       ClaimSettled c1 o1 amount=1200 fault=Restaurant
            36:30:00 concede  c1   yes (unchanged)
            36:30:00 bill     o1   2 ramen 2400, 1 tea 300; total 3098 (revision 0); Captured 3098, back 1200 + 0
                                       pays 3098; kitchen paid; courier paid, call-out 0; fault None
            36:31:00 claim    o1   no  FieldInvalid /lines: lines of the receipt, each no more often than it was bought and claimed before
            36:31:00 claim    o1   yes ClaimMade c3 o1
            60:00:00 due      -    yes PaymentStuck o1 status=Captured
            60:20:00 claim    o1   yes ClaimMade c4 o1
                                       ClaimContested c4 o1
            60:20:01 claim    o1   no  ClaimClosed
        "#]],
    );
}

#[test]
fn a_large_claim_is_for_people_to_decide() {
    eaten(
        "
        12:30:00  claim   o1 as c1 missing: 2 of 0
        36:30:00  due     -
        36:30:00  concede c1 by boss
        36:30:00  settle  c1 restaurant as ref1 amount 2400
        ",
        expect![[r#"
            12:30:00 claim    o1   yes ClaimMade c1 o1
            36:30:00 due      -    yes ClaimContested c1 o1
            36:30:00 concede  c1   no  ClaimClosed
            36:30:00 settle   c1   yes RefundPending ref1 o1 amount=2400 fault=Restaurant
                                       ClaimSettled c1 o1 amount=2400 fault=Restaurant
        "#]],
    );
}

/// The kitchen has cooked it and given it away: whether it came is not its to answer, nor does its
/// silence say anything. Operators decide, whatever the amount.
#[test]
fn silence_does_not_make_the_kitchen_answer_for_the_courier() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice: 1 tea
        12:00:01  pay     o1
        12:00:02  accept  o1 by r1 ready 12:15:00
        12:00:03  offer   o1 to carl
        12:00:04  take    o1 by carl
        12:15:00  ready   o1 by r1
        12:15:00  pick_up o1 by carl
        12:30:00  deliver o1 by carl metres 20
        12:30:01  pay     o1
        12:40:00  claim   o1 as c1 never_came
        36:40:01  due
        36:40:02  quality r1
        36:40:02  quality carl courier
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=698
            12:00:01 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:01
            12:00:02 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:03 offer    o1   yes DeliveryOffered o1 carl expires_at=12:00:33 fence=1
            12:00:04 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:15:00 ready    o1   yes OrderReady o1 carl
            12:15:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:30:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       PaymentCapturing o1 amount=698
            12:30:01 pay      o1   yes PaymentCaptured o1 amount=698
            12:40:00 claim    o1   yes ClaimMade c1 o1
                                       ClaimContested c1 o1
            36:40:02 quality  r1   no score of 1 orders: ; nothing done
            36:40:02 quality  carl no score of 1 orders: ; nothing done
        "#]],
    );
}

/// The window of this order ends at 12:33; after 12:53 it is late.
#[test]
fn late_is_whose_leg_was_late() {
    let late = |ready: &str, delivered: &str, claim: &str| {
        let mut city = Script::new();
        city.run(
            "
            11:00 open    r1
            11:00 courier carl
            11:00 grant   boss at r1 manager
            12:00 place   o1 at r1 by alice: 2 ramen
            12:00 pay     o1
            12:00 accept  o1 by r1
            ",
        );
        city.run(&format!(
            "
            {ready} ready   o1 by r1
            {ready} offer   o1 to carl
            {ready} take    o1 by carl
            {ready} pick_up o1 by carl
            {delivered} deliver o1 by carl
            {delivered} pay     o1
            "
        ));
        city.run(claim)
    };
    let told = [
        late("12:15", "12:53:00", "12:54 claim o1 as c1 late"),
        late("12:15", "12:53:01", "12:54 claim o1 as c1 late"),
        late(
            "12:30",
            "13:00",
            "13:01 claim o1 as c1 late\n13:02 concede c1 by boss\n13:02 bill o1",
        ),
        late("12:30", "13:00", "13:01 claim o1 as c1 late: 1 of 0"),
        late("12:30", "13:00", "13:01 claim o1 as c1 late\n13:01 claim o1 as c2 late"),
    ];
    expect![[r#"
        12:54:00 claim    o1   no  FieldInvalid /kind: late: from 20 minutes after the promised time on
        12:54:00 claim    o1   yes ClaimMade c1 o1
                                   ClaimContested c1 o1
        13:01:00 claim    o1   yes ClaimMade c1 o1
        13:02:00 concede  c1   yes RefundPending of_c1 o1 amount=299 fault=Restaurant
                                   ClaimSettled c1 o1 amount=299 fault=Restaurant
        13:02:00 bill     o1   2 ramen 2400; total 2798 (revision 0); Captured 2798, back 299 + 0
                                   pays 2798; kitchen paid; courier paid, call-out 0; fault None
        13:01:00 claim    o1   no  FieldInvalid /lines: none: this is about the whole order
        13:01:00 claim    o1   yes ClaimMade c1 o1
        13:01:00 claim    o1   no  ClaimClosed
    "#]].assert_eq(&told.concat());
}

#[test]
fn what_cost_nothing_cannot_be_claimed() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  claim   o1 as c1 missing: 1 of 0
        12:00:00  cancel  o1 by alice
        12:00:00  claim   o1 as c1 missing: 1 of 0
        12:00:00  claim   o1 as c1 never_came
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  accept  o2 by r1
        12:00:00  ready   o2 by r1
        12:00:00  offer   o2 to carl
        12:00:00  take    o2 by carl
        12:00:00  pick_up o2 by carl
        12:00:00  fail    o2 by carl refused
        12:00:00  return  o2 by carl
        12:00:00  returned o2 by carl code 4321
        12:00:00  bill    o2
        12:01:00  claim   o2 as c2 missing: 1 of 0
        12:01:00  claim   o2 as c2 never_came
        12:01:00  settle  c2 as ref2 amount 100
        12:01:00  settle  c2 as ref2 amount 0
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            12:00:00 place    o1   yes OrderPending o1 total=1598
            12:00:00 claim    o1   no  OrderMovedOn state=Pending
            12:00:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
            12:00:00 claim    o1   no  ClaimClosed
            12:00:00 claim    o1   no  ClaimClosed
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:05:00
            12:00:00 accept   o2   yes OrderAccepted o2 ready_at=12:15:00
                                       DeliveryOpened o2
            12:00:00 ready    o2   yes OrderReady o2
            12:00:00 offer    o2   yes DeliveryOffered o2 carl expires_at=12:00:30 fence=1
            12:00:00 take     o2   yes DeliveryAssigned o2 carl fence=1
            12:00:00 pick_up  o2   yes DeliveryPickedUp o2 carl
                                       OrderHandedOff o2
            12:00:00 fail     o2   yes DeliveryFailed o2 carl reason=Refused
            12:00:00 return   o2   yes DeliveryReturning o2 carl
            12:00:00 returned o2   yes DeliveryReturned o2 carl
                                       OrderNoShow o2
                                       DebtAdded alice o2 amount=1598
            12:00:00 bill     o2   1 ramen 1200; total 1598 (revision 0); None 0, back 0 + 0
                                       pays 1598; kitchen paid; courier paid, call-out 0; fault Some(Customer)
            12:01:00 claim    o2   no  ClaimClosed
            12:01:00 claim    o2   yes ClaimMade c2 o2
                                       ClaimContested c2 o2
            12:01:00 settle   c2   no  PaymentMovedOn status=None
            12:01:00 settle   c2   yes ClaimRefused c2 o2
        "#]],
    );
}

fn claim_in(state: ClaimState) -> Script {
    let way = match state {
        ClaimState::Open => "",
        ClaimState::Contested => "12:31 contest c1 by boss text no",
        ClaimState::Settled => "12:31 concede c1 by boss",
        ClaimState::Refused => "12:31 settle c1 by op amount 0",
    };
    let mut script = Script::new();
    script.run(EATEN);
    script.run("12:30 claim o1 as c1 missing: 1 of 1");
    script.run(way);
    assert_eq!(state_of(&mut script), state);
    script
}

fn state_of(script: &mut Script) -> ClaimState {
    let claim_id = script.claim_id("c1");
    script.city.claims[&claim_id].status.state()
}

/// A new state does not compile until it is reached here.
#[test]
fn every_claim_command_in_every_claim_state() {
    let lines = [
        ("concede", "concede c1 by boss"),
        ("contest", "contest c1 by boss text no"),
        ("settle", "settle c1 by op as ref9 amount 100"),
        ("refuse", "settle c1 by op as ref9 amount 0"),
        ("claim", "claim o1 as c1 missing: 1 of 1"),
    ];
    let mut table = format!("{:<10}", "");
    for (verb, _) in lines {
        table += &format!("{verb:<10}");
    }
    for state in ClaimState::ALL {
        let start = claim_in(state);
        table = format!("{}\n{:<10}", table.trim_end(), format!("{state:?}"));
        for (_, line) in lines {
            let mut script = start.clone();
            script.line(&format!("12:40 {line}"));
            let outcome = script.outcomes.last().unwrap();
            let cell = match &outcome.verdict {
                Verdict::Yes { changed: true, .. } => format!("{:?}", state_of(&mut script)),
                Verdict::Yes { changed: false, index } => {
                    assert!(*index < script.city.index && script.city.claims == start.city.claims);
                    "=".to_owned()
                }
                Verdict::No(why) => {
                    assert_eq!(*why, Rejection::ClaimClosed, "{line}");
                    String::new()
                }
            };
            table += &format!("{cell:<10}");
        }
    }
    let table = table.trim_end().to_owned() + "\n";
    expect![[r#"
                  concede   contest   settle    refuse    claim
        Open      Settled   Contested Settled   Refused   =
        Contested           =         Settled   Refused   =
        Settled   =                                       =
        Refused                                 =         =
    "#]]
    .assert_eq(&table);
}

/// Exactly an open claim has a deadline, and it leads on once.
#[test]
fn an_open_claim_and_only_that_waits() {
    for state in ClaimState::ALL {
        let mut script = claim_in(state);
        let claim_id = script.claim_id("c1");
        let ours = |script: &Script| {
            let all = script.city.deadlines.iter().copied();
            all.filter(|it| it.due.subject() == claim_id.to_string()).collect::<Vec<_>>()
        };
        let waiting = ours(&script);
        assert_eq!(waiting.len(), usize::from(state == ClaimState::Open));
        for deadline in waiting {
            let fire = Command::FireDeadline(deadline);
            let first = script.propose(deadline.due_at, Actor::System, fire.clone());
            assert!(matches!(first.verdict, Verdict::Yes { changed: true, .. }), "{first:?}");
            let second = script.propose(deadline.due_at, Actor::System, fire);
            assert_eq!(second.verdict, Verdict::No(Rejection::NotDue));
            assert!(ours(&script).is_empty());
        }
    }
}

/// Who comes for their food pays no way: there is no fee that could come back.
#[test]
fn a_pickup_order_is_never_late() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice pickup: 1 ramen
        12:00:00  pay     o1
        12:00:30  accept  o1 by r1
        13:30:00  ready   o1 by r1
        13:31:00  hand_over o1 by r1 pin 123456
        13:31:00  bill    o1
        13:32:00  claim   o1 as c1 late
        13:32:00  claim   o1 as c2 quality: 1 of 0
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=1299
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:30 accept   o1   yes OrderAccepted o1 ready_at=12:15:30
            13:30:00 ready    o1   yes OrderReady o1
            13:31:00 hand_over o1   yes OrderCompleted o1
                                       PaymentCapturing o1 amount=1299
            13:31:00 bill     o1   1 ramen 1200; total 1299 (revision 0); Capturing 1299, back 0 + 0
                                       pays 1299; kitchen paid; courier unpaid, call-out 0; fault None
            13:32:00 claim    o1   no  FieldInvalid /kind: late gives the way's fee back, and this order had none
            13:32:00 claim    o1   yes ClaimMade c2 o1
        "#]],
    );
}

/// Whoever called it off late has paid for the dishes, and has not eaten: nothing was missing.
#[test]
fn what_was_called_off_cannot_be_claimed() {
    check(
        "
        11:00:00  open   r1
        12:00:00  place  o1 at r1 by alice: 2 ramen
        12:00:00  pay    o1
        12:01:00  accept o1 by r1
        12:05:00  ready  o1 by r1
        12:06:00  cancel o1 by alice
        12:07:00  pay    o1
        12:08:00  claim  o1 as c1 missing: 1 of 0
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=2798
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:01:00 accept   o1   yes OrderAccepted o1 ready_at=12:16:00
                                       DeliveryOpened o1
            12:05:00 ready    o1   yes OrderReady o1
            12:06:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
                                       PaymentCapturing o1 amount=2400
            12:07:00 pay      o1   yes PaymentCaptured o1 amount=2400
            12:08:00 claim    o1   no  ClaimClosed
        "#]],
    );
}
