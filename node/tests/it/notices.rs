//! Messages over three nodes: each step and person once, whoever leads; what must wait, and what
//! cannot be sent.

use crate::city::{City, Setup, until};
use crate::people::{Kitchen, Person, order};
use crate::relay::{DEAD, Message, Relay, TOKEN};
use crate::walks::{kitchen_says, state_is};
use api::codes::Code;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HOUSE: &str = "+34911000001";

/// A city whose messages go to a relay.
async fn city(relay: &Relay) -> (City, Setup) {
    let files = vec![("token", TOKEN.to_owned())];
    let setup = Setup { tables: relay.tables(), files, ..Setup::default() };
    (City::start_as(&setup).await, setup)
}

/// Somebody takes messages on an app with this token.
async fn has_app(city: &City, node: usize, person: &Person, token: &str) -> String {
    let body = json!({"token": token});
    let device = city.by(node, person).post("/v1/me/devices", body).await.ok(201);
    device["device_id"].as_str().unwrap().to_owned()
}

async fn places(city: &City, kitchen: &Kitchen, ana: &Person) -> String {
    let placed = city.by(1, ana).post("/order", order(kitchen, 1)).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(city.running()[0], ana), &id, "placed").await;
    id
}

async fn notices(city: &City, founder: &Person, state: &str) -> Vec<Value> {
    let node = city.running()[0];
    let path = format!("/v1/admin/notices?state={state}");
    let page = city.by(node, founder).get(&path).await.ok(200);
    page["data"].as_array().unwrap().clone()
}

fn said(messages: &[Message], channel: &str, to: &str) -> Vec<String> {
    let own = messages.iter().filter(|it| it.channel == channel && it.to == to);
    own.map(|it| it.text.clone()).collect()
}

/// Nobody in the kitchen reacts, and the leader stops between two steps: everybody hears each step
/// once. A yes ends it.
#[tokio::test(flavor = "multi_thread")]
async fn each_step_reaches_each_person_once_through_changes_of_the_leader() {
    let relay = Relay::start().await;
    let (mut city, setup) = city(&relay).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    has_app(&city, 2, &kitchen.staff, "the tablet").await;
    has_app(&city, 3, &ana, "ana's app").await;
    let path = format!("/v1/restaurant/{}/alert-phone", kitchen.id);
    let staff = city.by(1, &kitchen.staff);
    let phone = staff.put(&path, json!({"phone": "+34 911 000 001"})).await.ok(200);
    assert_eq!(phone["phone_ends"], "0001");
    assert_eq!(staff.get(&path).await.ok(200), phone);

    let id = places(&city, &kitchen, &ana).await;
    let number = id[id.len() - 4..].to_uppercase();
    let first = relay.told("push", "the tablet", "New order").await;
    assert!(first.text.starts_with(&format!("New order {number}.")), "{first:?}");
    setup.clock.forward(Duration::from_secs(45));
    relay.told("push", "the tablet", "waits for your answer").await;

    // Told, and the leader does not hear that it was: the next one says it again, by the same key.
    relay.set_answers(false);
    setup.clock.forward(Duration::from_secs(45));
    let message = relay.told("sms", HOUSE, "look at the tablet").await;
    let leader = city.leader().await;
    city.stop_node(leader).await;
    until("the next leader says it as well", async || {
        relay.repeats().contains(&message.key).then_some(())
    })
    .await;
    relay.set_answers(true);
    city.leader().await;
    setup.clock.forward(Duration::from_secs(60));
    relay.told("voice", HOUSE, "Hello Casa Marisol").await;
    setup.clock.forward(Duration::from_secs(30));
    relay.told("email", &founder.login, "Casa Marisol does not react").await;

    let node = city.running()[0];
    let by_founder = city.by(node, &founder);
    let waiting = by_founder.get("/v1/admin/orders?unanswered=true").await.ok(200);
    assert_eq!(waiting["data"][0]["order_id"], id);
    assert!(waiting["data"][0]["unanswered_at"].is_string());
    kitchen_says(&city, node, &kitchen, &id, json!({"status": "accepted"})).await.ok(200);
    relay.told("push", "ana's app", "Casa Marisol is on it").await;
    let waiting = by_founder.get("/v1/admin/orders?unanswered=true").await.ok(200);
    assert_eq!(waiting["data"], json!([]));

    let taken = relay.taken();
    let counts = [
        said(&taken, "push", "the tablet").len(),
        said(&taken, "sms", HOUSE).len(),
        said(&taken, "voice", HOUSE).len(),
        said(&taken, "email", &founder.login).len(),
        said(&taken, "push", "ana's app").len(),
    ];
    assert_eq!((counts, taken.len()), ([2, 1, 1, 1, 1], 6), "{taken:?}");
    until("nothing waits", async || {
        let waiting = notices(&city, &founder, "waiting").await;
        waiting.is_empty().then_some(())
    })
    .await;
    city.end().await;
}

