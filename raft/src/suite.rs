//! openraft's own conformance suite on the real stores, over both engines. It says nothing about
//! durability.

use crate::log_store::LogStore;
use crate::settings::WallClock;
use crate::state_machine::StateMachine;
use crate::types::TypeConfig;
use openraft::StorageError;
use openraft::testing::log::{StoreBuilder, Suite};
use openraft::type_config::TypeConfigExt;
use std::path::Path;
use std::sync::Arc;
use storage::{MemoryDisk, Settings, Writer};
use tempfile::TempDir;

type Stores = (TempDir, LogStore, StateMachine);

fn stores(open: impl FnOnce(&Path) -> Writer) -> Stores {
    let dir = tempfile::tempdir().unwrap();
    let writer = Arc::new(open(dir.path()));
    let log = LogStore::open(writer.log()).unwrap();
    let state = StateMachine::open(writer, 0, WallClock::default()).unwrap();
    (dir, log, state)
}

struct OnRocks;

impl StoreBuilder<TypeConfig, LogStore, StateMachine, TempDir> for OnRocks {
    async fn build(&self) -> Result<Stores, StorageError<TypeConfig>> {
        Ok(stores(|dir| storage::open(dir, &Settings::default()).unwrap().0))
    }
}

struct InMemory;

impl StoreBuilder<TypeConfig, LogStore, StateMachine, TempDir> for InMemory {
    async fn build(&self) -> Result<Stores, StorageError<TypeConfig>> {
        let disk = MemoryDisk::new(1);
        let few = Settings { block_cache_bytes: 0, cached_records: 100 };
        Ok(stores(|dir| storage::open_in_memory(&disk, dir, &few).unwrap().0))
    }
}

#[test]
fn openraft_suite() {
    TypeConfig::run(async { Suite::test_all(OnRocks).await.unwrap() });
}

#[test]
fn openraft_suite_in_memory() {
    TypeConfig::run(async { Suite::test_all(InMemory).await.unwrap() });
}
