//! Every command in every state. A new state does not compile until it is reached here, and then
//! the table shows what each command makes of it.

use crate::delivery::{DeliveryState, DeliveryStatus};
use crate::ids::DeliveryId;
use crate::order::OrderState;
use crate::script::Script;
use crate::{Actor, Command, Rejection, Verdict};
use expect_test::expect;
use std::sync::Arc;

const START: &str = "
    11:00 open    r1
    11:00 courier carl
    11:00 courier cora
    11:00 quote   q1 at r1 by alice: 1 tea
";
const CARRIED: &str = "
    12:00 place   o1 at r1 by alice cash: 1 tea
    12:00 accept  o1 by r1
    12:00 ready   o1 by r1
    12:00 offer   o1 to carl
    12:00 take    o1 by carl
    12:00 pick_up o1 by carl
";

fn order_in(state: OrderState) -> Script {
    let placed = "12:00 place o1 at r1 by alice cash: 1 tea";
    let way = match state {
        OrderState::Pending => "12:00 place o1 at r1 by alice: 1 tea".to_owned(),
        OrderState::Placed => placed.to_owned(),
        OrderState::Accepted => format!("{placed}\n12:00 accept o1 by r1"),
        OrderState::Preparing => format!("{placed}\n12:00 accept o1 by r1\n12:00 start o1 by r1"),
        OrderState::Ready => format!("{placed}\n12:00 accept o1 by r1\n12:00 ready o1 by r1"),
        OrderState::HandedOff => CARRIED.to_owned(),
        OrderState::Completed => format!("{CARRIED}\n12:00 deliver o1 by carl"),
        OrderState::Rejected => format!("{placed}\n12:00 reject o1 by r1"),
        OrderState::Expired => format!("{placed}\n12:05 due -"),
        OrderState::Cancelled => format!("{placed}\n12:00 cancel o1 by alice"),
        OrderState::NoShow => format!(
            "{CARRIED}
            12:00 fail     o1 by carl refused
            12:00 return   o1 by carl
            12:00 returned o1 by carl"
        ),
    };
    let mut script = Script::new();
    script.run(START);
    script.run(&way);
    assert_eq!(order_state(&mut script), state);
    script
}

fn delivery_in(state: DeliveryState) -> Script {
    let open = "
        12:00 place  o1 at r1 by alice cash: 1 tea
        12:00 accept o1 by r1
        12:00 ready  o1 by r1
    ";
    let assigned = format!("{open}\n12:00 offer o1 to carl\n12:00 take o1 by carl");
    let way = match state {
        DeliveryState::Waiting => "12:00 place o1 at r1 by alice cash: 1 tea".to_owned(),
        DeliveryState::Unassigned => open.to_owned(),
        DeliveryState::Offering => format!("{open}\n12:00 offer o1 to carl"),
        DeliveryState::Assigned => assigned,
        DeliveryState::AtStore => format!("{assigned}\n12:00 at_store o1 by carl"),
        DeliveryState::PickedUp | DeliveryState::Disposed | DeliveryState::Lost => {
            CARRIED.to_owned()
        }
        DeliveryState::AtDoor => format!("{CARRIED}\n12:00 at_door o1 by carl"),
        DeliveryState::Delivered => format!("{CARRIED}\n12:00 deliver o1 by carl"),
        DeliveryState::Failed => format!("{CARRIED}\n12:00 fail o1 by carl refused"),
        DeliveryState::Returning => {
            format!("{CARRIED}\n12:00 fail o1 by carl refused\n12:00 return o1 by carl")
        }
        DeliveryState::Returned => format!(
            "{CARRIED}
            12:00 fail     o1 by carl refused
            12:00 return   o1 by carl
            12:00 returned o1 by carl"
        ),
        DeliveryState::Cancelled => format!("{open}\n12:00 cancel o1 by alice"),
    };
    let mut script = Script::new();
    script.run(START);
    script.run(&way);
    // Operators will bring deliveries there by commands that are still to come.
    let courier_id = script.courier_id("carl");
    let unreachable = match state {
        DeliveryState::Disposed => Some(DeliveryStatus::Disposed { courier_id }),
        DeliveryState::Lost => Some(DeliveryStatus::Lost { courier_id }),
        DeliveryState::Waiting
        | DeliveryState::Unassigned
        | DeliveryState::Offering
        | DeliveryState::Assigned
        | DeliveryState::AtStore
        | DeliveryState::PickedUp
        | DeliveryState::AtDoor
        | DeliveryState::Delivered
        | DeliveryState::Failed
        | DeliveryState::Returning
        | DeliveryState::Returned
        | DeliveryState::Cancelled => None,
    };
    if let Some(status) = unreachable {
        let delivery_id = DeliveryId::of(script.order_id("o1"));
        let delivery = script.city.deliveries.get_mut(&delivery_id).unwrap();
        Arc::make_mut(delivery).status = status;
    }
    assert_eq!(delivery_state(&mut script), state);
    script
}

fn order_state(script: &mut Script) -> OrderState {
    let order_id = script.order_id("o1");
    script.city.orders[&order_id].status.state()
}

fn delivery_state(script: &mut Script) -> DeliveryState {
    let delivery_id = DeliveryId::of(script.order_id("o1"));
    script.city.deliveries[&delivery_id].status.state()
}

