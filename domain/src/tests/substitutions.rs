//! Something is missing: what is proposed, what is answered, and what silence means.

use crate::script::{Script, check};
use expect_test::expect;

#[test]
fn r19_an_unanswered_proposal_is_what_the_line_says_and_costs_less() {
    check(
        "
        11:00:00  open    r1
        11:00:00  allergens r1: gyoza Milk
        11:00:00  stock   r1: ramen 9, gyoza 9
        12:00:00  place   o1 at r1 by alice: 2 ramen, 1 tea
        12:00:00  pay     o1
        12:00:00  propose o1 line 0 remove
        12:00:00  accept  o1 by r1
        12:01:00  propose o1 line 0 remove
        12:01:00  again   -
        12:01:00  ready   o1 by r1
        12:05:59  due     -
        12:06:00  due     -
        12:06:00  bill    o1
        12:06:00  count   r1
        12:06:01  answer  o1 accept
        12:06:01  answer  o1 cancel_line
        12:10:00  place   o2 at r1 by alice or_substitute: 2 ramen, 1 tea
        12:10:00  pay     o2
        12:10:00  accept  o2 by r1
        12:11:00  propose o2 line 0 fewer 1
        12:16:00  due     -
        12:16:00  bill    o2
        12:17:00  propose o2 line 0: 1 gyoza
        12:22:00  due     -
        12:22:00  bill    o2
        12:30:00  place   o3 at r1 by alice or_nothing: 2 ramen, 1 tea
        12:30:00  pay     o3
        12:30:00  accept  o3 by r1
        12:31:00  propose o3 line 0: 1 gyoza
        12:31:00  count   r1
        12:36:00  due     -
        12:36:00  bill    o3
        12:36:00  count   r1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 allergens r1   yes MenuChanged r1 version=2
            11:00:00 stock    r1   yes StockChanged ramen gyoza
            12:00:00 place    o1   yes OrderPending o1 total=3098
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 propose  o1   no  OrderMovedOn state=Placed
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:01:00 propose  o1   yes SubstitutionProposed o1 line=0 answer_by=12:06:00
            12:01:00 again    -    yes (unchanged)
            12:01:00 ready    o1   no  ProposalOpen
            12:06:00 due      -    yes SubstitutionAnswered o1 line=0 answer=CancelLine total=698
            12:06:00 bill     o1   1 tea 300; total 698 (revision 1); Authorized 698, back 0 + 0
            12:06:00 count    r1   gyoza Quantity 9 = 9 + 0 + 0
                                       ramen Quantity 9 = 9 + 0 + 0
            12:06:01 answer   o1   no  ProposalClosed
            12:06:01 answer   o1   yes (unchanged)
            12:10:00 place    o2   yes OrderPending o2 total=3098
            12:10:00 pay      o2   yes PaymentAuthorized o2
                                       OrderPlaced o2 accept_by=12:15:00
            12:10:00 accept   o2   yes OrderAccepted o2 ready_at=12:25:00
                                       DeliveryOpened o2
            12:11:00 propose  o2   yes SubstitutionProposed o2 line=0 answer_by=12:16:00
            12:16:00 due      -    yes SubstitutionAnswered o2 line=0 answer=Accept total=1898
            12:16:00 bill     o2   1 ramen 1200, 1 tea 300; total 1898 (revision 1); Authorized 1898, back 0 + 0
            12:17:00 propose  o2   yes SubstitutionProposed o2 line=0 answer_by=12:22:00
            12:22:00 due      -    yes SubstitutionAnswered o2 line=0 answer=CancelLine total=698
            12:22:00 bill     o2   1 tea 300; total 698 (revision 2); Authorized 698, back 0 + 0
            12:30:00 place    o3   yes OrderPending o3 total=3098
            12:30:00 pay      o3   yes PaymentAuthorized o3
                                       OrderPlaced o3 accept_by=12:35:00
            12:30:00 accept   o3   yes OrderAccepted o3 ready_at=12:45:00
                                       DeliveryOpened o3
            12:31:00 propose  o3   yes SubstitutionProposed o3 line=0 answer_by=12:36:00
            12:31:00 count    r1   gyoza Quantity 9 = 8 + 1 + 0
                                       ramen Quantity 9 = 7 + 2 + 0
            12:36:00 due      -    yes CourierMissing o1
            12:36:00 due      -    yes SubstitutionAnswered o3 line=0 answer=CancelOrder total=0
                                       OrderCancelled o3 reason=OutOfStock fault=Restaurant
                                       DeliveryCancelled o3
                                       PaymentVoiding o3
            12:36:00 bill     o3   2 ramen 2400, 1 tea 300; total 3098 (revision 0); Voiding 0, back 0 + 0
                                       pays 0; kitchen unpaid; courier unpaid, call-out 0; fault Some(Restaurant)
            12:36:00 count    r1   gyoza Quantity 9 = 9 + 0 + 0
                                       ramen Quantity 9 = 9 + 0 + 0
        "#]],
    );
}

