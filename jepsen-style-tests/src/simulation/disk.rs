//! The disk of a simulated node: storage's own, in memory, which loses what was not synced.

use crate::random::Random;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use storage::{Error, MemoryDisk, Reader, Settings, SyncFault, Writer};

/// Cheap to clone; outlives the node.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    memory: MemoryDisk,
    /// Whether it was told to fail: the node that stops then stops for a reason.
    told_to_fail: Arc<AtomicBool>,
}

impl Disk {
    pub(super) fn new(seed: u64) -> Self {
        Self { memory: MemoryDisk::new(seed), told_to_fail: Arc::default() }
    }

    pub(super) fn open(&self, dir: &Path) -> Result<(Writer, Reader), Error> {
        let settings = Settings { cached_records: 500, ..Settings::default() };
        storage::open_in_memory(&self.memory, dir, &settings)
    }

    /// The process is gone, and with it what it had not given to the system.
    pub(super) fn kill(&self) -> usize {
        self.memory.kill()
    }

    /// The power is gone. Returns how many writes of the log are lost.
    pub(super) fn lose_power(&self, random: &mut Random) -> usize {
        self.memory.power_loss(&mut || random.below(usize::MAX) as u64)
    }

    pub(super) fn fail_next_sync(&self, fault: SyncFault) {
        self.told_to_fail.store(true, Ordering::Relaxed);
        self.memory.fail_next_sync(fault);
    }

    /// Whether it has failed as it was told to. Asked once.
    pub(super) fn take_injected_error(&self) -> bool {
        !self.memory.fault_is_waiting() && self.told_to_fail.swap(false, Ordering::Relaxed)
    }

    pub(super) fn slow_down(&self, longest: Duration) {
        self.memory.let_syncs_take(longest / 4, longest);
    }

    pub(super) fn at_usual_speed(&self) {
        self.memory.let_syncs_take(Duration::from_micros(200), Duration::from_millis(2));
    }
}
