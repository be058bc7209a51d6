//! What each cause makes of a payment in each of its states. A new state does not compile until it
//! is reached here, or said to be out of reach.

use crate::ids::PaymentId;
use crate::payment::PaymentStatus;
use crate::script::Script;
use crate::{Rejection, Verdict};
use expect_test::expect;

const START: &str = "
    11:00 open    r1
    11:00 courier carl
";
/// From the kitchen's yes to the door.
const DELIVERED: &str = "
    12:00 accept  o1 by r1
    12:00 ready   o1 by r1
    12:00 offer   o1 to carl
    12:00 take    o1 by carl
    12:00 pick_up o1 by carl
    12:00 deliver o1 by carl
";

/// A payment in this state.
fn payment_in(status: PaymentStatus) -> Script {
    let card = "12:00 place o1 at r1 by alice: 1 ramen";
    let paid = format!("{card}\n12:00 pay o1");
    let disputed = format!("{paid}\n12:00 calls o1 event e1 disputed d1");
    let way = match status {
        PaymentStatus::None => {
            let free = "11:00 coupon ALL fixed 5000\n11:00 terms fees";
            format!("{free}\n12:00 place o1 at r1 by alice pickup coupon ALL: 1 ramen")
        }
        PaymentStatus::CashDue => "12:00 place o1 at r1 by alice cash: 1 ramen".to_owned(),
        PaymentStatus::CashCollected => {
            format!("12:00 place o1 at r1 by alice cash: 1 ramen\n{DELIVERED}")
        }
        PaymentStatus::Authorizing => card.to_owned(),
        PaymentStatus::Failed => format!("{card}\n12:00 pay o1 declined"),
        PaymentStatus::Authorized => paid,
        PaymentStatus::Capturing => format!("{paid}\n{DELIVERED}"),
        PaymentStatus::Captured => format!("{paid}\n{DELIVERED}\n12:00 pay o1"),
        PaymentStatus::Voiding => format!("{paid}\n12:00 cancel o1 by alice"),
        PaymentStatus::Voided => format!("{paid}\n12:00 cancel o1 by alice\n12:00 pay o1"),
        PaymentStatus::ActionRequired => format!("{card}\n12:00 pay o1 action"),
        PaymentStatus::Disputed => format!("{disputed}{DELIVERED}\n12:00 pay o1"),
        PaymentStatus::Lost => {
            format!("{disputed}{DELIVERED}\n12:00 pay o1\n12:00 calls o1 event e2 lost d1")
        }
    };
    let mut script = Script::new();
    script.run(START);
    script.run(&way);
    assert_eq!(status_of(&mut script), status);
    script
}

fn status_of(script: &mut Script) -> PaymentStatus {
    let payment_id = PaymentId::of(script.order_id("o1"), 1);
    script.city.payments[&payment_id].status
}

/// What a cause makes of it: the next state, `=` if it stays, nothing if the cause is refused.
fn cell(script: &Script, line: &str) -> Option<String> {
    let mut script = script.clone();
    let before = status_of(&mut script);
    script.line(line);
    match &script.outcomes.last().expect("a line decides something").verdict {
        Verdict::Yes { .. } => {
            let now = status_of(&mut script);
            Some(if now == before { "=".to_owned() } else { format!("{now:?}") })
        }
        Verdict::No(why) => {
            let refused = matches!(
                why,
                Rejection::OrderMovedOn { .. }
                    | Rejection::OutOfOrder { .. }
                    | Rejection::NotYours
                    | Rejection::OrderUnknown
                    | Rejection::WorkUnknown
                    | Rejection::PaymentMovedOn { .. }
                    | Rejection::PaymentOpen
                    | Rejection::OverCaptured { .. }
            );
            assert!(refused, "{line}: {why:?}");
            None
        }
    }
}

#[test]
fn every_cause_in_every_payment_state() {
    let lines = [
        ("approved", "12:01 pay o1"),
        ("declined", "12:01 pay o1 declined"),
        ("cancelled", "12:01 cancel o1 by op"),
        ("rejected", "12:01 reject o1 by r1"),
        ("refund", "12:01 refund o1 as ref1 amount 100"),
        ("retry", "12:01 retry o1 as p2"),
        ("'approved", "12:01 calls o1 event e9 authorized"),
        ("'action", "12:01 calls o1 event e9 action"),
        ("'declined", "12:01 calls o1 event e9 declined"),
        ("'captured", "12:01 calls o1 event e9 captured"),
        ("'uncaptured", "12:01 calls o1 event e9 capture_failed"),
        ("'voided", "12:01 calls o1 event e9 voided"),
        ("'unvoided", "12:01 calls o1 event e9 void_failed"),
        ("'disputed", "12:01 calls o1 event e9 disputed d9"),
        ("'won", "12:01 calls o1 event e9 won d1"),
        ("'lost", "12:01 calls o1 event e9 lost d1"),
        ("timers", "12:40 due -"),
    ];
    let mut table = String::new();
    for status in PaymentStatus::ALL {
        let script = payment_in(status);
        let told = lines
            .iter()
            .filter_map(|(cause, line)| cell(&script, line).map(|cell| format!("{cause}:{cell}")));
        let told: Vec<String> = told.collect();
        table += format!("{:<14}{}", format!("{status:?}"), told.join(" ")).trim_end();
        table += "\n";
    }
    expect![[r#"
        None          cancelled:= rejected:= 'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
        CashDue       cancelled:None rejected:None 'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:None
        CashCollected refund:= 'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
        Authorizing   approved:Authorized declined:Failed cancelled:= 'approved:Authorized 'action:ActionRequired 'declined:Failed 'captured:= 'uncaptured:= 'voided:Failed 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
        ActionRequiredapproved:Authorized declined:Failed cancelled:Voiding retry:Voiding 'approved:Authorized 'action:= 'declined:Failed 'captured:= 'uncaptured:= 'voided:Failed 'unvoided:= 'disputed:= 'won:= 'lost:= timers:Voiding
        Failed        cancelled:= retry:= 'approved:Voiding 'action:= 'declined:= 'captured:Captured 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
        Authorized    cancelled:Voiding rejected:Voiding 'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:Failed 'unvoided:= 'disputed:= 'won:= 'lost:= timers:Voiding
        Capturing     approved:Captured declined:Failed refund:= 'approved:= 'action:= 'declined:= 'captured:Captured 'uncaptured:Failed 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
        Captured      refund:= 'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:= 'unvoided:= 'disputed:Disputed 'won:= 'lost:= timers:=
        Voiding       approved:Voided declined:Failed cancelled:= 'approved:= 'action:= 'declined:= 'captured:Captured 'uncaptured:= 'voided:Voided 'unvoided:Failed 'disputed:= 'won:= 'lost:= timers:=
        Voided        cancelled:= 'approved:Voiding 'action:= 'declined:= 'captured:Captured 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
        Disputed      'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:Captured 'lost:Lost timers:=
        Lost          'approved:= 'action:= 'declined:= 'captured:= 'uncaptured:= 'voided:= 'unvoided:= 'disputed:= 'won:= 'lost:= timers:=
    "#]]
    .assert_eq(&table);
}
