//! Webhooks from end to end: what is told to whom, in which order, when it is told again, and where
//! nothing is sent.

use crate::city::{City, Setup, Turned, until};
use crate::http::{Api, send};
use crate::people::{Kitchen, Person, order};
use crate::receiver::{Got, Receiver, Reply};
use api::codes::Code;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::time::Timestamp;
use domain::webhook::ATTEMPTS_AFTER_MS;
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const PLAIN: &str = "[webhooks]\nplain_on_loopback = true";

/// Receivers are on this machine.
fn plain() -> Setup {
    Setup { tables: PLAIN.to_owned(), ..Setup::default() }
}

/// Makes a webhook and gives its id and its secret.
async fn hook(api: &Api, body: Value) -> (String, String) {
    let made = api.post("/v1/webhooks", body).await.ok(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("webhook_id"), text("secret"))
}

async fn shown(api: &Api, id: &str) -> Value {
    api.get(&format!("/v1/webhooks/{id}")).await.ok(200)
}

/// How many entries of the log it took to write down what a webhook was told.
async fn recorded(api: &Api, id: &str) -> usize {
    let (mut count, mut from) = (0, 1);
    loop {
        let page = api.get(&format!("/v1/admin/audit?from={from}&limit=100")).await.ok(200);
        let entries = page.as_array().unwrap();
        let Some(last) = entries.last() else { return count };
        let of_it =
            |entry: &&Value| entry["command"] == "record_deliveries" && entry["subject"] == id;
        count += entries.iter().filter(of_it).count();
        from = last["index"].as_u64().unwrap() + 1;
    }
}

/// The whole feed, as an operator reads it.
async fn feed(api: &Api) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let page = api.get(&format!("/v1/events?after={after}")).await.ok(200);
        let events = page["events"].as_array().unwrap();
        if events.is_empty() {
            return all;
        }
        all.extend(events.iter().cloned());
        after = page["next"].as_str().unwrap().to_owned();
    }
}

fn checks(secret: &str, got: &Got) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{}", got.id, got.timestamp_s, got.body);
    got.signature.split(' ').any(|one| {
        let tag = STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    })
}

/// An event that everybody's webhook wants, without a kitchen: somebody signs up.
async fn something_happens(city: &City) -> Person {
    city.somebody().await
}

