//! How a run ends, for scripts.

use api::client::CallError;
use std::process::ExitCode;

/// The four ways a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Yes: it is done, or it is so.
    Yes,
    /// No: the city, a file or the machine said no. Repeating it changes nothing.
    No,
    /// The command line is wrong.
    Usage,
    /// Nobody answered, or nobody can say whether it happened. Repeating it is safe.
    Unknown,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::Unknown => 3,
        })
    }
}

/// The city could not decide, however often it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Undecided(pub(crate) String);

/// Nobody said who asks.
#[derive(Debug, thiserror::Error)]
#[error("who are you? set FD_TOKEN, or FD_LOGIN and FD_PASSWORD")]
pub(crate) struct NoCredentials;

impl Exit {
    /// What an error means for a script.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.is::<NoCredentials>() {
            return Self::Usage;
        }
        if error.is::<Undecided>() {
            return Self::Unknown;
        }
        match error.downcast_ref::<CallError>() {
            // What did not happen is no verdict either: the city was not heard.
            Some(CallError::Unknown { .. } | CallError::NotDone { .. }) => Self::Unknown,
            Some(CallError::Unreadable(_)) => Self::Unknown,
            // Files, arguments that only the system can judge, and a no of the city.
            Some(CallError::Refused(_)) | None => Self::No,
        }
    }
}
