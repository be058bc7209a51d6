//! Points that hardly ever move: restaurants for browse, stores, meeting points.
//!
//! One tree behind a lock. A change takes microseconds and comes a few times a day, so a reader
//! hardly ever meets a writer.

use crate::{Area, GeoError, area::plane_distance};
use domain::position::Position;
use parking_lot::RwLock;
use rstar::{RTree, primitives::GeomWithData};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// How many places there can be.
pub const MAX_PLACES: usize = 1_000_000;

/// A place that was found, and how far away it is in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<Id> {
    /// Which place.
    pub id: Id,
    /// Where it is.
    pub position: Position,
    /// Metres in the city's plane.
    pub distance_m: f64,
}

/// The points of one kind of thing in one city, by id.
#[derive(Debug)]
pub struct Places<Id> {
    area: Area,
    inside: RwLock<Inside<Id>>,
}

/// A point in the tree: in the plane, with its id.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry<Id> {
    id: Id,
    position: Position,
}

type Point<Id> = GeomWithData<[f32; 2], Entry<Id>>;

#[derive(Debug)]
struct Inside<Id> {
    tree: RTree<Point<Id>>,
    positions: BTreeMap<Id, Position>,
}

impl<Id: Copy + Ord + Debug> Places<Id> {
    /// No places yet.
    pub fn new(area: Area) -> Self {
        let inside = Inside { tree: RTree::new(), positions: BTreeMap::new() };
        Self { area, inside: RwLock::new(inside) }
    }

    /// Puts a place on the map, or moves it there.
    ///
    /// # Errors
    /// [`GeoError::OutsideCity`] and [`GeoError::Full`]; the place stays where it was.
    pub fn insert(&self, id: Id, position: Position) -> Result<(), GeoError> {
        if !self.area.contains(position) {
            return Err(GeoError::OutsideCity);
        }
        let mut inside = self.inside.write();
        if inside.positions.len() >= MAX_PLACES && !inside.positions.contains_key(&id) {
            return Err(GeoError::Full { limit: MAX_PLACES });
        }
        if let Some(before) = inside.positions.insert(id, position) {
            inside.tree.remove(&point(&self.area, id, before));
        }
        inside.tree.insert(point(&self.area, id, position));
        Ok(())
    }

    /// Takes a place off the map; true if it was on it.
    pub fn remove(&self, id: Id) -> bool {
        let mut inside = self.inside.write();
        match inside.positions.remove(&id) {
            Some(before) => inside.tree.remove(&point(&self.area, id, before)).is_some(),
            None => false,
        }
    }

    /// Where a place is.
    pub fn get(&self, id: Id) -> Option<Position> {
        self.inside.read().positions.get(&id).copied()
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.inside.read().positions.len()
    }

    /// Whether there is no place at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every place within so many metres of a point, nearest first, equal distances by id.
    pub fn within(&self, centre: Position, radius_m: f64) -> Vec<Found<Id>> {
        let (origin, radius) = (self.area.metres(centre), radius_m as f32);
        // Not a number, or behind us: nothing is that near.
        if radius.is_nan() || radius < 0.0 {
            return Vec::new();
        }
        let inside = self.inside.read();
        let mut found: Vec<_> = inside
            .tree
            // The tree compares squares, which round: the exact test comes after it.
            .locate_within_distance(origin, (radius + 0.1).powi(2))
            .map(|point| found(origin, point))
            .filter(|found| found.distance_m <= f64::from(radius))
            .collect();
        sort(&mut found);
        found
    }

    /// The `count` nearest places that `counts` says yes to, nearest first, equal distances by id.
    pub fn nearest(
        &self,
        centre: Position,
        count: usize,
        mut counts: impl FnMut(Id) -> bool,
    ) -> Vec<Found<Id>> {
        let origin = self.area.metres(centre);
        let inside = self.inside.read();
        let mut nearest: Vec<Found<Id>> = Vec::new();
        for point in inside.tree.nearest_neighbor_iter(origin) {
            let candidate = found(origin, point);
            // One step beyond the last, so that equal distances are told apart by id.
            let last = count.checked_sub(1).and_then(|last| nearest.get(last));
            if count == 0 || last.is_some_and(|last| candidate.distance_m > last.distance_m) {
                break;
            }
            if counts(candidate.id) {
                nearest.push(candidate);
            }
        }
        drop(inside);
        sort(&mut nearest);
        nearest.truncate(count);
        nearest
    }
}

