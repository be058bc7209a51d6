//! What can go wrong, by what the caller does next.

use std::io;

/// Why storage could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Stored bytes are not what was written. Stop this node for good and replace it.
    #[error("{what} is corrupt: {detail}")]
    Corrupt {
        /// Which file, column or record.
        what: &'static str,
        /// What was found instead.
        detail: String,
    },
    /// The raft log is shorter than this node once promised: votes or entries are gone. The node
    /// must not take part again under its id; an operator replaces it.
    #[error("the raft log lost what this node had promised: {detail}; replace this node")]
    Quarantined {
        /// What is missing.
        detail: String,
    },
    /// A newer binary wrote this. Start that one again; nothing was touched.
    #[error("{what} has format {found}, this binary reads up to {supported}")]
    NewerFormat {
        /// Which file, column or record.
        what: &'static str,
        /// The format that was found.
        found: u8,
        /// The newest one that this binary knows.
        supported: u8,
    },
    /// The disk, the file system or the engine refused. Stop; a restart may help.
    #[error("{doing} failed")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The log reached its last fsync: an earlier one failed, and none is ever retried.
    #[error("the raft log has stopped after a failed fsync")]
    LogStopped,
    /// The feed no longer has the event behind this cursor. Start again from `oldest`, knowing that
    /// something was missed.
    #[error("the feed begins behind {oldest}, and the cursor is before that")]
    BehindRetention {
        /// The first cursor that can still be asked with.
        oldest: domain::Cursor,
    },
    /// The domain's records cannot be turned into bytes: a defect, the node stops.
    #[error("a {what} cannot be encoded: {detail}")]
    Unencodable {
        /// Which record.
        what: &'static str,
        /// What the encoder said.
        detail: String,
    },
}

impl Error {
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

impl From<Error> for domain::Unreadable {
    fn from(error: Error) -> Self {
        Self(Box::new(error))
    }
}
