//! Who may do what for the platform, as operators give and take it.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use api::codes::Code;
use api::problem::Problem;
use api::roles as shape;
use api::wire::Time;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::ids::AccountId;
use domain::role::{Grant, GrantRole, RoleCommand, Roster, TakeRole};
use domain::{AccessCommand, Command};
use storage::CityView;

/// Everybody who has a role at the platform
#[utoipa::path(get, path = "/roles", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = shape::Roles, description = "And who is wished for"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(_: Operator, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let roster = roster(&view)?;
    let holding = roster.grants.iter().map(|(id, grant)| shown(*id, grant, true));
    let wished = roster.wishes.iter().map(|(id, grant)| shown(*id, grant, false));
    Ok((FdIndex(index), axum::Json(shape::Roles { data: holding.chain(wished).collect() })))
}

/// Give somebody a role
///
/// The role `operator` needs two operators who ask for the same within a day: the first is answered
/// 202 and changes nothing yet. Where there is only one, they decide alone.
#[utoipa::path(put, path = "/roles/{account_id}", tag = "admin", security(("bearer" = [])),
    params(("account_id" = String, Path, description = "acc_..")),
    request_body = shape::RoleRequest,
    responses((status = 200, body = shape::Role, description = "It holds"),
        (status = 202, body = shape::Role, description = "Another operator has to ask for it too"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn grant(
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Json(body): Json<shape::RoleRequest>,
) -> Answer<impl IntoResponse> {
    let shape::RoleRequest { role, until, reason } = body;
    let account_id = params::id(&id, Code::AccountUnknown)?;
    let until = until.map(|at| at.0);
    let grant = GrantRole { account_id, role, until, reason };
    let wish = AccessCommand::Role(RoleCommand::Grant(grant));
    let done = log.propose(operator.caller.actor(), Command::Access(Box::new(wish))).await?;
    let roster = roster(&reads.after_write(done.index).await?.view)?;
    let said = |grant: &&Grant| grant.role == role && grant.until == until;
    let (status, answer) = match roster.grants.get(&account_id).filter(said) {
        Some(grant) => (StatusCode::OK, shown(account_id, grant, true)),
        None => {
            let wish = roster.wishes.get(&account_id).filter(said);
            // Both are over again: somebody was faster with another wish.
            let wish = wish.ok_or_else(|| Fail::new(Code::VersionChanged))?;
            (StatusCode::ACCEPTED, shown(account_id, wish, false))
        }
    };
    Ok((status, done, axum::Json(answer)))
}

/// Take somebody's role, or the wish for one
#[utoipa::path(delete, path = "/roles/{account_id}", tag = "admin", security(("bearer" = [])),
    params(("account_id" = String, Path, description = "acc_..")), request_body = shape::RoleEnd,
    responses((status = 200, body = api::wire::Done, description = "It is over"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn take(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
    Json(body): Json<shape::RoleEnd>,
) -> Answer<impl IntoResponse> {
    let account_id = params::id(&id, Code::AccountUnknown)?;
    let take = TakeRole { account_id, reason: body.reason };
    let wish = AccessCommand::Role(RoleCommand::Take(take));
    let done = log.propose(operator.caller.actor(), Command::Access(Box::new(wish))).await?;
    Ok((done, axum::Json(api::wire::Done { index: done.index })))
}

/// As it stands; of a city that has given none yet, its founder.
fn roster(view: &CityView) -> Answer<Roster> {
    if let Some(roster) = view.roster()? {
        return Ok((*roster).clone());
    }
    let founder = view.city()?.map(|city| city.founder);
    let account = founder.map(|id| view.account(id)).transpose()?.flatten();
    Ok(account.map_or_else(Roster::default, |founder| Roster::of_founder(&founder)))
}

fn shown(account_id: AccountId, grant: &Grant, holds: bool) -> shape::Role {
    shape::Role {
        account_id,
        role: grant.role,
        until: grant.until.map(Time),
        holds,
        by: grant.by,
        at: Time(grant.at),
        reason: grant.reason.clone(),
    }
}