fn point<Id>(area: &Area, id: Id, position: Position) -> Point<Id> {
    GeomWithData::new(area.metres(position), Entry { id, position })
}

fn found<Id: Copy>(origin: [f32; 2], point: &Point<Id>) -> Found<Id> {
    let distance_m = f64::from(plane_distance(origin, *point.geom()));
    Found { id: point.data.id, position: point.data.position, distance_m }
}

fn sort<Id: Ord>(found: &mut [Found<Id>]) {
    found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| a.id.cmp(&b.id)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn porto() -> Area {
        Area::around(Position { lat_e7: 411_496_000, lng_e7: -86_110_000 }, 20_000.0).unwrap()
    }

    /// A place so many metres east and north of the centre, more or less.
    fn near(east_m: i32, north_m: i32) -> Position {
        let centre = porto().centre();
        Position { lat_e7: centre.lat_e7 + north_m * 90, lng_e7: centre.lng_e7 + east_m * 119 }
    }

    fn ids(found: &[Found<u32>]) -> Vec<u32> {
        found.iter().map(|f| f.id).collect()
    }

    #[test]
    fn a_place_is_where_it_was_put_last() {
        let places = Places::new(porto());
        places.insert(1, near(0, 0)).unwrap();
        places.insert(2, near(1_000, 0)).unwrap();
        assert_eq!(ids(&places.within(near(0, 0), 500.0)), [1]);
        places.insert(1, near(5_000, 0)).unwrap();
        assert_eq!(ids(&places.within(near(0, 0), 500.0)), []);
        assert_eq!(ids(&places.nearest(near(0, 0), 9, |_| true)), [2, 1]);
        assert_eq!(ids(&places.nearest(near(0, 0), 9, |id| id != 2)), [1]);
        assert!(places.remove(2) && !places.remove(2));
        assert_eq!((places.len(), places.get(2)), (1, None));
        let far = Position { lat_e7: 0, lng_e7: 0 };
        assert_eq!(places.insert(1, far), Err(GeoError::OutsideCity));
        assert_eq!(places.get(1), Some(near(5_000, 0)), "a refused move changes nothing");
    }

    #[test]
    fn odd_questions_get_empty_answers() {
        let places = Places::new(porto());
        places.insert(1, near(0, 0)).unwrap();
        assert_eq!(places.nearest(near(0, 0), 0, |_| true), []);
        for radius in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(places.within(near(0, 0), radius), []);
        }
        assert_eq!(ids(&places.within(near(0, 0), 0.0)), [1]);
        assert_eq!(ids(&places.within(near(0, 0), f64::INFINITY)), [1]);
    }

    proptest! {
        #[test]
        fn same_as_brute_force(
            // A coarse grid, so that many share a place and many distances are equal.
            moves in prop::collection::vec((0u32..40, -20i32..20, -20i32..20, 0u8..8), 1..150),
            ask in (-20i32..20, -20i32..20), radius in 0f64..4_000.0, count in 0usize..12,
        ) {
            let area = porto();
            let places = Places::new(area);
            let mut truth = BTreeMap::new();
            for (id, x, y, kind) in moves {
                if kind == 0 {
                    prop_assert_eq!(places.remove(id), truth.remove(&id).is_some());
                } else {
                    places.insert(id, near(x * 100, y * 100)).unwrap();
                    truth.insert(id, near(x * 100, y * 100));
                }
            }
            let from = near(ask.0 * 100, ask.1 * 100);
            let mut all: Vec<_> = truth.iter().map(|(id, position)| {
                let metres = plane_distance(area.metres(from), area.metres(*position));
                Found { id: *id, position: *position, distance_m: f64::from(metres) }
            }).collect();
            sort(&mut all);
            let odd: Vec<_> = all.iter().filter(|f| f.id % 2 == 1).take(count).copied().collect();
            prop_assert_eq!(places.nearest(from, count, |id| id % 2 == 1), odd);
            let reach = f64::from(radius as f32);
            all.retain(|f| f.distance_m <= reach);
            prop_assert_eq!(places.within(from, radius), all);
        }
    }
}
