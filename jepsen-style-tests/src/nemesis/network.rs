//! What is done to the lines between nodes, and to the gateway at the end of another one.

use super::fault::{GatewayFault, Manner, Packets};
use super::links::Cuts;
use super::processes::object;
use super::world::{Begun, Held, Link, Seen, World};
use crate::transport::Dropped;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, json};
use std::collections::BTreeMap;

/// A gateway that is down comes back by itself after so long if nobody ends that, in milliseconds.
const DOWN_MS: u32 = 30_000;

impl World {
    /// Cuts links, and then dials across each of them: nobody may answer.
    pub(super) async fn begin_cut(
        &mut self,
        cuts: Cuts,
        manner: Manner,
        links: &[Link],
    ) -> Result<Begun> {
        let before = self.cluster.transport().dropped(links).await?;
        self.cluster.transport_mut().cut(links, manner).await?;
        for link in links.iter().copied() {
            let target = self.cluster.raft_addr(link.1)?;
            let answered = self.cluster.transport().reaches(link, target).await;
            ensure!(!answered, "{} is cut, and somebody answers", arrow(link));
        }
        let arrows: Vec<_> = links.iter().copied().map(arrow).collect();
        let details = json!({
            "class": cuts.class(),
            "what": cuts.what(),
            "links": arrows,
            "loud": manner == Manner::Loud,
        });
        let before: BTreeMap<_, _> = links
            .iter()
            .map(|link| (*link, before.get(link).copied().unwrap_or_default()))
            .collect();
        Ok((object(details), Held::Cut(before)))
    }

    pub(super) async fn end_cut(&mut self, before: BTreeMap<Link, Dropped>) -> Result<Seen> {
        let links: Vec<_> = before.keys().copied().collect();
        let after = self.cluster.transport().dropped(&links).await?;
        self.cluster.transport_mut().restore(&links).await?;
        let mut each = Map::new();
        let (mut packets, mut bytes) = (0, 0);
        for (link, before) in before {
            let after = after.get(&link).copied().unwrap_or_default();
            // A set that was emptied and filled again begins anew.
            let more = |after: u64, before: u64| after.checked_sub(before).unwrap_or(after);
            let dropped = Dropped {
                packets: more(after.packets, before.packets),
                bytes: more(after.bytes, before.bytes),
            };
            packets += dropped.packets;
            bytes += dropped.bytes;
            each.insert(arrow(link), json!([dropped.packets, dropped.bytes]));
        }
        // Each of them was dialled when it began, and nobody answered.
        let silent = links.len() as u64;
        let seen = json!({"dropped": packets, "bytes": bytes, "silent": silent, "links": each});
        Ok((silent, seen))
    }

    pub(super) async fn begin_packets(&mut self, nodes: &[u64], packets: Packets) -> Result<Begun> {
        let (all, mut before) = (self.cluster.ids(), BTreeMap::new());
        for node in nodes {
            let others: Vec<_> = all.iter().copied().filter(|other| other != node).collect();
            before.insert(*node, self.cluster.transport().disturbed(*node, &others).await?);
            self.cluster.transport_mut().disturb(*node, &others, packets).await?;
        }
        let details = match packets {
            Packets::Delay { delay_ms, jitter_ms } => {
                json!({"delay_ms": delay_ms, "jitter_ms": jitter_ms})
            }
            Packets::Loss { percent }
            | Packets::Duplicate { percent }
            | Packets::Reorder { percent } => json!({"percent": percent}),
            Packets::Rate { kbit_s } => json!({"kbit_s": kbit_s}),
        };
        Ok((object(details), Held::Disturbed(all, before)))
    }

    pub(super) async fn end_packets(
        &mut self,
        all: &[u64],
        before: &BTreeMap<u64, u64>,
    ) -> Result<Seen> {
        let (mut sum, mut each) = (0, Map::new());
        for (node, before) in before {
            let others: Vec<_> = all.iter().copied().filter(|other| other != node).collect();
            let counted = self.cluster.transport().disturbed(*node, &others).await?;
            let counted = counted.saturating_sub(*before);
            self.cluster.transport_mut().calm(*node, &others).await?;
            sum += counted;
            each.insert(node.to_string(), json!(counted));
        }
        Ok((sum, json!({"disturbed": each})))
    }

    pub(super) async fn begin_gateway(&mut self, what: GatewayFault) -> Result<Begun> {
        let gateway = self.gateway.as_mut().context("this run has no gateway outside")?;
        let (name, faults) = match what {
            // A webhook would tell what the answer did not.
            GatewayFault::AnswersLost => {
                ("answers lost", json!({"lost": 300, "webhook_lost": 700}))
            }
            GatewayFault::Duplicates => ("webhooks twice", json!({"twice": 700})),
            GatewayFault::Reordered => {
                ("webhooks late", json!({"webhook_late": 600, "late_ms": 1500}))
            }
            GatewayFault::Errors => ("errors", json!({"failed": 200, "refused": 200})),
            GatewayFault::Down => ("down", json!({"down_ms": DOWN_MS})),
            GatewayFault::Killed => {
                gateway.kill().await?;
                return Ok((object(json!({"what": "killed"})), Held::Nothing));
            }
        };
        let before = gateway.misdeeds().await?;
        gateway.misbehave(faults.clone()).await?;
        Ok((object(json!({"what": name, "settings": faults})), Held::Misdeeds(before)))
    }

    /// A gateway that was killed is back.
    pub(super) async fn end_gateway_kill(&mut self) -> Result<Seen> {
        let gateway = self.gateway.as_mut().context("this run has no gateway outside")?;
        gateway.rise().await?;
        Ok((1, json!({"signal": 9})))
    }

    /// Proof: how often it has misbehaved, as itself has counted.
    pub(super) async fn end_gateway(&mut self, before: &BTreeMap<String, u64>) -> Result<Seen> {
        let gateway = self.gateway.as_mut().context("this run has no gateway outside")?;
        gateway.misbehave(json!({})).await?;
        let mut misdeeds = gateway.misdeeds().await?;
        for (what, count) in &mut misdeeds {
            *count -= before.get(what).copied().unwrap_or(0).min(*count);
        }
        let sum: u64 = misdeeds.values().sum();
        misdeeds.retain(|_, count| *count > 0);
        Ok((sum, json!({"misdeeds": misdeeds})))
    }
}

/// How a history writes a link.
fn arrow((from, to): Link) -> String {
    format!("{from}>{to}")
}
