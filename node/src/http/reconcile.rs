//! Payments as operators look into them: what is open, both sides of one, and a look now.

use super::auth::{Operator, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::refunds;
use crate::clock::Clock;
use crate::gateways::{Gateway, Job, NoAnswer, Sight, work_name};
use crate::metrics::Metrics;
use crate::node::Facts;
use crate::reconcile::{self, Look, LookError, Reconciler, Report};
use api::codes::Code;
use api::problem::Problem;
use api::reconcile as shape;
use api::wire::Time;
use axum::extract::{FromRef, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::IntoResponse;
use domain::ids::PaymentId;
use domain::payment::{
    GatewayAnswer, GatewayFact, Payment, Purpose, RecordGatewayAnswer, Work, WorkId,
};
use domain::{Actor, Command, Proposal};
use raft::City;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::{CityView, Reader};

/// A look that a person waits for ends by then; a request may take ten seconds.
const LOOK_WITHIN: Duration = Duration::from_secs(7);
/// An hour, where nobody says.
const SINCE_S: u32 = 3_600;
/// 30 days.
const SINCE_MOST_S: u32 = 2_592_000;
/// How long one proposal may take.
const VERDICT_WITHIN: Duration = Duration::from_secs(5);

impl<S> FromRequestParts<S> for Reconciler
where
    S: Send + Sync,
    Gateway: FromRef<S>,
    City: FromRef<S>,
    Reader: FromRef<S>,
    Clock: FromRef<S>,
    Metrics: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            gateway: Gateway::from_ref(state),
            city: City::from_ref(state),
            reader: Reader::from_ref(state),
            clock: Clock::from_ref(state),
            metrics: Metrics::from_ref(state),
        })
    }
}

/// Payments that are under way
///
/// Whatever somebody must still hear from the gateway about, the oldest first: authorizations,
/// confirmations, captures, voids and refunds.
#[utoipa::path(get, path = "/payments/unsettled", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = shape::Unsettled, description = "What is open"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn unsettled(
    State(facts): State<Arc<Facts>>,
    State(reader): State<Reader>,
    _: Operator,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let index = reads.current().await?.index;
    let mut open = reconcile::unsettled(&reader, shape::UNSETTLED_MOST + 1)?;
    let has_more = open.len() > shape::UNSETTLED_MOST;
    open.truncate(shape::UNSETTLED_MOST);
    let data = open.iter().map(|payment| attempt(&facts, payment)).collect();
    Ok((FdIndex(index), axum::Json(shape::Unsettled { data, has_more })))
}

