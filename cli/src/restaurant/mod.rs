//! `fdctl restaurant`: who cooks, and where they all come from.

mod import;
mod ndjson;
#[cfg(test)]
mod sample_city;

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
}

/// # Errors
/// The city says no or does not answer, or a file cannot be read.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Command::List { listing } => list(listing, global).await,
        Command::Import(import) => import.run(global).await,
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
