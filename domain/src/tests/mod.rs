//! What the city does, told as scripts, tables and random lives.

mod accounts;
mod after_random;
mod calendar;
mod carrying;
mod claims;
mod coupons;
mod endings;
mod holds_random;
mod kitchens;
mod life;
mod menus;
mod oracle;
mod payment_table;
mod pickup;
mod prices;
mod proofs;
mod random;
mod ratings;
mod refunds;
mod stock;
mod stock_random;
mod substitutions;
mod tables;
mod terms;
mod who_pays;
