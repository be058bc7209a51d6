//! What the leader finds to do, in order, and nothing that was done.

use crate::city::City;
use crate::samples;
use domain::Write;
use domain::deadline::{Deadline, Due};
use domain::delivery::DeliveryStatus;
use domain::ids::{DeliveryId, NoticeId, OrderId};
use domain::notice::{Channel, NoticeState};
use domain::payment::WorkId;
use domain::time::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn deadline(at: i64, number: u8) -> Deadline {
    Deadline { due_at: Timestamp(at), due: Due::AcceptBy(OrderId([number; 16])) }
}

#[test]
fn deadlines_come_when_they_are_due() {
    let mut city = City::new();
    let (early, late, earlier) = (deadline(10, 1), deadline(20, 2), deadline(5, 3));
    city.apply([Write::Deadline(late), Write::Deadline(early)]);
    let due = |city: &City, until| city.reader.deadlines_due(Timestamp(until), 10).unwrap();
    assert_eq!(due(&city, 9), []);
    assert_eq!(due(&city, 10), [early], "at the moment itself");
    assert_eq!(due(&city, 99), [early, late]);
    assert_eq!(city.reader.next_deadline().unwrap(), Some(Timestamp(10)));
    city.apply([Write::DropDeadline(early)]);
    assert_eq!(due(&city, 99), [late]);
    city.apply([Write::Deadline(earlier)]);
    assert_eq!(due(&city, 99), [earlier, late], "one that comes late but is due early");
    assert_eq!(city.reader.deadlines_due(Timestamp(99), 1).unwrap(), [earlier]);
}

#[test]
fn work_stays_until_it_is_done() {
    let mut city = City::new();
    let id = |index| WorkId { index, number: 0 };
    city.apply((1..=4).map(|index| Write::Work(id(index), samples::work())));
    let ids = |city: &City, after| {
        let found = city.reader.outbox(after, 10).unwrap();
        assert!(found.iter().all(|(_, work)| *work == samples::work()));
        found.into_iter().map(|(id, _)| id.index).collect::<Vec<_>>()
    };
    assert_eq!(ids(&city, None), [1, 2, 3, 4]);
    assert_eq!(ids(&city, Some(id(2))), [3, 4]);
    city.apply([Write::DropWork(id(1)), Write::DropWork(id(3))]);
    assert_eq!(ids(&city, None), [2, 4]);
    city.writer.flush().unwrap();
    let city = city.reopen();
    assert_eq!(ids(&city, None), [2, 4]);
}

#[test]
fn a_delivery_is_open_while_nobody_has_it() {
    let mut city = City::new();
    let delivery = |number: u8, ready_at, status| {
        let mut delivery = samples::delivery();
        delivery.id = DeliveryId([number; 16]);
        delivery.ready_at = Timestamp(ready_at);
        delivery.status = status;
        Write::Delivery(delivery.into())
    };
    let open = |city: &City| -> Vec<u8> {
        city.reader.open_deliveries(10).unwrap().iter().map(|found| found.id.0[0]).collect()
    };
    let courier_id = samples::courier().id;
    city.apply([delivery(1, 50, DeliveryStatus::Unassigned)]);
    city.apply([delivery(2, 40, DeliveryStatus::Unassigned)]);
    city.apply([delivery(3, 30, DeliveryStatus::Waiting)]);
    assert_eq!(open(&city), [2, 1]);
    city.apply([delivery(2, 60, DeliveryStatus::Unassigned)]);
    assert_eq!(open(&city), [1, 2], "the kitchen said later");
    city.apply([delivery(1, 50, DeliveryStatus::Assigned { courier_id })]);
    assert_eq!(open(&city), [2]);
    city.apply([delivery(1, 50, DeliveryStatus::Unassigned)]);
    assert_eq!(open(&city), [1, 2], "and back");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Looking in between moves the bound of the queue; it must never hide anything.
    #[test]
    fn the_queue_is_what_was_put_and_not_dropped(
        history in prop::collection::vec((0..20i64, any::<bool>(), any::<bool>()), 1..80),
    ) {
        let mut city = City::new();
        let mut model = BTreeSet::new();
        for (at, put, look) in history {
            let deadline = deadline(at, 0);
            if put {
                model.insert(deadline);
                city.apply([Write::Deadline(deadline)]);
            } else {
                model.remove(&deadline);
                city.apply([Write::DropDeadline(deadline)]);
            }
            if look {
                let found = city.reader.deadlines_due(Timestamp(15), 100).unwrap();
                let due = model.iter().copied().filter(|d| d.due_at <= Timestamp(15));
                prop_assert_eq!(found, due.collect::<Vec<_>>());
            }
        }
        let all = city.reader.deadlines_due(Timestamp(99), 100).unwrap();
        prop_assert_eq!(all, model.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn messages_wait_for_their_moment_or_are_given_up() {
    let mut city = City::new();
    let notice = |number: u8, next_at: Option<i64>| {
        let mut notice = samples::notice();
        notice.id = NoticeId([number; 16]);
        notice.at = Timestamp(number.into());
        notice.next_at = next_at.map(Timestamp);
        Write::Notice(notice.into())
    };
    city.apply([notice(1, Some(20)), notice(2, Some(10)), notice(3, None), notice(4, None)]);
    let due = |city: &City, until| {
        let due = city.reader.notices_due(Channel::Push, Timestamp(until), 10).unwrap();
        due.iter().map(|notice| notice.id.0[0]).collect::<Vec<_>>()
    };
    let other = city.reader.notices_due(Channel::Sms, Timestamp(99), 10).unwrap();
    assert_eq!(other, [], "each channel has a queue of its own");
    let listed = |city: &City, states: &[NoticeState]| {
        let page = city.reader.view().notices(states, None, 10).unwrap();
        page.notices.iter().map(|notice| notice.id.0[0]).collect::<Vec<_>>()
    };
    assert_eq!((due(&city, 9), due(&city, 10), due(&city, 20)), (vec![], vec![2], vec![2, 1]));
    assert_eq!(listed(&city, &[NoticeState::Failed]), [4, 3]);
    assert_eq!(listed(&city, &[]), [4, 3, 2, 1]);
    let old = city.reader.view().failed_before(Timestamp(3), 10).unwrap();
    assert_eq!(old, [NoticeId([3; 16])]);
    city.apply([notice(2, None), Write::DropNotice(NoticeId([4; 16])), notice(3, Some(5))]);
    assert_eq!(due(&city, 99), [3, 1]);
    assert_eq!(listed(&city, &[NoticeState::Failed]), [2]);
    city.writer.flush().unwrap();
    let city = city.reopen();
    assert_eq!(due(&city, 99), [3, 1]);
}
