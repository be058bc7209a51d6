//! Metres in integers: a distance decides who is asked, so it must not depend on how a machine
//! rounds.

use domain::position::Position;

/// A unit of a position, 1e-7 degrees of latitude, in nanometres (mean radius of the Earth, IUGG).
const NANOMETRES_PER_UNIT: i64 = 11_119_508;
/// Fixed point: 30 bits behind the point.
const ONE: i64 = 1 << 30;
/// Half a turn in radians, in fixed point.
const PI: i64 = 3_373_259_426;
/// A quarter and a whole turn in units of a position.
const QUARTER: i64 = 900_000_000;
const WHOLE: i64 = 4 * QUARTER;

/// Metres in a straight line between two places of one city, rounded down. Measured on a plane that
/// touches the Earth half-way between the two: within half a percent of the great circle as far as
/// anybody carries food.
///
/// ```
/// use domain::position::Position;
/// let station = Position { lat_e7: 411_456_000, lng_e7: -86_109_000 };
/// let airport = Position { lat_e7: 412_421_000, lng_e7: -86_786_000 };
/// assert_eq!(dispatch::metres_between(station, airport), 12_133);
/// ```
pub fn metres_between(a: Position, b: Position) -> i64 {
    let [a_lat, b_lat] = [a, b].map(|p| i64::from(p.lat_e7).clamp(-QUARTER, QUARTER));
    let mut east = i64::from(b.lng_e7) - i64::from(a.lng_e7);
    // Over the date line is the shorter way round.
    if east.abs() > WHOLE / 2 {
        east -= east.signum() * WHOLE;
    }
    let north_mm = millimetres(b_lat - a_lat);
    let east_mm = i128::from(millimetres(east)) * i128::from(cosine((a_lat + b_lat) / 2));
    let (north_mm, east_mm) = (i128::from(north_mm), east_mm / i128::from(ONE));
    let square = (north_mm * north_mm + east_mm * east_mm).unsigned_abs();
    // Within a city 64 bits are enough, and their root is several times faster.
    let mm = match u64::try_from(square) {
        Ok(square) => square.isqrt(),
        Err(_) => square.isqrt() as u64,
    };
    (mm / 1_000) as i64
}

/// Units of latitude in so many metres, rounded up generously.
pub(crate) fn latitude_units(metres: i64) -> i64 {
    metres.saturating_mul(90).saturating_add(1)
}

fn millimetres(units: i64) -> i64 {
    units * NANOMETRES_PER_UNIT / 1_000_000
}

/// The cosine of a latitude, in fixed point, by its series; seven terms are exact to the last few
/// of the 30 bits.
fn cosine(lat: i64) -> i64 {
    let x = lat * PI / (2 * QUARTER);
    let square = x * x / ONE;
    let (mut sum, mut term) = (ONE, ONE);
    for n in 1..=7 {
        term = -(term * square / ONE) / ((2 * n - 1) * (2 * n));
        sum += term;
    }
    sum.max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn great_circle_m(a: Position, b: Position) -> f64 {
        let (lat_a, lat_b) = (a.lat().to_radians(), b.lat().to_radians());
        let (half_lat, half_lng) = ((lat_b - lat_a) / 2.0, (b.lng() - a.lng()).to_radians() / 2.0);
        let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lng.sin().powi(2);
        2.0 * 6_371_008.8 * h.sqrt().asin()
    }

    #[test]
    fn cosines() {
        for lat in (-QUARTER..=QUARTER).step_by(1_000_000) {
            let exact = (lat as f64 / 1e7).to_radians().cos();
            assert!((cosine(lat) as f64 / ONE as f64 - exact).abs() < 1e-8, "{lat}");
        }
    }

    #[test]
    fn over_the_date_line_and_nowhere() {
        let at = |lat_e7, lng_e7| Position { lat_e7, lng_e7 };
        let (west, east) = (at(-178_000_000, 1_799_950_000), at(-178_000_000, -1_799_950_000));
        assert_eq!(metres_between(west, east), 1_058);
        assert_eq!(metres_between(west, west), 0);
        // No place on Earth, but no reason to fall over.
        let far = metres_between(at(i32::MIN, i32::MIN), at(i32::MAX, i32::MAX));
        assert!(far > 0);
    }

    proptest! {
        #[test]
        fn close_to_the_great_circle(
            lat in -650_000_000..650_000_000i32, lng in -1_790_000_000..1_790_000_000i32,
            north in -2_000_000..2_000_000i32, east in -2_000_000..2_000_000i32,
        ) {
            let a = Position { lat_e7: lat, lng_e7: lng };
            let b = Position { lat_e7: lat + north, lng_e7: lng + east };
            let (ours, exact) = (metres_between(a, b), great_circle_m(a, b));
            prop_assert!((ours as f64 - exact).abs() <= 0.001 * exact + 1.1, "{} {}", ours, exact);
            prop_assert_eq!(ours, metres_between(b, a));
        }

        #[test]
        fn a_band_of_latitude_holds_the_circle(
            lat in -650_000_000..650_000_000i32, north in -2_000_000..2_000_000i32,
        ) {
            let (a, b) = (Position { lat_e7: lat, lng_e7: 0 },
                Position { lat_e7: lat + north, lng_e7: 0 });
            let metres = metres_between(a, b);
            prop_assert!(i64::from(north).abs() <= latitude_units(metres + 1));
        }
    }
}
