//! `fdctl order`: what became of an order, which are under way, money back, and calling one off.

mod cancel;
mod refund;

use crate::claim;
use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{amount, facts, name, or_dash, table};
use api::claims::Claim;
use api::orders::{Order, Receipt, ReceiptLine, When};
use domain::ids::OrderId;

/// Orders
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// One order with its timeline
    Show {
        /// ord_..
        id: OrderId,
    },
    /// The newest orders
    List {
        /// Only in these states, as in placed,accepted
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Give money back, by amount or by lines of the receipt
    Refund(refund::Refund),
    /// Call an order off
    Cancel(cancel::Cancel),
    /// What was complained about
    Claims {
        /// ord_..
        id: OrderId,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Command::Show { id } => {
            let city = City::open(global).await?;
            let order: Order = city.get(&format!("/v1/order/{id}"), &[]).await?;
            global.output().value(&order, || shown(&order))?;
        }
        Command::List { state, listing } => {
            let city = City::open(global).await?;
            let state: Vec<_> = state.map(|state| ("state", state)).into_iter().collect();
            let orders: Vec<Order> = listing.read(&city, "/v1/admin/orders", &state).await?;
            global.output().value(&orders, || listed(&orders))?;
        }
        Command::Refund(refund) => return refund.run(global).await,
        Command::Cancel(cancel) => return cancel.run(global).await,
        Command::Claims { id } => {
            let city = City::open(global).await?;
            let claims: Vec<Claim> = city.get(&format!("/v1/order/{id}/claims"), &[]).await?;
            global.output().value(&claims, || claim::listed(&claims))?;
        }
    }
    Ok(Exit::Yes)
}

/// Refunds as people read them.
pub(crate) fn refunds(refunds: &[api::refunds::Refund]) -> String {
    refund::listed(refunds)
}

fn listed(orders: &[Order]) -> String {
    let rows = orders.iter().map(|order| {
        [
            order.order_id.to_string(),
            order.placed_at.0.to_string(),
            name(&order.state),
            name(&order.payment_state),
            name(&order.fulfilment),
            or_dash(order.delivery_state.as_ref().map(name)),
            amount(&order.receipt.total),
            order.restaurant_id.to_string(),
        ]
    });
    table(["order", "placed", "state", "payment", "by", "delivery", "total", "restaurant"], rows)
}

fn shown(order: &Order) -> String {
    let mut out = facts(known(order));
    out.push('\n');
    out.push_str(&receipt(&order.receipt));
    if let Some(bill) = &order.bill {
        out.push_str("\nbill\n");
        out.push_str(&facts(cancel::billed(bill)));
    }
    if !order.refunds.is_empty() {
        out.push('\n');
        out.push_str(&refund::listed(&order.refunds));
    }
    out.push_str("\ntimeline\n");
    let start = order.placed_at.0;
    for step in &order.timeline {
        let after = step.at.0.ms_since(start) / 1_000;
        let clock = format!("+{:02}:{:02}", after / 60, after % 60);
        out.push_str(&format!("  {}  {clock:>8}  {}\n", step.at.0, step.what));
    }
    out
}

fn known(order: &Order) -> Vec<(&'static str, String)> {
    let mut known = vec![
        ("order", order.order_id.to_string()),
        ("restaurant", order.restaurant_id.to_string()),
        ("state", name(&order.state)),
        ("payment", name(&order.payment_state)),
    ];
    known.extend(order.refund_state.as_ref().map(|state| ("refunded", state.clone())));
    // What is picked up has no delivery.
    match &order.delivery_state {
        Some(state) => known.push(("delivery", name(state))),
        None => known.push(("by", name(&order.fulfilment))),
    }
    match order.when {
        When::Asap => {}
        When::Slot(start) => known.push(("slot", start.0.to_string())),
    }
    let promised = &order.promised;
    known.push(("promised", format!("{} to {}", promised.from.0, promised.to.0)));
    known.extend(order.courier_id.map(|courier| ("courier", courier.to_string())));
    known.extend(order.accept_by.map(|at| ("accept by", at.0.to_string())));
    known.extend(order.ready_at.map(|at| ("ready at", at.0.to_string())));
    known.extend(order.reject_reason.as_ref().map(|reason| ("rejected", name(reason))));
    known.extend(order.cancel_reason.as_ref().map(|reason| ("cancelled", name(reason))));
    known.extend(order.fault.as_ref().map(|fault| ("fault", name(fault))));
    known.extend(order.claim_ids.iter().map(|claim| ("claim", claim.to_string())));
    known
}

fn receipt(receipt: &Receipt) -> String {
    let lines = receipt.lines.iter().enumerate().map(line);
    let mut out = table(["line", "", "dish", "price"], lines);
    // What every order has, and of the rest what this one has.
    for (what, money, always) in [
        ("discount", &receipt.discount, false),
        ("delivery", &receipt.delivery_fee, true),
        ("waived", &receipt.delivery_discount, false),
        ("service", &receipt.service_fee, true),
        ("small order", &receipt.small_order_fee, false),
        ("bag", &receipt.bag_fee, false),
        ("tax", &receipt.tax_added, false),
        ("tip", &receipt.tip, true),
        ("total", &receipt.total, true),
    ] {
        if always || money.amount != 0 {
            out.push_str(&format!("{what:<11} {}\n", amount(money)));
        }
    }
    out
}

