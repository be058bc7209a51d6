//! What is done to disks and clocks: power, room, errors, damage, wrong time.

use super::fault::{Clock, Damage, Disk, Store};
use super::processes::object;
use super::strobe::Strobe;
use super::world::{Begun, Held, Seen, World};
use crate::cluster::until;
use crate::disk::corrupt::{self, Wound};
use crate::disk::volume::NO_ROOM;
use crate::preload::{DiskCounts, DiskMode};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A torn write kills within this time: something is always written.
const TEARS_WITHIN: Duration = Duration::from_secs(20);
/// A node whose disk has failed stops within this time.
const STOPS_WITHIN: Duration = Duration::from_secs(3);
/// A node that opens damaged files gives up within this time, or does not notice yet.
const REFUSES_WITHIN: Duration = Duration::from_secs(10);

impl World {
    /// First the disks go dark, then the processes die, who may have noticed.
    pub(super) async fn begin_power_loss(&mut self, nodes: &[u64]) -> Result<Begun> {
        for id in nodes {
            let volume = self.cluster.volume(*id);
            volume.with_context(|| format!("node {id} has no volume"))?.cut_power().await?;
        }
        self.kill(nodes).await?;
        Ok((Map::new(), Held::Nothing))
    }

    /// Proof: what was never synced is gone.
    pub(super) async fn end_power_loss(&mut self, nodes: &[u64]) -> Result<Seen> {
        let (mut each, mut gone, mut bytes, mut files) = (Map::new(), 0, 0, 0);
        for id in nodes {
            let volume = self.cluster.volume(*id);
            let volume = volume.with_context(|| format!("node {id} has no volume"))?;
            let lost = volume.restore_power().await?;
            gone += u64::from(lost.canary);
            bytes += lost.bytes;
            files += lost.files;
            each.insert(id.to_string(), json!(lost));
        }
        self.restart(nodes)?;
        // A disk that lost nothing makes it no power loss at all.
        let all = gone == nodes.len() as u64;
        let seen = json!({"lost_bytes": bytes, "lost_files": files, "canary": all, "disks": each});
        Ok((if all { gone } else { 0 }, seen))
    }

    pub(super) async fn begin_disk(&mut self, nodes: &[u64], disk: Disk) -> Result<Begun> {
        let (mut before, mut filled) = (BTreeMap::new(), 0);
        for id in nodes {
            let counts = match self.cluster.control(*id) {
                Ok(control) => control.disk_counts()?,
                Err(_) => DiskCounts::default(),
            };
            before.insert(*id, counts);
            if disk == Disk::Full
                && let Some(volume) = self.cluster.volume(*id)
            {
                filled += volume.fill().await?;
                continue;
            }
            let control = self.cluster.control(*id)?;
            match disk {
                Disk::Full => control.set_disk(DiskMode::Full)?,
                Disk::Broken => control.set_disk(DiskMode::Broken)?,
                Disk::Torn => control.set_disk(DiskMode::Torn)?,
                Disk::Slow { delay_ms } => control.set_sync_delay(delay_ms)?,
            }
        }
        let details = match disk {
            Disk::Full => json!({"filled_bytes": filled}),
            Disk::Slow { delay_ms } => json!({"delay_ms": delay_ms}),
            Disk::Broken | Disk::Torn => json!({}),
        };
        Ok((object(details), Held::Disks(before)))
    }

    /// Proof: calls that failed or were slow, as the library counted them; for a real full volume,
    /// that nobody has made room on it meanwhile. Who ended by itself is told, and started again.
    pub(super) async fn end_disk(
        &mut self,
        before: &BTreeMap<u64, DiskCounts>,
        disk: Disk,
    ) -> Result<Seen> {
        let (mut count, mut each) = (0, Map::new());
        for (id, before) in before {
            // Still broken meanwhile. Whoever met the error is on its way out, and whoever wrote
            // nothing has not met it.
            let ended = match disk {
                Disk::Torn => Some(self.wait_ended(*id, TEARS_WITHIN).await?),
                Disk::Full | Disk::Broken => self.wait_ended(*id, STOPS_WITHIN).await.ok(),
                Disk::Slow { .. } => None,
            };
            let room = match (disk, self.cluster.volume(*id)) {
                (Disk::Full, Some(volume)) => {
                    let left = volume.free()?;
                    volume.empty()?;
                    Some(left)
                }
                (Disk::Full | Disk::Broken | Disk::Torn | Disk::Slow { .. }, _) => None,
            };
            let mut seen = object(json!({"bytes_left": room}));
            if let Ok(control) = self.cluster.control(*id) {
                control.set_disk(DiskMode::Sound)?;
                control.set_sync_delay(0)?;
                let calls = control.disk_counts()?.since(before);
                count += match disk {
                    Disk::Full => calls.enospc,
                    Disk::Broken => calls.eio,
                    Disk::Torn => calls.torn_bytes,
                    Disk::Slow { .. } => calls.slowed,
                };
                seen.insert("calls".to_owned(), json!(calls));
            }
            count += i64::from(room.is_some_and(|left| left < NO_ROOM));
            seen.insert("ended".to_owned(), json!(ended));
            each.insert(id.to_string(), Value::Object(seen));
        }
        self.restart(&before.keys().copied().collect::<Vec<_>>())?;
        Ok((count.unsigned_abs(), json!({"disks": each})))
    }

