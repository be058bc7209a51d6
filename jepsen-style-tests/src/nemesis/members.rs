//! What is done to the membership: nodes that lose everything, that are sent away, that come.

use super::processes::object;
use super::world::{Begun, Held, Seen, World};
use crate::cluster::{READY_WITHIN, until};
use anyhow::Result;
use api::client::Call;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::interval;

/// Leadership goes to whom it is handed within this time.
const LEADS_WITHIN: Duration = Duration::from_secs(20);
/// Between two looks at a log.
const LOOK: Duration = Duration::from_millis(100);
/// What a node says of a snapshot that is not what its sender describes.
const REFUSED: &str = "a snapshot is refused";

impl World {
    /// They lose their disks, and the city forgets them.
    pub(super) async fn begin_wipe(&mut self, nodes: &[u64]) -> Result<Begun> {
        // The others cut their logs, so that whoever takes their places needs a snapshot.
        for id in self.cluster.ids().into_iter().filter(|id| !nodes.contains(id)) {
            self.cluster.snapshot(id).await?;
        }
        self.kill(nodes).await?;
        for id in nodes {
            self.cluster.wipe(*id)?;
            self.cluster.remove(*id).await?;
            self.voters.remove(id);
        }
        Ok((object(json!({"wiped": nodes})), Held::Nothing))
    }

    /// The city forgets them while they run; what they still say must not count.
    pub(super) async fn begin_remove(&mut self, nodes: &[u64]) -> Result<Begun> {
        for id in nodes {
            self.cluster.remove(*id).await?;
            self.voters.remove(id);
        }
        Ok((object(json!({"removed": nodes})), Held::Nothing))
    }

    pub(super) async fn begin_join(&mut self) -> Result<Begun> {
        let id = self.cluster.next_id();
        self.cluster.join(id).await?;
        self.voters.insert(id);
        Ok((object(json!({"joined": id})), Held::Joined(id)))
    }

    pub(super) async fn end_join(&mut self, id: u64) -> Result<Seen> {
        self.cluster.remove(id).await?;
        self.voters.remove(&id);
        self.kill(&[id]).await?;
        self.cluster.wipe(id)?;
        Ok((1, json!({"left": id})))
    }

    /// New nodes take the places of these, under ids that nobody has had. Proof: each of them
    /// votes, and has what the city had.
    pub(super) async fn replace(&mut self, nodes: &[u64]) -> Result<Seen> {
        let mut joined = Map::new();
        for old in nodes {
            if self.cluster.ids().contains(old) {
                self.kill(&[*old]).await?;
                self.cluster.wipe(*old)?;
            }
            let new = self.cluster.next_id();
            self.cluster.join(new).await?;
            self.voters.insert(new);
            let sight = self.cluster.sight(new).await;
            let seen = json!({
                "id": new,
                "applied": sight.as_ref().map(|sight| sight.applied),
                "snapshot": sight.and_then(|sight| sight.snapshot),
            });
            joined.insert(old.to_string(), seen);
        }
        Ok((joined.len() as u64, json!({"replaced_by": joined})))
    }

    /// A new node comes while `holder`, whose newest snapshot is damaged, leads: what it gets is
    /// that one, unless the holder has made another since. It must refuse it, and come in by the
    /// next.
    pub(super) async fn offer_snapshot(&mut self, holder: u64) -> Result<Value> {
        self.cluster.wait_ready(holder).await?;
        until(LEADS_WITHIN, "the holder of a damaged snapshot to lead", async || {
            if self.cluster.leader().await.ok()? == holder {
                return Some(());
            }
            // It may not be up to date yet.
            let _ = self.cluster.transfer(Some(holder)).await;
            None
        })
        .await?;
        let new = self.cluster.next_id();
        let refused = told(self.cluster.log_file(new), REFUSED);
        let another = self.cluster.operator_at(holder)?.with_deadline(READY_WITHIN);
        let mut was_refused = false;
        {
            let joined = self.cluster.join(new);
            tokio::pin!(joined, refused);
            tokio::select! {
                done = &mut joined => done?,
                () = &mut refused => {
                    was_refused = true;
                    // Not in a quarter of an hour, when it would by itself.
                    let snapshot = Call::post("/v1/admin/cluster/snapshot", &());
                    another.send::<_, ()>(snapshot).await?;
                    joined.await?;
                }
            }
        }
        self.voters.insert(new);
        Ok(json!({"to": new, "refused": was_refused}))
    }
}

/// Until a log has these words.
async fn told(log: PathBuf, words: &str) {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        let text = std::fs::read(&log).unwrap_or_default();
        if String::from_utf8_lossy(&text).contains(words) {
            return;
        }
    }
}
