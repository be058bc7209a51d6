//! The gateway in a process of its own: what a real one looks like from here, network included.

use super::sight::{Inbound, Page, Sight, SightDispute, SightRefund, SightState};
use super::{CALL_WITHIN, InboundWrong, Job, NoAnswer, call, call_key, declined, http_client};
use crate::sandbox::wire::*;
use crate::signature;
use axum::http::HeaderMap;
use domain::ids::PaymentId;
use domain::money::Money;
use domain::mutant::{Mutant, is_planted};
use domain::payment::{GatewayAnswer, GatewayFact, Method, Work};
use domain::time::Timestamp;
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

/// Asks an `fdsandbox`.
pub(crate) struct SandboxClient {
    http: reqwest::Client,
    url: String,
    key: Option<String>,
    webhook_secret: Vec<u8>,
    currency: String,
}

impl fmt::Debug for SandboxClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SandboxClient({})", self.url)
    }
}

impl SandboxClient {
    /// At this address.
    ///
    /// # Errors
    /// The system has no HTTP client.
    pub(crate) fn new(
        url: &str,
        key: Option<String>,
        webhook_secret: Vec<u8>,
        currency: String,
    ) -> anyhow::Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http: http_client(CALL_WITHIN)?, url, key, webhook_secret, currency })
    }

    pub(super) async fn ask(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        match job.work {
            Work::Authorize { .. } => self.authorize(job).await,
            Work::Confirm { .. } => match self.known(job).await? {
                Some(charge) => authorization(charge),
                None => Err(NoAnswer::Undecided),
            },
            Work::Capture { .. } => self.capture(job).await,
            Work::Void { payment_id } => self.void(*payment_id).await,
            Work::Refund { .. } => self.refund(job).await,
        }
    }

    pub(super) async fn look_up(&self, payment_id: PaymentId) -> Result<Vec<Sight>, NoAnswer> {
        let charges = self.referred(payment_id).await?;
        Ok(charges.into_iter().map(sight).collect())
    }

    pub(super) async fn list(
        &self,
        cursor: Option<&str>,
        since: Timestamp,
    ) -> Result<Page, NoAnswer> {
        let asked = self.request(self.http.get(self.at("/v1/charges")));
        let after = cursor.unwrap_or("0");
        let page: Charges =
            got(asked.query(&[("after", after), ("since_ms", &since.0.to_string())])).await?;
        let next = page.data.last().filter(|_| page.has_more);
        let next = next.map(|charge| charge.changed.to_string());
        Ok(Page { sights: page.data.into_iter().map(sight).collect(), next })
    }

    pub(super) async fn let_go(&self, gateway_ref: &str) -> Result<(), NoAnswer> {
        let path = format!("/v1/charges/{gateway_ref}/void");
        match call(self.post(&path, &format!("{gateway_ref}-void"))).await? {
            // Nothing to let go is as good.
            (200 | 404 | 409, _) => Ok(()),
            (status, _) => Err(NoAnswer::Status(status)),
        }
    }

    pub(super) fn inbound(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Option<Inbound>, InboundWrong> {
        let signed = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
        signature::verify(&self.webhook_secret, signed, body, now.0 / 1_000)?;
        let event: Event = serde_json::from_slice(body).map_err(|_| InboundWrong::Unreadable)?;
        let payment_id = event.charge.reference.parse().ok();
        let event_id = event.id.clone();
        Ok(fact(event).map(|fact| Inbound { event_id, payment_id, fact }))
    }

    async fn authorize(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let (Method::Card { token } | Method::Wallet { token }) = &job.payment.method else {
            return Err(NoAnswer::Undecided);
        };
        let wish = Authorize {
            reference: job.payment.id.to_string(),
            token: token.clone(),
            amount: job.payment.amount.0,
            currency: self.currency.clone(),
        };
        let (status, body) =
            call(self.post("/v1/charges", &call_key(job.work)).json(&wish)).await?;
        match status {
            201 => {}
            409 => return Err(NoAnswer::Status(409)),
            _ => return Ok(declined(&why(&body))),
        }
        let charge: Charge = read(body)?;
        match charge.state {
            // The key repeats the first answer; what has become of it says the charge.
            ChargeState::Pending | ChargeState::ActionRequired => {
                authorization(self.charge(&charge.id).await?)
            }
            ChargeState::Declined
            | ChargeState::Authorized
            | ChargeState::Captured
            | ChargeState::Voided => authorization(charge),
        }
    }

    async fn capture(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let Some(charge) = self.known(job).await? else { return Ok(declined("unknown_charge")) };
        let wish = Capture { amount: job.payment.to_capture.0 };
        let path = format!("/v1/charges/{}/capture", charge.id);
        match call(self.post(&path, &call_key(job.work)).json(&wish)).await? {
            (200, body) => {
                let Charge { id, captured, .. } = read(body)?;
                Ok(GatewayAnswer::Done { gateway_ref: id, amount: Some(Money(captured)) })
            }
            (402, body) => Ok(declined(&why(&body))),
            (status, body) => {
                // Perhaps it was done under another key, by an operator's hand.
                let charge = self.charge(&charge.id).await?;
                match charge.state {
                    ChargeState::Captured => {
                        let amount = Some(Money(charge.captured));
                        Ok(GatewayAnswer::Done { gateway_ref: charge.id, amount })
                    }
                    ChargeState::Declined | ChargeState::Voided => Ok(declined(&why(&body))),
                    ChargeState::Pending
                    | ChargeState::ActionRequired
                    | ChargeState::Authorized => Err(NoAnswer::Status(status)),
                }
            }
        }
    }

    /// Lets go of all that this payment may hold. An authorization whose answer was lost may be
    /// there without our knowing its name.
    async fn void(&self, payment_id: PaymentId) -> Result<GatewayAnswer, NoAnswer> {
        let mut gateway_ref = String::new();
        for charge in self.referred(payment_id).await? {
            match charge.state {
                ChargeState::Captured => return Ok(declined("captured")),
                ChargeState::Pending | ChargeState::ActionRequired | ChargeState::Authorized => {
                    self.let_go(&charge.id).await?;
                    // Somebody else may have been faster with a capture.
                    if self.charge(&charge.id).await?.state != ChargeState::Voided {
                        return Err(NoAnswer::Undecided);
                    }
                }
                ChargeState::Declined | ChargeState::Voided => {}
            }
            gateway_ref = charge.id;
        }
        Ok(GatewayAnswer::Done { gateway_ref, amount: None })
    }

    async fn refund(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let Some(refund) = job.refund else { return Err(NoAnswer::Undecided) };
        let Some(charge) = self.known(job).await? else { return Ok(declined("unknown_charge")) };
        let reference = refund.id.to_string();
        let done = |charge: &Charge| {
            let same = |known: &&Refund| known.reference == reference;
            charge.refunds.iter().find(same).map(|known| match known.done {
                true => GatewayAnswer::Done {
                    gateway_ref: charge.id.clone(),
                    amount: Some(Money(known.amount)),
                },
                false => declined("card_closed"),
            })
        };
        // A key is forgotten some day; our name for the refund is not.
        let mut key = call_key(job.work);
        if is_planted(Mutant::RefundTwice) {
            key = format!("{key}-{}", crate::clock::now().0);
        } else if let Some(before) = done(&charge) {
            return Ok(before);
        }
        let wish = MakeRefund { reference: reference.clone(), amount: refund.amount.0 };
        let path = format!("/v1/charges/{}/refunds", charge.id);
        match call(self.post(&path, &key).json(&wish)).await? {
            (200, body) => done(&read(body)?).ok_or(NoAnswer::Unreadable),
            (409, _) => Err(NoAnswer::Status(409)),
            (_, body) => Ok(declined(&why(&body))),
        }
    }

    /// The charge behind a payment: by the gateway's name for it, else by ours.
    async fn known(&self, job: &Job<'_>) -> Result<Option<Charge>, NoAnswer> {
        match &job.payment.gateway_ref {
            Some(id) => self.charge(id).await.map(Some),
            None => Ok(self.referred(job.payment.id).await?.pop()),
        }
    }

    async fn charge(&self, id: &str) -> Result<Charge, NoAnswer> {
        got(self.request(self.http.get(self.at(&format!("/v1/charges/{id}"))))).await
    }

    async fn referred(&self, payment_id: PaymentId) -> Result<Vec<Charge>, NoAnswer> {
        let asked = self.request(self.http.get(self.at("/v1/charges")));
        let found: Charges = got(asked.query(&[("reference", payment_id.to_string())])).await?;
        Ok(found.data)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn post(&self, path: &str, key: &str) -> RequestBuilder {
        self.request(self.http.post(self.at(path)).header("idempotency-key", key))
    }

    fn request(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }
}

async fn got<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, NoAnswer> {
    match call(request).await? {
        (200, body) => read(body),
        (status, _) => Err(NoAnswer::Status(status)),
    }
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, NoAnswer> {
    serde_json::from_value(body).map_err(|_| NoAnswer::Unreadable)
}

fn why(body: &Value) -> String {
    body["error"].as_str().unwrap_or("refused").to_owned()
}

/// What a charge says about the question whether the money is set aside.
fn authorization(charge: Charge) -> Result<GatewayAnswer, NoAnswer> {
    Ok(match charge.state {
        ChargeState::Pending => return Err(NoAnswer::Undecided),
        ChargeState::ActionRequired => {
            let url = charge.url.ok_or(NoAnswer::Unreadable)?;
            GatewayAnswer::ActionRequired { gateway_ref: charge.id, url }
        }
        ChargeState::Declined => declined(charge.reason.as_deref().unwrap_or("declined")),
        ChargeState::Voided => declined("voided"),
        ChargeState::Authorized | ChargeState::Captured => {
            GatewayAnswer::Done { gateway_ref: charge.id, amount: Some(Money(charge.amount)) }
        }
    })
}

fn fact(event: Event) -> Option<GatewayFact> {
    let Event { kind, refund, charge, .. } = event;
    let refund_id = || refund.as_ref()?.parse().ok();
    let gateway_ref = charge.id;
    Some(match kind {
        EventKind::Authorized => {
            GatewayFact::Authorized { gateway_ref, amount: Money(charge.amount) }
        }
        EventKind::ActionRequired => GatewayFact::ActionRequired { gateway_ref, url: charge.url? },
        EventKind::Declined => GatewayFact::Declined { reason: charge.reason.unwrap_or_default() },
        EventKind::Captured => GatewayFact::Captured { amount: Money(charge.captured) },
        EventKind::Voided => GatewayFact::Voided,
        EventKind::Refunded => GatewayFact::Refunded { refund_id: refund_id()? },
        EventKind::RefundFailed => GatewayFact::RefundFailed { refund_id: refund_id()? },
        EventKind::DisputeOpened => {
            let Dispute { id, amount, .. } = charge.dispute?;
            GatewayFact::DisputeOpened { dispute_id: id, amount: Money(amount) }
        }
        EventKind::DisputeClosed => {
            let Dispute { id, won, .. } = charge.dispute?;
            GatewayFact::DisputeClosed { dispute_id: id, won: won? }
        }
    })
}

fn sight(charge: Charge) -> Sight {
    let state = match charge.state {
        ChargeState::Pending => SightState::Pending,
        ChargeState::ActionRequired => {
            SightState::ActionRequired { url: charge.url.unwrap_or_default() }
        }
        ChargeState::Declined => SightState::Declined { reason: charge.reason.unwrap_or_default() },
        ChargeState::Authorized => SightState::Authorized,
        ChargeState::Captured => SightState::Captured,
        ChargeState::Voided => SightState::Voided,
    };
    let refund = |refund: Refund| SightRefund {
        refund_id: refund.reference.parse().ok(),
        amount: Money(refund.amount),
        done: Some(refund.done),
    };
    let refunds: Vec<_> = charge.refunds.into_iter().map(refund).collect();
    let done = refunds.iter().filter(|refund| refund.done == Some(true));
    Sight {
        gateway_ref: charge.id,
        payment_id: charge.reference.parse().ok(),
        amount: Money(charge.amount),
        state,
        captured: Money(charge.captured),
        refunded: Money(done.map(|refund| refund.amount.0).sum()),
        refunds,
        dispute: charge.dispute.map(|dispute| SightDispute {
            dispute_id: dispute.id,
            amount: Money(dispute.amount),
            won: dispute.won,
        }),
        created_at: Timestamp(charge.created_ms),
    }
}
