//! What a crash leaves of a disk in memory: everything that was promised, and of the rest no more
//! than a real disk may leave.

use crate::engine::settings;
use crate::log::{entries, synced};
use crate::samples;
use domain::order::OrderStatus;
use domain::{View, Write};
use proptest::prelude::*;
use std::io;
use std::time::Duration;
use storage::{Error, LogDb, MemoryDisk, Reader, SyncFault, Writer, open_in_memory};
use tempfile::TempDir;

/// So long that no sync ends before its test does.
const NEVER: Duration = Duration::from_secs(3_600);

struct Node {
    dir: TempDir,
    disk: MemoryDisk,
}

impl Node {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), disk: MemoryDisk::new(7) }
    }

    fn start(&self) -> (Writer, Reader) {
        open_in_memory(&self.disk, self.dir.path(), &settings()).unwrap()
    }
}

fn last(log: &LogDb) -> Option<u64> {
    log.last().unwrap().map(|(index, _)| index)
}

#[tokio::test]
async fn a_killed_process_loses_what_it_had_not_given_to_the_kernel() {
    let node = Node::new();
    let (writer, _reader) = node.start();
    let log = writer.log();
    log.put_meta("vote", b"vote 1".to_vec()).await.unwrap();
    log.append(entries(0..10)).await.unwrap();
    synced(&log).await.unwrap();
    log.append(entries(10..12)).await.unwrap();
    log.append(entries(12..20)).await.unwrap();
    assert_eq!(node.disk.kill(), 2, "writes that nobody was told of");
    assert!(log.append(entries(20..21)).await.is_err(), "the dead do not write");
    assert!(writer.flush().is_err());

    let (writer, _reader) = node.start();
    assert_eq!(last(&writer.log()), Some(9));
    assert_eq!(writer.log().get_meta("vote").unwrap().as_deref(), Some(&b"vote 1"[..]));
}

#[tokio::test]
async fn a_dropped_handle_is_a_killed_process() {
    let node = Node::new();
    let (writer, reader) = node.start();
    writer.log().append(entries(0..10)).await.unwrap();
    drop((writer, reader));
    assert_eq!(last(&node.start().0.log()), None);
}

/// Three writes are on their way to the disk, a fourth is not, and then the lights go out.
async fn cut_while_syncing(random: u64) -> Option<u64> {
    let node = Node::new();
    node.disk.let_syncs_take(NEVER, NEVER);
    let (writer, reader) = node.start();
    let log = writer.log();
    for index in 0..3 {
        log.append(entries(index..index + 1)).await.unwrap();
    }
    log.sync(Box::new(|_| panic!("nobody may be told"))).unwrap();
    tokio::task::yield_now().await; // the sync begins
    log.append(entries(3..4)).await.unwrap();
    drop((log, writer, reader));
    node.disk.power_loss(&mut || random);
    last(&node.start().0.log())
}

#[tokio::test]
async fn of_a_sync_under_way_a_power_cut_leaves_some_first_part() {
    // The first random number of all is for the log: what opening wrote into it comes first.
    let mut found = Vec::new();
    for random in 0..5 {
        found.push(cut_while_syncing(random).await);
    }
    assert_eq!(found, [None, None, Some(0), Some(1), Some(2)]);
}

#[tokio::test]
async fn what_was_found_after_a_kill_is_durable() {
    let node = Node::new();
    node.disk.let_syncs_take(NEVER, NEVER);
    let (writer, _reader) = node.start();
    writer.log().append(entries(0..3)).await.unwrap();
    writer.log().sync(Box::new(|_| panic!("nobody may be told"))).unwrap();
    tokio::task::yield_now().await;
    node.disk.kill();
    let (writer, _reader) = node.start();
    assert_eq!(last(&writer.log()), Some(2), "the kernel had it");
    node.disk.power_loss(&mut || 0);
    assert_eq!(last(&node.start().0.log()), Some(2));
}

#[test]
fn what_was_not_flushed_is_applied_again_from_the_position() {
    let node = Node::new();
    let (writer, _reader) = node.start();
    let mut placed = writer.begin();
    samples_applied(&mut placed, 1, samples::order());
    placed.commit().unwrap();
    writer.flush().unwrap();
    let mut accepted = samples::order();
    accepted.status = OrderStatus::Accepted;
    let mut batch = writer.begin();
    samples_applied(&mut batch, 2, accepted);
    batch.commit().unwrap();
    assert_eq!(writer.position().unwrap().as_deref(), Some(&[2][..]));
    assert_eq!(writer.durable_position().unwrap().as_deref(), Some(&[1][..]), "only in memory");

    node.disk.power_loss(&mut || 0);
    let (writer, reader) = node.start();
    assert_eq!(writer.position().unwrap().as_deref(), Some(&[1][..]));
    let found = View::order(&reader.view(), samples::order().id).unwrap();
    assert_eq!(found, Some(samples::order().into()), "back together with its effects");
}

fn samples_applied(batch: &mut storage::Batch, index: u64, order: domain::order::Order) {
    let stamp = domain::Stamp { index, at: domain::time::Timestamp(index as i64) };
    let outcome = crate::city::outcome(index, vec![Write::Order(order.into())], Vec::new());
    batch.record(&stamp, b"entry", &crate::city::proposal(), outcome).unwrap();
    batch.set_position(vec![index as u8]);
}

