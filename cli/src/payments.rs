//! `fdctl payments`: ours beside the gateway's.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::order;
use crate::output::{amount, facts, name, or_dash, table};
use api::client::Call;
use api::reconcile::{Attempt, PaymentCase, ReconcileReport, ReconcileRequest, Retried, Unsettled};
use domain::ids::PaymentId;

const PAYMENTS: &str = "/v1/admin/payments";

/// Payments, ours beside the gateway's
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// What somebody must still hear from the gateway about
    Unsettled,
    /// One payment, both sides
    Show {
        /// pay_..
        id: PaymentId,
    },
    /// Ask the gateway again now, instead of when its turn comes
    Retry {
        /// pay_..
        id: PaymentId,
    },
    /// Compare with the gateway now, and put right what can be
    Reconcile {
        /// What changed in the last so many seconds
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
        since: Option<u32>,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::Unsettled => {
            let open: Unsettled = city.get(&format!("{PAYMENTS}/unsettled"), &[]).await?;
            global.output().value(&open, || listed(&open.data))?;
            if open.has_more {
                eprintln!("and more");
            }
        }
        Command::Show { id } => {
            let case: PaymentCase = city.get(&format!("{PAYMENTS}/{id}"), &[]).await?;
            global.output().value(&case, || shown(&case))?;
        }
        Command::Retry { id } => {
            let path = format!("{PAYMENTS}/{id}/retry");
            let retried: Retried = city.send(Call::post(&path, &())).await?;
            let lines = || match retried.asked.is_empty() {
                true => "nothing is open\n".to_owned(),
                false => retried.asked.join("\n") + "\n",
            };
            global.output().value(&retried, lines)?;
        }
        Command::Reconcile { since, dry_run } => {
            let body = ReconcileRequest { since_s: since, dry_run };
            let path = format!("{PAYMENTS}/reconcile");
            let report: ReconcileReport = city.send(Call::post(&path, &body)).await?;
            global.output().value(&report, || found(&report))?;
            // Scripts look at the exit code: people are needed.
            if !report.differences.is_empty() || report.left > 0 || !report.complete {
                return Ok(Exit::No);
            }
        }
    }
    Ok(Exit::Yes)
}

fn listed(open: &[Attempt]) -> String {
    let rows = open.iter().map(|payment| {
        [
            payment.payment_id.to_string(),
            payment.created_at.0.to_string(),
            name(&payment.state),
            amount(&payment.amount),
            amount(&payment.refunding),
            or_dash(payment.gateway_ref.clone()),
            payment.order_id.to_string(),
        ]
    });
    table(["payment", "since", "state", "amount", "refunding", "gateway's", "order"], rows)
}

fn shown(case: &PaymentCase) -> String {
    let ours = &case.ours;
    let mut out = facts(vec![
        ("payment", ours.payment_id.to_string()),
        ("order", ours.order_id.to_string()),
        ("for", ours.tip_for.as_ref().map_or("the order".to_owned(), name)),
        ("state", name(&ours.state)),
        ("amount", amount(&ours.amount)),
        ("to capture", amount(&ours.to_capture)),
        ("refunded", amount(&ours.refunded)),
        ("gateway's", or_dash(ours.gateway_ref.clone())),
        ("declined", or_dash(ours.decline.clone())),
    ]);
    if !case.refunds.is_empty() {
        out.push('\n');
        out.push_str(&order::refunds(&case.refunds));
    }
    out.push_str("\nthe gateway says\n");
    if let Some(silence) = &case.silence {
        return out + "  " + silence + "\n";
    }
    let rows = case.theirs.iter().map(|theirs| {
        [
            theirs.gateway_ref.clone(),
            theirs.state.clone(),
            amount(&theirs.amount),
            amount(&theirs.captured),
            amount(&theirs.refunded),
            or_dash(theirs.disputed.as_ref().map(amount)),
        ]
    });
    out + &table(["name", "state", "amount", "captured", "refunded", "disputed"], rows)
}

fn found(report: &ReconcileReport) -> String {
    let mut out = facts(vec![
        ("checked", report.checked.to_string()),
        ("repaired", report.repaired.len().to_string()),
        ("let go", report.let_go.len().to_string()),
        ("differences", report.differences.len().to_string()),
        ("left", report.left.to_string()),
        ("complete", report.complete.to_string()),
    ]);
    for one in &report.repaired {
        out.push_str(&format!("repaired    {} {}\n", one.payment_id, one.fact));
    }
    if !report.differences.is_empty() {
        let rows = report.differences.iter().map(|one| {
            [
                one.gateway_ref.clone(),
                or_dash(one.payment_id),
                name(&one.kind),
                one.ours.clone(),
                one.theirs.clone(),
            ]
        });
        out.push_str(&table(["gateway's", "payment", "kind", "ours", "theirs"], rows));
    }
    out
}
