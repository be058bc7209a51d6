//! Who lives in the tests' city: a founder, a kitchen, customers, couriers.

use crate::city::{City, FOUNDER, FOUNDER_PASSWORD};
use crate::http::Api;
use domain::ids::{CityNumber, RestaurantId};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The kitchen's door.
pub(crate) const KITCHEN: (f64, f64) = (43.5500, -5.9200);
/// The customer's door, about 900 m away.
pub(crate) const DOOR: (f64, f64) = (43.5560, -5.9120);
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) account_id: String,
    pub(crate) token: String,
    pub(crate) login: String,
}

/// A courier who is approved.
#[derive(Clone, Debug)]
pub(crate) struct Rider {
    pub(crate) person: Person,
    pub(crate) courier_id: String,
}

/// A restaurant with a menu and somebody who works there.
#[derive(Clone, Debug)]
pub(crate) struct Kitchen {
    pub(crate) id: String,
    pub(crate) staff: Person,
    pub(crate) ramen: String,
    pub(crate) gyoza: String,
    /// The log index of its menu.
    pub(crate) index: u64,
}

impl City {
    /// A node, asked by a person.
    pub(crate) fn by(&self, node: usize, person: &Person) -> Api {
        self.at(node).with(&person.token)
    }

    /// Logs in the founder.
    pub(crate) async fn founder(&self) -> Person {
        let body = json!({"login": FOUNDER, "password": FOUNDER_PASSWORD});
        let answer = self.at(1).post("/login", body).await.ok(200);
        person(&answer, FOUNDER)
    }

    /// Another token of somebody's.
    pub(crate) async fn log_in_again(&self, person: &Person) -> String {
        let founder = person.login == FOUNDER;
        let password = if founder { FOUNDER_PASSWORD } else { PASSWORD };
        let body = json!({"login": person.login, "password": password});
        let answer = self.at(1).post("/login", body).await.ok(200);
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Signs up somebody new, at some node.
    pub(crate) async fn somebody(&self) -> Person {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let login = format!("+34600{number:06}");
        let body = json!({"name": "Ana", "phone": login, "password": PASSWORD});
        let answer = self.at(1 + number as usize % 3).post("/signup", body).await.ok(201);
        person(&answer, &login)
    }

    /// Opens a restaurant by import, as an operator does.
    pub(crate) async fn kitchen(&self, founder: &Person, name: &str) -> Kitchen {
        let id = RestaurantId::derive(CityNumber(1), &[name.as_bytes()]).to_string();
        let items = json!({"items": [
            {"op": "put_restaurant", "restaurant_id": id, "profile": profile(name)},
            {"op": "put_menu", "restaurant_id": id, "menu": menu()},
        ]});
        let by_founder = self.by(1, founder);
        let answer = by_founder.post("/v1/admin/bulk", items).await.ok(207);
        assert_eq!(answer["results"][0]["status"], 200, "{answer}");
        let index = answer["results"][1]["index"].as_u64().expect("the menu is taken");

        let staff = self.somebody().await;
        let grant = json!({"account_id": staff.account_id, "role": "manager"});
        by_founder.post(&format!("/v1/restaurant/{id}/staff"), grant).await.ok(200);
        let menu = self.at(1).get(&format!("/v1/restaurants/{id}/menu")).await.ok(200);
        let dish = |own: &str| {
            let dishes = menu["dishes"].as_array().unwrap().iter();
            let found = dishes.clone().find(|dish| dish["ref"] == own).unwrap();
            found["dish_id"].as_str().unwrap().to_owned()
        };
        Kitchen { staff, ramen: dish("ramen"), gyoza: dish("gyoza"), id, index }
    }

    /// A courier, approved and on shift.
    pub(crate) async fn rider(&self, founder: &Person) -> Rider {
        let person = self.somebody().await;
        let own = self.by(2, &person);
        let answer = own.post("/v1/delivery/signup", json!({"vehicle": "bicycle"})).await.ok(201);
        let courier_id = answer["courier_id"].as_str().unwrap().to_owned();
        let approve = format!("/v1/admin/courier/{courier_id}/approve");
        self.by(3, founder).post(&approve, json!({})).await.ok(200);
        own.put("/v1/delivery/me/online", json!({"online": true})).await.ok(200);
        Rider { person, courier_id }
    }

    /// Says where a courier is, several times a second, until the answer is dropped.
    pub(crate) fn rides(&self, node: usize, rider: &Rider, at: (f64, f64)) -> Riding {
        let own = self.by(node, &rider.person);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(300));
            loop {
                ticks.tick().await;
                let body = json!({"positions": [{"point": point(at)}]});
                own.post("/v1/delivery/me/positions", body).await.ok(200);
            }
        });
        Riding(task)
    }
}

/// A phone that says where it is.
pub(crate) struct Riding(tokio::task::JoinHandle<()>);

impl Drop for Riding {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn point(at: (f64, f64)) -> Value {
    json!({"lat": at.0, "lng": at.1})
}

/// A basket to the customer's door.
pub(crate) fn order(kitchen: &Kitchen, bowls: u32) -> Value {
    json!({
        "restaurant_id": kitchen.id,
        "basket": [{"dish_id": kitchen.ramen, "quantity": bowls}, {"dish_id": kitchen.gyoza}],
        "address": {"point": point(DOOR), "lines": "Calle Mayor 1, 2B", "door_note": "ring twice"},
        "payment": {"method": "card", "token": "tok_visa"},
        "tip": 100,
    })
}

/// Open at all hours.
pub(crate) fn profile(name: &str) -> Value {
    let day = ["00:00-24:00"];
    json!({
        "name": name, "position": point(KITCHEN), "address": "Calle del Puerto 4",
        "cuisines": ["Ramen", "japanese"],
        "hours": {"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day,
            "saturday": day, "sunday": day},
        "delivery_fee": 250, "minimum": 800, "preparation_minutes": 5,
    })
}

pub(crate) fn menu() -> Value {
    json!({
        "categories": [
            {"ref": "mains", "title": {"en": "Mains"}, "dishes": ["ramen", "gyoza"]}],
        "dishes": [
            {"ref": "ramen", "title": {"en": "Tonkotsu ramen"}, "price": 1250,
             "option_groups": ["egg"]},
            {"ref": "gyoza", "title": {"en": "Pork gyoza"}, "price": 590}],
        "option_groups": [
            {"ref": "egg", "title": {"en": "Extra egg"}, "max": 1,
             "options": [{"ref": "one", "title": {"en": "One egg"}, "price": 150}]}],
    })
}

fn person(answer: &Value, login: &str) -> Person {
    let text = |name: &str| answer[name].as_str().expect(name).to_owned();
    Person { account_id: text("account_id"), token: text("access_token"), login: login.to_owned() }
}

/// The shortest body of a status patch.
pub(crate) fn kitchen_word(status: &str) -> String {
    json!({"status": status}).to_string()
}
