//! Logins: opened with a password that the node has checked, kept alive by a rotating secret.

use crate::ids::{AccountId, SessionId};
use crate::sealed::Digest;
use serde::{Deserialize, Serialize};

/// Opens a session. The actor is `Anyone`: the node has checked the password against the hash that
/// `password` names, and `apply` refuses if the account's hash is another one by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OpenSession {
    pub session_id: SessionId,
    pub account_id: AccountId,
    /// SHA-256 of the PHC string that the password was checked against.
    pub password: Digest,
    pub refresh: Digest,
}

/// Replaces the refresh token. The one before is still good for 30 s and then ends the session:
/// somebody else has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RotateSession {
    pub session_id: SessionId,
    pub presented: Digest,
    pub next: Digest,
}

/// Logs out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CloseSession {
    pub session_id: SessionId,
}
