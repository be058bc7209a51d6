//! Whether this node lives, whether it should get requests, and how the city is.

use super::admin::hex;
use super::auth::{AsKnown, Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::search::Reached;
use crate::metrics::Metrics;
use crate::node::Facts;
use api::admin as shape;
use api::codes::Code;
use api::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use geo_index::Couriers;
use raft::{City, Member, Role, Status};
use std::sync::Arc;
use std::time::Duration;
use storage::Reader;
use tokio::sync::Semaphore;

/// A leader that heard from no majority for so long is not ready, in milliseconds; nor is a
/// follower that heard nothing from the leader, as when only one direction is cut.
const SILENCE_MS: u64 = 3_000;
/// Whoever reads the whole state reads it alone.
static HASHING: Semaphore = Semaphore::const_new(1);
/// How long a snapshot may take to be made.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(8);

/// Whether the process lives
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, body = shape::Health, description = "It lives")))]
pub(super) async fn alive(
    State(city): State<City>,
    State(reached): State<Reached>,
) -> axum::Json<shape::Health> {
    axum::Json(health(&city.status(), &reached))
}

/// Whether this node should get requests
#[utoipa::path(get, path = "/ready", tag = "health",
    responses((status = 200, body = shape::Health, description = "Ready"),
        (status = 503, body = shape::Health, description = "Not now; `missing` says why")))]
pub(super) async fn ready(
    State(city): State<City>,
    State(reached): State<Reached>,
) -> impl IntoResponse {
    let health = health(&city.status(), &reached);
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(health))
}

fn health(status: &Status, reached: &Reached) -> shape::Health {
    let mut missing = Vec::new();
    if status.leader.is_none() {
        missing.push("the city has no leader".to_owned());
    }
    if status.millis_since_quorum_ack.is_some_and(|ms| ms > SILENCE_MS) {
        missing.push("the leader hears from no majority".to_owned());
    }
    if status.millis_since_leader_heard.is_some_and(|ms| ms > SILENCE_MS) {
        missing.push("this node hears nothing from the leader".to_owned());
    }
    if let Some(why) = &status.stopped {
        missing.push(format!("the node has stopped: {why}"));
    }
    let warm = *reached.borrow() > 0;
    if !warm {
        missing.push("the search index is being built".to_owned());
    }
    shape::Health {
        ready: missing.is_empty(),
        node_id: status.node_id,
        leader_id: status.leader.as_ref().map(|leader| leader.id),
        applied: status.applied,
        search: if warm { "ready" } else { "warming" }.to_owned(),
        missing,
    }
}

/// Metrics for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, content_type = "application/openmetrics-text", body = String,
        description = "Every metric")))]
pub(super) async fn metrics(
    State(metrics): State<Metrics>,
    State(city): State<City>,
    State(couriers): State<Arc<Couriers>>,
) -> impl IntoResponse {
    let text = metrics.text(&city.status(), couriers.len());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text)
}

/// The nodes of the city, as this node sees them
#[utoipa::path(get, path = "/cluster", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = shape::ClusterStatus, description = "The city"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn cluster(
    State(city): State<City>,
    State(reader): State<Reader>,
    State(couriers): State<Arc<Couriers>>,
    State(facts): State<Arc<Facts>>,
    State(reached): State<Reached>,
    _: AsKnown<Operator>,
) -> Answer<axum::Json<shape::ClusterStatus>> {
    let status = city.status();
    let member = |member: &raft::MemberStatus| shape::Member {
        id: member.member.id,
        raft_addr: member.member.raft_addr.clone(),
        http_addr: member.member.http_addr.clone(),
        voter: member.voter,
        lag: member.lag,
    };
    let newest = reader.view().audit_head()?;
    let derived = *reached.borrow();
    Ok(axum::Json(shape::ClusterStatus {
        city: facts.slug.clone(),
        city_number: facts.city_number.0,
        node_id: status.node_id,
        role: role(status.role).to_owned(),
        term: status.term,
        leader_id: status.leader.as_ref().map(|leader| leader.id),
        last_log: status.last_log,
        committed: status.committed,
        applied: status.applied,
        snapshot: status.snapshot,
        purged: status.purged,
        derived,
        members: status.members.iter().map(member).collect(),
        couriers: couriers.len(),
        audit_head: newest.map(|hash| hex(&hash.0)),
    }))
}

