//! Stripe's webhooks, read into facts.

use super::super::InboundWrong;
use super::reading::{action_url, decline, dispute, money, payment_id, text};
use domain::ids::PaymentId;
use domain::payment::GatewayFact;
use serde_json::Value;

/// A fact, and whatever says what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub event_id: String,
    pub payment_id: Option<PaymentId>,
    /// Stripe's name of the intent, which is asked if nothing names the payment.
    pub intent: Option<String>,
    pub fact: GatewayFact,
}

/// Nothing if it is an event of no interest.
///
/// # Errors
/// It is no event.
pub(super) fn read(body: &[u8]) -> Result<Option<Told>, InboundWrong> {
    let event: Value = serde_json::from_slice(body).map_err(|_| InboundWrong::Unreadable)?;
    let id = text(&event, "/id").ok_or(InboundWrong::Unreadable)?;
    let kind = text(&event, "/type").ok_or(InboundWrong::Unreadable)?;
    let object = event.pointer("/data/object").ok_or(InboundWrong::Unreadable)?;
    let Some(fact) = fact(kind, object) else { return Ok(None) };
    let intent = match text(object, "/object") {
        Some("payment_intent") => text(object, "/id"),
        _ => text(object, "/payment_intent"),
    };
    Ok(Some(Told {
        event_id: id.to_owned(),
        payment_id: payment_id(object),
        intent: intent.map(str::to_owned),
        fact,
    }))
}

fn fact(kind: &str, object: &Value) -> Option<GatewayFact> {
    let gateway_ref = || text(object, "/id").map(str::to_owned);
    Some(match kind {
        "payment_intent.amount_capturable_updated" => GatewayFact::Authorized {
            gateway_ref: gateway_ref()?,
            amount: money(object, "/amount_capturable").or_else(|| money(object, "/amount"))?,
        },
        "payment_intent.requires_action" => {
            GatewayFact::ActionRequired { gateway_ref: gateway_ref()?, url: action_url(object)? }
        }
        "payment_intent.payment_failed" => GatewayFact::Declined { reason: decline(object) },
        "payment_intent.succeeded" => GatewayFact::Captured {
            amount: money(object, "/amount_received").or_else(|| money(object, "/amount"))?,
        },
        "payment_intent.canceled" => GatewayFact::Voided,
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            let refund_id = text(object, "/metadata/refund_id")?.parse().ok()?;
            match text(object, "/status")? {
                "succeeded" => GatewayFact::Refunded { refund_id },
                "failed" | "canceled" => GatewayFact::RefundFailed { refund_id },
                _ => return None,
            }
        }
        "charge.dispute.created" => {
            let opened = dispute(object)?;
            GatewayFact::DisputeOpened { dispute_id: opened.dispute_id, amount: opened.amount }
        }
        "charge.dispute.closed" => {
            let closed = dispute(object)?;
            GatewayFact::DisputeClosed { dispute_id: closed.dispute_id, won: closed.won? }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Money;
    use serde_json::json;

    #[test]
    fn what_is_told_is_a_fact_or_of_no_interest() {
        let read = |kind: &str, object: Value| {
            let event = json!({"id": "evt_1", "type": kind, "data": {"object": object}});
            read(event.to_string().as_bytes()).map(|told| told.map(|told| (told.intent, told.fact)))
        };
        let intent = json!({"object": "payment_intent", "id": "pi_1", "amount": 900});
        let pi = Some("pi_1".to_owned());
        let captured = GatewayFact::Captured { amount: Money(900) };
        let found = read("payment_intent.succeeded", intent.clone());
        assert_eq!(found, Ok(Some((pi.clone(), captured))));
        assert_eq!(read("payment_intent.created", intent), Ok(None));
        let asked = json!({"object": "dispute", "id": "dp_1", "amount": 5, "status": "lost",
            "payment_intent": "pi_1"});
        let lost = GatewayFact::DisputeClosed { dispute_id: "dp_1".to_owned(), won: false };
        assert_eq!(read("charge.dispute.closed", asked), Ok(Some((pi, lost))));
        assert_eq!(super::read(b"[]"), Err(InboundWrong::Unreadable));
    }
}
