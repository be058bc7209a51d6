//! Stripe: payment intents that are captured by hand, refunds with our names in their metadata.
//!
//! Each call carries an `Idempotency-Key` derived from the work. Stripe forgets keys after a day,
//! and work may be older, so what must not happen twice is looked for first by what never
//! expires: an intent's state, a refund's metadata.

use super::sight::{Inbound, Page, Sight, SightDispute, SightRefund, SightState};
use super::{CALL_WITHIN, InboundWrong, Job, NoAnswer, call, call_key, declined, http_client};
use crate::clock;
use axum::http::HeaderMap;
use domain::ids::PaymentId;
use domain::payment::{GatewayAnswer, Method, Work};
use domain::time::Timestamp;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::fmt;

mod events;
mod reading;

use reading::{authorization, captured, dispute, refund, sight, text};

/// Rows of one page.
const PAGE: &str = "100";
/// Pages in which a payment is looked for by our name for it.
const LOOK_UP_PAGES: usize = 20;
/// Their clock may be a little behind ours.
const CLOCKS_MS: i64 = 60_000;
/// A payment that is older than this is looked for by its name before it is asked for once more.
const LOOK_FIRST_AFTER_MS: i64 = 3_600_000;

/// Asks Stripe.
pub(crate) struct Stripe {
    http: reqwest::Client,
    url: String,
    key: String,
    webhook_secret: Vec<u8>,
    currency: String,
    return_url: Option<String>,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stripe({})", self.url)
    }
}

impl Stripe {
    /// With the secret key of an account. `return_url` is where customers come back to from their
    /// bank's page; without it their app needs Stripe's own library for that.
    ///
    /// # Errors
    /// The system has no HTTP client.
    pub(crate) fn new(
        url: &str,
        key: String,
        webhook_secret: Vec<u8>,
        currency: &str,
        return_url: Option<String>,
    ) -> anyhow::Result<Self> {
        let http = http_client(CALL_WITHIN)?;
        let url = url.trim_end_matches('/').to_owned();
        let currency = currency.to_ascii_lowercase();
        Ok(Self { http, url, key, webhook_secret, currency, return_url })
    }

    pub(super) async fn ask(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        match job.work {
            Work::Authorize { .. } => self.authorize(job).await,
            Work::Confirm { .. } => match self.known(job).await? {
                Some(intent) => authorization(&intent),
                None => Err(NoAnswer::Undecided),
            },
            Work::Capture { .. } => self.capture(job).await,
            Work::Void { .. } => self.void(job).await,
            Work::Refund { .. } => self.refund(job).await,
        }
    }

    pub(super) async fn look_up(
        &self,
        payment_id: PaymentId,
        gateway_ref: Option<&str>,
        created_at: Timestamp,
    ) -> Result<Vec<Sight>, NoAnswer> {
        let intents = match gateway_ref {
            Some(id) => self.intent(id).await?.into_iter().collect(),
            None => self.named(payment_id, created_at).await?,
        };
        let mut sights = Vec::new();
        for intent in intents {
            sights.push(self.in_full(&intent).await?);
        }
        Ok(sights)
    }

    pub(super) async fn list(
        &self,
        cursor: Option<&str>,
        since: Timestamp,
    ) -> Result<Page, NoAnswer> {
        let (intents, next) = self.page(cursor, since).await?;
        Ok(Page { sights: intents.iter().filter_map(sight).collect(), next })
    }

    pub(super) async fn let_go(&self, gateway_ref: &str) -> Result<(), NoAnswer> {
        let path = format!("/v1/payment_intents/{gateway_ref}/cancel");
        let asked = self.post(&path, &format!("{gateway_ref}-cancel"), &[]);
        match call(asked).await? {
            (200 | 404, _) => Ok(()),
            // Cancelled before, or taken meanwhile: only the first is what was asked for.
            (status, _) => match self.intent(gateway_ref).await? {
                Some(intent) if intent["status"] == "canceled" => Ok(()),
                _ => Err(NoAnswer::Status(status)),
            },
        }
    }

