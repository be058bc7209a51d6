//! One request to one receiver, and what came of it.

use super::guard::{Guard, Refused};
use super::signature::signatures;
use domain::limits::WEBHOOK_RETRY_AFTER_MS;
use domain::time::{SECOND_MS, Timestamp};
use domain::webhook::WebhookAnswer;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use std::error::Error;
use std::time::Duration;
use tokio::time::Instant;

/// How long a connection may take of the whole time.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read, so that the connection can be used again; not looked at.
const ANSWER_BYTES: usize = 16 << 10;
/// Idle connections kept to one receiver.
const IDLE: usize = 2;

/// Sends requests to receivers. Cheap to clone: connections are shared.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    public: Way,
    /// Where plain HTTP to this machine is allowed.
    loopback: Option<Way>,
    within: Duration,
}

/// A guard, and the client that connects to nothing else.
#[derive(Clone, Debug)]
struct Way {
    guard: Guard,
    client: Option<Client>,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    /// The same at every attempt: receivers forget repeats by it.
    pub id: &'a str,
    /// Now.
    pub at: Timestamp,
    /// JSON.
    pub body: &'a str,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// What the receiver said.
    pub answer: WebhookAnswer,
    /// How long that took.
    pub took_ms: u32,
    /// How long it asks us to wait, in milliseconds.
    pub retry_after_ms: Option<i64>,
}

impl Sender {
    /// One that waits so long for an answer.
    pub(crate) fn new(plain_on_loopback: bool, within: Duration) -> Self {
        // Whoever was first is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loopback = plain_on_loopback.then(|| Way::new(Guard::loopback()));
        Self { public: Way::new(Guard::public()), loopback, within }
    }

    /// Whether something may be sent there, by what its name means now.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn check(&self, url: &str) -> Result<(), Refused> {
        self.way(url).guard.check(url).await
    }

    /// Sends a message, signed with each of these secrets.
    pub(crate) async fn send(&self, url: &str, secrets: &[String], message: Message<'_>) -> Sent {
        let begun = Instant::now();
        let asked = tokio::time::timeout(self.within, self.ask(url, secrets, message)).await;
        let (answer, retry_after_ms) = asked.unwrap_or((WebhookAnswer::TimedOut, None));
        let took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        Sent { answer, took_ms, retry_after_ms }
    }

    async fn ask(
        &self,
        url: &str,
        secrets: &[String],
        message: Message<'_>,
    ) -> (WebhookAnswer, Option<i64>) {
        let way = self.way(url);
        // Numbers in place of a name are never looked up, so they are looked at here.
        let Ok(url) = way.guard.read(url) else {
            return (WebhookAnswer::AddressRefused, None);
        };
        let timestamp_s = message.at.0.div_euclid(SECOND_MS);
        let signature = signatures(secrets, message.id, timestamp_s, message.body);
        let (Some(client), Some(signature)) = (&way.client, signature) else {
            return (WebhookAnswer::Unreachable, None);
        };
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", signature)
            .body(message.body.to_owned());
        match request.send().await {
            Ok(response) => {
                let status = response.status();
                let wait = retry_after(status, response.headers(), message.at);
                drain(response).await;
                (WebhookAnswer::Status(status.as_u16()), wait)
            }
            Err(error) if error.is_timeout() => (WebhookAnswer::TimedOut, None),
            Err(error) if was_refused(&error) => (WebhookAnswer::AddressRefused, None),
            Err(_) => (WebhookAnswer::Unreachable, None),
        }
    }

    fn way(&self, url: &str) -> &Way {
        let plain = url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
        self.loopback.as_ref().filter(|_| plain).unwrap_or(&self.public)
    }
}

impl Way {
    fn new(guard: Guard) -> Self {
        let client = Client::builder()
            .dns_resolver(guard.clone())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .pool_max_idle_per_host(IDLE)
            .user_agent("fd-webhooks/1")
            .build();
        if let Err(error) = &client {
            tracing::error!(%error, "webhooks cannot be sent from this machine");
        }
        Self { guard, client: client.ok() }
    }
}

/// Reads the answer to its end if that is near, so that the connection is free again.
async fn drain(mut response: Response) {
    let mut read = 0;
    while read < ANSWER_BYTES
        && let Ok(Some(bytes)) = response.chunk().await
    {
        read += bytes.len();
    }
}

/// Whether the guard gave no address.
fn was_refused(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(this) = cause {
        if this.is::<Refused>() {
            return true;
        }
        cause = this.source();
    }
    false
}

/// How long a receiver asks us to wait, where it may: `Retry-After` in seconds or as a date.
fn retry_after(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let may = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let text = headers.get(RETRY_AFTER).filter(|_| may.contains(&status))?.to_str().ok()?;
    let ms = match text.trim().parse::<i64>() {
        Ok(seconds) => seconds.saturating_mul(SECOND_MS),
        Err(_) => http_date(text)?.ms_since(now),
    };
    Some(ms.clamp(0, WEBHOOK_RETRY_AFTER_MS))
}

/// `Wed, 25 Nov 2026 10:30:00 GMT`
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = words[..] else { return None };
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn retry_after_is_heard_from_those_who_are_busy_and_bounded() {
        let now: Timestamp = "2026-11-25T10:30:00Z".parse().unwrap();
        let heard = |status: u16, text: &str| {
            let headers = [(RETRY_AFTER, HeaderValue::from_str(text).unwrap())];
            let headers = headers.into_iter().collect();
            retry_after(StatusCode::from_u16(status).unwrap(), &headers, now)
        };
        assert_eq!(heard(429, "120"), Some(120_000));
        assert_eq!(heard(503, "Wed, 25 Nov 2026 10:31:00 GMT"), Some(60_000));
        assert_eq!(heard(503, "Wed, 25 Nov 2026 10:29:00 GMT"), Some(0));
        assert_eq!(heard(503, "9999999999999999"), Some(WEBHOOK_RETRY_AFTER_MS));
        assert_eq!(heard(503, "-5"), Some(0));
        assert_eq!((heard(500, "120"), heard(429, "soon"), heard(429, "")), (None, None, None));
    }
}
