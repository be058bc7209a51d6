//! A snapshot on its way to another node and in from one: a manifest, then pieces of its files in
//! the manifest's order.

use crate::settings::{SNAPSHOT_CHUNK_BYTES, SNAPSHOT_FILES};
use crate::snapshot::{self, Shelf, SnapshotDir};
use crate::transport::Client;
use crate::types::{SnapshotMeta, Vote};
use crate::wire::{self, proto};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

/// Pieces between the disk and the connection.
const QUEUE: usize = 4;
/// Stays free when a snapshot is taken in, in bytes.
const DISK_RESERVE: u64 = 64 << 20;

/// The sender. It reads ahead of the call, because the peer answers only at the end and waits for
/// pieces until then.
#[derive(Debug)]
pub(crate) struct Sending {
    parts: mpsc::Receiver<proto::SnapshotPart>,
    sent: Arc<AtomicU64>,
}

impl Sending {
    pub(crate) fn start(
        begin: proto::SnapshotBegin,
        snapshot: SnapshotDir,
        bytes_per_second: u64,
    ) -> Self {
        let (tx, parts) = mpsc::channel(QUEUE);
        let sent = Arc::new(AtomicU64::new(0));
        let counter = sent.clone();
        tokio::task::spawn_blocking(move || {
            use proto::snapshot_part::Part;
            let begin = proto::SnapshotPart { part: Some(Part::Begin(begin)) };
            if tx.blocking_send(begin).is_err() {
                return;
            }
            let read = read_files(&snapshot, bytes_per_second, |chunk| {
                counter.fetch_add(chunk.data.len() as u64, Ordering::Relaxed);
                let part = proto::SnapshotPart { part: Some(Part::Chunk(chunk)) };
                tx.blocking_send(part).is_ok()
            });
            if let Err(error) = read {
                // The peer sees the end of the stream before the end of the files, and says so.
                tracing::warn!(path = %snapshot.path.display(), %error, "cannot send a snapshot");
            }
        });
        Self { parts, sent }
    }

    /// `Ok(None)` if nothing moved for as long as `silence`. A large snapshot may take its time.
    pub(crate) async fn finish(
        self,
        mut client: Client,
        silence: Duration,
    ) -> Result<Option<Vote>, Status> {
        let call = client.snapshot(ReceiverStream::new(self.parts));
        tokio::pin!(call);
        let mut before = u64::MAX;
        loop {
            tokio::select! {
                answer = &mut call => {
                    let vote = answer?.into_inner().vote;
                    return Ok(Some(wire::to_vote(vote.as_ref())?));
                }
                () = tokio::time::sleep(silence) => {
                    let now = self.sent.load(Ordering::Relaxed);
                    if now == before {
                        return Ok(None);
                    }
                    before = now;
                }
            }
        }
    }
}

