//! The raft log: what is appended is there, what is promised is remembered, and a log that forgot
//! is not let in again.

use crate::city::open;
use std::fs;
use std::io;
use std::path::Path;
use storage::{Error, LogDb};
use tempfile::TempDir;
use tokio::sync::oneshot;

struct Log {
    log: LogDb,
    _writer: storage::Writer,
}

fn log(dir: &Path) -> Log {
    let (writer, _reader) = open(dir).unwrap();
    Log { log: writer.log(), _writer: writer }
}

async fn synced(log: &LogDb) -> io::Result<()> {
    let (tell, told) = oneshot::channel();
    log.sync(Box::new(move |result| drop(tell.send(result)))).unwrap();
    told.await.unwrap()
}

fn entries(range: std::ops::Range<u64>) -> Vec<(u64, Vec<u8>)> {
    range.map(|index| (index, format!("entry {index}").into_bytes())).collect()
}

fn texts(found: Vec<Vec<u8>>) -> Vec<String> {
    found.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}

#[tokio::test]
async fn appended_read_truncated_purged() {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    let log = &opened.log;
    assert_eq!(log.last().unwrap(), None);
    log.append(entries(0..10)).await.unwrap();
    assert_eq!(log.last().unwrap().unwrap().0, 9);
    assert_eq!(texts(log.read(3, 5, usize::MAX).unwrap()), ["entry 3", "entry 4"]);
    assert_eq!(log.read(0, 10, 8).unwrap().len(), 2, "the one that reaches the limit is in");
    let newest: Vec<u64> = log.newest(3).unwrap().into_iter().map(|(index, _)| index).collect();
    assert_eq!(newest, [9, 8, 7]);

    log.truncate_from(8).await.unwrap();
    assert_eq!(log.last().unwrap().unwrap().0, 7);
    log.truncate_from(50).await.unwrap();
    log.purge(0, 3, b"marker".to_vec()).await.unwrap();
    assert_eq!(log.get_meta("purged").unwrap().as_deref(), Some(&b"marker"[..]));
    assert_eq!(texts(log.read(0, 6, usize::MAX).unwrap()), ["entry 4", "entry 5"]);
    log.purge(4, 20, b"beyond the end".to_vec()).await.unwrap();
    assert_eq!(log.last().unwrap(), None);
    synced(log).await.unwrap();
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

#[tokio::test]
async fn everybody_who_waits_is_answered_once_and_in_order() {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    for index in 0..200 {
        opened.log.append(entries(index..index + 1)).await.unwrap();
        let tell = tell.clone();
        opened
            .log
            .sync(Box::new(move |result| {
                result.unwrap();
                tell.send(index).unwrap();
            }))
            .unwrap();
    }
    drop(tell);
    for index in 0..200 {
        assert_eq!(told.recv().await, Some(index));
    }
    assert_eq!(told.recv().await, None);
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

#[tokio::test]
async fn shortening_on_purpose_is_no_loss() {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    opened.log.put_meta("vote", b"vote 1".to_vec()).await.unwrap();
    opened.log.append(entries(0..20)).await.unwrap();
    synced(&opened.log).await.unwrap();
    opened.log.truncate_from(5).await.unwrap();
    synced(&opened.log).await.unwrap();
    drop(opened);
    let opened = log(dir.path());
    assert_eq!(opened.log.last().unwrap().unwrap().0, 4);

    opened.log.append(entries(5..8)).await.unwrap();
    opened.log.purge(0, 7, b"all".to_vec()).await.unwrap();
    synced(&opened.log).await.unwrap();
    drop(opened);
    let opened = log(dir.path());
    assert_eq!(opened.log.last().unwrap(), None, "an emptied log still reaches as far");
    opened.log.append(entries(8..9)).await.unwrap();
    synced(&opened.log).await.unwrap();
    drop(opened);
    assert_eq!(log(dir.path()).log.last().unwrap().unwrap().0, 8);
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