async fn ordered(city: &City, ana: &Person, kitchen: &Kitchen) -> String {
    let placed = city.by(2, ana).post("/order", order(kitchen, 2)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/restaurant/{}/order/{id}/status", kitchen.id);
    until("the kitchen sees it", async || {
        let accepted = json!({"status": "accepted"});
        (city.by(3, &kitchen.staff).patch(&path, accepted).await.status == 200).then_some(())
    })
    .await;
    id
}

/// An operator is told everything, a manager what their restaurant may see, both just as the feed
/// has it, and signed.
#[tokio::test(flavor = "multi_thread")]
async fn each_owner_is_told_what_they_may_see_as_the_feed_has_it() {
    let city = City::start_as(&plain()).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let other = city.kitchen(&founder, "Noodle Bar").await;
    let (all, theirs, typed) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let by_founder = city.by(1, &founder);
    let begun = std::time::Instant::now();
    let (whole, secret) =
        hook(&by_founder, json!({"url": all.url("/a?key=x"), "after": "0"})).await;
    let manager = city.by(2, &kitchen.staff);
    let body = json!({"url": theirs.url("/b"), "restaurant_id": kitchen.id});
    let (own, own_secret) = hook(&manager, body.clone()).await;
    let few = json!({"url": typed.url("/c"), "types": ["order.placed"], "restaurant_id": other.id});
    hook(&by_founder, few).await;
    assert_ne!(secret, own_secret);

    let ana = city.somebody().await;
    let ours = ordered(&city, &ana, &kitchen).await;
    let their = ordered(&city, &ana, &other).await;

    // The city's: every event, in order, each the same as in the feed.
    let events = feed(&by_founder).await;
    let got = all.has(events.len()).await;
    for (event, got) in events.iter().zip(&got) {
        assert_eq!(&got.event(), event);
        assert_eq!(got.id, format!("msg_{}", event["id"].as_str().unwrap().replace('.', "_")));
        assert_eq!(got.path, "/a");
        assert!(checks(&secret, got) && !checks(&own_secret, got), "{got:?}");
    }
    // Two entries a second, however many events there are.
    let costs = recorded(&by_founder, &whole).await;
    let halves = begun.elapsed().as_millis() / 500;
    assert!(costs as u128 <= halves + 1, "{costs} entries in {halves} half seconds");
    // The kitchen's: no pending order, no money, nothing of the other kitchen.
    let told = until("the manager is told", async || {
        let told: Vec<Value> = theirs.got().iter().map(Got::event).collect();
        let accepted = told.iter().any(|event| event["type"] == "order.accepted");
        accepted.then_some(told)
    })
    .await;
    let types: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types[..2], ["order.placed", "order.accepted"], "{types:?}");
    assert!(told.iter().all(|event| event["data"]["order_id"] == ours), "{told:?}");
    assert!(theirs.got().iter().all(|got| checks(&own_secret, got)));
    let few = typed.has(1).await;
    assert_eq!(few[0].event()["subject"], their);
    assert_eq!(few.len(), 1);

    // What it has cost and what came of it can be seen, by those whose it is.
    let seen = until("the cursor is written down", async || {
        let seen = shown(&manager, &own).await;
        (seen["delivered"].as_u64()? >= 2).then_some(seen)
    })
    .await;
    assert_eq!(
        (&seen["state"], &seen["failed"], &seen["url"]),
        (&json!("on"), &json!(0), &json!(theirs.url("/b")),)
    );
    let attempts = manager.get(&format!("/v1/webhooks/{own}/attempts")).await.ok(200);
    assert_eq!(
        (&attempts["data"][0]["status"], &attempts["data"][0]["taken"]),
        (&json!(204), &json!(true))
    );
    let unknown = manager.get(&format!("/v1/webhooks/{whole}")).await;
    assert_eq!(unknown.code(), Code::WebhookUnknown);
    assert_eq!(city.by(3, &ana).post("/v1/webhooks", body).await.code(), Code::Forbidden);
    assert_eq!(manager.get("/v1/webhooks").await.code(), Code::Forbidden);
    let list = manager.get(&format!("/v1/webhooks?restaurant_id={}", kitchen.id)).await.ok(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0].get("secret"), None, "shown once");

    once_more(&manager, &theirs, &own, &own_secret).await;
    city.end().await;
}

/// Tests, replays, a new secret, the end.
async fn once_more(manager: &Api, theirs: &Receiver, own: &str, secret: &str) {
    let path = format!("/v1/webhooks/{own}");
    let before = theirs.got();
    let tested = manager.post(&format!("{path}/test"), json!({})).await.ok(200);
    assert_eq!((&tested["status"], &tested["taken"]), (&json!(204), &json!(true)), "{tested}");
    let test = theirs.has(before.len() + 1).await.pop().unwrap();
    assert_eq!(test.event()["type"], "webhook.test");
    assert!(checks(secret, &test));

    let one = before[0].event()["id"].as_str().unwrap().to_owned();
    manager.post(&format!("{path}/replay"), json!({"event": one})).await.ok(200);
    let again = until("it is told again", async || {
        let told = theirs.got().into_iter().skip(before.len() + 1);
        told.into_iter().find(|got| got.id == before[0].id)
    })
    .await;
    assert_eq!(again.body, before[0].body);
    // An event that is there, and not for this kitchen.
    let strange = manager.post(&format!("{path}/replay"), json!({"event": "1.0"})).await;
    assert_eq!(strange.code(), Code::FieldInvalid);

    let rotate = |key: &str| {
        let request = manager.request(Method::POST, &format!("{path}/rotate"));
        send(request.header("idempotency-key", key.to_owned()))
    };
    let fresh = rotate("k1").await.ok(200);
    let newer = fresh["secret"].as_str().unwrap().to_owned();
    assert_ne!(newer, secret);
    assert!(fresh["old_secret_until"].is_string(), "{fresh}");
    assert_eq!(rotate("k1").await.ok(200)["secret"], newer, "a repeat makes no third one");
    let count = theirs.got().len();
    manager.post(&format!("{path}/test"), json!({})).await.ok(200);
    let test = theirs.has(count + 1).await.pop().unwrap();
    assert_eq!(test.signature.split(' ').count(), 2);
    assert!(checks(secret, &test) && checks(&newer, &test));
    the_reference_agrees(&[(&newer, &test), (secret, &test)]);

    let off = manager.patch(&path, json!({"state": "off", "types": ["order.*"]})).await.ok(200);
    assert_eq!((&off["state"], &off["off"]["why"]), (&json!("off"), &json!("by_hand")));
    send(manager.request(Method::DELETE, &path)).await.ok(200);
    assert_eq!(manager.get(&path).await.code(), Code::WebhookUnknown);
}

