//! Webhooks: who may have them, how far each has come, and when the next try is due.

use crate::script::{Script, check};
use crate::time::{DAY_MS, HOUR_MS};
use crate::webhook::{ATTEMPTS_AFTER_MS, covers};
use expect_test::expect;

#[test]
fn managers_have_them_for_their_restaurant_and_operators_for_the_city() {
    check(
        "
        10:00  open     r1
        10:00  grant    mia manager at r1
        10:01  webhook  w1 by mia for r1: order.*, stock.changed
        10:01  again    -
        10:01  webhook  w1 by mia for r1 asks other: order.*
        10:01  webhook  w2 by mia
        10:01  webhook  w2 by r1 for r1
        10:01  webhook  w2 by mia for r9
        10:01  webhook  w2 by system
        10:02  webhook  w2: *
        10:02  webhook  w3: Order.*
        10:02  webhook  w3: *.placed
        10:02  webhook  w3 after 99.0
        10:03  rehook   w2 by mia off
        10:03  rehook   w1 by mia if 9 off
        10:03  rehook   w1 by mia if 1 off
        10:03  again    -
        10:03  rehook   w1 off
        10:04  hook     w1
        10:04  unhook   w2 by mia
        10:04  unhook   w1 by mia
        10:04  again    -
        10:04  hook     w1
        ",
        expect![[r#"
            10:00:00 open     r1   yes
            10:00:00 grant    mia  yes StaffGranted r1 mia
            10:01:00 webhook  w1   yes WebhookPut w1 r1 version=1
            10:01:00 again    -    yes (unchanged)
            10:01:00 webhook  w1   no  IdReused
            10:01:00 webhook  w2   no  Forbidden
            10:01:00 webhook  w2   no  Forbidden
            10:01:00 webhook  w2   no  RestaurantUnknown
            10:01:00 webhook  w2   no  Forbidden
            10:02:00 webhook  w2   yes WebhookPut w2 None version=1
            10:02:00 webhook  w3   no  FieldInvalid /types/0: a type of the feed, as in order.placed, order.* or *
            10:02:00 webhook  w3   no  FieldInvalid /types/0: a type of the feed, as in order.placed, order.* or *
            10:02:00 webhook  w3   no  FieldInvalid /after: the id of an event of the feed, or a log index
            10:03:00 rehook   w2   no  WebhookUnknown
            10:03:00 rehook   w1   no  VersionChanged version=1
            10:03:00 rehook   w1   yes WebhookPut w1 r1 version=2
            10:03:00 again    -    yes (unchanged)
            10:03:00 rehook   w1   yes (unchanged)
            10:04:00 hook     w1   off ByHand 10:03:00, v2, done 8, 0 taken 0 not 0 given up 0 gaps, secrets 1
            10:04:00 unhook   w2   no  WebhookUnknown
            10:04:00 unhook   w1   yes WebhookDropped w1 r1
            10:04:00 again    -    no  WebhookUnknown
            10:04:00 hook     w1   nothing
        "#]],
    );
}

#[test]
fn successes_are_recorded_together_and_what_was_not_seen_wins() {
    check(
        "
        10:00  webhook  w1
        10:00  webhook  w1 by alice
        10:01  tell     w1 to 4.1 count 3 by op
        10:01  tell     w1 to 3.0 from 3.0
        10:01  tell     w1 from 2.4294967295 to 4.1 count 3
        10:01  tell     w1 from 2.4294967295 to 4.1 count 3
        10:01  hook     w1
        10:02  tell     w1 to 3.0
        10:02  tell     w1 to 99.0
        10:03  replay   w1 after 2.0
        10:03  again    -
        10:03  replay   w1 after 99.0
        10:04  tell     w1 from 4.1 to 5.0 count 1
        10:05  replay   w1 only 4.1
        10:05  again    -
        10:05  replay   w1 only 99.0
        10:06  tell     w1 again 4.2
        10:06  tell     w1 again 4.1 count 1
        10:06  hook     w1
        10:07  tell     w1 gap 5.0
        10:07  hook     w1
        ",
        expect![[r#"
            10:00:00 webhook  w1   yes WebhookPut w1 None version=1
            10:00:00 webhook  w1   no  Forbidden
            10:01:00 tell     w1   no  Forbidden
            10:01:00 tell     w1   no  VersionChanged version=1
            10:01:00 tell     w1   yes
            10:01:00 tell     w1   no  VersionChanged version=1
            10:01:00 hook     w1   on, v1, done 4.1, 3 taken 0 not 0 given up 0 gaps, secrets 1
            10:02:00 tell     w1   no  FieldInvalid /to: a place behind `from` that the feed has reached
            10:02:00 tell     w1   no  FieldInvalid /to: a place behind `from` that the feed has reached
            10:03:00 replay   w1   yes WebhookReplayed w1 None
            10:03:00 again    -    yes (unchanged)
            10:03:00 replay   w1   no  FieldInvalid /after: the id of an event of the feed, or a log index
            10:04:00 tell     w1   no  VersionChanged version=1
            10:05:00 replay   w1   yes WebhookReplayed w1 None
            10:05:00 again    -    yes (unchanged)
            10:05:00 replay   w1   no  FieldInvalid /event: the id of an event of the feed
            10:06:00 tell     w1   no  FieldInvalid /end/again/event: the first event of the queue
            10:06:00 tell     w1   yes
            10:06:00 hook     w1   on, v1, done 2.0, 4 taken 0 not 0 given up 0 gaps, secrets 1
            10:07:00 tell     w1   yes WebhookGap w1 None after=2.0 oldest=5.0
            10:07:00 hook     w1   on, v1, done 5.0, 4 taken 0 not 0 given up 1 gaps, secrets 1
        "#]],
    );
}

#[test]
fn a_failure_waits_as_long_as_the_schedule_says() {
    check(
        "
        10:00  webhook  w1
        10:01  tell     w1 to 3.0 count 1 fails 3.1 answer 500
        10:01  hook     w1
        10:02  tell     w1 fails 3.1 tried 0
        10:02  tell     w1 fails 3.1 spread 100
        10:02  hook     w1
        10:03  tell     w1 fails 3.1 spread 101
        10:03  tell     w1 fails 3.1 answer 503 wait 3600
        10:03  hook     w1
        10:03  tell     w1 fails 3.1 wait 86401
        10:04  tell     w1 fails 3.0
        10:05  rehook   w1 to https://example.org/new
        10:05  hook     w1
        10:06  tell     w1 fails 3.1
        10:07  tell     w1 to 4.0 count 1
        10:07  hook     w1
        10:08  tell     w1 fails 5.0 answer 410
        10:08  hook     w1
        10:09  rehook   w1 on
        10:09  hook     w1
        10:10  tell     w1 to 9.0
        10:10  hook     w1
        ",
        expect![[r#"
            10:00:00 webhook  w1   yes WebhookPut w1 None version=1
            10:01:00 tell     w1   yes
            10:01:00 hook     w1   on, v1, done 3.0, 3.1 failed 1x since 10:01:00, next 10:01:05, 1 taken 1 not 0 given up 0 gaps, secrets 1
            10:02:00 tell     w1   no  VersionChanged version=1
            10:02:00 tell     w1   yes
            10:02:00 hook     w1   on, v1, done 3.0, 3.1 failed 2x since 10:01:00, next 10:02:33, 1 taken 2 not 0 given up 0 gaps, secrets 1
            10:03:00 tell     w1   no  FieldInvalid /end/failed/spread_permille: a number from -100 to 100
            10:03:00 tell     w1   yes
            10:03:00 hook     w1   on, v1, done 3.0, 3.1 failed 3x since 10:01:00, next 11:03:00, 1 taken 3 not 0 given up 0 gaps, secrets 1
            10:03:00 tell     w1   no  FieldInvalid /end/failed/retry_after_ms: a number from 0 to 86400000
            10:04:00 tell     w1   no  FieldInvalid /end/failed/event: an event of the feed behind `to`
            10:05:00 rehook   w1   yes WebhookPut w1 None version=2
            10:05:00 hook     w1   on, v2, done 3.0, 1 taken 3 not 0 given up 0 gaps, secrets 1
            10:06:00 tell     w1   yes
            10:07:00 tell     w1   yes
            10:07:00 hook     w1   on, v2, done 4.0, 2 taken 4 not 0 given up 0 gaps, secrets 1
            10:08:00 tell     w1   yes WebhookTurnedOff w1 None op why=Gone
            10:08:00 hook     w1   off Gone 10:08:00, v2, done 4.0, 2 taken 5 not 0 given up 0 gaps, secrets 1
            10:09:00 rehook   w1   yes WebhookPut w1 None version=3
            10:09:00 hook     w1   on, v3, done 4.0, 2 taken 5 not 0 given up 0 gaps, secrets 1
            10:10:00 tell     w1   yes
            10:10:00 hook     w1   on, v3, done 9.0, 2 taken 5 not 0 given up 0 gaps, secrets 1
        "#]],
    );
}

/// All attempts at one event, then the next; no success for five days, and it is off.
#[test]
fn an_event_is_given_up_after_three_days_and_the_webhook_after_five() {
    let mut script = Script::new();
    script.run("10:00  webhook  w1");
    let id = script.webhook_id("w1");
    let started = script.city.at;
    let mut seconds = 10 * 3_600;
    let mut told = String::new();
    let mut event = 4;
    for _ in 0..100 {
        let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
        let line = format!("{hours}:{minutes}:{}  tell w1 fails {event}.0", seconds % 60);
        let said = script.line(&line);
        let webhook = &script.city.webhooks[&id];
        if said.contains("GaveUp") {
            told += &said;
            event += 1;
        }
        if !webhook.is_on() {
            told += &said;
            break;
        }
        // A given up event is followed by the next one at once.
        let due = webhook.failing.map_or(script.city.at, |failing| failing.next_at);
        seconds += due.ms_since(script.city.at) / 1_000;
    }
    told += &script.line(&format!("{}:0  hook w1", seconds / 3_600 + 1));
    expect![[r#"
        80:42:35 tell     w1   yes WebhookGaveUp w1 None event=4.0
        151:25:10 tell     w1   yes WebhookGaveUp w1 None event=5.0
                                   WebhookTurnedOff w1 None op why=Failing
        151:25:10 tell     w1   yes WebhookGaveUp w1 None event=5.0
                                   WebhookTurnedOff w1 None op why=Failing
        152:00:00 hook     w1   off Failing 151:25:10, v1, done 5.0, 0 taken 24 not 2 given up 0 gaps, secrets 1
    "#]]
    .assert_eq(&told);
    let off_after = script.city.at.ms_since(started);
    assert!((5 * DAY_MS..8 * DAY_MS).contains(&off_after), "{off_after}");
    let all: i64 = ATTEMPTS_AFTER_MS.iter().sum();
    assert_eq!(all / HOUR_MS, 70, "about 71 hours");
}

#[test]
fn two_secrets_sign_for_a_day() {
    check(
        "
        10:00  webhook  w1
        10:01  resecret w1 key a by alice
        10:01  resecret w1 key a
        10:01  again    -
        10:02  hook     w1
        34:00  hook     w1
        34:00  tell     w1
        34:00  hook     w1
        34:01  tell     w1
        34:01  hook     w1
        ",
        expect![[r#"
            10:00:00 webhook  w1   yes WebhookPut w1 None version=1
            10:01:00 resecret w1   no  WebhookUnknown
            10:01:00 resecret w1   yes WebhookRotated w1 None until=34:01:00
            10:01:00 again    -    yes (unchanged)
            10:02:00 hook     w1   on, v2, done 2, 0 taken 0 not 0 given up 0 gaps, secrets 2
            34:00:00 hook     w1   on, v2, done 2, 0 taken 0 not 0 given up 0 gaps, secrets 2
            34:00:00 tell     w1   yes
            34:00:00 hook     w1   on, v2, done 2, 0 taken 0 not 0 given up 0 gaps, secrets 2
            34:01:00 tell     w1   yes
            34:01:00 hook     w1   on, v2, done 2, 0 taken 0 not 0 given up 0 gaps, secrets 1
        "#]],
    );
}

#[test]
fn there_is_a_limit() {
    let mut script = Script::new();
    script.run("10:00  open r1");
    let said: Vec<String> =
        (0..11).map(|n| script.line(&format!("10:01  webhook w{n} for r1"))).collect();
    assert!(said[9].contains("yes"), "{}", said[9]);
    assert!(said[10].contains("no  WebhooksTooMany at_most=10"), "{}", said[10]);
    script.run("10:02  unhook w3");
    assert!(script.line("10:03  webhook w10 for r1").contains("yes"));
    assert!(script.line("10:03  webhook w11").contains("yes"), "the city has its own");
}

#[test]
fn patterns() {
    assert!(covers("*", "order.placed") && covers("order.*", "order.placed"));
    assert!(covers("order.placed", "order.placed") && !covers("order.place", "order.placed"));
    assert!(!covers("order.*", "orders.placed") && !covers("payment.*", "order.placed"));
}
