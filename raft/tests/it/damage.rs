//! A disk that gives back something else than was written.

use crate::group::{Group, PATIENCE, wish, within};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

fn tables(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tables(&path, found);
        } else if path.extension().is_some_and(|end| end == "sst") {
            found.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_damage_that_nobody_asked_for_stops_and_the_others_go_on() {
    let mut group = Group::founded().await;
    for n in 0..40 {
        group.propose(1, &wish(n)).await.unwrap();
    }
    let hurt = group.follower().await;
    // Flushed, so that there are files.
    group.city(hurt).snapshot(PATIENCE).await.unwrap();
    group.kill(hurt).await;
    let mut found = Vec::new();
    tables(group.dir(hurt), &mut found);
    let largest = found.into_iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let file = fs::File::options().write(true).open(&largest).unwrap();
    // The first block: what it holds is needed by nobody soon.
    file.write_all_at(&[0x5a; 16], 16).unwrap();
    group.start(hurt).await.unwrap();
    let mut stopped = group.city(hurt).stopped();
    let why = within(stopped.wait_for(Option::is_some)).await.unwrap().clone().unwrap();
    assert!(why.contains("damaged") && why.contains("replace this node"), "{why}");
    assert!(group.propose(hurt, &wish(100)).await.is_err(), "it acknowledges nothing");
    let whole = (1..=3).find(|id| *id != hurt).unwrap();
    group.propose(whole, &wish(101)).await.unwrap();
    group.end().await;
}

/// A sector that the disk does not give back: nothing says that what it gives is wrong, and nobody
/// gets past it.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_disk_refuses_a_read_stops_and_says_where() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), storage::MemoryDisk::new(1));
    let few = storage::Settings { block_cache_bytes: 0, cached_records: 100 };
    let (writer, _reader) = storage::open_in_memory(&disk, dir.path(), &few).unwrap();
    disk.lose_a_sector();
    let city = raft::City::start(Group::new().settings(1), writer).await.unwrap();
    let mut stopped = city.stopped();
    let why = within(stopped.wait_for(Option::is_some)).await.unwrap().clone().unwrap();
    assert!(why.contains("input/output error") && why.contains("raft-log"), "{why}");
    assert!(why.contains("replace this node"), "{why}");
    city.shutdown().await;
}

/// A state may be on its disk before its log is, since a majority has the entries.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_ahead_of_its_log_is_no_damage() {
    let mut group = Group::founded().await;
    for n in 0..20 {
        group.propose(1, &wish(n)).await.unwrap();
    }
    let ahead = group.follower().await;
    group.city(ahead).snapshot(PATIENCE).await.unwrap();
    for n in 20..40 {
        group.propose(ahead, &wish(n)).await.unwrap();
    }
    // The state is flushed. A leader that lived on would remember what this node has confirmed,
    // while nobody can have confirmed what was never synced: all of them start afresh.
    for id in 1..=3 {
        group.shut_down(id).await;
    }
    {
        let settings = storage::Settings::default();
        let (writer, _reader) = storage::open(group.dir(ahead), &settings).unwrap();
        let log = writer.log();
        let (last, _) = log.last().unwrap().unwrap();
        log.truncate_from(last - 5).await.unwrap();
        let (done, synced) = tokio::sync::oneshot::channel();
        log.sync(Box::new(move |result| done.send(result).unwrap())).unwrap();
        synced.await.unwrap().unwrap();
    }
    for id in 1..=3 {
        group.start(id).await.unwrap();
    }
    group.propose(ahead, &wish(100)).await.unwrap();
    group.same_history().await;
    group.end().await;
}
