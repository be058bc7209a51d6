//! Who hears what, and that nobody misses any of it.

use crate::city::{City, Setup, until};
use crate::http::Answer;
use crate::live::{Socket, Stream, feed_of};
use crate::people::{KITCHEN, Kitchen, Person, order};
use crate::walks::{kitchen_says, state_is};
use api::codes::Code;
use serde_json::{Value, json};

async fn placed(city: &City, node: usize, kitchen: &Kitchen, by: &Person) -> (String, u64) {
    let placed = city.by(node, by).post("/order", order(kitchen, 1)).await;
    let id = placed.ok(201)["order_id"].as_str().unwrap().to_owned();
    (id, placed.index())
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().unwrap()).collect()
}

/// Each event of an order's life, and everybody who hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_hears_what_concerns_them() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let other = city.kitchen(&founder, "Noodle Bar").await;
    let (ana, eve) = (city.somebody().await, city.somebody().await);
    let (rider, idle) = (city.rider(&founder).await, city.rider(&founder).await);
    let riding = city.rides(1, &rider, KITCHEN);
    let mut phone = crate::live::Phone::open(&city, 2, &rider).await;

    let start = city.by(1, &founder).get("/v1/events?limit=1").await.ok(200)["head"].clone();
    let (id, _) = placed(&city, 1, &kitchen, &ana).await;
    state_is(&city.by(1, &ana), &id, "placed").await;
    kitchen_says(&city, 2, &kitchen, &id, json!({"status": "accepted"})).await.ok(200);
    let fence = phone.offered(&id).await["fence"].clone();
    let path = format!("/delivery/{}/order/{id}/status", rider.courier_id);
    let taken = json!({"status": "accepted", "fence": fence});
    city.by(3, &rider.person).patch(&path, taken).await.ok(200);
    // Food that is ready is the courier's business too.
    for status in ["preparing", "ready"] {
        kitchen_says(&city, 1, &kitchen, &id, json!({"status": status})).await.ok(200);
    }
    drop(riding);

    let query = format!("&after={start}");
    let all = city.by(2, &founder).get(&format!("/v1/events?after={start}")).await.ok(200);
    let all = all["events"].as_array().unwrap().clone();
    let of_kitchen = |kitchen: &Kitchen| format!("/v1/events?restaurant_id={}{query}", kitchen.id);
    let mut heard = Vec::new();
    for (who, person, path) in [
        ("customer", &ana, format!("/v1/events?{query}")),
        ("restaurant", &kitchen.staff, of_kitchen(&kitchen)),
        ("courier", &rider.person, format!("/v1/events?{query}")),
        ("NOBODY", &eve, format!("/v1/events?{query}")),
        ("NOBODY", &idle.person, format!("/v1/events?{query}")),
        ("NOBODY", &other.staff, of_kitchen(&other)),
    ] {
        let page = city.by(3, person).get(&path).await.ok(200);
        // Whoever hears nothing gets on all the same.
        let next: domain::Cursor = page["next"].as_str().unwrap().parse().unwrap();
        let last: domain::Cursor = all.last().unwrap()["id"].as_str().unwrap().parse().unwrap();
        assert!(next >= last, "{who} stands at {next}");
        let events = page["events"].as_array().unwrap();
        assert!(events.iter().all(|event| all.contains(event)), "{who} heard something else");
        heard.push((who, ids(events).into_iter().map(str::to_owned).collect::<Vec<_>>()));
    }
    let mut table = String::new();
    for event in &all {
        let kind = event["type"].as_str().unwrap();
        let by = heard.iter().filter(|(_, ids)| ids.iter().any(|id| *id == event["id"]));
        let by: Vec<_> = by.map(|(who, _)| *who).collect();
        table += format!("{kind:<22}{}\n", by.join(" ")).replace(" \n", "\n").as_str();
    }
    expect_test::expect![[r#"
        order.pending         customer
        payment.authorized    customer
        order.placed          customer restaurant
        order.accepted        customer restaurant
        delivery.opened       customer restaurant
        delivery.offered      courier
        delivery.assigned     customer restaurant courier
        order.started         customer restaurant
        order.ready           customer restaurant courier
    "#]]
    .assert_eq(&table);
    let stranger = city.by(1, &eve).get(&of_kitchen(&kitchen)).await;
    assert_eq!(stranger.code(), Code::Forbidden);
    city.end().await;
}

/// R8: a subscriber who was gone goes on at another node: each event once, in order.
#[tokio::test(flavor = "multi_thread")]
async fn r8_a_subscriber_goes_on_at_another_node() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (ana, eve) = (city.somebody().await, city.somebody().await);
    let path = "/v1/events/stream?types=order.*";
    let mut all = Stream::open_after(&city.by(1, &founder), path, "0").await;
    let mut own = Stream::open_after(&city.by(2, &ana), "/v1/events/stream", "0").await;
    let (first, _) = placed(&city, 3, &kitchen, &ana).await;
    let mut told = all.until_event("order.placed").await;
    let mut hers = own.until_event("order.placed").await;
    assert_eq!(told.last().unwrap().data["subject"], first);

    // Gone while others order; and the node that it was at stops too.
    let (all_id, own_id) = (all.last_id.clone(), own.last_id.clone());
    drop((all, own));
    for by in [&eve, &ana, &eve] {
        placed(&city, 2, &kitchen, by).await;
    }
    city.stop_node(1).await;
    city.leader().await;
    let mut all = Stream::open_after(&city.by(3, &founder), path, &all_id).await;
    let mut own = Stream::open_after(&city.by(3, &ana), "/v1/events/stream", &own_id).await;
    let (last, _) = placed(&city, 2, &kitchen, &ana).await;
    let is_last = |frame: &crate::live::Frame| {
        frame.event == "order.placed" && frame.data["subject"] == *last
    };
    for (stream, frames) in [(&mut all, &mut told), (&mut own, &mut hers)] {
        while !frames.last().is_some_and(is_last) {
            frames.push(stream.next().await);
        }
    }

    // What they were told is the feed, whoever is asked for it.
    let upto = told.last().unwrap().place();
    for node in [2, 3] {
        for (api, query, frames) in
            [(city.by(node, &founder), "&types=order.*", &told), (city.by(node, &ana), "", &hers)]
        {
            let feed = feed_of(&api, query).await;
            let place = |event: &Value| {
                let at: domain::Cursor = event["id"].as_str().unwrap().parse().unwrap();
                (at.index, at.number)
            };
            let feed: Vec<_> = feed.into_iter().filter(|event| place(event) <= upto).collect();
            let frames: Vec<_> = frames.iter().map(|frame| frame.data.clone()).collect();
            assert_eq!(feed, frames, "node {node} {query}");
        }
    }
    // A reader of few events moves on with the others.
    let mut none = Stream::open(&city.by(2, &eve), "/v1/events/stream?types=payment.failed").await;
    none.last_id = "0".to_owned();
    none.until_passed(upto.0).await;
    city.end().await;
}

