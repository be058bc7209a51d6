//! Out of the game, and back in.

use crate::ids::AccountId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Ends every session of a person and refuses every later write of theirs. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BanAccount {
    pub account_id: AccountId,
    pub reason: String,
    pub until: Option<Timestamp>,
}

/// Takes a ban back. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UnbanAccount {
    pub account_id: AccountId,
    pub reason: String,
}
