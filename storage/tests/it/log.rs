//! The raft log: what is appended is there, everybody who waits is told, and a log that was
//! shortened on purpose has lost nothing.

use crate::engine::open;
use std::io;
use std::path::Path;
use storage::LogDb;
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(crate) struct Log {
    pub(crate) log: LogDb,
    _writer: storage::Writer,
}

pub(crate) fn log(dir: &Path) -> Log {
    let (writer, _reader) = open(dir).unwrap();
    Log { log: writer.log(), _writer: writer }
}

pub(crate) async fn synced(log: &LogDb) -> io::Result<()> {
    let (tell, told) = oneshot::channel();
    log.sync(Box::new(move |result| drop(tell.send(result)))).unwrap();
    told.await.unwrap()
}

pub(crate) fn entries(range: std::ops::Range<u64>) -> Vec<(u64, Vec<u8>)> {
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

#[tokio::test]
async fn no_entry_is_passed_over() {
    let dir = TempDir::new().unwrap();
    let opened = log(dir.path());
    opened.log.append(entries(0..10)).await.unwrap();
    let hole = opened.log.append(entries(11..13)).await.unwrap_err();
    assert_eq!(hole.kind(), io::ErrorKind::InvalidData, "{hole}");
    let torn = entries(10..11).into_iter().chain(entries(12..13)).collect();
    assert!(opened.log.append(torn).await.is_err());
    opened.log.append(entries(10..13)).await.unwrap();
    // A snapshot stands for all of these.
    opened.log.purge(0, 40, b"marker".to_vec()).await.unwrap();
    assert!(opened.log.append(entries(42..43)).await.is_err());
    opened.log.append(entries(41..43)).await.unwrap();
    assert_eq!(opened.log.last().unwrap().unwrap().0, 42);
}
