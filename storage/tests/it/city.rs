//! A city on disk, to which tests apply writes as raft would.

use crate::engine;
use domain::account::CloseSession;
use domain::ids::SessionId;
use domain::time::Timestamp;
use domain::{Actor, Command, Event, Outcome, Proposal, Stamp, Verdict, Write};
use storage::{Batch, Reader, Writer};
use tempfile::TempDir;

pub(crate) struct City {
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    pub(crate) index: u64,
    // Last: it goes when the databases are closed.
    pub(crate) dir: TempDir,
}

pub(crate) fn proposal() -> Proposal {
    Proposal {
        actor: Actor::System,
        request_id: "request".to_owned(),
        command: Command::CloseSession(CloseSession { session_id: SessionId([1; 16]) }),
    }
}

pub(crate) fn outcome(index: u64, writes: Vec<Write>, events: Vec<Event>) -> Outcome {
    Outcome { verdict: Verdict::Yes { changed: true, index }, writes, events }
}

impl City {
    pub(crate) fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    pub(crate) fn open(dir: TempDir) -> Self {
        let (writer, reader) = engine::open(dir.path()).unwrap();
        let index = match reader.applied_bytes().unwrap() {
            Some(bytes) => u64::from_be_bytes(bytes.try_into().unwrap()),
            None => 0,
        };
        Self { writer, reader, index, dir }
    }

    /// Closes the databases, as a node that stops in peace does, and opens them again.
    pub(crate) fn reopen(self) -> Self {
        let Self { writer, reader, dir, .. } = self;
        engine::close(writer, reader);
        Self::open(dir)
    }

    /// One entry in a batch of its own.
    pub(crate) fn apply(&mut self, writes: impl IntoIterator<Item = Write>) {
        self.apply_with(writes, []);
    }

    pub(crate) fn apply_with(
        &mut self,
        writes: impl IntoIterator<Item = Write>,
        events: impl IntoIterator<Item = Event>,
    ) {
        let mut batch = self.writer.begin();
        self.record(&mut batch, writes, events);
        self.commit(batch);
    }

    pub(crate) fn record(
        &mut self,
        batch: &mut Batch,
        writes: impl IntoIterator<Item = Write>,
        events: impl IntoIterator<Item = Event>,
    ) {
        self.index += 1;
        let stamp = Stamp { index: self.index, at: Timestamp(self.index as i64 * 1_000) };
        let (writes, events) = (writes.into_iter().collect(), events.into_iter().collect());
        let outcome = outcome(self.index, writes, events);
        let bytes = format!("entry {}", self.index);
        batch.record(&stamp, bytes.as_bytes(), &proposal(), outcome).unwrap();
    }

    pub(crate) fn commit(&self, mut batch: Batch) {
        batch.set_position(self.index.to_be_bytes().to_vec());
        batch.commit().unwrap();
    }
}
