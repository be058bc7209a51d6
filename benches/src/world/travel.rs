//! Ways on a map that is small enough to be flat.

use std::time::Duration;

use api::wire::Point;

use crate::random::Random;

/// Metres in a degree of latitude.
const DEGREE_M: f64 = 111_320.0;

/// From here to there, in metres.
pub fn distance_m(from: Point, to: Point) -> f64 {
    let north = (to.lat - from.lat) * DEGREE_M;
    let east = (to.lng - from.lng) * DEGREE_M * from.lat.to_radians().cos();
    north.hypot(east)
}

/// Where one is after riding at this speed (metres a second) for this long, straight ahead; never
/// further than the goal.
pub fn toward(from: Point, to: Point, speed_mps: f64, rides: Duration) -> Point {
    let way = distance_m(from, to);
    let share = if way <= f64::EPSILON { 1.0 } else { speed_mps * rides.as_secs_f64() / way };
    let share = share.min(1.0);
    Point {
        lat: from.lat + (to.lat - from.lat) * share,
        lng: from.lng + (to.lng - from.lng) * share,
    }
}

/// Somewhere around here, up to this many metres away.
pub fn near(around: Point, within_m: f64, random: &mut Random) -> Point {
    let angle = random.fraction() * std::f64::consts::TAU;
    // The root spreads the places evenly over the circle.
    let way = within_m * random.fraction().sqrt();
    Point {
        lat: around.lat + way * angle.sin() / DEGREE_M,
        lng: around.lng + way * angle.cos() / (DEGREE_M * around.lat.to_radians().cos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Point = Point { lat: 43.55, lng: -5.92 };

    #[test]
    fn one_rides_straight_and_stops_at_the_goal() {
        let mut random = Random::new(3);
        for _ in 0..100 {
            let goal = near(HERE, 2_000.0, &mut random);
            let way = distance_m(HERE, goal);
            assert!(way <= 2_001.0, "{way}");
            let half = toward(HERE, goal, way / 2.0, Duration::from_secs(1));
            assert!((distance_m(half, goal) - way / 2.0).abs() < 1.0);
            let end = toward(HERE, goal, way, Duration::from_secs(5));
            assert!(distance_m(end, goal) < 0.01);
        }
    }
}
