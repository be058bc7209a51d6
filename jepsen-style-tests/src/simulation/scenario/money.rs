//! Money: cards that a gateway charges or refuses; tips, second cards, and people who call their
//! orders off while the gateway is being asked.

use super::{EATERS, KITCHENS};
use crate::simulation::people::{Person, Title, decoded, is_yes, nothing};
use crate::simulation::records::Which;
use domain::order::{Order, OrderStatus};
use domain::payment::PaymentStatus;
use serde_json::json;

pub(super) async fn live(mut person: Person) {
    let mut placed: Vec<(String, &'static str, &'static str)> = Vec::new();
    while person.goes_on().await {
        if placed.is_empty() || person.chance(4) {
            let order = format!("o{}", person.number());
            let (kitchen, eater) = (person.one_of(&KITCHENS), person.one_of(&EATERS));
            let tip = 50 * person.random.below(4);
            let title = Title::new("place", order.clone(), json!({"by": eater}));
            let line = format!("place {order} at {kitchen} by {eater} pickup tip {tip}: 2 ramen");
            if is_yes(&person.say(&title, &line).await) {
                placed.push((order, kitchen, eater));
            }
            continue;
        }
        let (order, kitchen, eater) = placed[person.random.below(placed.len())].clone();
        push_on(&mut person, &order, kitchen, eater).await;
    }
}

async fn push_on(person: &mut Person, order: &str, kitchen: &str, eater: &str) {
    let id = person.stage.script().order_id(order);
    let title = Title::new("look", order, nothing());
    let Some(records) = person.read(&title, &[Which::Order(id)]).await else { return };
    let Some(record) = decoded::<Order>(records.first()) else { return };
    let payment = Title::new("look", order, nothing());
    let paid = person.read(&payment, &[Which::Payment(record.payment_id)]).await;
    let payment = paid.and_then(|paid| decoded::<domain::payment::Payment>(paid.first()));
    let failed = payment.is_some_and(|payment| payment.status == PaymentStatus::Failed);
    let number = person.number();
    let (f, line) = match record.status {
        OrderStatus::Pending { .. } if failed => {
            ("retry", format!("retry {order} by {eater} as p{number} token tok_{number}"))
        }
        OrderStatus::Pending { .. } | OrderStatus::Accepted if person.chance(4) => {
            ("cancel", format!("cancel {order} by {eater}"))
        }
        OrderStatus::Placed { .. } => ("accept", format!("accept {order} by {kitchen}")),
        OrderStatus::Accepted | OrderStatus::Preparing => {
            ("ready", format!("ready {order} by {kitchen}"))
        }
        OrderStatus::Ready => ("hand_over", format!("hand_over {order} by {kitchen} pin 4321")),
        OrderStatus::Completed => {
            ("tip", format!("tip {order} by {eater} as t{number} kitchen amount 150"))
        }
        OrderStatus::Pending { .. }
        | OrderStatus::HandedOff
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => return,
    };
    person.say(&Title::new(f, order, nothing()), &line).await;
}
