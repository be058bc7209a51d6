//! What is said of what happens, how people want it, and what is kept of it.

use crate::cursor::Cursor;
use crate::entry::Actor;
use crate::ids::{AccountId, DeviceId, NoticeId};
use crate::notice::*;
use crate::outcome::Verdict;
use crate::script::{NUMBER, Script};
use crate::sealed::Sealed;
use crate::time::{MINUTE_MS, Timestamp};
use crate::{Command, Rejection};
use expect_test::expect;

fn about(wish: NoticeCommand) -> Command {
    Command::Notice(Box::new(wish))
}

/// Runs a script line by line: what each line leads to, and what is said of it there and then.
fn told(script: &mut Script, lines: &str) -> String {
    let mut said = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let from = script.city.feed.len();
        script.line(line);
        said += &format!("{line}\n");
        for (_, event) in &script.city.feed[from..] {
            for planned in planned(&script.city, event).unwrap() {
                let whom = whom(script, planned.whom);
                said += &format!("    {}: {} to {whom}\n", event.name(), planned.kind.name());
            }
        }
    }
    said
}

fn whom(script: &Script, whom: Whom) -> String {
    let name = |id: String| script.named(&id).unwrap_or("?").to_owned();
    match whom {
        Whom::Customer(id) | Whom::Person(id) => name(id.to_string()),
        Whom::Kitchen(id) => format!("the kitchen of {}", name(id.to_string())),
        Whom::Deciders(id) => format!("who decides at {}", name(id.to_string())),
        Whom::Courier(id) => name(id.to_string()),
        Whom::Operators => "operators".to_owned(),
    }
}