#[test]
fn a_customer_takes_what_is_proposed_and_pays_less() {
    check(
        "
        11:00:00  open    r1
        11:00:00  courier carl
        11:00:00  allergens r1: gyoza Milk
        12:00:00  place   o1 at r1 by alice: 2 ramen, 1 tea+large
        12:00:00  pay     o1
        12:00:00  accept  o1 by r1
        12:00:00  start   o1 by r1
        12:01:00  propose o1 line 5 remove
        12:01:00  propose o1 line 0 fewer 2
        12:01:00  propose o1 line 0 fewer 0
        12:01:00  propose o1 line 0: 5 gyoza
        12:01:00  propose o1 line 0: 1 cake
        12:01:00  propose o1 line 0: 2 gyoza
        12:01:00  propose o1 line 1 remove
        12:01:00  answer  o1 by bob accept
        12:01:00  answer  o1 accept seen 7
        12:01:00  answer  o1 accept seen 0
        12:01:00  again   -
        12:01:00  answer  o1 refuse seen 0
        12:01:00  bill    o1
        12:02:00  propose o1 line 1: 1 tea
        12:02:00  answer  o1 accept seen 0
        12:02:00  answer  o1 by op accept
        12:02:00  bill    o1
        12:03:00  ready   o1 by r1
        12:03:00  propose o1 line 1 remove
        12:03:00  offer   o1 to carl
        12:03:00  take    o1 by carl
        12:03:00  pick_up o1 by carl
        12:20:00  deliver o1 by carl
        12:20:00  pay     o1
        12:20:00  bill    o1
        12:20:00  show    o1
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 courier  carl yes
            11:00:00 allergens r1   yes MenuChanged r1 version=2
            12:00:00 place    o1   yes OrderPending o1 total=3148
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:00:00 start    o1   yes OrderStarted o1
            12:01:00 propose  o1   no  FieldInvalid /line: the place of a line on the receipt, from 0
            12:01:00 propose  o1   no  FieldInvalid /quantity: at least one, and fewer
            12:01:00 propose  o1   no  FieldInvalid /quantity: at least one, and fewer
            12:01:00 propose  o1   no  FieldInvalid /instead: nothing that costs more than what it replaces
            12:01:00 propose  o1   no  BasketInvalid line=0 problem=DishUnknown
            12:01:00 propose  o1   yes SubstitutionProposed o1 line=0 answer_by=12:06:00
            12:01:00 propose  o1   no  ProposalOpen
            12:01:00 answer   o1   no  OrderUnknown
            12:01:00 answer   o1   no  ProposalClosed
            12:01:00 answer   o1   yes SubstitutionAnswered o1 line=0 answer=Accept total=1948
            12:01:00 again    -    yes (unchanged)
            12:01:00 answer   o1   no  ProposalClosed
            12:01:00 bill     o1   2 gyoza 1200, 1 tea 350; total 1948 (revision 1); Authorized 1948, back 0 + 0
            12:02:00 propose  o1   yes SubstitutionProposed o1 line=1 answer_by=12:07:00
            12:02:00 answer   o1   yes (unchanged)
            12:02:00 answer   o1   yes SubstitutionAnswered o1 line=1 answer=Accept total=1898
            12:02:00 bill     o1   2 gyoza 1200, 1 tea 300; total 1898 (revision 2); Authorized 1898, back 0 + 0
            12:03:00 ready    o1   yes OrderReady o1
            12:03:00 propose  o1   no  OrderMovedOn state=Ready
            12:03:00 offer    o1   yes DeliveryOffered o1 carl expires_at=12:03:30 fence=1
            12:03:00 take     o1   yes DeliveryAssigned o1 carl fence=1
            12:03:00 pick_up  o1   yes DeliveryPickedUp o1 carl
                                       OrderHandedOff o1
            12:20:00 deliver  o1   yes DeliveryDelivered o1 carl
                                       OrderCompleted o1
                                       PaymentCapturing o1 amount=1898
            12:20:00 pay      o1   yes PaymentCaptured o1 amount=1898
            12:20:00 bill     o1   2 gyoza 1200, 1 tea 300; total 1898 (revision 2); Captured 1898, back 0 + 0
                                       pays 1898; kitchen paid; courier paid, call-out 0; fault None
            12:20:00 show     o1   Completed; Captured 1898 of 3148; Delivered by carl, fence 1
        "#]],
    );
}

