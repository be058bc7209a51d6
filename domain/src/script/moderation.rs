//! The verbs of bans, and what orders come from.
//!
//! ```text
//! 12:00:00  ban    alice for spam until 13:00:00 cancel_open
//! 12:00:00  ban    r1 restaurant for dirt
//! 12:00:00  ban    carl courier
//! 12:00:00  ban    phone1 device
//! 12:00:00  ban    visa1 card
//! 12:00:00  unban  r1 restaurant
//! 12:00:00  appeal r1 restaurant note clean_again
//! 12:00:00  measure r1 pause for dirt until 13:00:00
//! 12:00:00  measure carl courier clear for sorry
//! 12:00:00  quality r1
//! 12:00:00  place  o1 at r1 by alice device phone1 card visa1: 1 ramen
//! ```

use super::words::Words;
use super::{Script, sealed};
use crate::Command;
use crate::account::{BanAccount, UnbanAccount};
use crate::fraud::Marks;
use crate::moderation::{BanKind, BanSubject, ImposeBan, LiftBan, ModerationCommand, NoteAppeal};
use crate::quality::{QualityOf, Step, TakeMeasure, stars_of};
use crate::time::Timestamp;

impl Script {
    pub(super) fn moderation(
        &mut self,
        words: &Words<'_>,
        at: Timestamp,
    ) -> Option<(&'static str, Command)> {
        let wish = match words.verb {
            "ban" => {
                let subject = self.ban_subject(words, at);
                let until = words.clock("until").map(|ms| self.midnight.plus_ms(ms));
                let reason = reason(words);
                let cancel_open = words.has("cancel_open");
                if let BanSubject::Account(account_id) = subject {
                    let wish = BanAccount { account_id, reason, until, cancel_open };
                    return Some(("op", Command::BanAccount(wish)));
                }
                ModerationCommand::Impose(ImposeBan { subject, reason, until, cancel_open })
            }
            "unban" => {
                let subject = self.ban_subject(words, at);
                let reason = reason(words);
                if let BanSubject::Account(account_id) = subject {
                    let wish = UnbanAccount { account_id, reason };
                    return Some(("op", Command::UnbanAccount(wish)));
                }
                ModerationCommand::Lift(LiftBan { subject, reason })
            }
            "appeal" => {
                let subject = self.ban_subject(words, at);
                let words = sealed(words.get("note").unwrap_or_default());
                ModerationCommand::Appeal(NoteAppeal { subject, words })
            }
            "measure" => ModerationCommand::Measure(self.measure(words)),
            _ => return None,
        };
        Some(("op", Command::Moderation(Box::new(wish))))
    }

    fn measure(&mut self, words: &Words<'_>) -> TakeMeasure {
        let steps = [
            ("warn", Some(Step::Warn)),
            ("limit", Some(Step::Limit)),
            ("pause", Some(Step::Pause)),
            ("hide", Some(Step::Hide)),
            ("clear", None),
        ];
        let step = words.choose(&steps).unwrap_or_else(|| words.wrong("a measure, or clear"));
        let until = words.clock("until").map(|ms| self.midnight.plus_ms(ms));
        let reason = words.get("for").unwrap_or("").to_owned();
        TakeMeasure { of: self.quality_of(words), step, until, reason }
    }

    fn quality_of(&mut self, words: &Words<'_>) -> QualityOf {
        match words.has("courier") {
            true => QualityOf::Courier(self.courier_id(words.subject)),
            false => QualityOf::Restaurant(self.restaurant_id(words.subject)),
        }
    }

    /// How well somebody works, without the parts that nothing is lost for.
    pub(super) fn show_quality(&mut self, words: &Words<'_>, at: Timestamp) -> String {
        let of = self.quality_of(words);
        let measure = match of {
            QualityOf::Restaurant(id) => self.city.restaurants[&id].measure.clone(),
            QualityOf::Courier(id) => self.city.couriers[&id].measure.clone(),
        };
        let measure = measure.map_or("nothing done".to_owned(), |it| {
            let until = it.until.map(|until| format!(" until {}", self.clock(until)));
            format!("{:?}{}", it.step, until.unwrap_or_default())
        });
        let Some(quality) = self.city.qualities.get(&of) else {
            return format!("nothing counted; {measure}");
        };
        let stars = stars_of(&self.city, of).unwrap_or_default();
        let score = quality.score(at, stars);
        let points = score.points.map_or("no score".to_owned(), |points| points.to_string());
        let said = score.parts.iter().filter(|part| part.count > 0);
        let said = said.map(|it| format!("{:?} {} -{}", it.part, it.count, it.lost));
        let said: Vec<_> = said.collect();
        format!("{points} of {} orders: {}; {measure}", score.orders, said.join(", "))
    }

    fn ban_subject(&mut self, words: &Words<'_>, at: Timestamp) -> BanSubject {
        let name = words.subject;
        let kinds = [
            ("restaurant", BanKind::Restaurant),
            ("courier", BanKind::Courier),
            ("device", BanKind::Device),
            ("card", BanKind::Card),
        ];
        match words.choose(&kinds).unwrap_or(BanKind::Account) {
            BanKind::Account => {
                self.come_into_being(name, at);
                BanSubject::Account(self.account_id(name))
            }
            BanKind::Restaurant => BanSubject::Restaurant(self.restaurant_id(name)),
            BanKind::Courier => BanSubject::Courier(self.courier_id(name)),
            BanKind::Device => BanSubject::Device(self.device_mark(name)),
            BanKind::Card => BanSubject::Card(self.card_mark(name)),
        }
    }

    pub(super) fn marks(&mut self, words: &Words<'_>) -> Marks {
        let device = words.get("device").map(|name| self.device_mark(name));
        let card = words.get("card").map(|name| self.card_mark(name));
        Marks { device, card, throwaway_mail: words.has("throwaway") }
    }
}

/// Whoever does not say why in a script has a reason all the same; "none" is to say none.
pub(super) fn reason(words: &Words<'_>) -> String {
    match words.get("for") {
        Some("none") => String::new(),
        Some(why) => why.to_owned(),
        None => "because".to_owned(),
    }
}
