//! `fdctl restaurant availability` and `capacity`: what a kitchen says of the moment, and how much
//! it manages.

use super::hours::restaurant;
use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{facts, name, word};
use api::client::Call;
use api::hours::{Availability, Capacity, Mode, OpenState};
use api::wire::{Done, Time};
use domain::ids::RestaurantId;
use domain::time::Timestamp;
use serde::Serialize;

/// The arguments of `restaurant availability`.
#[derive(Debug, clap::Args)]
pub(crate) struct Now {
    /// res_..
    id: RestaurantId,
    /// open, busy or paused; left out, it is only shown
    #[arg(value_parser = word::<Mode>)]
    mode: Option<Mode>,
    /// Until when it is busy or paused, as in 2026-03-01T18:30:00Z; left out, to the end of its day
    #[arg(long, requires = "mode")]
    until: Option<Timestamp>,
    /// With busy: how much longer each order takes
    #[arg(long, required_if_eq("mode", "busy"), requires = "mode")]
    #[arg(value_parser = clap::value_parser!(i64).range(1..=120))]
    extra_minutes: Option<i64>,
    /// It does not deliver until this is said without it
    #[arg(long, requires = "mode")]
    no_delivery: bool,
    /// Nobody can come for it until this is said without it
    #[arg(long, requires = "mode")]
    no_pickup: bool,
}

/// The arguments of `restaurant capacity`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("bounds").required(true).multiple(true)
    .args(["orders", "dishes", "money", "unbounded"])))]
pub(crate) struct Bounds {
    /// res_..
    id: RestaurantId,
    /// Orders in 15 minutes; what is left out of the three has no bound
    #[arg(long)]
    orders: Option<u32>,
    /// Dishes in all of them
    #[arg(long)]
    dishes: Option<u32>,
    /// What the dishes cost, in minor units
    #[arg(long)]
    money: Option<i64>,
    /// Take all bounds away
    #[arg(long, conflicts_with_all = ["orders", "dishes", "money"])]
    unbounded: bool,
}

/// What holds at the moment.
#[derive(Serialize)]
struct AtPresent {
    delivery: OpenState,
    pickup: OpenState,
    #[serde(skip_serializing_if = "Option::is_none")]
    busy_minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<Time>,
}

impl Now {
    /// # Errors
    /// The city says no, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let Self { id, mode, until, extra_minutes, no_delivery, no_pickup } = self;
        let city = City::open(global).await?;
        let Some(mode) = mode else {
            let seen = restaurant(&city, id).await?;
            let now = AtPresent {
                delivery: seen.delivery,
                pickup: seen.pickup,
                busy_minutes: seen.busy_minutes,
                paused_until: seen.paused_until,
            };
            global.output().value(&now, || shown(&now))?;
            return Ok(Exit::Yes);
        };
        let (delivery, pickup) = (!no_delivery, !no_pickup);
        let body = Availability { mode, until: until.map(Time), extra_minutes, delivery, pickup };
        let path = format!("/v1/restaurant/{id}/availability");
        let Done { index } = city.send(Call::put(&path, &body)).await?;
        eprintln!("{id} is {} (index {index})", name(&mode));
        Ok(Exit::Yes)
    }
}

impl Bounds {
    /// # Errors
    /// The city says no, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let Self { id, orders, dishes, money, unbounded: _ } = self;
        let city = City::open(global).await?;
        let body = Capacity { orders, dishes, money };
        let path = format!("/v1/restaurant/{id}/capacity");
        let Done { index } = city.send(Call::put(&path, &body)).await?;
        eprintln!("{id} has its bounds (index {index})");
        Ok(Exit::Yes)
    }
}

fn shown(now: &AtPresent) -> String {
    let mut known = vec![("delivery", in_words(&now.delivery)), ("pickup", in_words(&now.pickup))];
    known.extend(now.busy_minutes.map(|minutes| ("busy", format!("{minutes} minutes more"))));
    known.extend(now.paused_until.map(|until| ("paused", format!("until {}", until.0))));
    facts(known)
}

fn in_words(state: &OpenState) -> String {
    let until = state.until.map(|until| format!(" until {}", until.0)).unwrap_or_default();
    match state.reason {
        None => format!("open{until}"),
        Some(why) => format!("{}{until}", name(&why)),
    }
}
