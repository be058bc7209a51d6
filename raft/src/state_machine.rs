//! (2) What the log does to the state: every replica runs this, in log order, a chunk at a time.
//!
//! The domain decides, storage keeps, and only then is anybody told. An entry that cannot be read
//! or decided stops this node: skipping it would make this replica differ from the others without
//! a word. A "no" of the domain is an answer like any other.

use crate::checkpoint::{SnapshotBuilder, as_openraft};
use crate::progress::{Clock, Progress};
use crate::settings::APPLY_CHUNK;
use crate::snapshot::{Shelf, SnapshotDir};
use crate::types::{Answer, Command, LogId, SnapshotMeta, StoredMembership, TypeConfig};
use crate::wire;
use crate::world::blocking;
use domain::mutant::{Mutant, is_planted};
use domain::time::Timestamp;
use domain::{Proposal, Stamp, Verdict};
use futures_util::{Stream, StreamExt};
use openraft::alias::{SnapshotOf, StoredMembershipOf};
use openraft::entry::RaftEntry;
use openraft::storage::{EntryResponder, RaftStateMachine};
use openraft::{EntryPayload, OptionalSend};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use storage::{Batch, Writer};

/// The replicated state of this node. openraft owns it and calls it from one task.
#[derive(Clone, Debug)]
pub(crate) struct StateMachine {
    pub(crate) writer: Arc<Writer>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) free_disk_percent: u64,
}

impl StateMachine {
    /// Applies entries that follow each other: one batch, then the readers, then the answers.
    fn apply_chunk(&self, chunk: Vec<EntryResponder<TypeConfig>>) -> io::Result<()> {
        let mut batch = self.writer.begin();
        let mut position = self.position()?;
        let (mut answers, mut bytes) = (Vec::with_capacity(chunk.len()), 0);
        let entries = chunk.len() as u64;
        for (entry, responder) in chunk {
            let id = entry.log_id();
            let answer = match entry.payload {
                EntryPayload::Blank => Answer::Internal,
                EntryPayload::Normal(command) => {
                    // A leader with a slow clock must not turn the city's time back.
                    position.at_ms = position.at_ms.max(command.at_ms);
                    if is_planted(Mutant::LocalClock) {
                        position.at_ms = position.at_ms.max(self.clock.stamp());
                    }
                    bytes += command.proposal.len() as u64;
                    let at = Timestamp(position.at_ms);
                    let stamp = Stamp { index: id.index(), at };
                    Answer::Verdict(decide(&mut batch, &stamp, &command)?)
                }
                EntryPayload::Membership(membership) => {
                    let stored = StoredMembershipOf::<TypeConfig>::new(Some(id), membership);
                    batch.set_membership(wire::to_bytes(&wire::stored(&stored)));
                    Answer::Internal
                }
            };
            position.log_id = wire::log_id(Some(&id));
            answers.extend(responder.map(|r| (r, answer)));
        }
        batch.set_position(wire::to_bytes(&position));
        batch.commit().map_err(io::Error::other)?;
        self.clock.observe(position.at_ms);
        self.progress.entries_since_snapshot.fetch_add(entries, Ordering::Relaxed);
        self.progress.bytes_since_snapshot.fetch_add(bytes, Ordering::Relaxed);
        self.progress.advance(position.log_id.map_or(0, |id| id.index));
        for (responder, answer) in answers {
            responder.send(answer); // exactly once each, or its proposer waits for ever
        }
        Ok(())
    }
}

/// One entry: asks the domain, and writes down what it says.
fn decide(batch: &mut Batch, stamp: &Stamp, command: &Command) -> io::Result<Verdict> {
    let proposal: Proposal = storage::codec::decode(&command.proposal).map_err(io::Error::other)?;
    let outcome = domain::apply(batch, stamp, proposal.clone()).map_err(io::Error::other)?;
    let verdict = outcome.verdict.clone();
    batch.record(stamp, &command.proposal, &proposal, outcome).map_err(io::Error::other)?;
    Ok(verdict)
}

impl RaftStateMachine<TypeConfig> for StateMachine {
    type SnapshotData = SnapshotDir;
    type SnapshotBuilder = SnapshotBuilder;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), io::Error> {
        self.applied()
    }

    async fn apply<S>(&mut self, entries: S) -> Result<(), io::Error>
    where
        S: Stream<Item = Result<EntryResponder<TypeConfig>, io::Error>> + Unpin + OptionalSend,
    {
        let mut chunks = entries.ready_chunks(APPLY_CHUNK);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.into_iter().collect::<io::Result<Vec<_>>>()?;
            let this = self.clone();
            blocking(move || this.apply_chunk(chunk)).await??;
        }
        Ok(())
    }

    /// Runs between two applies, so the checkpoint is exactly at what is applied.
    async fn try_create_snapshot_builder(&mut self, force: bool) -> Option<SnapshotBuilder> {
        let this = self.clone();
        let taken = blocking(move || this.checkpoint(force)).await;
        match taken.and_then(|taken| taken) {
            Ok(builder) => Some(builder),
            Err(error) if force => Some(SnapshotBuilder::Failed(error.to_string())),
            Err(error) => {
                tracing::warn!(%error, "no snapshot now, another time");
                None
            }
        }
    }

    async fn get_snapshot_builder(&mut self) -> SnapshotBuilder {
        self.try_create_snapshot_builder(true).await.expect("a forced one is never put off")
    }

    /// Durable and switched when it returns: openraft removes the log next.
    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        received: SnapshotDir,
    ) -> Result<(), io::Error> {
        let (this, meta) = (self.clone(), meta.clone());
        blocking(move || this.install(&meta, received)).await?
    }

    async fn get_current_snapshot(
        &mut self,
    ) -> Result<Option<SnapshotOf<TypeConfig, SnapshotDir>>, io::Error> {
        Ok(self.shelf.current().map(as_openraft))
    }
}
