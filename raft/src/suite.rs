//! openraft's own conformance suite on the real stores. It says nothing about durability.

use crate::log_store::LogStore;
use crate::state_machine::StateMachine;
use crate::types::TypeConfig;
use openraft::StorageError;
use openraft::testing::log::{StoreBuilder, Suite};
use openraft::type_config::TypeConfigExt;
use std::sync::Arc;
use tempfile::TempDir;

struct Stores;

impl StoreBuilder<TypeConfig, LogStore, StateMachine, TempDir> for Stores {
    async fn build(&self) -> Result<(TempDir, LogStore, StateMachine), StorageError<TypeConfig>> {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _) = storage::open(dir.path(), &storage::Settings::default()).unwrap();
        let writer = Arc::new(writer);
        let log = LogStore::open(writer.log()).unwrap();
        let state = StateMachine::open(writer, 0, crate::settings::WallClock::default()).unwrap();
        Ok((dir, log, state))
    }
}

#[test]
fn openraft_suite() {
    TypeConfig::run(async { Suite::test_all(Stores).await.unwrap() });
}
