//! What goes wrong counts against whoever did it, and has consequences.

use crate::limits::QUALITY_DAYS;
use crate::order::Order;
use crate::quality::{Counted, Flaw, QualityOf};
use crate::script::{MemoryCity, Script, check};
use crate::time::DAY_MS;
use expect_test::expect;

#[test]
fn whoever_the_kitchen_lets_wait_may_go() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        11:00:00  courier cora
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  accept  o1 by r1 ready 11:10:00
        11:00:00  offer   o1 to carl
        11:00:01  take    o1 by carl
        11:08:00  at_store o1 by carl
        11:15:01  drop    o1 by carl
        11:15:01  quality carl courier
        11:15:02  offer   o1 to cora
        11:15:03  take    o1 by cora
        11:16:00  at_store o1 by cora
        11:20:00  drop    o1 by cora
        11:20:00  quality cora courier
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 courier  cora yes
            11:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:00
            11:00:00 accept   o1   yes OrderAccepted o1 ready_at=11:10:00
                                       DeliveryOpened o1
            11:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=11:00:30 fence=1
            11:00:01 take     o1   yes DeliveryAssigned o1 carl fence=1
            11:08:00 at_store o1   yes CourierAtStore o1 carl
            11:15:01 drop     o1   yes DeliveryUnassigned o1 carl
            11:15:01 quality  carl nothing counted; nothing done
            11:15:02 offer    o1   yes DeliveryOffered o1 cora expires_at=11:15:32 fence=3
            11:15:03 take     o1   yes DeliveryAssigned o1 cora fence=3
            11:16:00 at_store o1   yes CourierAtStore o1 cora
            11:20:00 drop     o1   yes DeliveryUnassigned o1 cora
            11:20:00 quality  cora no score of 1 orders: GivenBack 1 -250; nothing done
        "#]],
    );
}

#[test]
fn whoever_is_at_fault_has_it_counted() {
    check(
        "
        11:00:00  open    r1
        11:00:00  grant   mia at r1 manager
        11:00:00  courier carl
        11:00:00  courier cora
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  accept  o1 by r1 ready 11:10:00
        11:00:00  offer   o1 to carl
        11:00:01  take    o1 by carl
        11:01:00  drop    o1 by carl
        11:01:00  quality carl courier
        11:01:00  quality r1
        11:02:00  offer   o1 to cora
        11:02:01  take    o1 by cora
        11:08:00  at_store o1 by cora
        11:20:00  ready   o1 by r1
        11:20:00  pick_up o1 by cora
        12:40:00  deliver o1 by cora metres 20
        12:40:00  quality r1
        12:40:00  quality cora courier
        12:50:00  claim   o1 as c1 missing by alice: 1 of 0
        12:51:00  concede c1 by mia
        12:51:00  quality r1
        12:52:00  refund  o1 as f1 amount 100
        12:52:00  quality r1
        13:00:00  place   o2 at r1 by bob cash: 1 ramen
        13:00:00  reject  o2 by r1 busy
        13:00:00  place   o3 at r1 by bob: 1 ramen
        13:00:00  cancel  o3 by bob
        13:00:00  place   o4 at r1 by bob cash: 1 ramen
        13:05:01  due
        13:06:00  quality r1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 grant    mia  yes StaffGranted r1 mia
            11:00:00 courier  carl yes
            11:00:00 courier  cora yes
            11:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:00
            11:00:00 accept   o1   yes OrderAccepted o1 ready_at=11:10:00
                                       DeliveryOpened o1
            11:00:00 offer    o1   yes DeliveryOffered o1 carl expires_at=11:00:30 fence=1
            11:00:01 take     o1   yes DeliveryAssigned o1 carl fence=1
            11:01:00 drop     o1   yes DeliveryUnassigned o1 carl
            11:01:00 quality  carl no score of 1 orders: GivenBack 1 -250; nothing done
            11:01:00 quality  r1   nothing counted; nothing done
            11:02:00 offer    o1   yes DeliveryOffered o1 cora expires_at=11:02:30 fence=3
            11:02:01 take     o1   yes DeliveryAssigned o1 cora fence=3
            11:08:00 at_store o1   yes CourierAtStore o1 cora
            11:20:00 ready    o1   yes OrderReady o1 cora
            11:20:00 pick_up  o1   yes DeliveryPickedUp o1 cora
                                       OrderHandedOff o1
            12:40:00 deliver  o1   yes DeliveryDelivered o1 cora
                                       OrderCompleted o1
                                       CashCollected o1 cora
            12:40:00 quality  r1   no score of 1 orders: Late 1 -250; nothing done
            12:40:00 quality  cora no score of 1 orders: Late 1 -200; nothing done
            12:50:00 claim    o1   yes ClaimMade c1 o1
            12:51:00 concede  c1   yes RefundByHand of_c1 o1 amount=1200 fault=Restaurant
                                       ClaimSettled c1 o1 amount=1200 fault=Restaurant
            12:51:00 quality  r1   no score of 1 orders: Late 1 -250, Inaccurate 1 -200; nothing done
            12:52:00 refund   o1   yes RefundByHand f1 o1 amount=100 fault=Platform
            12:52:00 quality  r1   no score of 1 orders: Late 1 -250, Inaccurate 1 -200; nothing done
            13:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=13:05:00
            13:00:00 reject   o2   yes OrderRejected o2 reason=Busy
                                       DeliveryCancelled o2
            13:00:00 place    o3   yes OrderPending o3 total=1598
            13:00:00 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o3
            13:00:00 place    o4   yes OrderPending o4 total=1598
                                       OrderPlaced o4 accept_by=13:05:00
            13:05:01 due           yes OrderAlerted o4 step=Push
            13:05:01 due           yes OrderAlerted o4 step=Sms
            13:05:01 due           yes OrderAlerted o4 step=Call
            13:05:01 due           yes OrderAlerted o4 step=Operators
            13:05:01 due           yes OrderExpired o4
                                       DeliveryCancelled o4
            13:06:00 quality  r1   no score of 3 orders: Unfulfilled 2 -400, Late 1 -250, Inaccurate 1 -200; nothing done
        "#]],
    );
}

