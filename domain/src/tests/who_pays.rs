//! The table of who pays, row by row, each reached by what people really do.

use crate::order::{CancelOrder, CancelReason, Fault};
use crate::script::Script;
use crate::{Actor, Command, Verdict};
use expect_test::expect;

const START: &str = "
    11:00 open    r1
    11:00 courier carl
    11:00 grant   boss at r1 manager
";
const ACCEPTED: &str = "12:00 accept o1 by r1";
const STARTED: &str = "12:00 start o1 by r1";
const READY: &str = "12:00 ready o1 by r1";
const ASSIGNED: &str = "12:00 offer o1 to carl\n12:00 take o1 by carl";
const AT_STORE: &str = "12:00 at_store o1 by carl";
const CARRIED: &str = "12:00 pick_up o1 by carl";

/// What the order's end cost, and whom, once with a card and once in cash.
fn row(title: &str, steps: &[&str]) -> String {
    let card = ended("", steps, None);
    let cash = ended("cash", steps, None);
    tell(title, &card, &cash)
}

/// The same of an order that its customer comes for.
fn pickup(title: &str, steps: &[&str]) -> String {
    let card = placed("", "pickup", steps, None);
    let cash = placed("cash", "pickup", steps, None);
    tell(title, &card, &cash)
}

/// The same where an operator says whose fault it is.
fn called_off(title: &str, steps: &[&str], reason: CancelReason, fault: Option<Fault>) -> String {
    let card = ended("", steps, Some((reason, fault)));
    let cash = ended("cash", steps, Some((reason, fault)));
    tell(title, &card, &cash)
}

fn ended(
    method: &str,
    steps: &[&str],
    called_off: Option<(CancelReason, Option<Fault>)>,
) -> Script {
    placed(method, "", steps, called_off)
}

fn placed(
    method: &str,
    way: &str,
    steps: &[&str],
    called_off: Option<(CancelReason, Option<Fault>)>,
) -> Script {
    let mut script = Script::new();
    script.run(START);
    script.run(&format!("12:00 place o1 at r1 by alice {method} tip 200 {way}: 2 ramen"));
    if method.is_empty() {
        script.run("12:00 pay o1");
    }
    for step in steps {
        let told = script.run(step);
        assert!(!told.contains(" no  "), "{told}");
    }
    if let Some((reason, fault)) = called_off {
        let order_id = script.order_id("o1");
        let account_id = script.account_id("op");
        let operator = Actor::Account { account_id, session_id: None, epoch: 0 };
        let command = Command::CancelOrder(CancelOrder { order_id, reason, fault });
        let outcome = script.propose(script.city.at, operator, command);
        assert!(matches!(outcome.verdict, Verdict::Yes { changed: true, .. }), "{outcome:?}");
    }
    script
}

fn tell(title: &str, card: &Script, cash: &Script) -> String {
    let order = card.city.orders.values().next().expect("an order");
    let bill = order.bill.expect("an order that has ended has a bill");
    let in_cash = cash.city.orders.values().next().expect("an order");
    assert_eq!(in_cash.bill, order.bill, "{title}");
    let (taken, owed) = (paid(card), paid(cash));
    let debt = cash.city.tabs.values().next().map_or(0, |tab| tab.debt.0);
    let kitchen = if bill.restaurant_paid { "paid" } else { "-" };
    let courier = if bill.courier_paid { "paid".to_owned() } else { bill.callout.to_string() };
    let fault = bill.fault.map_or("-".to_owned(), |fault| format!("{fault:?}"));
    format!(
        "{title:<38} {:>4} {kitchen:<4} {courier:<4} {fault:<10} | {taken:<14} | {owed} debt {debt}\n",
        bill.customer_pays.0
    )
}

fn paid(script: &Script) -> String {
    let payment = script.city.payments.values().next().expect("a payment");
    format!("{:?} {}", payment.status, payment.to_capture)
}

