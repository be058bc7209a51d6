//! `fdctl order cancel`: an operator calls an order off, or asks what that would cost.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{amount, facts, name, word};
use api::client::Call;
use api::refunds::{AdminCancelRequest, Bill};
use api::wire::Done;
use domain::ids::OrderId;
use domain::order::{CancelReason, Fault};

/// The arguments of `order cancel`.
#[derive(Debug, clap::Args)]
pub(crate) struct Cancel {
    /// ord_..
    id: OrderId,
    /// Why, as in customer_changed_mind, too_slow, no_courier, duplicate, operator
    #[arg(long, default_value = "operator", value_parser = word::<CancelReason>)]
    reason: CancelReason,
    /// Who bears it: customer, restaurant, courier or platform; as the reason says if left out
    #[arg(long, value_parser = word::<Fault>)]
    fault: Option<Fault>,
    /// Only say what it would cost, and whom
    #[arg(long)]
    dry_run: bool,
}

impl Cancel {
    /// # Errors
    /// The city says no, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let Self { id, reason, fault, dry_run } = self;
        let body = AdminCancelRequest { reason, fault };
        let path = format!("/v1/admin/order/{id}/cancel");
        let city = City::open(global).await?;
        if dry_run {
            let query = [("dry_run", "true".to_owned())];
            let bill: Bill = city.send(Call::post(&path, &body).query(&query)).await?;
            global.output().value(&bill, || facts(billed(&bill)))?;
        } else {
            let Done { index } = city.post_for(&path, &body).await?;
            eprintln!("{id} is called off (index {index})");
        }
        Ok(Exit::Yes)
    }
}

/// A bill as people read it.
pub(super) fn billed(bill: &Bill) -> Vec<(&'static str, String)> {
    let paid = |is: bool| if is { "paid" } else { "not paid" }.to_owned();
    let mut known = vec![
        ("customer", format!("pays {}", amount(&bill.customer_pays))),
        ("kitchen", paid(bill.restaurant_paid)),
        ("courier", paid(bill.courier_paid)),
    ];
    if bill.callout.amount != 0 {
        known.push(("callout", amount(&bill.callout)));
    }
    known.extend(bill.fault.as_ref().map(|fault| ("fault", name(fault))));
    known
}
