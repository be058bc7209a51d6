//! Money through a gateway in another process, which loses answers, repeats itself, forgets to
//! call, and is away.

use crate::city::{City, Setup, Turned, until};
use crate::http::send;
use crate::people::{Kitchen, Person, order};
use crate::sandbox::{SECRET, Sandbox};
use api::codes::Code;
use domain::ids::{CityNumber, OrderId, PaymentId};
use node::signature::sign;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// A city with a gateway outside, a kitchen, a customer and an operator.
pub(crate) struct Paying {
    pub(crate) city: City,
    pub(crate) founder: Person,
    pub(crate) kitchen: Kitchen,
    pub(crate) ana: Person,
}

impl Paying {
    pub(crate) async fn open(setup: &Setup) -> Self {
        let city = City::start_as(setup).await;
        let founder = city.founder().await;
        let kitchen = city.kitchen(&founder, "Casa Marisol").await;
        let ana = city.somebody().await;
        Self { city, founder, kitchen, ana }
    }

    /// Something to be fetched, paid with this card.
    pub(crate) async fn place(&self, node: usize, key: &str, token: &str) -> String {
        let mut wish = order(&self.kitchen, 2);
        wish["fulfilment"] = json!("pickup");
        wish["payment"]["token"] = json!(token);
        wish.as_object_mut().unwrap().remove("address");
        wish.as_object_mut().unwrap().remove("tip");
        let placed = self.city.by(node, &self.ana).post_keyed("/order", key, &wish).await;
        placed.ok(201)["order_id"].as_str().unwrap().to_owned()
    }

    /// Waits until the order looks so.
    pub(crate) async fn order_is(&self, id: &str, member: &str, value: &str) -> Value {
        let path = format!("/v1/order/{id}");
        until(&format!("{id} has {member} {value}"), async || {
            let order = self.city.by(3, &self.ana).get(&path).await.ok(200);
            (order[member] == value).then_some(order)
        })
        .await
    }

    /// Cooked, and handed over the counter.
    pub(crate) async fn hand_over(&self, id: &str) {
        let order = self.order_is(id, "state", "placed").await;
        let path = format!("/restaurant/{}/order/{id}/status", self.kitchen.id);
        let staff = self.city.by(2, &self.kitchen.staff);
        for status in ["accepted", "ready"] {
            staff.patch(&path, json!({"status": status})).await.ok(200);
        }
        let body = json!({"status": "handed_over", "pin": order["pickup_pin"]});
        staff.patch(&path, body).await.ok(200);
    }

    pub(crate) async fn refund(&self, id: &str, key: &str, amount: i64) {
        let path = format!("/v1/admin/order/{id}/refund");
        let body = json!({"amount": amount, "fault": "platform", "reason": "cold"});
        self.city.by(2, &self.founder).post_keyed(&path, key, &body).await.ok(201);
    }

    pub(crate) async fn admin(&self, path: &str) -> Value {
        self.city.by(1, &self.founder).get(&format!("/v1/admin/{path}")).await.ok(200)
    }

    /// Compares with the gateway now.
    pub(crate) async fn reconcile(&self, dry_run: bool) -> Value {
        let body = json!({"since_s": 86_400, "dry_run": dry_run});
        let path = "/v1/admin/payments/reconcile";
        self.city.by(2, &self.founder).post(path, body).await.ok(200)
    }

    /// Waits until nothing is open any more, and does not wait for anybody's next turn: an operator
    /// has them asked again now.
    pub(crate) async fn settled(&self) {
        until("every payment is settled", async || {
            let open = self.admin("payments/unsettled").await["data"].clone();
            for payment in open.as_array().unwrap() {
                let id = payment["payment_id"].as_str().unwrap();
                let path = format!("/v1/admin/payments/{id}/retry");
                self.city.by(1, &self.founder).post(&path, json!({})).await;
            }
            (open == json!([])).then_some(())
        })
        .await;
    }

    pub(crate) async fn payment_is(&self, payment_id: &str, state: &str) -> Value {
        until(&format!("{payment_id} is {state}"), async || {
            let case = self.admin(&format!("payments/{payment_id}")).await;
            (case["ours"]["state"] == state).then_some(case)
        })
        .await
    }
}

/// The first attempt's name.
pub(crate) fn payment_of(order_id: &str) -> String {
    PaymentId::of(order_id.parse::<OrderId>().unwrap(), 1).to_string()
}

