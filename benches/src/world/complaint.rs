//! What a customer says after they have ordered: yes or no to what a kitchen proposes, and that
//! something was not in the bag.

use domain::ids::OrderId;
use hyper::Method;
use serde_json::{Value, json};

use crate::http::Ask;
use crate::random::Random;
use crate::world::{Refused, World, send};

/// Answers a proposal, if one is open.
///
/// # Errors
/// The order cannot be read, or the answer comes too late.
pub async fn answer(
    world: &World,
    customer: usize,
    order: OrderId,
    random: &mut Random,
) -> Result<(), Refused> {
    let person = &world.customers[customer].person;
    let seen: Value = world.read("order", person, Ask::get(&format!("/v1/order/{order}"))).await?;
    if !seen["substitution"].is_object() {
        return Ok(());
    }
    let word = if random.chance(70) { "accept" } else { "refuse" };
    let path = format!("/v1/order/{order}/substitution");
    let answer = json!({"answer": word, "revision": seen["substitution"]["revision"]});
    world.ask("answer", person, send(Method::POST, &path, &answer)).await?;
    world.figures.happened("substitutions");
    Ok(())
}

/// The first thing on the receipt was not in the bag.
///
/// # Errors
/// The city does not take the complaint.
pub async fn complain(world: &World, customer: usize, order: OrderId) -> Result<(), Refused> {
    let claim = json!({
        "kind": "missing",
        "lines": [{"line": 0, "quantity": 1}],
        "text": "One of them was not in the bag",
    });
    let ask = send(Method::POST, &format!("/v1/order/{order}/claims"), &claim);
    let ask = ask.with_key(&format!("claim-{order}"));
    world.ask("claim", &world.customers[customer].person, ask).await?;
    world.figures.happened("claims");
    Ok(())
}

/// Reads the number that the customer will be asked for.
///
/// # Errors
/// The order cannot be read.
pub async fn read_number(world: &World, customer: usize, order: OrderId) -> Result<(), Refused> {
    let person = &world.customers[customer].person;
    let seen: Value = world.read("order", person, Ask::get(&format!("/v1/order/{order}"))).await?;
    let number = seen["pickup_pin"].as_str().or(seen["door_pin"].as_str());
    if let Some(number) = number {
        world.told.learn(order, number.to_owned());
    }
    Ok(())
}