/// The library that receivers use says the same.
fn the_reference_agrees(signed: &[(&str, &Got)]) {
    let home = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let home = home.or(std::env::home_dir().map(|home| home.join(".cache"))).unwrap();
    let python = home.join("fd/peers/standardwebhooks/bin/python");
    if !python.exists() {
        eprintln!("skipped: no {} (cargo xtask test installs it)", python.display());
        return;
    }
    let program = "
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
for line in json.load(sys.stdin):
    headers = {name: line[name] for name in ('webhook-id', 'webhook-timestamp', 'webhook-signature')}
    Webhook(line['secret']).verify(line['body'], headers)
    try:
        Webhook(line['secret']).verify(line['body'] + ' ', headers)
        sys.exit('another body was taken')
    except WebhookVerificationError:
        pass
";
    let lines: Vec<Value> = signed
        .iter()
        .map(|(secret, got)| {
            json!({"secret": secret, "webhook-id": got.id, "body": got.body,
                "webhook-timestamp": got.timestamp_s.to_string(),
                "webhook-signature": got.signature})
        })
        .collect();
    let input = std::env::temp_dir().join(format!("fd-webhooks-{}.json", std::process::id()));
    std::fs::write(&input, serde_json::to_vec(&lines).unwrap()).unwrap();
    let stdin = std::fs::File::open(&input).unwrap();
    let ran = std::process::Command::new(python).args(["-c", program]).stdin(stdin).output();
    std::fs::remove_file(input).unwrap();
    let ran = ran.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn moment(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<Timestamp>().unwrap().0
}

/// Three days of a receiver that fails, then one that is busy, redirects, and is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_told_again_as_the_schedule_says() {
    let time = Turned::default();
    let city = City::start_as(&Setup { clock: time.clone(), ..plain() }).await;
    let founder = city.by(1, &city.founder().await);
    let receiver = Receiver::start().await;
    receiver.answers(Reply::Status(500));
    let body = json!({"url": receiver.url("/"), "types": ["account.signed_up", "webhook.*"]});
    let (id, _) = hook(&founder, body).await;
    // Its own beginning is an event that lies before what it is told.
    something_happens(&city).await;
    something_happens(&city).await;

    for attempt in 1..ATTEMPTS_AFTER_MS.len() {
        let failing = until("the failure is written down", async || {
            let failing = shown(&founder, &id).await["failing"].clone();
            (failing["attempts"] == attempt).then_some(failing)
        })
        .await;
        let got = receiver.got();
        assert_eq!(got.len(), attempt, "no attempt before its time");
        assert!(got.iter().all(|one| one.id == got[0].id), "the next event waits: {got:?}");
        let (since, next_at) = (got[attempt - 1].timestamp_s * 1_000, moment(&failing["next_at"]));
        let (wait, planned) = (next_at - since, ATTEMPTS_AFTER_MS[attempt]);
        // A tenth more or less, and the seconds of a busy machine.
        assert!(wait >= planned * 9 / 10, "attempt {attempt}: {wait} ms, planned {planned}");
        assert!(wait <= planned * 11 / 10 + 20_000, "attempt {attempt}: {wait} ms");
        time.forward_to(next_at);
        receiver.has(attempt + 1).await;
    }
    // The last attempt was made: the event is given up, and the next one has its turn.
    let tries = ATTEMPTS_AFTER_MS.len();
    let got = receiver.has(tries + 1).await;
    assert_ne!(got[tries].id, got[0].id);
    let (first, last) = (got[0].timestamp_s, got[tries - 1].timestamp_s);
    assert!((60 * 3_600..80 * 3_600).contains(&(last - first)), "about 71 hours");

    // Whoever is busy says for how long.
    until("the second event has failed", async || {
        let failing = shown(&founder, &id).await["failing"].clone();
        (failing["event"] != got[0].event()["id"]).then_some(())
    })
    .await;
    receiver.answers(Reply::After(429, "7200".to_owned()));
    time.forward_to(moment(&shown(&founder, &id).await["failing"]["next_at"]));
    let asked = time.now_ms();
    let wait = until("the busy answer is written down", async || {
        let failing = shown(&founder, &id).await["failing"].clone();
        (failing["attempts"] == 2).then(|| moment(&failing["next_at"]) - asked)
    })
    .await;
    assert!((7_190_000..7_300_000).contains(&wait), "{wait}");

    // A redirect is a failure, wherever it leads.
    let elsewhere = Receiver::start().await;
    receiver.answers(Reply::To(elsewhere.url("/r31")));
    time.forward_to(time.now_ms() + wait);
    until("the redirect is written down", async || {
        (shown(&founder, &id).await["failing"]["attempts"] == 3).then_some(())
    })
    .await;
    assert!(elsewhere.got().is_empty(), "R31: never followed");

    // Taken at last; then it hears that something was given up, since it asked for that.
    receiver.answers(Reply::Status(200));
    time.forward_to(moment(&shown(&founder, &id).await["failing"]["next_at"]));
    let seen = until("all is told", async || {
        let seen = shown(&founder, &id).await;
        (seen["failing"].is_null() && seen["delivered"].as_u64()? >= 2).then_some(seen)
    })
    .await;
    assert_eq!((&seen["given_up"], &seen["failed"]), (&json!(1), &json!(tries + 3)), "{seen}");
    let last = receiver.got().pop().unwrap().event();
    assert_eq!(
        (&last["type"], &last["data"]["event"]),
        (&json!("webhook.gave_up"), &got[0].event()["id"],)
    );

    gone(&city, &founder, &receiver, &id).await;
    city.end().await;
}

