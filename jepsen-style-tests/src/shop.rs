//! What a city needs before anybody can order: an operator, kitchens that never close, their menus,
//! and a few customers and couriers. Few, since each sign-up costs a password hash on purpose.

use crate::cluster::{Cluster, READY_WITHIN, until};
use crate::random::Random;
use anyhow::{Context, Result, ensure};
use api::accounts::{SignupAnswer, SignupRequest};
use api::admin::{BulkAnswer, BulkItem, BulkRequest};
use api::client::{Call, Client};
use api::couriers::CourierSignupRequest;
use api::menus::{Menu, MenuInput};
use api::quality::{Action, ActionRequest, Quality};
use api::restaurants::Profile;
use api::terms::{Section, Settings, TermsPut};
use domain::courier::Vehicle;
use domain::ids::{CityNumber, RestaurantId};
use serde_json::{Value, json};

/// Longer than any run.
const ALERT_MS: i64 = 3_600_000;
/// Kitchens and menus that are put up by one request.
const PIECE: usize = 8;
/// Dishes on each menu.
const DISHES: usize = 6;
/// Nobody's real password: these people live as long as a run.
const PASSWORD: &str = "a city of paper people";
/// 50 kilometres to the north.
const FAR_DEGREES: f64 = 0.45;
/// Where everything happens.
const CENTRE: (f64, f64) = (43.55, -5.92);

/// How many of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Furniture {
    /// Kitchens; orders are spread over them.
    pub kitchens: u64,
    /// People who order; each is at several nodes at once.
    pub customers: usize,
    /// People who carry, approved and not yet on shift.
    pub couriers: usize,
}

impl Default for Furniture {
    fn default() -> Self {
        Self { kitchens: 4, customers: 3, couriers: 0 }
    }
}

/// Somebody who carries.
#[derive(Clone, Debug)]
pub struct Courier {
    /// `cou_..`
    pub courier_id: String,
    /// Their access token.
    pub token: String,
}

/// The furnished city.
#[derive(Debug)]
pub struct Shop {
    /// Access tokens of the customers.
    pub customers: Vec<String>,
    /// Those who carry.
    pub couriers: Vec<Courier>,
    /// The operator's.
    pub operator: String,
    /// What there is to eat.
    pub menus: Vec<Menu>,
}

impl Shop {
    /// Opens the kitchens and signs people up.
    ///
    /// # Errors
    /// The city says no to something.
    pub async fn open(cluster: &mut Cluster, furniture: Furniture) -> Result<Self> {
        let doors = cluster.doors();
        let urls = || -> Vec<String> {
            let doors = doors.read().expect("nobody panics with the doors in hand");
            doors.iter().map(|(_, url)| url.clone()).collect()
        };
        let founder = Client::new(urls())?;
        let (login, password) = cluster.founder();
        // A city is ready a moment before it is founded, and with it the founder's account.
        let founded = until(READY_WITHIN, "the founder's login", async || {
            founder.login(login, password).await.ok()
        });
        let login = founded.await?;
        let operator = login.tokens.access_token;
        cluster.set_operator(operator.clone());
        let city = CityNumber(cluster.city_number());
        let menus = furnish(&founder, city, furniture.kitchens).await?;
        let mut customers = Vec::new();
        for number in 0..furniture.customers {
            let (_, token) = sign_up(urls(), &format!("customer-{number}")).await?;
            customers.push(token);
        }
        let mut couriers = Vec::new();
        for number in 0..furniture.couriers {
            let (client, token) = sign_up(urls(), &format!("courier-{number}")).await?;
            let wish = CourierSignupRequest { vehicle: Vehicle::Bicycle };
            let wish = Call::post("/v1/delivery/signup", &wish);
            let courier = client.send::<_, api::couriers::Courier>(wish).await?.value;
            let courier_id = courier.courier_id.to_string();
            let path = format!("/v1/admin/courier/{courier_id}/approve");
            founder.send::<_, api::wire::Done>(Call::post(&path, &())).await?;
            couriers.push(Courier { courier_id, token });
        }
        let kitchens = menus.iter().map(|menu| menu.restaurant_id.to_string());
        let carriers = couriers.iter().map(|courier| courier.courier_id.clone());
        for id in kitchens.chain(carriers) {
            vouch_for(&founder, &id).await?;
        }
        Ok(Self { customers, couriers, operator, menus })
    }

    /// Nobody is alerted again about an order during a run: an alert is an entry about it, and
    /// copies are compared while nothing moves.
    ///
    /// # Errors
    /// The city says no.
    pub async fn without_alerts(&self, urls: Vec<String>) -> Result<()> {
        let operator = Client::new(urls)?;
        operator.set_token(Some(self.operator.clone()));
        const SETTINGS: &str = "/v1/admin/settings";
        let shown = operator.send::<(), Section<Settings>>(Call::get(SETTINGS)).await?.value;
        let later = Some(ALERT_MS);
        let quiet = Settings {
            alert_push_ms: later,
            alert_sms_ms: later,
            alert_call_ms: later,
            alert_operators_ms: later,
            // As short as can be, so that offers do expire in a run.
            offer_ms: *domain::limits::OFFER_MS.start(),
            ..shown.now
        };
        let put = Call::put(SETTINGS, &quiet).if_version(shown.version);
        operator.send::<_, TermsPut>(put).await.context("the settings")?;
        Ok(())
    }

