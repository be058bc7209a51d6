//! From what somebody wants to the way that a message takes to them, and when.

use super::{Channel, NoticeKind, Preferences, Reach};
use crate::calendar::{Range, WeeklyHours};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// What somebody can be reached by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ear {
    /// An app of theirs takes messages.
    pub app: bool,
    /// The contact they signed up with is a phone.
    pub phone: bool,
    /// It is a mail address.
    pub mail: bool,
}

/// The one channel by which a message goes to somebody; nothing if they do not want it, or cannot
/// be reached. `offered` are the channels that this city has a provider for.
pub fn way(
    kind: NoticeKind,
    preferences: &Preferences,
    ear: Ear,
    offered: &BTreeSet<Channel>,
) -> Option<Channel> {
    let wanted = preferences.channels_of(kind.topic());
    let open = |channel: &Channel| {
        let reachable = match channel {
            Channel::Push => ear.app,
            Channel::Sms | Channel::Voice => ear.phone,
            Channel::Email => ear.mail,
        };
        reachable && wanted.contains(channel) && offered.contains(channel)
    };
    let tried: &[Channel] = match kind.reach() {
        Reach::Apps => &[Channel::Push],
        Reach::Person => &[Channel::Push, Channel::Sms, Channel::Email],
        Reach::Sms => &[Channel::Sms, Channel::Email],
        Reach::Call => &[Channel::Voice],
    };
    tried.iter().copied().find(|channel| open(channel))
}

/// When a message may be sent that could be sent at `at`: after somebody's quiet hours, unless it
/// is urgent. The time zone is an IANA name.
pub fn not_before(
    kind: NoticeKind,
    preferences: &Preferences,
    at: Timestamp,
    time_zone: &str,
) -> Timestamp {
    let Some(quiet) = preferences.quiet.filter(|_| !kind.is_urgent()) else { return at };
    let Range { from, to } = quiet;
    let nights = WeeklyHours(std::array::from_fn(|_| vec![Range { from, to }]));
    let night = nights.state_at(at, time_zone);
    // Quiet all day and night is never: a channel that is switched off says that better.
    if night.open { night.next_change.unwrap_or(at) } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;
    use crate::notice::Topic;

    fn usual() -> Preferences {
        Preferences::usual(AccountId([1; 16]))
    }

    #[test]
    fn one_way_to_each_person() {
        let ears = [
            ("app+phone", Ear { app: true, phone: true, mail: false }),
            ("phone", Ear { app: false, phone: true, mail: false }),
            ("mail", Ear { app: false, phone: false, mail: true }),
        ];
        let mut no_sms = usual();
        no_sms.channels.insert(Topic::Orders, [Channel::Push].into());
        let offered = Channel::ALL.into();
        let mut told = String::new();
        let kinds = [
            NoticeKind::OrderAccepted,
            NoticeKind::OrderCancelled,
            NoticeKind::KitchenSms,
            NoticeKind::KitchenCall,
        ];
        for (who, preferences) in [("usual", usual()), ("only apps for orders", no_sms)] {
            for kind in kinds {
                let ways = ears.map(|(ear, can)| {
                    let way = way(kind, &preferences, can, &offered);
                    format!("{ear}: {}", way.map_or("-", Channel::name))
                });
                told += &format!("{who}, {}: {}\n", kind.name(), ways.join(", "));
            }
        }
        expect_test::expect![[r#"
            usual, order_accepted: app+phone: push, phone: -, mail: -
            usual, order_cancelled: app+phone: push, phone: sms, mail: email
            usual, kitchen_sms: app+phone: sms, phone: sms, mail: email
            usual, kitchen_call: app+phone: voice, phone: voice, mail: -
            only apps for orders, order_accepted: app+phone: push, phone: -, mail: -
            only apps for orders, order_cancelled: app+phone: push, phone: -, mail: -
            only apps for orders, kitchen_sms: app+phone: sms, phone: sms, mail: email
            only apps for orders, kitchen_call: app+phone: voice, phone: voice, mail: -
        "#]]
        .assert_eq(&told);
        let ear = Ear { app: true, phone: true, mail: false };
        let only_sms = [Channel::Sms].into();
        let found = way(NoticeKind::OrderCancelled, &usual(), ear, &only_sms);
        assert_eq!(found, Some(Channel::Sms), "a city without a provider for apps");
    }

    #[test]
    fn quiet_hours_hold_what_can_wait() {
        let mut preferences = usual();
        preferences.quiet = Some(Range { from: 22 * 60, to: 7 * 60 });
        let told = |kind, at: &str| {
            let at: Timestamp = at.parse().unwrap();
            not_before(kind, &preferences, at, "Europe/Madrid").to_string()
        };
        // Madrid is an hour ahead in winter.
        let calm = NoticeKind::RefundDone;
        assert_eq!(told(calm, "2026-03-02T20:59:59Z"), "2026-03-02T20:59:59.000Z");
        assert_eq!(told(calm, "2026-03-02T21:00:00Z"), "2026-03-03T06:00:00.000Z");
        assert_eq!(told(calm, "2026-03-03T05:59:59Z"), "2026-03-03T06:00:00.000Z");
        assert_eq!(told(calm, "2026-03-03T06:00:00Z"), "2026-03-03T06:00:00.000Z");
        let night = "2026-03-02T23:00:00Z";
        assert_eq!(told(NoticeKind::PaymentAction, night), "2026-03-02T23:00:00.000Z");
        assert_eq!(told(NoticeKind::KitchenAgain, night), "2026-03-02T23:00:00.000Z");
    }
}
