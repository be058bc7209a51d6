//! `fdctl order`: what became of an order, which are under way, and calling one off.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{amount, name, table, word};
use api::orders::{CancelRequest, Order, ReceiptLine};
use api::wire::Done;
use domain::ids::OrderId;
use domain::order::CancelReason;

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
    /// Call an order off
    Cancel {
        /// ord_..
        id: OrderId,
        /// Why, as in customer_changed_mind, too_slow, no_courier, duplicate, operator
        #[arg(long, default_value = "operator", value_parser = word::<CancelReason>)]
        reason: CancelReason,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::Show { id } => {
            let order: Order = city.get(&format!("/v1/order/{id}"), &[]).await?;
            global.output().value(&order, || shown(&order))?;
        }
        Command::List { state, listing } => {
            let state: Vec<_> = state.map(|state| ("state", state)).into_iter().collect();
            let orders: Vec<Order> = listing.read(&city, "/v1/admin/orders", &state).await?;
            global.output().value(&orders, || listed(&orders))?;
        }
        Command::Cancel { id, reason } => {
            let body = CancelRequest { reason };
            let Done { index } = city.post_for(&format!("/v1/order/{id}/cancel"), &body).await?;
            eprintln!("{id} is called off (index {index})");
        }
    }
    Ok(Exit::Yes)
}

fn listed(orders: &[Order]) -> String {
    let rows = orders.iter().map(|order| {
        [
            order.order_id.to_string(),
            order.placed_at.0.to_string(),
            name(&order.state),
            name(&order.payment_state),
            name(&order.delivery_state),
            amount(&order.receipt.total),
            order.restaurant_id.to_string(),
        ]
    });
    table(["order", "placed", "state", "payment", "delivery", "total", "restaurant"], rows)
}

fn shown(order: &Order) -> String {
    let mut facts = vec![
        ("order", order.order_id.to_string()),
        ("restaurant", order.restaurant_id.to_string()),
        ("state", name(&order.state)),
        ("payment", name(&order.payment_state)),
        ("delivery", name(&order.delivery_state)),
    ];
    facts.extend(order.courier_id.map(|courier| ("courier", courier.to_string())));
    facts.extend(order.accept_by.map(|at| ("accept by", at.0.to_string())));
    facts.extend(order.ready_at.map(|at| ("ready at", at.0.to_string())));
    facts.extend(order.reject_reason.as_ref().map(|reason| ("rejected", name(reason))));
    facts.extend(order.cancel_reason.as_ref().map(|reason| ("cancelled", name(reason))));
    facts.extend(order.fault.as_ref().map(|fault| ("fault", name(fault))));

    let mut out = String::new();
    for (what, value) in facts {
        out.push_str(&format!("{what:<11} {value}\n"));
    }
    out.push('\n');
    out.push_str(&table(["", "dish", "price"], order.receipt.lines.iter().map(line)));
    let receipt = &order.receipt;
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
    out.push_str("\ntimeline\n");
    let start = order.placed_at.0;
    for step in &order.timeline {
        let after = step.at.0.ms_since(start) / 1_000;
        let clock = format!("+{:02}:{:02}", after / 60, after % 60);
        out.push_str(&format!("  {}  {clock:>8}  {}\n", step.at.0, step.what));
    }
    out
}

fn line(line: &ReceiptLine) -> [String; 3] {
    let options: Vec<&str> = line.options.iter().map(|option| option.title.as_str()).collect();
    let with =
        if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
    [format!("{}x", line.quantity), format!("{}{with}", line.title), amount(&line.total)]
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
            cancelled   too_slow
            fault       restaurant

                DISH           PRICE
            2x  Ramen (Large)  2960 EUR
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
}