#[test]
fn nobody_answers_for_what_others_did() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        11:00:00  cancel  o1 by alice
        11:00:00  place   o2 at r1 by alice cash: 1 ramen
        11:00:00  accept  o2 by r1 ready 11:10:00
        11:00:01  cancel  o2 by alice
        11:00:00  place   o3 at r1 by alice cash: 1 ramen
        11:00:00  accept  o3 by r1 ready 11:10:00
        11:00:00  offer   o3 to carl
        11:00:01  take    o3 by carl
        11:10:00  ready   o3 by r1
        11:11:00  pick_up o3 by carl
        11:30:00  fail    o3 damaged by carl
        11:31:00  direct  o3 disposed
        11:31:00  quality r1
        11:31:00  quality carl courier
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=11:05:00
            11:00:00 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o1
            11:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=11:05:00
            11:00:00 accept   o2   yes OrderAccepted o2 ready_at=11:10:00
                                       DeliveryOpened o2
            11:00:01 cancel   o2   yes OrderCancelled o2 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o2
            11:00:00 place    o3   yes OrderPending o3 total=1598
                                       OrderPlaced o3 accept_by=11:05:01
            11:00:00 accept   o3   yes OrderAccepted o3 ready_at=11:10:00
                                       DeliveryOpened o3
            11:00:00 offer    o3   yes DeliveryOffered o3 carl expires_at=11:00:31 fence=1
            11:00:01 take     o3   yes DeliveryAssigned o3 carl fence=1
            11:10:00 ready    o3   yes OrderReady o3 carl
            11:11:00 pick_up  o3   yes DeliveryPickedUp o3 carl
                                       OrderHandedOff o3
            11:30:00 fail     o3   yes DeliveryFailed o3 carl reason=Damaged
            11:31:00 direct   o3   yes DeliveryDisposed o3 carl
                                       OrderCancelled o3 reason=Undeliverable fault=Courier
            11:31:00 quality  r1   nothing counted; nothing done
            11:31:00 quality  carl no score of 1 orders: Failed 1 -400; nothing done
        "#]],
    );
}

/// One order that goes well, or that the kitchen refuses; what was done about it, and the score.
fn order(script: &mut Script, number: u32, at: &str, is_good: bool) -> String {
    script.line(&format!("{at} place o{number} at r1 by ann cash pickup: 1 ramen"));
    if is_good {
        script.line(&format!("{at} accept o{number} by r1"));
        script.line(&format!("{at} ready o{number} by r1"));
        script.line(&format!("{at} hand_over o{number} by r1 pin 123456"));
    } else {
        script.line(&format!("{at} reject o{number} by r1 busy"));
    }
    let due = script.line(&format!("{at} due"));
    let measured: Vec<_> = due.lines().filter(|line| line.contains("Measured")).collect();
    if measured.is_empty() {
        return String::new();
    }
    format!("{}\n{}", measured.join("\n"), script.line(&format!("{at} quality r1")))
}

/// The first orders of a day go well, the others do not.
fn day(script: &mut Script, hour: u32, numbers: std::ops::Range<u32>, good: u32) -> String {
    let first = numbers.start;
    let each = numbers.map(|number| {
        let minutes = (number - first) * 5;
        let at = format!("{}:{:02}", hour + minutes / 60, minutes % 60);
        order(script, number, &at, number - first < good)
    });
    each.collect()
}

