//! Everything that people are told: one line each, with how urgent it is and how long it is of use.

use super::Topic;
use crate::time::MINUTE_MS;
use serde::{Deserialize, Serialize};

/// How far a message goes to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To their apps; nowhere if they have none.
    Apps,
    /// To their apps, else to the contact they signed up with.
    Person,
    /// To a phone as a short message, else to a mail address.
    Sms,
    /// To a phone, as a call.
    Call,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $topic:ident $reach:ident $urgent:literal
        $minutes:literal;)*) => {
        /// What a message says. Stored by name: a name never changes.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)]
        pub enum NoticeKind {
            $($(#[$doc])* $name,)*
        }

        impl NoticeKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it stands in records and in the API.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What people choose its channels by.
            pub fn topic(self) -> Topic {
                match self {
                    $(Self::$name => Topic::$topic,)*
                }
            }

            /// How far it goes.
            pub fn reach(self) -> Reach {
                match self {
                    $(Self::$name => Reach::$reach,)*
                }
            }

            /// Whether it passes quiet hours: somebody waits for an answer, or at a door.
            pub fn is_urgent(self) -> bool {
                match self {
                    $(Self::$name => $urgent,)*
                }
            }

            /// How long after its event it is of use, in milliseconds.
            pub fn useful_ms(self) -> i64 {
                match self {
                    $(Self::$name => $minutes * MINUTE_MS,)*
                }
            }
        }
    };
}

// name = as stored: topic, reach, urgent, minutes of use
kinds! {
    OrderAccepted = "order_accepted": Orders Apps false 30;
    OrderRejected = "order_rejected": Orders Person true 120;
    OrderExpired = "order_expired": Orders Person true 120;
    OrderCancelled = "order_cancelled": Orders Person true 1440;
    NoCourier = "no_courier": Orders Person true 1440;
    OrderDelayed = "order_delayed": Orders Apps false 30;
    /// For those who come for it.
    OrderReady = "order_ready": Orders Person true 60;
    OrderPickedUp = "order_picked_up": Orders Apps false 30;
    CourierAtDoor = "courier_at_door": Orders Person true 15;
    OrderDelivered = "order_delivered": Orders Apps false 720;
    OrderNoShow = "order_no_show": Orders Person false 1440;
    SubstitutionProposed = "substitution_proposed": Orders Person true 10;
    PaymentDeclined = "payment_declined": Orders Person true 10;
    PaymentAction = "payment_action": Orders Person true 10;
    RefundDone = "refund_done": Orders Person false 10080;
    DebtAdded = "debt_added": Orders Person false 10080;
    ClaimSettled = "claim_settled": Orders Person false 10080;
    ClaimRefused = "claim_refused": Orders Person false 10080;
    KitchenNew = "kitchen_new": Work Apps true 15;
    KitchenAgain = "kitchen_again": Work Apps true 5;
    KitchenSms = "kitchen_sms": Work Sms true 5;
    KitchenCall = "kitchen_call": Work Call true 5;
    /// It is time to begin an order for later.
    KitchenDue = "kitchen_due": Work Apps true 30;
    KitchenCancelled = "kitchen_cancelled": Work Apps true 120;
    KitchenAnswered = "kitchen_answered": Work Apps true 30;
    KitchenClaim = "kitchen_claim": Work Person false 1440;
    /// How well it works has come to this, or an operator says so.
    KitchenWarned = "kitchen_warned": Work Person false 10080;
    KitchenLimited = "kitchen_limited": Work Person false 10080;
    KitchenPaused = "kitchen_paused": Work Person true 10080;
    /// All of that is over.
    KitchenFreed = "kitchen_freed": Work Person false 10080;
    CourierOffer = "courier_offer": Work Apps true 2;
    CourierReady = "courier_ready": Work Apps true 30;
    CourierReleased = "courier_released": Work Apps true 30;
    CourierMeasured = "courier_measured": Work Person false 10080;
    OperatorsAlert = "operators_alert": Work Person true 60;
    OperatorsNoCourier = "operators_no_courier": Work Person true 60;
    OperatorsFailed = "operators_failed": Work Person true 240;
    /// A courier who was banned has food in their bag.
    OperatorsStranded = "operators_stranded": Work Person true 240;
    /// An order waits for somebody to look at it.
    OperatorsReview = "operators_review": Work Person true 30;
    /// A restaurant was paused by its score: somebody must talk to it.
    OperatorsPaused = "operators_paused": Work Person false 1440;
    OperatorsMoney = "operators_money": Work Person true 1440;
    OperatorsDispute = "operators_dispute": Work Person true 1440;
    OperatorsDifference = "operators_difference": Work Person false 1440;
    WebhookOff = "webhook_off": Work Person false 10080;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::Error;

    #[test]
    fn names_are_what_is_stored() {
        for kind in NoticeKind::ALL {
            let stored: Result<NoticeKind, Error> =
                NoticeKind::deserialize(kind.name().into_deserializer());
            assert_eq!(stored, Ok(*kind));
        }
    }
}
