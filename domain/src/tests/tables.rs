//! Every command in every state. A new state does not compile until it is reached here, and then
//! the table shows what each command makes of it.

use crate::delivery::DeliveryState;
use crate::ids::DeliveryId;
use crate::order::{Fulfilment, OrderState};
use crate::script::Script;
use crate::{Actor, Command, Rejection, Verdict};
use expect_test::expect;

const START: &str = "
    11:00 open    r1
    11:00 courier carl
    11:00 courier cora
    11:00 photo   p1 by carl for alice
    11:00 quote   q1 at r1 by alice: 1 tea
";
/// Accepted, and a courier has said yes.
const TAKEN: &str = "
    12:00 place   o1 at r1 by alice cash: 1 tea
    12:00 accept  o1 by r1
    12:00 offer   o1 to carl
    12:00 take    o1 by carl
";
const CARRIED: &str = "
    12:00 place   o1 at r1 by alice cash: 1 tea
    12:00 accept  o1 by r1
    12:00 ready   o1 by r1
    12:00 offer   o1 to carl
    12:00 take    o1 by carl
    12:00 pick_up o1 by carl
";
const FAILED: &str = "12:00 fail o1 by carl refused";

/// An order in this state; what is picked up by its customer is never in a courier's hands.
fn order_in(state: OrderState, fulfilment: Fulfilment) -> Option<Script> {
    let way = match fulfilment {
        Fulfilment::Delivery => delivered_in(state),
        Fulfilment::Pickup => picked_up_in(state)?,
    };
    let mut script = Script::new();
    script.run(START);
    script.run(&way);
    assert_eq!(order_state(&mut script), state);
    Some(script)
}

fn delivered_in(state: OrderState) -> String {
    let placed = "12:00 place o1 at r1 by alice cash: 1 tea";
    match state {
        OrderState::Pending => "12:00 place o1 at r1 by alice: 1 tea".to_owned(),
        OrderState::Placed => placed.to_owned(),
        OrderState::Accepted => TAKEN.to_owned(),
        OrderState::Preparing => format!("{TAKEN}\n12:00 start o1 by r1"),
        OrderState::Ready => format!("{TAKEN}\n12:00 ready o1 by r1"),
        OrderState::HandedOff => CARRIED.to_owned(),
        OrderState::Completed => format!("{CARRIED}\n12:00 deliver o1 by carl"),
        OrderState::Rejected => format!("{placed}\n12:00 reject o1 by r1"),
        OrderState::Expired => format!("{placed}\n12:05 due -"),
        OrderState::Cancelled => format!("{placed}\n12:00 cancel o1 by alice"),
        OrderState::NoShow => format!("{CARRIED}\n{FAILED}\n12:00 direct o1 returned by op"),
    }
}

fn picked_up_in(state: OrderState) -> Option<String> {
    let placed = "12:00 place o1 at r1 by alice cash pickup: 1 tea";
    let accepted = format!("{placed}\n12:00 accept o1 by r1");
    let ready = format!("{accepted}\n12:00 ready o1 by r1");
    Some(match state {
        OrderState::Pending => "12:00 place o1 at r1 by alice pickup: 1 tea".to_owned(),
        OrderState::Placed => placed.to_owned(),
        OrderState::Accepted => accepted,
        OrderState::Preparing => format!("{accepted}\n12:00 start o1 by r1"),
        OrderState::Ready => ready,
        OrderState::HandedOff => return None,
        OrderState::Completed => format!("{ready}\n12:00 hand_over o1 by r1 pin 123456"),
        OrderState::Rejected => format!("{placed}\n12:00 reject o1 by r1"),
        OrderState::Expired => format!("{placed}\n12:05 due -"),
        OrderState::Cancelled => format!("{placed}\n12:00 cancel o1 by alice"),
        OrderState::NoShow => format!("{ready}\n12:55 no_show o1 by r1"),
    })
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
        DeliveryState::PickedUp => CARRIED.to_owned(),
        DeliveryState::AtDoor => format!("{CARRIED}\n12:00 at_door o1 by carl"),
        DeliveryState::Delivered => format!("{CARRIED}\n12:00 deliver o1 by carl"),
        DeliveryState::Failed => format!("{CARRIED}\n{FAILED}"),
        DeliveryState::Returning => format!("{CARRIED}\n{FAILED}\n12:00 return o1 by carl"),
        DeliveryState::Returned => format!(
            "{CARRIED}
            {FAILED}
            12:00 return   o1 by carl
            12:00 returned o1 by carl code 4321"
        ),
        DeliveryState::Disposed => format!("{CARRIED}\n{FAILED}\n12:00 direct o1 disposed by op"),
        DeliveryState::Cancelled => format!("{open}\n12:00 cancel o1 by alice"),
        DeliveryState::Lost => format!("{CARRIED}\n12:00 direct o1 lost by op"),
    };
    let mut script = Script::new();
    script.run(START);
    script.run(&way);
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

