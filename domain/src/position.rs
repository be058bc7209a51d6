//! Places on the map, in integers: the same on every replica.

use serde::{Deserialize, Serialize};

/// A place, WGS 84, in units of 1e-7 degrees (about a centimetre).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Latitude, -90 to 90 degrees, in units of 1e-7.
    pub lat_e7: i32,
    /// Longitude, -180 to 180 degrees, in units of 1e-7.
    pub lng_e7: i32,
}

/// The numbers are no place on Earth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// Not a number, or outside -90..=90.
    #[error("a latitude is a number from -90 to 90")]
    Latitude,
    /// Not a number, or outside -180..=180.
    #[error("a longitude is a number from -180 to 180")]
    Longitude,
}

impl Position {
    /// From degrees, as people and maps write them.
    ///
    /// # Errors
    /// Says which of the two is not on Earth.
    pub fn from_degrees(lat: f64, lng: f64) -> Result<Self, PositionError> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(PositionError::Latitude);
        }
        if !(-180.0..=180.0).contains(&lng) {
            return Err(PositionError::Longitude);
        }
        Ok(Self { lat_e7: (lat * 1e7).round() as i32, lng_e7: (lng * 1e7).round() as i32 })
    }

    /// Latitude in degrees.
    pub fn lat(&self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Longitude in degrees.
    pub fn lng(&self) -> f64 {
        f64::from(self.lng_e7) / 1e7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_there_and_back() {
        let porto = Position::from_degrees(41.1496, -8.6109973).unwrap();
        assert_eq!((porto.lat_e7, porto.lng_e7), (411_496_000, -86_109_973));
        assert!((porto.lat() - 41.1496).abs() < 1e-7);
        assert_eq!(Position::from_degrees(f64::NAN, 0.0), Err(PositionError::Latitude));
        assert_eq!(Position::from_degrees(0.0, 181.0), Err(PositionError::Longitude));
    }
}