/// What a line makes of a state: the next one, `=` if nothing, nothing at all if it is refused.
fn cell<S: std::fmt::Debug>(
    script: &Script,
    line: &str,
    look: fn(&mut Script) -> S,
    illegal: fn(&Rejection) -> bool,
) -> Option<String> {
    let mut script = script.clone();
    let before = script.city.clone();
    script.line(&format!("12:00 {line}"));
    let outcome = script.outcomes.last().unwrap();
    match &outcome.verdict {
        Verdict::Yes { changed: true, .. } => Some(format!("{:?}", look(&mut script))),
        Verdict::Yes { changed: false, index } => {
            assert!(*index < script.city.index, "a repeat names the entry that did it: {line}");
            assert_eq!(script.city.orders, before.orders);
            Some("=".to_owned())
        }
        Verdict::No(why) => {
            assert!(illegal(why), "{line}: {why:?}");
            assert_eq!(script.city.deadlines, before.deadlines);
            None
        }
    }
}

#[test]
fn every_order_command_in_every_order_state() {
    let lines = [
        ("accept", "accept o1 by r1"),
        ("reject", "reject o1 by r1"),
        ("start", "start o1 by r1"),
        ("delay", "delay o1 by r1 ready 12:35"),
        ("ready", "ready o1 by r1"),
        ("cancel", "cancel o1 by alice"),
        ("k-cancel", "cancel o1 by r1"),
        ("o-cancel", "cancel o1 by op"),
    ];
    let illegal =
        |why: &Rejection| matches!(why, Rejection::OrderMovedOn { .. } | Rejection::OrderUnknown);
    let mut table = format!("{:<10}", "");
    for (verb, _) in lines {
        table += &format!("{verb:<10}");
    }
    for state in OrderState::ALL {
        let script = order_in(state);
        table = format!("{}\n{:<10}", table.trim_end(), format!("{state:?}"));
        for (_, line) in lines {
            let cell = cell(&script, line, order_state, illegal);
            table += &format!("{:<10}", cell.unwrap_or_default());
        }
    }
    let table = table.trim_end().to_owned() + "\n";
    expect![[r#"
                  accept    reject    start     delay     ready     cancel    k-cancel  o-cancel
        Pending                                                     Cancelled           Cancelled
        Placed    Accepted  Rejected                                Cancelled           Cancelled
        Accepted  =                   Preparing Accepted  Ready     Cancelled Cancelled Cancelled
        Preparing                     =         Preparing Ready     Cancelled Cancelled Cancelled
        Ready                                             =         Cancelled Cancelled Cancelled
        HandedOff
        Completed
        Rejected            =
        Expired
        Cancelled                                                   =         =         =
        NoShow
    "#]]
    .assert_eq(&table);
}

#[test]
fn every_delivery_command_in_every_delivery_state() {
    let lines = [
        ("offer", "offer o1 to cora"),
        ("take", "take o1 by carl"),
        ("decline", "decline o1 by carl"),
        ("drop", "drop o1 by carl"),
        ("unassign", "unassign o1 by op"),
        ("at_store", "at_store o1 by carl"),
        ("pick_up", "pick_up o1 by carl"),
        ("at_door", "at_door o1 by carl"),
        ("deliver", "deliver o1 by carl"),
        ("fail", "fail o1 by carl refused"),
        ("return", "return o1 by carl"),
        ("returned", "returned o1 by carl"),
    ];
    let illegal = |why: &Rejection| {
        matches!(
            why,
            Rejection::OutOfOrder { .. }
                | Rejection::NotYours
                | Rejection::OfferClosed
                | Rejection::NotOfferable
        )
    };
    let mut table = String::new();
    for state in DeliveryState::ALL {
        let script = delivery_in(state);
        let told = lines.iter().filter_map(|(verb, line)| {
            cell(&script, line, delivery_state, illegal).map(|cell| format!("{verb}:{cell}"))
        });
        let told: Vec<String> = told.collect();
        table += format!("{:<11}{}", format!("{state:?}"), told.join(" ")).trim_end();
        table += "\n";
    }
    expect![[r#"
        Waiting
        Unassigned offer:Offering unassign:=
        Offering   take:Assigned decline:Unassigned unassign:=
        Assigned   take:= drop:Unassigned unassign:Unassigned at_store:AtStore pick_up:PickedUp
        AtStore    drop:Unassigned unassign:Unassigned at_store:= pick_up:PickedUp
        PickedUp   pick_up:= at_door:AtDoor deliver:Delivered fail:Failed
        AtDoor     at_door:= deliver:Delivered fail:Failed
        Delivered  deliver:=
        Failed     fail:= return:Returning
        Returning  return:= returned:Returned
        Returned   returned:=
        Disposed
        Cancelled
        Lost
    "#]]
    .assert_eq(&table);
}

/// A deadline's record says when it is due; firing it early, late, or for another moment is no.
#[test]
fn deadlines_fire_once_and_not_early() {
    for state in OrderState::ALL {
        let script = order_in(state);
        for deadline in script.city.deadlines.clone() {
            let mut script = script.clone();
            let mut fire = |at, deadline| {
                script.propose(at, Actor::System, Command::FireDeadline(deadline)).verdict
            };
            let early = deadline.due_at.plus_ms(-1);
            assert_eq!(fire(early, deadline), Verdict::No(Rejection::NotDue), "{deadline:?}");
            let other = crate::deadline::Deadline { due_at: early, ..deadline };
            assert_eq!(fire(deadline.due_at, other), Verdict::No(Rejection::NotDue));
            let fired = fire(deadline.due_at, deadline);
            assert!(matches!(fired, Verdict::Yes { changed: true, .. }), "{deadline:?}: {fired:?}");
            let again = fire(deadline.due_at, deadline);
            assert_eq!(again, Verdict::No(Rejection::NotDue), "{deadline:?}");
            assert!(!script.city.deadlines.contains(&deadline));
        }
    }
}
