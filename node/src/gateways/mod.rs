//! Payment gateways: who moves the money when the outbox says so.
//!
//! One enum, since a city has one gateway and each speaks in its own way: [`embedded`] is a
//! function inside the node, for a city without any key from outside; [`sandbox`] asks an
//! `fdsandbox` process; [`stripe`] asks Stripe. All of them are asked with a key that is derived
//! from the work, and all tell a sure answer from silence: silence is asked again, never guessed.

mod embedded;
mod sandbox;
mod sight;
mod stripe;

pub(crate) use embedded::Embedded;
pub(crate) use sandbox::SandboxClient;
pub(crate) use sight::{Inbound, Page, Sight, SightState};
#[cfg(test)]
pub(crate) use sight::{SightDispute, SightRefund};
pub(crate) use stripe::Stripe;

use crate::signature::SignatureWrong;
use anyhow::Context;
use axum::http::HeaderMap;
use domain::ids::PaymentId;
use domain::limits::TOKEN_LETTERS;
use domain::payment::{GatewayAnswer, Payment, Work};
use domain::refund::Refund;
use domain::time::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long a call may take, connecting included; then nobody knows.
const CALL_WITHIN: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES: usize = 4 << 20;

/// No answer: nobody knows whether it happened. Ask again with the same key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// No connection, or one that broke.
    #[error("the gateway cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("the gateway took too long")]
    TimedOut,
    /// It has trouble of its own, or wants fewer requests.
    #[error("the gateway answered {0}")]
    Status(u16),
    /// It does not take our key: somebody must look at the configuration.
    #[error("the gateway refuses our key ({0})")]
    KeyRefused(u16),
    /// It answered with something that is no answer.
    #[error("the gateway's answer cannot be read")]
    Unreadable,
    /// It has not decided.
    #[error("the gateway has not decided yet")]
    Undecided,
}

impl NoAnswer {
    /// For counting.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Status(429) => "busy",
            Self::Status(_) => "broken",
            Self::KeyRefused(_) => "key_refused",
            Self::Unreadable => "unreadable",
            Self::Undecided => "undecided",
        }
    }
}

/// A webhook that does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InboundWrong {
    /// Anybody may have sent it.
    #[error(transparent)]
    Signature(#[from] SignatureWrong),
    /// Signed, and still not readable.
    #[error("the event cannot be read")]
    Unreadable,
    /// Signed; what it is about must be asked for, and the gateway does not answer.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

/// Whom this city asks for money. Cheap to clone; shows no key.
#[derive(Clone, Debug)]
pub(crate) enum Gateway {
    Embedded(Embedded),
    Sandbox(Arc<SandboxClient>),
    Stripe(Arc<Stripe>),
}

impl Gateway {
    /// As it stands in the configuration and in `/v1/gateway/{name}`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Embedded(_) => "embedded",
            Self::Sandbox(_) => "sandbox",
            Self::Stripe(_) => "stripe",
        }
    }

    /// Does the work, or says why not.
    ///
    /// # Errors
    /// It cannot be known: the work stays and is asked again.
    pub(crate) async fn ask(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let answer = match self {
            Self::Embedded(embedded) => embedded.ask(job).await,
            Self::Sandbox(sandbox) => sandbox.ask(job).await,
            Self::Stripe(stripe) => stripe.ask(job).await,
        }?;
        match (job.work, &answer) {
            // That was known. An answer would end the asking.
            (Work::Confirm { .. }, GatewayAnswer::ActionRequired { .. }) => {
                Err(NoAnswer::Undecided)
            }
            _ => Ok(answer),
        }
    }

    /// How the gateway sees a payment of ours; nothing if it has never heard of it.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn look_up(
        &self,
        payment_id: PaymentId,
        gateway_ref: Option<&str>,
        created_at: Timestamp,
    ) -> Result<Vec<Sight>, NoAnswer> {
        match self {
            Self::Embedded(_) => Ok(Vec::new()),
            Self::Sandbox(sandbox) => sandbox.look_up(payment_id).await,
            Self::Stripe(stripe) => stripe.look_up(payment_id, gateway_ref, created_at).await,
        }
    }

    /// What it has, a page at a time: all that changed since a moment, or that was made since then
    /// where it cannot tell.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn list(
        &self,
        cursor: Option<&str>,
        since: Timestamp,
    ) -> Result<Page, NoAnswer> {
        match self {
            Self::Embedded(_) => Ok(Page { sights: Vec::new(), next: None }),
            Self::Sandbox(sandbox) => sandbox.list(cursor, since).await,
            Self::Stripe(stripe) => stripe.list(cursor, since).await,
        }
    }

    /// Lets go an approval that no payment of ours stands behind.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn let_go(&self, gateway_ref: &str) -> Result<(), NoAnswer> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::Sandbox(sandbox) => sandbox.let_go(gateway_ref).await,
            Self::Stripe(stripe) => stripe.let_go(gateway_ref).await,
        }
    }

    /// What a webhook says, if it is signed; nothing if it is of no interest.
    ///
    /// # Errors
    /// It is not to be believed, or not to be read.
    pub(crate) async fn inbound(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Option<Inbound>, InboundWrong> {
        match self {
            Self::Embedded(_) => Err(SignatureWrong::Malformed.into()),
            Self::Sandbox(sandbox) => sandbox.inbound(headers, body, now),
            Self::Stripe(stripe) => stripe.inbound(headers, body, now).await,
        }
    }

    /// Whether it has a side of its own that can be compared with ours.
    pub(crate) fn can_be_compared(&self) -> bool {
        match self {
            Self::Embedded(_) => false,
            Self::Sandbox(_) | Self::Stripe(_) => true,
        }
    }
}

