//! `RaftLogStorage` over `storage::LogDb`, with the newest entries kept decoded in memory:
//! replication and apply read from there, and from the disk only when a peer lags or after a
//! restart.

use crate::settings::{APPEND_BYTES, TAIL_BYTES};
use crate::types::{Entry, LogId, TypeConfig, Vote};
use crate::{wire, world};
use domain::mutant::{Mutant, is_planted};
use openraft::entry::RaftEntry;
use openraft::raft::AppendEntriesRequest;
use openraft::storage::{IOFlushed, LogState, RaftLogStorage};
use openraft::{EntryPayload, OptionalSend, RaftLogReader};
use parking_lot::RwLock;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use storage::LogDb;

const TAIL_ENTRIES_AT_OPEN: usize = 1024;
/// What an entry costs in memory beside its command, roughly.
const ENTRY_OVERHEAD: usize = 128;

const VOTE: &str = "vote";
const PURGED: &str = "purged";
const COMMITTED: &str = "committed";

/// The log of this node. Cheap to clone: openraft holds several readers.
#[derive(Clone, Debug)]
pub(crate) struct LogStore {
    shared: Arc<Shared>,
}

/// The first index that this log can still give to others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<AtomicU64>);

impl Kept {
    /// Whether an append like this cannot reach anybody: what comes next was cut from the log. Who
    /// is so far behind needs a snapshot.
    pub(crate) fn lacks_what_follows(&self, request: &AppendEntriesRequest<TypeConfig>) -> bool {
        let next = request.prev_log_id.map_or(0, |id| id.index() + 1);
        match request.entries.first() {
            Some(first) => first.index() != next,
            None => next < self.0.load(Ordering::Acquire),
        }
    }
}

#[derive(Debug)]
struct Shared {
    db: LogDb,
    tail: RwLock<Tail>,
    last_purged: RwLock<Option<LogId>>,
    kept: Kept,
    /// What is stored, since openraft asks twice for every append it sends.
    vote: RwLock<Option<Vote>>,
}

impl LogStore {
    pub(crate) fn open(db: LogDb) -> io::Result<Self> {
        let last_purged = read_log_id(&db, PURGED)?;
        let vote = read_vote(&db)?;
        let mut tail = Tail::default();
        for (_, bytes) in db.newest(TAIL_ENTRIES_AT_OPEN)?.into_iter().rev() {
            tail.push(wire::decode_entry(bytes)?);
        }
        let kept = last_purged.map_or(0, |id| id.index() + 1);
        let kept = Kept(Arc::new(AtomicU64::new(kept)));
        let (tail, last_purged, vote) =
            (RwLock::new(tail), RwLock::new(last_purged), RwLock::new(vote));
        Ok(Self { shared: Arc::new(Shared { db, tail, last_purged, kept, vote }) })
    }

    /// From where on it has entries, now and later.
    pub(crate) fn kept(&self) -> Kept {
        self.shared.kept.clone()
    }

    /// Whether this node has ever taken part in an election or heard of a leader.
    pub(crate) fn has_vote(&self) -> bool {
        self.shared.vote.read().is_some()
    }

    /// Whether anything was ever stored in this log.
    pub(crate) fn is_new(&self) -> io::Result<bool> {
        Ok(!self.has_vote() && self.shared.db.last()?.is_none())
    }

    /// Whether an entry was never here: the log ends before it, or has another one in its place.
    pub(crate) fn lacks(&self, id: &LogId) -> io::Result<bool> {
        let index = id.index();
        if self.shared.last_purged.read().is_some_and(|purged| purged.index() >= index) {
            return Ok(false);
        }
        let here = self.shared.db.read(index, index + 1, usize::MAX)?.pop();
        let here = here.map(wire::decode_entry).transpose()?;
        Ok(here.is_none_or(|here| here.log_id() != *id))
    }

    /// Removes everything up to an entry that was applied and is not here, and what is behind its
    /// place. Not synced: whoever loses that finds the same log, and does the same again.
    pub(crate) async fn give_way_to(&self, applied: LogId) -> io::Result<()> {
        self.shared.db.truncate_from(applied.index()).await?;
        self.shared.tail.write().truncate_from(applied.index());
        self.clone().purge(applied).await
    }

    async fn read(&self, start: u64, end: u64, max_bytes: usize) -> io::Result<Vec<Entry>> {
        if start >= end {
            return Ok(Vec::new());
        }
        if let Some(entries) = self.shared.tail.read().read(start, end, max_bytes) {
            return Ok(entries);
        }
        let shared = self.shared.clone();
        let cold = world::blocking(move || {
            let entries = shared.db.read(start, end, max_bytes)?;
            entries.into_iter().map(wire::decode_entry).collect()
        });
        cold.await?
    }
}