/// One payment, ours beside the gateway's
#[utoipa::path(get, path = "/payments/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "pay_..")),
    responses((status = 200, body = shape::PaymentCase, description = "Both sides"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(
    State(facts): State<Arc<Facts>>,
    State(gateway): State<Gateway>,
    _: Operator,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let payment = known(&view, &id)?;
    let mut refunds = view.refunds_of_order(payment.order_id)?;
    refunds.retain(|refund| refund.payment_id == payment.id);
    let name = payment.gateway_ref.as_deref();
    let (theirs, silence) = match gateway.look_up(payment.id, name, payment.created_at).await {
        Ok(sights) => (sights.iter().map(|sight| seen(&facts, sight)).collect(), None),
        Err(silence) => (Vec::new(), Some(silence.to_string())),
    };
    let answer = shape::PaymentCase {
        ours: attempt(&facts, &payment),
        refunds: refunds.iter().map(|refund| refunds::shown(&facts, refund)).collect(),
        theirs,
        silence,
    };
    Ok((FdIndex(index), axum::Json(answer)))
}

/// Compare with the gateway now
///
/// What a fact can repair is repaired, approvals that nobody stands behind are let go once they are
/// 15 minutes old, and the rest becomes a difference. With `dry_run` nothing is done.
#[utoipa::path(post, path = "/payments/reconcile", tag = "admin", security(("bearer" = [])),
    request_body = shape::ReconcileRequest,
    responses((status = 200, body = shape::ReconcileReport, description = "What was found"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn compare(
    operator: Operator,
    reconciler: Reconciler,
    reads: Reads,
    Json(body): Json<shape::ReconcileRequest>,
) -> Answer<impl IntoResponse> {
    let since_s = body.since_s.unwrap_or(SINCE_S);
    if !(1..=SINCE_MOST_S).contains(&since_s) {
        return Err(Fail::field(Code::FieldInvalid, "/since_s", "1 to 2592000 seconds"));
    }
    if !body.dry_run {
        operator.may_write()?;
    }
    reads.newest().await?;
    let look = Look {
        since: reconciler.clock.outside().plus_ms(-1_000 * i64::from(since_s)),
        dry_run: body.dry_run,
        until: Instant::now() + LOOK_WITHIN,
    };
    let looked = tokio::time::timeout(LOOK_WITHIN, reconciler.look(look)).await;
    match looked.map_err(|_| silent(&NoAnswer::TimedOut))? {
        Ok(report) => Ok(axum::Json(told(report))),
        Err(LookError::NoAnswer(silence)) => Err(silent(&silence)),
        Err(LookError::Store(error)) => Err(error.into()),
    }
}

/// Ask the gateway again now
///
/// For a payment whose next turn is minutes away. Nothing is done twice: the calls carry the keys
/// of their work.
#[utoipa::path(post, path = "/payments/{id}/retry", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "pay_..")),
    responses((status = 200, body = shape::Retried, description = "What came of it"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn retry(
    _: Operator<Writes>,
    reconciler: Reconciler,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let Read { view, .. } = reads.newest().await?;
    let payment = known(&view, &id)?;
    let mut asked = Vec::new();
    let refunds = view.refunds_of_order(payment.order_id)?;
    let own = refunds.iter().filter(|refund| refund.payment_id == payment.id);
    let open = payment.work.into_iter().chain(own.filter_map(|refund| refund.work));
    for work_id in open {
        let Some(work) = view.work(work_id)? else { continue };
        let came = ask(&reconciler, &view, &payment, work_id, &work).await?;
        asked.push(format!("{}: {came}", work_name(&work)));
    }
    Ok(axum::Json(shape::Retried { asked }))
}

async fn ask(
    reconciler: &Reconciler,
    view: &CityView,
    payment: &Payment,
    work_id: WorkId,
    work: &Work,
) -> Result<String, Fail> {
    let refund = match work {
        Work::Refund { refund_id, .. } => view.refund(*refund_id)?,
        Work::Authorize { .. }
        | Work::Confirm { .. }
        | Work::Capture { .. }
        | Work::Void { .. } => None,
    };
    let job = Job { payment, work, refund: refund.as_deref() };
    let answer = match reconciler.gateway.ask(&job).await {
        Ok(answer) => answer,
        Err(silence) => return Ok(silence.to_string()),
    };
    let came = match &answer {
        GatewayAnswer::Done { .. } => "done".to_owned(),
        GatewayAnswer::ActionRequired { .. } => "action_required".to_owned(),
        GatewayAnswer::Declined { reason } => format!("declined, {reason}"),
    };
    let command = Command::RecordGatewayAnswer(RecordGatewayAnswer { work_id, answer });
    let request_id = "payments-retry".to_owned();
    let proposal = Proposal { actor: Actor::System, request_id, command };
    // A no means that the leader's own task was faster.
    reconciler.city.propose(&proposal, VERDICT_WITHIN).await?;
    Ok(came)
}

fn known(view: &CityView, id: &str) -> Result<Arc<Payment>, Fail> {
    let id: PaymentId = params::id(id, Code::PaymentUnknown)?;
    view.payment(id)?.ok_or_else(|| Fail::new(Code::PaymentUnknown))
}

fn silent(silence: &NoAnswer) -> Fail {
    Fail::because(Code::Behind, silence.to_string()).retry_after_ms(5_000)
}

pub(super) fn attempt(facts: &Facts, payment: &Payment) -> shape::Attempt {
    shape::Attempt {
        payment_id: payment.id,
        order_id: payment.order_id,
        customer_id: payment.customer_id,
        tip_for: match payment.purpose {
            Purpose::Order => None,
            Purpose::Tip { to } => Some(to),
        },
        state: payment.status,
        amount: facts.money(payment.amount),
        to_capture: facts.money(payment.to_capture),
        refunded: facts.money(payment.refunded),
        refunding: facts.money(payment.refunding),
        gateway_ref: payment.gateway_ref.clone(),
        decline: payment.decline.clone(),
        waiting_facts: payment.waiting.len(),
        created_at: Time(payment.created_at),
    }
}

fn seen(facts: &Facts, sight: &Sight) -> shape::GatewayView {
    let refunds = sight.refunds.iter().map(|refund| shape::GatewayRefund {
        refund_id: refund.refund_id,
        amount: facts.money(refund.amount),
        done: refund.done,
    });
    shape::GatewayView {
        gateway_ref: sight.gateway_ref.clone(),
        state: sight.state.label().to_owned(),
        amount: facts.money(sight.amount),
        captured: facts.money(sight.captured),
        refunded: facts.money(sight.refunded),
        refunds: refunds.collect(),
        disputed: sight.dispute.as_ref().map(|dispute| facts.money(dispute.amount)),
        created_at: Time(sight.created_at),
    }
}

fn told(report: Report) -> shape::ReconcileReport {
    let repaired = report.repaired.into_iter().map(|one| shape::RepairedFact {
        payment_id: one.payment_id,
        gateway_ref: one.gateway_ref,
        fact: word(&one.fact).to_owned(),
    });
    let differences = report.differences.into_iter().map(|one| shape::Differs {
        gateway_ref: one.gateway_ref,
        payment_id: one.payment_id,
        kind: one.kind,
        ours: one.ours,
        theirs: one.theirs,
    });
    shape::ReconcileReport {
        checked: report.checked,
        repaired: repaired.collect(),
        let_go: report.let_go,
        differences: differences.collect(),
        left: report.left,
        complete: report.complete,
    }
}

fn word(fact: &GatewayFact) -> &'static str {
    match fact {
        GatewayFact::Authorized { .. } => "authorized",
        GatewayFact::ActionRequired { .. } => "action_required",
        GatewayFact::Declined { .. } => "declined",
        GatewayFact::Captured { .. } => "captured",
        GatewayFact::CaptureFailed { .. } => "capture_failed",
        GatewayFact::Voided => "voided",
        GatewayFact::VoidFailed { .. } => "void_failed",
        GatewayFact::Refunded { .. } => "refunded",
        GatewayFact::RefundFailed { .. } => "refund_failed",
        GatewayFact::DisputeOpened { .. } => "dispute_opened",
        GatewayFact::DisputeClosed { .. } => "dispute_closed",
    }
}
