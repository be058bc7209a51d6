//! What a restart finds: everything that was flushed, nothing half, and a position that tells raft
//! what to apply again.

use crate::city::{City, open};
use crate::samples;
use domain::Write;
use domain::order::OrderStatus;
use std::fs;
use storage::Error;

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

#[test]
fn membership_and_position_are_rafts_own_bytes() {
    let city = City::new();
    assert_eq!(city.writer.position().unwrap(), None);
    assert_eq!(city.writer.membership().unwrap(), None);
    let mut batch = city.writer.begin();
    batch.set_position(b"position".to_vec());
    batch.set_membership(b"membership".to_vec());
    batch.commit().unwrap();
    assert_eq!(city.writer.position().unwrap().as_deref(), Some(&b"position"[..]));
    assert_eq!(city.writer.membership().unwrap().as_deref(), Some(&b"membership"[..]));
    assert_eq!(city.reader.view().applied_bytes().unwrap().as_deref(), Some(&b"position"[..]));
}

#[test]
fn a_directory_is_opened_once() {
    let city = City::new();
    assert!(matches!(open(city.dir.path()), Err(Error::Io { .. })));
}

#[test]
fn a_pointer_to_nowhere_is_corrupt() {
    let city = City::new();
    let City { writer, reader, dir, .. } = city;
    drop((writer, reader));
    for pointer in ["state-000099\n", "../elsewhere\n", ""] {
        fs::write(dir.path().join("CURRENT_STATE"), pointer).unwrap();
        assert!(matches!(open(dir.path()), Err(Error::Corrupt { .. })), "{pointer:?}");
    }
}

#[test]
fn a_state_that_is_gone_is_not_an_empty_city() {
    let mut city = City::new();
    city.apply([Write::Order(samples::order().into())]);
    let City { writer, reader, dir, .. } = city;
    drop((writer, reader));
    fs::remove_dir_all(dir.path().join("state-000001")).unwrap();
    fs::create_dir(dir.path().join("state-000001")).unwrap();
    assert!(open(dir.path()).is_err());
}

/// Copies files and folders, but the locks.
fn copy_tree(from: &std::path::Path, to: &std::path::Path) {
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
