//! `fdctl ban`: people, restaurants, couriers, devices and cards that are out of the game.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{name, or_dash, table};
use api::bans::{AppealRequest, Ban, BanRequest, UnbanRequest};
use api::client::Call;
use api::wire::{Done, Time};
use domain::moderation::BanSubject;
use domain::time::Timestamp;

pub(crate) const BANS: &str = "/v1/admin/bans";

/// People, restaurants, couriers, devices and cards that are out of the game
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every ban that holds, with what was said against it
    List {
        /// Only account, restaurant, courier, device or card
        #[arg(long, value_parser = ["account", "restaurant", "courier", "device", "card"])]
        kind: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Ban somebody or something
    Impose {
        /// acc_.., res_.., cou_.., dmk_.. or cmk_..
        subject: BanSubject,
        /// For the audit chain
        #[arg(long)]
        reason: String,
        /// Until then, as in 2026-03-01T18:30:00Z; left out, for good
        #[arg(long)]
        until: Option<Timestamp>,
        /// Their open orders do not go on, as far as they can still be called off
        #[arg(long)]
        cancel_open: bool,
    },
    /// Take a ban back
    Lift {
        /// acc_.., res_.., cou_.., dmk_.. or cmk_..
        subject: BanSubject,
        /// For the audit chain
        #[arg(long)]
        reason: String,
    },
    /// Write down what somebody says against a ban
    Appeal {
        /// acc_.., res_.., cou_.., dmk_.. or cmk_..
        subject: BanSubject,
        /// Their words
        #[arg(long)]
        note: String,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List { kind, listing } => {
            let query = kind.map(|kind| ("kind", kind));
            let bans: Vec<Ban> = listing.read(&city, BANS, query.as_slice()).await?;
            global.output().value(&bans, || listed(&bans))?;
        }
        Command::Impose { subject, reason, until, cancel_open } => {
            let about = BanRequest::about(subject);
            let expires_at = until.map(Time);
            let body = BanRequest { reason, expires_at, cancel_open, ..about };
            let Done { index } = city.post_for(BANS, &body).await?;
            eprintln!("{subject} is banned (index {index})");
        }
        Command::Lift { subject, reason } => {
            let body = UnbanRequest { reason, ..UnbanRequest::about(subject) };
            city.delete(BANS, Some(&body)).await?;
            eprintln!("{subject} is back in");
        }
        Command::Appeal { subject, note } => {
            let body = AppealRequest { subject: subject.to_string(), note };
            let Done { index } = city.send(Call::patch(BANS, &body)).await?;
            eprintln!("written down (index {index})");
        }
    }
    Ok(Exit::Yes)
}

fn listed(bans: &[Ban]) -> String {
    let rows = bans.iter().map(|ban| {
        [
            name(&ban.kind),
            ban.subject.clone(),
            or_dash(ban.expires_at.map(|until| until.0)),
            ban.reason.clone(),
            or_dash(ban.appeal.clone()),
        ]
    });
    table(["KIND", "SUBJECT", "UNTIL", "REASON", "APPEAL"], rows)
}
