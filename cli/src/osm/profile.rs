//! A place on the map becomes a restaurant of ours, or is skipped with a reason.

use super::hours::{self, Reading};
use super::{Amenity, Place, Tags};
use api::restaurants::{Hours, Profile};
use domain::calendar::{Range, WeeklyHours};
use domain::ids::{CityNumber, RestaurantId};
use domain::limits::{CUISINES, NAME_LETTERS};

/// How far a kitchen of the map delivers, in metres: as far as food stays warm.
const RADIUS_M: u32 = 5_000;
/// What the map does not know and every kitchen has, at a price level of 100 percent.
const DELIVERY_FEE: i64 = 250;
const MINIMUM: i64 = 800;

/// A restaurant made from a place, and how well its hours were understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Converted {
    pub(crate) id: RestaurantId,
    pub(crate) profile: Profile,
    pub(crate) hours: HoursFrom,
    /// Rules for school holidays, or for days around holidays, were left out.
    pub(crate) holidays: bool,
    /// Closings on certain dates were left out.
    pub(crate) dates: bool,
}

/// Where the hours of a profile come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HoursFrom {
    /// Every word of the map.
    Whole,
    /// The map, with something left out, on the side of closed.
    Partly,
    /// The usual ones of its kind: the map's could not be read, or not be said in a week.
    Unreadable,
    /// The usual ones of its kind: the map has none.
    Absent,
}

/// Why a place is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Skip {
    NoName,
    NoPosition,
    OutsideBox,
    NeverOpen,
}

impl Skip {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoName => "without a name",
            Self::NoPosition => "without a position in the extract",
            Self::OutsideBox => "outside the box",
            Self::NeverOpen => "never open",
        }
    }
}

/// The name of a place in our city: the same in every import, on every machine.
fn id_of(city: CityNumber, place: &Place) -> RestaurantId {
    let number = place.osm_id.to_string();
    RestaurantId::derive(city, &[b"osm", place.kind.as_str().as_bytes(), number.as_bytes()])
}

/// # Errors
/// The place cannot be a restaurant of ours.
pub(crate) fn convert(
    city: CityNumber,
    place: &Place,
    price_percent: u32,
) -> Result<Converted, Skip> {
    let name = tag(&place.tags, "name").ok_or(Skip::NoName)?;
    let position = place.position.ok_or(Skip::NoPosition)?;
    let (from, Reading { hours, holiday_hours, holidays, dates, .. }) = hours_of(place);
    if hours.0.iter().all(Vec::is_empty) {
        return Err(Skip::NeverOpen);
    }
    let price = |base: i64| base * i64::from(price_percent) / 100;
    let profile = Profile {
        name: cut(name),
        position: position.into(),
        address: address(&place.tags),
        cuisines: cuisines(place),
        hours: Hours::of(&hours),
        pickup_hours: None,
        holiday_hours: holiday_hours.as_deref().map(api::hours::shown),
        last_order_minutes: 0,
        delivery_radius_m: RADIUS_M,
        delivery_area: None,
        delivery_fee: price(DELIVERY_FEE),
        minimum: price(MINIMUM),
        preparation_minutes: preparation_minutes(place.amenity),
        auto_accept: false,
        sample: true,
    };
    Ok(Converted { id: id_of(city, place), profile, hours: from, holidays, dates })
}

fn tag<'a>(tags: &'a Tags, key: &str) -> Option<&'a str> {
    tags.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(NAME_LETTERS).collect()
}

fn preparation_minutes(amenity: Amenity) -> i64 {
    match amenity {
        Amenity::Restaurant => 25,
        Amenity::Cafe => 10,
        Amenity::FastFood => 12,
    }
}

fn hours_of(place: &Place) -> (HoursFrom, Reading) {
    let usual = || Reading::of_week(usual_hours(place.amenity));
    let Some(text) = tag(&place.tags, "opening_hours") else {
        return (HoursFrom::Absent, usual());
    };
    match hours::read(text) {
        Some(reading) if reading.whole => (HoursFrom::Whole, reading),
        Some(reading) => (HoursFrom::Partly, reading),
        None => (HoursFrom::Unreadable, usual()),
    }
}

/// When such a place is usually open, every day.
fn usual_hours(amenity: Amenity) -> WeeklyHours {
    let hour = |from: u16, to: u16| Range { from: from * 60, to: to * 60 };
    let day = match amenity {
        Amenity::Restaurant => vec![hour(12, 15), hour(19, 23)],
        Amenity::Cafe => vec![hour(8, 20)],
        Amenity::FastFood => vec![hour(11, 23)],
    };
    WeeklyHours(std::array::from_fn(|_| day.clone()))
}

/// `cuisine=pizza;italian`, lower case and in the map's spelling; some write commas. A café
/// without one is a café.
fn cuisines(place: &Place) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in tag(&place.tags, "cuisine").unwrap_or_default().split([';', ',']) {
        let word = word.trim().to_lowercase().replace(' ', "_");
        let known = word.is_empty() || word.chars().any(char::is_control) || out.contains(&word);
        if !known && word.chars().count() <= NAME_LETTERS && out.len() < CUISINES {
            out.push(word);
        }
    }
    match place.amenity {
        Amenity::Cafe if out.is_empty() => out.push("cafe".to_owned()),
        Amenity::FastFood if out.is_empty() => out.push("fast_food".to_owned()),
        Amenity::Cafe | Amenity::FastFood | Amenity::Restaurant => {}
    }
    out
}

