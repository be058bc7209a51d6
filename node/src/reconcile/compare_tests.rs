//! Every pair of states as one table.

use super::*;
use crate::gateways::{SightDispute, SightRefund};
use domain::ids::{AccountId, CityNumber, OrderId, PaymentId, RefundId};
use domain::order::Fault;
use domain::payment::{Method, Purpose};
use domain::sealed::Digest;
use expect_test::expect;
use std::fmt::Write;

const NOW: Timestamp = Timestamp(2_000_000_000);
const CITY: CityNumber = CityNumber(1);

fn payment_id() -> PaymentId {
    PaymentId::derive(CITY, &[b"one"])
}

fn ours(status: PaymentStatus) -> Ours {
    let payment = Payment {
        id: payment_id(),
        order_id: OrderId::derive(CITY, &[b"one"]),
        customer_id: AccountId::derive(CITY, &[b"one"]),
        purpose: Purpose::Order,
        method: Method::Card { token: "tok_visa".to_owned() },
        amount: Money(1_000),
        to_capture: Money(1_000),
        refunded: Money::ZERO,
        refunding: Money::ZERO,
        status,
        gateway_ref: Some("ch_1".to_owned()),
        work: None,
        action_url: None,
        decline: None,
        waiting: Vec::new(),
        stuck_at: None,
        dispute: None,
        request: None,
        created_at: Timestamp(0),
        created_index: 1,
        revision: 1,
    };
    Ours { payment: Arc::new(payment), refunds: Vec::new() }
}

fn theirs(state: SightState) -> Sight {
    let captured = if state == SightState::Captured { Money(1_000) } else { Money::ZERO };
    Sight {
        gateway_ref: "ch_1".to_owned(),
        payment_id: Some(payment_id()),
        amount: Money(1_000),
        state,
        captured,
        refunded: Money::ZERO,
        refunds: Vec::new(),
        dispute: None,
        created_at: NOW.plus_ms(-ORPHAN_MS),
    }
}

fn states() -> [SightState; 6] {
    [
        SightState::Pending,
        SightState::ActionRequired { url: "https://bank.example".to_owned() },
        SightState::Declined { reason: "card_declined".to_owned() },
        SightState::Authorized,
        SightState::Captured,
        SightState::Voided,
    ]
}

