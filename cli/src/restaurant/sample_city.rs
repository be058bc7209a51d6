//! Marisol, the invented city that ships with the product, so that a demo needs no file from
//! elsewhere. This writes `cluster-config/cities/marisol.ndjson`; the test below compares it, and
//! `UPDATE_EXPECT=1` writes it anew.

use super::ndjson::{self, Line};
use api::restaurants::{Hours, Profile};
use api::wire::Point;
use domain::ids::CityNumber;
use domain::position::Position;
use domain::time::{HOUR_MS, Timestamp};
use expect_test::expect_file;

/// Name and cuisines.
const RESTAURANTS: [(&str, &str); 60] = [
    ("Casa Marisol", "regional seafood"),
    ("El Faro Viejo", "seafood"),
    ("La Sidreria del Puerto", "asturian"),
    ("Pizzeria Vento", "pizza"),
    ("Trattoria Luce", "italian"),
    ("Burger Kraken", "burger"),
    ("Sushi Nami", "sushi"),
    ("Ramen Kaze", "ramen"),
    ("Wok de Jade", "chinese"),
    ("Taj del Mar", "indian"),
    ("Baan Suda", "thai"),
    ("Pho Ola", "vietnamese"),
    ("Seul Station", "korean"),
    ("Taqueria Luna", "mexican"),
    ("Istanbul Grill", "kebab"),
    ("Taberna Egea", "greek"),
    ("Bistro Claire", "french"),
    ("Asador Roble", "steak_house"),
    ("Pollo Bravo", "chicken"),
    ("Bocados", "sandwich"),
    ("Verde Claro", "vegan salad"),
    ("Cafe Brisa", "coffee_shop"),
    ("Heladeria Polar", "ice_cream"),
    ("Sabor de Luanda", "african"),
    ("Tasca do Norte", "portuguese"),
    ("La Marea", "tapas"),
    ("Pizza Gondola", "pizza pasta"),
    ("Nonna Pia", "italian"),
    ("Smash Bros de Sal", "burger"),
    ("Kumo Sushi", "sushi"),
    ("Tori Ramen", "ramen"),
    ("Gran Muralla Azul", "chinese"),
    ("Curry Corner", "indian"),
    ("Chili y Coco", "thai"),
    ("Saigon 9", "vietnamese"),
    ("Kimchi Lab", "korean"),
    ("El Cactus Azul", "tex-mex"),
    ("Falafel Zahra", "falafel"),
    ("Olivo y Sal", "greek"),
    ("Crepe Celeste", "crepe"),
    ("La Brasa", "grill"),
    ("Alas Doradas", "wings"),
    ("Pan y Compania", "sandwich bakery"),
    ("Poke Marea", "poke"),
    ("Desayunos Alba", "breakfast"),
    ("Gofres Nube", "waffle"),
    ("Cabo Verde", "cape_verdean"),
    ("Churrasqueira Dois", "portuguese chicken"),
    ("El Ancla", "fish_and_chips"),
    ("Bar Tejo", "regional"),
    ("Forno Rosso", "pizza"),
    ("Pasta Bella", "pasta"),
    ("Doble Doble", "burger american"),
    ("Hana", "japanese"),
    ("Dumpling House", "dim_sum"),
    ("Lima Norte", "peruvian"),
    ("Beirut Express", "lebanese"),
    ("La Huerta", "vegetarian"),
    ("Cafe Meridiano", "cafe cake"),
    ("Mesa Larga", "international"),
];

const STREETS: [&str; 12] = [
    "Calle del Puerto",
    "Calle Mayor",
    "Paseo de la Ria",
    "Calle de la Sal",
    "Plaza del Faro",
    "Calle Ancha",
    "Calle de los Olmos",
    "Avenida del Mar",
    "Calle Estrecha",
    "Cuesta del Molino",
    "Calle de la Campana",
    "Travesia del Norte",
];

const CENTRE: (f64, f64) = (43.55, -5.92);
/// From the centre to the farthest kitchen, in metres.
const RADIUS_M: f64 = 2_200.0;

