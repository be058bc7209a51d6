//! What a city needs before anybody can order: an operator, kitchens that never close, their menus,
//! and a few customers. Few, since each sign-up costs a password hash on purpose.

use crate::cluster::Cluster;
use crate::random::Random;
use anyhow::{Context, Result, ensure};
use api::accounts::{SignupAnswer, SignupRequest};
use api::admin::{BulkAnswer, BulkItem, BulkRequest};
use api::client::{Call, Client};
use api::menus::{Menu, MenuInput};
use api::restaurants::Profile;
use api::terms::{Section, Settings, TermsPut};
use domain::ids::{CityNumber, RestaurantId};
use serde_json::{Value, json};

/// Kitchens; orders are spread over them.
const KITCHENS: u64 = 4;
/// Longer than any run.
const ALERT_MS: i64 = 3_600_000;
/// Dishes on each menu.
const DISHES: usize = 6;
/// People who order; each is at several nodes at once.
const CUSTOMERS: usize = 3;
/// Nobody's real password: these people live as long as a run.
const PASSWORD: &str = "a city of paper people";
/// 50 kilometres to the north.
const FAR_DEGREES: f64 = 0.45;
/// Where everything happens.
const CENTRE: (f64, f64) = (43.55, -5.92);

/// The furnished city.
#[derive(Debug)]
pub struct Shop {
    /// Access tokens of the customers.
    pub customers: Vec<String>,
    /// The operator's.
    pub operator: String,
    /// What there is to eat.
    pub menus: Vec<Menu>,
}

impl Shop {
    /// Opens the kitchens and signs the customers up.
    ///
    /// # Errors
    /// The city says no to something.
    pub async fn open(cluster: &mut Cluster) -> Result<Self> {
        let doors = cluster.doors();
        let urls = || -> Vec<String> {
            let doors = doors.read().expect("nobody panics with the doors in hand");
            doors.iter().map(|(_, url)| url.clone()).collect()
        };
        let founder = Client::new(urls())?;
        let (login, password) = cluster.founder();
        let login = founder.login(login, password).await.context("the founder's login")?;
        let operator = login.tokens.access_token;
        cluster.set_operator(operator.clone());
        let menus = furnish(&founder, CityNumber(cluster.city_number())).await?;
        let mut customers = Vec::new();
        for number in 0..CUSTOMERS {
            let request = SignupRequest {
                name: format!("Customer {number}"),
                phone: None,
                email: Some(format!("customer-{number}@example.com")),
                password: PASSWORD.to_owned(),
                locale: None,
            };
            let customer = Client::new(urls())?;
            let signup = Call::post("/v1/signup", &request);
            let answer = customer.send::<_, SignupAnswer>(signup).await.context("a sign-up")?;
            customers.push(answer.value.tokens.access_token);
        }
        Ok(Self { customers, operator, menus })
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

async fn furnish(founder: &Client, city: CityNumber) -> Result<Vec<Menu>> {
    let ids: Vec<_> = (0..KITCHENS)
        .map(|number| RestaurantId::derive(city, &[b"kitchen", &number.to_be_bytes()]))
        .collect();
    let mut items = Vec::new();
    for (number, restaurant_id) in ids.iter().copied().enumerate() {
        let profile = Box::new(profile(number)?);
        items.push(BulkItem::PutRestaurant { restaurant_id, profile });
        items.push(BulkItem::PutMenu { restaurant_id, menu: Box::new(menu()?) });
    }
    let request = BulkRequest { items };
    let bulk = Call::post("/v1/admin/bulk", &request);
    let answer = founder.send::<_, BulkAnswer>(bulk).await.context("furnishing")?.value;
    let failed = answer.results.iter().find(|result| result.status >= 300);
    ensure!(failed.is_none(), "a kitchen was refused: {failed:?}");
    // Reads of this client reflect no less than all of it.
    founder.read_after(answer.results.iter().filter_map(|result| result.index).max().unwrap_or(0));
    let mut menus = Vec::new();
    for id in ids {
        let path = format!("/v1/restaurants/{id}/menu");
        let read = [("read", "linearizable".to_owned())];
        let call: Call<'_> = Call::get(&path).query(&read);
        menus.push(founder.send::<_, Menu>(call).await.context("a menu")?.value);
    }
    Ok(menus)
}

fn profile(number: usize) -> Result<Profile> {
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