#[test]
fn a_score_warns_limits_and_pauses_and_is_forgiven_by_what_goes_well() {
    let mut script = Script::new();
    script.line("08:00 open r1");
    expect![[r#"
        13:15:00 due           yes RestaurantMeasured r1 step=Warn until=None by_hand=false
        13:15:00 quality  r1   589 of 28 orders: Unfulfilled 3 -171; Warn
        13:25:00 due           yes RestaurantMeasured r1 step=Limit until=None by_hand=false
        13:25:00 quality  r1   362 of 30 orders: Unfulfilled 5 -265; Limit
        13:30:00 due           yes RestaurantMeasured r1 step=Pause until=181:30:00 by_hand=false
        13:30:00 quality  r1   259 of 31 orders: Unfulfilled 6 -308; Pause until 181:30:00
    "#]]
    .assert_eq(&day(&mut script, 11, 0..40, 25));
    expect![[r#"
        17:00:00 place    p1   no  RestaurantPaused until=181:30:00
        17:00:00 measure  r1   no  Forbidden
        204:00:00 due           yes
        204:00:00 due           yes RestaurantMeasured r1 step=Limit until=None by_hand=false
        204:00:00 quality  r1   259 of 31 orders: Unfulfilled 6 -308; Limit
    "#]]
    .assert_eq(&script.run(
        "
        17:00  place   p1 at r1 by ann cash: 1 ramen
        17:00  measure r1 clear for sorry by ann
        204:00 due
        204:00 quality r1
        ",
    ));
    // The next flaw pauses it again; an operator believes it.
    expect![[r#"
        204:00:00 due           yes RestaurantMeasured r1 step=Pause until=372:00:00 by_hand=false
        204:00:00 quality  r1   193 of 32 orders: Unfulfilled 7 -348; Pause until 372:00:00
    "#]]
    .assert_eq(&day(&mut script, 204, 40..41, 0));
    expect![[r#"
        204:30:00 measure  r1   yes RestaurantMeasured r1 step=None until=None by_hand=false
        204:30:00 again         yes (unchanged)
    "#]]
    .assert_eq(&script.run(
        "
        204:30 measure r1 clear for sorry
        204:30 again
        ",
    ));
    expect![[r#""#]].assert_eq(&day(&mut script, 205, 41..43, 0));
    // A week later the score counts again.
    expect![[r#"
        396:00:00 due           yes RestaurantMeasured r1 step=Pause until=564:00:00 by_hand=false
        396:00:00 quality  r1   108 of 35 orders: Unfulfilled 10 -400; Pause until 564:00:00
    "#]]
    .assert_eq(&day(&mut script, 396, 43..44, 0));
    script.line("588:00 due");
    expect![[r#"
        592:15:00 due           yes RestaurantMeasured r1 step=Warn until=None by_hand=false
        592:15:00 quality  r1   454 of 70 orders: Unfulfilled 10 -227; Warn
    "#]]
    .assert_eq(&day(&mut script, 588, 44..110, 66));
}

#[test]
fn what_an_operator_said_stays_until_the_score_asks_for_more() {
    let mut script = Script::new();
    script.line("08:00 open r1");
    expect![[r#"
        08:00:00 measure  r1   yes RestaurantMeasured r1 step=Limit until=None by_hand=true
    "#]]
    .assert_eq(&script.line("08:00 measure r1 limit for dirt"));
    expect![[r#"
        13:20:00 due           yes RestaurantMeasured r1 step=Pause until=181:20:00 by_hand=false
        13:20:00 quality  r1   269 of 21 orders: Unfulfilled 4 -304; Pause until 181:20:00
    "#]]
    .assert_eq(&day(&mut script, 11, 0..40, 25));
}

#[test]
fn operators_say_what_the_score_does_not() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        11:00:00  courier cora
        11:00:00  measure r1 warn for dirt by alice
        11:00:00  measure r9 warn for dirt
        11:00:00  measure carl courier hide for dirt
        11:00:00  measure r1 pause for dirt until 10:00:00
        11:00:00  measure r1 hide for dirt until 12:00:00
        11:00:00  again
        11:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  due
        12:00:00  measure r1 pause for dirt
        12:00:00  again
        12:00:01  again
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  measure r1 limit for dirt
        12:00:00  place   o1 at r1 by alice cash: 1 ramen
        12:00:00  place   o2 at r1 by alice cash: 1 ramen
        12:00:00  place   o3 at r1 by alice cash: 1 ramen
        12:00:00  accept  o1 by r1 ready 12:30:00
        12:00:00  accept  o2 by r1 ready 12:30:00
        12:01:00  measure carl courier limit for rudeness
        12:01:00  offer   o1 to carl
        12:01:00  take    o1 by carl
        12:01:00  offer   o2 to carl
        12:02:00  measure carl courier pause for rudeness
        12:02:00  online  carl
        12:02:00  at_store o1 by carl
        12:03:00  measure carl courier clear for sorry
        12:03:00  online  carl
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 courier  cora yes
            11:00:00 measure  r1   no  Forbidden
            11:00:00 measure  r9   no  RestaurantUnknown
            11:00:00 measure  carl no  FieldInvalid /action: warn, limit, pause or clear: couriers are not shown
            11:00:00 measure  r1   no  FieldInvalid /until: a moment that is yet to come
            11:00:00 measure  r1   yes RestaurantMeasured r1 step=Hide until=12:00:00 by_hand=true
            11:00:00 again         yes (unchanged)
            11:00:00 place    o1   no  NotDeliverable
            12:00:00 due           yes RestaurantMeasured r1 step=None until=None by_hand=false
            12:00:00 measure  r1   yes RestaurantMeasured r1 step=Pause until=180:00:00 by_hand=true
            12:00:00 again         yes (unchanged)
            12:00:01 again         yes (unchanged)
            12:00:00 place    o1   no  RestaurantPaused until=180:00:00
            12:00:00 measure  r1   yes RestaurantMeasured r1 step=Limit until=None by_hand=true
            12:00:00 place    o1   yes OrderPending o1 total=1598
                                       OrderPlaced o1 accept_by=12:05:01
            12:00:00 place    o2   yes OrderPending o2 total=1598
                                       OrderPlaced o2 accept_by=12:05:01
            12:00:00 place    o3   no  SlotFull next=12:45:00 13:00:00 13:15:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:30:00
                                       DeliveryOpened o1
            12:00:00 accept   o2   yes OrderAccepted o2 ready_at=12:30:00
                                       DeliveryOpened o2
            12:01:00 measure  carl yes CourierMeasured carl step=Limit until=None by_hand=true
            12:01:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:01:30 fence=1
            12:01:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:01:00 offer    o2   no  NotOfferable
            12:02:00 measure  carl yes CourierMeasured carl step=Pause until=180:02:00 by_hand=true
                                       CourierWentOffline carl
            12:02:00 online   carl no  CourierPaused until=180:02:00
            12:02:00 at_store o1   yes CourierAtStore o1 carl
            12:03:00 measure  carl yes CourierMeasured carl step=None until=None by_hand=false
            12:03:00 online   carl yes CourierWentOnline carl
        "#]],
    );
}

/// Every count is what a look at the orders says.
pub(super) fn check_quality(city: &MemoryCity) {
    // What has left the window is not counted any more.
    let since = city.at.plus_ms(-(QUALITY_DAYS - 1) * DAY_MS);
    if city.orders.values().any(|order| order.placed_at < since) {
        return;
    }
    for quality in city.qualities.values() {
        let count = |counted| quality.count(counted, city.at);
        let has = |order: &Order, flaw| order.flaws.contains(&flaw);
        let carried = |order: &Order, id| {
            let delivery = order.delivery_id.and_then(|id| city.deliveries.get(&id));
            delivery.and_then(|delivery| delivery.status.holder()) == Some(id)
        };
        let orders = |theirs: &dyn Fn(&Order) -> bool, is: &dyn Fn(&Order) -> bool| {
            let all = city.orders.values();
            all.filter(|order| theirs(order.as_ref()) && is(order.as_ref())).count() as i64
        };
        match quality.of {
            QualityOf::Restaurant(id) => {
                let with = |is: &dyn Fn(&Order) -> bool| orders(&|it| it.restaurant_id == id, is);
                let done = |it: &Order| it.bill.is_some_and(|bill| bill.is_owed_for());
                let theirs = with(&|it| done(it) || has(it, Flaw::Unfulfilled));
                assert_eq!(count(Counted::Orders), theirs);
                assert_eq!(count(Counted::Unfulfilled), with(&|it| has(it, Flaw::Unfulfilled)));
                assert_eq!(count(Counted::Late), with(&|it| has(it, Flaw::KitchenLate)));
                assert_eq!(count(Counted::Inaccurate), with(&|it| has(it, Flaw::Inaccurate)));
                assert_eq!(count(Counted::Poor), with(&|it| has(it, Flaw::Poor)));
            }
            QualityOf::Courier(id) => {
                let with = |is: &dyn Fn(&Order) -> bool| orders(&|it| carried(it, id), is);
                assert_eq!(count(Counted::Late), with(&|it| has(it, Flaw::CourierLate)));
                assert_eq!(count(Counted::Failed), with(&|it| has(it, Flaw::CourierFailed)));
                assert!(count(Counted::Unfulfilled) <= count(Counted::Orders));
            }
        }
    }
}