/// 410 ends it, until somebody turns it on again; nothing is lost meanwhile.
async fn gone(city: &City, founder: &Api, receiver: &Receiver, id: &str) {
    receiver.answers(Reply::Status(410));
    something_happens(city).await;
    let off = until("it is off", async || {
        let seen = shown(founder, id).await;
        (seen["state"] == "off").then_some(seen)
    })
    .await;
    assert_eq!(off["off"]["why"], "gone");
    let events = founder.get("/v1/events?types=webhook.turned_off").await.ok(200);
    assert_eq!(events["events"][0]["data"]["why"], "gone");
    let missed = receiver.got().pop().unwrap().id;
    receiver.answers(Reply::Status(200));
    let count = receiver.got().len();
    founder.patch(&format!("/v1/webhooks/{id}"), json!({"state": "on"})).await.ok(200);
    let got = receiver.has(count + 2).await;
    assert_eq!(got[count].id, missed, "it goes on where it stood");
    assert_eq!(got[count + 1].event()["type"], "webhook.turned_off");
}

/// Hours down by the clock: everything comes, in order, once it is back; five days: it is off.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_for_hours_misses_nothing_and_for_days_is_off() {
    let time = Turned::default();
    let city = City::start_as(&Setup { clock: time.clone(), ..plain() }).await;
    let founder = city.by(1, &city.founder().await);
    let (receiver, dead) = (Receiver::start().await, Receiver::start().await);
    receiver.answers(Reply::Status(502));
    dead.answers(Reply::Status(500));
    let body = |url: String| json!({"url": url, "types": ["account.*"]});
    let (id, _) = hook(&founder, body(receiver.url("/"))).await;
    let (lost, _) = hook(&founder, body(dead.url("/"))).await;
    for _ in 0..5 {
        something_happens(&city).await;
    }
    let begun = time.now_ms();
    let hours = 3_600_000;
    while time.now_ms() < begun + 5 * hours {
        next_attempt(&time, &founder, &id, &receiver).await;
    }
    receiver.answers(Reply::Status(200));
    next_attempt(&time, &founder, &id, &receiver).await;
    until("all is told", async || (shown(&founder, &id).await["delivered"] == 5).then_some(()))
        .await;
    let got = receiver.got();
    let taken: Vec<&str> = got[got.len() - 5..].iter().map(|got| got.id.as_str()).collect();
    let events = founder.get("/v1/events?types=account.*").await.ok(200);
    let events = events["events"].as_array().unwrap();
    let wanted = events[events.len() - 5..].iter();
    let wanted: Vec<String> =
        wanted.map(|e| format!("msg_{}", e["id"].as_str().unwrap().replace('.', "_"))).collect();
    assert_eq!(taken, wanted);

    let off = until("five days without a yes", async || {
        let seen = shown(&founder, &lost).await;
        if let Some(due) = seen["failing"].get("next_at") {
            time.forward_to(moment(due));
        }
        (seen["state"] == "off").then_some(seen)
    })
    .await;
    assert_eq!(off["off"]["why"], "failing");
    let days = (moment(&off["off"]["at"]) - begun) / (24 * hours);
    assert!((5..=8).contains(&days), "{days} days");
    assert!(off["given_up"].as_u64().unwrap() >= 1);
    city.end().await;
}

