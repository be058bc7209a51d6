//! `fdctl ledger`: the books, who has what, and payouts.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{amount, facts, name, or_dash, table};
use crate::request_key;
use api::client::Call;
use api::money::{BalanceRow, LedgerRow, PayoutRequest, PayoutShown};
use domain::ids::OrderId;

const LEDGER: &str = "/v1/admin/ledger";
const BALANCES: &str = "/v1/admin/balances";
const PAYOUTS: &str = "/v1/admin/payouts";

/// The books: every fact about money
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Entries, the oldest first
    Show {
        /// Only those that name this holder: gateway, till, bank, platform, tax, disputed, acc_..,
        /// res_.., cou_.. or cash:cou_..
        #[arg(long, conflicts_with = "order")]
        holder: Option<String>,
        /// Only those of this order
        #[arg(long)]
        order: Option<OrderId>,
        #[command(flatten)]
        listing: Listing,
    },
    /// What everybody has, or is owed (below nothing)
    Balances {
        #[command(flatten)]
        listing: Listing,
    },
    /// Payouts that were made
    Payouts {
        #[command(flatten)]
        listing: Listing,
    },
    /// Pay a restaurant or courier all that they have earned, less the cash that they have
    Pay(Pay),
}

/// The arguments of `ledger pay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Pay {
    /// res_.. or cou_..
    payee: String,
    /// What you saw to be owed, in minor units; below nothing they pay it in
    #[arg(long, allow_negative_numbers = true)]
    amount: i64,
    /// For the bank statement
    #[arg(long, default_value = "")]
    reason: String,
    /// The Idempotency-Key: the same key is the same payout
    #[arg(long)]
    key: Option<String>,
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::Show { holder, order, listing } => {
            let mut query = Vec::new();
            query.extend(holder.map(|holder| ("holder", holder)));
            query.extend(order.map(|order| ("order_id", order.to_string())));
            let rows: Vec<LedgerRow> = listing.read(&city, LEDGER, &query).await?;
            global.output().value(&rows, || entries(&rows))?;
        }
        Command::Balances { listing } => {
            let rows: Vec<BalanceRow> = listing.read(&city, BALANCES, &[]).await?;
            global.output().value(&rows, || balances(&rows))?;
        }
        Command::Payouts { listing } => {
            let rows: Vec<PayoutShown> = listing.read(&city, PAYOUTS, &[]).await?;
            global.output().value(&rows, || payouts(&rows))?;
        }
        Command::Pay(Pay { payee, amount, reason, key }) => {
            let body = PayoutRequest { payee, amount, reason };
            let key =
                key.map_or_else(|| request_key::derived("ledger pay", &body.payee, &body), Ok)?;
            let payout: PayoutShown = city.send(Call::post(PAYOUTS, &body).key(key)).await?;
            global.output().value(&payout, || paid(&payout))?;
        }
    }
    Ok(Exit::Yes)
}

/// A line for each posting, since a person reads down a column of amounts.
fn entries(rows: &[LedgerRow]) -> String {
    let lines = rows.iter().flat_map(|row| {
        row.postings.iter().map(|posting| {
            [
                row.place.clone(),
                row.at.0.to_string(),
                name(&row.what),
                or_dash(row.order_id),
                posting.holder.clone(),
                name(&posting.kind),
                amount(&posting.amount),
            ]
        })
    });
    table(["entry", "at", "what", "order", "holder", "for", "amount"], lines)
}

fn balances(rows: &[BalanceRow]) -> String {
    let lines =
        rows.iter().map(|row| [row.holder.clone(), amount(&row.amount), row.entries.to_string()]);
    table(["holder", "amount", "entries"], lines)
}

fn payouts(rows: &[PayoutShown]) -> String {
    let lines = rows.iter().map(|row| {
        [
            row.payout_id.to_string(),
            row.made_at.0.to_string(),
            row.payee.clone(),
            amount(&row.amount),
            amount(&row.cash),
            row.reason.clone(),
        ]
    });
    table(["payout", "made", "payee", "amount", "cash kept", "reason"], lines)
}

fn paid(payout: &PayoutShown) -> String {
    facts(vec![
        ("payout", payout.payout_id.to_string()),
        ("payee", payout.payee.clone()),
        ("amount", amount(&payout.amount)),
        ("cash kept", amount(&payout.cash)),
        ("made", payout.made_at.0.to_string()),
        ("by", payout.made_by.to_string()),
    ])
}