fn line((place, line): (usize, &ReceiptLine)) -> [String; 4] {
    let options: Vec<&str> = line.options.iter().map(|option| option.title.as_str()).collect();
    let with =
        if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
    [
        place.to_string(),
        format!("{}x", line.quantity),
        format!("{}{with}", line.title),
        amount(&line.total),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn an_order_is_shown_with_its_timeline() {
        let eur = |amount: i64| serde_json::json!({ "amount": amount, "currency": "EUR" });
        let dish = domain::ids::DishId([1; 16]);
        let order: Order = serde_json::from_value(serde_json::json!({
            "order_id": OrderId([2; 16]),
            "restaurant_id": domain::ids::RestaurantId([3; 16]),
            "state": "cancelled",
            "payment_state": "voided",
            "delivery_state": "cancelled",
            "fulfilment": "delivery",
            "when": "asap",
            "promised": {
                "from": "2026-03-01T19:00:00.000Z", "to": "2026-03-01T19:10:00.000Z",
            },
            "placed_at": "2026-03-01T18:30:00.000Z",
            "cancel_reason": "too_slow",
            "fault": "restaurant",
            "receipt": {
                "lines": [{
                    "dish_id": dish, "title": "Ramen", "quantity": 2, "unit": eur(1200),
                    "options": [{
                        "option_id": domain::ids::OptionId([4; 16]),
                        "title": "Large", "quantity": 1, "price": eur(280),
                    }],
                    "total": eur(2960), "discount": eur(0),
                    "tax_class": "standard", "tax_millionths": 100000, "tax": eur(269),
                }],
                "dishes": eur(2960), "discount": eur(0), "delivery_fee": eur(250),
                "delivery_discount": eur(0), "service_fee": eur(99), "small_order_fee": eur(0),
                "bag_fee": eur(0), "tax_added": eur(0), "tip": eur(0), "total": eur(3309),
                "tax_included": eur(301), "taxes": [], "menu_version": 1, "terms_version": 0,
                "revision": 0,
            },
            "timeline": [
                { "at": "2026-03-01T18:30:00.000Z", "what": "order.pending" },
                { "at": "2026-03-01T18:30:01.500Z", "what": "order.placed" },
                { "at": "2026-03-01T19:45:10.000Z", "what": "order.cancelled" },
            ],
            "revision": 9,
        }))
        .unwrap();
        expect![[r#"
            order       ord_02081040g2081040g2081040g2
            restaurant  res_030c1g60r30c1g60r30c1g60r3
            state       cancelled
            payment     voided
            delivery    cancelled
            promised    2026-03-01T19:00:00.000Z to 2026-03-01T19:10:00.000Z
            cancelled   too_slow
            fault       restaurant

            LINE      DISH           PRICE
            0     2x  Ramen (Large)  2960 EUR
            delivery    250 EUR
            service     99 EUR
            tip         0 EUR
            total       3309 EUR

            timeline
              2026-03-01T18:30:00.000Z    +00:00  order.pending
              2026-03-01T18:30:01.500Z    +00:01  order.placed
              2026-03-01T19:45:10.000Z    +75:10  order.cancelled
        "#]]
        .assert_eq(&shown(&order));
    }

    #[test]
    fn an_order_without_a_delivery_has_none() {
        let eur = |amount: i64| serde_json::json!({ "amount": amount, "currency": "EUR" });
        let order: Order = serde_json::from_value(serde_json::json!({
            "order_id": OrderId([2; 16]),
            "restaurant_id": domain::ids::RestaurantId([3; 16]),
            "state": "completed",
            "payment_state": "captured",
            "fulfilment": "pickup",
            "when": { "slot": "2026-03-01T19:00:00.000Z" },
            "promised": {
                "from": "2026-03-01T19:00:00.000Z", "to": "2026-03-01T19:15:00.000Z",
            },
            "placed_at": "2026-03-01T18:30:00.000Z",
            "receipt": {
                "lines": [], "dishes": eur(1200), "discount": eur(0), "delivery_fee": eur(0),
                "delivery_discount": eur(0), "service_fee": eur(0), "small_order_fee": eur(0),
                "bag_fee": eur(20), "tax_added": eur(0), "tip": eur(0), "total": eur(1220),
                "tax_included": eur(0), "taxes": [], "menu_version": 1, "terms_version": 0,
                "revision": 0,
            },
            "bill": {
                "customer_pays": eur(1220), "restaurant_paid": true, "courier_paid": false,
                "callout": eur(0),
            },
            "refund_state": "partially_refunded",
            "refunds": [{
                "refund_id": domain::ids::RefundId([5; 16]), "amount": eur(600),
                "state": "done", "fault": "restaurant", "made_at": "2026-03-01T20:00:00.000Z",
            }],
            "claim_ids": [domain::ids::ClaimId([6; 16])],
            "timeline": [],
            "revision": 9,
        }))
        .unwrap();
        expect![[r#"
            order       ord_02081040g2081040g2081040g2
            restaurant  res_030c1g60r30c1g60r30c1g60r3
            state       completed
            payment     captured
            refunded    partially_refunded
            by          pickup
            slot        2026-03-01T19:00:00.000Z
            promised    2026-03-01T19:00:00.000Z to 2026-03-01T19:15:00.000Z
            claim       clm_060r30c1g60r30c1g60r30c1g6

            none
            delivery    0 EUR
            service     0 EUR
            bag         20 EUR
            tip         0 EUR
            total       1220 EUR

            bill
            customer    pays 1220 EUR
            kitchen     paid
            courier     not paid

            REFUND                          MADE                      AMOUNT   STATE  FAULT
            ref_050m2ga1850m2ga1850m2ga185  2026-03-01T20:00:00.000Z  600 EUR  done   restaurant

            timeline
        "#]]
        .assert_eq(&shown(&order));
        let row = listed(&[order]);
        assert!(row.contains("captured  pickup  -         1220 EUR"), "{row}");
    }
}
