//! A delivery is shown to one courier.

use crate::ids::{CourierId, DeliveryId};
use serde::{Deserialize, Serialize};

/// Offers an unassigned delivery. System (the dispatcher) or an operator. `apply` checks that it is
/// still unassigned at this fence, and the courier still free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OfferDelivery {
    pub delivery_id: DeliveryId,
    pub courier_id: CourierId,
    /// The fence that the dispatcher saw.
    pub fence: u32,
}