/// Lets time pass until the attempt that is due next, and waits for it.
async fn next_attempt(time: &Turned, founder: &Api, id: &str, receiver: &Receiver) {
    let failing = until("a failure is written down", async || {
        let failing = shown(founder, id).await["failing"].clone();
        (!failing.is_null()).then_some(failing)
    })
    .await;
    let count = receiver.got().len();
    time.forward_to(moment(&failing["next_at"]));
    receiver.has(count + 1).await;
    until("its end is written down", async || {
        let seen = shown(founder, id).await;
        (seen["failing"]["attempts"] != failing["attempts"]).then_some(())
    })
    .await;
}

/// One that never answers and one that takes its time: the third hears at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_holds_up_nobody_else() {
    let tables = format!("{PLAIN}\nanswer_within_s = 2");
    let city = City::start_as(&Setup { tables, ..Setup::default() }).await;
    let founder = city.by(1, &city.founder().await);
    let (dead, slow, quick) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    dead.answers(Reply::Never);
    slow.answers(Reply::Slowly(Duration::from_millis(700)));
    let (stuck, _) = hook(&founder, json!({"url": dead.url("/"), "types": ["account.*"]})).await;
    hook(&founder, json!({"url": slow.url("/"), "types": ["account.*"]})).await;
    hook(&founder, json!({"url": quick.url("/"), "types": ["account.*"]})).await;
    for _ in 0..5 {
        something_happens(&city).await;
    }
    quick.has(5).await;
    assert!(slow.got().len() < 5, "it was not waited for");
    let got = slow.has(5).await;
    let ids: BTreeSet<&str> = got.iter().map(|got| got.id.as_str()).collect();
    assert_eq!(ids.len(), 5, "each once");
    let failing = until("time is over", async || {
        let seen = shown(&founder, &stuck).await;
        let attempts = founder.get(&format!("/v1/webhooks/{stuck}/attempts")).await.ok(200);
        seen["failing"].is_object().then_some(attempts)
    })
    .await;
    let first = failing["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(first["problem"], "timed_out");
    assert!(dead.got().iter().all(|got| got.id == dead.got()[0].id), "one at a time");
    city.end().await;
}