/// Two tablets, one of them back from a pause: both ring for one order and print one ticket, and
/// when one of them says that it was seen, neither rings again.
#[tokio::test(flavor = "multi_thread")]
async fn r22_two_tablets_ring_until_it_was_seen_and_print_one_ticket() {
    let relay = Relay::start().await;
    let (city, setup) = city(&relay).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    for token in ["tablet 1", "tablet 2", "tablet 1"] {
        has_app(&city, 1, &kitchen.staff, token).await;
    }
    let id = places(&city, &kitchen, &ana).await;
    relay.told("push", "tablet 1", "New order").await;
    relay.told("push", "tablet 2", "New order").await;
    let orders = format!("/restaurant/{}/orders?state=placed", kitchen.id);
    let look = async |node: usize| {
        let seen = city.by(node, &kitchen.staff).get(&orders).await.ok(200);
        seen["data"][0].clone()
    };
    let (one, two) = (look(1).await, look(2).await);
    assert_eq!((one.get("seen_at"), two.get("seen_at")), (None, None));
    assert_eq!(one["ticket_id"], format!("{id}.0"));
    let path = format!("/v1/restaurant/{}/order/{id}/seen", kitchen.id);
    for node in [1, 3] {
        city.by(node, &kitchen.staff).post(&path, json!({})).await.ok(200);
    }
    // Back at another node: it was seen, and its ticket has been printed.
    let back = look(3).await;
    assert!(back["seen_at"].is_string());
    assert_eq!((&one["ticket_id"], &two["ticket_id"]), (&two["ticket_id"], &back["ticket_id"]));
    setup.clock.forward(Duration::from_secs(180));
    relay.told("email", &founder.login, "does not react").await;
    let taken = relay.taken();
    for tablet in ["tablet 1", "tablet 2"] {
        assert_eq!(said(&taken, "push", tablet).len(), 1, "{taken:?}");
    }
    assert_eq!(taken.len(), 3, "{taken:?}");
    // For the customer there is no ticket.
    let own = city.by(1, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    assert_eq!((own.get("ticket_id"), own.get("seen_at")), (None, None));
    city.end().await;
}

/// A provider that is down holds up neither the others nor the feed; what it missed comes when it is
/// back, or is given up when nobody needs it any more, until an operator says otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_holds_up_nobody() {
    let relay = Relay::start().await;
    let (city, setup) = city(&relay).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    has_app(&city, 1, &kitchen.staff, "the tablet").await;
    relay.set_down("sms", true);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(places(&city, &kitchen, &ana).await);
    }
    for id in &ids {
        // Ana has no app: she is told by a short message, which nobody takes.
        let word = json!({"status": "rejected", "reason": "busy"});
        kitchen_says(&city, 2, &kitchen, id, word).await.ok(200);
    }
    let later = places(&city, &kitchen, &ana).await;
    let number = later[later.len() - 4..].to_uppercase();
    relay.told("push", "the tablet", &number).await;
    let waiting = until("four messages wait", async || {
        let waiting = notices(&city, &founder, "waiting").await;
        (waiting.len() == 4).then_some(waiting)
    })
    .await;
    assert!(waiting.iter().all(|it| it["kind"] == "order_rejected" && it["channel"] == "sms"));
    assert!(!format!("{waiting:?}").contains(&ana.login), "contacts stand in no list");

    relay.set_down("sms", false);
    setup.clock.forward(Duration::from_secs(30));
    until("all four are told", async || {
        (said(&relay.taken(), "sms", &ana.login).len() == 4).then_some(())
    })
    .await;
    until("nothing waits", async || {
        notices(&city, &founder, "waiting").await.is_empty().then_some(())
    })
    .await;

    relay.set_down("sms", true);
    let word = json!({"status": "rejected", "reason": "busy"});
    kitchen_says(&city, 1, &kitchen, &later, word).await.ok(200);
    until("it waits", async || {
        let waiting = notices(&city, &founder, "waiting").await;
        (waiting.len() == 1).then_some(())
    })
    .await;
    setup.clock.forward(Duration::from_secs(3 * 3600));
    let failed =
        until("it is given up", async || notices(&city, &founder, "failed").await.first().cloned())
            .await;
    assert!(failed["error"].as_str().unwrap().starts_with("too late: "), "{failed}");
    relay.set_down("sms", false);
    let path = format!("/v1/admin/notices/{}/retry", failed["notice_id"].as_str().unwrap());
    assert_eq!(city.by(1, &ana).post(&path, json!({})).await.code(), Code::Forbidden);
    city.by(3, &founder).post(&path, json!({})).await.ok(200);
    until("it is told after all", async || {
        (said(&relay.taken(), "sms", &ana.login).len() == 5).then_some(())
    })
    .await;
    until("it is forgotten", async || {
        notices(&city, &founder, "failed").await.is_empty().then_some(())
    })
    .await;
    assert_eq!(city.by(3, &founder).post(&path, json!({})).await.code(), Code::NoticeUnknown);
    let mut keys: Vec<_> = relay.taken().into_iter().map(|it| it.key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), relay.taken().len());
    city.end().await;
}