/// The order's state.
fn of_order(script: &mut Script, _before: OrderState) -> String {
    format!("{:?}", order_state(script))
}

/// The delivery's state, and the order's if that has changed too.
fn of_delivery(script: &mut Script, before: OrderState) -> String {
    let (delivery, order) = (delivery_state(script), order_state(script));
    if order == before { format!("{delivery:?}") } else { format!("{delivery:?}+{order:?}") }
}

/// What a line makes of a state: the next one, `=` if nothing, nothing at all if it is refused or
/// says nothing of it.
fn cell(
    script: &Script,
    line: &str,
    look: fn(&mut Script, OrderState) -> String,
) -> Option<String> {
    let mut script = script.clone();
    let before = script.city.clone();
    let order = order_state(&mut script);
    let entries = script.outcomes.len();
    script.line(line);
    let outcome = script.outcomes[entries..].last()?;
    match &outcome.verdict {
        Verdict::Yes { changed: true, .. } => Some(look(&mut script, order)),
        Verdict::Yes { changed: false, index } => {
            assert!(*index < script.city.index, "a repeat names the entry that did it: {line}");
            assert_eq!(script.city.orders, before.orders);
            Some("=".to_owned())
        }
        Verdict::No(why) => {
            assert!(is_illegal(why), "{line}: {why:?}");
            assert_eq!(script.city.deadlines, before.deadlines);
            None
        }
    }
}

/// The answers to what is not drawn. Any other no in a table is a line that says it wrongly.
fn is_illegal(why: &Rejection) -> bool {
    matches!(
        why,
        Rejection::OrderMovedOn { .. }
            | Rejection::OrderUnknown
            | Rejection::OutOfOrder { .. }
            | Rejection::NotYours
            | Rejection::OfferClosed
            | Rejection::NotOfferable
            | Rejection::WorkUnknown
            | Rejection::ProposalClosed
    )
}

/// One line of a table.
fn row(
    script: &Script,
    state: impl std::fmt::Debug,
    lines: &[(&str, &str)],
    look: fn(&mut Script, OrderState) -> String,
) -> String {
    let told = lines
        .iter()
        .filter_map(|(verb, line)| cell(script, line, look).map(|cell| format!("{verb}:{cell}")));
    let told: Vec<String> = told.collect();
    format!("{:<11}{}", format!("{state:?}"), told.join(" ")).trim_end().to_owned() + "\n"
}

/// What can be said of an order, whoever says it.
const ORDER_LINES: [(&str, &str); 20] = [
    ("place", "12:00 place o1 at r1 by alice cash: 1 tea"),
    ("pay", "12:00 pay o1"),
    ("declined", "12:00 pay o1 declined"),
    ("accept", "12:00 accept o1 by r1"),
    ("reject", "12:00 reject o1 by r1"),
    ("start", "12:00 start o1 by r1"),
    ("delay", "12:00 delay o1 by r1 ready 12:35"),
    ("ready", "12:00 ready o1 by r1"),
    ("propose", "12:00 propose o1 line 0 remove"),
    ("answer", "12:00 answer o1 refuse"),
    ("cancel", "12:00 cancel o1 by alice"),
    ("k-cancel", "12:00 cancel o1 by r1"),
    ("o-cancel", "12:00 cancel o1 by op"),
    ("pick_up", "12:00 pick_up o1 by carl"),
    ("code", "12:00 pick_up o1 by carl code 4321"),
    ("deliver", "12:00 deliver o1 by carl"),
    ("lost", "12:00 direct o1 lost by op"),
    ("hand_over", "12:00 hand_over o1 by r1 pin 123456"),
    ("no_show", "12:55 no_show o1 by r1"),
    ("timers", "12:55 due -"),
];

