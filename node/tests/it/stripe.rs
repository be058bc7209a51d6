//! The adapter for Stripe against `localstripe`, a fake of it that others have written: a real
//! process with its own idea of what Stripe does. It has no disputes, so those are posted as Stripe
//! would post them.

use crate::city::{Setup, until};
use crate::gateways::{Paying, payment_of};
use crate::http::{Answer, Api, http, send};
use node::signature::sign;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const KEY: &str = "sk_test_paper";
const SECRET: &str = "whsec_paper";

struct LocalStripe {
    child: Child,
    url: String,
}

impl LocalStripe {
    /// Nothing, with a word of why, where it is not installed.
    async fn start() -> Option<Self> {
        let cache = std::env::var_os("XDG_CACHE_HOME").filter(|set| !set.is_empty());
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = cache.map(PathBuf::from).or_else(home)?;
        let python = cache.join("fd/peers/localstripe/bin/python");
        if !python.is_file() {
            eprintln!("SKIPPED: no {}, `cargo xtask peers` installs it", python.display());
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python);
        command.args(["-m", "localstripe", "--from-scratch", "--port", &free.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let stripe =
            Self { child: command.spawn().unwrap(), url: format!("http://127.0.0.1:{free}") };
        until("localstripe serves", async || {
            stripe.api().try_get("/v1/balance").await.filter(|answer| answer.status == 200)
        })
        .await;
        Some(stripe)
    }

    fn api(&self) -> Api {
        Api::new(http(), self.url.clone()).with(KEY)
    }

    async fn form(&self, path: &str, form: &str) -> Value {
        let request = self.api().request(Method::POST, path).body(form.to_owned());
        let kind = "application/x-www-form-urlencoded";
        send(request.header("content-type", kind)).await.ok(200)
    }

    async fn intent_of(&self, order_id: &str) -> Value {
        let intents = self.api().get("/v1/payment_intents?limit=100").await.ok(200);
        let intents = intents["data"].as_array().unwrap().clone();
        let ours =
            |intent: &Value| intent["metadata"]["payment_id"] == payment_of(order_id).as_str();
        let found: Vec<_> = intents.into_iter().filter(ours).collect();
        assert_eq!(found.len(), 1, "one intent for {order_id}");
        found[0].clone()
    }
}

impl Drop for LocalStripe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn tell(paying: &Paying, node: usize, id: &str, kind: &str, object: Value) -> Answer {
    let body = json!({"id": id, "type": kind, "data": {"object": object}}).to_string();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let request = paying.city.at(node).request(Method::POST, "/v1/gateway/stripe");
    let signed = sign(SECRET.as_bytes(), now, body.as_bytes());
    send(request.header("stripe-signature", signed).body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_authorizes_captures_refunds_disputes_and_calls() {
    let Some(stripe) = LocalStripe::start().await else { return };
    let tables = format!(
        "[payments]\ngateway = \"stripe\"\nurl = \"{}\"\nkey_file = \"stripe-key\"\n\
         webhook_secret_file = \"stripe-secret\"\nreconcile_s = 1\n",
        stripe.url
    );
    let files = vec![("stripe-key", KEY.to_owned()), ("stripe-secret", SECRET.to_owned())];
    let paying = Paying::open(&Setup { tables, files, ..Setup::default() }).await;
    let hook = json!({"url": format!("{}/v1/gateway/stripe", paying.city.url(2)),
        "secret": SECRET});
    let hook = stripe.api().post("/_config/webhooks/city", hook).await;
    assert_eq!(hook.status, 200, "{}", hook.text());

    // Set aside, taken, and a part of it given back.
    let id = paying.place(1, "good", "pm_card_visa").await;
    paying.hand_over(&id).await;
    let order = paying.order_is(&id, "payment_state", "captured").await;
    let total = order["receipt"]["total"]["amount"].as_i64().unwrap();
    let intent = stripe.intent_of(&id).await;
    assert_eq!((&intent["status"], &intent["amount"]), (&json!("succeeded"), &json!(total)));
    assert_eq!(intent["currency"], "eur");
    paying.refund(&id, "cold", 500).await;
    paying.refund(&id, "cold", 500).await;
    paying.order_is(&id, "refund_state", "partially_refunded").await;
    paying.settled().await;
    let refunds = stripe.api().get("/v1/refunds?limit=100").await.ok(200);
    assert_eq!(refunds["data"].as_array().unwrap().len(), 1, "{refunds}");
    assert_eq!(refunds["data"][0]["amount"], 500);
    let case = paying.admin(&format!("payments/{}", payment_of(&id))).await;
    let theirs = &case["theirs"][0];
    assert_eq!(
        (&theirs["state"], &theirs["refunded"]["amount"]),
        (&json!("captured"), &json!(500))
    );

    // Its own calls come as well, signed by it.
    until("Stripe has called", async || {
        let metrics = paying.city.at(2).get("/metrics").await.text();
        metrics.contains("fd_gateway_events_total{result=\"").then_some(())
    })
    .await;
    declined_confirmed_and_let_go(&stripe, &paying).await;
    disputes(&stripe, &paying, &id, total).await;
    let report = paying.reconcile(true).await;
    assert_eq!((&report["complete"], &report["left"]), (&json!(true), &json!(0)), "{report}");
    assert_eq!(report["differences"], json!([]), "{report}");
    paying.city.end().await;
}

async fn declined_confirmed_and_let_go(stripe: &LocalStripe, paying: &Paying) {
    let no = paying.place(2, "declined", "pm_card_chargeCustomerFail").await;
    paying.order_is(&no, "payment_state", "failed").await;
    let case = paying.admin(&format!("payments/{}", payment_of(&no))).await;
    assert_eq!(case["ours"]["decline"], "card_declined", "{case}");

    let card = "type=card&card[number]=4000002500003155&card[exp_month]=12&card[exp_year]=2030\
        &card[cvc]=123";
    let method = stripe.form("/v1/payment_methods", card).await;
    let asked = paying.place(3, "asked", method["id"].as_str().unwrap()).await;
    paying.order_is(&asked, "payment_state", "action_required").await;
    let intent = stripe.intent_of(&asked).await;
    let (pi, secret) = (intent["id"].as_str().unwrap(), intent["client_secret"].as_str().unwrap());
    let path = format!("/v1/payment_intents/{pi}/_authenticate");
    stripe.form(&path, &format!("client_secret={secret}&success=true")).await;
    paying.order_is(&asked, "state", "placed").await;

    let path = format!("/v1/order/{asked}/cancel");
    let body = json!({"reason": "customer_changed_mind"});
    paying.city.by(1, &paying.ana).post(&path, body).await.ok(200);
    paying.order_is(&asked, "payment_state", "voided").await;
    assert_eq!(stripe.intent_of(&asked).await["status"], "canceled");
}

/// The bank asks for money back: told twice, and for another payment in the wrong order.
async fn disputes(stripe: &LocalStripe, paying: &Paying, id: &str, total: i64) {
    let pi = stripe.intent_of(id).await["id"].clone();
    let dispute = |status: &str, name: &str, pi: &Value| {
        json!({"object": "dispute", "id": name, "amount": total, "status": status,
            "payment_intent": pi})
    };
    let opened = dispute("needs_response", "dp_1", &pi);
    for node in [1, 3] {
        let told = tell(paying, node, "evt_a", "charge.dispute.created", opened.clone()).await;
        assert_eq!(told.status, 200, "{}", told.text());
    }
    paying.payment_is(&payment_of(id), "disputed").await;
    let won = dispute("won", "dp_1", &pi);
    assert_eq!(tell(paying, 2, "evt_b", "charge.dispute.closed", won).await.status, 200);
    paying.payment_is(&payment_of(id), "captured").await;

    let other = paying.place(1, "lost", "pm_card_visa").await;
    paying.hand_over(&other).await;
    paying.order_is(&other, "payment_state", "captured").await;
    let pi = stripe.intent_of(&other).await["id"].clone();
    let lost = dispute("lost", "dp_2", &pi);
    let first = tell(paying, 1, "evt_d", "charge.dispute.closed", lost).await;
    assert_eq!(first.status, 200, "{}", first.text());
    paying.payment_is(&payment_of(&other), "captured").await;
    let opened = dispute("needs_response", "dp_2", &pi);
    assert_eq!(tell(paying, 2, "evt_c", "charge.dispute.created", opened).await.status, 200);
    paying.payment_is(&payment_of(&other), "lost").await;
}
