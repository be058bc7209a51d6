//! `fdctl account`: out of the game, and back in.

use crate::ban::BANS;
use crate::connection::{City, Global};
use crate::exit::Exit;
use api::bans::{BanRequest, UnbanRequest};
use api::wire::{Done, Time};
use domain::ids::AccountId;
use domain::moderation::BanSubject;
use domain::time::Timestamp;

/// People who can log in
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// End every session of a person and refuse all that they write
    Ban {
        /// acc_..
        id: AccountId,
        /// For the audit chain
        #[arg(long)]
        reason: String,
        /// Until then, as in 2026-03-01T18:30:00Z; left out, for good
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// Take a ban back
    Unban {
        /// acc_..
        id: AccountId,
        /// For the audit chain
        #[arg(long)]
        reason: String,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::Ban { id, reason, until } => {
            let about = BanRequest::about(BanSubject::Account(id));
            let body = BanRequest { reason, expires_at: until.map(Time), ..about };
            let Done { index } = city.post_for(BANS, &body).await?;
            eprintln!("{id} is banned (index {index})");
        }
        Command::Unban { id, reason } => {
            let about = UnbanRequest::about(BanSubject::Account(id));
            let body = UnbanRequest { reason, ..about };
            city.delete(BANS, Some(&body)).await?;
            eprintln!("{id} is back in");
        }
    }
    Ok(Exit::Yes)
}
