//! `fdctl order refund`: money back, once.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{amount, name, table, word};
use crate::request_key;
use api::claims::LineCount;
use api::client::Call;
use api::refunds::RefundRequest;
use domain::ids::OrderId;
use domain::order::Fault;

/// The arguments of `order refund`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["amount", "lines"])))]
pub(crate) struct Refund {
    /// ord_..
    id: OrderId,
    /// So much, in minor units
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    amount: Option<i64>,
    /// LINE:QUANTITY, as in 0:1, with the numbers of `order show`; can be given several times
    #[arg(long = "line", value_name = "LINE:QUANTITY", value_parser = read_line)]
    lines: Vec<LineCount>,
    /// Who bears it: customer, restaurant, courier or platform
    #[arg(long, value_parser = word::<Fault>)]
    fault: Fault,
    /// For operators and the audit chain
    #[arg(long)]
    reason: String,
    /// The Idempotency-Key; follows from the rest if left out, so that it may be repeated. The same
    /// refund a second time needs another one
    #[arg(long)]
    key: Option<String>,
}

fn read_line(text: &str) -> Result<LineCount, String> {
    let read = |(line, quantity): (&str, &str)| {
        let (line, quantity) = (line.parse().ok()?, quantity.parse().ok()?);
        (quantity > 0).then_some(LineCount { line, quantity })
    };
    text.split_once(':').and_then(read).ok_or_else(|| "it looks like 0:1".to_owned())
}

impl Refund {
    /// # Errors
    /// The city says no, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let Self { id, amount, lines, fault, reason, key } = self;
        let lines = if lines.is_empty() { None } else { Some(lines) };
        let body = RefundRequest { amount, lines, fault, reason };
        let key = key.map_or_else(|| request_key::derived("order refund", id, &body), Ok)?;
        let path = format!("/v1/admin/order/{id}/refund");
        let city = City::open(global).await?;
        let refund: api::refunds::Refund = city.send(Call::post(&path, &body).key(key)).await?;
        global.output().value(&refund, || listed(std::slice::from_ref(&refund)))?;
        Ok(Exit::Yes)
    }
}

/// Refunds as people read them.
pub(super) fn listed(refunds: &[api::refunds::Refund]) -> String {
    let rows = refunds.iter().map(|refund| {
        [
            refund.refund_id.to_string(),
            refund.made_at.0.to_string(),
            amount(&refund.amount),
            name(&refund.state),
            name(&refund.fault),
        ]
    });
    table(["refund", "made", "amount", "state", "fault"], rows)
}
