//! From written to durable: the sync, then the mark, and only then may anybody be told.

use super::told;
use crate::engine::Engine;
use crate::mark::{Mark, Reach};
use parking_lot::Mutex;
use std::io;

/// The database of the log, what was handed to it, and what is promised of it.
#[derive(Debug)]
pub(super) struct Durable {
    pub(super) engine: Engine,
    pub(super) written: Mutex<Written>,
    pub(super) mark: Mark,
}

/// What has been handed to the engine, durable or not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    pub(super) reach: Reach,
    /// What the mark says, so that lowering its end leaves its votes as they are.
    pub(super) promised: Reach,
    /// Counts truncations, so that a sync notices one that overtook it.
    pub(super) truncations: u64,
}

impl Durable {
    /// One write for everything that was handed over so far; says what that is.
    pub(super) fn begin_sync(&self) -> io::Result<Written> {
        let before = *self.written.lock();
        self.engine.begin_sync().map_err(told)?;
        Ok(before)
    }

    /// One fsync, then the mark. After an error, never again: the kernel may have dropped the
    /// dirty pages.
    pub(super) fn end_sync(&self, before: &Written) -> io::Result<()> {
        self.engine.end_sync().map_err(told)?;
        let mut now = self.written.lock();
        if now.truncations == before.truncations {
            self.mark.raise(before.reach)?;
            now.promised = before.reach;
        }
        Ok(())
    }

    /// First the mark, durably, then the log. Rare: only after a change of leader.
    pub(super) fn lower_mark(&self, end: u64) -> io::Result<()> {
        let mut written = self.written.lock();
        written.reach.end = end;
        written.truncations += 1;
        if written.promised.end <= end {
            return Ok(());
        }
        written.promised.end = end;
        // Under the lock: a sync must not raise the mark in between.
        self.mark.lower(written.promised)
    }
}

/// The same answer once more, for another of those who wait for it.
pub(super) fn again(result: &io::Result<()>) -> io::Result<()> {
    result.as_ref().copied().map_err(|e| io::Error::new(e.kind(), e.to_string()))
}
