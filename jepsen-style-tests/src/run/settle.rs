//! Money comes to rest: no work is open, and a look at the gateway's side finds nothing to do.

use crate::cluster::until;
use crate::http::{Asker, Outcome, Request};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// With every fault over, all money is where it belongs within this time.
const SETTLED_WITHIN: Duration = Duration::from_secs(90);

/// Waits for it, and pushes what waits for its next turn, as an operator does.
///
/// # Errors
/// It does not come, or the two sides differ.
pub(crate) async fn settle(asker: &Asker, urls: &[(u64, String)], operator: &str) -> Result<()> {
    let any = async |request: Request| {
        for (_, url) in urls {
            if let Outcome::Done { body, .. } = asker.send(url, &request).await {
                return Some(body);
            }
        }
        None
    };
    let mut seen = Value::Null;
    let at_rest = until(SETTLED_WITHIN, "all money to come to rest", async || {
        let open = any(Request::get("/v1/admin/payments/unsettled", operator)).await?;
        for payment in open["data"].as_array()? {
            let id = payment["payment_id"].as_str()?;
            let retry = format!("/v1/admin/payments/{id}/retry");
            any(Request::say(retry, operator, json!({}))).await;
        }
        let since = json!({"since_s": 86_400});
        let report = any(Request::say("/v1/admin/payments/reconcile", operator, since)).await?;
        seen = json!({"open": open, "report": report});
        let empty = |name: &str| report[name] == json!([]);
        let quiet = empty("repaired") && empty("let_go") && report["left"] == 0;
        (open["data"] == json!([]) && quiet && report["complete"] == true).then_some(report)
    });
    let report = at_rest.await.with_context(|| format!("{seen}"))?;
    ensure!(report["differences"] == json!([]), "{report}");
    Ok(())
}