/// One hash of everything that this node keeps
///
/// Equal on nodes that have applied the same log. Reads the whole state, one request at a time.
#[utoipa::path(get, path = "/cluster/hash", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = shape::StateHash, description = "The hash"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn hash(
    State(city): State<City>,
    State(reader): State<Reader>,
    _: AsKnown<Operator>,
) -> Answer<axum::Json<shape::StateHash>> {
    let Ok(_turn) = HASHING.try_acquire() else { return Err(Fail::new(Code::Shedding)) };
    let hashed = tokio::task::spawn_blocking(move || {
        let view = reader.view();
        let hash = view.fingerprint()?;
        let unread = |source| storage::Error::Io { doing: "read the position", source };
        Ok::<_, storage::Error>((raft::reflected(&view).map_err(unread)?, hash))
    });
    let (applied, hash) = hashed.await.map_err(|_| Fail::new(Code::Internal))??;
    let node_id = city.status().node_id;
    Ok(axum::Json(shape::StateHash { node_id, applied, hash: hex(&hash.0) }))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Leader => "leader",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Learner => "learner",
        Role::Stopped => "stopped",
    }
}

/// Add a node to the city
///
/// It must be running, empty and under an id that was never used. Answers when it votes.
#[utoipa::path(post, path = "/cluster/nodes", tag = "admin", security(("bearer" = [])),
    request_body = shape::AddNodeRequest,
    responses((status = 200, description = "It votes"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn add_node(
    State(city): State<City>,
    _: Operator<Writes>,
    Json(body): Json<shape::AddNodeRequest>,
) -> Answer<StatusCode> {
    let shape::AddNodeRequest { id, raft_addr, http_addr } = body;
    for (pointer, address) in [("/raft_addr", &raft_addr), ("/http_addr", &http_addr)] {
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if !port.is_some_and(|(_, port)| port.parse().is_ok_and(|port: u16| port > 0)) {
            return Err(Fail::field(Code::FieldInvalid, pointer, "looks like host:port"));
        }
    }
    city.add_node(Member { id, raft_addr, http_addr }).await?;
    Ok(StatusCode::OK)
}

/// Remove a node from the city
#[utoipa::path(delete, path = "/cluster/nodes/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = u64, Path, description = "The node's id")),
    responses((status = 200, description = "It is no member any more"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn remove_node(
    State(city): State<City>,
    _: Operator<Writes>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let id = id.parse().map_err(|_| Fail::new(Code::NodeUnknown))?;
    if !city.status().members.iter().any(|member| member.member.id == id) {
        return Err(Fail::new(Code::NodeUnknown));
    }
    city.remove_node(id).await?;
    Ok(StatusCode::OK)
}

/// Hand leadership over
#[utoipa::path(post, path = "/cluster/transfer", tag = "admin", security(("bearer" = [])),
    request_body = shape::TransferRequest,
    responses((status = 200, description = "Another node leads"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn transfer(
    State(city): State<City>,
    _: Operator<Writes>,
    Json(body): Json<shape::TransferRequest>,
) -> Answer<StatusCode> {
    city.transfer_leader(body.to).await?;
    Ok(StatusCode::OK)
}

/// Make a snapshot on this node now
///
/// The log behind it can be purged afterwards.
#[utoipa::path(post, path = "/cluster/snapshot", tag = "admin", security(("bearer" = [])),
    responses((status = 200, description = "Made"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn snapshot(State(city): State<City>, _: Operator<Writes>) -> Answer<StatusCode> {
    city.snapshot(SNAPSHOT_WITHIN).await?;
    Ok(StatusCode::OK)
}