#[test]
fn what_is_said_of_a_life() {
    let mut script = Script::new();
    let said = told(
        &mut script,
        "
        11:00:00 open    r1
        11:00:00 courier carl
        12:00:00 place   o1 at r1 by alice: 1 ramen
        12:00:01 pay     o1
        12:00:46 due     -
        12:02:00 accept  o1 by r1
        12:02:01 offer   o1 to carl
        12:02:02 take    o1 by carl
        12:05:00 start   o1 by r1
        12:06:00 delay   o1 by r1 ready 12:30:00
        12:20:00 ready   o1 by r1
        12:25:00 pick_up o1 by carl
        12:30:00 at_door o1 by carl
        12:31:00 deliver o1 by carl
        12:31:01 pay     o1
        ",
    );
    expect![[r#"
        11:00:00 open    r1
        11:00:00 courier carl
        12:00:00 place   o1 at r1 by alice: 1 ramen
        12:00:01 pay     o1
            order.placed: kitchen_new to the kitchen of r1
        12:00:46 due     -
            order.alerted: kitchen_again to the kitchen of r1
        12:02:00 accept  o1 by r1
            order.accepted: order_accepted to alice
        12:02:01 offer   o1 to carl
            delivery.offered: courier_offer to carl
        12:02:02 take    o1 by carl
        12:05:00 start   o1 by r1
        12:06:00 delay   o1 by r1 ready 12:30:00
            order.delayed: order_delayed to alice
        12:20:00 ready   o1 by r1
            order.ready: courier_ready to carl
        12:25:00 pick_up o1 by carl
            delivery.picked_up: order_picked_up to alice
        12:30:00 at_door o1 by carl
            delivery.at_door: courier_at_door to alice
        12:31:00 deliver o1 by carl
            delivery.delivered: order_delivered to alice
        12:31:01 pay     o1
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_is_said_when_it_does_not_go_well() {
    let mut script = Script::new();
    let said = told(
        &mut script,
        "
        11:00:00 open    r1
        11:00:00 courier carl
        12:00:00 place   o1 at r1 by alice: 1 ramen
        12:00:01 pay     o1 declined
        12:00:00 place   o2 at r1 by alice cash: 1 ramen
        12:00:00 place   o3 at r1 by alice cash: 1 ramen
        12:00:00 place   o4 at r1 by alice cash: 1 ramen
        12:00:10 seen    o3 by r1
        12:00:45 due     -
        12:01:30 due     -
        12:01:40 reject  o2 by r1
        12:02:30 due     -
        12:03:00 due     -
        12:04:00 accept  o4 by r1
        12:04:01 offer   o4 to carl
        12:04:02 take    o4 by carl
        12:04:03 cancel  o4 by op for operator
        12:05:00 due     -
        ",
    );
    expect![[r#"
        11:00:00 open    r1
        11:00:00 courier carl
        12:00:00 place   o1 at r1 by alice: 1 ramen
        12:00:01 pay     o1 declined
            payment.failed: payment_declined to alice
        12:00:00 place   o2 at r1 by alice cash: 1 ramen
            order.placed: kitchen_new to the kitchen of r1
        12:00:00 place   o3 at r1 by alice cash: 1 ramen
            order.placed: kitchen_new to the kitchen of r1
        12:00:00 place   o4 at r1 by alice cash: 1 ramen
            order.placed: kitchen_new to the kitchen of r1
        12:00:10 seen    o3 by r1
        12:00:45 due     -
        12:01:30 due     -
            order.alerted: kitchen_again to the kitchen of r1
            order.alerted: kitchen_again to the kitchen of r1
        12:01:40 reject  o2 by r1
            order.rejected: order_rejected to alice
        12:02:30 due     -
            order.alerted: kitchen_sms to the kitchen of r1
        12:03:00 due     -
            order.alerted: kitchen_call to the kitchen of r1
        12:04:00 accept  o4 by r1
            order.accepted: order_accepted to alice
        12:04:01 offer   o4 to carl
            delivery.offered: courier_offer to carl
        12:04:02 take    o4 by carl
        12:04:03 cancel  o4 by op for operator
            order.cancelled: order_cancelled to alice
            order.cancelled: kitchen_cancelled to the kitchen of r1
            delivery.unassigned: courier_released to carl
        12:05:00 due     -
            order.alerted: operators_alert to operators
    "#]]
    .assert_eq(&said);
}

/// A leader that comes late does not ring for what was decided meanwhile.
#[test]
fn what_was_decided_is_not_rung_for() {
    let mut script = Script::new();
    script.run(
        "
        11:00:00 open    r1
        12:00:00 place   o1 at r1 by alice cash: 1 ramen
        12:03:00 due     -
        12:04:00 accept  o1 by r1
        ",
    );
    let city = &script.city;
    let said: Vec<_> =
        city.feed.iter().flat_map(|(_, event)| planned(city, event).unwrap()).collect();
    let kinds: Vec<_> = said.iter().map(|planned| planned.kind.name()).collect();
    assert_eq!(kinds, ["kitchen_new", "order_accepted"]);
    let order = city.orders.values().next().unwrap();
    assert!(!is_wanted(NoticeKind::KitchenSms, order), "one that waited for its provider");
    assert!(is_wanted(NoticeKind::OrderAccepted, order));
}

fn person(script: &mut Script, name: &str) -> (AccountId, Actor) {
    script.line(&format!("09:00:00 unban {name}"));
    let account_id = script.account_id(name);
    (account_id, Actor::Account { account_id, session_id: None, epoch: 0 })
}

#[test]
fn people_choose_and_have_ten_devices() {
    let mut script = Script::new();
    script.run("09:00:00 open r1\n09:00:00 place o1 at r1 by alice cash: 1 ramen");
    let (alice, actor) = person(&mut script, "alice");
    let wish = SetPreferences {
        language: Some("pt".to_owned()),
        channels: [(Topic::Orders, [Channel::Push].into())].into(),
        quiet: Some(crate::calendar::Range { from: 1320, to: 420 }),
    };
    let mut set = |wish: &SetPreferences| {
        script
            .propose(Timestamp(0), actor.clone(), about(NoticeCommand::Prefer(wish.clone())))
            .verdict
    };
    assert!(matches!(set(&wish), Verdict::Yes { changed: true, .. }));
    assert!(matches!(set(&wish), Verdict::Yes { changed: false, .. }));
    let quiet = Some(crate::calendar::Range { from: 60, to: 60 });
    let never = SetPreferences { quiet, ..wish.clone() };
    assert!(matches!(set(&never), Verdict::No(Rejection::FieldInvalid { .. })));
    let device =
        |number: u8| PutDevice { device_id: DeviceId([number; 16]), token: Sealed(vec![number]) };
    for number in 0..=10 {
        let put = about(NoticeCommand::PutDevice(device(number)));
        script.propose(Timestamp(i64::from(number)), actor.clone(), put);
    }
    let kept = |script: &Script| {
        let preferences = script.city.preferences[&alice].clone();
        preferences.devices.iter().map(|device| device.id.0[0]).collect::<Vec<_>>()
    };
    assert_eq!(kept(&script), (1..=10).collect::<Vec<_>>(), "the oldest makes room");
    let gone = vec![(alice, DeviceId([7; 16])), (alice, DeviceId([70; 16]))];
    let (from, to) = (Cursor::START, Cursor::START);
    let (keep, tried, forget) = (Vec::new(), Vec::new(), Vec::new());
    let record = RecordNotices { from, to, keep, tried, forget, gone };
    let record = about(NoticeCommand::Record(record));
    for changed in [true, false] {
        let verdict = script.propose(Timestamp(0), Actor::System, record.clone()).verdict;
        assert!(matches!(verdict, Verdict::Yes { changed: now, .. } if now == changed));
    }
    assert_eq!(kept(&script), [1, 2, 3, 4, 5, 6, 8, 9, 10]);
    let drop = about(NoticeCommand::DropDevice(DropDevice { device_id: DeviceId([5; 16]) }));
    for changed in [true, false] {
        let verdict = script.propose(Timestamp(0), actor.clone(), drop.clone()).verdict;
        assert!(matches!(verdict, Verdict::Yes { changed: now, .. } if now == changed));
    }
    assert_eq!(script.city.preferences[&alice].language.as_deref(), Some("pt"), "devices apart");
    let verdict =
        script.propose(Timestamp(0), Actor::System, about(NoticeCommand::Prefer(wish))).verdict;
    assert_eq!(verdict, Verdict::No(Rejection::Forbidden));
}

#[test]
fn a_restaurant_has_a_phone_of_its_own() {
    let mut script = Script::new();
    script.run("09:00:00 open r1\n09:00:00 grant mia manager at r1");
    let restaurant_id = script.restaurant_id("r1");
    let phone = |text: &str| {
        let number = Sealed(text.as_bytes().to_vec());
        Some(AlertPhone { number, digest: crate::script::digest(text) })
    };
    let (_, mia) = person(&mut script, "mia");
    let (_, cook) = person(&mut script, "r1");
    let mut set = |actor: &Actor, phone| {
        let command = about(NoticeCommand::Phone(SetAlertPhone { restaurant_id, phone }));
        script.propose(Timestamp(0), actor.clone(), command).verdict
    };
    assert_eq!(set(&cook, phone("1")), Verdict::No(Rejection::Forbidden));
    assert!(matches!(set(&mia, phone("1")), Verdict::Yes { changed: true, .. }));
    assert!(matches!(set(&mia, phone("1")), Verdict::Yes { changed: false, .. }));
    assert!(matches!(set(&mia, phone("2")), Verdict::Yes { changed: true, .. }));
    assert!(matches!(set(&mia, None), Verdict::Yes { changed: true, .. }));
    assert!(matches!(set(&mia, None), Verdict::Yes { changed: false, .. }));
}

fn cursor(index: u64) -> Cursor {
    Cursor { index, number: 0 }
}

fn notice(event: Cursor, next_at: Option<i64>) -> Notice {
    let to = Recipient::Account(AccountId([1; 16]));
    Notice {
        id: NoticeId::of(NUMBER, event, to, Channel::Sms),
        event,
        at: Timestamp(0),
        kind: NoticeKind::OrderCancelled,
        about: About::default(),
        to,
        channel: Channel::Sms,
        tries: 1,
        next_at: next_at.map(Timestamp),
        error: None,
        revision: 0,
    }
}

/// Two leaders who tell the same: the first word stands, whatever the second one has seen.
#[test]
fn what_two_leaders_tell_counts_once() {
    let mut script = Script::new();
    let mut record = |at: i64, wish: RecordNotices| {
        let command = about(NoticeCommand::Record(wish));
        script.propose(script.city.at.max(Timestamp(at)), Actor::System, command).verdict
    };
    let plain = |from, to| RecordNotices {
        from,
        to,
        keep: Vec::new(),
        tried: Vec::new(),
        forget: Vec::new(),
        gone: Vec::new(),
    };
    let late = notice(cursor(3), Some(9));
    let first = RecordNotices { keep: vec![late.clone()], ..plain(Cursor::START, cursor(5)) };
    assert!(matches!(record(1, first.clone()), Verdict::Yes { changed: true, .. }));
    assert!(matches!(record(1, first), Verdict::Yes { changed: false, .. }));
    let other = plain(Cursor::START, cursor(4));
    assert!(matches!(record(1, other), Verdict::No(Rejection::VersionChanged { .. })));
    let back = plain(cursor(5), cursor(4));
    assert!(matches!(record(1, back), Verdict::No(Rejection::FieldInvalid { .. })));

    let tried = |tries, result| RecordNotices {
        tried: vec![TriedNotice { id: late.id, tries, result }],
        ..plain(cursor(5), cursor(5))
    };
    let later = TryResult::Later { next_at: Timestamp(20), error: "no answer".to_owned() };
    assert!(matches!(record(2, tried(1, later.clone())), Verdict::Yes { changed: true, .. }));
    assert!(matches!(record(2, tried(1, later)), Verdict::Yes { changed: false, .. }));
    let given_up = TryResult::GivenUp { error: "no answer".to_owned() };
    assert!(matches!(record(2, tried(2, given_up)), Verdict::Yes { changed: true, .. }));
    // What was given up is nobody's to send, until an operator says so.
    assert!(matches!(record(2, tried(3, TryResult::Done)), Verdict::Yes { changed: false, .. }));
    assert_eq!(script.city.notices[&late.id].state(), NoticeState::Failed);
}

#[test]
fn what_was_given_up_is_tried_again_or_forgotten() {
    let mut script = Script::new();
    let (_, op) = person(&mut script, "op");
    let failed = notice(cursor(3), None);
    let keep = RecordNotices {
        from: Cursor::START,
        to: cursor(5),
        keep: vec![failed.clone()],
        tried: Vec::new(),
        forget: Vec::new(),
        gone: Vec::new(),
    };
    let mut propose = |days: i64, actor: &Actor, command: Command| {
        let at = script.city.at.plus_ms(days * 24 * 60 * MINUTE_MS);
        script.propose(at, actor.clone(), command).verdict
    };
    propose(0, &Actor::System, about(NoticeCommand::Record(keep.clone())));
    let retry = about(NoticeCommand::Retry(RetryNotice { notice_id: failed.id }));
    let refused = propose(0, &Actor::System, retry.clone());
    assert_eq!(refused, Verdict::No(Rejection::Forbidden));
    assert!(matches!(propose(0, &op, retry.clone()), Verdict::Yes { changed: true, .. }));
    assert!(matches!(propose(0, &op, retry.clone()), Verdict::Yes { changed: false, .. }));
    let tried = TriedNotice {
        id: failed.id,
        tries: 0,
        result: TryResult::GivenUp { error: "the number is not in use".to_owned() },
    };
    let none = RecordNotices { from: cursor(5), keep: Vec::new(), ..keep };
    let again = RecordNotices { tried: vec![tried], ..none.clone() };
    propose(0, &Actor::System, about(NoticeCommand::Record(again)));
    let forget = RecordNotices { forget: vec![failed.id], ..none };
    let forget = about(NoticeCommand::Record(forget));
    let early = propose(29, &Actor::System, forget.clone());
    assert!(matches!(early, Verdict::Yes { changed: false, .. }));
    assert!(matches!(propose(1, &Actor::System, forget), Verdict::Yes { changed: true, .. }));
    assert_eq!(propose(0, &op, retry), Verdict::No(Rejection::NoticeUnknown));
    assert!(script.city.notices.is_empty());
}

#[test]
fn a_message_has_one_name_whoever_plans_it() {
    let (account, device) = (AccountId([1; 16]), DeviceId([2; 16]));
    let event = Cursor { index: 7, number: 2 };
    let name = |event, to, channel| NoticeId::of(NUMBER, event, to, channel);
    let one = name(event, Recipient::Account(account), Channel::Sms);
    assert_eq!(one, name(event, Recipient::Account(account), Channel::Sms));
    for other in [
        name(event, Recipient::Account(account), Channel::Email),
        name(event, Recipient::Device(account, device), Channel::Push),
        name(Cursor { index: 7, number: 3 }, Recipient::Account(account), Channel::Sms),
        name(event, Recipient::Account(AccountId([3; 16])), Channel::Sms),
    ] {
        assert_ne!(one, other);
    }
}
