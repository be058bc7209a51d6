//! A demo at four in the morning: where nearly everybody sleeps, the operator has some kitchens
//! cook around the clock, and the demo says so.

use anyhow::{Result, ensure};
use api::admin::{BulkAnswer, BulkItem, BulkRequest};
use api::restaurants::{Hours, Profile, Restaurant, RestaurantSummary};
use api::wire::{Page, Point};
use domain::ids::RestaurantId;
use hyper::Method;

use crate::http::Ask;
use crate::nodes::Nodes;
use crate::world::person::Person;
use crate::world::{Place, parse, send};

/// A city is awake if so many kitchens cook.
const AWAKE: usize = 12;
/// So many are woken.
const WOKEN: usize = 40;
/// Pages of the list of restaurants that are read to learn the map.
const MAP_PAGES: usize = 5;
/// The list is asked for again this often while it is empty: a node may learn of an import a moment
/// after the one that took it.
const ATTEMPTS: usize = 50;

/// The kitchens that cook, around the middle of the city, and whether some were woken for it.
///
/// # Errors
/// There is no kitchen, or the city refuses to wake one.
pub async fn kitchens_that_cook(
    nodes: &Nodes,
    operator: &Person,
    centre: Point,
) -> Result<(Vec<Place>, usize)> {
    let mut all = Vec::new();
    for _ in 0..ATTEMPTS {
        all = map(nodes, operator, centre).await?;
        if !all.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ensure!(!all.is_empty(), "no kitchen delivers to {}, {}", centre.lat, centre.lng);
    let place = |r: &RestaurantSummary| Place { id: r.restaurant_id, point: r.position };
    let mut open: Vec<_> = all.iter().filter(|r| r.open).map(place).collect();
    if open.len() >= AWAKE {
        return Ok((open, 0));
    }
    let asleep: Vec<_> = all.iter().filter(|r| !r.open).take(WOKEN).map(place).collect();
    wake(nodes, operator, &asleep).await?;
    let woken = asleep.len();
    open.extend(asleep);
    Ok((open, woken))
}

async fn map(nodes: &Nodes, operator: &Person, centre: Point) -> Result<Vec<RestaurantSummary>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    for _ in 0..MAP_PAGES {
        let path = format!("/restaurants?lat={}&lng={}&limit=100{cursor}", centre.lat, centre.lng);
        let answer = operator.ask(nodes, "the map", Ask::get(&path)).await?;
        let page: Page<RestaurantSummary> = parse("the map", &answer)?;
        all.extend(page.data);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(all)
}

async fn wake(nodes: &Nodes, operator: &Person, asleep: &[Place]) -> Result<()> {
    let mut items = Vec::new();
    for place in asleep {
        let ask = Ask::get(&format!("/v1/restaurants/{}", place.id));
        let answer = operator.ask(nodes, "a restaurant", ask).await?;
        items.push(around_the_clock(place.id, parse("a restaurant", &answer)?));
    }
    let ask = send(Method::POST, "/v1/admin/bulk", &BulkRequest { items });
    let answer = operator.ask(nodes, "wake the kitchens", ask).await?;
    let answer: BulkAnswer = parse("wake the kitchens", &answer)?;
    let failed = answer.results.iter().find(|result| result.status >= 300);
    ensure!(failed.is_none(), "a kitchen was refused: {failed:?}");
    Ok(())
}

fn around_the_clock(restaurant_id: RestaurantId, restaurant: Restaurant) -> BulkItem {
    let always = vec!["00:00-24:00".to_owned()];
    let Restaurant { summary, delivery_radius_m, auto_accept, .. } = restaurant;
    let profile = Profile {
        name: summary.name,
        position: summary.position,
        address: summary.address,
        cuisines: summary.cuisines,
        hours: Hours {
            monday: always.clone(),
            tuesday: always.clone(),
            wednesday: always.clone(),
            thursday: always.clone(),
            friday: always.clone(),
            saturday: always.clone(),
            sunday: always,
        },
        pickup_hours: None,
        holiday_hours: None,
        last_order_minutes: 0,
        delivery_radius_m,
        delivery_area: None,
        delivery_fee: summary.delivery_fee.amount,
        minimum: summary.minimum.amount,
        preparation_minutes: summary.preparation_minutes,
        auto_accept,
        sample: summary.sample,
    };
    BulkItem::PutRestaurant { restaurant_id, profile: Box::new(profile) }
}
