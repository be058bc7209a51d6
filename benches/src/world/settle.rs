//! How the city gets its people: sign-ups, approvals, first shifts. Each sign-up costs the node a
//! password hash of 25 ms on purpose, so people are few and busy.

use std::sync::Arc;

use anyhow::{Context, Result};
use api::wire::Point;
use tokio::task::JoinSet;

use crate::figures::Figures;
use crate::ledger::Ledger;
use crate::nodes::Nodes;
use crate::world::courier::{self, Rider};
use crate::world::customer::Customer;
use crate::world::person::Person;
use crate::world::told::Told;
use crate::world::{Cook, Plan, World, hours, office};

/// Nobody's real password: these people live as long as the demo.
const PASSWORD: &str = "a city of paper people";
/// Sign-ups at the same time: more would only wait for a processor.
const AT_ONCE: usize = 4;

/// Who may do everything, and where the city is.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The first operator's login.
    pub login: String,
    /// And password.
    pub password: String,
    /// The middle of the map.
    pub centre: Point,
}

/// Cooks work for many kitchens each.
const COOKS: usize = 4;

/// Signs everybody up and puts the couriers on the road, which is where the caller sends them.
///
/// # Errors
/// Somebody is refused, or no kitchen is open.
pub async fn settle(
    nodes: Nodes,
    founding: &Founding,
    plan: Plan,
) -> Result<(Arc<World>, Vec<Rider>)> {
    let (login, password) = (&founding.login, &founding.password);
    let (operator, _) = Person::log_in(&nodes, "/login", login, password).await?;
    let centre = founding.centre;
    let (restaurants, woken) = hours::kitchens_that_cook(&nodes, &operator, centre).await?;
    let nodes = Arc::new(nodes);
    let customers = sign_up(&nodes, "customer", 1, plan.customers).await?;
    let customers = customers.into_iter().map(|(person, _)| Customer { person }).collect();
    let cooks = sign_up(&nodes, "cook", 2, COOKS).await?;
    let cooks = cooks.into_iter().map(|(person, account_id)| Cook { person, account_id });
    let cooks = cooks.collect();
    let riders = sign_up(&nodes, "courier", 3, plan.couriers).await?;
    let nodes = Arc::try_unwrap(nodes).ok().context("the sign-ups have ended")?;
    let world = Arc::new(World {
        nodes,
        ledger: Ledger::default(),
        figures: Figures::default(),
        plan,
        told: Told::default(),
        operator,
        customers,
        cooks,
        restaurants,
        woken,
        staffed: parking_lot::Mutex::default(),
        closing: tokio::sync::watch::Sender::new(false),
    });
    office::open(&world).await;
    let mut shifts = Vec::new();
    for (number, (person, _)) in riders.into_iter().enumerate() {
        shifts.push(courier::begin_shift(&world, number, person).await?);
    }
    Ok((world, shifts))
}

/// Signs up `count` people of one kind.
///
/// # Errors
/// One of them is refused.
pub async fn sign_up(
    nodes: &Arc<Nodes>,
    what: &'static str,
    kind: u32,
    count: usize,
) -> Result<Vec<(Person, domain::ids::AccountId)>> {
    let mut people = Vec::with_capacity(count);
    let mut waiting = 0..count;
    let mut begun = JoinSet::new();
    loop {
        while begun.len() < AT_ONCE {
            let Some(number) = waiting.next() else { break };
            let nodes = Arc::clone(nodes);
            begun.spawn(async move {
                let phone = format!("+3460{kind}{number:06}");
                let name = format!("{what} {number}");
                Person::sign_up(&nodes, &name, &phone, PASSWORD).await
            });
        }
        let Some(person) = begun.join_next().await else { break };
        let person = person.context("a sign-up does not panic")?;
        people.push(person.with_context(|| format!("signing up {what}s"))?);
    }
    Ok(people)
}
