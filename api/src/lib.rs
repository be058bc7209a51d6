//! The HTTP shapes of a city, its error codes, and a client that retries correctly.
//!
//! One of the two shapes of a thing (the other is the domain's). What comes in refuses unknown
//! members, so that nobody can set what only the city decides; what goes out may grow.

pub mod accounts;
pub mod admin;
pub mod audit;
pub mod bans;
pub mod belongings;
pub mod claims;
#[cfg(feature = "client")]
pub mod client;
pub mod codes;
pub mod coupons;
pub mod couriers;
pub mod deliveries;
pub mod events;
pub mod fraud;
pub mod hours;
pub mod images;
pub mod keys;
pub mod menus;
pub mod money;
pub mod notices;
pub mod orders;
pub mod people;
pub mod problem;
pub mod quality;
pub mod quotes;
pub mod ratings;
pub mod receipts;
pub mod reconcile;
pub mod refunds;
pub mod restaurants;
pub mod roles;
pub mod search;
pub mod stock;
pub mod substitutions;
pub mod terms;
pub mod webhooks;
pub mod wire;
