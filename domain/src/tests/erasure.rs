//! Leaving for good: who may, when, and what is left.

use crate::deadline::{Deadline, Due};
use crate::fraud::TraceKey;
use crate::limits::OWN_ORDERS_LOOKED_AT;
use crate::order::Order;
use crate::script::{Script, check};
use crate::sealed::{Digest, Sealed};
use crate::{Actor, Command};
use expect_test::expect;
use std::sync::Arc;

#[test]
fn who_eats_or_carries_stays_until_it_is_over() {
    check(
        "
        12:00:00  open    r1
        12:00:00  place   o1 at r1 by alice: 2 ramen
        12:00:01  erase   alice password argon2
        12:00:02  cancel  o1 by alice
        12:00:03  erase   alice password wrong
        12:00:03  erase   alice by bob password argon2
        12:00:03  erase   alice password argon2
        12:00:04  erase   alice by op for letter
        12:00:05  place   o2 at r1 by alice: 1 ramen
        12:00:06  export  alice by op for letter
        12:00:06  export  bob by op for letter
        12:00:06  export  bob
        12:00:06  export  bob by carl
        12:00:07  erase   op password argon2
        ",
        expect![[r#"
            12:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=2798
            12:00:01 erase    alice no  OrdersOpen
            12:00:02 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
            12:00:03 erase    alice no  CredentialsWrong
            12:00:03 erase    alice no  AccountUnknown
            12:00:03 erase    alice yes AccountErased alice
            12:00:04 erase    alice yes (unchanged)
            12:00:05 place    o2   no  SessionEnded
            12:00:06 export   alice no  AccountUnknown
            12:00:06 export   bob  yes AccountExported bob
            12:00:06 export   bob  yes AccountExported bob
            12:00:06 export   bob  no  AccountUnknown
            12:00:07 erase    op   no  OrdersOpen
        "#]],
    );
}

#[test]
fn nothing_of_a_person_is_left_in_the_state() {
    let mut script = Script::default();
    for line in [
        "12:00:00  open    r1",
        "12:00:00  login   alice session s1 token t1",
        "12:00:00  place   o1 at r1 by alice: 2 ramen",
        "12:00:01  cancel  o1 by alice",
        "12:00:02  erase   alice password argon2",
    ] {
        script.line(line);
    }
    let id = script.account_id("alice");
    let account = &script.city.accounts[&id];
    assert_eq!((&account.contact, &account.name), (&Sealed::default(), &Sealed::default()));
    assert_eq!((account.login, account.password.as_str()), (Digest([0; 32]), ""));
    assert_eq!(account.epoch, 1, "every login of theirs has ended");
    assert!(!script.city.logins.values().any(|of| *of == id));
    for order in script.city.orders.values() {
        assert_eq!(order.note, Sealed::default());
        let destination = order.destination.as_ref().unwrap();
        assert_eq!(destination.address, Sealed::default());
        assert_eq!(destination.position.lat_e7 % 100_000, 0);
    }
    for delivery in script.city.deliveries.values() {
        assert_eq!((delivery.drop.lat_e7 % 100_000, delivery.drop.lng_e7 % 100_000), (0, 0));
    }
    for trace in script.city.traces.values() {
        assert!(trace.marks.is_empty() && trace.links.is_empty(), "{trace:?}");
    }
}

#[test]
fn of_the_banned_devices_and_cards_stay_known_and_no_door() {
    let mut script = Script::default();
    for line in [
        "12:00:00  open    r1",
        "12:00:00  login   alice session s1 token t1",
        "12:00:00  place   o1 at r1 by alice device phone card visa door 7: 2 ramen",
        "12:00:01  cancel  o1 by alice",
        "12:00:02  ban     alice for fraud",
        "12:00:03  erase   alice by op for letter",
    ] {
        script.line(line);
    }
    let id = script.account_id("alice");
    let account = &script.city.accounts[&id];
    assert!(account.erased.is_some());
    let ban = account.ban.as_ref().unwrap();
    assert_eq!((ban.reason.as_str(), &ban.appeal), ("", &None), "nothing that was said of them");
    for (key, trace) in &script.city.traces {
        let known = trace.links.iter().any(|link| link.account_id == id && link.banned);
        match key {
            TraceKey::Device(_) | TraceKey::Card(_) => assert!(known, "{trace:?}"),
            TraceKey::Address(_) => assert!(trace.links.is_empty(), "{trace:?}"),
            TraceKey::Account(_) => panic!("{trace:?}"),
        }
    }
    assert_eq!(script.city.traces.len(), 3);
}

#[test]
fn older_orders_follow_in_batches() {
    let mut script = Script::default();
    for line in [
        "12:00:00  open    r1",
        "12:00:00  place   o1 at r1 by alice: 2 ramen",
        "12:00:01  cancel  o1 by alice",
    ] {
        script.line(line);
    }
    let id = script.account_id("alice");
    let first = script.city.orders.values().next().unwrap().clone();
    let many = u32::try_from(2 * OWN_ORDERS_LOOKED_AT).unwrap() + 7;
    for number in 1..many {
        let mut order = Order::clone(&first);
        order.id.0[..4].copy_from_slice(&number.to_be_bytes());
        order.placed_at = order.placed_at.plus_ms(-i64::from(number));
        order.note = Sealed(b"ring twice".to_vec());
        script.city.orders.insert(order.id, Arc::new(order));
    }
    let with_words = |script: &Script| {
        let orders = script.city.orders.values();
        orders.filter(|order| order.note != Sealed::default()).count()
    };
    script.line("12:00:02  erase   alice password argon2");
    assert_eq!(with_words(&script), OWN_ORDERS_LOOKED_AT + 7);
    for left in [7, 0] {
        let due = |it: &&Deadline| matches!(it.due, Due::ErasureGoesOn(of, _) if of == id);
        let deadline = *script.city.deadlines.iter().find(due).unwrap();
        let fired = Command::FireDeadline(deadline);
        script.propose(script.city.at, Actor::System, fired);
        assert_eq!(with_words(&script), left);
    }
    assert!(!script.city.deadlines.iter().any(|it| matches!(it.due, Due::ErasureGoesOn(..))));
    for order in script.city.orders.values() {
        assert_eq!(order.destination.as_ref().unwrap().position.lat_e7 % 100_000, 0);
    }
}
