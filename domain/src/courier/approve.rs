//! The platform lets a courier in.

use crate::ids::CourierId;
use serde::{Deserialize, Serialize};

/// Lets a courier carry. Operators only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ApproveCourier {
    pub courier_id: CourierId,
}