async fn sandboxed(clock: &Turned, reconcile_s: u32) -> (Sandbox, Paying, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(dir.path());
    let tables = format!(
        "[payments]\ngateway = \"sandbox\"\nurl = \"{}\"\nreconcile_s = {reconcile_s}\n\
         webhook_secret_file = \"webhook-secret\"\n",
        sandbox.url
    );
    let files = vec![("webhook-secret", SECRET.to_owned())];
    let paying =
        Paying::open(&Setup { tables, files, clock: clock.clone(), ..Setup::default() }).await;
    let urls = [1, 2, 3].map(|node| format!("{}/v1/gateway/sandbox", paying.city.url(node)));
    sandbox.api().put("/settings", json!({"webhook_urls": urls})).await.ok(204);
    (sandbox, paying, dir)
}

fn of<'c>(charges: &'c [Value], order_id: &str) -> Vec<&'c Value> {
    let payment_id = payment_of(order_id);
    charges.iter().filter(|charge| charge["reference"] == payment_id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn money_moves_once_through_a_gateway_that_misbehaves() {
    let (mut sandbox, paying, _dir) = sandboxed(&Turned::default(), 1).await;
    let bad = json!({"lost": 150, "failed": 60, "refused": 90, "late": 200, "late_ms": 400,
        "twice": 500, "webhook_lost": 200, "webhook_late": 500});
    sandbox.faults(bad.clone()).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        let token = match number {
            0..6 => "tok_visa",
            6 | 7 => "tok_late",
            _ => "tok_declined",
        };
        ids.push(paying.place(1 + number % 3, &format!("k{number}"), token).await);
    }
    for id in &ids[..4] {
        paying.hand_over(id).await;
    }
    sandbox.crash();
    sandbox.faults(bad).await;
    // Called off before the kitchen says anything: nothing is owed.
    for id in &ids[4..8] {
        paying.order_is(id, "state", "placed").await;
        let path = format!("/v1/order/{id}/cancel");
        let body = json!({"reason": "customer_changed_mind"});
        paying.city.by(1, &paying.ana).post(&path, body).await.ok(200);
    }
    for id in &ids[..2] {
        paying.order_is(id, "payment_state", "captured").await;
        paying.refund(id, "one", 500).await;
        paying.refund(id, "one", 500).await;
        paying.refund(id, "two", 100).await;
    }
    for id in &ids[8..] {
        paying.order_is(id, "payment_state", "failed").await;
    }
    paying.settled().await;
    let charges = sandbox.charges().await;
    assert_eq!(charges.len(), 10, "one for each payment, however often it was asked for");
    for (number, id) in ids.iter().enumerate() {
        let [charge] = of(&charges, id)[..] else { panic!("{id} has not one charge") };
        let total = charge["amount"].as_i64().unwrap();
        let (state, captured, refunded) = match number {
            0 | 1 => ("captured", total, 600),
            2 | 3 => ("captured", total, 0),
            4..8 => ("voided", 0, 0),
            _ => ("declined", 0, 0),
        };
        let refunds = charge["refunds"].as_array().unwrap().iter();
        let back: i64 = refunds.map(|refund| refund["amount"].as_i64().unwrap()).sum();
        let seen = (charge["state"].as_str().unwrap(), charge["captured"].as_i64().unwrap(), back);
        assert_eq!(seen, (state, captured, refunded), "order {number}");
    }
    sandbox.faults(json!({})).await;
    let report = paying.reconcile(true).await;
    assert_eq!(report["differences"], json!([]), "{report}");
    assert_eq!((&report["checked"], &report["complete"]), (&json!(10), &json!(true)));
    paying.city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_away_is_asked_until_it_is_back() {
    let (sandbox, paying, _dir) = sandboxed(&Turned::default(), 3_600).await;
    sandbox.faults(json!({"down_ms": 600_000})).await;
    let id = paying.place(1, "away", "tok_visa").await;
    let open = until("it is open work", async || {
        let open = paying.admin("payments/unsettled").await;
        open["data"].get(0).cloned()
    })
    .await;
    assert_eq!((&open["order_id"], &open["state"]), (&json!(id), &json!("authorizing")));
    let payment_id = payment_of(&id);
    let case = paying.admin(&format!("payments/{payment_id}")).await;
    assert_eq!((&case["theirs"], case["silence"].is_string()), (&json!([]), true), "{case}");
    let retry = format!("/v1/admin/payments/{payment_id}/retry");
    let by_founder = paying.city.by(3, &paying.founder);
    let silent = by_founder.post(&retry, json!({})).await.ok(200);
    assert!(silent["asked"][0].as_str().unwrap().starts_with("authorize: "), "{silent}");
    assert_eq!(
        paying.city.by(1, &paying.ana).post(&retry, json!({})).await.code(),
        Code::Forbidden
    );

    sandbox.faults(json!({})).await;
    by_founder.post(&retry, json!({})).await.ok(200);
    paying.order_is(&id, "state", "placed").await;
    let case = paying.admin(&format!("payments/{payment_id}")).await;
    assert_eq!(case["theirs"][0]["state"], "authorized", "{case}");
    assert_eq!(case["theirs"][0]["gateway_ref"], case["ours"]["gateway_ref"]);
    let metrics = paying.city.at(paying.city.leader().await).get("/metrics").await.text();
    let counted = |line: &&str| line.starts_with("fd_gateway_calls_total") && line.contains("auth");
    assert!(metrics.lines().any(|line| counted(&line)), "{metrics}");
    assert_eq!(sandbox.charges().await.len(), 1);
    paying.city.end().await;
}

/// The app or the node died after the bank had said yes, and no payment of ours knows of it.
#[tokio::test(flavor = "multi_thread")]
async fn r1_an_approval_with_nobody_behind_it_is_let_go_after_15_minutes() {
    let clock = Turned::default();
    let (sandbox, paying, _dir) = sandboxed(&clock, 1).await;
    let kept = paying.place(1, "kept", "tok_visa").await;
    paying.order_is(&kept, "state", "placed").await;
    let stray = PaymentId::derive(CityNumber(1), &[b"nobody"]).to_string();
    let wish = json!({"reference": stray, "token": "tok_visa", "amount": 900, "currency": "EUR"});
    let charge = sandbox.api().request(Method::POST, "/v1/charges");
    let charge = send(charge.header("idempotency-key", "stray").json(&wish)).await.ok(201);
    let young = paying.reconcile(false).await;
    assert_eq!((&young["let_go"], &young["differences"]), (&json!([]), &json!([])), "{young}");

    clock.forward(Duration::from_secs(15 * 60 + 5));
    until("it is let go", async || {
        let charges = sandbox.charges().await;
        let found = charges.iter().find(|one| one["id"] == charge["id"]).unwrap().clone();
        (found["state"] == "voided").then_some(())
    })
    .await;
    let charges = sandbox.charges().await;
    // Nobody has taken the order for so long that it has expired; its money went back with it.
    paying.order_is(&kept, "state", "expired").await;
    paying.settled().await;
    assert!(of(&charges, &kept).len() == 1);
    let metrics = paying.city.at(paying.city.leader().await).get("/metrics").await.text();
    assert!(metrics.contains("fd_reconciled_total{result=\"let_go\"} 1"), "{metrics}");
    paying.city.end().await;
}

/// No webhook ever comes: the minute's look at the gateway's side finds what has happened there.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_webhook_told_is_found_by_comparing() {
    let (sandbox, paying, _dir) = sandboxed(&Turned::default(), 1).await;
    sandbox.faults(json!({"webhook_lost": 1_000})).await;
    let id = paying.place(1, "disputed", "tok_visa").await;
    paying.hand_over(&id).await;
    paying.order_is(&id, "payment_state", "captured").await;
    paying.settled().await;
    let charge = of(&sandbox.charges().await, &id)[0].clone();
    let charge_path = format!("/v1/charges/{}", charge["id"].as_str().unwrap());
    sandbox.api().post(&format!("{charge_path}/dispute"), json!({})).await.ok(200);
    paying.payment_is(&payment_of(&id), "disputed").await;
    let won = json!({"yes": true});
    sandbox.api().post(&format!("{charge_path}/dispute/close"), won).await.ok(200);
    paying.payment_is(&payment_of(&id), "captured").await;

    // Somebody gives money back at the gateway's own pages: that is for people to look at.
    let refund = sandbox.api().request(Method::POST, &format!("{charge_path}/refunds"));
    let by_hand = json!({"reference": "by hand", "amount": 50});
    send(refund.header("idempotency-key", "hand").json(&by_hand)).await.ok(200);
    let report = paying.reconcile(true).await;
    let found = &report["differences"][0];
    assert_eq!(found["kind"], "refunded", "{report}");
    assert_eq!((&found["ours"], &found["theirs"]), (&json!("0"), &json!("50")), "{report}");
    assert_eq!(found["payment_id"], payment_of(&id).as_str());
    paying.city.end().await;
}