    /// Somebody's next meal, to be paid at the door. The note is the key, so that no two orders
    /// are alike. A door that is `far` away is beyond what any kitchen delivers to.
    pub fn meal(&self, key: &str, far: bool, random: &mut Random) -> Value {
        let menu = &self.menus[random.below(self.menus.len())];
        let dish = &menu.dishes[random.below(menu.dishes.len())];
        let quantity = 1 + random.below(3);
        let (lat, lng) = CENTRE;
        let lat = if far { lat + FAR_DEGREES } else { lat };
        let house = random.below(90);
        json!({
            "restaurant_id": menu.restaurant_id,
            "basket": [{"dish_id": dish.dish_id, "quantity": quantity}],
            "address": {
                "point": {"lat": lat + house as f64 / 10_000.0, "lng": lng},
                "lines": format!("Calle Mayor {house}"),
            },
            "payment": {"method": "cash"},
            "note": key,
        })
    }
}

/// A new person, and a client that speaks for them.
async fn sign_up(urls: Vec<String>, who: &str) -> Result<(Client, String)> {
    let request = SignupRequest {
        name: who.to_owned(),
        phone: None,
        email: Some(format!("{who}@example.com")),
        password: PASSWORD.to_owned(),
        locale: None,
    };
    let client = Client::new(urls)?;
    let answer = client.send::<_, SignupAnswer>(Call::post("/v1/signup", &request)).await;
    let token = answer.context("a sign-up")?.value.tokens.access_token;
    client.set_token(Some(token.clone()));
    Ok((client, token))
}

/// Nobody is paused for how they work: orders go wrong here on purpose, at a rate that no kitchen
/// and no courier would be forgiven. An operator who takes a measure back has that said for a week.
async fn vouch_for(founder: &Client, id: &str) -> Result<()> {
    let path = format!("/v1/admin/quality/{id}/action");
    for action in [Action::Warn, Action::Clear] {
        let wish = ActionRequest { action, until: None, reason: "things break here".to_owned() };
        let call = Call::post(&path, &wish);
        founder.send::<_, Quality>(call).await.with_context(|| path.clone())?;
    }
    Ok(())
}

async fn furnish(founder: &Client, city: CityNumber, kitchens: u64) -> Result<Vec<Menu>> {
    let ids: Vec<_> = (0..kitchens)
        .map(|number| RestaurantId::derive(city, &[b"kitchen", &number.to_be_bytes()]))
        .collect();
    let mut items = Vec::new();
    for (number, restaurant_id) in ids.iter().copied().enumerate() {
        let profile = Box::new(profile(number)?);
        items.push(BulkItem::PutRestaurant { restaurant_id, profile });
        items.push(BulkItem::PutMenu { restaurant_id, menu: Box::new(menu()?) });
    }
    // A piece at a time: a request has a deadline, and each item is an entry of its own.
    let mut newest = 0;
    while !items.is_empty() {
        let request = BulkRequest { items: items.drain(..items.len().min(PIECE)).collect() };
        let bulk = Call::post("/v1/admin/bulk", &request);
        let answer = founder.send::<_, BulkAnswer>(bulk).await.context("furnishing")?.value;
        let failed = answer.results.iter().find(|result| result.status >= 300);
        ensure!(failed.is_none(), "a kitchen was refused: {failed:?}");
        newest = answer.results.iter().filter_map(|result| result.index).max().unwrap_or(newest);
    }
    // Reads of this client reflect no less than all of it.
    founder.read_after(newest);
    let mut menus = Vec::new();
    for id in ids {
        let path = format!("/v1/restaurants/{id}/menu");
        let read = [("read", "linearizable".to_owned())];
        let call: Call<'_> = Call::get(&path).query(&read);
        menus.push(founder.send::<_, Menu>(call).await.context("a menu")?.value);
    }
    Ok(menus)
}

/// A kitchen in the middle of everything that never closes.
pub(crate) fn profile(number: usize) -> Result<Profile> {
    let always = ["00:00-24:00"];
    let (lat, lng) = CENTRE;
    let profile = json!({
        "name": format!("Kitchen {number}"), "position": {"lat": lat, "lng": lng},
        "address": format!("Calle Corta {number}"), "cuisines": ["tapas"],
        "hours": {
            "monday": always, "tuesday": always, "wednesday": always, "thursday": always,
            "friday": always, "saturday": always, "sunday": always,
        },
        "delivery_radius_m": 10_000, "delivery_fee": 250, "minimum": 500, "sample": true,
        // Short, so that a courier is looked for at once.
        "preparation_minutes": 5,
    });
    serde_json::from_value(profile).context("a profile has this shape")
}

fn menu() -> Result<MenuInput> {
    let refs: Vec<_> = (0..DISHES).map(|number| format!("dish-{number}")).collect();
    let dishes = refs.iter().enumerate().map(|(number, own)| {
        json!({"ref": own, "title": {"en": format!("Dish {number}")}, "price": 600 + 50 * number})
    });
    let menu = json!({
        "categories": [{"ref": "all", "title": {"en": "All"}, "dishes": refs}],
        "dishes": dishes.collect::<Vec<_>>(),
    });
    serde_json::from_value(menu).context("a menu has this shape")
}
