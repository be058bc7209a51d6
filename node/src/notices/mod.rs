//! Messages on their way out: providers of each channel, what people read, and who they are.
//!
//! Each message has a key that says which event it tells of, to whom and how. Providers send what
//! they know by its key only once, so a message that is sent again, by a leader that has just begun
//! or after a lost answer, reaches nobody twice.

mod codes;
mod embedded;
mod mail;
mod people;
mod relay;
mod texts;
mod words;

pub(crate) use codes::code_text;
pub(crate) use embedded::Sent;
pub(crate) use people::{People, house};
pub(crate) use words::Language;

use domain::ids::NoticeId;
use domain::notice::Channel;
use embedded::Embedded;
use relay::Relays;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// One message to one person, ready to be sent.
#[derive(Clone)]
pub(crate) struct Letter {
    /// The same for every try.
    pub key: NoticeId,
    /// How it goes.
    pub channel: Channel,
    /// A phone number, a mail address or a device's token: for the provider's eyes only.
    pub to: String,
    /// In a few words, for what shows a line of its own.
    pub title: String,
    /// All of it.
    pub text: String,
}

impl fmt::Debug for Letter {
    /// Neither who gets it nor what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.key, self.channel.name())
    }
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// Perhaps it was: sent again with the same key it goes out once.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The device is not there any more: nothing need be sent to it.
    #[error("gone")]
    Gone,
    /// It never will be, as it stands.
    #[error("refused: {0}")]
    Refused(String),
}

/// Who takes the messages of this city.
#[derive(Clone, Debug)]
pub(crate) enum Providers {
    /// Nobody outside: messages are counted and the last ones shown to operators.
    Embedded(Embedded),
    /// A relay for each channel, over HTTP.
    Relays(Relays),
}

impl Providers {
    /// Without anybody outside.
    pub(crate) fn embedded() -> Self {
        Self::Embedded(Embedded::default())
    }

    /// By relays, which are named in the configuration; `token` is what they know us by, and
    /// `mail_password` what an SMTP server does.
    ///
    /// # Errors
    /// The client cannot be made.
    pub(crate) fn relays(
        config: &cluster_config::Notices,
        token: Option<String>,
        mail_password: Option<String>,
    ) -> anyhow::Result<Self> {
        Ok(Self::Relays(Relays::new(config, token, mail_password)?))
    }

    /// The channels that somebody takes messages for.
    pub(crate) fn offered(&self) -> BTreeSet<Channel> {
        match self {
            Self::Embedded(_) => Channel::ALL.into(),
            Self::Relays(relays) => relays.offered(),
        }
    }

    /// Sends one message. Bounded in time.
    ///
    /// # Errors
    /// If nobody knows whether it was sent, or it never will be.
    pub(crate) async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        match self {
            Self::Embedded(embedded) => {
                embedded.take(letter);
                Ok(())
            }
            Self::Relays(relays) => relays.send(letter).await,
        }
    }

    /// How long a message may take that nobody else waits for.
    pub(crate) fn patience(&self) -> Duration {
        match self {
            Self::Embedded(_) => Duration::from_secs(1),
            Self::Relays(relays) => relays.patience(),
        }
    }

    /// The last messages of this node, newest first; nothing where relays take them.
    pub(crate) fn outbox(&self) -> Vec<Sent> {
        match self {
            Self::Embedded(embedded) => embedded.last(),
            Self::Relays(_) => Vec::new(),
        }
    }
}
