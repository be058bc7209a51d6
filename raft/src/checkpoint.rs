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

    /// A leader applies what two others have on their disks, and may flush its state before its
    /// own log has it. Whoever comes back like this has a state ahead of its log: openraft then
    /// cuts the log up to the state, and something must stand for what is gone.
    pub(crate) async fn stand_for_the_log(&self, log: &LogStore) -> io::Result<()> {
        let index = |id: Option<LogId>| id.map(|id| id.index());
        let applied = index(self.applied()?.0);
        let covered = self.shelf.current().and_then(|(meta, _)| index(meta.last_log_id));
        if applied > log.last_index()? && applied > covered {
            self.checkpoint(true)?.build_snapshot().await?;
        }
        Ok(())
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
