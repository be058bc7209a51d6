//! Both engines, side by side: whatever is written, they answer the same.

#![allow(clippy::unwrap_used)] // it is all test code

use super::memory::MemoryDisk;
use super::rocks::BlockCache;
use super::tuning::{PREFIX, has_prefixes};
use super::{Changes, Disk, Engine, Moment, Pair};
use crate::column::Column;
use proptest::prelude::*;
use std::path::Path;
use tempfile::TempDir;

/// Few keys, so that they meet often. Those with prefixes have one of three owners.
fn key(column: Column, number: u8) -> Vec<u8> {
    let mut key = Vec::new();
    if has_prefixes(column) {
        key = vec![1 + number % 3; PREFIX];
    }
    key.extend_from_slice(&[number / 16, number % 16][..1 + usize::from(number % 2)]);
    key
}

#[derive(Clone, Debug)]
enum Step {
    Put(Column, u8, Vec<u8>),
    Delete(Column, u8),
    DeleteRange(Column, u8, u8),
}

#[derive(Clone, Debug)]
enum Between {
    Nothing,
    Flush,
    Reopen,
    Checkpoint,
}

fn column() -> impl Strategy<Value = Column> {
    prop::sample::select(Column::ALL.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop::collection::vec(any::<u8>(), 0..20);
    prop_oneof![
        6 => (column(), any::<u8>(), value).prop_map(|(c, key, value)| Step::Put(c, key, value)),
        2 => (column(), any::<u8>()).prop_map(|(c, key)| Step::Delete(c, key)),
        1 => (column(), any::<u8>(), any::<u8>()).prop_map(|(c, a, b)| Step::DeleteRange(c, a, b)),
    ]
}

fn rounds() -> impl Strategy<Value = Vec<(Vec<Step>, Between)>> {
    let between = prop_oneof![
        4 => Just(Between::Nothing),
        2 => Just(Between::Flush),
        1 => Just(Between::Reopen),
        1 => Just(Between::Checkpoint),
    ];
    prop::collection::vec((prop::collection::vec(step(), 1..60), between), 1..8)
}

fn changes(steps: &[Step]) -> Changes {
    let mut changes = Changes::default();
    for step in steps {
        match step {
            Step::Put(column, number, value) => {
                changes.put(*column, key(*column, *number), value);
            }
            Step::Delete(column, number) => changes.delete(*column, key(*column, *number)),
            Step::DeleteRange(column, a, b) => {
                let (a, b) = (key(*column, *a), key(*column, *b));
                let (from, end) = if a <= b { (a, b) } else { (b, a) };
                changes.delete_range(*column, from, end);
            }
        }
    }
    changes
}

/// One of the two.
struct Side {
    disk: Disk,
    root: TempDir,
    number: u32,
    engine: Option<Engine>,
}

impl Side {
    fn new(disk: Disk) -> Self {
        let root = tempfile::tempdir().unwrap();
        let engine = disk.open_state(&root.path().join("0"), true).unwrap();
        Self { disk, root, number: 0, engine: Some(engine) }
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    fn between(&mut self, what: &Between) {
        match what {
            Between::Nothing => {}
            Between::Flush => self.engine().flush().unwrap(),
            Between::Reopen => {
                self.engine().flush().unwrap();
                self.open();
            }
            Between::Checkpoint => {
                let to = self.root.path().join(format!("checkpoint-{}", self.number));
                self.engine().checkpoint(&to).unwrap();
                self.number += 1;
                let copy = self.root.path().join(self.number.to_string());
                self.disk.copy_checkpoint(Path::new(&to), &copy).unwrap();
                self.open();
            }
        }
    }

    fn open(&mut self) {
        self.engine = None;
        let dir = self.root.path().join(self.number.to_string());
        self.engine = Some(self.disk.open_state(&dir, false).unwrap());
    }
}

fn all(moment: &Moment<'_>, column: Column) -> Vec<Pair> {
    let forwards: Vec<Pair> =
        moment.rows(column, &[], None).collect::<Result<_, _>>().expect("readable");
    let mut backwards: Vec<Pair> =
        moment.rows_backwards(column).collect::<Result<_, _>>().expect("readable");
    backwards.reverse();
    assert_eq!(forwards, backwards);
    forwards
}

fn same_moments(one: &Moment<'_>, other: &Moment<'_>, numbers: &[u8]) {
    for column in Column::ALL {
        assert_eq!(all(one, column), all(other, column), "{column:?}");
        for number in numbers {
            let from = key(column, *number);
            let end = has_prefixes(column).then(|| vec![from[0] + 1]);
            let rows = |moment: &Moment<'_>| -> Vec<Pair> {
                let rows = moment.rows(column, &from, end.clone());
                rows.take(5).collect::<Result<_, _>>().expect("readable")
            };
            assert_eq!(rows(one), rows(other), "{column:?} from {from:?}");
            let value = |moment: &Moment<'_>| moment.read(column, &from, <[u8]>::to_vec).unwrap();
            assert_eq!(value(one), value(other), "{column:?} {from:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn both_engines_answer_the_same(rounds in rounds(), numbers: [u8; 6]) {
        let mut rocks = Side::new(Disk::Rocks(BlockCache::new(1 << 20)));
        let mut memory = Side::new(Disk::Memory(MemoryDisk::new(1)));
        for (steps, between) in rounds {
            let changes = changes(&steps);
            let before = (rocks.engine().moment(), memory.engine().moment());
            let then = all(&before.1, Column::Orders);
            rocks.engine().write(&changes).unwrap();
            memory.engine().write(&changes).unwrap();
            assert_eq!(all(&before.1, Column::Orders), then, "a moment does not change");
            same_moments(&before.0, &before.1, &numbers);
            drop(before);
            same_moments(&rocks.engine().moment(), &memory.engine().moment(), &numbers);
            rocks.between(&between);
            memory.between(&between);
            for number in numbers {
                let key = key(Column::Meta, number);
                let value = |side: &Side| {
                    let engine = side.engine();
                    let newest = engine.read(Column::Meta, &key, <[u8]>::to_vec).unwrap();
                    (newest, engine.durable(Column::Meta, &key).unwrap())
                };
                assert_eq!(value(&rocks), value(&memory), "{between:?}");
            }
        }
    }
}
