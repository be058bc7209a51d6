//! Commands that touch several objects at once, and reads of several objects at one moment: an
//! order takes from two dishes, a courier who says yes changes the order's way and their own.

use super::{COURIERS, EATERS, KITCHENS};
use crate::simulation::people::{Person, Title, decoded, is_yes, nothing};
use crate::simulation::records::Which;
use domain::delivery::{Delivery, DeliveryStatus};
use domain::ids::DeliveryId;
use domain::stock::StockTarget;
use serde_json::json;

pub(super) async fn live(mut person: Person) {
    let mut placed: Vec<String> = Vec::new();
    while person.goes_on().await {
        let kitchen = person.one_of(&KITCHENS);
        match person.random.below(5) {
            0 => {
                let (ramen, gyoza) = (5 + person.random.below(20), 5 + person.random.below(20));
                let title = Title::new("stock_set", kitchen, json!([ramen, gyoza]));
                let request = person.number();
                let line = format!(
                    "stock {kitchen} by {kitchen} request n{request}: \
                                    ramen {ramen}, gyoza {gyoza}"
                );
                person.say_once(&title, &line).await;
            }
            1 | 2 => {
                let order = format!("o{}", person.number());
                let eater = person.one_of(&EATERS);
                let title = Title::new("place", order.clone(), json!({"by": eater}));
                let line = format!("place {order} at {kitchen} by {eater} cash: 1 ramen, 1 gyoza");
                if is_yes(&person.say(&title, &line).await) {
                    placed.push(order);
                }
            }
            3 => look(&mut person, kitchen, &placed).await,
            _ => carry(&mut person, kitchen, &placed).await,
        }
    }
}

/// Both dishes and an order with its way, as they are at one moment.
async fn look(person: &mut Person, kitchen: &str, placed: &[String]) {
    let which = {
        let mut script = person.stage.script();
        let restaurant = script.restaurant_id(kitchen);
        let dishes = ["ramen", "gyoza"].map(|dish| script.dish_id(dish));
        let mut which: Vec<_> = dishes
            .into_iter()
            .map(|dish| Which::Stock(restaurant, StockTarget::Dish(dish)))
            .collect();
        if let Some(order) = placed.last() {
            let id = script.order_id(order);
            which.extend([Which::Order(id), Which::Delivery(DeliveryId::of(id))]);
        }
        which
    };
    person.read(&Title::new("look", kitchen, nothing()), &which).await;
}

/// The kitchen says yes, a courier is asked and says yes.
async fn carry(person: &mut Person, kitchen: &str, placed: &[String]) {
    if placed.is_empty() {
        return;
    }
    let order = placed[person.random.below(placed.len())].clone();
    let id = person.stage.script().order_id(&order);
    let title = Title::new("accept", order.clone(), nothing());
    person.say(&title, &format!("accept {order} by {kitchen}")).await;
    let which = [Which::Order(id), Which::Delivery(DeliveryId::of(id))];
    let read = person.read(&Title::new("look", order.clone(), nothing()), &which).await;
    let Some(way) = read.and_then(|records| decoded::<Delivery>(records.get(1))) else { return };
    let courier = person.one_of(&COURIERS);
    if matches!(way.status, DeliveryStatus::Unassigned) {
        let fence = way.fence;
        let title = Title::new("offer", order.clone(), json!({"courier": courier, "fence": fence}));
        person.say(&title, &format!("offer {order} to {courier} fence {fence}")).await;
        let title = Title::new("take", order.clone(), json!({"courier": courier}));
        person.say(&title, &format!("take {order} by {courier}")).await;
    }
}