/// The leader stops in the middle: every event is told, none out of its turn.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_leader_goes_on_where_the_log_stands() {
    let mut city = City::start_as(&plain()).await;
    let founder = city.founder().await;
    let receiver = Receiver::start().await;
    receiver.answers(Reply::Slowly(Duration::from_millis(40)));
    let body = json!({"url": receiver.url("/"), "types": ["account.signed_up"]});
    let (id, _) = hook(&city.by(1, &founder), body).await;
    for _ in 0..20 {
        something_happens(&city).await;
    }
    receiver.has(5).await;
    let leader = city.leader().await;
    city.stop_node(leader).await;
    let next = city.leader().await;
    let by_founder = city.by(next, &founder);
    until("all is told", async || {
        (shown(&by_founder, &id).await["delivered"].as_u64()? >= 20).then_some(())
    })
    .await;
    let events = by_founder.get("/v1/events?types=account.signed_up").await.ok(200);
    let events = events["events"].as_array().unwrap();
    let wanted = events[events.len() - 20..].iter();
    let wanted: Vec<String> =
        wanted.map(|e| format!("msg_{}", e["id"].as_str().unwrap().replace('.', "_"))).collect();
    let got = receiver.got();
    let mut firsts = Vec::new();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for got in &got {
        let seen = times.entry(&got.id).or_default();
        if *seen == 0 {
            firsts.push(got.id.clone());
        }
        *seen += 1;
    }
    assert_eq!(firsts, wanted);
    let repeats = got.len() - firsts.len();
    eprintln!("{repeats} of {} were told twice", firsts.len());
    assert!(repeats <= 15, "what was written down is not told again: {repeats}");
    city.end().await;
}

/// Off for longer than the feed is kept: what is gone is told as a gap, and the rest follows.
#[tokio::test(flavor = "multi_thread")]
async fn r32_what_was_forgotten_untold_is_a_gap_that_is_told() {
    let tables = format!("{PLAIN}\n[feed]\nkeep_days = 1");
    let setup = Setup { tables, ..Setup::default() };
    let city = City::start_as(&setup).await;
    let founder = city.by(1, &city.founder().await);
    let receiver = Receiver::start().await;
    let body = json!({"url": receiver.url("/"), "types": ["account.*", "webhook.gap"]});
    let (id, _) = hook(&founder, body).await;
    let path = format!("/v1/webhooks/{id}");
    founder.patch(&path, json!({"state": "off"})).await.ok(200);
    something_happens(&city).await;
    setup.clock.forward(Duration::from_secs(2 * 24 * 3_600));
    until("the feed is trimmed", async || {
        (founder.get("/v1/events?after=0").await.status == 410).then_some(())
    })
    .await;
    let newest = something_happens(&city).await;
    founder.patch(&path, json!({"state": "on"})).await.ok(200);
    let got = receiver.has(2).await;
    assert_eq!(got[0].event()["subject"], newest.account_id);
    let gap = got[1].event();
    assert_eq!((&gap["type"], &gap["data"]["webhook_id"]), (&json!("webhook.gap"), &json!(id)));
    assert_eq!(shown(&founder, &id).await["gaps"], 1);
    city.end().await;
}

/// R31: what a webhook cannot be made with, over HTTP.
#[tokio::test(flavor = "multi_thread")]
async fn r31_addresses_of_our_own_side_are_refused() {
    let city = City::start().await;
    let founder = city.by(2, &city.founder().await);
    let receiver = Receiver::start().await;
    let plain = receiver.url("/");
    let port = plain.rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    let local = format!("https://localhost:{port}/");
    let refused = [
        plain.as_str(),
        local.as_str(),
        "https://127.0.0.1:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://0x7f000001/",
        "https://me:secret@example.org/",
        "https://example.org:22/",
        "https://no-such-host.invalid/",
        "not an address",
    ];
    for url in refused {
        let answer = founder.post("/v1/webhooks", json!({"url": url})).await;
        assert_eq!(answer.code(), Code::UrlRefused, "{url}");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/url");
    }
    let (id, _) = hook(&founder, json!({"url": "https://8.8.8.8/", "types": ["no.such"]})).await;
    let path = format!("/v1/webhooks/{id}");
    let moved = founder.patch(&path, json!({"url": "https://10.0.0.1/"})).await;
    assert_eq!(moved.code(), Code::UrlRefused);
    assert_eq!(shown(&founder, &id).await["url"], "https://8.8.8.8/");
    let wrong = founder.post("/v1/webhooks", json!({"url": "https://8.8.8.8/", "types": ["A"]}));
    assert_eq!(wrong.await.code(), Code::FieldInvalid);
    assert!(receiver.got().is_empty());
    city.end().await;
}
