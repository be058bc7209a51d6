//! What happens again and again while a fault lasts, in a task that ends with this value.

use anyhow::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at};

/// Something that goes to and fro.
#[derive(Debug)]
pub(crate) struct Strobe {
    task: JoinHandle<()>,
    turns: Arc<AtomicU64>,
}

impl Strobe {
    /// Calls `turn` at once and then each time so much has passed, with true and false in turn,
    /// until it fails.
    ///
    /// # Errors
    /// The first time fails.
    pub(crate) fn begin(
        every: Duration,
        turn: impl Fn(bool) -> Result<()> + Send + 'static,
    ) -> Result<Self> {
        turn(true)?;
        let turns = Arc::new(AtomicU64::new(1));
        let counted = Arc::clone(&turns);
        let task = tokio::spawn(async move {
            let every = every.max(Duration::from_millis(1));
            let mut ticks = interval_at(Instant::now() + every, every);
            let mut there = false;
            loop {
                ticks.tick().await;
                if turn(there).is_err() {
                    return;
                }
                counted.fetch_add(1, Ordering::Relaxed);
                there = !there;
            }
        });
        Ok(Self { task, turns })
    }

    /// How often it went.
    pub(crate) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }
}

impl Drop for Strobe {
    fn drop(&mut self) {
        self.task.abort();
    }
}
