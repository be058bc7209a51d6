//! Which city does a request mean? What it says outright counts before what it lets us guess.

use crate::cities::{Cities, City};
use api::codes::Code;
use api::problem::{FieldProblem, Problem};
use axum::http::{HeaderMap, Uri};
use domain::ids::{
    AccountId, CategoryId, CityNumber, CourierId, DeliveryId, DishId, OfferId, OptionGroupId,
    OptionId, OrderId, PaymentId, QuoteId, RatingId, RefundId, RestaurantId, SessionId,
};
use domain::position::{Position, PositionError};

/// Names the city of a request.
pub(crate) const CITY_HEADER: &str = "fd-city";

/// The city of a request, by its `Fd-City` header, an id in its path, `lat` and `lng` in its
/// query, or because there is no other.
pub(crate) fn city_of<'c>(
    cities: &'c Cities,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<&'c City, Box<Problem>> {
    if let Some(slug) = headers.get(CITY_HEADER) {
        let city = slug.to_str().ok().and_then(|slug| cities.with_slug(slug));
        return city.ok_or_else(|| no_city("there is no city of the name in Fd-City"));
    }
    if let Some(number) = uri.path().split('/').find_map(city_of_id) {
        let city = cities.with_number(number);
        return city.ok_or_else(|| no_city("the id in the path is of no city here"));
    }
    if let [only] = cities.all.as_slice() {
        return Ok(only);
    }
    let query = uri.query().unwrap_or("");
    if parameter(query, "lat").is_some() || parameter(query, "lng").is_some() {
        return city_at(cities, query);
    }
    let mut problem = Problem::new(Code::ParamInvalid);
    problem.detail = Some("say which city: Fd-City with its short name, see /v1/cities".to_owned());
    problem.errors = vec![wrong("Fd-City", "the short name of a city")];
    Err(Box::new(problem))
}

/// The city of the place in `lat` and `lng`.
pub(crate) fn city_at<'c>(cities: &'c Cities, query: &str) -> Result<&'c City, Box<Problem>> {
    let number = |name: &str| {
        let text = parameter(query, name)?;
        text.parse().ok().filter(|degrees: &f64| degrees.is_finite())
    };
    let (lat, lng) = (number("lat"), number("lng"));
    let place = match (lat, lng) {
        (Some(lat), Some(lng)) => Position::from_degrees(lat, lng),
        (None, _) => Err(PositionError::Latitude),
        (_, None) => Err(PositionError::Longitude),
    };
    match place {
        Ok(place) => cities.at(place).ok_or_else(|| no_city("no city serves this place")),
        Err(why) => {
            let name = match why {
                PositionError::Latitude => "lat",
                PositionError::Longitude => "lng",
            };
            let mut problem = Problem::new(Code::ParamInvalid);
            problem.detail = Some(format!("{name}: {why}"));
            problem.errors = vec![wrong(name, &why.to_string())];
            Err(Box::new(problem))
        }
    }
}

fn no_city(detail: &str) -> Box<Problem> {
    let mut problem = Problem::new(Code::NoCity);
    problem.detail = Some(detail.to_owned());
    Box::new(problem)
}

fn wrong(name: &str, detail: &str) -> FieldProblem {
    FieldProblem {
        pointer: name.to_owned(),
        code: Code::ParamInvalid.as_str().to_owned(),
        detail: detail.to_owned(),
    }
}

