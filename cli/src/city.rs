//! `fdctl city`: is all well?

use crate::connection::{City, Global, health};
use crate::exit::Exit;
use crate::output::{or_dash, table};
use api::admin::{ClusterStatus, Health};
use serde::Serialize;

/// The city as a whole
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Who leads, how far each node is and whether it is healthy
    Status,
}

/// The nodes as one of them sees them, and what each says of itself.
#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    cluster: ClusterStatus,
    health: Vec<NodeHealth>,
}

/// What a node says of itself; nothing if it does not answer.
#[derive(Serialize)]
struct NodeHealth {
    id: u64,
    health: Option<Health>,
}

/// Answers no if a node is missing or there is no leader, so that scripts can ask.
///
/// # Errors
/// The city does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let Command::Status = command;
    let city = City::open(global).await?;
    let cluster = city.cluster().await?;
    // All at once: those that do not answer are waited for together.
    let asked: Vec<_> = cluster
        .members
        .iter()
        .map(|member| (member.id, tokio::spawn(health(member.http_addr.clone()))))
        .collect();
    let mut health = Vec::with_capacity(asked.len());
    for (id, answer) in asked {
        health.push(NodeHealth { id, health: answer.await.unwrap_or(None) });
    }
    let status = Status { cluster, health };
    let all_well = status.cluster.leader_id.is_some()
        && status.health.iter().all(|node| node.health.as_ref().is_some_and(|health| health.ready));
    global.output().value(&status, || shown(&status))?;
    Ok(if all_well { Exit::Yes } else { Exit::No })
}

fn shown(status: &Status) -> String {
    let Status { cluster, health } = status;
    let rows = cluster.members.iter().map(|member| {
        let found = health.iter().find(|node| node.id == member.id);
        let found = found.and_then(|node| node.health.as_ref());
        let role = if cluster.leader_id == Some(member.id) {
            "leader"
        } else if member.voter {
            "voter"
        } else {
            "learner"
        };
        [
            member.id.to_string(),
            role.to_owned(),
            member.http_addr.clone(),
            or_dash(found.map(|health| health.applied)),
            or_dash(member.lag),
            found.map_or_else(|| "does not answer".to_owned(), in_words),
        ]
    });
    format!(
        "{} (city {}): {}, term {}, applied {}, {} couriers on the map\n\n{}",
        cluster.city,
        cluster.city_number,
        cluster.leader_id.map_or_else(|| "no leader".to_owned(), |id| format!("node {id} leads")),
        cluster.term,
        cluster.applied,
        cluster.couriers,
        table(["node", "role", "http", "applied", "lag", "health"], rows),
    )
}

fn in_words(health: &Health) -> String {
    match (health.ready, health.missing.as_slice()) {
        (true, _) => "ready".to_owned(),
        (false, []) => "not ready".to_owned(),
        (false, missing) => missing.join("; "),
    }
}
