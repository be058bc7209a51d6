//! Where the state is: its position in the log, its checkpoints, and its replacement by one that
//! another node made.

use crate::log_store::LogStore;
use crate::snapshot::{Kept, Shelf, SnapshotDir, is_disk_full};
use crate::state_machine::StateMachine;
use crate::types::{LogId, SnapshotMeta, StoredMembership, TypeConfig};
use crate::wire::{self, proto};
use crate::world;
use openraft::RaftSnapshotBuilder;
use openraft::alias::SnapshotOf;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl StateMachine {
    /// The last applied entry and the latest time that any entry carried.
    pub(crate) fn position(&self) -> io::Result<proto::Position> {
        let bytes = self.writer.position().map_err(io::Error::other)?;
        wire::from_bytes(bytes.unwrap_or_default().as_slice())
    }

    pub(crate) fn applied(&self) -> io::Result<(Option<LogId>, StoredMembership)> {
        let bytes = self.writer.membership().map_err(io::Error::other)?;
        let membership = match bytes {
            Some(bytes) => wire::to_stored(wire::from_bytes(bytes.as_slice())?)?,
            None => StoredMembership::default(),
        };
        let applied = wire::to_log_id(self.position()?.log_id.as_ref());
        Ok((applied, membership))
    }

    /// A checkpoint of what is applied now; its description comes later, beside further applies.
    pub(crate) fn checkpoint(&self, force: bool) -> io::Result<SnapshotBuilder> {
        if !force && is_disk_full(self.writer.data_dir(), self.free_disk_percent / 2)? {
            return Err(io::Error::other("the disk is almost full"));
        }
        let (last_log_id, last_membership) = self.applied()?;
        let meta = SnapshotMeta { last_log_id, last_membership };
        let part = self.shelf.part(&meta)?;
        self.writer.checkpoint(&part).map_err(io::Error::other)?;
        self.progress.entries_since_snapshot.store(0, Ordering::Relaxed);
        self.progress.bytes_since_snapshot.store(0, Ordering::Relaxed);
        Ok(SnapshotBuilder::Taken { machine: self.clone(), part, meta })
    }

    /// Puts a received snapshot on the shelf and makes a copy of it the state of this node.
    pub(crate) fn install(&self, meta: &SnapshotMeta, received: SnapshotDir) -> io::Result<()> {
        let (_, dir) = self.shelf.adopt(received, meta)?;
        self.writer.install(&dir.path).map_err(io::Error::other)?;
        let position = self.position()?;
        let installed = wire::to_log_id(position.log_id.as_ref());
        if installed != meta.last_log_id {
            let what = format!("a snapshot of {:?} holds {installed:?}", meta.last_log_id);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        self.clock.observe(position.at_ms);
        self.progress.entries_since_snapshot.store(0, Ordering::Relaxed);
        self.progress.bytes_since_snapshot.store(0, Ordering::Relaxed);
        self.progress.advance(installed.map_or(0, |id| id.index()));
        Ok(())
    }

    /// Everybody applies what a majority has on its disks, leaders and followers alike, and may
    /// flush the state before the own log has it. Whoever loses its power then comes back with a
    /// state ahead of its log: the log ends before what is applied, or, since not even the cut
    /// that came before it was synced, it still has what an overruled leader left there. Up to the
    /// state such a log is gone, and a snapshot stands for it; openraft would do so only where the
    /// log is shorter, and refuses the other one for good.
    pub(crate) async fn stand_for_the_log(&self, log: &LogStore) -> io::Result<()> {
        let Some(applied) = self.applied()?.0 else { return Ok(()) };
        if !log.lacks(&applied)? {
            return Ok(());
        }
        let covered = self.shelf.current().and_then(|(meta, _)| meta.last_log_id);
        if covered.map(|id| id.index()) < Some(applied.index()) {
            self.checkpoint(true)?.build_snapshot().await?;
        }
        log.give_way_to(applied).await
    }

    /// The log may be removed up to a snapshot only if a power cut leaves a state as new as that.
    fn check_durable(&self, meta: &SnapshotMeta) -> io::Result<()> {
        let bytes = self.writer.durable_position().map_err(io::Error::other)?;
        let position: proto::Position = wire::from_bytes(bytes.unwrap_or_default().as_slice())?;
        let durable = wire::to_log_id(position.log_id.as_ref());
        if durable < meta.last_log_id {
            let what = format!("a snapshot of {:?} with {durable:?} durable", meta.last_log_id);
            return Err(io::Error::other(what));
        }
        Ok(())
    }
}

/// Finishes a snapshot while further entries are applied.
#[derive(Debug)]
pub(crate) enum SnapshotBuilder {
    /// The checkpoint is there and wants its description.
    Taken { machine: StateMachine, part: PathBuf, meta: SnapshotMeta },
    /// It could not be made, although it had to be.
    Failed(String),
}

impl RaftSnapshotBuilder<TypeConfig> for SnapshotBuilder {
    type SnapshotData = SnapshotDir;

    /// An error here stops the node.
    async fn build_snapshot(&mut self) -> Result<SnapshotOf<TypeConfig, SnapshotDir>, io::Error> {
        let (machine, part, meta) = match self {
            Self::Taken { machine, part, meta } => (machine.clone(), part.clone(), meta.clone()),
            Self::Failed(why) => return Err(io::Error::other(why.clone())),
        };
        let done = world::blocking(move || {
            machine.check_durable(&meta)?;
            machine.shelf.put_checkpoint(&part, &meta)
        });
        done.await?.map(as_openraft)
    }
}

pub(crate) fn as_openraft((meta, snapshot): Kept) -> SnapshotOf<TypeConfig, SnapshotDir> {
    SnapshotOf::<TypeConfig, SnapshotDir> { meta, snapshot }
}

impl StateMachine {
    /// Opens what lies on the disk.
    pub(crate) fn open(
        writer: Arc<storage::Writer>,
        free_disk_percent: u64,
        wall_clock: crate::settings::WallClock,
    ) -> Result<Self, io::Error> {
        use crate::progress::{Clock, Progress};
        let bytes = writer.position().map_err(io::Error::other)?;
        let position: proto::Position = wire::from_bytes(bytes.unwrap_or_default().as_slice())?;
        Ok(Self {
            shelf: Arc::new(Shelf::open(writer.data_dir())?),
            progress: Arc::new(Progress::new(position.log_id.map_or(0, |id| id.index))),
            clock: Arc::new(Clock::new(wall_clock, position.at_ms)),
            free_disk_percent,
            writer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::WallClock;
    use crate::types::Entry;
    use openraft::StorageHelper;
    use openraft::alias::{EntryOf, LogIdOf};
    use openraft::entry::RaftEntry;
    use openraft::impls::leader_id_adv::LeaderId;
    use openraft::storage::{RaftLogStorage, RaftStateMachine};
    use storage::LogDb;

    fn entry(term: u64, index: u64) -> Entry {
        let leader = LeaderId { term, node_id: 1 };
        EntryOf::<TypeConfig>::new_blank(LogIdOf::<TypeConfig>::new(leader, index))
    }

    async fn append(log: &LogDb, entries: &[Entry]) {
        let rows = entries.iter().map(|entry| (entry.index(), wire::to_bytes(&wire::entry(entry))));
        log.append(rows.collect()).await.unwrap();
        let (done, synced) = tokio::sync::oneshot::channel();
        log.sync(Box::new(move |result| done.send(result).unwrap())).unwrap();
        synced.await.unwrap().unwrap();
    }

    /// What a node has after its power failed: this log, and a state that applied those entries.
    async fn starts(log: &[Entry], applied: &[Entry]) -> (Option<u64>, Option<u64>) {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _reader) = storage::open(dir.path(), &storage::Settings::default()).unwrap();
        let writer = Arc::new(writer);
        append(&writer.log(), log).await;
        let mut machine = StateMachine::open(writer.clone(), 0, WallClock::default()).unwrap();
        let entries = applied.iter().cloned().map(|entry| Ok((entry, None)));
        machine.apply(futures_util::stream::iter(entries)).await.unwrap();
        writer.flush().unwrap();

        // Again, since the power may fail in between.
        for _ in 0..2 {
            let log = LogStore::open(writer.log()).unwrap();
            machine.stand_for_the_log(&log).await.unwrap();
        }
        let mut log = LogStore::open(writer.log()).unwrap();
        // openraft starts with it, and finds nothing more to put right.
        StorageHelper::new(&mut log, &mut machine).with_id(1).get_initial_state().await.unwrap();
        let state = log.get_log_state().await.unwrap();
        let index = |id: Option<LogId>| id.map(|id| id.index());
        (index(state.last_log_id), index(state.last_purged_log_id))
    }

    fn run(term: u64, indexes: std::ops::Range<u64>) -> Vec<Entry> {
        indexes.map(|index| entry(term, index)).collect()
    }

    fn then(mut first: Vec<Entry>, rest: Vec<Entry>) -> Vec<Entry> {
        first.extend(rest);
        first
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_that_has_what_was_applied_stays() {
        assert_eq!(starts(&run(1, 0..13), &run(1, 0..8)).await, (Some(12), None));
        assert_eq!(starts(&run(1, 0..13), &[]).await, (Some(12), None));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_shorter_log_gives_way() {
        assert_eq!(starts(&run(1, 0..8), &run(1, 0..11)).await, (Some(10), Some(10)));
    }

    /// The entries 8 to 12 of an overruled leader were synced; their removal, and what came in
    /// their place and was applied, was not.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_with_an_overruled_tail_gives_way() {
        let old = run(1, 0..13);
        let applied = then(run(1, 0..8), run(2, 8..11));
        assert_eq!(starts(&old, &applied).await, (Some(10), Some(10)));
        // As long as the state.
        assert_eq!(starts(&old[..11], &applied).await, (Some(10), Some(10)));
        // And the overruled leader was the younger one: the next leader was chosen without it,
        // and an entry of its own term behind 10 has committed them.
        let old = then(run(1, 0..8), run(5, 8..13));
        let applied = then(run(1, 0..8), run(4, 8..11));
        assert_eq!(starts(&old, &applied).await, (Some(10), Some(10)));
    }
}
