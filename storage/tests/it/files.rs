//! The files of RocksDB as a crash leaves them: what was synced is there, nothing is half there,
//! and a log that forgot what was promised is not let in again.

use crate::city::City;
use crate::engine::open;
use crate::log::{entries, log, synced};
use crate::samples;
use domain::Write;
use domain::order::OrderStatus;
use std::fs;
use std::path::Path;
use storage::Error;
use tempfile::TempDir;

#[test]
fn what_was_not_flushed_is_applied_again_from_the_position() {
    let mut city = City::new();
    city.apply([Write::Order(samples::order().into())]);
    city.writer.flush().unwrap();
    let durable = |city: &City| city.writer.durable_position().unwrap();
    assert_eq!(durable(&city), Some(1u64.to_be_bytes().to_vec()));

    let mut accepted = samples::order();
    accepted.status = OrderStatus::Accepted;
    city.apply([Write::Order(accepted.clone().into())]);
    assert_eq!(city.writer.position().unwrap(), Some(2u64.to_be_bytes().to_vec()));
    assert_eq!(durable(&city), Some(1u64.to_be_bytes().to_vec()), "only in memory");

    // As after a power cut: the files as they are, without the memtables.
    let cut = tempfile::tempdir().unwrap();
    copy_tree(city.dir.path(), cut.path());
    let mut city = City::open(cut);
    assert_eq!(city.index, 1, "the position went back together with its effects");
    let view = city.reader.view();
    assert_eq!(view.order(accepted.id).unwrap(), Some(samples::order().into()));
    let list = view.orders_of_restaurant(accepted.restaurant_id, &[], None, 9).unwrap();
    assert_eq!(list.orders, [samples::order().into()]);

    city.apply([Write::Order(accepted.clone().into())]); // raft replays entry 2
    let view = city.reader.view();
    assert_eq!(view.order(accepted.id).unwrap(), Some(accepted.clone().into()));
    assert_eq!(view.verify_audit(0, 9).unwrap().unwrap().entries, 2);
}

#[tokio::test]
async fn what_was_synced_survives_without_a_clean_close() {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    opened.log.put_meta("vote", b"vote 1".to_vec()).await.unwrap();
    opened.log.append(entries(0..100)).await.unwrap();
    synced(&opened.log).await.unwrap();
    // As after kill -9: the files as they are while the database is still open.
    let killed = TempDir::new().unwrap();
    copy_log(dir.path(), killed.path());
    let again = log(killed.path());
    assert_eq!(again.log.last().unwrap().unwrap().0, 99);
    assert_eq!(again.log.read(0, 100, usize::MAX).unwrap().len(), 100);
    assert_eq!(again.log.get_meta("vote").unwrap().as_deref(), Some(&b"vote 1"[..]));
}

/// What is done to a node between its promise and its next start.
async fn quarantined(lose: impl AsyncFnOnce(&Path)) -> bool {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    opened.log.put_meta("vote", b"vote 1".to_vec()).await.unwrap();
    opened.log.append(entries(0..10)).await.unwrap();
    synced(&opened.log).await.unwrap();
    let old = TempDir::new().unwrap();
    copy_log(dir.path(), old.path());
    opened.log.put_meta("vote", b"vote 2".to_vec()).await.unwrap();
    opened.log.append(entries(10..20)).await.unwrap();
    synced(&opened.log).await.unwrap();
    let mark = fs::read(dir.path().join("raft-log.mark")).unwrap();
    drop(opened);
    fs::write(old.path().join("raft-log.mark"), mark).unwrap();
    lose(old.path()).await;
    match open(old.path()) {
        Ok(_) => false,
        Err(Error::Quarantined { .. }) => true,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_log_that_forgot_is_quarantined() {
    assert!(quarantined(async |_: &Path| ()).await, "ten entries and a vote are missing");
    let empty = async |dir: &Path| fs::remove_dir_all(dir.join("raft-log")).unwrap();
    assert!(quarantined(empty).await, "all of it is missing");
    let both = async |dir: &Path| {
        fs::remove_dir_all(dir.join("raft-log")).unwrap();
        fs::remove_file(dir.join("raft-log.mark")).unwrap();
    };
    assert!(!quarantined(both).await, "an empty directory is a new node");
}

#[tokio::test]
async fn a_lost_vote_alone_is_enough() {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    opened.log.append(entries(0..10)).await.unwrap();
    opened.log.put_meta("vote", b"vote 1".to_vec()).await.unwrap();
    synced(&opened.log).await.unwrap();
    let old = TempDir::new().unwrap();
    copy_log(dir.path(), old.path());
    opened.log.put_meta("vote", b"vote 2".to_vec()).await.unwrap();
    opened.log.put_meta("committed", b"no vote".to_vec()).await.unwrap();
    synced(&opened.log).await.unwrap();
    let mark = fs::read(dir.path().join("raft-log.mark")).unwrap();
    fs::write(old.path().join("raft-log.mark"), mark).unwrap();
    let Err(error) = open(old.path()) else { panic!("the vote is missing") };
    expect_test::expect![[r#"
        the raft log lost what this node had promised:
        promised Reach { end:
        10, votes:
        2 }, found Reach { end:
        10, votes:
        1 }; replace this node"#]]
    .assert_eq(&error.to_string().replace(": ", ":\n"));
}

/// The log and its mark; the state is not looked at here.
fn copy_log(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("raft-log")).unwrap();
    for entry in fs::read_dir(from.join("raft-log")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "LOCK" {
            fs::copy(entry.path(), to.join("raft-log").join(entry.file_name())).unwrap();
        }
    }
    fs::copy(from.join("raft-log.mark"), to.join("raft-log.mark")).unwrap();
}

/// Copies files and folders, but the locks.
fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else if entry.file_name() != "LOCK" {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