/// The minute of the day that clocks in the city show.
fn local_minute() -> u16 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = domain::time::Timestamp(i64::try_from(since.as_millis()).unwrap());
    domain::calendar::local_minute(now, "Europe/Madrid")
}

/// Money that came back is told in the morning, and food that waits at once.
#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_what_can_wait() {
    let relay = Relay::start().await;
    let (city, setup) = city(&relay).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let clock = |minute: u16| format!("{:02}:{:02}", minute % 1440 / 60, minute % 60);
    let (from, to) = (clock(local_minute() + 1440 - 60), clock(local_minute() + 60));
    let wish = json!({"language": "pt-PT", "channels": {"orders": ["sms"]},
        "quiet_hours": {"from": from, "to": to}});
    let chosen = city.by(2, &ana).put("/v1/me/notifications", wish).await.ok(200);
    assert_eq!(chosen["quiet_hours"], json!({"from": from, "to": to}));
    assert_eq!(chosen["channels"]["orders"], json!(["sms"]));
    assert_eq!(chosen["channels"]["offers"], json!([]));

    let body = json!({
        "restaurant_id": kitchen.id, "fulfilment": "pickup",
        "basket": [{"dish_id": kitchen.ramen}],
        "payment": {"method": "card", "token": "tok_visa"},
    });
    let placed = city.by(1, &ana).post("/order", body).await.ok(201);
    let id = placed["order_id"].as_str().unwrap().to_owned();
    state_is(&city.by(2, &ana), &id, "placed").await;
    for status in ["accepted", "ready"] {
        kitchen_says(&city, 1, &kitchen, &id, json!({"status": status})).await.ok(200);
    }
    relay.told("sms", &ana.login, "espera por si em Casa Marisol").await;
    let own = city.by(3, &ana).get(&format!("/v1/order/{id}")).await.ok(200);
    let word = json!({"status": "handed_over", "pin": own["pickup_pin"]});
    kitchen_says(&city, 1, &kitchen, &id, word).await.ok(200);
    until("the card is charged", async || {
        let status = city.by(1, &ana).get(&format!("/order/{id}/status")).await.ok(200);
        (status["payment_state"] == "captured").then_some(())
    })
    .await;
    let refund = json!({"amount": 300, "fault": "restaurant", "reason": "cold"});
    let path = format!("/v1/admin/order/{id}/refund");
    city.by(1, &founder).post_keyed(&path, "cold-1", &refund).await.ok(201);
    let waiting = until("the refund waits to be told", async || {
        notices(&city, &founder, "waiting").await.first().cloned()
    })
    .await;
    assert_eq!((&waiting["kind"], &waiting["tries"]), (&json!("refund_done"), &json!(0)));
    assert_eq!(said(&relay.taken(), "sms", &ana.login).len(), 1);
    setup.clock.forward(Duration::from_secs(3_660));
    let told = relay.told("sms", &ana.login, "devolvidos").await;
    assert!(told.text.starts_with("Foram-lhe devolvidos 3,00 €"), "{told:?}");
    assert_eq!(said(&relay.taken(), "sms", &ana.login).len(), 2);
    city.end().await;
}