impl RaftLogReader<TypeConfig> for LogStore {
    /// Must return every entry of the range: stopping early may be fatal to openraft.
    async fn try_get_log_entries<RB>(&mut self, range: RB) -> Result<Vec<Entry>, io::Error>
    where
        RB: RangeBounds<u64> + Clone + Debug + OptionalSend,
    {
        let start = match range.start_bound() {
            Bound::Included(i) => *i,
            Bound::Excluded(i) => i + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(i) => i + 1,
            Bound::Excluded(i) => *i,
            Bound::Unbounded => u64::MAX,
        };
        self.read(start, end, usize::MAX).await
    }

    async fn limited_get_log_entries(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Vec<Entry>, io::Error> {
        let entries = self.read(start, end, APPEND_BYTES).await?;
        // Whoever is to get this was away while the log was cut. What is left does not follow on
        // what they have; openraft would send it all the same, with a hole in front of it.
        let follows = entries.first().is_none_or(|first| first.index() == start);
        Ok(if follows { entries } else { Vec::new() })
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(*self.shared.vote.read())
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, io::Error> {
        let last = match self.shared.db.last()? {
            Some((_, bytes)) => Some(wire::decode_entry(bytes)?.log_id()),
            None => None,
        };
        let last_purged_log_id = *self.shared.last_purged.read();
        Ok(LogState { last_log_id: last.or(last_purged_log_id), last_purged_log_id })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    /// Durable when it returns, and behind every append before it: one WAL holds both.
    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        let bytes = wire::to_bytes(&wire::vote(vote));
        self.shared.db.put_meta(VOTE, bytes).await?;
        if is_planted(Mutant::VoteNotSynced) {
            *self.shared.vote.write() = Some(*vote);
            return Ok(());
        }
        let (tx, rx) = tokio::sync::oneshot::channel();
        self.shared.db.sync(Box::new(move |result| {
            let _ = tx.send(result);
        }))?;
        rx.await.map_err(io::Error::other)??;
        *self.shared.vote.write() = Some(*vote);
        Ok(())
    }

    /// Not synced here: it is carried by the next fsync, and losing it costs only a later start.
    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        let Some(committed) = committed else { return Ok(()) };
        let bytes = wire::to_bytes(&wire::id(&committed));
        self.shared.db.put_meta(COMMITTED, bytes).await
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        read_log_id(&self.shared.db, COMMITTED)
    }

    /// Readable when it returns; the callback says durable, and it is this node's vote to commit.
    async fn append<I>(
        &mut self,
        entries: I,
        callback: IOFlushed<TypeConfig>,
    ) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        let encode = |e: &Entry| (e.index(), wire::to_bytes(&wire::entry(e)));
        self.shared.db.append(entries.iter().map(encode).collect()).await?;
        {
            let mut tail = self.shared.tail.write();
            entries.into_iter().for_each(|e| tail.push(e));
            tail.shrink_to(TAIL_BYTES);
        }
        self.shared.db.sync(Box::new(move |result| callback.io_completed(result)))
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> Result<(), io::Error> {
        let from = last.map_or(0, |id| id.index() + 1);
        self.shared.db.truncate_from(from).await?;
        self.shared.tail.write().truncate_from(from);
        Ok(())
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        let from = self.shared.last_purged.read().map_or(0, |id| id.index() + 1);
        let marker = wire::to_bytes(&wire::id(&upto));
        self.shared.kept.0.store(upto.index() + 1, Ordering::Release);
        self.shared.db.purge(from, upto.index(), marker).await?;
        *self.shared.last_purged.write() = Some(upto);
        self.shared.tail.write().purge_to(upto.index());
        Ok(())
    }
}

/// For whom the node whose log this is has voted last, as the disk has it: term and node.
///
/// # Errors
/// The disk cannot be read, or not be understood.
#[cfg(feature = "simulation")]
pub fn stored_vote(db: &LogDb) -> io::Result<Option<(u64, u64)>> {
    let leader_of = |vote: Vote| (vote.leader_id().term, vote.leader_id().node_id);
    Ok(read_vote(db)?.map(leader_of))
}

fn read_vote(db: &LogDb) -> io::Result<Option<Vote>> {
    let Some(bytes) = db.get_meta(VOTE)? else { return Ok(None) };
    Ok(Some(wire::to_vote(Some(&wire::from_bytes(bytes.as_slice())?))?))
}

fn read_log_id(db: &LogDb, key: &'static str) -> io::Result<Option<LogId>> {
    let Some(bytes) = db.get_meta(key)? else { return Ok(None) };
    Ok(Some(wire::to_id(&wire::from_bytes(bytes.as_slice())?)))
}

/// The newest entries, without gaps.
#[derive(Debug, Default)]
struct Tail {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Tail {
    fn first(&self) -> Option<u64> {
        self.entries.front().map(Entry::index)
    }

    /// The index behind the last entry.
    fn end(&self) -> Option<u64> {
        self.entries.back().map(|e| e.index() + 1)
    }

    fn push(&mut self, entry: Entry) {
        if self.end().is_some_and(|end| end < entry.index()) {
            self.truncate_from(0); // a gap: what is before it is not the tail any more
        }
        self.truncate_from(entry.index());
        self.bytes += size(&entry);
        self.entries.push_back(entry);
    }