/// For counting and for people.
pub(crate) fn work_name(work: &Work) -> &'static str {
    match work {
        Work::Authorize { .. } => "authorize",
        Work::Confirm { .. } => "confirm",
        Work::Capture { .. } => "capture",
        Work::Void { .. } => "void",
        Work::Refund { .. } => "refund",
    }
}

/// What is asked, with the records that it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job<'a> {
    pub payment: &'a Payment,
    pub work: &'a Work,
    /// How much to give back, where that is asked.
    pub refund: Option<&'a Refund>,
}

/// No, for sure.
fn declined(reason: &str) -> GatewayAnswer {
    // The log refuses a longer one, and would be asked for ever.
    GatewayAnswer::Declined { reason: reason.chars().take(TOKEN_LETTERS).collect() }
}

/// The key of a call: the same for the same work, whoever asks and however often.
fn call_key(work: &Work) -> String {
    match work {
        Work::Authorize { payment_id } => format!("{payment_id}-authorize"),
        Work::Confirm { payment_id } => format!("{payment_id}-confirm"),
        Work::Capture { payment_id } => format!("{payment_id}-capture"),
        Work::Void { payment_id } => format!("{payment_id}-void"),
        Work::Refund { refund_id, .. } => format!("{refund_id}-refund"),
    }
}

/// A client that gives up in time and follows nobody elsewhere.
///
/// # Errors
/// The system refuses.
pub(crate) fn http_client(within: Duration) -> anyhow::Result<reqwest::Client> {
    // Somebody else may have chosen one already; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().connect_timeout(CONNECT_WITHIN.min(within));
    let client = client.timeout(within).redirect(reqwest::redirect::Policy::none());
    client.build().context("no HTTP client")
}

/// Sends; the status and the body, whatever they say.
async fn call(request: reqwest::RequestBuilder) -> Result<(u16, Value), NoAnswer> {
    let no_answer = |error: &reqwest::Error| {
        if error.is_timeout() { NoAnswer::TimedOut } else { NoAnswer::Unreachable }
    };
    let mut response = request.send().await.map_err(|error| no_answer(&error))?;
    let status = response.status().as_u16();
    match status {
        401 | 403 => return Err(NoAnswer::KeyRefused(status)),
        429 | 300..=399 | 500.. => return Err(NoAnswer::Status(status)),
        _ => {}
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            return Err(NoAnswer::Unreadable);
        }
    }
    let body = serde_json::from_slice(&body).map_err(|_| NoAnswer::Unreadable)?;
    Ok((status, body))
}