/// Hands over every file piece by piece, not faster than asked, until `send` says no.
fn read_files(
    snapshot: &SnapshotDir,
    bytes_per_second: u64,
    mut send: impl FnMut(proto::SnapshotChunk) -> bool,
) -> io::Result<()> {
    let (began, mut total) = (Instant::now(), 0u64);
    for (number, described) in (0u32..).zip(&snapshot.manifest.files) {
        let mut file = File::open(snapshot.path.join(&described.name))?;
        let mut offset = 0;
        while offset < described.size {
            let left = described.size - offset;
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(SNAPSHOT_CHUNK_BYTES);
            let mut data = vec![0; size];
            file.read_exact(&mut data)?;
            total += size as u64;
            if !send(proto::SnapshotChunk { file: number, offset, data: Bytes::from(data) }) {
                return Ok(());
            }
            offset += size as u64;
            let due = Duration::from_millis(total.saturating_mul(1000) / bytes_per_second.max(1));
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
    Ok(())
}

/// Takes a snapshot in, up to a complete and durable directory. The caller allows one at a time.
pub(crate) async fn receive(
    shelf: &Shelf,
    manifest: proto::SnapshotManifest,
    mut parts: Streaming<proto::SnapshotPart>,
) -> Result<(SnapshotMeta, SnapshotDir), Status> {
    let meta = check_manifest(&manifest).map_err(|e| Status::invalid_argument(e.to_string()))?;
    let dir = shelf.inbox().map_err(disk_trouble)?;
    let (tx, chunks) = mpsc::channel(QUEUE);
    let (files, target) = (manifest.clone(), dir.clone());
    let writer = tokio::task::spawn_blocking(move || {
        let written = write_files(&target, &files, chunks);
        if written.is_err() {
            let _ = snapshot::remove_dir(&target); // also removed at the next start
        }
        written
    });
    let mut lost = None;
    loop {
        use proto::snapshot_part::Part;
        match parts.message().await {
            Ok(Some(proto::SnapshotPart { part: Some(Part::Chunk(chunk)) })) => {
                if tx.send(chunk).await.is_err() {
                    break; // the writer has failed and says why
                }
            }
            Ok(Some(_)) => lost = Some(Status::invalid_argument("not a piece of a file")),
            Ok(None) => break,
            Err(status) => lost = Some(status),
        }
        if lost.is_some() {
            break;
        }
    }
    drop(tx);
    writer.await.map_err(|e| Status::internal(e.to_string()))?.map_err(disk_trouble)?;
    if let Some(status) = lost {
        snapshot::remove_dir(&dir).map_err(disk_trouble)?;
        return Err(status);
    }
    Ok((meta, SnapshotDir { path: dir, manifest: Arc::new(manifest) }))
}

fn check_manifest(manifest: &proto::SnapshotManifest) -> io::Result<SnapshotMeta> {
    let refuse = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    let meta = snapshot::meta_of(manifest)?;
    let mut names = BTreeSet::new();
    if manifest.files.len() > SNAPSHOT_FILES {
        return Err(refuse("too many files"));
    }
    for file in &manifest.files {
        if !snapshot::is_checkpoint_file(&file.name) || !names.insert(&file.name) {
            return Err(refuse("a file with an unexpected name"));
        }
    }
    Ok(meta)
}

fn disk_trouble(error: io::Error) -> Status {
    if error.kind() == io::ErrorKind::InvalidData {
        Status::data_loss(error.to_string())
    } else {
        Status::resource_exhausted(error.to_string())
    }
}

/// Writes the files in the manifest's order, checks them, and makes them durable.
fn write_files(
    dir: &Path,
    manifest: &proto::SnapshotManifest,
    mut chunks: mpsc::Receiver<proto::SnapshotChunk>,
) -> io::Result<()> {
    let total: u64 = manifest.files.iter().fold(0, |sum, f| sum.saturating_add(f.size));
    std::fs::create_dir(dir)?;
    let free = snapshot::free_disk(dir)?;
    if free < total.saturating_add(DISK_RESERVE) {
        return Err(io::Error::other(format!("{total} bytes do not fit into {free}")));
    }
    for (number, described) in (0u32..).zip(&manifest.files) {
        let path: PathBuf = dir.join(&described.name);
        let mut file = File::create_new(&path)?;
        let (mut size, mut crc) = (0u64, 0);
        while size < described.size {
            let chunk = chunks.blocking_recv();
            let chunk = chunk.filter(|c| c.file == number && c.offset == size);
            let data = chunk.map_or_else(Bytes::new, |c| c.data);
            if data.is_empty() || size + data.len() as u64 > described.size {
                return Err(invalid(&described.name, "its pieces do not follow each other"));
            }
            file.write_all(&data)?;
            size += data.len() as u64;
            crc = crc32c::crc32c_append(crc, &data);
        }
        if crc != described.crc32c {
            return Err(invalid(&described.name, "its checksum is wrong"));
        }
        file.sync_all()?;
    }
    if chunks.blocking_recv().is_some() {
        return Err(invalid("the snapshot", "there is more than its manifest says"));
    }
    snapshot::write_manifest(dir, manifest)
}

fn invalid(name: &str, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{name}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const FILES: [(&str, usize); 3] = [("000007.sst", 700_000), ("CURRENT", 16), ("OPTIONS-9", 0)];

    fn snapshot(dir: &Path) -> SnapshotDir {
        let files = FILES.map(|(name, size)| {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            std::fs::write(dir.join(name), &content).unwrap();
            let (name, crc32c) = (name.to_owned(), crc32c::crc32c(&content));
            proto::SnapshotFile { name, size: size as u64, crc32c }
        });
        let membership = proto::StoredMembership {
            log_id: None,
            membership: Some(proto::Membership::default()),
        };
        let manifest = proto::SnapshotManifest {
            format: 1,
            last_log_id: None,
            last_membership: Some(membership),
            files: files.into(),
        };
        SnapshotDir { path: dir.to_owned(), manifest: Arc::new(manifest) }
    }

    fn chunks(snapshot: &SnapshotDir) -> Vec<proto::SnapshotChunk> {
        let mut all = Vec::new();
        read_files(snapshot, u64::MAX, |chunk| {
            all.push(chunk);
            true
        })
        .unwrap();
        all
    }

    fn write(
        manifest: &proto::SnapshotManifest,
        chunks: Vec<proto::SnapshotChunk>,
        to: &Path,
    ) -> io::Result<()> {
        let (tx, rx) = mpsc::channel(chunks.len().max(1));
        chunks.into_iter().for_each(|chunk| tx.try_send(chunk).unwrap());
        drop(tx);
        write_files(to, manifest, rx)
    }

    #[test]
    fn what_was_sent_arrives() {
        let root = tempfile::tempdir().unwrap();
        let from = root.path().join("from");
        std::fs::create_dir(&from).unwrap();
        let snapshot = snapshot(&from);
        let to = root.path().join("to");
        write(&snapshot.manifest, chunks(&snapshot), &to).unwrap();
        for (name, _) in FILES {
            assert_eq!(
                std::fs::read(from.join(name)).unwrap(),
                std::fs::read(to.join(name)).unwrap()
            );
        }
        assert!(to.join("SNAPSHOT.pb").exists());
    }

    #[test]
    fn what_was_damaged_on_the_way_is_refused() {
        type Damage = fn(&mut Vec<proto::SnapshotChunk>);
        let damages: [(&str, Damage); 5] = [
            ("a flipped byte", |c| c[1].data = Bytes::from(vec![0; c[1].data.len()])),
            ("a missing piece", |c| drop(c.remove(1))),
            ("pieces in another order", |c| c.swap(0, 1)),
            ("the end is missing", |c| drop(c.pop())),
            ("a piece too many", |c| c.push(c[0].clone())),
        ];
        let root = tempfile::tempdir().unwrap();
        let snapshot = snapshot(root.path());
        let mut table = String::new();
        for (n, (what, damage)) in damages.into_iter().enumerate() {
            let mut chunks = chunks(&snapshot);
            damage(&mut chunks);
            let to = root.path().join(n.to_string());
            let error = write(&snapshot.manifest, chunks, &to).unwrap_err();
            table += &format!("{what}: {error}\n");
            assert!(!to.join("SNAPSHOT.pb").exists());
        }
        expect![[r#"
            a flipped byte: 000007.sst: its checksum is wrong
            a missing piece: 000007.sst: its pieces do not follow each other
            pieces in another order: 000007.sst: its pieces do not follow each other
            the end is missing: CURRENT: its pieces do not follow each other
            a piece too many: the snapshot: there is more than its manifest says
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn a_manifest_with_strange_names_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let mut manifest = (*snapshot(root.path()).manifest).clone();
        check_manifest(&manifest).unwrap();
        manifest.files[0].name = "../000007.sst".into();
        assert!(check_manifest(&manifest).is_err());
        manifest.files[0].name = "CURRENT".into();
        assert!(check_manifest(&manifest).is_err(), "twice the same");
    }
}
