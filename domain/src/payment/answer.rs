//! What the gateway said. The only way to `Authorized` is its word, never a client's.

use super::WorkId;
use serde::{Deserialize, Serialize};

/// Records the gateway's answer to one piece of work. System only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RecordGatewayAnswer {
    pub work_id: WorkId,
    pub answer: GatewayAnswer,
}

/// What a gateway can say for sure. A time-out is no answer: the work stays and is asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum GatewayAnswer {
    /// It holds: authorized, captured or voided, as the work asked.
    Done { gateway_ref: String },
    /// It will not.
    Declined { reason: String },
}
