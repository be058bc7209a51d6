//! When a restaurant takes orders: by the week, by the date, by its own word, and in which slots.

use crate::restaurants::{Hours, range};
use crate::wire::Time;
use domain::calendar::{LocalDate, Range};
use domain::ids::{ClosingId, RestaurantId};
use domain::order::Fulfilment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `PUT /v1/restaurant/{id}/hours`: all of it, what is absent is taken away.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"hours": {"friday": ["11:30-15:00", "18:00-02:00"]},
    "holiday_hours": [], "last_order_minutes": 15}))]
pub struct OpeningHours {
    /// For delivery.
    pub hours: Hours,
    /// For those who come for it; as for delivery if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_hours: Option<Hours>,
    /// On the city's holidays; as on any day if absent, closed if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holiday_hours: Option<Vec<String>>,
    /// So long before it closes it takes no more orders.
    #[serde(default)]
    #[schema(maximum = 240)]
    pub last_order_minutes: u16,
}

/// `POST /v1/restaurant/{id}/closings`: other hours on certain dates.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "2026-12-24", "to": "2026-12-26", "reason": "Christmas"}))]
pub struct ClosingRequest {
    /// The first day, as it is there.
    #[schema(value_type = String, format = "date", example = "2026-12-24")]
    pub from: LocalDate,
    /// The last day; the same one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date", example = "2026-12-26")]
    pub to: Option<LocalDate>,
    /// When it is open on these days; not at all if absent.
    #[serde(default)]
    pub ranges: Vec<String>,
    /// Shown to customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "asked by the restaurant")]
    pub reason: Option<String>,
}

/// Other hours on certain dates.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Closing {
    #[schema(value_type = String)]
    pub closing_id: ClosingId,
    #[schema(value_type = String, format = "date", example = "2026-12-24")]
    pub from: LocalDate,
    #[schema(value_type = String, format = "date", example = "2026-12-26")]
    pub to: LocalDate,
    #[schema(example = json!(["10:00-14:00"]))]
    pub ranges: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Christmas")]
    pub reason: Option<String>,
}

/// The next 14 days, as a change of the hours has left them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"index": 42, "closing_id": "cls_00400000000000000000000000", "days": [
    {"date": "2026-12-24", "rule": "closing", "ranges": [], "pickup_ranges": [],
     "closing_id": "cls_00400000000000000000000000", "reason": "Christmas"},
    {"date": "2026-12-25", "rule": "week", "ranges": ["11:30-15:00"],
     "pickup_ranges": ["11:30-15:00"]}]}))]
pub struct NextDays {
    /// The log entry that made it so.
    pub index: u64,
    /// The closing that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub closing_id: Option<ClosingId>,
    /// From today on, as days are there.
    pub days: Vec<Day>,
}

/// One day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Day {
    /// As it is there.
    #[schema(value_type = String, format = "date", example = "2026-12-24")]
    pub date: LocalDate,
    /// Why it has these hours.
    pub rule: Rule,
    /// When it is open for delivery; one that ends at or before its start ends on the next day.
    pub ranges: Vec<String>,
    /// When it is open for those who come.
    pub pickup_ranges: Vec<String>,
    /// The closing or special day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub closing_id: Option<ClosingId>,
    /// What the restaurant says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "asked by the restaurant")]
    pub reason: Option<String>,
}

/// What gives a day its hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// It is closed on this date.
    Closing,
    /// It has other hours on this date.
    Special,
    /// A holiday of the city.
    Holiday,
    /// A day like any other.
    Week,
}

/// Whether orders are taken in one way, and until when.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"open": false, "until": "2026-03-01T18:00:00.000Z",
    "next_open": "2026-03-01T18:00:00.000Z", "reason": "closed"}))]
pub struct OpenState {
    /// Whether an order can be placed.
    pub open: bool,
    /// When that changes, if it does so within eight days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// When an order can be placed next, if it cannot be now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_open: Option<Time>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Why>,
}

/// Why no order can be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Not within its hours.
    Closed,
    /// Closed on this date.
    Closing,
    /// Not within the hours of this date.
    Special,
    /// Not within its hours on holidays.
    Holiday,
    /// It takes a break.
    Paused,
    /// It does not sell in this way at the moment.
    Off,
    /// It may not sell yet.
    NotApproved,
}

/// `PUT /v1/restaurant/{id}/availability`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mode": "busy", "extra_minutes": 20,
    "until": "2026-03-01T20:00:00.000Z"}))]
pub struct Availability {
    /// What it says of the moment.
    pub mode: Mode,
    /// Until when it is busy or paused; the end of its day if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// With `busy`: how much longer each order takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 120)]
    pub extra_minutes: Option<i64>,
    /// Whether it delivers.
    #[serde(default = "yes")]
    pub delivery: bool,
    /// Whether people can come for it.
    #[serde(default = "yes")]
    pub pickup: bool,
}

fn yes() -> bool {
    true
}

/// What a kitchen says of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It takes orders within its hours.
    Open,
    /// It takes them, and needs longer.
    Busy,
    /// It takes none.
    Paused,
}

/// `PUT /v1/restaurant/{id}/capacity`: what it manages in 15 minutes. What is absent has no bound.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"orders": 10, "dishes": 40}))]
pub struct Capacity {
    /// Orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<u32>,
    /// Dishes in all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dishes: Option<u32>,
    /// What the dishes cost, in minor units of the city's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<i64>,
}

/// The slots that are free, by day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"restaurant_id": "res_00400000000000000000000000",
    "fulfilment": "pickup", "days": [{"date": "2026-03-01", "slots": [
        {"from": "2026-03-01T18:00:00.000Z", "to": "2026-03-01T18:15:00.000Z"}]}]}))]
pub struct Slots {
    /// Whose.
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    /// Brought, or picked up.
    #[schema(value_type = String, example = "delivery")]
    pub fulfilment: Fulfilment,
    /// Days as they are there; one without a free slot is not named.
    pub days: Vec<SlotDay>,
}

/// The free slots of one day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SlotDay {
    /// As it is there.
    #[schema(value_type = String, format = "date", example = "2026-03-01")]
    pub date: LocalDate,
    /// In order.
    pub slots: Vec<Slot>,
}

/// A quarter of an hour in which food can be delivered, or picked up.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Slot {
    pub from: Time,
    pub to: Time,
}

/// Ranges as the domain keeps them.
///
/// # Errors
/// The place of the first that cannot be read.
pub fn ranges(texts: &[String]) -> Result<Vec<Range>, usize> {
    let read = |(place, text): (usize, &String)| range(text).ok_or(place);
    texts.iter().enumerate().map(read).collect()
}

/// Ranges as people read them.
pub fn shown(ranges: &[Range]) -> Vec<String> {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    ranges.iter().map(|range| format!("{}-{}", clock(range.from), clock(range.to))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_a_meaning() {
        let closing: ClosingRequest = serde_json::from_str(r#"{"from":"2026-12-24"}"#).unwrap();
        assert_eq!((closing.to, closing.ranges.len()), (None, 0));
        assert!(serde_json::from_str::<ClosingRequest>(r#"{"from":"24.12.2026"}"#).is_err());
        let word: Availability = serde_json::from_str(r#"{"mode":"paused"}"#).unwrap();
        assert!(word.delivery && word.pickup && word.until.is_none());
        assert_eq!(ranges(&["10:00-12:00".to_owned(), "noon".to_owned()]), Err(1));
        assert_eq!(shown(&ranges(&["18:00-02:00".to_owned()]).unwrap()), ["18:00-02:00"]);
    }
}
