//! `fdctl account`: out of the game, and back in.

use crate::connection::{City, Global};
use crate::exit::Exit;
use api::admin::{BanRequest, UnbanRequest};
use api::wire::{Done, Time};
use domain::ids::AccountId;
use domain::time::Timestamp;

const BANS: &str = "/v1/admin/bans";

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
            let body = BanRequest { account_id: id, reason, expires_at: until.map(Time) };
            let Done { index } = city.post_for(BANS, &body).await?;
            eprintln!("{id} is banned (index {index})");
        }
        Command::Unban { id, reason } => {
            let body = UnbanRequest { account_id: id, reason };
            city.delete(BANS, Some(&body)).await?;
            eprintln!("{id} is back in");
        }
    }
    Ok(Exit::Yes)
}
