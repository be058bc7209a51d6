//! Registers: how much is left of a dish is written and read, the version of a menu is compared and
//! set. Every written value is another one.

use super::KITCHENS;
use crate::simulation::export;
use crate::simulation::people::{Person, Title, decoded, nothing};
use crate::simulation::records::Which;
use domain::stock::StockTarget;
use serde_json::json;

pub(super) async fn live(mut person: Person) {
    while person.goes_on().await {
        let kitchen = person.one_of(&KITCHENS);
        if person.chance(3) {
            compare_and_set(&mut person, kitchen).await;
        } else if person.chance(2) {
            write(&mut person, kitchen).await;
        } else {
            read(&mut person, kitchen).await;
        }
    }
}

async fn write(person: &mut Person, kitchen: &str) {
    let value = person.number();
    let title = Title::new("write", format!("stock-{kitchen}"), json!(value));
    // Not said again: what came between would be undone.
    let line = format!("stock {kitchen} by {kitchen} request n{value}: ramen {value}");
    person.say_once(&title, &line).await;
}

async fn read(person: &mut Person, kitchen: &str) {
    let (restaurant, ramen) = {
        let mut script = person.stage.script();
        (script.restaurant_id(kitchen), script.dish_id("ramen"))
    };
    let title = Title::new("read", format!("stock-{kitchen}"), nothing());
    person.read(&title, &[Which::Stock(restaurant, StockTarget::Dish(ramen))]).await;
}

async fn compare_and_set(person: &mut Person, kitchen: &str) {
    let restaurant = person.stage.script().restaurant_id(kitchen);
    let title = Title::new("read", format!("menu-{kitchen}"), nothing());
    let Some(records) = person.read(&title, &[Which::Menu(restaurant)]).await else { return };
    let menu = decoded::<domain::menu::Menu>(records.first());
    let Some(version) = menu.map(|menu| menu.version) else { return };
    let price = 1_000 + person.number() % 1_000;
    let title = Title::new(
        "cas",
        format!("menu-{kitchen}"),
        json!([export::version(version), export::version(version + 1)]),
    );
    person.say_once(&title, &format!("edit {kitchen} if {version}: ramen {price}")).await;
}
