//! Where things are: couriers that move every second, restaurants that hardly ever do, and the
//! polygons of zones and cities.
//!
//! Everything here is derived or soft state: it lives in memory, is exact for what it was told, and
//! is filled again after a restart. Positions go in and metres come out; the trees behind
//! ([rstar](https://docs.rs/rstar)) are nobody else's business.
//!
//! - [`Couriers`]: the newest position of each courier; nearest and within, exact at every moment.
//! - [`Places`]: points that move rarely: which restaurants are within so many metres?
//! - [`Zones`]: which polygons is this point in?
//! - [`Area`]: the box of a city and the flat plane in which its metres are measured.

mod area;
mod couriers;
mod error;
mod places;
mod zones;

pub use area::{Area, MAX_HALF_SIDE_M, haversine_m};
pub use couriers::{
    Couriers, MAX_COURIERS, MAX_NEAREST, OFFLINE_MS, Ping, Rebuilt, SNAPSHOT_DRIFT_M, Seen, Stamp,
    Taken,
};
pub use error::GeoError;
pub use places::{Found, MAX_PLACES, Places};
pub use zones::{MAX_RING_POINTS, MAX_RINGS, Polygon, Zones};
