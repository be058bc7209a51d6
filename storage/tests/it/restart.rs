//! What a start finds, and what it refuses to start on.

use crate::city::City;
use crate::engine::open;
use crate::samples;
use domain::Write;
use std::fs;
use storage::Error;

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
