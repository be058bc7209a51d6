//! The gateway inside the node: it needs no key from anybody and moves no money.
//!
//! Its answer is a function of the payment alone, so that asking twice, or asking at another node
//! after a failover, gives the same answer, as a gateway's idempotency keys would.

use super::{Job, NoAnswer, declined};
use crate::sandbox::wire::{DECLINED_TOKENS, UNCAPTURABLE_TOKENS, UNREFUNDABLE_TOKENS};
use domain::payment::{GatewayAnswer, Method, Work};
use std::time::Duration;

/// The embedded gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Embedded {
    latency: Duration,
}

impl Embedded {
    /// One that thinks this long about each request.
    pub(crate) fn new(latency: Duration) -> Self {
        Self { latency }
    }

    pub(super) async fn ask(&self, job: &Job<'_>) -> Result<GatewayAnswer, NoAnswer> {
        let Job { payment, work, .. } = *job;
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let (Method::Card { token } | Method::Wallet { token }) = &payment.method else {
            return Err(NoAnswer::Undecided);
        };
        let refused = |tokens: &str, reason| token.starts_with(tokens).then_some(reason);
        let refused = match work {
            Work::Authorize { .. } => refused(DECLINED_TOKENS, "card_declined"),
            Work::Capture { .. } => refused(UNCAPTURABLE_TOKENS, "card_expired"),
            Work::Refund { .. } => refused(UNREFUNDABLE_TOKENS, "card_closed"),
            Work::Confirm { .. } | Work::Void { .. } => None,
        };
        if let Some(reason) = refused {
            return Ok(declined(reason));
        }
        let (gateway_ref, amount) = match work {
            Work::Authorize { .. } | Work::Confirm { .. } => {
                (format!("emb_{}", payment.id), Some(payment.amount))
            }
            Work::Capture { .. } => (format!("emb_{}", payment.id), Some(payment.to_capture)),
            Work::Void { .. } => (format!("emb_{}", payment.id), None),
            Work::Refund { refund_id, .. } => (format!("emb_{refund_id}"), None),
        };
        Ok(GatewayAnswer::Done { gateway_ref, amount })
    }
}