#[tokio::test]
async fn a_failed_sync_is_the_last_one_of_its_process() {
    for (fault, survives) in [(SyncFault::Io, Some(4)), (SyncFault::NoSpace, None)] {
        let node = Node::new();
        let (writer, reader) = node.start();
        let log = writer.log();
        log.append(entries(0..5)).await.unwrap();
        node.disk.fail_next_sync(fault);
        assert!(node.disk.fault_is_waiting());
        let error = synced(&log).await.unwrap_err();
        let full = error.kind() == io::ErrorKind::StorageFull;
        assert_eq!(full, fault == SyncFault::NoSpace, "{error}");
        assert!(!node.disk.fault_is_waiting());
        assert!(log.append(entries(5..6)).await.is_err(), "no write behind a hole");
        assert!(log.sync(Box::new(|_| panic!("never called"))).is_err());
        drop((log, writer, reader));
        let (writer, _reader) = node.start();
        assert_eq!(last(&writer.log()), survives, "{fault:?}: whether the kernel had it");
        synced(&writer.log()).await.unwrap();
    }
}

#[test]
fn a_state_that_cannot_be_flushed_makes_no_checkpoint() {
    let node = Node::new();
    let (writer, _reader) = node.start();
    node.disk.fail_next_sync(SyncFault::NoSpace);
    let to = node.dir.path().join("checkpoint");
    assert!(matches!(writer.checkpoint(&to), Err(Error::Io { .. })));
    assert!(!to.exists());
}

/// What happens to a log, in steps.
#[derive(Clone, Debug)]
enum Step {
    Append(u8),
    Vote,
    /// Somebody waits until everything so far is durable.
    Sync,
    /// A sync begins, and the rest happens while it is under way.
    BeginSync,
    TruncateBy(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..4u8).prop_map(Step::Append),
        1 => Just(Step::Vote),
        2 => Just(Step::Sync),
        1 => Just(Step::BeginSync),
        1 => (1..4u8).prop_map(Step::TruncateBy),
    ];
    prop::collection::vec(step, 1..30)
}

/// The log as somebody sees it who asks for its entries and its vote.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    entries: Vec<Vec<u8>>,
    vote: Option<Vec<u8>>,
}

impl Seen {
    fn of(log: &LogDb) -> Self {
        let entries = log.read(0, u64::MAX, usize::MAX).unwrap();
        Self { entries, vote: log.get_meta("vote").unwrap() }
    }
}

/// Runs the steps. Every state that the log went through, and which one was durable last.
async fn run(node: &Node, log: &LogDb, steps: &[Step]) -> (Vec<Seen>, usize) {
    let (mut states, mut durable) = (vec![Seen::of(log)], 0);
    for (number, step) in steps.iter().enumerate() {
        let end = last(log).map_or(0, |last| last + 1);
        match step {
            Step::Append(count) => {
                let new = (end..end + u64::from(*count)).map(|index| (index, vec![number as u8]));
                log.append(new.collect()).await.unwrap();
            }
            Step::Vote => log.put_meta("vote", vec![number as u8]).await.unwrap(),
            Step::Sync => {
                node.disk.let_syncs_take(Duration::ZERO, Duration::ZERO);
                synced(log).await.unwrap();
                durable = states.len() - 1;
            }
            Step::BeginSync => {
                node.disk.let_syncs_take(NEVER, NEVER);
                log.sync(Box::new(|_| panic!("nobody may be told"))).unwrap();
                tokio::task::yield_now().await;
            }
            Step::TruncateBy(count) => {
                log.truncate_from(end.saturating_sub(u64::from(*count))).await.unwrap();
            }
        }
        states.push(Seen::of(log));
    }
    (states, durable)
}

/// Steps behind a sync that never ends would wait for ever.
fn without_a_sync_behind_another(mut steps: Vec<Step>) -> Vec<Step> {
    let first = steps.iter().position(|step| matches!(step, Step::BeginSync));
    if let Some(first) = first {
        let (done, rest) = steps.split_at(first + 1);
        let waits = |step: &Step| matches!(step, Step::Sync | Step::BeginSync);
        steps = [done, &rest.iter().filter(|s| !waits(s)).cloned().collect::<Vec<_>>()].concat();
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_crash_leaves_a_state_that_the_log_had_and_never_an_older_one_than_promised(
        steps in steps(),
        power in any::<bool>(),
        random in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let node = Node::new();
            let (writer, reader) = node.start();
            let log = writer.log();
            let (states, durable) = run(&node, &log, &without_a_sync_behind_another(steps)).await;
            drop((log, writer, reader));
            if power {
                node.disk.power_loss(&mut || random);
            } else {
                node.disk.kill();
            }
            let (writer, _reader) = node.start(); // and it is not quarantined
            let found = Seen::of(&writer.log());
            prop_assert!(states[durable..].contains(&found), "{found:?} of {states:?}, {durable}");
            Ok(())
        })?;
    }
}
