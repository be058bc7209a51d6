//! The courier answers an offer. Silence is a no too: the deadline says it.

use crate::ids::{CourierId, OrderId};
use serde::{Deserialize, Serialize};

/// Yes. The courier's own live offer for this order; a second yes is a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TakeOffer {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    /// The fence of the offer that was seen; the live one if absent.
    pub fence: Option<u32>,
}

/// No. Costs the courier nothing; the delivery goes to the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DeclineOffer {
    pub courier_id: CourierId,
    pub order_id: OrderId,
    /// The fence of the offer that was seen; the live one if absent.
    pub fence: Option<u32>,
}
