//! Events in order, without gaps; and a word to whoever comes too late.

use crate::city::City;
use domain::Event;
use domain::ids::AccountId;
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

#[test]
fn who_comes_too_late_is_told() {
    let mut city = city();
    let mut batch = city.writer.begin();
    batch.trim_feed(cursor(3, 0));
    city.record(&mut batch, [], []);
    city.commit(batch);
    let view = city.reader.view();
    for late in [Cursor::START, cursor(2, 0), Cursor::after_entry(2)] {
        let Err(Error::BehindRetention { oldest }) = view.feed(late, 10) else {
            panic!("{late} is behind")
        };
        assert_eq!(oldest, cursor(3, 0));
    }
    let page = view.feed(cursor(3, 0), 10).unwrap();
    assert_eq!((page.events[0].cursor, page.oldest), (cursor(3, 1), cursor(3, 0)));
    assert_eq!(page.events.len(), 4);
}