fn words(findings: &[Finding]) -> String {
    let words = findings.iter().map(|finding| match finding {
        Finding::LetGo => "let go".to_owned(),
        Finding::Fact(fact) => {
            let fact = format!("{fact:?}");
            fact.split([' ', '{']).next().unwrap().to_owned()
        }
        Finding::Difference { kind, ours, theirs } => format!("{kind:?}: {ours} / {theirs}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn every_pair() -> String {
    let mut table = String::from("\n");
    for state in states() {
        let theirs = theirs(state);
        writeln!(table, "{}", theirs.state.label()).unwrap();
        let unknown = compare(None, &theirs, NOW);
        writeln!(table, "  unknown, old      {}", words(&unknown)).unwrap();
        let young = compare(None, &theirs, NOW.plus_ms(-1));
        assert!(!young.contains(&Finding::LetGo), "it may be on its way into the log");
        for status in PaymentStatus::ALL {
            let findings = compare(Some(&ours(status)), &theirs, NOW);
            if !findings.is_empty() {
                let status = format!("{status:?}");
                writeln!(table, "  {status:16}  {}", words(&findings)).unwrap();
            }
        }
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn every_pair_of_states_has_its_answer() {
    expect![[r#"

        pending
          unknown, old      let go
          Captured          Captured: 1000 / 0
          Disputed          Captured: 1000 / 0
          Lost              Captured: 1000 / 0
        action_required
          unknown, old      let go
          Authorizing       ActionRequired
          ActionRequired    ActionRequired
          Captured          Captured: 1000 / 0
          Disputed          Captured: 1000 / 0
          Lost              Captured: 1000 / 0
        declined
          unknown, old
          None              Status: none / declined
          CashDue           Status: cash_due / declined
          CashCollected     Status: cash_collected / declined
          Authorizing       Declined
          ActionRequired    Declined
          Authorized        Status: authorized / declined
          Captured          Status: captured / declined
          Disputed          Status: disputed / declined
          Lost              Status: lost / declined
        authorized
          unknown, old      let go
          None              Status: none / authorized
          CashDue           Status: cash_due / authorized
          CashCollected     Status: cash_collected / authorized
          Authorizing       Authorized
          ActionRequired    Authorized
          Failed            Authorized
          Captured          Status: captured / authorized
          Voided            Authorized
          Disputed          Status: disputed / authorized
          Lost              Status: lost / authorized
        captured
          unknown, old      OnlyTheirs: nothing / captured 1000, refunded 0
          None              Status: none / captured
          CashDue           Status: cash_due / captured
          CashCollected     Status: cash_collected / captured
          Authorizing       Authorized, Captured
          ActionRequired    Authorized, Captured
          Failed            Captured
          Authorized        Status: authorized / captured
          Capturing         Captured
          Voiding           Captured
          Voided            Captured
        voided
          unknown, old
          None              Status: none / voided
          CashDue           Status: cash_due / voided
          CashCollected     Status: cash_collected / voided
          Authorizing       Voided
          ActionRequired    Voided
          Authorized        Voided
          Captured          Status: captured / voided
          Voiding           Voided
          Disputed          Status: disputed / voided
          Lost              Status: lost / voided
    "#]]
    .assert_eq(&every_pair());
}

#[test]
fn what_was_taken_is_compared_to_the_cent() {
    let look = |ours: &Ours, theirs: &Sight| words(&compare(Some(ours), theirs, NOW));
    let refund_id = RefundId::derive(CITY, &[b"one"]);
    let mut seen = theirs(SightState::Captured);
    let mut known = ours(PaymentStatus::Captured);
    assert_eq!(look(&known, &seen), "");
    seen.captured = Money(900);
    assert_eq!(look(&known, &seen), "Captured: 1000 / 900");
    seen.captured = Money(1_000);

    // Somebody gave money back at the gateway's own pages.
    seen.refunded = Money(300);
    seen.refunds = vec![SightRefund { refund_id: None, amount: Money(300), done: Some(true) }];
    assert_eq!(look(&known, &seen), "Refunded: 0 / 300");
    // It was ours, and we have missed the answer.
    seen.refunds[0].refund_id = Some(refund_id);
    let refund = |status| {
        Arc::new(Refund {
            id: refund_id,
            order_id: OrderId::derive(CITY, &[b"one"]),
            payment_id: payment_id(),
            amount: Money(300),
            lines: Vec::new(),
            fault: Fault::Platform,
            reason: "cold".to_owned(),
            status,
            work: None,
            made_at: Timestamp(0),
            made_index: 1,
            request: Digest([0; 32]),
            revision: 1,
        })
    };
    known.refunds = vec![refund(RefundStatus::Pending)];
    Arc::make_mut(&mut known.payment).refunding = Money(300);
    assert_eq!(look(&known, &seen), "Refunded");
    seen.refunds[0].done = Some(false);
    assert_eq!(look(&known, &seen), "RefundFailed");
    seen.refunds[0].done = None;
    assert_eq!(look(&known, &seen), "", "on its way on both sides");
    known.refunds = vec![refund(RefundStatus::Done)];
    let payment = Arc::make_mut(&mut known.payment);
    (payment.refunding, payment.refunded) = (Money::ZERO, Money(300));
    assert_eq!(look(&known, &seen), "");

    let dispute = |won| SightDispute { dispute_id: "dp_1".to_owned(), amount: Money(700), won };
    seen.dispute = Some(dispute(None));
    assert_eq!(look(&known, &seen), "DisputeOpened");
    seen.dispute = Some(dispute(Some(false)));
    assert_eq!(look(&known, &seen), "DisputeOpened, DisputeClosed");
}

#[test]
fn a_second_charge_for_one_payment_is_a_strangers() {
    let mut twin = theirs(SightState::Authorized);
    twin.gateway_ref = "ch_2".to_owned();
    let known = ours(PaymentStatus::Captured);
    assert_eq!(words(&compare(Some(&known), &twin, NOW)), "let go");
    let mut twin = theirs(SightState::Captured);
    twin.gateway_ref = "ch_2".to_owned();
    let found = words(&compare(Some(&known), &twin, NOW));
    assert_eq!(found, "OnlyTheirs: nothing / captured 1000, refunded 0");
    twin.refunded = Money(1_000);
    assert_eq!(words(&compare(Some(&known), &twin, NOW)), "");
}