/// A stream outlives its token, and neither a ban, nor a logout, nor its node.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_right_to_it() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let (ana, eve) = (city.somebody().await, city.somebody().await);
    let (id, _) = placed(&city, 1, &kitchen, &ana).await;
    let path = format!("/v1/order/{id}/stream");
    let mut banned = Stream::open(&city.by(2, &ana), &path).await;
    banned.until_event("order.placed").await;
    let mut left = Stream::open(&city.by(3, &eve), "/v1/events/stream").await;
    let board = format!("/v1/restaurant/{}/live", kitchen.id);
    let mut socket = Socket::open(&city, 2, &kitchen.staff, &board).await;

    let ban = json!({"account_id": ana.account_id, "reason": "abuse"});
    city.by(1, &founder).post("/v1/admin/bans", ban).await.ok(200);
    let end = banned.until_event("end").await.pop().unwrap();
    assert_eq!((end.data["code"].as_str(), end.id.as_str()), (Some("banned"), ""));
    assert!(banned.next_or_end().await.is_none());

    city.by(1, &eve).post("/v1/logout", json!({})).await;
    let end = left.until_event("end").await.pop().unwrap();
    assert_eq!(end.data["code"], "token_expired");
    assert!(left.next_or_end().await.is_none());

    let mut all = Stream::open(&city.by(2, &founder), "/v1/events/stream").await;
    city.stop_node(2).await;
    while socket.next().await {}
    while all.next_or_end().await.is_some() {}
    city.end().await;
}