#[test]
fn every_order_command_in_every_order_state() {
    let mut table = String::new();
    for state in OrderState::ALL {
        let script = order_in(state, Fulfilment::Delivery).expect("every state can be reached");
        table += &row(&script, state, &ORDER_LINES, of_order);
    }
    expect![[r#"
        Pending    place:= pay:Placed declined:Pending cancel:Cancelled o-cancel:Cancelled timers:Cancelled
        Placed     place:= accept:Accepted reject:Rejected cancel:Cancelled o-cancel:Cancelled timers:Expired
        Accepted   place:= accept:= start:Preparing delay:Accepted ready:Ready propose:Accepted cancel:Cancelled k-cancel:Cancelled o-cancel:Cancelled code:HandedOff timers:Accepted
        Preparing  place:= start:= delay:Preparing ready:Ready propose:Preparing cancel:Cancelled k-cancel:Cancelled o-cancel:Cancelled code:HandedOff timers:Preparing
        Ready      place:= ready:= cancel:Cancelled k-cancel:Cancelled o-cancel:Cancelled pick_up:HandedOff code:HandedOff timers:Ready
        HandedOff  place:= pick_up:= code:= deliver:Completed lost:Cancelled
        Completed  place:= deliver:=
        Rejected   place:= reject:=
        Expired    place:=
        Cancelled  place:= cancel:= k-cancel:= o-cancel:=
        NoShow     place:=
    "#]].assert_eq(&table);
}

#[test]
fn every_order_command_in_every_state_of_a_pickup() {
    let mut table = String::new();
    for state in OrderState::ALL {
        if let Some(script) = order_in(state, Fulfilment::Pickup) {
            let lines = ORDER_LINES.map(|(verb, line)| match verb {
                "place" => (verb, "12:00 place o1 at r1 by alice cash pickup: 1 tea"),
                _ => (verb, line),
            });
            // There is no delivery to direct.
            let lines: Vec<_> = lines.into_iter().filter(|(verb, _)| *verb != "lost").collect();
            table += &row(&script, state, &lines, of_order);
        }
    }
    expect![[r#"
        Pending    place:= pay:Placed declined:Pending cancel:Cancelled o-cancel:Cancelled timers:Cancelled
        Placed     place:= accept:Accepted reject:Rejected cancel:Cancelled o-cancel:Cancelled timers:Expired
        Accepted   place:= accept:= start:Preparing delay:Accepted ready:Ready propose:Accepted cancel:Cancelled k-cancel:Cancelled o-cancel:Cancelled
        Preparing  place:= start:= delay:Preparing ready:Ready propose:Preparing cancel:Cancelled k-cancel:Cancelled o-cancel:Cancelled
        Ready      place:= ready:= cancel:Cancelled k-cancel:Cancelled o-cancel:Cancelled hand_over:Completed no_show:NoShow timers:NoShow
        Completed  place:= hand_over:=
        Rejected   place:= reject:=
        Expired    place:=
        Cancelled  place:= cancel:= k-cancel:= o-cancel:=
        NoShow     place:= no_show:=
    "#]].assert_eq(&table);
}

#[test]
fn every_delivery_command_in_every_delivery_state() {
    let lines = [
        ("accept", "12:00 accept o1 by r1"),
        ("offer", "12:00 offer o1 to cora"),
        ("take", "12:00 take o1 by carl"),
        ("decline", "12:00 decline o1 by carl"),
        ("expire", "12:00:30 due -"),
        ("drop", "12:00 drop o1 by carl"),
        ("unassign", "12:00 unassign o1 by op"),
        ("s-unassign", "12:00 unassign o1 by system"),
        ("at_store", "12:00 at_store o1 by carl"),
        ("pick_up", "12:00 pick_up o1 by carl"),
        ("code", "12:00 pick_up o1 by carl code 4321"),
        ("at_door", "12:00 at_door o1 by carl"),
        ("deliver", "12:00 deliver o1 by carl"),
        ("contact", "12:00 contact o1 by carl event c1"),
        ("attach", "12:00 attach o1 by carl photo p1"),
        ("fail", "12:00 fail o1 by carl refused"),
        ("return", "12:00 return o1 by carl"),
        ("returned", "12:00 returned o1 by carl code 4321"),
        ("o-returning", "12:00 direct o1 returning by op"),
        ("o-returned", "12:00 direct o1 returned by op"),
        ("disposed", "12:00 direct o1 disposed by op"),
        ("resumed", "12:00 direct o1 resumed by op"),
        ("lost", "12:00 direct o1 lost by op"),
        ("o-delivered", "12:00 direct o1 delivered by op"),
        ("cancel", "12:00 cancel o1 by op"),
        ("no-courier", "12:45 due -"),
    ];
    let mut table = String::new();
    for state in DeliveryState::ALL {
        table += &row(&delivery_in(state), state, &lines, of_delivery);
    }
    expect![[r#"
        Waiting    accept:Unassigned+Accepted cancel:Cancelled+Cancelled no-courier:Cancelled+Expired
        Unassigned offer:Offering unassign:= s-unassign:= cancel:Cancelled+Cancelled no-courier:Cancelled+Cancelled
        Offering   take:Assigned decline:Unassigned expire:Unassigned unassign:= s-unassign:= cancel:Cancelled+Cancelled no-courier:Cancelled+Cancelled
        Assigned   take:= drop:Unassigned unassign:Unassigned s-unassign:Unassigned at_store:AtStore pick_up:PickedUp+HandedOff code:PickedUp+HandedOff cancel:Cancelled+Cancelled no-courier:Unassigned
        AtStore    drop:Unassigned unassign:Unassigned s-unassign:Unassigned at_store:= pick_up:PickedUp+HandedOff code:PickedUp+HandedOff cancel:Cancelled+Cancelled
        PickedUp   pick_up:= code:= at_door:AtDoor deliver:Delivered+Completed contact:PickedUp attach:PickedUp fail:Failed resumed:= lost:Lost+Cancelled
        AtDoor     at_door:= deliver:Delivered+Completed contact:AtDoor attach:AtDoor fail:Failed lost:Lost+Cancelled
        Delivered  deliver:= o-delivered:=
        Failed     attach:Failed fail:= return:Returning o-returning:Returning o-returned:Returned+NoShow disposed:Disposed+NoShow resumed:PickedUp lost:Lost+Cancelled
        Returning  attach:Returning return:= returned:Returned+NoShow o-returning:= o-returned:Returned+NoShow disposed:Disposed+NoShow resumed:PickedUp lost:Lost+Cancelled
        Returned   returned:= o-returned:=
        Disposed   disposed:=
        Cancelled  cancel:=
        Lost       lost:=
    "#]].assert_eq(&table);
}

/// A courier who goes off shift is not asked any more; what they carry, they carry.
#[test]
fn an_offer_is_withdrawn_and_nothing_else() {
    for state in DeliveryState::ALL {
        let mut script = delivery_in(state);
        script.line("12:00 offline carl by carl");
        let now = delivery_state(&mut script);
        let withdrawn = state == DeliveryState::Offering;
        assert_eq!(now, if withdrawn { DeliveryState::Unassigned } else { state });
    }
}

/// A deadline's record says when it is due; firing it early, late, or for another moment is no.
#[test]
fn deadlines_fire_once_and_not_early() {
    for fulfilment in [Fulfilment::Delivery, Fulfilment::Pickup] {
        let scripts = OrderState::ALL.into_iter().filter_map(|state| order_in(state, fulfilment));
        scripts.for_each(|script| fire_each(&script));
    }
    DeliveryState::ALL.into_iter().for_each(|state| fire_each(&delivery_in(state)));
}

fn fire_each(script: &Script) {
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
