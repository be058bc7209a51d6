//! A tree of where everybody was at one moment, and the list of those who have left that place.

use crate::area::plane_distance;
use parking_lot::Mutex;
use rstar::{RTree, primitives::GeomWithData};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far a courier may be from its place in the tree, in metres. Farther, and it is a stray.
pub const SNAPSHOT_DRIFT_M: f32 = 60.0;

#[derive(Debug)]
pub(super) struct Snapshot {
    tree: RTree<GeomWithData<[f32; 2], u32>>,
    /// Where each courier is in the tree, by slot number.
    places: Vec<Option<[f32; 2]>>,
    /// Whoever left. Kept until the next tree, even if they come back.
    strays: Mutex<BTreeSet<u32>>,
    /// As many as are in `strays`; read without its lock.
    strays_len: AtomicUsize,
}

impl Snapshot {
    pub(super) fn build(places: Vec<Option<[f32; 2]>>) -> Self {
        let points = (0..).zip(&places);
        let points = points.filter_map(|(cid, place)| Some(GeomWithData::new((*place)?, cid)));
        Self {
            tree: RTree::bulk_load(points.collect()),
            places,
            strays: Mutex::default(),
            strays_len: AtomicUsize::new(0),
        }
    }

    /// How many couriers are in the tree.
    pub(super) fn len(&self) -> usize {
        self.tree.size()
    }

    /// A courier is here now.
    pub(super) fn note(&self, cid: u32, metres: [f32; 2]) {
        let believed = self.places.get(cid as usize).copied().flatten();
        if believed.is_some_and(|place| plane_distance(place, metres) <= SNAPSHOT_DRIFT_M) {
            return;
        }
        let mut strays = self.strays.lock();
        strays.insert(cid);
        self.strays_len.store(strays.len(), Ordering::Relaxed);
    }

    pub(super) fn strays(&self) -> BTreeSet<u32> {
        self.strays.lock().clone()
    }

    pub(super) fn strays_len(&self) -> usize {
        self.strays_len.load(Ordering::Relaxed)
    }

    /// Everybody in the tree, by rising distance in metres from where they were.
    pub(super) fn nearest(&self, origin: [f32; 2]) -> impl Iterator<Item = (u32, f32)> {
        let nearest = self.tree.nearest_neighbor_iter_with_distance_2(origin);
        nearest.map(|(point, distance_2)| (point.data, distance_2.sqrt()))
    }

    /// Everybody whose place in the tree is within so many metres.
    pub(super) fn within(&self, origin: [f32; 2], metres: f32) -> impl Iterator<Item = u32> {
        self.tree.locate_within_distance(origin, metres * metres).map(|point| point.data)
    }
}
