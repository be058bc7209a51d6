//! `fdctl node`: who belongs to the city.

mod hash;

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{or_dash, table};
use api::admin::{AddNodeRequest, ClusterStatus, TransferRequest};

/// The nodes of the city
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every member with its addresses
    List,
    /// Take in a node that runs and is empty; answers when it votes
    Add {
        /// Never used before in this city
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        id: u64,
        /// HOST:PORT for the other nodes
        #[arg(long)]
        raft_addr: String,
        /// HOST:PORT for apps
        #[arg(long)]
        http_addr: String,
    },
    /// Take a node out; its id is never used again
    Remove {
        /// Which
        id: u64,
    },
    /// Whether the nodes keep the same: one hash of everything from each
    Hash,
    /// Hand leadership over without losing a request
    TransferLeader {
        /// To whom; left out, to the node that is furthest
        #[arg(long)]
        to: Option<u64>,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List => return list(&city, global).await,
        Command::Hash => return hash::hash(&city, global).await,
        Command::Add { id, raft_addr, http_addr } => {
            let body = AddNodeRequest { id, raft_addr, http_addr };
            city.post("/v1/admin/cluster/nodes", &body).await?;
            eprintln!("node {id} votes");
        }
        Command::Remove { id } => {
            city.delete(&format!("/v1/admin/cluster/nodes/{id}"), None::<&()>).await?;
            eprintln!("node {id} is no member any more");
        }
        Command::TransferLeader { to } => {
            city.post("/v1/admin/cluster/transfer", &TransferRequest { to }).await?;
            eprintln!("leadership was handed over");
        }
    }
    Ok(Exit::Yes)
}

async fn list(city: &City, global: &Global) -> anyhow::Result<Exit> {
    let ClusterStatus { members, leader_id, .. } = city.cluster().await?;
    global.output().value(&members, || {
        let rows = members.iter().map(|member| {
            let votes = if member.voter { "yes" } else { "no" };
            let leads = if leader_id == Some(member.id) { "yes" } else { "no" };
            [
                member.id.to_string(),
                member.http_addr.clone(),
                member.raft_addr.clone(),
                votes.to_owned(),
                leads.to_owned(),
                or_dash(member.lag),
            ]
        });
        table(["node", "http", "raft", "votes", "leads", "lag"], rows)
    })?;
    Ok(Exit::Yes)
}
