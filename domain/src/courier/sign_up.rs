//! Somebody wants to carry.

use super::Vehicle;
use crate::ids::{AccountId, CourierId};
use serde::{Deserialize, Serialize};

/// Makes an account a courier, who waits for approval; an operator's word approves at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SignUpCourier {
    pub courier_id: CourierId,
    pub account_id: AccountId,
    pub vehicle: Vehicle,
}
