//! `fdctl courier`: who carries.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{name, or_dash, table};
use api::couriers::Courier;

/// Couriers
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every courier, with where they were last seen
    List {
        #[command(flatten)]
        listing: Listing,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let Command::List { listing } = command;
    let city = City::open(global).await?;
    let couriers: Vec<Courier> = listing.read(&city, "/v1/admin/couriers", &[]).await?;
    global.output().value(&couriers, || {
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let rows = couriers.iter().map(|courier| {
            [
                courier.courier_id.to_string(),
                name(&courier.vehicle),
                yes(courier.approved),
                yes(courier.online),
                courier.carrying.len().to_string(),
                or_dash(courier.position.map(|at| format!("{:.5},{:.5}", at.lat, at.lng))),
                or_dash(courier.age_ms.map(|age| format!("{} s", age / 1_000))),
            ]
        });
        table(["courier", "vehicle", "approved", "online", "carries", "seen at", "ago"], rows)
    })?;
    Ok(Exit::Yes)
}
