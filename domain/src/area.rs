//! Areas on the map: who is inside, in integers, so that every replica agrees.

use crate::field;
use crate::limits::POLYGON_CORNERS;
use crate::position::Position;
use crate::rejection::Rejection;
use serde::{Deserialize, Serialize};

/// A polygon without holes; its last corner is joined to the first. It must not span the date line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Polygon(pub Vec<Position>);

impl Polygon {
    /// Whether a place lies inside, by the even-odd rule. Neighbours that share an edge never both
    /// claim a place on it, and never both leave it out.
    pub fn contains(&self, place: Position) -> bool {
        let corners = &self.0;
        let mut inside = false;
        let mut before = match corners.last() {
            Some(last) => *last,
            None => return false,
        };
        for corner in corners {
            let (a, b) = (before, *corner);
            // Half-open in latitude: a corner belongs to one of its two edges.
            if (a.lat_e7 > place.lat_e7) != (b.lat_e7 > place.lat_e7) {
                // On which side of the edge: cross product, exact.
                let rise = i128::from(b.lat_e7) - i128::from(a.lat_e7);
                let run = i128::from(b.lng_e7) - i128::from(a.lng_e7);
                let up = i128::from(place.lat_e7) - i128::from(a.lat_e7);
                let right = i128::from(place.lng_e7) - i128::from(a.lng_e7);
                let cross = right * rise - run * up;
                if (rise > 0 && cross < 0) || (rise < 0 && cross > 0) {
                    inside = !inside;
                }
            }
            before = b;
        }
        inside
    }

    /// Whether it can be one: three corners or more, on Earth.
    pub(crate) fn check(&self, pointer: &str) -> Result<(), Rejection> {
        field::length(pointer, self.0.len(), 3..=POLYGON_CORNERS)?;
        for (place, corner) in self.0.iter().enumerate() {
            field::position(&format!("{pointer}/{place}"), *corner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_e7: i32, lng_e7: i32) -> Position {
        Position { lat_e7, lng_e7 }
    }

    #[test]
    fn neighbours_share_no_place() {
        let left = Polygon(vec![at(0, 0), at(0, 10), at(10, 10), at(10, 0)]);
        let right = Polygon(vec![at(0, 10), at(0, 20), at(10, 20), at(10, 10)]);
        for lat in 0..10 {
            for lng in 0..20 {
                let place = at(lat, lng);
                assert!(left.contains(place) != right.contains(place), "{lat} {lng}");
            }
        }
        assert!(!left.contains(at(5, -1)) && !left.contains(at(11, 5)));
        assert!(!Polygon(Vec::new()).contains(at(0, 0)));
    }
}
