//! Restaurants: what customers see of them, and what they say of themselves.

use crate::hours::{Closing, OpenState};
use crate::wire::{Money, Point, Time};
use domain::calendar::{Range, WeeklyHours};
use domain::ids::RestaurantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A restaurant in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct RestaurantSummary {
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    #[schema(example = "Ramen Bar")]
    pub name: String,
    pub position: Point,
    #[schema(example = "Rua das Flores 1")]
    pub address: String,
    #[schema(example = json!(["japanese"]))]
    pub cuisines: Vec<String>,
    /// Metres from where was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<u32>,
    /// Whether an order can be placed, for delivery unless the request says pickup.
    pub open: bool,
    /// When that changes next, if it does so within eight days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_change: Option<Time>,
    /// When an order can be placed next, if it cannot be now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_open: Option<Time>,
    pub delivery_fee: Money,
    pub minimum: Money,
    /// Minutes that the kitchen needs.
    pub preparation_minutes: i64,
    /// Mean stars, from five ratings on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    pub rating_count: u64,
    /// Made by a generator, not by a kitchen.
    pub sample: bool,
}

/// A restaurant, whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Restaurant {
    #[serde(flatten)]
    pub summary: RestaurantSummary,
    pub hours: Hours,
    /// For those who come for it, if they are other ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_hours: Option<Hours>,
    /// On the city's holidays, if they are other ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["12:00-16:00"]))]
    pub holiday_hours: Option<Vec<String>>,
    #[serde(default)]
    pub last_order_minutes: u16,
    /// Closings and special days that are not over.
    #[serde(default)]
    pub closings: Vec<Closing>,
    /// Whether orders for delivery are taken.
    pub delivery: OpenState,
    /// Whether orders for pickup are taken.
    pub pickup: OpenState,
    /// What each order takes longer at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_minutes: Option<i64>,
    pub delivery_radius_m: u32,
    /// Where it delivers; everywhere within the radius if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_area: Option<Vec<Point>>,
    pub auto_accept: bool,
    pub approved: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Time>,
    pub menu_version: u64,
    pub dish_count: u32,
}

/// What a restaurant says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Profile {
    #[schema(example = "Casa Marisol")]
    pub name: String,
    pub position: Point,
    #[schema(example = "Calle del Puerto 4")]
    pub address: String,
    #[serde(default)]
    #[schema(example = json!(["japanese"]))]
    pub cuisines: Vec<String>,
    pub hours: Hours,
    /// For those who come for it. Absent: as it is, at first as for delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_hours: Option<Hours>,
    /// On the city's holidays, closed if empty. Absent: as it is, at first as on any day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["12:00-16:00"]))]
    pub holiday_hours: Option<Vec<String>>,
    /// So long before it closes it takes no more orders. 0: as it is, at first 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_order_minutes: u16,
    #[serde(default = "five_km")]
    pub delivery_radius_m: u32,
    /// Corners of the area it delivers to; everywhere within the radius if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_area: Option<Vec<Point>>,
    /// Minor units of the city's currency.
    #[serde(default)]
    #[schema(example = 250)]
    pub delivery_fee: i64,
    /// Minor units of the city's currency.
    #[serde(default)]
    #[schema(example = 800)]
    pub minimum: i64,
    #[serde(default = "twenty_minutes")]
    pub preparation_minutes: i64,
    #[serde(default)]
    pub auto_accept: bool,
    #[serde(default)]
    pub sample: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // so serde asks
fn is_zero(minutes: &u16) -> bool {
    *minutes == 0
}

fn five_km() -> u32 {
    5_000
}

fn twenty_minutes() -> i64 {
    20
}

/// A week: for each day ranges like `11:30-15:00`; `18:00-02:00` ends on the next day, and
/// `00:00-24:00` is the whole day. A day that is not named is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"monday": ["11:30-15:00", "18:00-23:30"], "saturday": ["18:00-02:00"]}))]
#[allow(missing_docs)]
pub struct Hours {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["11:30-15:00", "18:00-23:30"]))]
    pub monday: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tuesday: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wednesday: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thursday: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub friday: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saturday: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sunday: Vec<String>,
}

/// A range that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{day}/{place}: a range looks like 11:30-15:00")]
pub struct HoursError {
    /// Which day.
    pub day: &'static str,
    /// Which of its ranges, from 0.
    pub place: usize,
}

const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Hours {
    fn days(&self) -> [&Vec<String>; 7] {
        [
            &self.monday,
            &self.tuesday,
            &self.wednesday,
            &self.thursday,
            &self.friday,
            &self.saturday,
            &self.sunday,
        ]
    }

    /// As the domain keeps it.
    ///
    /// # Errors
    /// Names the first range that cannot be read.
    pub fn to_domain(&self) -> Result<WeeklyHours, HoursError> {
        let mut week = WeeklyHours::default();
        for (number, texts) in self.days().into_iter().enumerate() {
            for (place, text) in texts.iter().enumerate() {
                let range = range(text).ok_or(HoursError { day: DAYS[number], place })?;
                week.0[number].push(range);
            }
        }
        Ok(week)
    }

    /// As people read it.
    pub fn of(week: &WeeklyHours) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            std::array::from_fn(|day| crate::hours::shown(&week.0[day]));
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }
}

pub(crate) fn range(text: &str) -> Option<Range> {
    let (from, to) = text.split_once('-')?;
    let minute = |clock: &str| -> Option<u16> {
        let (hour, minute) = clock.trim().split_once(':')?;
        let digits = |part: &str| part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(hour) || minute.len() != 2 || !digits(minute) {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60 && hour * 60 + minute <= 1440).then_some(hour * 60 + minute)
    };
    let range = Range { from: minute(from)?, to: minute(to)? };
    (range.from < 1440).then_some(range)
}

/// The answer to creating a restaurant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct RestaurantCreated {
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_there_and_back() {
        let text = r#"{"monday":["11:30-15:00","18:00-02:00"],"sunday":["00:00-24:00"]}"#;
        let hours: Hours = serde_json::from_str(text).unwrap();
        let week = hours.to_domain().unwrap();
        assert_eq!(week.0[0][1], Range { from: 1080, to: 120 });
        assert_eq!(week.0[6][0], Range { from: 0, to: 1440 });
        assert_eq!(serde_json::to_string(&Hours::of(&week)).unwrap(), text);
        for wrong in
            ["", "11-12", "25:00-26:00", "11:60-12:00", "24:00-01:00", "1:2-3:4", "+1:00-2:00"]
        {
            let hours = Hours { friday: vec![wrong.to_owned()], ..Hours::default() };
            let error = hours.to_domain().unwrap_err();
            assert_eq!((error.day, error.place), ("friday", 0), "{wrong}");
        }
    }
}