/// What people choose, and where they hear nothing any more.
#[tokio::test(flavor = "multi_thread")]
async fn people_choose_how_they_are_told() {
    let relay = Relay::start().await;
    let (city, _) = city(&relay).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let (own, path) = (city.by(1, &ana), "/v1/me/notifications");
    let usual = own.get(path).await.ok(200);
    assert_eq!(usual["channels"]["orders"], json!(["push", "sms", "email"]));
    for wrong in [
        json!({"channels": {"orders": ["voice"]}}),
        json!({"quiet_hours": {"from": "22:00", "to": "22:00"}}),
        json!({"quiet_hours": {"from": "24:00", "to": "07:00"}}),
        json!({"quiet_hours": {"from": "9:00", "to": "07:00"}}),
        json!({"colour": "red"}),
    ] {
        let refused = own.put(path, wrong.clone()).await;
        assert!(matches!(refused.code(), Code::FieldInvalid | Code::FieldUnknown), "{wrong}");
    }
    assert_eq!(own.get(path).await.ok(200), usual, "nothing half done");

    // Ana's phone becomes Bea's: it is told of Bea's orders only.
    let device = has_app(&city, 2, &ana, "the phone").await;
    assert_eq!(has_app(&city, 3, &ana, " the phone ").await, device, "the same again");
    let devices = own.get("/v1/me/devices").await.ok(200);
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
    assert_eq!(devices["devices"][0]["this_login"], true);
    assert!(!devices.to_string().contains("the phone"), "a token is not shown again");
    has_app(&city, 1, &kitchen.staff, DEAD).await;
    let id = places(&city, &kitchen, &ana).await;
    until("an app that was removed is forgotten", async || {
        let left = city.by(2, &kitchen.staff).get("/v1/me/devices").await.ok(200);
        (left["devices"] == json!([])).then_some(())
    })
    .await;
    assert_eq!(notices(&city, &founder, "failed").await, Vec::<Value>::new());
    let login = json!({"login": ana.login, "password": crate::people::PASSWORD});
    let again = city.at(3).post("/login", login).await.ok(200);
    let anew = Person { token: again["access_token"].as_str().unwrap().to_owned(), ..ana.clone() };
    own.post("/v1/logout", json!({})).await.ok(204);
    kitchen_says(&city, 1, &kitchen, &id, json!({"status": "accepted"})).await.ok(200);
    let word = json!({"status": "cancelled", "reason": "out_of_stock"});
    kitchen_says(&city, 1, &kitchen, &id, word).await.ok(200);
    relay.told("sms", &ana.login, "was cancelled").await;
    assert_eq!(said(&relay.taken(), "push", "the phone"), Vec::<String>::new());

    let own = city.by(2, &anew);
    let gone = format!("/v1/me/devices/{device}");
    for _ in 0..2 {
        let answer = crate::http::send(own.request(Method::DELETE, &gone)).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
    assert_eq!(own.get("/v1/me/devices").await.ok(200)["devices"], json!([]));
    city.end().await;
}