    pub(super) async fn inbound(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Option<Inbound>, InboundWrong> {
        let signed = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
        crate::signature::verify(&self.webhook_secret, signed, body, now.0 / 1_000)?;
        let told = events::read(body)?;
        let Some(events::Told { event_id, mut payment_id, intent, fact }) = told else {
            return Ok(None);
        };
        // Disputes and old refunds name the intent alone, and the intent names the payment.
        if let (None, Some(intent)) = (payment_id, &intent) {
            let intent = self.intent(intent).await?;
            payment_id = intent.as_ref().and_then(reading::payment_id);
        }
        Ok(Some(Inbound { event_id, payment_id, fact }))
    }

    async fn authorize(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let (Method::Card { token } | Method::Wallet { token }) = &job.payment.method else {
            return Err(NoAnswer::Undecided);
        };
        // Keys are forgotten after a day: an old question may have been answered long ago.
        let age_ms = clock::now().ms_since(job.payment.created_at);
        if age_ms > LOOK_FIRST_AFTER_MS {
            let before = self.named(job.payment.id, job.payment.created_at).await?;
            if let Some(intent) = before.last() {
                return authorization(intent);
            }
        }
        let amount = job.payment.amount.0.to_string();
        let (payment_id, order_id) = (job.payment.id.to_string(), job.payment.order_id.to_string());
        let mut form = vec![
            ("amount", amount.as_str()),
            ("currency", self.currency.as_str()),
            ("payment_method", token.as_str()),
            ("payment_method_types[0]", "card"),
            ("capture_method", "manual"),
            ("confirm", "true"),
            ("metadata[payment_id]", payment_id.as_str()),
            ("metadata[order_id]", order_id.as_str()),
        ];
        form.extend(self.return_url.as_deref().map(|url| ("return_url", url)));
        match call(self.post("/v1/payment_intents", &call_key(job.work), &form)).await? {
            (200, intent) => match intent["status"].as_str() {
                // The key repeats the first answer; what has become of it says the intent.
                Some("processing" | "requires_action") => {
                    let id = text(&intent, "/id").ok_or(NoAnswer::Unreadable)?;
                    let now = self.intent(id).await?.ok_or(NoAnswer::Undecided)?;
                    authorization(&now)
                }
                _ => authorization(&intent),
            },
            // Somebody else asks with this key just now.
            (409, _) => Err(NoAnswer::Status(409)),
            // Our own words have changed since the key was used: what came of it will be found by
            // its name, and no bank has said no.
            (status, body) if body["error"]["type"] == "idempotency_error" => {
                Err(NoAnswer::Status(status))
            }
            (_, body) => Ok(declined(&why(&body))),
        }
    }

    async fn capture(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let Some(intent) = self.known(job).await? else { return unknown(job) };
        let id = text(&intent, "/id").ok_or(NoAnswer::Unreadable)?;
        let done = |intent: &Value| GatewayAnswer::Done {
            gateway_ref: id.to_owned(),
            amount: Some(captured(intent).unwrap_or(job.payment.to_capture)),
        };
        match intent["status"].as_str() {
            Some("succeeded") => return Ok(done(&intent)),
            Some("canceled" | "requires_payment_method") => return Ok(declined("canceled")),
            _ => {}
        }
        let path = format!("/v1/payment_intents/{id}/capture");
        let amount = job.payment.to_capture.0.to_string();
        let form = [("amount_to_capture", amount.as_str())];
        match call(self.post(&path, &call_key(job.work), &form)).await? {
            (200, _) => Ok(GatewayAnswer::Done {
                gateway_ref: id.to_owned(),
                amount: Some(job.payment.to_capture),
            }),
            (402, body) => Ok(declined(&why(&body))),
            // The next question finds it in another state, or an operator reads the log.
            (status, body) => {
                tracing::warn!(status, why = why(&body), "Stripe does not capture");
                Err(NoAnswer::Status(status))
            }
        }
    }

    async fn void(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let payment = job.payment;
        let intents = match &payment.gateway_ref {
            Some(id) => self.intent(id).await?.into_iter().collect(),
            None => self.named(payment.id, payment.created_at).await?,
        };
        let mut gateway_ref = String::new();
        for intent in intents {
            let id = text(&intent, "/id").ok_or(NoAnswer::Unreadable)?.to_owned();
            match intent["status"].as_str() {
                Some("succeeded") => return Ok(declined("captured")),
                Some("canceled") => {}
                _ => {
                    let path = format!("/v1/payment_intents/{id}/cancel");
                    // There may be two under one name, each with a key of its own.
                    let key = format!("{}-{id}", call_key(job.work));
                    let (status, _) = call(self.post(&path, &key, &[])).await?;
                    let now = self.intent(&id).await?.ok_or(NoAnswer::Undecided)?;
                    if now["status"] != "canceled" {
                        return Err(NoAnswer::Status(status));
                    }
                }
            }
            gateway_ref = id;
        }
        Ok(GatewayAnswer::Done { gateway_ref, amount: None })
    }

    async fn refund(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let Some(wish) = job.refund else { return Err(NoAnswer::Undecided) };
        let Some(intent) = self.known(job).await? else { return unknown(job) };
        let id = text(&intent, "/id").ok_or(NoAnswer::Unreadable)?;
        let answer = |refund: &SightRefund| match refund.done {
            Some(false) => declined("refund_failed"),
            // On its way is as good as there: if it fails later, a webhook says so.
            Some(true) | None => {
                GatewayAnswer::Done { gateway_ref: id.to_owned(), amount: Some(refund.amount) }
            }
        };
        let before = self.refunds(id).await?;
        if let Some(before) = before.iter().find(|refund| refund.refund_id == Some(wish.id)) {
            return Ok(answer(before));
        }
        let (amount, refund_id) = (wish.amount.0.to_string(), wish.id.to_string());
        let form = [
            ("payment_intent", id),
            ("amount", amount.as_str()),
            ("metadata[refund_id]", refund_id.as_str()),
        ];
        match call(self.post("/v1/refunds", &call_key(job.work), &form)).await? {
            (200, body) => Ok(answer(&refund(&body).ok_or(NoAnswer::Unreadable)?)),
            (409, _) => Err(NoAnswer::Status(409)),
            (_, body) => Ok(declined(&why(&body))),
        }
    }

    /// The intent behind a payment: by Stripe's name for it, else by ours.
    async fn known(&self, job: &Job<'_>) -> Result<Option<Value>, NoAnswer> {
        match &job.payment.gateway_ref {
            Some(id) => self.intent(id).await,
            None => Ok(self.named(job.payment.id, job.payment.created_at).await?.pop()),
        }
    }

    async fn intent(&self, id: &str) -> Result<Option<Value>, NoAnswer> {
        let path = format!("/v1/payment_intents/{id}?expand[]=latest_charge");
        self.get(&path).await
    }

    /// Intents that carry our name. Stripe's search lags behind; its list does not.
    async fn named(
        &self,
        payment_id: PaymentId,
        created_at: Timestamp,
    ) -> Result<Vec<Value>, NoAnswer> {
        let (mut found, mut cursor) = (Vec::new(), None);
        let since = created_at.plus_ms(-CLOCKS_MS);
        for _ in 0..LOOK_UP_PAGES {
            let (intents, next) = self.page(cursor.as_deref(), since).await?;
            let named = |intent: &Value| reading::payment_id(intent) == Some(payment_id);
            found.extend(intents.into_iter().filter(named));
            if next.is_none() {
                return Ok(found);
            }
            cursor = next;
        }
        // Not seen is not the same as not there.
        if found.is_empty() { Err(NoAnswer::Undecided) } else { Ok(found) }
    }

    /// Intents made since a moment. The list is filtered here, for what is listed newest first
    /// ends by itself where it becomes too old.
    async fn page(
        &self,
        cursor: Option<&str>,
        since: Timestamp,
    ) -> Result<(Vec<Value>, Option<String>), NoAnswer> {
        let mut path = format!("/v1/payment_intents?limit={PAGE}&expand[]=data.latest_charge");
        if let Some(cursor) = cursor {
            path.push_str("&starting_after=");
            path.push_str(cursor);
        }
        let page = self.get(&path).await?.ok_or(NoAnswer::Unreadable)?;
        let data = page["data"].as_array().ok_or(NoAnswer::Unreadable)?;
        let created = |intent: &Value| intent["created"].as_i64().unwrap_or(0) * 1_000;
        let ends = match (data.first(), data.last()) {
            (Some(first), Some(last)) => created(last) < since.0 && created(first) >= created(last),
            _ => true,
        };
        let more = page["has_more"] == true && !ends;
        let next = data.last().filter(|_| more).and_then(|last| text(last, "/id"));
        let next = next.map(str::to_owned);
        let recent = data.iter().filter(|intent| created(intent) >= since.0);
        Ok((recent.cloned().collect(), next))
    }

    /// An intent with all that hangs on it.
    async fn in_full(&self, intent: &Value) -> Result<Sight, NoAnswer> {
        let mut sight = sight(intent).ok_or(NoAnswer::Unreadable)?;
        if sight.state == SightState::Captured {
            sight.refunds = self.refunds(&sight.gateway_ref).await?;
            sight.dispute = self.dispute(intent).await?;
        }
        Ok(sight)
    }

    async fn refunds(&self, intent: &str) -> Result<Vec<SightRefund>, NoAnswer> {
        let path = format!("/v1/refunds?limit={PAGE}&payment_intent={intent}");
        let Some(page) = self.get(&path).await? else { return Ok(Vec::new()) };
        Ok(page["data"].as_array().into_iter().flatten().filter_map(refund).collect())
    }

    async fn dispute(&self, intent: &Value) -> Result<Option<SightDispute>, NoAnswer> {
        if intent.pointer("/latest_charge/disputed") != Some(&Value::Bool(true)) {
            return Ok(None);
        }
        let id = text(intent, "/id").unwrap_or_default();
        let page = self.get(&format!("/v1/disputes?limit=1&payment_intent={id}")).await?;
        Ok(page.as_ref().and_then(|page| dispute(page.pointer("/data/0")?)))
    }

    /// A read; nothing if there is no such thing.
    async fn get(&self, path: &str) -> Result<Option<Value>, NoAnswer> {
        let asked = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.key);
        match call(asked).await? {
            (200, body) => Ok(Some(body)),
            (404, _) => Ok(None),
            (status, _) => Err(NoAnswer::Status(status)),
        }
    }

    fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let asked = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.key);
        let asked = asked.header("idempotency-key", key);
        asked.header("content-type", "application/x-www-form-urlencoded").body(reading::form(form))
    }
}

/// Stripe's short word for a refusal, never its text for people, which may quote what was sent.
/// An intent that we were told of and that is not there now: the key may be another account's, and
/// nobody has refused anything. One that we never heard of cannot be taken.
fn unknown(job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
    match &job.payment.gateway_ref {
        Some(_) => Err(NoAnswer::Status(404)),
        None => Ok(declined("unknown_intent")),
    }
}

fn why(body: &Value) -> String {
    let error = &body["error"];
    let word = ["decline_code", "code", "type"].iter().find_map(|name| error[*name].as_str());
    word.unwrap_or("refused").to_owned()
}