#[test]
fn the_last_line_takes_the_order_with_it() {
    check(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice cash: 2 ramen, 1 tea
        12:00:00  accept  o1 by r1
        12:01:00  propose o1 line 0: 2 gyoza
        12:01:00  answer  o1 refuse
        12:01:00  again   -
        12:01:00  bill    o1
        12:02:00  propose o1 line 0 remove
        12:02:00  answer  o1 cancel_line
        12:02:00  again   -
        12:02:00  answer  o1 accept
        12:02:00  bill    o1
        12:03:00  place   o2 at r1 by alice: 2 ramen, 1 tea
        12:03:00  pay     o2
        12:03:00  accept  o2 by r1
        12:03:00  propose o2 line 0 remove
        12:03:00  answer  o2 cancel_order
        12:03:00  again   -
        12:03:00  show    o2
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            12:00:00 place    o1   yes OrderPending o1 total=3098
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:01:00 propose  o1   yes SubstitutionProposed o1 line=0 answer_by=12:06:00
            12:01:00 answer   o1   yes SubstitutionAnswered o1 line=0 answer=Refuse total=698
            12:01:00 again    -    yes (unchanged)
            12:01:00 bill     o1   1 tea 300; total 698 (revision 1); CashDue 698, back 0 + 0
            12:02:00 propose  o1   yes SubstitutionProposed o1 line=0 answer_by=12:07:00
            12:02:00 answer   o1   yes SubstitutionAnswered o1 line=0 answer=CancelLine total=0
                                       OrderCancelled o1 reason=OutOfStock fault=Restaurant
                                       DeliveryCancelled o1
            12:02:00 again    -    yes (unchanged)
            12:02:00 answer   o1   no  ProposalClosed
            12:02:00 bill     o1   1 tea 300; total 698 (revision 1); None 0, back 0 + 0
                                       pays 0; kitchen unpaid; courier unpaid, call-out 0; fault Some(Restaurant)
            12:03:00 place    o2   yes OrderPending o2 total=3098
            12:03:00 pay      o2   yes PaymentAuthorized o2
                                       OrderPlaced o2 accept_by=12:08:00
            12:03:00 accept   o2   yes OrderAccepted o2 ready_at=12:18:00
                                       DeliveryOpened o2
            12:03:00 propose  o2   yes SubstitutionProposed o2 line=0 answer_by=12:08:00
            12:03:00 answer   o2   yes SubstitutionAnswered o2 line=0 answer=CancelOrder total=0
                                       OrderCancelled o2 reason=OutOfStock fault=Restaurant
                                       DeliveryCancelled o2
                                       PaymentVoiding o2
            12:03:00 again    -    yes (unchanged)
            12:03:00 show     o2   Cancelled; Voiding 0 of 3098; Cancelled by nobody, fence 0
            99:00:00 due      -    yes PaymentStuck o2 status=Voiding
        "#]],
    );
}