/// R22: two tablets, one alert: it rings until somebody has seen it, and nobody misses it.
#[tokio::test(flavor = "multi_thread")]
async fn r22_two_tablets_hear_and_stop_one_alert() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let board = format!("/v1/restaurant/{}/live", kitchen.id);
    let mut one = Socket::open(&city, 1, &kitchen.staff, &board).await;
    let mut two = Socket::open(&city, 2, &kitchen.staff, &board).await;
    let (id, index) = placed(&city, 3, &kitchen, &ana).await;
    for tablet in [&mut one, &mut two] {
        assert_eq!(tablet.until("order.placed").await["subject"], id);
    }
    let rang = one.last["id"].as_str().unwrap().to_owned();
    two.say(json!({"seen": "ord_00400000000000000000000000"})).await;
    while two.last["code"] != "order_unknown" {
        assert!(two.next().await);
    }
    two.say(json!({"seen": id})).await;
    assert_eq!(two.until("seen").await["order_id"], id);
    assert_eq!(one.until("order.seen").await["data"]["order_id"], id);

    // A third one, and one that was away, know as much.
    let path = format!("{board}?after={}", index - 1);
    let mut late = Socket::open(&city, 3, &kitchen.staff, &path).await;
    assert_eq!(late.until("order.placed").await["id"], *rang);
    late.until("order.seen").await;
    let mut back = Socket::open(&city, 3, &kitchen.staff, &format!("{board}?after={rang}")).await;
    assert!(back.next().await);
    assert_eq!(back.last["type"], "order.seen", "what was told is not told again");

    let live = format!("/v1/order/{id}/live");
    let mut story = Socket::open(&city, 1, &ana, &live).await;
    assert!(story.next().await);
    assert_eq!(
        (&story.last["type"], &story.last["subject"]),
        (&json!("order.pending"), &json!(id))
    );
    story.until("order.placed").await;
    city.end().await;
}

/// Who waits is told at once, and a place that is not reached yet is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_poll_waits_for_news() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let head = city.by(1, &ana).get("/v1/events").await.ok(200)["head"].as_u64().unwrap();
    let api = city.by(3, &ana);
    let waits = tokio::spawn(async move {
        api.get(&format!("/v1/events?after={head}&wait_s=25&types=order.placed")).await
    });
    let (id, _) = placed(&city, 1, &kitchen, &ana).await;
    let told: Answer = waits.await.unwrap();
    let events = told.ok(200)["events"].clone();
    assert_eq!((&events[0]["type"], &events[0]["subject"]), (&json!("order.placed"), &json!(id)));
    let place = |text: &Value| text.as_str().unwrap().parse::<domain::Cursor>().unwrap();
    assert!(place(&told.json()["next"]) >= place(&events[0]["id"]));

    // Ahead of this node is not behind the feed.
    let ahead = city.by(2, &ana).get("/v1/events?after=1000000000.3&wait_s=1").await.ok(200);
    assert_eq!((&ahead["events"], &ahead["next"]), (&json!([]), &json!("1000000000.3")));
    let mut own = Stream::open_after(&city.by(2, &ana), "/v1/events/stream", "").await;
    // 64 streams of one person at one node, and not one more.
    let mut streams = Vec::new();
    let refused = until("there are too many", async || {
        let request = city.by(2, &ana).request(reqwest::Method::GET, "/v1/events/stream");
        let response = request.send().await.unwrap();
        if response.status() == 200 {
            streams.push(response);
            return None;
        }
        Some((response.status().as_u16(), response.headers().contains_key("retry-after")))
    })
    .await;
    assert_eq!((refused, streams.len()), ((429, true), 63));
    drop(streams);
    placed(&city, 1, &kitchen, &ana).await;
    own.until_event("order.placed").await;
    city.end().await;
}

