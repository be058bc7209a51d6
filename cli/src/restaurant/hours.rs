//! `fdctl restaurant hours` and `closing`: when a kitchen takes orders, by week and by date.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{facts, name, or_dash, table};
use crate::request_key;
use crate::terms::read;
use api::client::Call;
use api::hours::{ClosingRequest, NextDays, OpeningHours};
use api::restaurants::{Hours, Restaurant};
use domain::calendar::LocalDate;
use domain::ids::{ClosingId, RestaurantId};
use std::path::PathBuf;

/// The arguments of `restaurant hours`.
#[derive(Debug, clap::Args)]
pub(crate) struct Week {
    /// res_..
    id: RestaurantId,
    /// Replace them by those of a JSON file, of the shape that `--json` shows; - reads stdin
    #[arg(long, value_name = "FILE")]
    set: Option<PathBuf>,
}

/// Days without a kitchen, and days with other hours
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Closing {
    /// Those that are not over
    List {
        /// res_..
        id: RestaurantId,
    },
    /// Close for a day or for more, or open differently; the same again changes nothing
    Add {
        /// res_..
        id: RestaurantId,
        /// The first day there, as in 2026-12-24
        from: LocalDate,
        /// The last day; the same one if left out
        #[arg(long)]
        to: Option<LocalDate>,
        /// Not closed but open then, as in 10:00-14:00; can be given several times
        #[arg(long = "open", value_name = "RANGE", value_parser = read_range)]
        ranges: Vec<String>,
        /// Shown to customers
        #[arg(long)]
        reason: Option<String>,
    },
    /// Take one back
    Remove {
        /// res_..
        id: RestaurantId,
        /// cls_..
        closing: ClosingId,
    },
}

fn read_range(text: &str) -> Result<String, String> {
    let read = api::hours::ranges(&[text.to_owned()]);
    read.map(|_| text.to_owned()).map_err(|_| "it looks like 11:30-15:00".to_owned())
}

impl Week {
    /// # Errors
    /// The city says no or does not answer, or the file cannot be read.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        if let Some(file) = &self.set {
            let body: OpeningHours = read(file)?;
            let city = City::open(global).await?;
            let path = format!("/v1/restaurant/{}/hours", self.id);
            return next_days(global, &city.send(Call::put(&path, &body)).await?);
        }
        let city = City::open(global).await?;
        let restaurant = restaurant(&city, self.id).await?;
        let hours = OpeningHours {
            hours: restaurant.hours,
            pickup_hours: restaurant.pickup_hours,
            holiday_hours: restaurant.holiday_hours,
            last_order_minutes: restaurant.last_order_minutes,
        };
        global.output().value(&hours, || shown(&hours))?;
        Ok(Exit::Yes)
    }
}

impl Closing {
    /// # Errors
    /// The city says no, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let city = City::open(global).await?;
        match self {
            Self::List { id } => {
                let closings = restaurant(&city, id).await?.closings;
                global.output().value(&closings, || listed(&closings))?;
                Ok(Exit::Yes)
            }
            Self::Add { id, from, to, ranges, reason } => {
                let body = ClosingRequest { from, to, ranges, reason };
                let key = request_key::derived("restaurant closing add", id, &body)?;
                let path = format!("/v1/restaurant/{id}/closings");
                next_days(global, &city.send(Call::post(&path, &body).key(key)).await?)
            }
            Self::Remove { id, closing } => {
                let path = format!("/v1/restaurant/{id}/closings/{closing}");
                next_days(global, &city.send(Call::<()>::delete(&path, None)).await?)
            }
        }
    }
}

/// A restaurant as customers see it.
///
/// # Errors
/// The city says no, or does not answer.
pub(super) async fn restaurant(city: &City, id: RestaurantId) -> anyhow::Result<Restaurant> {
    Ok(city.get(&format!("/v1/restaurants/{id}"), &[]).await?)
}

/// What a change has made of the next days.
fn next_days(global: &Global, next: &NextDays) -> anyhow::Result<Exit> {
    global.output().value(next, || {
        let rows = next.days.iter().map(|day| {
            [
                day.date.to_string(),
                name(&day.rule),
                in_words(&day.ranges),
                in_words(&day.pickup_ranges),
                or_dash(day.closing_id),
                day.reason.clone().unwrap_or_default(),
            ]
        });
        table(["day", "by", "delivery", "pickup", "closing", ""], rows)
    })?;
    Ok(Exit::Yes)
}

fn in_words(ranges: &[String]) -> String {
    if ranges.is_empty() { "closed".to_owned() } else { ranges.join(", ") }
}

fn shown(hours: &OpeningHours) -> String {
    let pickup = hours.pickup_hours.as_ref().unwrap_or(&hours.hours);
    let rows = days(&hours.hours).into_iter().zip(days(pickup));
    let rows = rows.map(|((day, delivery), (_, pickup))| {
        [day.to_owned(), in_words(delivery), in_words(pickup)]
    });
    let mut out = table(["day", "delivery", "pickup"], rows);
    let mut known = Vec::new();
    known.extend(hours.holiday_hours.as_ref().map(|ranges| ("holidays", in_words(ranges))));
    if hours.last_order_minutes > 0 {
        let minutes = format!("{} minutes before it closes", hours.last_order_minutes);
        known.push(("last order", minutes));
    }
    if !known.is_empty() {
        out.push('\n');
    }
    out + &facts(known)
}

fn days(hours: &Hours) -> [(&'static str, &[String]); 7] {
    let Hours { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = hours;
    [
        ("monday", monday),
        ("tuesday", tuesday),
        ("wednesday", wednesday),
        ("thursday", thursday),
        ("friday", friday),
        ("saturday", saturday),
        ("sunday", sunday),
    ]
}

fn listed(closings: &[api::hours::Closing]) -> String {
    let rows = closings.iter().map(|closing| {
        [
            closing.closing_id.to_string(),
            closing.from.to_string(),
            closing.to.to_string(),
            in_words(&closing.ranges),
            closing.reason.clone().unwrap_or_default(),
        ]
    });
    table(["closing", "from", "to", "open", ""], rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_week_is_shown_day_by_day() {
        let hours: OpeningHours = serde_json::from_value(serde_json::json!({
            "hours": { "friday": ["11:30-15:00", "18:00-02:00"] },
            "holiday_hours": [],
            "last_order_minutes": 15,
        }))
        .unwrap();
        expect![[r#"
            DAY        DELIVERY                  PICKUP
            monday     closed                    closed
            tuesday    closed                    closed
            wednesday  closed                    closed
            thursday   closed                    closed
            friday     11:30-15:00, 18:00-02:00  11:30-15:00, 18:00-02:00
            saturday   closed                    closed
            sunday     closed                    closed

            holidays    closed
            last order  15 minutes before it closes
        "#]]
        .assert_eq(&shown(&hours));
    }
}