/// As one line, in the order that most of the world writes it; empty if the map has none.
fn address(tags: &Tags) -> String {
    if let Some(full) = tag(tags, "addr:full") {
        return cut(full);
    }
    let joined =
        |keys: &[&str]| keys.iter().filter_map(|key| tag(tags, key)).collect::<Vec<_>>().join(" ");
    let street = if tags.contains_key("addr:street") { "addr:street" } else { "addr:place" };
    let lines = [joined(&[street, "addr:housenumber"]), joined(&["addr:postcode", "addr:city"])];
    cut(&lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::hours::tests::shown;
    use super::*;
    use domain::position::Position;
    use expect_test::{Expect, expect};

    /// `amenity key=value | key=value`, one place a line.
    fn check(places: &str, expected: Expect) {
        let mut out = String::new();
        for (number, line) in places.lines().map(str::trim).filter(|l| !l.is_empty()).enumerate() {
            let (amenity, tags) = line.split_once(' ').unwrap_or((line, ""));
            let place = Place {
                kind: Kind::Node,
                osm_id: number as i64,
                amenity: Amenity::read(amenity).unwrap(),
                position: Position::from_degrees(10.0, 20.0).ok(),
                tags: tags
                    .split(" | ")
                    .filter_map(|tag| tag.split_once('='))
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect(),
            };
            let shown = match convert(CityNumber(1), &place, 100) {
                Err(skip) => format!("skipped: {}", skip.as_str()),
                Ok(Converted { profile, hours, .. }) => format!(
                    "{} / {:?} / {:?} / {} min\n    {hours:?}: {}",
                    profile.name,
                    profile.cuisines,
                    profile.address,
                    profile.preparation_minutes,
                    shown(&profile.hours.to_domain().unwrap()),
                ),
            };
            out.push_str(&format!("{line}\n    {shown}\n"));
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn tags_become_a_profile() {
        check(
            "
            restaurant name=Casa Ana | cuisine=Regional; sea food ;regional, Pizza
            restaurant name=Night | opening_hours=24/7
            cafe name=Tic Tac
            fast_food name=Bit & Bite | opening_hours=when hungry
            restaurant name=Mar | addr:street=Rua do Sol | addr:housenumber=7 | addr:city=Porto
            restaurant name=Vale | addr:place=Aldeia | addr:postcode=4000
            restaurant name=Long | addr:full=At the old mill, second door
            restaurant cuisine=pizza
            restaurant name=Gone | opening_hours=closed
            ",
            expect![[r#"
                restaurant name=Casa Ana | cuisine=Regional; sea food ;regional, Pizza
                    Casa Ana / ["regional", "sea_food", "pizza"] / "" / 25 min
                    Absent: Mo-Su 12:00-15:00,19:00-23:00
                restaurant name=Night | opening_hours=24/7
                    Night / [] / "" / 25 min
                    Whole: Mo-Su 00:00-24:00
                cafe name=Tic Tac
                    Tic Tac / ["cafe"] / "" / 10 min
                    Absent: Mo-Su 08:00-20:00
                fast_food name=Bit & Bite | opening_hours=when hungry
                    Bit & Bite / ["fast_food"] / "" / 12 min
                    Unreadable: Mo-Su 11:00-23:00
                restaurant name=Mar | addr:street=Rua do Sol | addr:housenumber=7 | addr:city=Porto
                    Mar / [] / "Rua do Sol 7, Porto" / 25 min
                    Absent: Mo-Su 12:00-15:00,19:00-23:00
                restaurant name=Vale | addr:place=Aldeia | addr:postcode=4000
                    Vale / [] / "Aldeia, 4000" / 25 min
                    Absent: Mo-Su 12:00-15:00,19:00-23:00
                restaurant name=Long | addr:full=At the old mill, second door
                    Long / [] / "At the old mill, second door" / 25 min
                    Absent: Mo-Su 12:00-15:00,19:00-23:00
                restaurant cuisine=pizza
                    skipped: without a name
                restaurant name=Gone | opening_hours=closed
                    skipped: never open
            "#]],
        );
    }

    #[test]
    fn the_id_is_the_place_s_own() {
        let place = |kind| Place {
            kind,
            osm_id: 5,
            amenity: Amenity::Cafe,
            position: None,
            tags: Tags::new(),
        };
        let (node, way) = (place(Kind::Node), place(Kind::Way));
        assert_eq!(id_of(CityNumber(1), &node), id_of(CityNumber(1), &node));
        assert_ne!(id_of(CityNumber(1), &node), id_of(CityNumber(1), &way));
        assert_ne!(id_of(CityNumber(1), &node), id_of(CityNumber(2), &node));
    }
}
