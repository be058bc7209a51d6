//! Where payment gateways call us. They are believed by their signature alone.

use super::error::{Answer, Fail};
use super::writing::Log;
use crate::clock;
use crate::gateways::{Gateway, Inbound, InboundWrong};
use crate::metrics::Metrics;
use api::codes::Code;
use api::problem::Problem;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use domain::payment::RecordGatewayEvent;
use domain::{Actor, Command, Rejection};

/// A gateway tells what happened
///
/// For gateways only: the raw body must carry their signature. An event is in the log, by its id,
/// before the answer; the same one again changes nothing. An event that is not ours is taken and
/// dropped, so that it is not sent for days.
#[utoipa::path(post, path = "/gateway/{name}", tag = "gateway",
    params(("name" = String, Path, description = "As `payments.gateway` in the configuration")),
    request_body(content = String, content_type = "application/octet-stream",
        description = "The event, byte by byte as it was signed"),
    responses((status = 200, description = "Taken"),
        (status = "default", body = Problem, description = "Refused: send it again later")))]
pub(super) async fn take(
    State(gateway): State<Gateway>,
    State(metrics): State<Metrics>,
    log: Log,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<StatusCode> {
    // Whoever is not the gateway of this city cannot have its secret.
    if name != gateway.name() {
        metrics.gateway_event("refused");
        return Err(Fail::because(Code::SignatureWrong, "this city has another gateway"));
    }
    let inbound = match gateway.inbound(&headers, &body, clock::now()).await {
        Ok(Some(inbound)) => inbound,
        Ok(None) => {
            metrics.gateway_event("ignored");
            return Ok(StatusCode::OK);
        }
        Err(wrong) => {
            metrics.gateway_event("refused");
            return Err(refused(&wrong));
        }
    };
    let Inbound { event_id, payment_id, fact } = inbound;
    let Some(payment_id) = payment_id else {
        metrics.gateway_event("unknown");
        return Ok(StatusCode::OK);
    };
    let gateway = gateway.name().to_owned();
    let wish = RecordGatewayEvent { gateway, event_id, payment_id, fact };
    let decided = log.decide(Actor::System, Command::RecordGatewayEvent(wish)).await?;
    metrics.gateway_event(match decided {
        Ok(done) if done.changed => "taken",
        Ok(_) => "repeated",
        Err(Rejection::PaymentUnknown) => "unknown",
        Err(why) => {
            // It will be refused for ever: the reconciler sees what it was about.
            tracing::warn!(%why, "a gateway's event is refused");
            "refused"
        }
    });
    Ok(StatusCode::OK)
}

fn refused(wrong: &InboundWrong) -> Fail {
    match wrong {
        InboundWrong::Signature(why) => Fail::because(Code::SignatureWrong, why.to_string()),
        InboundWrong::Unreadable => Fail::because(Code::BodyMalformed, wrong.to_string()),
        InboundWrong::NoAnswer(why) => {
            Fail::because(Code::Behind, why.to_string()).retry_after_ms(5_000)
        }
    }
}
