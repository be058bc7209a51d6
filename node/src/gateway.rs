//! The payment gateway. So far there is one: the sandbox, which needs no key from anybody.
//!
//! Its answer is a function of the payment alone, so that asking twice, or asking at another node
//! after a failover, gives the same answer, as a gateway's idempotency keys would.

use domain::payment::{GatewayAnswer, Method, Payment, Work};
use std::time::Duration;

/// A card token that starts with this is declined.
pub(crate) const DECLINED_TOKENS: &str = "tok_declined";

/// A token that starts with this is taken, and its money cannot be given back.
pub(crate) const UNREFUNDABLE_TOKENS: &str = "tok_norefund";

/// No answer: nobody knows whether it happened. Ask again with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gateway did not answer")]
pub(crate) struct NoAnswer;

/// The embedded gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sandbox {
    latency: Duration,
}

impl Sandbox {
    /// One that thinks this long about each request.
    pub(crate) fn new(latency: Duration) -> Self {
        Self { latency }
    }

    /// Does the work, or says why not. The key of the call is the payment's id and the work's kind,
    /// or the refund's id: asked twice, it is one refund.
    ///
    /// # Errors
    /// `NoAnswer` if it cannot be known: the work stays and is asked again.
    pub(crate) async fn ask(
        &self,
        payment: &Payment,
        work: &Work,
    ) -> Result<GatewayAnswer, NoAnswer> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let refused = match (&payment.method, work) {
            (Method::Card { token } | Method::Wallet { token }, Work::Authorize { .. }) => {
                token.starts_with(DECLINED_TOKENS).then_some("card_declined")
            }
            (Method::Card { token } | Method::Wallet { token }, Work::Refund { .. }) => {
                token.starts_with(UNREFUNDABLE_TOKENS).then_some("card_closed")
            }
            (Method::Cash, _) => return Err(NoAnswer),
            (
                Method::Card { .. } | Method::Wallet { .. },
                Work::Confirm { .. } | Work::Capture { .. } | Work::Void { .. },
            ) => None,
        };
        if let Some(reason) = refused {
            return Ok(GatewayAnswer::Declined { reason: reason.to_owned() });
        }
        let gateway_ref = match work {
            Work::Authorize { .. }
            | Work::Confirm { .. }
            | Work::Capture { .. }
            | Work::Void { .. } => {
                format!("sbx_{}", payment.id)
            }
            Work::Refund { refund_id, .. } => format!("sbx_{refund_id}"),
        };
        Ok(GatewayAnswer::Done { gateway_ref, amount: None })
    }
}
