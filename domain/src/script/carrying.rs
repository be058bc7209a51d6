//! The verbs of couriers, of counters, and of the operators who help both.
//!
//! Steps take `since 12:10:00`, `fence 2`, `event e1`, and what is shown: `pin 1234`, `code 4321`,
//! `photo p1`, `signature s1`, `age`, `metres 200`.

use super::words::Words;
use super::{Script, digest, sealed};
use crate::Command;
use crate::delivery::*;
use crate::ids::*;
use crate::image::{ImageHash, PutImage, Variant};
use crate::order::{HandOverOrder, NoShowOrder};

impl Script {
    pub(super) fn deliveries(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let order_id = self.order_id(words.subject);
        let delivery_id = DeliveryId::of(order_id);
        let delivery = self.city.deliveries.get(&delivery_id);
        let seen = delivery.map_or(0, |delivery| delivery.fence);
        let fence = words.number("fence").and_then(|number| number.try_into().ok());
        let courier_id = self.courier_id(words.get("to").or(words.get("by")).unwrap_or(""));
        let occurred_at = words.clock("since").map(|ms| self.midnight.plus_ms(ms));
        let event_id = words.get("event").map(digest);
        let proof = proof(words);
        let advance = |to| {
            let wish =
                AdvanceDelivery { courier_id, order_id, to, fence, occurred_at, event_id, proof };
            ("carl", Command::AdvanceDelivery(wish))
        };
        Some(match words.verb {
            "offer" => {
                let fence = fence.unwrap_or(seen);
                let wish = OfferDelivery { delivery_id, courier_id, fence };
                ("system", Command::OfferDelivery(wish))
            }
            "take" => ("carl", Command::TakeOffer(TakeOffer { courier_id, order_id, fence })),
            "decline" => {
                ("carl", Command::DeclineOffer(DeclineOffer { courier_id, order_id, fence }))
            }
            "drop" => ("carl", Command::DropDelivery(DropDelivery { courier_id, order_id, fence })),
            "unassign" => {
                let reason = String::new();
                ("op", Command::UnassignDelivery(UnassignDelivery { delivery_id, reason }))
            }
            "at_store" => advance(Progress::AtStore),
            "pick_up" => advance(Progress::PickedUp),
            "at_door" => advance(Progress::AtDoor),
            "deliver" => advance(Progress::Delivered),
            "return" => advance(Progress::Returning),
            "returned" => advance(Progress::Returned),
            "fail" => {
                let reasons = [
                    ("absent", FailReason::CustomerAbsent),
                    ("refused", FailReason::Refused),
                    ("unsafe", FailReason::Unsafe),
                ];
                let reason = words.choose(&reasons).unwrap_or(FailReason::Damaged);
                let wish =
                    FailDelivery { courier_id, order_id, reason, fence, occurred_at, event_id };
                ("carl", Command::FailDelivery(wish))
            }
            _ => return None,
        })
    }

    /// Pickup, proofs, and what operators decide.
    pub(super) fn proofs(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        if words.verb == "photo" {
            return Some(("carl", picture(self, words)));
        }
        let order_id = self.order_id(words.subject);
        let delivery_id = DeliveryId::of(order_id);
        let restaurant_id = self.restaurant_id(words.get("at").or(words.get("by")).unwrap_or(""));
        let courier_id = self.courier_id(words.get("by").unwrap_or("carl"));
        let fence = words.number("fence").and_then(|number| number.try_into().ok());
        let Proof { photo, signature, .. } = proof(words);
        Some(match words.verb {
            "hand_over" => {
                let pin = words.get("pin").map(digest);
                let wish = HandOverOrder { order_id, restaurant_id, pin };
                ("r1", Command::HandOverOrder(wish))
            }
            "no_show" => ("r1", Command::NoShowOrder(NoShowOrder { order_id, restaurant_id })),
            "contact" => {
                let event_id = digest(words.need("event"));
                ("carl", Command::LogContact(LogContact { courier_id, order_id, fence, event_id }))
            }
            "attach" => {
                let wish = AttachProof { courier_id, order_id, fence, photo, signature };
                ("carl", Command::AttachProof(wish))
            }
            "direct" => {
                let directions = [
                    ("returning", Direction::Returning),
                    ("returned", Direction::Returned),
                    ("disposed", Direction::Disposed),
                    ("resumed", Direction::Resumed),
                    ("lost", Direction::Lost),
                    ("delivered", Direction::Delivered),
                ];
                let to = words.choose(&directions).unwrap_or_else(|| words.wrong("direction"));
                let reason = String::new();
                ("op", Command::DirectDelivery(DirectDelivery { delivery_id, to, reason }))
            }
            _ => return None,
        })
    }
}

/// What a line shows.
fn proof(words: &Words<'_>) -> Proof {
    Proof {
        pin: words.get("pin").map(digest),
        code: words.get("code").map(digest),
        photo: words.get("photo").map(hash),
        signature: words.get("signature").map(hash),
        age_checked: words.has("age"),
        door_distance_m: words.number("metres").and_then(|metres| metres.try_into().ok()),
    }
}

/// `photo p1 by carl`: uploads a picture that only few may see; `for alice`, with her key; with
/// `open` everybody may.
fn picture(script: &mut Script, words: &Words<'_>) -> Command {
    let variant = Variant { width: 320, extension: "jpg".to_owned(), bytes: sealed(words.subject) };
    Command::PutImage(Box::new(PutImage {
        hash: hash(words.subject),
        private: !words.has("open"),
        closed_for: words.get("for").map(|name| script.account_id(name)),
        variants: vec![variant],
    }))
}

pub(super) fn hash(name: &str) -> ImageHash {
    let digest = digest(name);
    ImageHash(std::array::from_fn(|place| digest.0[place]))
}
