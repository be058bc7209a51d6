//! A snapshot on its way to another node and in from one: a manifest, then pieces of its files in
//! the manifest's order.

use crate::settings::{SNAPSHOT_CHUNK_BYTES, SNAPSHOT_FILES};
use crate::snapshot::{self, Shelf, SnapshotDir};
use crate::transport::Client;
use crate::types::{SnapshotMeta, Vote};
use crate::wire::{self, proto};
use crate::world::blocking;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
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
        tokio::spawn(async move {
            let path = snapshot.path.clone();
            if let Err(error) = send_parts(begin, snapshot, bytes_per_second, &tx, &counter).await {
                // The peer sees the end of the stream before the end of the files, and says so.
                tracing::warn!(path = %path.display(), %error, "cannot send a snapshot");
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

/// Sends every piece, not faster than asked, until nobody wants them any more.
async fn send_parts(
    begin: proto::SnapshotBegin,
    snapshot: SnapshotDir,
    bytes_per_second: u64,
    parts: &mpsc::Sender<proto::SnapshotPart>,
    sent: &AtomicU64,
) -> io::Result<()> {
    use proto::snapshot_part::Part;
    let send = async |part| parts.send(proto::SnapshotPart { part: Some(part) }).await.is_ok();
    let (began, mut total) = (Instant::now(), 0u64);
    let mut pieces = Pieces::of(snapshot);
    let mut wanted = send(Part::Begin(begin)).await;
    while wanted {
        let read;
        (pieces, read) = blocking(move || {
            let read = pieces.next();
            (pieces, read)
        })
        .await?;
        let Some(chunk) = read? else { return Ok(()) };
        total += chunk.data.len() as u64;
        sent.store(total, Ordering::Relaxed);
        wanted = send(Part::Chunk(chunk)).await;
        let due = Duration::from_millis(total.saturating_mul(1000) / bytes_per_second.max(1));
        sleep_until(began + due).await;
    }
    Ok(())
}

/// Reads the files of a snapshot in the manifest's order, piece by piece.
#[derive(Debug)]
struct Pieces {
    snapshot: SnapshotDir,
    /// The file that comes next, or whose rest does.
    number: usize,
    open: Option<(File, u64)>,
}

impl Pieces {
    fn of(snapshot: SnapshotDir) -> Self {
        Self { snapshot, number: 0, open: None }
    }

    /// `None` behind the last one.
    fn next(&mut self) -> io::Result<Option<proto::SnapshotChunk>> {
        while let Some(described) = self.snapshot.manifest.files.get(self.number) {
            let (mut file, offset) = match self.open.take() {
                Some(open) => open,
                None => (File::open(self.snapshot.path.join(&described.name))?, 0),
            };
            let left = described.size - offset;
            if left == 0 {
                self.number += 1;
                continue;
            }
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(SNAPSHOT_CHUNK_BYTES);
            let mut data = vec![0; size];
            file.read_exact(&mut data)?;
            self.open = Some((file, offset + size as u64));
            let number = u32::try_from(self.number).map_err(io::Error::other)?;
            return Ok(Some(proto::SnapshotChunk { file: number, offset, data: data.into() }));
        }
        Ok(None)
    }
}

/// Takes a snapshot in, up to a complete and durable directory. The caller allows one at a time.
pub(crate) async fn receive(
    shelf: &Shelf,
    manifest: proto::SnapshotManifest,
    mut parts: Streaming<proto::SnapshotPart>,
) -> Result<(SnapshotMeta, SnapshotDir), Status> {
    let meta = check_manifest(&manifest).map_err(|e| Status::invalid_argument(e.to_string()))?;
    let dir = shelf.inbox().map_err(disk_trouble)?;
    let (target, manifest) = (dir.clone(), Arc::new(manifest));
    let described = manifest.clone();
    let mut arriving = blocking(move || Arriving::begin(target, described)).await;
    loop {
        use proto::snapshot_part::Part;
        let chunk = match parts.message().await? {
            Some(proto::SnapshotPart { part: Some(Part::Chunk(chunk)) }) => chunk,
            Some(_) => return Err(Status::invalid_argument("not a piece of a file")),
            None => break,
        };
        let before = arriving.flatten().map_err(disk_trouble)?;
        arriving = blocking(move || before.take(&chunk)).await;
    }
    let arrived = arriving.flatten().map_err(disk_trouble)?;
    blocking(move || arrived.finish()).await.flatten().map_err(disk_trouble)?;
    Ok((meta, SnapshotDir { path: dir, manifest }))
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

/// A snapshot on its way in: writes the files in the manifest's order, checks them, and makes them
/// durable. Dropped before it is finished, it takes its directory away.
#[derive(Debug)]
struct Arriving {
    dir: PathBuf,
    manifest: Arc<proto::SnapshotManifest>,
    /// The file that comes next, or whose rest does.
    number: usize,
    open: Option<(File, u64, u32)>,
    finished: bool,
}

impl Arriving {
    fn begin(dir: PathBuf, manifest: Arc<proto::SnapshotManifest>) -> io::Result<Self> {
        let total: u64 = manifest.files.iter().fold(0, |sum, f| sum.saturating_add(f.size));
        std::fs::create_dir(&dir)?;
        let this = Self { dir, manifest, number: 0, open: None, finished: false };
        let free = snapshot::free_disk(&this.dir)?;
        if free < total.saturating_add(DISK_RESERVE) {
            return Err(io::Error::other(format!("{total} bytes do not fit into {free}")));
        }
        Ok(this)
    }

    fn take(mut self, chunk: &proto::SnapshotChunk) -> io::Result<Self> {
        self.complete_empty_files()?;
        let manifest = self.manifest.clone();
        let Some(described) = manifest.files.get(self.number) else {
            return Err(invalid("the snapshot", "there is more than its manifest says"));
        };
        let (mut file, size, crc) = match self.open.take() {
            Some(open) => open,
            None => (File::create_new(self.dir.join(&described.name))?, 0, 0),
        };
        let now = size + chunk.data.len() as u64;
        let follows = usize::try_from(chunk.file) == Ok(self.number) && chunk.offset == size;
        if !follows || now == size || now > described.size {
            return Err(invalid(&described.name, "its pieces do not follow each other"));
        }
        file.write_all(&chunk.data)?;
        let crc = crc32c::crc32c_append(crc, &chunk.data);
        if now < described.size {
            self.open = Some((file, now, crc));
        } else {
            self.complete(&file, described, crc)?;
        }
        Ok(self)
    }

    /// Files without content have no pieces either.
    fn complete_empty_files(&mut self) -> io::Result<()> {
        let manifest = self.manifest.clone();
        while self.open.is_none()
            && let Some(described) = manifest.files.get(self.number).filter(|f| f.size == 0)
        {
            let file = File::create_new(self.dir.join(&described.name))?;
            self.complete(&file, described, 0)?;
        }
        Ok(())
    }

    fn complete(
        &mut self,
        file: &File,
        described: &proto::SnapshotFile,
        crc: u32,
    ) -> io::Result<()> {
        if crc != described.crc32c {
            return Err(invalid(&described.name, "its checksum is wrong"));
        }
        self.number += 1;
        file.sync_all()
    }

    fn finish(mut self) -> io::Result<()> {
        self.complete_empty_files()?;
        if let Some(missing) = self.manifest.files.get(self.number) {
            return Err(invalid(&missing.name, "its pieces do not follow each other"));
        }
        snapshot::write_manifest(&self.dir, &self.manifest)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.finished {
            let _ = snapshot::remove_dir(&self.dir); // also removed at the next start
        }
    }
}

fn invalid(name: &str, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{name}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use expect_test::expect;
    use std::path::Path;

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
        let mut pieces = Pieces::of(snapshot.clone());
        std::iter::from_fn(|| pieces.next().unwrap()).collect()
    }

    fn write(
        manifest: &proto::SnapshotManifest,
        chunks: Vec<proto::SnapshotChunk>,
        to: &Path,
    ) -> io::Result<()> {
        let begun = Arriving::begin(to.to_owned(), Arc::new(manifest.clone()));
        chunks.iter().try_fold(begun?, Arriving::take)?.finish()
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
            assert!(!to.exists(), "nothing of it stays");
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
