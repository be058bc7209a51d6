//! Which polygons is a point in? Cities for the directory, delivery and fee zones for a city.
//!
//! A tree of boxes finds the few polygons that may hold the point; the test itself is in integers,
//! so a point on a border is on it, not a little to one side. A border belongs to both neighbours.

use crate::GeoError;
use domain::position::Position;
use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};
use std::fmt::Debug;

/// How many points one ring can have.
pub const MAX_RING_POINTS: usize = 200_000;

/// How many rings one polygon can have, its outline included.
pub const MAX_RINGS: usize = 1_000;

/// An outline with holes, checked. It must not lie across the date line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polygon {
    /// The outline comes first, then the holes.
    rings: Vec<Vec<Position>>,
}

impl Polygon {
    /// From an outline and its holes. Whether a ring's first point is repeated at its end, and
    /// which way round it goes, does not matter.
    ///
    /// # Errors
    /// [`GeoError::BadRing`] when a ring encloses nothing or is too long, and
    /// [`GeoError::TooManyRings`].
    pub fn new(outline: Vec<Position>, holes: Vec<Vec<Position>>) -> Result<Self, GeoError> {
        if holes.len() >= MAX_RINGS {
            return Err(GeoError::TooManyRings { limit: MAX_RINGS });
        }
        let mut rings = Vec::with_capacity(1 + holes.len());
        for mut ring in std::iter::once(outline).chain(holes) {
            if ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
            if ring.len() > MAX_RING_POINTS || !encloses_something(&ring) {
                return Err(GeoError::BadRing { limit: MAX_RING_POINTS });
            }
            rings.push(ring);
        }
        Ok(Self { rings })
    }

    /// Whether a place lies in the polygon or on its border; the border of a hole counts too.
    pub fn contains(&self, place: Position) -> bool {
        let (outline, holes) = self.rings.split_first().expect("a polygon has an outline");
        match side(outline, place) {
            Side::Outside => false,
            Side::Border => true,
            Side::Inside => holes.iter().all(|hole| side(hole, place) != Side::Inside),
        }
    }

    fn bounds(&self) -> Rectangle<[f64; 2]> {
        let outline = self.rings.first().expect("a polygon has an outline");
        Rectangle::from_aabb(AABB::from_points(
            outline.iter().map(corner).collect::<Vec<_>>().iter(),
        ))
    }
}

/// Polygons by key, in the order in which they were given.
#[derive(Debug)]
pub struct Zones<K> {
    zones: Vec<(K, Polygon)>,
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl<K> Zones<K> {
    /// From all polygons at once; a zone of several pieces gives its key several times.
    pub fn new(zones: Vec<(K, Polygon)>) -> Self {
        let boxes = zones.iter().enumerate();
        let boxes = boxes.map(|(n, (_, polygon))| GeomWithData::new(polygon.bounds(), n)).collect();
        Self { boxes: RTree::bulk_load(boxes), zones }
    }

    /// The keys of all polygons that hold a place, in the order in which they were given.
    pub fn at(&self, place: Position) -> Vec<&K> {
        let mut hits: Vec<usize> = self
            .boxes
            .locate_in_envelope_intersecting(AABB::from_point(corner(&place)))
            .map(|entry| entry.data)
            .filter(|n| self.zones[*n].1.contains(place))
            .collect();
        hits.sort_unstable();
        hits.into_iter().map(|n| &self.zones[n].0).collect()
    }

    /// All polygons with their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &Polygon)> {
        self.zones.iter().map(|(key, polygon)| (key, polygon))
    }
}

/// 32-bit integers are exact in a double, and a tree multiplies its coordinates.
fn corner(place: &Position) -> [f64; 2] {
    [f64::from(place.lng_e7), f64::from(place.lat_e7)]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Inside,
    Border,
    Outside,
}

