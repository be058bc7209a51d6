//! A simulated city: people who eat, cook and carry. They know what an app knows: the public API,
//! any node of it, and their own password.

pub mod basket;
pub mod complaint;
pub mod counter;
pub mod courier;
pub mod customer;
pub mod hours;
pub mod kitchen;
pub mod office;
pub mod person;
pub mod settle;
pub mod taste;
pub mod told;
pub mod travel;

use std::collections::BTreeSet;
use std::time::Duration;

use api::wire::Point;
use domain::ids::RestaurantId;
use hyper::Method;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::figures::Figures;
use crate::http::{Answer, Ask};
use crate::ledger::Ledger;
use crate::nodes::Nodes;
use crate::world::customer::Customer;
use crate::world::person::Person;
use crate::world::told::Told;

/// How busy the city is.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who orders; they order again and again.
    pub customers: usize,
    /// Who carries.
    pub couriers: usize,
    /// Orders per second, at random moments.
    pub rate: f64,
    /// How much faster than in life people cook and ride.
    pub speed: f64,
    /// Decides every choice.
    pub seed: u64,
}

impl Plan {
    /// So long in life, so long here.
    pub fn compressed(&self, life: Duration) -> Duration {
        life.div_f64(self.speed)
    }
}

/// Everybody and everything in it.
#[derive(Debug)]
pub struct World {
    /// The city's nodes.
    pub nodes: Nodes,
    /// The orders that were acknowledged.
    pub ledger: Ledger,
    /// What people report.
    pub figures: Figures,
    /// How busy it is.
    pub plan: Plan,
    /// What people say to each other.
    pub told: Told,
    /// Who may do everything.
    pub operator: Person,
    /// Who eats.
    pub customers: Vec<Customer>,
    /// Who cooks: each works for many kitchens.
    pub cooks: Vec<Cook>,
    /// Where the kitchens are.
    pub restaurants: Vec<Place>,
    /// How many of them cook around the clock only because the city would sleep otherwise.
    pub woken: usize,
    /// Kitchens whose staff is at work.
    pub staffed: Mutex<BTreeSet<RestaurantId>>,
    /// Becomes true when the customers go home; what was begun is finished.
    pub closing: watch::Sender<bool>,
}

/// A restaurant's place on the map.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Which.
    pub id: RestaurantId,
    /// Where.
    pub point: Point,
}

/// Somebody in the kitchens.
#[derive(Debug)]
pub struct Cook {
    /// Their login.
    pub person: Person,
    /// Their account.
    pub account_id: domain::ids::AccountId,
}

/// An answer that is no yes.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {code}")]
pub struct Refused {
    /// What was asked.
    pub what: &'static str,
    /// The code of the answer, or what went wrong on the way.
    pub code: String,
}

impl World {
    /// Whether the customers have gone home.
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Asks as this person, at any node; a no is counted.
    ///
    /// # Errors
    /// The answer was no, or there was none.
    pub async fn ask(
        &self,
        what: &'static str,
        person: &Person,
        ask: Ask,
    ) -> Result<Answer, Refused> {
        let answer = person.ask(&self.nodes, what, ask).await;
        if let Err(refused) = &answer {
            self.figures.refused(what, &refused.code);
        }
        answer
    }

    /// The same for an answer whose body matters.
    ///
    /// # Errors
    /// As [`Self::ask`], or the body is not what the API promises.
    pub async fn read<T: serde::de::DeserializeOwned>(
        &self,
        what: &'static str,
        person: &Person,
        ask: Ask,
    ) -> Result<T, Refused> {
        let answer = self.ask(what, person, ask).await?;
        parse(what, &answer).inspect_err(|refused| self.figures.refused(what, &refused.code))
    }
}

/// The body of an answer as the API's own type.
///
/// # Errors
/// It is something else.
pub fn parse<T: serde::de::DeserializeOwned>(
    what: &'static str,
    answer: &Answer,
) -> Result<T, Refused> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| Refused { what, code: format!("not the promised shape: {error}") })
}

/// A request with a body.
pub fn send<T: serde::Serialize>(method: Method, path: &str, body: &T) -> Ask {
    let body = serde_json::to_value(body).expect("the API's shapes are JSON");
    Ask::new(method, path).with_json(&body)
}