/// R32: who comes back too late is told so by every node, with where the feed begins and how to go
/// on; and so does a node that was away.
#[tokio::test(flavor = "multi_thread")]
async fn r32_a_cursor_behind_the_feed_is_told_so() {
    let setup = Setup { tables: "[feed]\nkeep_days = 1\n".to_owned(), ..Setup::default() };
    let mut city = City::start_as(&setup).await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let ana = city.somebody().await;
    let early = placed(&city, 1, &kitchen, &ana).await.1 - 1;
    let mut open = Stream::open(&city.by(2, &ana), "/v1/events/stream").await;
    setup.clock.forward(std::time::Duration::from_secs(2 * 24 * 3_600));

    let late = format!("/v1/events?after={early}");
    let mut oldest = Vec::new();
    for node in 1..=3 {
        let told = until("the feed is trimmed", async || {
            let answer = city.by(node, &ana).get(&late).await;
            (answer.status == 410).then_some(answer)
        })
        .await;
        assert_eq!(told.code(), Code::CursorExpired);
        let body = told.json();
        assert_eq!(body["links"], json!(["/v1/orders", "/v1/me"]));
        assert!(body["head"].as_str().unwrap().parse::<u64>().unwrap() >= early);
        oldest.push(body["oldest"].as_str().unwrap().parse::<u64>().unwrap());
    }
    assert_eq!((oldest[0], oldest[1]), (oldest[1], oldest[2]), "each forgets the same");
    let oldest = oldest[0];
    assert!(oldest > early);
    // The boundary: behind all of its last forgotten entry nothing is missing; before, something.
    let status =
        async |after: &str| city.by(3, &ana).get(&format!("/v1/events?after={after}")).await.status;
    for (after, expected) in [
        (format!("{oldest}"), 200),
        (format!("{oldest}.0"), 410),
        (format!("{}", oldest - 1), 410),
        (format!("{}.0", oldest + 1), 200),
        (format!("{}", oldest + 1), 200),
        ("0".to_owned(), 410),
    ] {
        assert_eq!(status(&after).await, expected, "{after} of {oldest}");
    }
    let whole = city.by(1, &founder).get("/v1/events").await.ok(200);
    assert_eq!(whole["oldest"], oldest.to_string());

    // Whoever was there all the time misses nothing; a stream says `resync`, and from where.
    let (id, _) = placed(&city, 1, &kitchen, &ana).await;
    while open.until_event("order.placed").await.last().unwrap().data["subject"] != *id {}
    let path = "/v1/events/stream";
    let mut stale = Stream::open_after(&city.by(3, &ana), path, &early.to_string()).await;
    let resync = stale.next().await;
    assert_eq!((&*resync.event, &resync.data["code"]), ("resync", &json!("cursor_expired")));
    assert_eq!(resync.data["oldest"], oldest.to_string());
    assert_eq!(resync.data["head"], resync.id);
    assert!(stale.next_or_end().await.is_none());
    let mut again = Stream::open_after(&city.by(3, &ana), path, &stale.last_id).await;
    let (id, _) = placed(&city, 2, &kitchen, &ana).await;
    assert_eq!(again.until_event("order.placed").await.last().unwrap().data["subject"], id);

    let away = city.leader().await % 3 + 1;
    city.stop_node(away).await;
    city.start_node(away).await;
    let told = city.by(away, &ana).get(&late).await;
    assert_eq!(
        (told.code(), &told.json()["oldest"]),
        (Code::CursorExpired, &json!(oldest.to_string()))
    );
    city.end().await;
}

/// The page of events is the table of events.
#[test]
fn the_page_of_events_is_the_table() {
    let mut page = "# Events

What the change feed, the streams and the webhooks tell, and whom; operators are told everything.
Written by `UPDATE_EXPECT=1` from the table in `domain/src/event.rs`. New kinds are added, none is
ever changed: ignore those that you do not know.

| type | told to |
|---|---|
"
    .to_owned();
    for kind in domain::Event::KINDS {
        let told = kind.told.iter().map(|party| match party {
            domain::Party::Customer => "customer",
            domain::Party::Restaurant => "restaurant",
            domain::Party::Courier => "courier",
            domain::Party::Account => "account",
        });
        let told: Vec<_> = told.collect();
        let told = if told.is_empty() { "operators only".to_owned() } else { told.join(", ") };
        page += &format!("| `{}` | {told} |\n", kind.name);
    }
    expect_test::expect_file!["../../../docs/events.md"].assert_eq(&page);
}
