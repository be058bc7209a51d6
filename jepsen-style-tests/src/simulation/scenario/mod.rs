//! What people do, one file for each scenario.

mod feed;
mod money;
mod orders;
mod registers;
mod sessions;
mod transactions;

use super::people::Person;
use super::plan::Scenario;

/// Kitchens that are open, day and night.
pub(super) const KITCHENS: [&str; 3] = ["r1", "r2", "r3"];
/// Who eats.
pub(super) const EATERS: [&str; 3] = ["alice", "bob", "eve"];
/// Who rides.
pub(super) const COURIERS: [&str; 3] = ["carl", "cora", "cem"];
/// What there is to eat.
pub(super) const DISHES: [&str; 3] = ["ramen", "gyoza", "tea"];

/// The city before anything goes wrong, in words.
pub(super) fn furniture() -> Vec<String> {
    let kitchens = KITCHENS.iter().map(|kitchen| format!("12:00:00 open {kitchen}"));
    let approved = KITCHENS.iter().map(|kitchen| format!("12:00:00 approve {kitchen}"));
    let couriers = COURIERS.iter().map(|courier| format!("12:00:00 courier {courier}"));
    let approved_couriers = COURIERS.iter().map(|it| format!("12:00:00 online {it}"));
    // Whoever is named comes into being.
    let eaters = EATERS.iter().map(|eater| format!("12:00:00 unban {eater}"));
    let eaters_first = EATERS.iter().map(|eater| format!("12:00:00 signup {eater}"));
    let all = kitchens.chain(approved).chain(couriers).chain(approved_couriers);
    all.chain(eaters_first).chain(eaters).collect()
}

/// Does what people do in this scenario, until it is time to go home.
pub(super) async fn live(person: Person, number: usize) {
    match person.stage.plan.scenario {
        Scenario::Registers => registers::live(person).await,
        Scenario::Transactions => transactions::live(person).await,
        Scenario::Orders => orders::live(person).await,
        Scenario::Money => money::live(person).await,
        Scenario::Feed => feed::live(person, number).await,
        Scenario::Sessions => sessions::live(person, number).await,
    }
}
