//! What an order bench needs in the city: kitchens that never close, a few customers, and baskets
//! that are ready to be sent. Requests are built here once; the measured loop only adds keys.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use api::admin::{BulkAnswer, BulkItem, BulkRequest};
use api::menus::{Menu, MenuInput};
use api::orders::PlaceOrderRequest;
use api::restaurants::Profile;
use domain::ids::{CityNumber, RestaurantId};
use hyper::Method;
use hyper::header::HeaderValue;
use serde_json::json;

use crate::cluster::Cluster;
use crate::http::Ask;
use crate::load::Shot;
use crate::nodes::Nodes;
use crate::random::Random;
use crate::world::person::Person;
use crate::world::{basket, customer, parse, send, settle, travel};

/// Kitchens; orders are spread over them.
const KITCHENS: usize = 32;
/// Customers; each places many orders.
const CUSTOMERS: usize = 32;
/// Different requests.
const SHOTS: usize = 1_024;
/// Dishes on each menu.
const DISHES: usize = 12;

/// The furnished city.
#[derive(Debug)]
pub struct Shop {
    /// Any node, with patience.
    pub nodes: Arc<Nodes>,
    /// Who may do everything.
    pub operator: Person,
    /// Who orders.
    pub customers: Vec<Person>,
    /// What they order.
    pub shots: Arc<[Shot]>,
}

impl Shop {
    /// Opens kitchens, signs up customers, and writes their orders.
    ///
    /// # Errors
    /// The city says no to something.
    pub async fn open(cluster: &Cluster, cash: bool) -> Result<Self> {
        let nodes = Arc::new(Nodes::new(&cluster.addresses));
        let founding = &cluster.founding;
        let (login, password) = (&founding.login, &founding.password);
        let (operator, _) = Person::log_in(&nodes, "/login", login, password).await?;
        let menus = furnish(&nodes, &operator, cluster).await?;
        let customers = settle::sign_up(&nodes, "customer", 1, CUSTOMERS).await?;
        let customers: Vec<_> = customers.into_iter().map(|(person, _)| person).collect();
        let mut bearers = Vec::new();
        for customer in &customers {
            bearers.push(customer.bearer(&nodes).await?);
        }
        let shots = write_orders(cluster, &menus, &bearers, cash)?;
        Ok(Self { nodes, operator, customers, shots })
    }

    /// The customers' tokens, by number, fit for a while.
    ///
    /// # Errors
    /// The city gives none.
    pub async fn bearers(&self) -> Result<Vec<HeaderValue>> {
        let mut bearers = Vec::new();
        for customer in &self.customers {
            bearers.push(customer.bearer(&self.nodes).await?);
        }
        Ok(bearers)
    }
}

fn kitchen(number: usize, cluster: &Cluster, random: &mut Random) -> Result<Profile> {
    let position = travel::near(cluster.founding.centre, 1_000.0, random);
    let always = ["00:00-24:00"];
    let profile = json!({
        "name": format!("Kitchen {number}"), "position": position,
        "address": format!("Calle {number}"), "cuisines": ["bench"],
        "hours": {
            "monday": always, "tuesday": always, "wednesday": always, "thursday": always,
            "friday": always, "saturday": always, "sunday": always,
        },
        "delivery_radius_m": 20_000, "delivery_fee": 250, "minimum": 500, "sample": true,
    });
    serde_json::from_value(profile).context("a profile has this shape")
}

fn menu() -> Result<MenuInput> {
    let dishes = (0..DISHES).map(|number| {
        json!({
            "ref": format!("dish-{number}"), "title": {"en": format!("Dish number {number}")},
            "price": 600 + 50 * number, "option_groups": ["size"],
        })
    });
    let refs: Vec<_> = (0..DISHES).map(|number| format!("dish-{number}")).collect();
    let option = |name: &str| json!({"ref": name, "title": {"en": name}, "price": 100});
    let menu = json!({
        "categories": [{"ref": "all", "title": {"en": "All"}, "dishes": refs}],
        "dishes": dishes.collect::<Vec<_>>(),
        "option_groups": [{
            "ref": "size", "title": {"en": "Size"}, "min": 1, "max": 1,
            "options": [option("small"), option("large")],
        }],
    });
    serde_json::from_value(menu).context("a menu has this shape")
}

async fn furnish(nodes: &Nodes, operator: &Person, cluster: &Cluster) -> Result<Vec<Menu>> {
    let mut random = Random::new(1);
    let city = CityNumber(cluster.city_number);
    let ids: Vec<_> = (0..KITCHENS)
        .map(|number| RestaurantId::derive(city, &[b"bench", &(number as u64).to_be_bytes()]))
        .collect();
    let mut items = Vec::new();
    for (number, restaurant_id) in ids.iter().copied().enumerate() {
        let profile = Box::new(kitchen(number, cluster, &mut random)?);
        items.push(BulkItem::PutRestaurant { restaurant_id, profile });
    }
    bulk(nodes, operator, items).await?;
    let mut items = Vec::new();
    for restaurant_id in ids.iter().copied() {
        items.push(BulkItem::PutMenu { restaurant_id, menu: Box::new(menu()?) });
    }
    let index = bulk(nodes, operator, items).await?;
    let mut menus = Vec::new();
    for id in ids {
        let ask = Ask::get(&format!("/v1/restaurants/{id}/menu?after={index}"));
        menus.push(parse("menu", &operator.ask(nodes, "menu", ask).await?)?);
    }
    Ok(menus)
}

/// Gives the log index that includes all of it.
async fn bulk(nodes: &Nodes, operator: &Person, items: Vec<BulkItem>) -> Result<u64> {
    let ask = send(Method::POST, "/v1/admin/bulk", &BulkRequest { items });
    let answer = operator.ask(nodes, "furnish the kitchens", ask).await?;
    let answer: BulkAnswer = parse("furnish the kitchens", &answer)?;
    let failed = answer.results.iter().find(|result| result.status >= 300);
    ensure!(failed.is_none(), "a kitchen was refused: {failed:?}");
    Ok(answer.results.iter().filter_map(|result| result.index).max().unwrap_or(0))
}

fn write_orders(
    cluster: &Cluster,
    menus: &[Menu],
    bearers: &[HeaderValue],
    cash: bool,
) -> Result<Arc<[Shot]>> {
    let mut random = Random::new(2);
    let mut shots = Vec::with_capacity(SHOTS);
    for number in 0..SHOTS {
        let menu = &menus[number % menus.len()];
        let basket = basket::choose(menu, 500, &mut random).context("a menu feeds somebody")?;
        let door = travel::near(cluster.founding.centre, 1_500.0, &mut random);
        let request = PlaceOrderRequest {
            quote_id: None,
            restaurant_id: Some(menu.restaurant_id),
            basket: Some(basket),
            address: Some(customer::address(door, number as u64)),
            address_id: None,
            fulfilment: None,
            when: None,
            coupon_code: None,
            contactless: false,
            pin_at_door: false,
            payment: Some(customer::payment(cash)),
            tip: None,
            note: None,
            expected_total: None,
        };
        // Neighbouring shots belong to different customers.
        let customer = (number / menus.len() + number) % bearers.len();
        let ask = send(Method::POST, "/v1/order", &request).as_bearer(&bearers[customer]);
        shots.push(Shot { customer, ask });
    }
    Ok(shots.into())
}
