//! A snapshot replaces the state under running readers, durably, and leaves itself untouched.

use crate::city::City;
use crate::samples;
use domain::order::OrderStatus;
use domain::{View, Write};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A city whose order was accepted at index 2, and its checkpoint.
fn leader() -> (City, PathBuf) {
    let mut city = City::new();
    city.apply([Write::Order(samples::order().into())]);
    let mut accepted = samples::order();
    accepted.status = OrderStatus::Accepted;
    city.apply([Write::Order(accepted.into())]);
    let snapshot = city.dir.path().join("snapshot-2");
    city.writer.checkpoint(&snapshot).unwrap();
    (city, snapshot)
}

fn states(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("state-"));
    names.sort();
    names
}

fn status(view: &impl View) -> Option<OrderStatus> {
    view.order(samples::order().id).unwrap().map(|order| order.status)
}

#[test]
fn readers_finish_on_the_old_state_and_the_next_see_the_new() {
    let (_leader, snapshot) = leader();
    let mut follower = City::new();
    follower.apply([Write::Order(samples::order().into())]);
    assert_eq!(states(follower.dir.path()), ["state-000001"]);
    let old = follower.reader.view();
    follower.writer.install(&snapshot).unwrap();
    assert_eq!(status(&old), Some(samples::order().status), "one moment");
    assert_eq!(status(&follower.reader.view()), Some(OrderStatus::Accepted));
    assert_eq!(status(&follower.writer.begin()), Some(OrderStatus::Accepted), "no stale cache");
    assert_eq!(follower.reader.applied_bytes().unwrap(), Some(2u64.to_be_bytes().to_vec()));
    assert_eq!(states(follower.dir.path()), ["state-000001", "state-000002"]);
    drop(old);
    assert_eq!(states(follower.dir.path()), ["state-000002"], "gone with its last reader");

    let mut follower = follower.reopen();
    assert_eq!(follower.index, 2, "the switch was durable");
    assert_eq!(status(&follower.reader.view()), Some(OrderStatus::Accepted));
    follower.apply([Write::DropQuote(samples::quote().id)]);
    assert_eq!(follower.reader.view().verify_audit(0, 9).unwrap().unwrap().entries, 3);
}

#[test]
fn a_snapshot_can_be_installed_again_and_sent_on() {
    let (leader, snapshot) = leader();
    let bytes = |path: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    };
    fs::write(snapshot.join("SNAPSHOT.pb"), b"raft's own").unwrap();
    let before = bytes(&snapshot);
    let mut follower = City::new();
    follower.writer.install(&snapshot).unwrap();
    follower.index = 2;
    follower.apply([Write::Order(samples::order().into())]);
    follower.writer.flush().unwrap();
    assert_eq!(bytes(&snapshot), before, "untouched by what was written since");
    follower.writer.install(&snapshot).unwrap();
    assert_eq!(status(&follower.reader.view()), Some(OrderStatus::Accepted));
    assert!(!follower.dir.path().join("state-000003/SNAPSHOT.pb").exists());
    drop(leader);
}

#[test]
fn what_is_no_snapshot_leaves_everything_as_it_was() {
    let mut city = City::new();
    city.apply([Write::Order(samples::order().into())]);
    let empty = tempfile::tempdir().unwrap();
    assert!(city.writer.install(&empty.path().join("missing")).is_err());
    fs::write(empty.path().join("CURRENT"), b"MANIFEST-000001\n").unwrap();
    assert!(city.writer.install(empty.path()).is_err());
    assert_eq!(status(&city.reader.view()), Some(samples::order().status));
    city.apply([Write::DropQuote(samples::quote().id)]);
    city.writer.flush().unwrap();
    let city = city.reopen();
    assert_eq!(city.index, 2);
    assert_eq!(states(city.dir.path()), ["state-000001"]);
}

#[test]
fn an_empty_directory_is_no_snapshot() {
    let city = City::new();
    let empty = tempfile::tempdir().unwrap();
    assert!(city.writer.install(empty.path()).is_err());
}

#[test]
fn readers_run_while_states_are_swapped() {
    let (_leader, snapshot) = leader();
    let mut follower = City::new();
    follower.apply([Write::Order(samples::order().into())]);
    let reader = follower.reader.clone();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut looks = 0u64;
                while !stop.load(Ordering::Relaxed) || looks == 0 {
                    let view = reader.view();
                    let found = status(&view).expect("there in every state");
                    let list = view
                        .orders_of_restaurant(samples::restaurant().id, &[found.state()], None, 9)
                        .unwrap();
                    assert_eq!(list.orders.len(), 1, "record and list are of one moment");
                    looks += 1;
                }
                looks
            })
        });
        for _ in 0..5 {
            follower.writer.install(&snapshot).unwrap();
            follower.index = 2;
            for round in 0..20 {
                let mut order = samples::order();
                if round % 2 == 0 {
                    order.status = OrderStatus::Ready;
                }
                follower.apply([Write::Order(order.into())]);
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 0));
    });
    assert_eq!(states(follower.dir.path()).len(), 1, "no old state is left");
}
