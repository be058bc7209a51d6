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
//! 12:00:00  place  o1 at r1 by alice device phone1 card visa1: 1 ramen
//! ```

use super::Script;
use super::words::Words;
use crate::Command;
use crate::account::{BanAccount, UnbanAccount};
use crate::fraud::Marks;
use crate::moderation::{BanKind, BanSubject, ImposeBan, LiftBan, ModerationCommand, NoteAppeal};
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
                let reason = words.get("for").unwrap_or("").to_owned();
                let cancel_open = words.has("cancel_open");
                if let BanSubject::Account(account_id) = subject {
                    let wish = BanAccount { account_id, reason, until, cancel_open };
                    return Some(("op", Command::BanAccount(wish)));
                }
                ModerationCommand::Impose(ImposeBan { subject, reason, until, cancel_open })
            }
            "unban" => {
                let subject = self.ban_subject(words, at);
                let reason = String::new();
                if let BanSubject::Account(account_id) = subject {
                    let wish = UnbanAccount { account_id, reason };
                    return Some(("op", Command::UnbanAccount(wish)));
                }
                ModerationCommand::Lift(LiftBan { subject, reason })
            }
            "appeal" => {
                let subject = self.ban_subject(words, at);
                let note = words.get("note").unwrap_or("").to_owned();
                ModerationCommand::Appeal(NoteAppeal { subject, note })
            }
            _ => return None,
        };
        Some(("op", Command::Moderation(Box::new(wish))))
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
