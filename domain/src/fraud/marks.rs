//! What an order comes from. Hashes, made before the log with a key that never enters it.

use super::TraceKey;
use crate::entry::Stamp;
use crate::ids::{CardMark, DeviceMark};
use crate::outcome::Checked;
use crate::rejection::Rejection;
use crate::view::View;
use serde::{Deserialize, Serialize};

/// The device and the card behind a request, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Marks {
    pub device: Option<DeviceMark>,
    pub card: Option<CardMark>,
    /// The customer's mail address is one that is thrown away.
    pub throwaway_mail: bool,
}

impl Marks {
    /// With what was known before where nothing is said now.
    pub(crate) fn or(self, before: Self) -> Self {
        Self {
            device: self.device.or(before.device),
            card: self.card.or(before.card),
            throwaway_mail: self.throwaway_mail || before.throwaway_mail,
        }
    }

    /// Where that is kept which is known of them.
    pub(crate) fn keys(self) -> impl Iterator<Item = TraceKey> {
        let device = self.device.map(TraceKey::Device);
        device.into_iter().chain(self.card.map(TraceKey::Card))
    }
}

/// A banned device or card buys nothing, whoever holds it.
pub(crate) fn let_in(city: &impl View, stamp: &Stamp, marks: &Marks) -> Checked<()> {
    for key in marks.keys() {
        let trace = city.trace(key)?;
        if trace.is_some_and(|trace| trace.is_banned_at(stamp.at)) {
            return Ok(Err(Rejection::OrderDeclined));
        }
    }
    Ok(Ok(()))
}
