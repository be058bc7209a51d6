//! Stripe's objects, read into our words. What is missing is nothing, never a guess.

use super::super::sight::{Sight, SightDispute, SightRefund, SightState};
use super::super::{NoAnswer, declined};
use domain::ids::PaymentId;
use domain::money::Money;
use domain::payment::GatewayAnswer;
use domain::time::Timestamp;
use serde_json::Value;

pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

pub(super) fn money(value: &Value, pointer: &str) -> Option<Money> {
    value.pointer(pointer)?.as_i64().map(Money)
}

/// Our name for it, which we wrote there.
pub(super) fn payment_id(object: &Value) -> Option<PaymentId> {
    text(object, "/metadata/payment_id")?.parse().ok()
}

/// What an intent says about the question whether the money is set aside.
pub(super) fn authorization(intent: &Value) -> Result<GatewayAnswer, NoAnswer> {
    let gateway_ref = text(intent, "/id").ok_or(NoAnswer::Unreadable)?.to_owned();
    match state(intent).ok_or(NoAnswer::Unreadable)? {
        SightState::Pending => Err(NoAnswer::Undecided),
        SightState::ActionRequired { url } => {
            Ok(GatewayAnswer::ActionRequired { gateway_ref, url })
        }
        SightState::Declined { reason } => Ok(declined(&reason)),
        SightState::Voided => Ok(declined("canceled")),
        SightState::Authorized | SightState::Captured => {
            Ok(GatewayAnswer::Done { gateway_ref, amount: money(intent, "/amount") })
        }
    }
}

/// Where an intent stands.
pub(super) fn state(intent: &Value) -> Option<SightState> {
    Some(match text(intent, "/status")? {
        "processing" | "requires_confirmation" => SightState::Pending,
        "requires_action" => SightState::ActionRequired { url: action_url(intent)? },
        "requires_payment_method" => SightState::Declined { reason: decline(intent) },
        "requires_capture" => SightState::Authorized,
        "succeeded" => SightState::Captured,
        "canceled" => SightState::Voided,
        _ => return None,
    })
}

/// Where the customer confirms. Without a page of the bank's, their app goes on with Stripe's own
/// library, which needs the intent's client secret: a word for the customer and nobody else.
pub(super) fn action_url(intent: &Value) -> Option<String> {
    let page = text(intent, "/next_action/redirect_to_url/url").map(str::to_owned);
    page.or_else(|| Some(format!("stripe:{}", text(intent, "/client_secret")?)))
}

pub(super) fn decline(intent: &Value) -> String {
    let error = ["decline_code", "code"];
    let word = error.iter().find_map(|name| text(intent, &format!("/last_payment_error/{name}")));
    word.unwrap_or("declined").to_owned()
}

/// What was taken, where it says so.
pub(super) fn captured(intent: &Value) -> Option<Money> {
    if text(intent, "/status") != Some("succeeded") {
        return None;
    }
    let said = ["/amount_received", "/latest_charge/amount_captured", "/amount"];
    said.iter().find_map(|pointer| money(intent, pointer))
}

pub(super) fn sight(intent: &Value) -> Option<Sight> {
    Some(Sight {
        gateway_ref: text(intent, "/id")?.to_owned(),
        payment_id: payment_id(intent),
        amount: money(intent, "/amount")?,
        state: state(intent)?,
        captured: captured(intent).unwrap_or(Money::ZERO),
        refunded: money(intent, "/latest_charge/amount_refunded").unwrap_or(Money::ZERO),
        refunds: Vec::new(),
        dispute: None,
        created_at: Timestamp(intent["created"].as_i64()? * 1_000),
    })
}

pub(super) fn refund(refund: &Value) -> Option<SightRefund> {
    Some(SightRefund {
        refund_id: text(refund, "/metadata/refund_id").and_then(|id| id.parse().ok()),
        amount: money(refund, "/amount")?,
        done: match text(refund, "/status")? {
            "succeeded" => Some(true),
            "failed" | "canceled" => Some(false),
            _ => None,
        },
    })
}

pub(super) fn dispute(dispute: &Value) -> Option<SightDispute> {
    Some(SightDispute {
        dispute_id: text(dispute, "/id")?.to_owned(),
        amount: money(dispute, "/amount")?,
        won: match text(dispute, "/status")? {
            "won" | "warning_closed" => Some(true),
            "lost" => Some(false),
            _ => None,
        },
    })
}

/// `application/x-www-form-urlencoded`.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_intent_is_read_by_its_status() {
        let intent = |status: &str| {
            json!({"id": "pi_1", "status": status, "amount": 1_250, "created": 5,
                "client_secret": "pi_1_secret", "amount_received": 900,
                "last_payment_error": {"code": "card_declined", "message": "for people"}})
        };
        let answer = |status: &str| authorization(&intent(status));
        let done =
            GatewayAnswer::Done { gateway_ref: "pi_1".to_owned(), amount: Some(Money(1_250)) };
        assert_eq!(answer("requires_capture"), Ok(done));
        assert_eq!(answer("requires_payment_method"), Ok(declined("card_declined")));
        assert_eq!(answer("processing"), Err(NoAnswer::Undecided));
        assert_eq!(answer("something new"), Err(NoAnswer::Unreadable));
        let Ok(GatewayAnswer::ActionRequired { url, .. }) = answer("requires_action") else {
            panic!("the customer is asked");
        };
        assert_eq!(url, "stripe:pi_1_secret");
        assert_eq!(captured(&intent("succeeded")), Some(Money(900)));
        assert_eq!(captured(&intent("requires_capture")), None);
        assert_eq!(form(&[("a[b]", "ä &=")]), "a%5Bb%5D=%C3%A4%20%26%3D");
    }
}
