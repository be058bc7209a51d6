//! What is done to the membership: nodes that lose everything, that are sent away, that come.

use super::processes::object;
use super::world::{Begun, Held, Seen, World};
use anyhow::Result;
use serde_json::{Map, json};

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
}
