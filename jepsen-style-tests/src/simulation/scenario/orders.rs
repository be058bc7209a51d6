//! Orders: people order, kitchens cook or do not, couriers take, decline, drop and deliver, and now
//! and then somebody does what they may not.

use super::{COURIERS, DISHES, EATERS, KITCHENS};
use crate::simulation::people::{Person, Title, decoded, is_yes, nothing};
use crate::simulation::records::Which;
use domain::delivery::{Delivery, DeliveryStatus};
use domain::ids::DeliveryId;
use domain::order::{Order, OrderStatus};
use domain::stock::StockTarget;
use serde_json::json;

/// An order that this person looks after.
struct Case {
    name: String,
    kitchen: &'static str,
    eater: &'static str,
}

pub(super) async fn live(mut person: Person) {
    let mut cases: Vec<Case> = Vec::new();
    while person.goes_on().await {
        match person.random.below(8) {
            0 | 1 => cases.extend(place(&mut person).await),
            2 => set_stock(&mut person).await,
            3 => read_stock(&mut person).await,
            _ if cases.is_empty() => {}
            _ => {
                let place = person.random.below(cases.len());
                push_on(&mut person, &cases[place]).await;
            }
        }
    }
}

async fn place(person: &mut Person) -> Option<Case> {
    let name = format!("o{}", person.number());
    let (kitchen, eater) = (person.one_of(&KITCHENS), person.one_of(&EATERS));
    let dish = person.one_of(&DISHES);
    let (how, count) =
        (person.one_of(&["cash", "cash", "cash pickup", ""]), 1 + person.random.below(3));
    let title = Title::new("place", name.clone(), json!({"by": eater, "at": kitchen}));
    let line = format!("place {name} at {kitchen} by {eater} {how}: {count} {dish}");
    let answer = person.say(&title, &line).await;
    is_yes(&answer).then_some(Case { name, kitchen, eater })
}

async fn set_stock(person: &mut Person) {
    let (kitchen, dish) = (person.one_of(&KITCHENS), person.one_of(&DISHES));
    let (count, request) = (person.random.below(12), person.number());
    let title = Title::new("stock_set", format!("{kitchen}-{dish}"), json!(count));
    let line = format!("stock {kitchen} by {kitchen} request n{request}: {dish} {count}");
    person.say_once(&title, &line).await;
}

async fn read_stock(person: &mut Person) {
    let (kitchen, dish) = (person.one_of(&KITCHENS), person.one_of(&DISHES));
    let which = {
        let mut script = person.stage.script();
        Which::Stock(script.restaurant_id(kitchen), StockTarget::Dish(script.dish_id(dish)))
    };
    let title = Title::new("stock_read", format!("{kitchen}-{dish}"), nothing());
    person.read(&title, &[which]).await;
}

/// Looks where the order stands and does what comes next, or something else.
async fn push_on(person: &mut Person, case: &Case) {
    let id = person.stage.script().order_id(&case.name);
    let which = [Which::Order(id), Which::Delivery(DeliveryId::of(id))];
    let title = Title::new("look", case.name.clone(), nothing());
    let Some(records) = person.read(&title, &which).await else { return };
    let Some(order) = decoded::<Order>(records.first()) else { return };
    let way = decoded::<Delivery>(records.get(1));
    if person.chance(8) {
        return wrong(person, case).await;
    }
    let Case { name, kitchen, eater } = case;
    match order.status {
        OrderStatus::Placed { .. } if person.chance(8) => {
            say(person, "reject", case, &format!("reject {name} by {kitchen}")).await;
        }
        OrderStatus::Placed { .. } => {
            say(person, "accept", case, &format!("accept {name} by {kitchen}")).await;
        }
        OrderStatus::Accepted | OrderStatus::Preparing | OrderStatus::Ready => {
            if person.chance(10) {
                return say(person, "cancel", case, &format!("cancel {name} by {eater}")).await;
            }
            match way {
                Some(way) if person.chance(2) => carry(person, case, &way).await,
                _ => say(person, "ready", case, &format!("ready {name} by {kitchen}")).await,
            }
        }
        OrderStatus::HandedOff => {
            if let Some(way) = way {
                carry(person, case, &way).await;
            }
        }
        OrderStatus::Pending { .. }
        | OrderStatus::Completed
        | OrderStatus::Rejected { .. }
        | OrderStatus::Expired
        | OrderStatus::Cancelled { .. }
        | OrderStatus::NoShow => {}
    }
}

