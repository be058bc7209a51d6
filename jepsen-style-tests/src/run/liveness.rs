//! With every fault over the city has half a minute: one leader, writes through every node, copies
//! that are equal. It is asked all the time, and this ends when everything holds.

use super::{Run, settle};
use crate::check::Invariant;
use crate::cluster::until;
use crate::history::{Kind as LineKind, Line, Process};
use crate::http::{Outcome, Request};
use crate::reading::quiet_sights;
use anyhow::{Context, Result};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// As long as it may take.
const WITHIN: Duration = Duration::from_secs(30);

/// An offer lasts for a quarter of a minute, and is looked at a moment later.
const RUNS_OUT_WITHIN: Duration = Duration::from_secs(20);

impl Run {
    /// One leader whom everybody follows, and a write through each node, while people go on.
    ///
    /// # Errors
    /// Not in time.
    pub(super) async fn find_itself(&self) -> Result<()> {
        let mut written = BTreeSet::new();
        let written_through_all = until(WITHIN, "a write through every node", async || {
            for (node, url) in self.scene.urls() {
                if !written.contains(&node) && self.probe(node, &url).await {
                    written.insert(node);
                }
            }
            (written.len() == self.scene.urls().len()).then_some(())
        });
        let through = written_through_all.await;
        through.with_context(|| format!("only through {written:?}"))?;
        until(WITHIN, "one leader", async || {
            let sights = self.world.cluster.sights().await;
            let leaders: BTreeSet<_> = sights.values().map(|sight| sight.leader_id).collect();
            let all = sights.len() == self.world.cluster.ids().len();
            (all && leaders.len() == 1 && !leaders.contains(&None)).then_some(())
        })
        .await
    }

    /// Whether a write through this node got its yes. A coupon that nobody will use is a write that
    /// means nothing to anybody.
    async fn probe(&self, node: u64, url: &str) -> bool {
        let process = self.scene.process();
        let body = json!({"code": format!("P{process}"), "gives": "free_delivery"});
        let operator = &self.scene.shop.operator;
        let key = format!("probe-{process}");
        let request = Request::post("/v1/admin/coupons", operator, &key, body);
        let asked = Line {
            value: json!(node),
            node: Some(node),
            idem: Some(key.clone()),
            ..Line::new(Process::Customer(process), LineKind::Invoke, "probe")
        };
        let heard = self.scene.ask(url, asked, &request, |_| Some(json!(node))).await;
        matches!(heard, Outcome::Done { .. })
    }

    /// With everybody gone: money where it belongs, and all copies equal.
    ///
    /// # Errors
    /// Not in time.
    pub(super) async fn come_to_rest(&self) -> Result<()> {
        if self.plan.workload.pays() {
            let operator = &self.scene.shop.operator;
            settle::settle(&self.scene.asker, &self.scene.urls(), operator).await?;
        }
        if self.plan.workload.promises().contains(&Invariant::I13) {
            self.see_an_offer_run_out().await;
        }
        quiet_sights(&self.world.cluster).await.map(drop)
    }

    /// A short run may be over before the first offer has run out. Nobody answers any more, so the
    /// next one does; whether it was seen is for the judge to say.
    async fn see_an_offer_run_out(&self) {
        let operator = &self.scene.shop.operator;
        let request = Request::get("/v1/events?after=0.0&limit=1&types=offer.expired", operator);
        let ran_out = until(RUNS_OUT_WITHIN, "an offer to run out", async || {
            for (_, url) in self.scene.urls() {
                if let Outcome::Done { body, .. } = self.scene.asker.send(&url, &request).await
                    && body["events"].as_array().is_some_and(|events| !events.is_empty())
                {
                    return Some(());
                }
            }
            None
        });
        if ran_out.await.is_err() {
            return;
        }
        // The feed is read up to the newest acknowledged entry, which must not lie before it.
        for (node, url) in self.scene.urls() {
            if self.probe(node, &url).await {
                return;
            }
        }
    }
}
