//! Mails by SMTP, to a server that takes them without a relay between.

use super::{Letter, SendError};
use anyhow::Context;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use reqwest::Url;
use std::fmt;
use std::time::Duration;

/// Who takes mails. Cheap to clone: the connections are shared.
#[derive(Clone)]
pub(super) struct Mailer {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    /// Neither the server nor the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer")
    }
}

impl Mailer {
    /// `url` is as in `smtps://user@mail.example.net`; the password goes with it.
    pub(super) fn new(
        url: &Url,
        from: &str,
        password: Option<&str>,
        timeout: Duration,
    ) -> anyhow::Result<Self> {
        let mut url = url.clone();
        if let Some(password) = password {
            let set = url.set_password(Some(password));
            set.map_err(|()| anyhow::anyhow!("notices.email_url names a user for the password"))?;
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|error| anyhow::anyhow!("notices.email_url: {}", said(&error)))?;
        let from = from.parse().context("notices.mail_from is as in fd <no-reply@city.example>")?;
        Ok(Self { server: server.timeout(Some(timeout)).build(), from })
    }

    pub(super) async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let refused = |_| SendError::Refused("no mail can be made of it".to_owned());
        let to = letter.to.parse().map_err(|_| SendError::Refused("no mail address".to_owned()))?;
        // The same for every try, so that a server or a reader can tell a repeat.
        let id = format!("<{}@{}>", letter.key, self.from.email.domain());
        let mail = Message::builder()
            .message_id(Some(id))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.title.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(refused)?;
        match self.server.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) if is_final(&error) => Err(SendError::Refused(said(&error))),
            Err(error) => Err(SendError::NoAnswer(said(&error))),
        }
    }
}

/// Whether the server will never take this mail: it does not know the address (550 to 559). Any
/// other no, as to a password that is out of date, is mended by an operator.
fn is_final(error: &Error) -> bool {
    error.status().is_some_and(|status| (550..560).contains(&u16::from(status)))
}

/// The status alone: the text of a server often repeats the address.
fn said(error: &Error) -> String {
    match error.status() {
        Some(status) => status.to_string(),
        None if error.is_timeout() => "time-out".to_owned(),
        None => "no connection".to_owned(),
    }
}
