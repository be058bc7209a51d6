//! `fdctl restaurant`: who cooks, where they all come from, when they do it and what they have.

mod hours;
mod import;
mod kitchen;
mod ndjson;
#[cfg(test)]
mod sample_city;
mod stock;

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{or_dash, table};
use api::restaurants::RestaurantSummary;

/// Restaurants
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every restaurant
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Take in restaurants with their menus; the same file again changes nothing
    Import(import::Import),
    /// What there is of every dish and option, or say what is gone and what is back
    Stock(stock::Stock),
    /// Opening hours of a week, or replace them
    Hours(hours::Week),
    #[command(subcommand)]
    Closing(hours::Closing),
    /// Say what a kitchen manages in 15 minutes; what was promised stays promised
    Capacity(kitchen::Bounds),
    /// Whether a kitchen takes orders now; or take a break, say that it takes longer, come back
    Availability(kitchen::Now),
}

/// # Errors
/// The city says no or does not answer, or a file cannot be read.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Command::List { listing } => list(listing, global).await,
        Command::Import(import) => import.run(global).await,
        Command::Stock(stock) => stock.run(global).await,
        Command::Hours(week) => week.run(global).await,
        Command::Closing(closing) => closing.run(global).await,
        Command::Capacity(bounds) => bounds.run(global).await,
        Command::Availability(now) => now.run(global).await,
    }
}

async fn list(listing: Listing, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    let restaurants: Vec<RestaurantSummary> =
        listing.read(&city, "/v1/admin/restaurants", &[]).await?;
    global.output().value(&restaurants, || {
        let rows = restaurants.iter().map(|restaurant| {
            [
                restaurant.restaurant_id.to_string(),
                restaurant.name.clone(),
                if restaurant.open { "open" } else { "closed" }.to_owned(),
                restaurant.cuisines.join(", "),
                or_dash(restaurant.rating.map(|stars| format!("{stars:.1}"))),
                if restaurant.sample { "sample" } else { "" }.to_owned(),
            ]
        });
        table(["restaurant", "name", "now", "cuisines", "stars", ""], rows)
    })?;
    Ok(Exit::Yes)
}