/// Counts the edges north of a place: odd is inside.
fn side(ring: &[Position], place: Position) -> Side {
    let mut inside = false;
    let mut from = ring.last().expect("a ring has points");
    for to in ring {
        let (west, east) = if from.lng_e7 <= to.lng_e7 { (from, to) } else { (to, from) };
        if west.lng_e7 <= place.lng_e7 && place.lng_e7 <= east.lng_e7 {
            let turn = turn(*west, *east, place);
            let lats = from.lat_e7.min(to.lat_e7)..=from.lat_e7.max(to.lat_e7);
            if turn == 0 && lats.contains(&place.lat_e7) {
                return Side::Border;
            }
            // Half open, so that a corner is counted with one of its two edges only.
            if place.lng_e7 < east.lng_e7 && turn < 0 {
                inside = !inside;
            }
        }
        from = to;
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// Positive when `c` lies left of the line from `a` to `b`, zero on it, negative right of it.
/// Twice the area of a triangle on the whole Earth needs 66 bits.
fn turn(a: Position, b: Position, c: Position) -> i128 {
    let east = |p: Position| i128::from(p.lng_e7) - i128::from(a.lng_e7);
    let north = |p: Position| i128::from(p.lat_e7) - i128::from(a.lat_e7);
    east(b) * north(c) - north(b) * east(c)
}

fn encloses_something(ring: &[Position]) -> bool {
    let Some(first) = ring.first() else { return false };
    let Some(second) = ring.iter().find(|p| *p != first) else { return false };
    ring.iter().any(|p| turn(*first, *second, *p) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    fn ring(points: &[(i32, i32)]) -> Vec<Position> {
        points
            .iter()
            .map(|(lng_e7, lat_e7)| Position { lat_e7: *lat_e7, lng_e7: *lng_e7 })
            .collect()
    }

    fn square(west: i32, south: i32, side: i32) -> Vec<Position> {
        let (east, north) = (west + side, south + side);
        ring(&[(west, south), (east, south), (east, north), (west, north), (west, south)])
    }

    #[test]
    fn a_map_of_zones() {
        // A town with a lake, its neighbour to the east, and a concave one on top of both.
        let zones = Zones::new(vec![
            ('a', Polygon::new(square(1, 1, 6), vec![square(3, 3, 2)]).unwrap()),
            ('b', Polygon::new(square(7, 1, 6), vec![]).unwrap()),
            ('c', Polygon::new(ring(&[(2, 7), (7, 4), (12, 7), (7, 5)]), vec![]).unwrap()),
        ]);
        let mut map = String::new();
        for lat_e7 in (0..=8).rev() {
            for lng_e7 in 0..=14 {
                let at: String = zones.at(Position { lat_e7, lng_e7 }).into_iter().collect();
                map += &format!("{:<4}", if at.is_empty() { ".".to_owned() } else { at });
            }
            map = map.trim_end().to_owned() + "\n";
        }
        expect![[r#"
            .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
            .   a   ac  a   a   a   a   ab  b   b   b   b   bc  b   .
            .   a   a   a   ac  a   a   ab  b   b   bc  b   b   b   .
            .   a   a   a   a   a   ac  abc bc  b   b   b   b   b   .
            .   a   a   a   .   a   a   abc b   b   b   b   b   b   .
            .   a   a   a   a   a   a   ab  b   b   b   b   b   b   .
            .   a   a   a   a   a   a   ab  b   b   b   b   b   b   .
            .   a   a   a   a   a   a   ab  b   b   b   b   b   b   .
            .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
        "#]]
        .assert_eq(&map);
    }

    #[test]
    fn rings_that_enclose_nothing_are_refused() {
        let limit = MAX_RING_POINTS;
        for bad in [
            ring(&[]),
            ring(&[(1, 1)]),
            ring(&[(1, 1), (1, 1), (1, 1), (1, 1)]),
            ring(&[(1, 1), (2, 2)]),
            ring(&[(1, 1), (2, 2), (3, 3), (1, 1)]),
            vec![Position { lat_e7: 1, lng_e7: 1 }; MAX_RING_POINTS + 2],
        ] {
            assert_eq!(Polygon::new(bad.clone(), vec![]), Err(GeoError::BadRing { limit }));
            assert_eq!(Polygon::new(square(0, 0, 9), vec![bad]), Err(GeoError::BadRing { limit }));
        }
        let holes = vec![square(0, 0, 1); MAX_RINGS];
        let limit = MAX_RINGS;
        assert_eq!(Polygon::new(square(0, 0, 9), holes), Err(GeoError::TooManyRings { limit }));
    }

    #[test]
    fn the_whole_earth_does_not_overflow() {
        let (lat, lng) = (900_000_000, 1_800_000_000);
        let earth = ring(&[(-lng, -lat), (lng, -lat), (lng, lat), (-lng, lat)]);
        let earth = Polygon::new(earth, vec![]).unwrap();
        assert!(earth.contains(Position { lat_e7: 0, lng_e7: 0 }));
        assert!(earth.contains(Position { lat_e7: lat, lng_e7: -lng }));
        assert!(!earth.contains(Position { lat_e7: lat + 1, lng_e7: 0 }));
    }

    proptest! {
        #[test]
        fn same_as_trying_every_triangle(
            corners in prop::collection::vec(prop::array::uniform3((0i32..30, 0i32..30)), 1..20),
            place in (-2i32..32, -2i32..32),
        ) {
            let place = Position { lat_e7: place.1, lng_e7: place.0 };
            let mut zones = Vec::new();
            let mut truth = Vec::new();
            for (n, triangle) in corners.iter().enumerate() {
                let points = ring(triangle);
                let Ok(polygon) = Polygon::new(points.clone(), vec![]) else { continue };
                // Inside a triangle all three turns have one sign, on its border one is zero.
                let turns = [0, 1, 2].map(|i| turn(points[i], points[(i + 1) % 3], place).signum());
                if turns.iter().all(|t| *t >= 0) || turns.iter().all(|t| *t <= 0) {
                    truth.push(n);
                }
                zones.push((n, polygon));
            }
            let zones = Zones::new(zones);
            prop_assert_eq!(zones.at(place).into_iter().copied().collect::<Vec<_>>(), truth);
        }

        #[test]
        fn neighbours_leave_no_gap(
            // A square cut by a crooked line into two: every point is in one, or on the cut in both.
            cut in prop::collection::vec(1i32..49, 1..8), place in (0i32..=50, 0i32..=50),
        ) {
            let corner = |(n, x): (usize, &_)| (*x, 5 * n as i32 + 5);
            let line: Vec<_> = cut.iter().enumerate().map(corner).collect();
            let top = line.last().unwrap().0;
            let mut west = vec![(0, 0), (25, 0)];
            west.extend(&line);
            west.extend([(top, 50), (0, 50)]);
            let mut east = vec![(50, 0), (25, 0)];
            east.extend(&line);
            east.extend([(top, 50), (50, 50)]);
            let west = Polygon::new(ring(&west), vec![]).unwrap();
            let east = Polygon::new(ring(&east), vec![]).unwrap();
            let place = Position { lat_e7: place.1, lng_e7: place.0 };
            prop_assert!(west.contains(place) || east.contains(place));
            if west.contains(place) && east.contains(place) {
                prop_assert_eq!(side(&west.rings[0], place), Side::Border);
            }
        }
    }
}
