//! What must hold at every moment: looked at between two steps of the simulation, on all nodes.
//!
//! Nothing that was committed changes, on any node, over crashes and snapshots; it is in the logs
//! of a majority; and whoever leads later has it. All that is applied is applied in the same order
//! with the same outcome: the heads of the audit chains agree.
//!
//! That a term has one leader is not among these: openraft's leaders are named by term *and* node,
//! in that order, and a greater node may take over within a term. What one name has appended is
//! one leader's, and the log carries the whole name.

use super::plan::Trouble;
use super::stage::{Living, Stage};
use domain::sealed::Digest;
use raft::{LogEntry, Role, Status};
use std::collections::{BTreeMap, BTreeSet};

/// Entries that are read at once.
const READ_BYTES: usize = 8 << 20;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Who led, by term and node.
    leaders: BTreeSet<(u64, u64)>,
    /// What was committed, as the log has it.
    committed: BTreeMap<u64, Committed>,
    /// The audit chain's head after an index.
    heads: BTreeMap<u64, (Option<Digest>, u64)>,
    /// How far each life of a node was compared.
    compared: BTreeMap<u64, Compared>,
    /// Terms, at most: how much was burned.
    pub(super) newest_term: u64,
    /// Snapshots that were made or installed.
    pub(super) snapshots: u64,
    /// Snapshots that came from another node, each once: that is how far the node then was.
    installed: BTreeSet<(u64, u64)>,
}

/// An entry that can never change again.
#[derive(Clone, Debug)]
pub(super) struct Committed {
    bytes: Vec<u8>,
    pub(super) entry: LogEntry,
}

#[derive(Clone, Copy, Debug, Default)]
struct Compared {
    committed: u64,
    applied: u64,
    snapshot: u64,
}

impl Watch {
    /// The committed log, in order.
    pub(super) fn log(&self) -> impl Iterator<Item = &Committed> {
        self.committed.values()
    }

    /// How many snapshots a node has taken over from another one.
    pub(super) fn installed(&self) -> usize {
        self.installed.len()
    }

    /// A node is gone; what it says in its next life is compared from the beginning.
    pub(super) fn forget(&mut self, id: u64) {
        self.compared.remove(&id);
    }

    /// Looks at everybody.
    pub(super) fn look(&mut self, stage: &Stage) {
        let living = stage.living().clone();
        let statuses: BTreeMap<u64, Status> =
            living.iter().map(|(id, node)| (*id, node.city.status())).collect();
        for (id, node) in &living {
            let status = &statuses[id];
            self.a_leader(stage, *id, status, node);
            self.same_log(stage, *id, status, &living);
            self.same_state(stage, *id, node, status);
        }
    }

    fn a_leader(&mut self, stage: &Stage, id: u64, status: &Status, node: &Living) {
        self.newest_term = self.newest_term.max(status.term);
        if status.role != Role::Leader {
            return;
        }
        if self.leaders.insert((status.term, id)) {
            self.leader_is_complete(stage, id, status, node);
        }
    }

    /// Whoever leads has everything that was committed under leaders before it: of earlier terms,
    /// and of this one under a lesser node.
    fn leader_is_complete(&self, stage: &Stage, id: u64, status: &Status, node: &Living) {
        let before = |committed: &&Committed| {
            (committed.entry.term, committed.entry.node) < (status.term, id)
        };
        let Some(newest) = self.committed.values().rev().find(before) else { return };
        let index = newest.entry.index;
        if status.last_log < Some(index) {
            stage.complain(format!(
                "leader completeness: node {id} leads in term {} up to {:?}, and {index} was \
                 committed",
                status.term, status.last_log
            ));
        } else if status.purged < Some(index)
            && read(stage, id, node, index, index + 1).first() != Some(&newest.bytes)
        {
            stage.complain(format!(
                "leader completeness: node {id} leads in term {} with another entry {index}",
                status.term
            ));
        }
    }

    fn same_log(
        &mut self,
        stage: &Stage,
        id: u64,
        status: &Status,
        living: &BTreeMap<u64, Living>,
    ) {
        let done = self.compared.entry(id).or_default().committed;
        let first = status.purged.map_or(0, |purged| purged + 1).max(done);
        let end = status.committed.map_or(0, |committed| committed + 1);
        if first >= end {
            return;
        }
        for bytes in read(stage, id, &living[&id], first, end) {
            let entry = match raft::read_entry(bytes.clone()) {
                Ok(entry) => entry,
                Err(error) => {
                    stage.complain(format!("node {id} has an entry that cannot be read: {error}"));
                    return;
                }
            };
            let index = entry.index;
            if let Some(known) = self.committed.get(&index) {
                if known.bytes != bytes {
                    stage.complain(format!(
                        "committed entry {index} of term {} is another one of term {} on node {id}",
                        known.entry.term, entry.term
                    ));
                }
            } else {
                self.on_a_majority(stage, index, &bytes, status, living);
                self.committed.insert(index, Committed { bytes, entry });
            }
            self.compared.entry(id).or_default().committed = index + 1;
        }
    }

    /// Those who are dead or have purged it may have it; those who live are looked at.
    fn on_a_majority(
        &self,
        stage: &Stage,
        index: u64,
        bytes: &[u8],
        status: &Status,
        living: &BTreeMap<u64, Living>,
    ) {
        // While members change two majorities count, and which two is not seen from here.
        if stage.plan.troubles.contains(&Trouble::Members) {
            return;
        }
        let voters = status.members.iter().filter(|member| member.voter);
        let voters: Vec<u64> = voters.map(|member| member.member.id).collect();
        let lacks = |id: &&u64| {
            living.get(*id).is_some_and(|node| {
                let purged = node.city.status().purged >= Some(index);
                let here = read(stage, **id, node, index, index + 1);
                !purged && here.first().is_none_or(|here| here.as_slice() != bytes)
            })
        };
        let lacking = voters.iter().filter(lacks).count();
        if (voters.len() - lacking) * 2 <= voters.len() {
            stage.complain(format!(
                "entry {index} was committed, and {lacking} of {} voters lack it",
                voters.len()
            ));
        }
    }

    fn same_state(&mut self, stage: &Stage, id: u64, node: &Living, status: &Status) {
        let seen = self.compared.entry(id).or_default();
        let snapshot = status.snapshot.unwrap_or(0);
        if snapshot > seen.snapshot {
            seen.snapshot = snapshot;
            self.snapshots += 1;
        }
        // Whoever has made its own keeps the last entries before it.
        if snapshot > 0 && status.purged >= status.snapshot {
            self.installed.insert((id, snapshot));
        }
        let applied = node.city.applied();
        if applied == seen.applied {
            return;
        }
        if applied < seen.applied {
            stage.complain(format!("node {id} went back from {} to {applied}", seen.applied));
        }
        seen.applied = applied;
        match node.reader.view().audit_head() {
            Ok(head) => match self.heads.get(&applied) {
                Some((known, by)) if *known != head => stage.complain(format!(
                    "after entry {applied} nodes {by} and {id} have decided differently"
                )),
                Some(_) => {}
                None => drop(self.heads.insert(applied, (head, id))),
            },
            Err(error) => stage.complain(format!("node {id} cannot read its audit: {error}")),
        }
    }
}

fn read(stage: &Stage, id: u64, node: &Living, first: u64, end: u64) -> Vec<Vec<u8>> {
    node.log.read(first, end, READ_BYTES).unwrap_or_else(|error| {
        stage.complain(format!("node {id} cannot read its log: {error}"));
        Vec::new()
    })
}
