//! The chain holds from the first entry on, over batches, refusals, restarts and snapshots.

use crate::city::{City, proposal};
use crate::engine::open;
use domain::audit::AuditVerdict;
use domain::time::Timestamp;
use domain::{Outcome, Rejection, Stamp};

#[test]
fn the_chain_grows_over_batches_and_restarts() {
    let mut city = City::new();
    city.apply([]);
    let mut batch = city.writer.begin();
    city.record(&mut batch, [], []);
    city.index += 1;
    let stamp = Stamp { index: city.index, at: Timestamp(9) };
    let no = Outcome::rejected(Rejection::Banned);
    batch.record(&stamp, b"refused", &proposal(), no).unwrap();
    city.commit(batch);
    city.writer.flush().unwrap();
    let mut city = city.reopen();
    city.apply([]);

    let view = city.reader.view();
    let checked = view.verify_audit(0, u64::MAX).unwrap().unwrap();
    assert_eq!(checked.entries, 4);
    assert_eq!(view.verify_audit(2, 3).unwrap().unwrap().entries, 2);
    let entries = view.audit_range(3, 10).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].verdict, AuditVerdict::No("Banned".to_owned()));
    assert_eq!(entries[0].command, "close_session");
    assert_eq!(entries[1].prev, entries[0].hash);
    assert_eq!(entries[1].hash, checked.head);
    assert_eq!(view.audit(3).unwrap().as_ref(), Some(&entries[0]));
    assert_eq!(view.audit(99).unwrap(), None);

    let seen = |from, most, until| {
        let mut seen = Vec::new();
        let next = view.look_through_audit(from, most, |entry| {
            seen.push(entry.index);
            entry.index != until
        });
        (seen, next.unwrap())
    };
    let all: Vec<u64> = (0..100).filter(|index| view.audit(*index).unwrap().is_some()).collect();
    assert_eq!(seen(0, 10, 99), (all.clone(), None));
    assert_eq!(seen(0, 2, 99), (all[..2].to_vec(), Some(all[2])));
    assert_eq!(seen(0, 10, all[1]), (all[..2].to_vec(), Some(all[2])));
    assert_eq!(seen(all[3], 10, all[3]), (vec![all[3]], None), "nothing is behind the last one");
    assert_eq!(seen(99, 10, 99), (vec![], None));
}

#[test]
fn replicas_have_the_same_head_however_entries_are_batched() {
    let mut one = City::new();
    for _ in 0..6 {
        one.apply([]);
    }
    let mut other = City::new();
    let mut batch = other.writer.begin();
    for _ in 0..5 {
        other.record(&mut batch, [], []);
    }
    other.commit(batch);
    let snapshot = other.dir.path().join("snapshot");
    other.writer.checkpoint(&snapshot).unwrap();
    let third = tempfile::tempdir().unwrap();
    let (writer, reader) = open(third.path()).unwrap();
    writer.install(&snapshot).unwrap();
    let mut third = City { writer, reader, index: 5, dir: third };
    third.apply([]);
    let head = |city: &City| city.reader.view().verify_audit(0, 99).unwrap().unwrap();
    assert_eq!(head(&one), head(&third));
    assert_eq!(head(&one).entries, 6);
}
