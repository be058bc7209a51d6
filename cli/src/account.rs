//! `fdctl account`: out of the game and back in; everything about somebody, and nothing any more.

use crate::ban::BANS;
use crate::connection::{City, Global};
use crate::exit::Exit;
use api::bans::{BanRequest, UnbanRequest};
use api::people::{Archive, Erased, PersonRequest};
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
    /// Print everything that the city holds about a person, as JSON
    Export {
        /// acc_..
        id: AccountId,
        /// For the audit chain, as in "letter of 2026-03-01"
        #[arg(long)]
        reason: String,
    },
    /// Destroy a person's key for good, on every node; repeating it proves it again
    Erase {
        /// acc_..
        id: AccountId,
        /// For the audit chain, as in "letter of 2026-03-01"
        #[arg(long)]
        reason: String,
        /// That this is meant: nothing brings the data back
        #[arg(long)]
        yes: bool,
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
        Command::Export { id, reason } => {
            let path = format!("/v1/admin/people/{id}/export");
            let all: Archive = city.post_for(&path, &PersonRequest { reason }).await?;
            return global.output().text(&(serde_json::to_string_pretty(&all)? + "\n"));
        }
        Command::Erase { id, yes: false, .. } => {
            anyhow::bail!("{id} was not erased: nothing brings the data back; repeat with --yes");
        }
        Command::Erase { id, reason, yes: true } => {
            let path = format!("/v1/admin/people/{id}/erase");
            let proof: Erased = city.post_for(&path, &PersonRequest { reason }).await?;
            let Erased { index, destroyed_at, audit, .. } = &proof;
            eprintln!("{id} is erased (index {index}, hash {})", audit.hash);
            eprintln!("the key is destroyed on nodes {destroyed_at:?}; the others follow");
            return global.output().text(&(serde_json::to_string_pretty(&proof)? + "\n"));
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
