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
        let token_file = s.optional("token_file");
        let time = |ms: &u64| (1..=MAX_TIMEOUT_MS).contains(ms);
        let timeout_ms = s.checked("timeout_ms", time, "1 to 60000 milliseconds");
        let notices = Self {
            adapter: adapter?,
            push_url,
            sms_url,
            email_url,
            voice_url,
            token_file,
            timeout_ms: timeout_ms?,
        };
        for (key, url) in notices.urls() {
            if url.is_some_and(|url| !is_safe(url)) {
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
        Some(notices)
    }
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
