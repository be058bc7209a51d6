//! What the city does, told as scripts, tables and random lives.

mod accounts;
mod carrying;
mod endings;
mod kitchens;
mod life;
mod menus;
mod oracle;
mod prices;
mod random;
mod stock;
mod stock_random;
mod tables;
