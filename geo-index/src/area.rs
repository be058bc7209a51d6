//! The box of a city, and the flat plane in which its distances are measured.
//!
//! Within a city the Earth is flat enough: an equirectangular plane at the city's centre differs
//! from the great circle by less than half a percent, costs no trigonometry for each point, and a
//! straight line in it obeys the triangle inequality, on which the exactness of
//! [`Couriers`](crate::Couriers) rests.

use crate::GeoError;
use domain::position::Position;

/// Half the side of the largest city box, in metres. Larger, and the plane is no longer true.
pub const MAX_HALF_SIDE_M: f64 = 100_000.0;

/// The mean radius of the Earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Latitudes beyond this are ice: the plane would be too narrow to be of use.
const MAX_LATITUDE: f64 = 80.0;

/// Metres between two places along the great circle.
pub fn haversine_m(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b) = (a.lat().to_radians(), b.lat().to_radians());
    let half_lat = (lat_b - lat_a) / 2.0;
    let half_lng = (b.lng() - a.lng()).to_radians() / 2.0;
    let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lng.sin().powi(2);
    2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// A city's box and its plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    centre: Position,
    half_side_m: f64,
    metres_per_lng_e7: f64,
}

const METRES_PER_LAT_E7: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0 / 1e7;

impl Area {
    /// The square of `2 * half_side_m` metres around a centre.
    ///
    /// # Errors
    /// [`GeoError::BadArea`] when the square is empty, larger than [`MAX_HALF_SIDE_M`], or reaches
    /// a pole or the date line.
    pub fn around(centre: Position, half_side_m: f64) -> Result<Self, GeoError> {
        if !(half_side_m > 0.0 && half_side_m <= MAX_HALF_SIDE_M) {
            return Err(GeoError::BadArea);
        }
        let metres_per_lng_e7 = METRES_PER_LAT_E7 * centre.lat().to_radians().cos();
        let highest = centre.lat().abs() + half_side_m / (METRES_PER_LAT_E7 * 1e7);
        let widest = centre.lng().abs() + half_side_m / (metres_per_lng_e7 * 1e7);
        if highest > MAX_LATITUDE || widest > 180.0 {
            return Err(GeoError::BadArea);
        }
        Ok(Self { centre, half_side_m, metres_per_lng_e7 })
    }

    /// The middle of the box: the point at which the plane touches the Earth.
    pub fn centre(&self) -> Position {
        self.centre
    }

    /// Whether a place lies in the box.
    pub fn contains(&self, place: Position) -> bool {
        let [x, y] = self.metres_f64(place);
        x.abs() <= self.half_side_m && y.abs() <= self.half_side_m
    }

    /// Metres between two places in the plane.
    pub fn distance_m(&self, a: Position, b: Position) -> f64 {
        let ([ax, ay], [bx, by]) = (self.metres_f64(a), self.metres_f64(b));
        (ax - bx).hypot(ay - by)
    }

    /// East and north of the centre, in metres, in single precision: within the largest box that
    /// is true to 8 millimetres, and halves the memory of a tree.
    pub(crate) fn metres(&self, place: Position) -> [f32; 2] {
        let [x, y] = self.metres_f64(place);
        [x as f32, y as f32]
    }

    fn metres_f64(&self, place: Position) -> [f64; 2] {
        [
            f64::from(place.lng_e7.saturating_sub(self.centre.lng_e7)) * self.metres_per_lng_e7,
            f64::from(place.lat_e7.saturating_sub(self.centre.lat_e7)) * METRES_PER_LAT_E7,
        ]
    }
}

/// Metres between two points of the plane.
pub(crate) fn plane_distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    let (dx, dy) = (a[0] - b[0], a[1] - b[1]);
    (dx * dx + dy * dy).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lat: f64, lng: f64) -> Position {
        Position::from_degrees(lat, lng).unwrap()
    }

    #[test]
    fn known_distances() {
        // São Bento station to the airport of Porto, and to Lisbon's Rossio.
        let sao_bento = at(41.1456, -8.6109);
        assert!((haversine_m(sao_bento, at(41.2421, -8.6786)) - 12_134.0).abs() < 20.0);
        assert!((haversine_m(sao_bento, at(38.7139, -9.1394)) - 274_140.0).abs() < 500.0);
        assert_eq!(haversine_m(sao_bento, sao_bento), 0.0);
    }

    #[test]
    fn the_box_ends_where_it_says() {
        let porto = Area::around(at(41.1496, -8.6110), 10_000.0).unwrap();
        assert!(porto.contains(porto.centre()));
        assert!(porto.contains(at(41.1496 + 0.0899, -8.6110)));
        assert!(!porto.contains(at(41.1496 + 0.0900, -8.6110)));
        assert!(!porto.contains(at(0.0, 0.0)));
        assert!(!porto.contains(at(-90.0, 180.0)));
    }

    #[test]
    fn a_box_must_be_a_city() {
        let porto = at(41.1496, -8.6110);
        for side in [0.0, -5.0, f64::NAN, f64::INFINITY, MAX_HALF_SIDE_M + 1.0] {
            assert_eq!(Area::around(porto, side), Err(GeoError::BadArea));
        }
        assert_eq!(Area::around(at(85.0, 0.0), 1_000.0), Err(GeoError::BadArea));
        assert_eq!(Area::around(at(-17.8, 179.99), 20_000.0), Err(GeoError::BadArea));
    }

    proptest! {
        #[test]
        fn plane_and_great_circle_agree_within_half_a_percent(
            lat in -60.0..60.0f64, lng in -179.0..179.0f64,
            from in prop::array::uniform2(-0.5..0.5f64), to in prop::array::uniform2(-0.5..0.5f64),
        ) {
            // A city of 30 x 30 km at any latitude where cities are.
            const SIDE_M: f64 = 30_000.0;
            let centre = at(lat, lng);
            let area = Area::around(centre, SIDE_M / 2.0).unwrap();
            let place = |[x, y]: [f64; 2]| {
                let lat = lat + y * SIDE_M / (METRES_PER_LAT_E7 * 1e7);
                at(lat, lng + x * SIDE_M / (area.metres_per_lng_e7 * 1e7))
            };
            let (a, b) = (place(from), place(to));
            let (plane, sphere) = (area.distance_m(a, b), haversine_m(a, b));
            prop_assert!((plane - sphere).abs() <= 0.005 * sphere + 0.02, "{} {}", plane, sphere);
            let single = f64::from(plane_distance(area.metres(a), area.metres(b)));
            prop_assert!((single - plane).abs() < 0.05, "{} {}", single, plane);
        }
    }
}