/// Coordinates and slugs need no percent-encoding: a value that has one is not understood.
fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn city_of_id(text: &str) -> Option<CityNumber> {
    macro_rules! any_of {
        ($($id:ident)*) => { None$(.or_else(|| text.parse::<$id>().ok().map(|id| id.city())))* };
    }
    any_of!(
        OrderId RestaurantId DeliveryId OfferId QuoteId CourierId AccountId DishId OptionGroupId
        OptionId CategoryId PaymentId RefundId SessionId RatingId
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster_config::DirectoryConfig;
    use expect_test::expect;

    fn cities(slugs: &[(&str, u16, i32)]) -> Cities {
        let folder = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for (slug, number, west) in slugs {
            let east = west + 2;
            let square = format!(
                r#"{{"type":"Polygon","coordinates":
                    [[[{west},0],[{east},0],[{east},2],[{west},2],[{west},0]]]}}"#
            );
            std::fs::write(folder.path().join(slug), square).unwrap();
            text += &format!(
                "[[cities]]\nslug = \"{slug}\"\nnumber = {number}\nname = \"{slug}\"\n\
                 currency = \"EUR\"\ntime_zone = \"Europe/Madrid\"\nboundary = \"{slug}\"\n\
                 nodes = [\"http://127.0.0.1:1\"]\n"
            );
        }
        let config = DirectoryConfig::parse(&text, folder.path()).unwrap();
        Cities::load(config.cities).unwrap()
    }

    fn asked(cities: &Cities, uri: &str, header: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(slug) = header {
            headers.insert(CITY_HEADER, slug.parse().unwrap());
        }
        let said = match city_of(cities, &uri.parse().unwrap(), &headers) {
            Ok(city) => city.about.slug.clone(),
            Err(problem) => format!("{} {}", problem.code, problem.detail.unwrap_or_default()),
        };
        format!("{uri} {}: {said}\n", header.unwrap_or(""))
    }

    #[test]
    fn which_city_is_meant() {
        let two = cities(&[("alba", 1, 0), ("berna", 2, 10)]);
        let order = OrderId::derive(CityNumber(2), &[b"o"]);
        let stray = OrderId::derive(CityNumber(9), &[b"o"]);
        let mut told = String::new();
        for (uri, header) in [
            ("/orders", Some("berna")),
            (&*format!("/orders/{order}"), Some("alba")),
            ("/orders", Some("cadiz")),
            (&*format!("/v1/orders/{order}/cancel"), None),
            (&*format!("/v1/orders/{stray}"), None),
            ("/search?lat=1&lng=1", None),
            ("/search?q=a&lng=11.5&lat=1", None),
            ("/search?lat=50&lng=1", None),
            ("/search?lat=1", None),
            ("/search?lat=1&lng=NaN", None),
            ("/search?lat=100&lng=1", None),
            ("/search", None),
        ] {
            told += &asked(&two, uri, header);
        }
        let one = cities(&[("alba", 1, 0)]);
        told += "only one:\n";
        for (uri, header) in [
            ("/search", None),
            ("/search?lat=50&lng=1", None),
            (&*format!("/v1/orders/{order}"), None),
            ("/search", Some("berna")),
        ] {
            told += &asked(&one, uri, header);
        }
        let told = told.replace(&order.to_string(), "ORDER").replace(&stray.to_string(), "STRAY");
        expect![[r#"
            /orders berna: berna
            /orders/ORDER alba: alba
            /orders cadiz: no_city there is no city of the name in Fd-City
            /v1/orders/ORDER/cancel : berna
            /v1/orders/STRAY : no_city the id in the path is of no city here
            /search?lat=1&lng=1 : alba
            /search?q=a&lng=11.5&lat=1 : berna
            /search?lat=50&lng=1 : no_city no city serves this place
            /search?lat=1 : param_invalid lng: a longitude is a number from -180 to 180
            /search?lat=1&lng=NaN : param_invalid lng: a longitude is a number from -180 to 180
            /search?lat=100&lng=1 : param_invalid lat: a latitude is a number from -90 to 90
            /search : param_invalid say which city: Fd-City with its short name, see /v1/cities
            only one:
            /search : alba
            /search?lat=50&lng=1 : alba
            /v1/orders/ORDER : no_city the id in the path is of no city here
            /search berna: no_city there is no city of the name in Fd-City
        "#]]
        .assert_eq(&told);
    }
}
