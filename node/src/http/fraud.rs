//! Orders that a person should look at, and the rules that find them.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params::{self, Paging, Params, if_match};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::clock;
use crate::node::Facts;
use api::codes::Code;
use api::fraud as shape;
use api::problem::Problem;
use api::wire::{Page, Time};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::Command;
use domain::fraud::{
    CaseAbout, CaseState, CaseStatus, DecideCase, FraudCase, FraudCommand, FraudRules, Hit,
    PutFraudRules, Rule, RuleSet,
};
use domain::ids::CaseId;
use domain::time::{DAY_MS, SECOND_MS};
use serde::Deserialize;
use std::sync::Arc;
use storage::{CaseCursor, CityView, OrderCursor, PAGE};

/// How far back a dry run looks.
const DRY_RUN_MS: i64 = 7 * DAY_MS;
/// Orders that a dry run looks at: it is done within the request.
const DRY_RUN_ORDERS: usize = 20_000;

/// `?state=`
#[derive(Debug, Deserialize)]
pub(super) struct ByState {
    state: Option<CaseState>,
}

/// Orders that look like fraud, newest first
///
/// The open ones wait for somebody to decide; the denied ones were not taken.
#[utoipa::path(get, path = "/fraud/cases", tag = "admin", security(("bearer" = [])),
    params(("state" = Option<String>, Query, description = "open, allowed, denied or moot"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Case>, description = "A page"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn cases(
    State(facts): State<Arc<Facts>>,
    _: Operator,
    reads: Reads,
    Params(asked): Params<ByState>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let (cursor, limit) = (paging.time_cursor()?, paging.limit()?);
    let cursor = cursor.map(|(opened_at, id)| CaseCursor { opened_at, id: CaseId(id) });
    let Read { view, index, .. } = reads.current().await?;
    let page = view.fraud_cases(asked.state, cursor, limit)?;
    let next_cursor = page.next.map(|cursor| params::after(cursor.opened_at, cursor.id.0));
    let has_more = next_cursor.is_some();
    let data = page.cases.iter().map(|case| shown(&facts, case)).collect();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// Decide a case
///
/// An open one, or an appeal of somebody whose order was not taken.
#[utoipa::path(post, path = "/fraud/cases/{id}/decide", tag = "admin",
    security(("bearer" = [])), params(("id" = String, Path, description = "fcs_..")),
    request_body = shape::DecideRequest,
    responses((status = 200, body = shape::Case, description = "The case as it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn decide(
    State(facts): State<Arc<Facts>>,
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
    Json(body): Json<shape::DecideRequest>,
) -> Answer<impl IntoResponse> {
    let case_id: CaseId = params::id(&id, Code::CaseUnknown)?;
    let shape::DecideRequest { decision, reason } = body;
    let wish = FraudCommand::Decide(DecideCase { case_id, decision, reason });
    let done = log.propose(operator.caller.actor(), Command::Fraud(Box::new(wish))).await?;
    let view = reads.after_write(done.index).await?.view;
    let case = view.fraud_case(case_id)?.ok_or_else(|| Fail::new(Code::CaseUnknown))?;
    Ok((done, axum::Json(shown(&facts, &case))))
}

/// The rules against fraud that hold
#[utoipa::path(get, path = "/fraud/rules", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = shape::Rules, description = "ETag is their version"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn rules(_: Operator, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let rules = of_city(&view)?;
    let tag = [(header::ETAG, params::etag(rules.version))];
    Ok((tag, FdIndex(index), axum::Json(told(&rules))))
}

/// `?dry_run=`, `?reason=`
#[derive(Debug, Deserialize)]
pub(super) struct PutAsked {
    #[serde(default)]
    dry_run: bool,
    /// For the audit chain.
    #[serde(default)]
    reason: String,
}

/// Replace the rules against fraud
///
/// Over the version that you saw, named in If-Match. With `dry_run` nothing changes: the answer
/// says what the rules would have made of the orders of the last 7 days.
#[utoipa::path(put, path = "/fraud/rules", tag = "admin", security(("bearer" = [])),
    params(("If-Match" = String, Header, description = "The version that you saw, as in \"2\""),
        ("dry_run" = Option<bool>, Query, description = "Only say what they would have done"),
        ("reason" = Option<String>, Query, description = "Why, for the audit chain")),
    request_body = shape::RuleSet,
    responses((status = 200, body = shape::RulesPut, description = "The version that holds"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put_rules(
    operator: Operator<Writes>,
    log: Log,
    reads: Reads,
    Params(asked): Params<PutAsked>,
    headers: HeaderMap,
    Json(body): Json<shape::RuleSet>,
) -> Answer<Response> {
    let set = set_of(body);
    if asked.dry_run {
        // What could not be put cannot be tried.
        set.check().map_err(Fail::from)?;
        let Read { view, index, .. } = reads.current().await?;
        let version = of_city(&view)?.version;
        let tried = tokio::task::spawn_blocking(move || dry_run(&view, &set));
        let tried = tried.await.map_err(|e| Fail::internal("trying rules", &e))??;
        let answer = shape::RulesPut { version, dry_run: Some(tried) };
        return Ok((FdIndex(index), axum::Json(answer)).into_response());
    }
    let if_version = if_match(&headers)?.ok_or_else(|| Fail::new(Code::IfMatchMissing))?;
    let wish = FraudCommand::PutRules(PutFraudRules { set, if_version, reason: asked.reason });
    let done = log.propose(operator.caller.actor(), Command::Fraud(Box::new(wish))).await?;
    let rules = of_city(&reads.after_write(done.index).await?.view)?;
    let tag = [(header::ETAG, params::etag(rules.version))];
    let answer = shape::RulesPut { version: rules.version, dry_run: None };
    Ok((tag, done, axum::Json(answer)).into_response())
}

fn of_city(view: &CityView) -> Answer<FraudRules> {
    let found = view.fraud_rules()?;
    let defaults = || FraudRules { version: 0, set: RuleSet::default(), revision: 0 };
    Ok(found.map_or_else(defaults, Arc::unwrap_or_clone))
}

/// What every order knew of itself is kept with it, so trying rules is reading and adding.
fn dry_run(view: &CityView, set: &RuleSet) -> Answer<shape::RulesTried> {
    let since = clock::now().plus_ms(-DRY_RUN_MS);
    let mut tried = shape::RulesTried {
        orders: 0,
        truncated: false,
        now: shape::Verdicts::default(),
        then: shape::Verdicts::default(),
        rules: set.rules.iter().map(never_struck).collect(),
    };
    let (mut cursor, mut looked): (Option<OrderCursor>, usize) = (None, 0);
    loop {
        let page = view.orders(&[], cursor, PAGE)?;
        for order in &page.orders {
            if order.placed_at < since {
                return Ok(tried);
            }
            if looked == DRY_RUN_ORDERS {
                tried.truncated = true;
                return Ok(tried);
            }
            looked += 1;
            let Some(known) = &order.assessment else { continue };
            tried.orders += 1;
            tried.now.add(set.verdict(&known.values));
            tried.then.add(known.verdict);
            for row in &mut tried.rules {
                row.orders += u64::from(known.values.get(row.signal) >= row.at_least);
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(tried);
        }
    }
}

fn never_struck(rule: &Rule) -> shape::RuleHits {
    let Rule { signal, at_least, points } = *rule;
    shape::RuleHits { signal, at_least, points, orders: 0 }
}

fn rule(rule: &Rule) -> shape::Rule {
    shape::Rule { signal: rule.signal, at_least: rule.at_least, points: rule.points }
}

fn told(rules: &FraudRules) -> shape::Rules {
    let RuleSet { rules: list, review_from, deny_from, mode, review_ms, unreviewed } = &rules.set;
    let set = shape::RuleSet {
        rules: list.iter().map(rule).collect(),
        review_from: *review_from,
        deny_from: *deny_from,
        mode: *mode,
        review_s: review_ms / SECOND_MS,
        unreviewed: *unreviewed,
    };
    shape::Rules { version: rules.version, set }
}

fn set_of(body: shape::RuleSet) -> RuleSet {
    let shape::RuleSet { rules, review_from, deny_from, mode, review_s, unreviewed } = body;
    let rule =
        |it: shape::Rule| Rule { signal: it.signal, at_least: it.at_least, points: it.points };
    let rules = rules.into_iter().map(rule).collect();
    let review_ms = review_s.saturating_mul(SECOND_MS);
    RuleSet { rules, review_from, deny_from, mode, review_ms, unreviewed }
}

fn shown(facts: &Facts, case: &FraudCase) -> shape::Case {
    let CaseAbout::Order { order_id, customer_id } = case.about;
    let (mut decide_by, mut decided_at, mut decided_by, mut reason) = (None, None, None, None);
    match &case.status {
        CaseStatus::Open { decide_by: until } => decide_by = Some(Time(*until)),
        CaseStatus::Allowed { by, reason: why, at }
        | CaseStatus::Denied { by, reason: why, at } => {
            (decided_at, decided_by) = (Some(Time(*at)), *by);
            reason = Some(why.clone()).filter(|why| !why.is_empty());
        }
        CaseStatus::Moot { at } => decided_at = Some(Time(*at)),
    }
    let hit = |hit: &Hit| shape::Hit {
        signal: hit.rule.signal,
        at_least: hit.rule.at_least,
        points: hit.rule.points,
        value: hit.value,
        what: hit.rule.signal.what().to_owned(),
    };
    shape::Case {
        case_id: case.id,
        state: case.status.state(),
        order_id,
        account_id: customer_id,
        device: case.marks.device,
        card: case.marks.card,
        total: facts.money(case.total),
        points: case.points,
        hits: case.hits.iter().map(hit).collect(),
        rules_version: case.rules_version,
        opened_at: Time(case.opened_at),
        decide_by,
        decided_at,
        decided_by,
        reason,
    }
}