#[test]
fn every_row_of_who_pays() {
    let refused = ["12:05 fail o1 by carl refused", "12:05 return o1 by carl"];
    let back = "12:10 returned o1 by carl code 4321";
    let carried = [ACCEPTED, READY, ASSIGNED, CARRIED];
    let failed = |reason: &'static str| [&carried[..], &[reason, refused[1], back]].concat();
    let table = [
        row("customer, before the yes", &["12:01 cancel o1 by alice"]),
        called_off("operator, before the yes", &[], CancelReason::Fraud, None),
        row("rejected", &["12:01 reject o1 by r1"]),
        row("expired", &["12:05 due -"]),
        row("customer, accepted", &[ACCEPTED, "12:01 cancel o1 by alice"]),
        row("  a courier has said yes", &[ACCEPTED, ASSIGNED, "12:01 cancel o1 by alice"]),
        row("  a courier is there", &[ACCEPTED, ASSIGNED, AT_STORE, "12:01 cancel o1 by alice"]),
        row("customer, preparing", &[ACCEPTED, STARTED, "12:01 cancel o1 by alice"]),
        row("  a courier has said yes", &[ACCEPTED, STARTED, ASSIGNED, "12:01 cancel o1 by alice"]),
        row("customer, ready", &[ACCEPTED, READY, "12:01 cancel o1 by alice"]),
        row(
            "  a courier is there",
            &[ACCEPTED, READY, ASSIGNED, AT_STORE, "12:01 cancel o1 by alice"],
        ),
        row("restaurant, accepted", &[ACCEPTED, "12:01 cancel o1 by r1 out_of_stock"]),
        row("restaurant, preparing", &[ACCEPTED, STARTED, "12:01 cancel o1 by r1 out_of_stock"]),
        row(
            "  a courier is there",
            &[ACCEPTED, READY, ASSIGNED, AT_STORE, "12:01 cancel o1 by r1"],
        ),
        called_off(
            "closed when the courier came",
            &[ACCEPTED, ASSIGNED, AT_STORE],
            CancelReason::RestaurantClosed,
            None,
        ),
        row("no courier, not started", &[ACCEPTED, "13:00 due -"]),
        row("no courier, ready", &[ACCEPTED, READY, "13:00 due -"]),
        called_off("operator, not started", &[ACCEPTED], CancelReason::Operator, None),
        called_off("operator, preparing", &[ACCEPTED, STARTED], CancelReason::Operator, None),
        called_off(
            "  and knows it was the customer",
            &[ACCEPTED, STARTED],
            CancelReason::Operator,
            Some(Fault::Customer),
        ),
        row("the courier damaged it", &failed("12:05 fail o1 by carl")),
        row("refused at the door", &failed(refused[0])),
        row("nobody could go there safely", &failed("12:05 fail o1 by carl unsafe")),
        row("delivered", &[&carried[..], &["12:20 deliver o1 by carl"]].concat()),
        pickup("pickup, nobody came", &[ACCEPTED, READY, "13:00 due -"]),
        pickup("pickup, handed over", &[ACCEPTED, READY, "12:20 hand_over o1 by r1 pin 123456"]),
    ];
    let head = format!(
        "{:<38} {:>4} {:<4} {:<4} {:<10} | {:<14} | cash\n",
        "", "pays", "food", "way", "fault", "card"
    );
    expect![[r#"
                                               pays food way  fault      | card           | cash
        customer, before the yes                  0 -    0    Customer   | Voiding 0      | None 0 debt 0
        operator, before the yes                  0 -    0    Customer   | Voiding 0      | None 0 debt 0
        rejected                                  0 -    0    Restaurant | Voiding 0      | None 0 debt 0
        expired                                   0 -    0    Restaurant | Voiding 0      | None 0 debt 0
        customer, accepted                        0 -    0    Customer   | Voiding 0      | None 0 debt 0
          a courier has said yes                  0 -    0    Customer   | Voiding 0      | None 0 debt 0
          a courier is there                      0 -    300  Customer   | Voiding 0      | None 0 debt 0
        customer, preparing                    2400 paid 0    Customer   | Capturing 2400 | None 0 debt 2400
          a courier has said yes               2400 paid 300  Customer   | Capturing 2400 | None 0 debt 2400
        customer, ready                        2400 paid 0    Customer   | Capturing 2400 | None 0 debt 2400
          a courier is there                   2400 paid 300  Customer   | Capturing 2400 | None 0 debt 2400
        restaurant, accepted                      0 -    0    Restaurant | Voiding 0      | None 0 debt 0
        restaurant, preparing                     0 -    0    Restaurant | Voiding 0      | None 0 debt 0
          a courier is there                      0 -    300  Restaurant | Voiding 0      | None 0 debt 0
        closed when the courier came              0 -    300  Restaurant | Voiding 0      | None 0 debt 0
        no courier, not started                   0 -    0    Platform   | Voiding 0      | None 0 debt 0
        no courier, ready                         0 paid 0    Platform   | Voiding 0      | None 0 debt 0
        operator, not started                     0 -    0    Platform   | Voiding 0      | None 0 debt 0
        operator, preparing                       0 paid 0    Platform   | Voiding 0      | None 0 debt 0
          and knows it was the customer        2400 paid 0    Customer   | Capturing 2400 | None 0 debt 2400
        the courier damaged it                    0 paid 0    Courier    | Voiding 0      | None 0 debt 0
        refused at the door                    2798 paid paid Customer   | Capturing 2798 | None 0 debt 2798
        nobody could go there safely              0 paid 300  Platform   | Voiding 0      | None 0 debt 0
        delivered                              2998 paid paid -          | Capturing 2998 | CashCollected 2998 debt 0
        pickup, nobody came                    2400 paid 0    Customer   | Capturing 2400 | None 0 debt 2400
        pickup, handed over                    2699 paid 0    -          | Capturing 2699 | CashCollected 2699 debt 0
    "#]].assert_eq(&(head + &table.concat()));
}

/// The two rows that a claim decides: a dish of the restaurant's, the way of the late leg.
#[test]
fn every_row_that_a_claim_decides() {
    let mut told = String::new();
    for (ready, claim) in [
        ("12:15", "claim o1 as c1 missing: 1 of 0"),
        ("12:15", "claim o1 as c1 late"),
        ("12:40", "claim o1 as c1 late"),
    ] {
        let mut script = Script::new();
        script.run(START);
        script.run(&format!(
            "
            12:00 place   o1 at r1 by alice tip 200: 2 ramen
            12:00 pay     o1
            12:00 accept  o1 by r1
            {ready} ready   o1 by r1
            {ready} offer   o1 to carl
            {ready} take    o1 by carl
            {ready} pick_up o1 by carl
            13:00 deliver o1 by carl
            13:00 pay     o1
            "
        ));
        told += &script.run(&format!(
            "
            13:10 {claim}
            13:11 concede c1 by boss
            13:12 settle  c1 by op courier as ref1 amount 299
            13:13 bill    o1
            "
        ));
    }
    expect![[r#"
        13:10:00 claim    o1   yes ClaimMade c1 o1
        13:11:00 concede  c1   yes RefundPending of_c1 o1 amount=1200 fault=Restaurant
                                   ClaimSettled c1 o1 amount=1200 fault=Restaurant
        13:12:00 settle   c1   no  ClaimClosed
        13:13:00 bill     o1   2 ramen 2400; total 2998 (revision 0); Captured 2998, back 1200 + 0
                                   pays 2998; kitchen paid; courier paid, call-out 0; fault None
        13:10:00 claim    o1   yes ClaimMade c1 o1
                                   ClaimContested c1 o1
        13:11:00 concede  c1   no  ClaimClosed
        13:12:00 settle   c1   yes RefundPending ref1 o1 amount=299 fault=Courier
                                   ClaimSettled c1 o1 amount=299 fault=Courier
        13:13:00 bill     o1   2 ramen 2400; total 2998 (revision 0); Captured 2998, back 299 + 0
                                   pays 2998; kitchen paid; courier paid, call-out 0; fault None
        13:10:00 claim    o1   yes ClaimMade c1 o1
        13:11:00 concede  c1   yes RefundPending of_c1 o1 amount=299 fault=Restaurant
                                   ClaimSettled c1 o1 amount=299 fault=Restaurant
        13:12:00 settle   c1   no  ClaimClosed
        13:13:00 bill     o1   2 ramen 2400; total 2998 (revision 0); Captured 2998, back 299 + 0
                                   pays 2998; kitchen paid; courier paid, call-out 0; fault None
    "#]]
    .assert_eq(&told);
}