fn file() -> String {
    let lines = RESTAURANTS.iter().enumerate().map(|(n, (name, cuisines))| {
        let line = Line {
            own_ref: Some(name.to_lowercase().replace(' ', "-")),
            restaurant_id: None,
            restaurant: profile(n, name, cuisines),
            menu: None,
        };
        serde_json::to_string(&line).unwrap() + "\n"
    });
    lines.collect()
}

fn profile(n: usize, name: &str, cuisines: &str) -> Profile {
    let number = n as i64;
    Profile {
        name: name.to_owned(),
        position: position(n),
        address: format!("{} {}", STREETS[n * 7 % STREETS.len()], 1 + n * 13 % 60),
        cuisines: cuisines.split(' ').map(str::to_owned).collect(),
        hours: hours(n),
        pickup_hours: None,
        holiday_hours: None,
        last_order_minutes: 0,
        delivery_radius_m: 4_000 + 500 * (n as u32 % 5),
        delivery_area: None,
        delivery_fee: 150 + 50 * (number % 5),
        minimum: 600 + 200 * (number % 4),
        preparation_minutes: 10 + 5 * (number % 4),
        // Half of the kitchens answer by themselves: both ways are seen in a demo.
        auto_accept: n.is_multiple_of(2),
        sample: true,
    }
}

/// Like the seeds of a sunflower: even, and never two in one place.
fn position(n: usize) -> Point {
    let distance = RADIUS_M * ((n as f64 + 0.5) / RESTAURANTS.len() as f64).sqrt();
    let turn = n as f64 * 2.399_963;
    let lat = CENTRE.0 + distance * turn.cos() / 111_320.0;
    let lng = CENTRE.1 + distance * turn.sin() / (111_320.0 * CENTRE.0.to_radians().cos());
    let five_places = |degrees: f64| (degrees * 1e5).round() / 1e5;
    Point { lat: five_places(lat), lng: five_places(lng) }
}

/// Most kitchens hardly ever close, so that there is something to see at any hour; the rest shows
/// what a calendar can say.
fn hours(n: usize) -> Hours {
    let day = |ranges: &[&str]| -> Vec<String> { ranges.iter().map(|r| (*r).to_owned()).collect() };
    let week = |ranges: &[&str]| Hours {
        monday: day(ranges),
        tuesday: day(ranges),
        wednesday: day(ranges),
        thursday: day(ranges),
        friday: day(ranges),
        saturday: day(ranges),
        sunday: day(ranges),
    };
    match n % 10 {
        0..=5 => week(&["00:00-24:00"]),
        6 | 7 => week(&["06:00-04:00"]),
        8 => week(&["07:00-16:00", "17:00-02:00"]),
        _ if n % 20 == 9 => week(&["12:00-16:00", "19:00-00:30"]),
        _ => Hours {
            monday: Vec::new(),
            friday: day(&["13:00-05:00"]),
            saturday: day(&["13:00-05:00"]),
            ..week(&["13:00-16:00", "19:30-23:30"])
        },
    }
}

#[test]
fn the_sample_city_is_up_to_date() {
    expect_file!["../../../cluster-config/cities/marisol.ndjson"].assert_eq(&file());
}

#[test]
fn the_sample_city_is_lively_at_any_hour() {
    let entries = ndjson::read(&file(), CityNumber(1), 100).unwrap();
    assert_eq!(entries.len(), RESTAURANTS.len());
    let city = cluster_config::City::sample();
    let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    for hour in 0..7 * 24 {
        let at = start.plus_ms(hour * HOUR_MS);
        let weeks = entries.iter().map(|entry| entry.profile.hours.to_domain().unwrap());
        let open = weeks.filter(|week| week.state_at(at, &city.time_zone).open).count();
        assert!(open >= 36, "{open} open at {at}");
    }
    for entry in &entries {
        assert!(entry.menu.dishes.len() >= 10, "{}", entry.profile.name);
        assert!(Position::try_from(entry.profile.position).is_ok());
    }
}
