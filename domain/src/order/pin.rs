//! Numbers that people say to each other, and what a wrong one leads to.
//!
//! A wrong number must be counted, and a no writes nothing. So whoever hears one answers *yes*:
//! the entry writes the count and tells of it, and nothing moves. Who asked looks at the order
//! afterwards: if it has not moved, the number was wrong. The same wrong number again is a repeat
//! and not counted. When no tries are left, every number is refused, the right one too, and an
//! operator helps.

use super::Pins;
use super::case::Case;
use crate::event::Event;
use crate::limits::PIN_TRIES;
use crate::rejection::Rejection;
use crate::sealed::Digest;
use serde::{Deserialize, Serialize};

/// Who says it to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinKind {
    /// The customer to the kitchen.
    Pickup,
    /// The customer to the courier.
    Door,
    /// The kitchen to the courier.
    HandOver,
}

/// What came of a number that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is the one, or none was needed.
    Right,
    /// It is not, and is counted now.
    Wrong,
    /// It is not, and was counted before.
    Again,
}

impl Pins {
    /// How often a number may still be wrong.
    pub fn tries_left(&self, kind: PinKind) -> u32 {
        PIN_TRIES.saturating_sub(match kind {
            PinKind::Pickup => self.pickup_tries,
            PinKind::Door => self.door_tries,
            PinKind::HandOver => self.handover_tries,
        })
    }

    fn digest(&self, kind: PinKind) -> Option<Digest> {
        let pin = match kind {
            PinKind::Pickup => &self.pickup,
            PinKind::Door => &self.door,
            PinKind::HandOver => &self.handover,
        };
        pin.as_ref().map(|pin| pin.digest)
    }

    fn tries_mut(&mut self, kind: PinKind) -> &mut u32 {
        match kind {
            PinKind::Pickup => &mut self.pickup_tries,
            PinKind::Door => &mut self.door_tries,
            PinKind::HandOver => &mut self.handover_tries,
        }
    }
}

impl Case {
    /// Compares a number that somebody said with the order's.
    ///
    /// # Errors
    /// If no tries are left, or the order has no such number.
    pub(crate) fn say(&mut self, kind: PinKind, said: Digest) -> Result<Said, Rejection> {
        let pins = &self.order().pins;
        let spent = pins.tries_left(kind) == 0;
        let Some(digest) = pins.digest(kind).filter(|_| !spent) else {
            return Err(Rejection::PinWrong { tries_left: 0 });
        };
        if digest == said {
            // The kitchen's number is needed twice: for the way out, and for the way back.
            if kind == PinKind::HandOver && pins.handover_tries > 0 {
                let pins = &mut self.order_mut().pins;
                (pins.handover_tries, pins.wrong) = (0, None);
            }
            return Ok(Said::Right);
        }
        if pins.wrong == Some((kind, said)) {
            return Ok(Said::Again);
        }
        let order_id = self.order().id;
        let pins = &mut self.order_mut().pins;
        *pins.tries_mut(kind) += 1;
        pins.wrong = Some((kind, said));
        let tries_left = pins.tries_left(kind);
        self.event(Event::PinWrong { order_id, tries_left });
        Ok(Said::Wrong)
    }
}
