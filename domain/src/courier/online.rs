//! Work now, or not.

use super::Vehicle;
use crate::ids::CourierId;
use serde::{Deserialize, Serialize};

/// Goes on or off shift. Off shift withdraws a live offer; what is carried stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SetCourierOnline {
    pub courier_id: CourierId,
    pub online: bool,
    pub vehicle: Option<Vehicle>,
}