    /// `None` if the range starts before the tail does.
    fn read(&self, start: u64, end: u64, max_bytes: usize) -> Option<Vec<Entry>> {
        let first = self.first()?;
        let skip = usize::try_from(start.checked_sub(first)?).ok()?;
        let count = usize::try_from(end - start).unwrap_or(usize::MAX);
        let (mut out, mut bytes) = (Vec::new(), 0);
        for entry in self.entries.iter().skip(skip).take(count) {
            bytes += size(entry);
            out.push(entry.clone());
            if bytes >= max_bytes {
                break;
            }
        }
        Some(out)
    }

    fn truncate_from(&mut self, from: u64) {
        while self.entries.back().is_some_and(|e| e.index() >= from) {
            self.bytes -= self.entries.pop_back().as_ref().map_or(0, size);
        }
    }

    fn purge_to(&mut self, upto: u64) {
        while self.first().is_some_and(|first| first <= upto) {
            self.bytes -= self.entries.pop_front().as_ref().map_or(0, size);
        }
    }

    fn shrink_to(&mut self, max_bytes: usize) {
        while self.bytes > max_bytes {
            self.bytes -= self.entries.pop_front().as_ref().map_or(0, size);
        }
    }
}

fn size(entry: &Entry) -> usize {
    ENTRY_OVERHEAD
        + match &entry.payload {
            EntryPayload::Normal(command) => command.proposal.len(),
            EntryPayload::Blank | EntryPayload::Membership(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openraft::alias::{EntryOf, LogIdOf};
    use openraft::impls::leader_id_adv::LeaderId;

    fn entry(index: u64) -> Entry {
        let id = LogIdOf::<TypeConfig>::new(LeaderId { term: 1, node_id: 1 }, index);
        EntryOf::<TypeConfig>::new_blank(id)
    }

    fn indexes(tail: &Tail, start: u64, end: u64) -> Option<Vec<u64>> {
        let entries = tail.read(start, end, usize::MAX)?;
        Some(entries.iter().map(Entry::index).collect())
    }

    #[test]
    fn the_tail_has_no_gaps_and_keeps_its_size() {
        let mut tail = Tail::default();
        (5..10).for_each(|i| tail.push(entry(i)));
        assert_eq!(indexes(&tail, 4, 8), None, "before the tail: ask the disk");
        assert_eq!(indexes(&tail, 6, 8), Some(vec![6, 7]));
        assert_eq!(indexes(&tail, 8, u64::MAX), Some(vec![8, 9]));
        assert_eq!(indexes(&tail, 10, 12), Some(vec![]));

        tail.push(entry(7)); // overwrites, and what was behind it is gone
        assert_eq!(indexes(&tail, 5, 20), Some(vec![5, 6, 7]));
        tail.purge_to(5);
        assert_eq!(indexes(&tail, 6, 20), Some(vec![6, 7]));
        tail.push(entry(9));
        assert_eq!(indexes(&tail, 9, 20), Some(vec![9]), "8 is missing: start anew");
        tail.shrink_to(0);
        assert_eq!((tail.bytes, tail.entries.len()), (0, 0));
    }

    #[tokio::test]
    async fn who_is_behind_the_cut_gets_nothing_and_not_the_rest() {
        let dir = tempfile::tempdir().expect("a directory");
        let (writer, _reader) =
            storage::open(dir.path(), &storage::Settings::default()).expect("a store");
        let mut log = LogStore::open(writer.log()).expect("a log");
        let bytes = |index| (index, wire::to_bytes(&wire::entry(&entry(index))));
        log.shared.db.append((0..20).map(bytes).collect()).await.expect("appended");
        log.purge(entry(9).log_id()).await.expect("cut");
        let mut read = async |start| {
            let entries = log.limited_get_log_entries(start, 15).await.expect("read");
            entries.iter().map(Entry::index).collect::<Vec<_>>()
        };
        assert_eq!(read(5).await, [] as [u64; 0]);
        assert_eq!(read(10).await, [10, 11, 12, 13, 14]);
        let kept = log.kept();
        let request = |prev: u64, entries| AppendEntriesRequest {
            vote: Vote::new(1, 1),
            prev_log_id: Some(entry(prev).log_id()),
            entries,
            leader_commit: None,
        };
        assert!(kept.lacks_what_follows(&request(4, vec![])), "5 is gone");
        assert!(kept.lacks_what_follows(&request(4, vec![entry(10)])), "a hole");
        assert!(!kept.lacks_what_follows(&request(9, vec![])));
        assert!(!kept.lacks_what_follows(&request(4, vec![entry(5)])), "read before the cut");
    }

    #[test]
    fn a_limited_read_is_never_empty() {
        let mut tail = Tail::default();
        (0..3).for_each(|i| tail.push(entry(i)));
        assert_eq!(tail.read(0, 3, 1).map(|e| e.len()), Some(1));
    }
}
