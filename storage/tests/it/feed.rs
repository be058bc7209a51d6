//! Events in order, without gaps; and a word to whoever comes too late.

use crate::city::City;
use domain::ids::AccountId;
use domain::time::Timestamp;
use domain::{Event, View, Write};
use storage::{Cursor, Error};

fn event(number: u8) -> Event {
    Event::AccountSignedUp { account_id: AccountId([number; 16]) }
}

/// Entries 1 to 6, with 0, 1, 2, 0, 1, 2 events.
fn city() -> City {
    let mut city = City::new();
    for index in 1..=6u8 {
        city.apply_with([], (0..(index - 1) % 3).map(|number| event(index * 10 + number)));
    }
    city
}

fn cursor(index: u64, number: u32) -> Cursor {
    Cursor { index, number }
}

#[test]
fn pages_continue_where_they_ended() {
    let city = city();
    let view = city.reader.view();
    let (mut after, mut text) = (Cursor::START, String::new());
    loop {
        let page = view.feed(after, 2).unwrap();
        if page.events.is_empty() {
            assert_eq!(page.next, after, "nothing new: ask again with the same cursor");
            break;
        }
        for told in &page.events {
            let Event::AccountSignedUp { account_id } = told.event else { unreachable!() };
            text += &format!("{} at {} {}\n", told.cursor, told.at.0, account_id.0[0]);
        }
        text += "--\n";
        after = page.next;
    }
    expect_test::expect![[r#"
        2.0 at 2000 20
        3.0 at 3000 30
        --
        3.1 at 3000 31
        5.0 at 5000 50
        --
        6.0 at 6000 60
        6.1 at 6000 61
        --
    "#]]
    .assert_eq(&text);
    let behind_entry = view.feed(Cursor::after_entry(3), 10).unwrap();
    assert_eq!(behind_entry.events[0].cursor, cursor(5, 0), "a bare index: after all of it");
}

/// R32: a cursor that the feed does not reach back to is told so; never a quiet gap.
#[test]
fn r32_who_comes_too_late_is_told() {
    let mut city = city();
    city.apply([Write::TrimFeed(3)]);
    let check = |city: &City| {
        let view = city.reader.view();
        assert_eq!(view.feed_oldest().unwrap(), Cursor::after_entry(3));
        for late in [Cursor::START, cursor(2, 0), Cursor::after_entry(2), cursor(3, 0)] {
            let Err(Error::BehindRetention { oldest }) = view.feed(late, 10) else {
                panic!("{late} is behind")
            };
            assert_eq!(oldest, Cursor::after_entry(3));
        }
        // The boundary itself, and places where nothing stands, have nothing missing behind them.
        for place in [Cursor::after_entry(3), cursor(4, 0), Cursor::after_entry(4)] {
            let page = view.feed(place, 10).unwrap();
            assert_eq!((page.events[0].cursor, page.events.len()), (cursor(5, 0), 3), "{place}");
        }
        let ahead = view.feed(cursor(99, 0), 10).unwrap();
        assert_eq!((ahead.events.len(), ahead.next), (0, cursor(99, 0)), "ahead is not behind");
    };
    check(&city);

    // What a replica that was away gets instead of the log says the same.
    let snapshot = city.dir.path().join("snapshot");
    city.writer.checkpoint(&snapshot).unwrap();
    let other = City::new();
    other.writer.install(&snapshot).unwrap();
    check(&other);
    city.writer.flush().unwrap();
    check(&city.reopen());
}

#[test]
fn a_trim_sees_the_one_before_it_in_the_same_batch() {
    let mut city = city();
    let mut batch = city.writer.begin();
    city.record(&mut batch, [Write::TrimFeed(2)], []);
    assert_eq!(batch.feed_trimmed().unwrap(), 2);
    city.record(&mut batch, [Write::TrimFeed(5)], [event(80)]);
    assert_eq!(batch.feed_trimmed().unwrap(), 5);
    city.commit(batch);
    let view = city.reader.view();
    assert_eq!(view.feed_trimmed().unwrap(), 5);
    let places = view.feed(Cursor::after_entry(5), 10).unwrap().events;
    let places: Vec<_> = places.iter().map(|event| event.cursor.to_string()).collect();
    assert_eq!(places, ["6.0", "6.1", "8.0"]);
}

#[test]
fn what_is_old_enough_is_found_by_whole_entries() {
    let mut city = city();
    let older = |city: &City, seconds: i64, most| {
        city.reader.view().feed_older_than(Timestamp(seconds * 1_000), most).unwrap()
    };
    let found = [0, 2, 3, 4, 6, 7].map(|seconds| older(&city, seconds, 100));
    assert_eq!(found, [None, None, Some(2), Some(3), Some(5), Some(6)]);
    assert_eq!(older(&city, 7, 2), Some(3), "no farther than it may look");
    city.apply([Write::TrimFeed(5)]);
    assert_eq!([older(&city, 6, 100), older(&city, 7, 100)], [None, Some(6)]);
}