    /// Each of them is stopped, damaged and started again; what becomes of it is seen at the end.
    pub(super) async fn begin_corrupt(
        &mut self,
        nodes: &[u64],
        store: Store,
        damage: Damage,
    ) -> Result<Begun> {
        let mut wounds = BTreeMap::new();
        for id in nodes {
            if matches!(store, Store::Snapshot | Store::Table) {
                // A young city has neither yet.
                self.cluster.snapshot(*id).await?;
            }
            self.kill(&[*id]).await?;
            let data = self.cluster.data_dir(*id)?;
            wounds.insert(*id, corrupt::wound(&data, store, damage, &mut self.random)?);
            self.cluster.restart(*id)?;
        }
        let told: BTreeMap<_, _> =
            wounds.iter().map(|(id, wound)| (id.to_string(), wound)).collect();
        let (store, damage) = (format!("{store:?}"), format!("{damage:?}"));
        let details = json!({"wounds": told, "store": store, "damage": damage});
        Ok((object(details), Held::Wounds(wounds)))
    }

    /// Says whether a damaged node refused to work, and rebuilds it under a new id either way: one
    /// that has lost what it promised must not come back under its own. A damaged snapshot is given
    /// to somebody before.
    pub(super) async fn end_corrupt(
        &mut self,
        wounds: &BTreeMap<u64, Wound>,
        store: Store,
    ) -> Result<Seen> {
        let (mut each, mut nodes) = (Map::new(), Vec::new());
        let is_spare = store == Store::Snapshot;
        for (id, wound) in wounds {
            let offered = if is_spare { self.offer_snapshot(*id).await? } else { Value::Null };
            let patience = if is_spare { Duration::ZERO } else { REFUSES_WITHIN };
            let ended = self.wait_ended(*id, patience).await.ok();
            let sight = self.cluster.sight(*id).await;
            let words = self.cluster.process(*id)?.last_words();
            let seen = json!({
                "wound": wound,
                "refused": ended.is_some(),
                "ended": ended,
                "role": sight.map(|sight| sight.role),
                "last_words": words.lines().last(),
                "offered": offered,
            });
            each.insert(id.to_string(), seen);
            nodes.push(*id);
        }
        for id in &nodes {
            self.kill(&[*id]).await?;
            self.cluster.wipe(*id)?;
            self.cluster.remove(*id).await?;
            self.voters.remove(id);
        }
        // Whoever was offered a snapshot has taken a place already.
        let vacant: &[u64] = if is_spare { &[] } else { &nodes };
        let (_, mut seen) = self.replace(vacant).await?;
        seen["nodes"] = Value::Object(each);
        Ok((wounds.values().map(|wound| wound.bytes).sum(), seen))
    }

    /// How a node ended by itself.
    async fn wait_ended(&mut self, id: u64, within: Duration) -> Result<String> {
        if !self.cluster.runs(id) {
            return Ok("before".to_owned());
        }
        let process = self.cluster.process(id)?;
        let what = format!("node {id} to end by itself");
        let ended = until(within, &what, async || process.try_ended().ok().flatten());
        Ok(ended.await?.status.to_string())
    }

    pub(super) fn begin_clock(&mut self, nodes: &[u64], clock: Clock) -> Result<Begun> {
        let (mut before, mut strobes) = (BTreeMap::new(), Vec::new());
        for id in nodes {
            let control = self.cluster.control(*id)?;
            before.insert(*id, control.wrong_answers()?);
            match clock {
                Clock::Step { by_s } => control.set_clock(by_s)?,
                Clock::Drift { thousandths } => control.set_speed(thousandths)?,
                Clock::Strobe { by_s, every_ms } => {
                    let control = Arc::clone(&control);
                    let turn = move |there| control.set_clock(if there { by_s } else { 0 });
                    strobes.push(Strobe::begin(Duration::from_millis(every_ms), turn)?);
                }
            }
        }
        let details = match clock {
            Clock::Step { by_s } => json!({"step_s": by_s}),
            Clock::Drift { thousandths } => json!({"speed_thousandths": thousandths}),
            Clock::Strobe { by_s, every_ms } => json!({"strobe_s": by_s, "every_ms": every_ms}),
        };
        Ok((object(details), Held::Clocks(before, strobes)))
    }

    /// Proof: how often a node was told a wrong time.
    pub(super) fn end_clock(
        &mut self,
        before: &BTreeMap<u64, i64>,
        strobes: Vec<Strobe>,
    ) -> Result<Seen> {
        let jumps: u64 = strobes.iter().map(Strobe::turns).sum();
        drop(strobes);
        let (mut sum, mut wrong) = (0, Map::new());
        for (id, before) in before {
            let control = self.cluster.control(*id)?;
            control.right_clock()?;
            let answers = control.wrong_answers()? - before;
            sum += answers;
            wrong.insert(id.to_string(), json!(answers));
        }
        Ok((sum.unsigned_abs(), json!({"wrong_answers": wrong, "jumps": jumps})))
    }
}
