//! Relays over HTTP: one address for each channel, behind which somebody else's provider stands.

use super::mail::Mailer;
use super::{Letter, SendError};
use anyhow::Context;
use cluster_config::Notices;
use domain::notice::Channel;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// Calls by HTTP.
#[derive(Clone)]
pub(crate) struct Relays {
    client: Client,
    urls: BTreeMap<Channel, Url>,
    /// Takes mails, where no relay does.
    mailer: Option<Mailer>,
    headers: HeaderMap,
    timeout: Duration,
}

impl fmt::Debug for Relays {
    /// Not the token, and no address, which can hold one too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels: Vec<_> = self.urls.keys().map(|channel| channel.name()).collect();
        write!(f, "relays for {}", channels.join(", "))
    }
}

impl Relays {
    pub(super) fn new(
        config: &Notices,
        token: Option<String>,
        mail_password: Option<String>,
    ) -> anyhow::Result<Self> {
        // Another one may have been installed by another node of this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
                .context("notices.token_file holds what no header can")?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let timeout = Duration::from_millis(config.timeout_ms);
        let client = Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .context("the client of notices")?;
        let urls = [
            (Channel::Push, &config.push_url),
            (Channel::Sms, &config.sms_url),
            (Channel::Email, &config.email_url),
            (Channel::Voice, &config.voice_url),
        ];
        let urls = urls.into_iter().filter_map(|(channel, url)| Some((channel, url.as_deref()?)));
        let mut urls: BTreeMap<_, Url> = urls
            .map(|(channel, url)| Ok((channel, Url::parse(url)?)))
            .collect::<anyhow::Result<_>>()
            .context("an address of notices")?;
        let by_smtp = urls.get(&Channel::Email).is_some_and(|url| url.scheme().starts_with("smtp"));
        let mailer = match urls.remove(&Channel::Email) {
            Some(url) if by_smtp => {
                let from = config.mail_from.as_deref().unwrap_or_default();
                let password = mail_password.as_deref().map(str::trim);
                Some(Mailer::new(&url, from, password, timeout)?)
            }
            Some(url) => {
                urls.insert(Channel::Email, url);
                None
            }
            None => None,
        };
        Ok(Self { client, urls, mailer, headers, timeout })
    }

    pub(super) fn offered(&self) -> BTreeSet<Channel> {
        let mails = self.mailer.is_some().then_some(Channel::Email);
        self.urls.keys().copied().chain(mails).collect()
    }

    /// A moment more than one call takes, so that it is the call that gives up.
    pub(super) fn patience(&self) -> Duration {
        self.timeout + Duration::from_millis(500)
    }

    pub(super) async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        if let Some(mailer) = self.mailer.as_ref().filter(|_| letter.channel == Channel::Email) {
            return mailer.send(letter).await;
        }
        let Letter { key, channel, to, title, text } = letter;
        let Some(url) = self.urls.get(channel) else {
            return Err(SendError::Refused("nobody takes messages of this channel".to_owned()));
        };
        let key = key.to_string();
        let body = json!({"key": key, "channel": channel.name(), "to": to, "title": title,
            "text": text});
        let request = self.client.post(url.clone()).headers(self.headers.clone());
        let request = request.header("Idempotency-Key", key).json(&body);
        match request.send().await {
            Ok(answer) => judged(*channel, answer.status()),
            Err(error) if error.is_timeout() => Err(SendError::NoAnswer("time-out".to_owned())),
            // Without the address, which is the relay's secret.
            Err(error) => Err(SendError::NoAnswer(error.without_url().to_string())),
        }
    }
}

/// What a status says. 409 is a relay's word for a key that it has sent already.
fn judged(channel: Channel, status: StatusCode) -> Result<(), SendError> {
    let said = status.as_u16().to_string();
    match status {
        StatusCode::CONFLICT => Ok(()),
        StatusCode::GONE if channel == Channel::Push => Err(SendError::Gone),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::NoAnswer(said))
        }
        // A token that is out of date is mended by an operator, not by giving messages up.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(SendError::NoAnswer(said)),
        status if status.is_success() => Ok(()),
        status if status.is_client_error() => Err(SendError::Refused(said)),
        _ => Err(SendError::NoAnswer(said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_status_says() {
        let by = |channel, status| match judged(channel, StatusCode::from_u16(status).unwrap()) {
            Ok(()) => "sent",
            Err(SendError::NoAnswer(_)) => "again",
            Err(SendError::Gone) => "gone",
            Err(SendError::Refused(_)) => "never",
        };
        let said = |status| by(Channel::Sms, status);
        assert_eq!((by(Channel::Push, 410), by(Channel::Push, 404)), ("gone", "never"));
        let all = [200, 202, 301, 400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 503];
        let told: Vec<_> = all.iter().map(|status| format!("{status} {}", said(*status))).collect();
        expect_test::expect![[
            "200 sent, 202 sent, 301 again, 400 never, 401 again, 403 again, 404 never, \
             408 again, 409 sent, 410 never, 422 never, 429 again, 500 again, 503 again"
        ]]
        .assert_eq(&told.join(", "));
    }
}
