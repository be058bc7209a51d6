//! What is done to processes: killed, stopped, starved, restarted in good order.

use super::cpu::Starved;
use super::strobe::Strobe;
use super::world::{Begun, Held, Seen, World};
use crate::cluster::until;
use crate::process::{Pulse, signal};
use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The system stops a process within this time.
const STOPS_WITHIN: Duration = Duration::from_secs(5);
/// A node that is asked to end does so within this time.
const ENDS_WITHIN: Duration = Duration::from_secs(30);

impl World {
    /// SIGKILL to all of them before any is waited for; whoever is dead already stays dead.
    pub(super) async fn kill(&mut self, nodes: &[u64]) -> Result<()> {
        self.end_strobes_of(nodes);
        let run: Vec<_> = nodes.iter().copied().filter(|id| self.cluster.runs(*id)).collect();
        for id in &run {
            self.cluster.process(*id)?.kill()?;
        }
        for id in &run {
            self.cluster.process(*id)?.ended().await?;
        }
        Ok(())
    }

    pub(super) async fn begin_kill(&mut self, nodes: &[u64]) -> Result<Begun> {
        self.end_strobes_of(nodes);
        let run: Vec<_> = nodes.iter().copied().filter(|id| self.cluster.runs(*id)).collect();
        // Strict: whoever ended by itself before was not killed.
        self.cluster.kill_together(&run).await?;
        Ok((object(json!({"killed": run})), Held::Killed(run)))
    }

    /// Proof: that they were gone by our signal was seen when it began. Who was dead already was
    /// not killed.
    pub(super) fn end_kill(&mut self, nodes: &[u64], killed: &[u64]) -> Result<Seen> {
        self.restart(nodes)?;
        Ok((killed.len() as u64, json!({"signal": 9, "killed": killed, "restarted": nodes})))
    }

    pub(super) async fn begin_pause(&mut self, nodes: &[u64]) -> Result<Begun> {
        let run: Vec<_> = nodes.iter().copied().filter(|id| self.cluster.runs(*id)).collect();
        for id in &run {
            self.cluster.process(*id)?.signal(Signal::STOP)?;
        }
        let mut pulses = BTreeMap::new();
        for id in run {
            let process = self.cluster.process(id)?;
            let what = format!("node {id} to stop");
            let stopped = until(STOPS_WITHIN, &what, async || {
                process.pulse().ok().filter(|pulse| pulse.state == 'T')
            });
            pulses.insert(id, stopped.await?);
        }
        Ok((Map::new(), Held::Paused(pulses)))
    }

    /// Proof: the system says that it was stopped all the time, and it had no processor time.
    pub(super) fn end_pause(&mut self, pulses: &BTreeMap<u64, Pulse>) -> Result<Seen> {
        let mut seen = Map::new();
        for (id, before) in pulses {
            let after = match self.cluster.runs(*id) {
                true => self.cluster.process(*id)?.pulse().ok(),
                false => None,
            };
            let Some(after) = after.filter(|after| after.pid == before.pid) else {
                // It was stopped until something else killed it.
                seen.insert(id.to_string(), json!({"state": "T", "killed": true}));
                continue;
            };
            self.cluster.process(*id)?.signal(Signal::CONT)?;
            let ticks = after.ticks.saturating_sub(before.ticks);
            let stopped = after.state == 'T' && ticks == 0;
            ensure!(stopped, "node {id} was not stopped all the time: {before:?}, {after:?}");
            seen.insert(id.to_string(), json!({"state": "T", "cpu_ticks": ticks}));
        }
        Ok((seen.len() as u64, json!({"paused": seen})))
    }

    pub(super) fn begin_strobe(&mut self, nodes: &[u64], every: Duration) -> Result<Begun> {
        let mut strobes = BTreeMap::new();
        for id in nodes.iter().copied().filter(|id| self.cluster.runs(*id)).collect::<Vec<_>>() {
            let pid = self.cluster.process(id)?.pid()?;
            let turn = move |stop| signal(pid, if stop { Signal::STOP } else { Signal::CONT });
            strobes.insert(id, Strobe::begin(every, turn)?);
        }
        let every_ms = u64::try_from(every.as_millis())?;
        Ok((object(json!({"every_ms": every_ms})), Held::Strobes(strobes)))
    }

    pub(super) fn end_strobe(&mut self, strobes: BTreeMap<u64, Strobe>) -> Result<Seen> {
        let mut turns = 0;
        for (id, strobe) in strobes {
            turns += strobe.turns();
            drop(strobe);
            if self.cluster.runs(id) {
                self.cluster.process(id)?.signal(Signal::CONT)?;
            }
        }
        Ok((turns, json!({"turns": turns})))
    }

    pub(super) fn begin_starve(&mut self, nodes: &[u64], percent: u8) -> Result<Begun> {
        let mut starved = BTreeMap::new();
        for id in nodes.iter().copied().filter(|id| self.cluster.runs(*id)).collect::<Vec<_>>() {
            let pid = self.cluster.process(id)?.pid()?;
            starved.insert(id, Starved::begin(pid, percent)?);
        }
        Ok((object(json!({"percent": percent})), Held::Starved(starved)))
    }

    /// Each node in turn is asked to end, starts again, and is ready before the next one's turn.
    pub(super) async fn rolling_restart(&mut self) -> Result<Begun> {
        let mut took = Map::new();
        for id in self.cluster.ids() {
            if !self.cluster.runs(id) {
                continue;
            }
            let began = Instant::now();
            self.end_strobes_of(&[id]);
            let process = self.cluster.process(id)?;
            process.signal(Signal::TERM)?;
            let ended = timeout(ENDS_WITHIN, process.ended()).await;
            let end = ended.with_context(|| format!("node {id} does not end when asked"))??;
            ensure!(
                end.status.success(),
                "node {id}, asked to end: {}\n{}",
                end.status,
                process.last_words()
            );
            self.cluster.restart(id)?;
            self.cluster.wait_ready(id).await?;
            took.insert(id.to_string(), json!(u64::try_from(began.elapsed().as_millis())?));
        }
        Ok((Map::new(), Held::Restarted(Value::Object(took))))
    }
}

/// The members of a JSON object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
