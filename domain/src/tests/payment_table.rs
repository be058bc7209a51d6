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

/// A payment in this state; nothing for those to which no command leads yet.
fn payment_in(status: PaymentStatus) -> Option<Script> {
    let card = "12:00 place o1 at r1 by alice: 1 ramen";
    let paid = format!("{card}\n12:00 pay o1");
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
        PaymentStatus::ActionRequired | PaymentStatus::Disputed | PaymentStatus::Lost => {
            return None;
        }
    };
    let mut script = Script::new();
    script.run(START);
    script.run(&way);
    assert_eq!(status_of(&mut script), status);
    Some(script)
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
        ("timers", "12:40 due -"),
    ];
    let mut table = String::new();
    for status in PaymentStatus::ALL {
        let Some(script) = payment_in(status) else { continue };
        let told = lines
            .iter()
            .filter_map(|(cause, line)| cell(&script, line).map(|cell| format!("{cause}:{cell}")));
        let told: Vec<String> = told.collect();
        table += format!("{:<14}{}", format!("{status:?}"), told.join(" ")).trim_end();
        table += "\n";
    }
    expect![[r#"
        None          cancelled:= rejected:= timers:=
        CashDue       cancelled:None rejected:None timers:None
        CashCollected refund:= timers:=
        Authorizing   approved:Authorized declined:Failed cancelled:= timers:=
        Failed        cancelled:= timers:=
        Authorized    cancelled:Voiding rejected:Voiding timers:Voiding
        Capturing     approved:Captured declined:Failed refund:= timers:=
        Captured      refund:= timers:=
        Voiding       approved:Voided declined:Failed cancelled:= timers:=
        Voided        cancelled:= timers:=
    "#]]
    .assert_eq(&table);
}
