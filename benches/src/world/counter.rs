//! The counter of a kitchen, and its office: food that people fetch, what is counted in stock, what
//! is missing, and complaints.

use std::time::Duration;

use domain::ids::{OrderId, RestaurantId};
use hyper::Method;
use serde_json::{Value, json};

use crate::http::Ask;
use crate::random::Random;
use crate::world::person::Person;
use crate::world::{Refused, World, send};

/// Portions of a counted dish that a kitchen has in the morning.
const PORTIONS: u32 = 60;
/// Dishes that a kitchen counts.
const COUNTED: usize = 3;
/// Between two looks at a proposal that waits for its answer.
const ASKS_EVERY: Duration = Duration::from_millis(1_200);
/// A complaint in a hundred that a kitchen takes as it is.
const CONCEDES_PERCENT: u32 = 60;

/// Counts some dishes, until the morning.
///
/// # Errors
/// The city says no to one of the questions.
pub async fn count_stock(
    world: &World,
    cook: &Person,
    restaurant: RestaurantId,
) -> Result<(), Refused> {
    let menu: Value =
        world.read("menu", cook, Ask::get(&format!("/v1/restaurants/{restaurant}/menu"))).await?;
    let dishes = menu["dishes"].as_array().into_iter().flatten().take(COUNTED);
    let lines: Vec<Value> = dishes
        .map(|dish| {
            json!({
                "dish_id": dish["dish_id"],
                "state": "quantity",
                "quantity": PORTIONS,
                "until": "next_reset",
            })
        })
        .collect();
    let path = format!("/v1/restaurant/{restaurant}/stock");
    let ask = send(Method::PATCH, &path, &json!({ "lines": lines }));
    world.ask("stock", cook, ask).await.map(drop)
}

/// Hands food over to whoever says the right number; false if they have not come.
///
/// # Errors
/// The city says no.
pub async fn hand_over(
    world: &World,
    cook: &Person,
    restaurant: RestaurantId,
    order: OrderId,
) -> Result<bool, Refused> {
    let Some(pin) = world.told.say(order) else { return Ok(false) };
    let path = format!("/restaurant/{restaurant}/order/{order}/status");
    let word = json!({"status": "handed_over", "pin": pin});
    world.ask("hand over", cook, send(Method::PATCH, &path, &word)).await?;
    world.figures.happened("handed over");
    Ok(true)
}

/// The first line of an order cannot be cooked: it would be left out. Returns when the customer, or
/// their silence, has answered.
///
/// # Errors
/// The city says no, or the order cannot be read.
pub async fn propose(
    world: &World,
    cook: &Person,
    restaurant: RestaurantId,
    order: OrderId,
) -> Result<(), Refused> {
    let path = format!("/v1/restaurant/{restaurant}/order/{order}/substitution");
    let proposal = json!({"line": 0, "instead": "remove"});
    world.ask("propose", cook, send(Method::POST, &path, &proposal)).await?;
    let path = format!("/v1/order/{order}");
    while !world.is_closing() {
        tokio::time::sleep(ASKS_EVERY).await;
        let seen: Value = world.read("order", cook, Ask::get(&path)).await?;
        if !seen["substitution"].is_object() {
            break;
        }
    }
    Ok(())
}

/// Answers the complaints that wait.
///
/// # Errors
/// The list cannot be read.
pub async fn answer_claims(
    world: &World,
    cook: &Person,
    restaurant: RestaurantId,
    random: &mut Random,
) -> Result<(), Refused> {
    let path = format!("/v1/restaurant/{restaurant}/claims?state=open");
    let page: Value = world.read("claims", cook, Ask::get(&path)).await?;
    for claim in page["data"].as_array().into_iter().flatten() {
        let Some(id) = claim["claim_id"].as_str() else { continue };
        let path = format!("/v1/restaurant/{restaurant}/claims/{id}/answer");
        let answer = match random.chance(CONCEDES_PERCENT) {
            true => json!({"accept": true}),
            false => json!({"accept": false, "text": "All of it was in the bag"}),
        };
        let _ = world.ask("answer claim", cook, send(Method::POST, &path, &answer)).await;
    }
    Ok(())
}
