//! Who leads, looked at all the time from outside, for the picture of a run.

use crate::history::{Kind, Line, Process, WATCH};
use crate::http::{Asker, Outcome, Request};
use crate::workload::Scene;
use anyhow::Result;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks, and how long one may take.
const LOOK: Duration = Duration::from_millis(400);
const WITHIN: Duration = Duration::from_millis(350);

/// Looks until it is dropped, and writes down whenever another one leads.
pub(super) fn watch(scene: &Arc<Scene>) -> Result<JoinSet<()>> {
    let (scene, asker) = (Arc::clone(scene), Asker::within(WITHIN)?);
    let mut watching = JoinSet::new();
    watching.spawn(async move {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        loop {
            looks.tick().await;
            let seen = leader(&scene, &asker).await;
            if last != Some(seen) {
                last = Some(seen);
                let value = match seen {
                    Some((term, leader)) => json!({"leader": leader, "term": term}),
                    None => json!({"leader": null}),
                };
                let watch = Process::Other(WATCH.to_owned());
                scene.recorder.record(Line { value, ..Line::new(watch, Kind::Info, "leader") });
            }
        }
    });
    Ok(watching)
}

/// The newest term and who leads it, among the nodes that say that they lead.
async fn leader(scene: &Scene, asker: &Asker) -> Option<(u64, u64)> {
    let mut asked = JoinSet::new();
    for (node, url) in scene.urls() {
        let request = Request::get("/v1/admin/cluster", &scene.shop.operator);
        let asker = asker.clone();
        asked.spawn(async move {
            let Outcome::Done { body, .. } = asker.send(&url, &request).await else { return None };
            let leads = body["role"] == "leader";
            leads.then(|| Some((body["term"].as_u64()?, node))).flatten()
        });
    }
    asked.join_all().await.into_iter().flatten().max()
}
