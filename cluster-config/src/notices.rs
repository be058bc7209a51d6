//! Who takes the messages of a city.

use crate::checks::is_loopback;
use crate::reader::Section;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Messages to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notices {
    /// Who takes them.
    pub adapter: NoticeAdapter,
    /// Where messages to apps go; no such messages if absent.
    pub push_url: Option<String>,
    /// Where short messages go.
    pub sms_url: Option<String>,
    /// Where mails go.
    pub email_url: Option<String>,
    /// Where calls go.
    pub voice_url: Option<String>,
    /// Whom mails by SMTP come from.
    pub mail_from: Option<String>,
    /// One line: the password of the user that `email_url` names.
    pub mail_password_file: Option<PathBuf>,
    /// One line: what the relays know us by.
    pub token_file: Option<PathBuf>,
    /// How long a relay may take for one message.
    pub timeout_ms: u64,
}

/// A way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeAdapter {
    /// Nowhere: the last messages are shown to operators.
    Embedded,
    /// To a relay for each channel.
    Http,
}

/// The longest that one message may take.
const MAX_TIMEOUT_MS: u64 = 60_000;

impl Notices {
    /// The addresses, with their keys.
    fn urls(&self) -> [(&'static str, Option<&String>); 4] {
        [
            ("push_url", self.push_url.as_ref()),
            ("sms_url", self.sms_url.as_ref()),
            ("email_url", self.email_url.as_ref()),
            ("voice_url", self.voice_url.as_ref()),
        ]
    }

    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let adapter = s.required("adapter");
        let push_url = s.optional("push_url");
        let sms_url = s.optional("sms_url");
        let email_url = s.optional("email_url");
        let voice_url = s.optional("voice_url");
        let mail_from = s.optional("mail_from");
        let mail_password_file = s.optional("mail_password_file");
        let token_file = s.optional("token_file");
        let time = |ms: &u64| (1..=MAX_TIMEOUT_MS).contains(ms);
        let timeout_ms = s.checked("timeout_ms", time, "1 to 60000 milliseconds");
        let notices = Self {
            adapter: adapter?,
            push_url,
            sms_url,
            email_url,
            voice_url,
            mail_from,
            mail_password_file,
            token_file,
            timeout_ms: timeout_ms?,
        };
        for (key, url) in notices.urls() {
            let mails = key == "email_url" && url.is_some_and(|url| is_smtp(url));
            if url.is_some_and(|url| !(is_safe(url) || (mails && is_safe_smtp(url)))) {
                s.wrong(
                    key,
                    "an address that begins with https://, or with http:// on this machine",
                );
            }
        }
        let some = notices.urls().iter().any(|(_, url)| url.is_some());
        match notices.adapter {
            NoticeAdapter::Http if !some => {
                s.wrong("adapter", "http needs one of push_url, sms_url, email_url, voice_url");
            }
            NoticeAdapter::Embedded if some => {
                s.wrong("adapter", "embedded sends nothing to anybody: http does");
            }
            NoticeAdapter::Http | NoticeAdapter::Embedded => {}
        }
        let by_smtp = notices.email_url.as_deref().is_some_and(is_smtp);
        if by_smtp != notices.mail_from.is_some() {
            s.wrong(
                "mail_from",
                "goes with an email_url of smtps:// or smtp://, and with no other",
            );
        }
        Some(notices)
    }
}

/// Whether mails go by SMTP.
fn is_smtp(url: &str) -> bool {
    url.starts_with("smtps://") || url.starts_with("smtp://")
}

/// The same for mails: TLS from the start, or before anything is said (`?tls=required`), or on this
/// machine.
fn is_safe_smtp(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let (place, asks) = rest.split_once('?').unwrap_or((rest, ""));
    let host = place.rsplit('@').next().unwrap_or_default().trim_end_matches('/');
    let here = is_loopback(host) || is_loopback(&format!("{host}:25"));
    let whole = !host.is_empty() && !url.contains(char::is_whitespace);
    whole && (scheme == "smtps" || asks == "tls=required" || (here && asks.is_empty()))
}

/// Contacts and the token cross no network in plain text.
fn is_safe(url: &str) -> bool {
    if url.contains(char::is_whitespace) {
        return false;
    }
    let host = |rest: &str| rest.split(['/', '?']).next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return !host(rest).is_empty();
    }
    url.strip_prefix("http://").is_some_and(|rest| {
        let host = host(rest);
        is_loopback(&host) || is_loopback(&format!("{host}:80"))
    })
}