/// A substitute is kept from the moment it is proposed, and only what it needs beyond its line.
#[test]
fn portions_are_counted_through_proposals() {
    check(
        "
        11:00:00  open    r1
        11:00:00  stock   r1: ramen 2, gyoza 3, tea 2, large 1
        12:00:00  place   o1 at r1 by alice: 2 ramen, 1 tea
        12:00:00  pay     o1
        12:00:00  accept  o1 by r1
        12:01:00  propose o1 line 0: 4 gyoza
        12:01:00  propose o1 line 0: 2 gyoza
        12:01:00  count   r1
        12:01:00  place   o2 at r1 by bob: 2 gyoza
        12:02:00  answer  o1 refuse
        12:02:00  count   r1
        12:03:00  propose o1 line 0: 1 tea+large
        12:03:00  propose o1 line 0: 1 tea
        12:03:00  answer  o1 accept
        12:03:00  count   r1
        12:04:00  start   o1 by r1
        12:04:00  count   r1
        12:05:00  place   o3 at r1 by bob: 2 ramen
        12:05:00  pay     o3
        12:05:00  accept  o3 by r1
        12:05:00  start   o3 by r1
        12:06:00  propose o3 line 0: 1 gyoza
        12:06:00  answer  o3 by bob accept
        12:06:00  count   r1
        12:07:00  propose o3 line 0: 1 tea
        12:07:00  count   r1
        12:07:00  cancel  o3 by bob
        12:07:00  count   r1
        12:07:00  bill    o3
        99:00:00  due     -
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 stock    r1   yes StockChanged ramen gyoza tea large
            12:00:00 place    o1   yes OrderPending o1 total=3098
            12:00:00 pay      o1   yes PaymentAuthorized o1
                                       OrderPlaced o1 accept_by=12:05:00
            12:00:00 accept   o1   yes OrderAccepted o1 ready_at=12:15:00
                                       DeliveryOpened o1
            12:01:00 propose  o1   no  OutOfStock dishes=gyoza options=
            12:01:00 propose  o1   yes SubstitutionProposed o1 line=0 answer_by=12:06:00
            12:01:00 count    r1   gyoza Quantity 3 = 1 + 2 + 0
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 0 + 2 + 0
                                       tea Quantity 2 = 1 + 1 + 0
            12:01:00 place    o2   no  OutOfStock dishes=gyoza options=
            12:02:00 answer   o1   yes SubstitutionAnswered o1 line=0 answer=Refuse total=698
            12:02:00 count    r1   gyoza Quantity 3 = 3 + 0 + 0
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 2 + 0 + 0
                                       tea Quantity 2 = 1 + 1 + 0
            12:03:00 propose  o1   no  FieldInvalid /instead: nothing that costs more than what it replaces
            12:03:00 propose  o1   yes SubstitutionProposed o1 line=0 answer_by=12:08:00
            12:03:00 answer   o1   yes SubstitutionAnswered o1 line=0 answer=Accept total=698
            12:03:00 count    r1   gyoza Quantity 3 = 3 + 0 + 0
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 2 + 0 + 0
                                       tea Quantity 2 = 1 + 1 + 0
            12:04:00 start    o1   yes OrderStarted o1
            12:04:00 count    r1   gyoza Quantity 3 = 3 + 0 + 0
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 2 + 0 + 0
                                       tea Quantity 2 = 1 + 0 + 1
            12:05:00 place    o3   yes OrderPending o3 total=2798
            12:05:00 pay      o3   yes PaymentAuthorized o3
                                       OrderPlaced o3 accept_by=12:10:00
            12:05:00 accept   o3   yes OrderAccepted o3 ready_at=12:20:00
                                       DeliveryOpened o3
            12:05:00 start    o3   yes OrderStarted o3
            12:06:00 propose  o3   yes SubstitutionProposed o3 line=0 answer_by=12:11:00
            12:06:00 answer   o3   yes SubstitutionAnswered o3 line=0 answer=Accept total=998
            12:06:00 count    r1   gyoza Quantity 3 = 2 + 0 + 1
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 0 + 0 + 2
                                       tea Quantity 2 = 1 + 0 + 1
            12:07:00 propose  o3   yes SubstitutionProposed o3 line=0 answer_by=12:12:00
            12:07:00 count    r1   gyoza Quantity 3 = 2 + 0 + 1
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 0 + 0 + 2
                                       tea Quantity 2 = 0 + 1 + 1
            12:07:00 cancel   o3   yes OrderCancelled o3 reason=CustomerChangedMind fault=Customer
                                       DeliveryCancelled o3
                                       PaymentCapturing o3 amount=600
            12:07:00 count    r1   gyoza Quantity 3 = 2 + 0 + 1
                                       large Quantity 1 = 1 + 0 + 0
                                       ramen Quantity 2 = 0 + 0 + 2
                                       tea Quantity 2 = 1 + 0 + 1
            12:07:00 bill     o3   1 gyoza 600; total 998 (revision 1); Capturing 600, back 0 + 0
                                       pays 600; kitchen paid; courier unpaid, call-out 0; fault Some(Customer)
            99:00:00 due      -    yes CourierMissing o1
            99:00:00 due      -    yes OrderCancelled o1 reason=NoCourier fault=Platform
                                       DeliveryCancelled o1
                                       PaymentVoiding o1
            99:00:00 due      -    yes PaymentStuck o3 status=Capturing
        "#]],
    );
}

#[test]
fn r22_one_ring_until_it_was_seen() {
    let mut script = Script::new();
    let told = script.run(
        "
        11:00:00  open    r1
        12:00:00  place   o1 at r1 by alice: 1 ramen
        12:00:00  seen    o1 by r1
        12:00:00  pay     o1
        12:00:10  seen    o1 by alice
        12:00:10  seen    o1 by r1
        12:00:11  again   -
        12:00:12  cancel  o1 by alice
        12:00:13  again   -
        12:00:13  seen    o1 by r1
        ",
    );
    expect![[r#"
        11:00:00 open     r1   yes
        12:00:00 place    o1   yes OrderPending o1 total=1598
        12:00:00 seen     o1   no  OrderUnknown
        12:00:00 pay      o1   yes PaymentAuthorized o1
                                   OrderPlaced o1 accept_by=12:05:00
        12:00:10 seen     o1   no  Forbidden
        12:00:10 seen     o1   yes OrderSeen o1
        12:00:11 again    -    yes (unchanged)
        12:00:12 cancel   o1   yes OrderCancelled o1 reason=CustomerChangedMind fault=Customer
                                   DeliveryCancelled o1
                                   PaymentVoiding o1
        12:00:13 again    -    yes (unchanged)
        12:00:13 seen     o1   yes (unchanged)
    "#]]
    .assert_eq(&told);
}
