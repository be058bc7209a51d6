//! Somebody new. One contact is one account, however many nodes are asked at once.

use crate::ids::AccountId;
use crate::sealed::{Digest, Sealed};
use serde::{Deserialize, Serialize};

/// Creates an account. The same request again is yes; a taken contact is `ContactTaken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SignUp {
    pub account_id: AccountId,
    pub login: Digest,
    pub contact: Sealed,
    pub name: Sealed,
    /// PHC string, hashed before the log.
    pub password: String,
    pub locale: Option<String>,
    /// SHA-256 of the request.
    pub request: Digest,
}
