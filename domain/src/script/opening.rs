//! The verbs of hours and of what a kitchen manages.
//!
//! ```text
//! 12:00:00  hours    r1 pickup 12:00-13:00 holidays none last 30: 11:00-14:00, 18:00-02:00
//! 12:00:00  closing  c1 at r1 on 2026-03-05 to 2026-03-07
//! 12:00:00  closing  c2 at r1 on 2026-03-08: 10:00-12:00
//! 12:00:00  reopen   c1 at r1
//! 12:00:00  capacity r1 orders 10
//! 12:00:00  busy     r1 minutes 20 until 13:00:00
//! ```

use super::Script;
use super::words::Words;
use crate::Command;
use crate::calendar::{DatedHours, LocalDate, Range, WeeklyHours};
use crate::money::Money;
use crate::restaurant::{
    DropDatedHours, HoursCommand, Mode, PutDatedHours, SetAvailability, SetHours,
};
use crate::slot::{Capacity, SetCapacity};
use crate::time::MINUTE_MS;

impl Script {
    pub(super) fn opening(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        Some(match words.verb {
            "hours" => ("op", self.hours(words)),
            "closing" => ("op", self.closing(words)),
            "reopen" => {
                let restaurant_id = self.restaurant_id(words.need("at"));
                let closing_id = self.closing_id(words.subject);
                (
                    "op",
                    Command::Hours(HoursCommand::DropDated(DropDatedHours {
                        restaurant_id,
                        closing_id,
                    })),
                )
            }
            "capacity" => {
                let number = |key| words.number(key).map(|n| u32::try_from(n).unwrap_or(0));
                let (orders, dishes) = (number("orders"), number("dishes"));
                let capacity = Capacity { orders, dishes, money: words.number("money").map(Money) };
                let restaurant_id = self.restaurant_id(words.subject);
                let capacity = Some(capacity).filter(|_| !words.has("none"));
                ("op", Command::SetCapacity(SetCapacity { restaurant_id, capacity }))
            }
            "busy" => {
                let minutes = words.number("minutes").unwrap_or(0);
                let wish = SetAvailability {
                    restaurant_id: self.restaurant_id(words.subject),
                    mode: Mode::Busy { extra_ms: minutes * MINUTE_MS },
                    until: words.clock("until").map(|ms| self.midnight.plus_ms(ms)),
                    delivery: !words.has("no-delivery"),
                    pickup: !words.has("no-pickup"),
                };
                ("op", Command::SetAvailability(wish))
            }
            _ => return None,
        })
    }

    fn hours(&mut self, words: &Words<'_>) -> Command {
        let week = |ranges: Vec<Range>| WeeklyHours(std::array::from_fn(|_| ranges.clone()));
        let holidays = words.get("holidays");
        Command::Hours(HoursCommand::Set(Box::new(SetHours {
            restaurant_id: self.restaurant_id(words.subject),
            hours: week(ranges(words, &words.list)),
            pickup_hours: words.get("pickup").map(|range| week(ranges(words, &[range]))),
            holiday_hours: holidays.map(|range| match range {
                "none" => Vec::new(),
                range => ranges(words, &[range]),
            }),
            last_order_minutes: words.number("last").map_or(0, |n| u16::try_from(n).unwrap_or(0)),
        })))
    }

    fn closing(&mut self, words: &Words<'_>) -> Command {
        let date = |key: &str| -> Option<LocalDate> {
            words.get(key).map(|text| text.parse().unwrap_or_else(|_| words.wrong(key)))
        };
        let from = date("on").unwrap_or_else(|| words.wrong("on"));
        let dated = DatedHours {
            id: self.closing_id(words.subject),
            from,
            to: date("to").unwrap_or(from),
            ranges: ranges(words, &words.list),
            reason: words.get("for").map(str::to_owned),
        };
        let restaurant_id = self.restaurant_id(words.need("at"));
        Command::Hours(HoursCommand::PutDated(PutDatedHours { restaurant_id, dated }))
    }
}

/// `11:00-14:00`
fn ranges(words: &Words<'_>, texts: &[&str]) -> Vec<Range> {
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.split_once(':')?;
        Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
    };
    let range = |text: &&str| -> Option<Range> {
        let (from, to) = text.split_once('-')?;
        Some(Range { from: minute(from)?, to: minute(to)? })
    };
    texts.iter().map(|text| range(text).unwrap_or_else(|| words.wrong("range"))).collect()
}