async fn say(person: &mut Person, f: &'static str, case: &Case, line: &str) {
    person.say(&Title::new(f, case.name.clone(), nothing()), line).await;
}

/// The way of an order, one step further: by whoever has it, with the fence that was read.
async fn carry(person: &mut Person, case: &Case, way: &Delivery) {
    let (name, fence) = (&case.name, way.fence);
    let holder = |stage: &crate::simulation::stage::Stage, id: domain::ids::CourierId| {
        let mut script = stage.script();
        COURIERS.into_iter().find(|name| script.courier_id(name) == id).unwrap_or("carl")
    };
    let stage = person.stage.clone();
    let (f, courier, line) = match way.status {
        DeliveryStatus::Unassigned => {
            let courier = person.one_of(&COURIERS);
            ("offer", courier, format!("offer {name} to {courier} fence {fence}"))
        }
        DeliveryStatus::Offering { courier_id, .. } => {
            let asked = holder(&stage, courier_id);
            match person.random.below(5) {
                0 => ("decline", asked, format!("decline {name} by {asked} fence {fence}")),
                1 => {
                    let other = person.one_of(&COURIERS);
                    ("take", other, format!("take {name} by {other} fence {fence}"))
                }
                _ => ("take", asked, format!("take {name} by {asked} fence {fence}")),
            }
        }
        DeliveryStatus::Assigned { courier_id } if person.chance(6) => {
            let holder = holder(&stage, courier_id);
            ("drop", holder, format!("drop {name} by {holder} fence {fence}"))
        }
        DeliveryStatus::Assigned { courier_id } => {
            let holder = holder(&stage, courier_id);
            ("at_store", holder, format!("at_store {name} by {holder} fence {fence}"))
        }
        DeliveryStatus::AtStore { courier_id } => {
            let holder = holder(&stage, courier_id);
            ("pick_up", holder, format!("pick_up {name} by {holder} fence {fence}"))
        }
        DeliveryStatus::PickedUp { courier_id } => {
            let holder = holder(&stage, courier_id);
            ("at_door", holder, format!("at_door {name} by {holder} fence {fence}"))
        }
        DeliveryStatus::AtDoor { courier_id } => {
            let holder = holder(&stage, courier_id);
            ("deliver", holder, format!("deliver {name} by {holder} fence {fence}"))
        }
        DeliveryStatus::Waiting
        | DeliveryStatus::Delivered { .. }
        | DeliveryStatus::Failed { .. }
        | DeliveryStatus::Returning { .. }
        | DeliveryStatus::Returned { .. }
        | DeliveryStatus::Disposed { .. }
        | DeliveryStatus::Cancelled
        | DeliveryStatus::Lost { .. } => return,
    };
    let value = json!({"order": name, "courier": courier, "fence": fence});
    person.say(&Title::new(f, name.clone(), value), &line).await;
}

/// What may not be done now, or not by them: the answer must be no.
async fn wrong(person: &mut Person, case: &Case) {
    let Case { name, kitchen, .. } = case;
    let courier = person.one_of(&COURIERS);
    let (f, line) = match person.random.below(4) {
        0 => ("deliver", format!("deliver {name} by {courier} fence 0")),
        1 => ("take", format!("take {name} by {courier} fence 1")),
        2 => ("start", format!("start {name} by {kitchen}")),
        _ => ("accept", format!("accept {name} by r9")),
    };
    say(person, f, case, &line).await;
}