/// A customer confirms with their bank; meanwhile the order waits, and is told of by the webhook.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_must_be_confirmed() {
    let (sandbox, paying, _dir) = sandboxed(&Turned::default(), 3_600).await;
    let (yes, no) = (paying.place(1, "y", "tok_3ds").await, paying.place(2, "n", "tok_3ds").await);
    for (id, word) in [(&yes, true), (&no, false)] {
        paying.order_is(id, "payment_state", "action_required").await;
        let charge = of(&sandbox.charges().await, id)[0].clone();
        let url = charge["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix(&sandbox.url).unwrap();
        assert!(sandbox.api().get(path).await.text().contains("Your bank asks"));
        sandbox.api().post(path, json!({"yes": word})).await.ok(200);
    }
    paying.order_is(&yes, "state", "placed").await;
    paying.order_is(&no, "payment_state", "failed").await;
    paying.city.end().await;
}

/// Only the gateway is believed; what it says twice, or too early, changes nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn r11_webhooks_are_signed_and_come_in_any_order() {
    let (sandbox, paying, _dir) = sandboxed(&Turned::default(), 3_600).await;
    sandbox.faults(json!({"down_ms": 600_000, "webhook_lost": 1_000})).await;
    let id = paying.place(1, "early", "tok_visa").await;
    let mut charge = json!({"id": "ch_900", "reference": payment_of(&id), "token": "tok_visa",
        "amount": 1_000_000, "currency": "EUR", "state": "authorized", "captured": 0,
        "refunds": [], "created_ms": 0, "changed_ms": 0, "changed": 1});
    let event = |id: &str, kind: &str, charge: &Value| {
        json!({"id": id, "type": kind, "at_ms": 0, "charge": charge}).to_string()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let post = async |node: usize, name: &str, signed: Option<String>, body: &str| {
        let path = format!("/v1/gateway/{name}");
        let mut request = paying.city.at(node).request(Method::POST, &path);
        if let Some(signed) = signed {
            request = request.header("sandbox-signature", signed);
        }
        send(request.body(body.to_owned())).await
    };
    let good = |body: &str| Some(sign(SECRET.as_bytes(), now, body.as_bytes()));
    let authorized = event("evt_1", "charge.authorized", &charge);
    let stale = Some(sign(SECRET.as_bytes(), now - 400, authorized.as_bytes()));
    let other = Some(sign(b"another secret", now, authorized.as_bytes()));
    for signed in [None, stale, other, good("{}")] {
        let refused = post(1, "sandbox", signed, &authorized).await;
        assert_eq!(refused.code(), Code::SignatureWrong);
    }
    let elsewhere = post(1, "stripe", good(&authorized), &authorized).await;
    assert_eq!(elsewhere.code(), Code::SignatureWrong);
    assert_eq!(post(2, "sandbox", good("no"), "no").await.code(), Code::BodyMalformed);

    // The capture is told of before the approval, at another node, and both of them twice.
    charge["captured"] = json!(1_000_000);
    let captured = event("evt_2", "charge.captured", &charge);
    for node in [3, 1] {
        assert_eq!(post(node, "sandbox", good(&captured), &captured).await.status, 200);
    }
    assert_eq!(paying.order_is(&id, "payment_state", "authorizing").await["state"], "pending");
    for node in [2, 3] {
        assert_eq!(post(node, "sandbox", good(&authorized), &authorized).await.status, 200);
    }
    paying.order_is(&id, "state", "placed").await;
    let case = paying.admin(&format!("payments/{}", payment_of(&id))).await;
    assert_eq!(
        (&case["ours"]["state"], &case["ours"]["waiting_facts"]),
        (&json!("authorized"), &json!(1))
    );
    let stray = PaymentId::derive(CityNumber(1), &[b"nobody"]).to_string();
    charge["reference"] = json!(stray);
    let unknown = event("evt_3", "charge.authorized", &charge);
    assert_eq!(post(1, "sandbox", good(&unknown), &unknown).await.status, 200);
    let mut counts = String::new();
    for node in 1..=3 {
        counts.push_str(&paying.city.at(node).get("/metrics").await.text());
    }
    for result in ["taken", "repeated", "unknown", "refused"] {
        let line = format!("fd_gateway_events_total{{result=\"{result}\"}}");
        assert!(counts.contains(&line), "{result}");
    }
    paying.city.end().await;
}
