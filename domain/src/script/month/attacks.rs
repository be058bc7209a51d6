//! Those who are not: one of each kind that the rules are there for.

use super::{Buy, End, Month, Plan};
use crate::fraud::Signal;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// What an attack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A stolen account buys as much as it can within an hour.
    Spree,
    /// Cards that somebody has found are tried, one after the other.
    CardTesting,
    /// One card, many names.
    StolenCard,
    /// Many names on one device, each for a coupon.
    CouponFarm,
    /// Somebody signs up and orders for a whole wedding.
    NewAndLarge,
    /// Everything was missing, every time.
    RefundAbuse,
    /// Somebody else orders with an account that is known for small orders.
    TakeOver,
    /// Food is let go at the door, again and again.
    Refusals,
    /// A customer and a courier who only ever meet each other.
    SameCourier,
    /// A courier orders from their own phone under another name.
    CourierPhone,
    /// Somebody who was banned is back under another name.
    BannedAgain,
    /// Names that are thrown away, for a coupon.
    Throwaway,
    /// An empty flat to which many stolen names order at once.
    DropHouse,
    /// A customer and couriers who never ride: fetched and brought within a minute.
    GhostRides,
    /// Names that are thrown away, to one flat, from an app that does not say what it runs on.
    Nameless,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Spree,
        Self::CardTesting,
        Self::StolenCard,
        Self::CouponFarm,
        Self::NewAndLarge,
        Self::RefundAbuse,
        Self::TakeOver,
        Self::Refusals,
        Self::SameCourier,
        Self::CourierPhone,
        Self::BannedAgain,
        Self::Throwaway,
        Self::DropHouse,
        Self::GhostRides,
        Self::Nameless,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spree => "spree",
            Self::CardTesting => "card testing",
            Self::StolenCard => "stolen card",
            Self::CouponFarm => "coupon farm",
            Self::NewAndLarge => "new and large",
            Self::RefundAbuse => "refund abuse",
            Self::TakeOver => "take-over",
            Self::Refusals => "refusals",
            Self::SameCourier => "same courier",
            Self::CourierPhone => "courier's phone",
            Self::BannedAgain => "banned again",
            Self::Throwaway => "throw-away names",
            Self::DropHouse => "drop house",
            Self::GhostRides => "ghost rides",
            Self::Nameless => "nameless",
        }
    }

    /// Whether this is a signal by which it should show.
    pub fn shows_in(self, signal: Signal) -> bool {
        use Signal as S;
        match self {
            Self::Spree => matches!(
                signal,
                S::AccountOrdersHour
                    | S::AccountOrdersDay
                    | S::DeviceOrdersHour
                    | S::CardOrdersHour
            ),
            Self::CardTesting => matches!(signal, S::DeclinesHour | S::DeclinesDay),
            Self::StolenCard => signal == S::CardAccounts,
            Self::CouponFarm => matches!(signal, S::DeviceAccounts | S::CouponByOthers),
            Self::NewAndLarge => signal == S::NewAccountTotal,
            Self::RefundAbuse => matches!(signal, S::RefundPermille | S::ClaimPermille),
            Self::TakeOver => signal == S::TotalPercentOfMedian,
            Self::Refusals => signal == S::RefusedOnTheWay,
            Self::SameCourier => signal == S::SameCourierWeek,
            Self::CourierPhone => signal == S::SharesDeviceWithCourier,
            Self::BannedAgain => signal == S::LikeBanned,
            Self::Throwaway => matches!(signal, S::ThrowawayMail | S::CouponByOthers),
            Self::DropHouse => matches!(signal, S::AddressOrdersHour | S::AddressAccounts),
            Self::GhostRides => signal == S::ImpossibleRidePermille,
            Self::Nameless => {
                matches!(signal, S::NoDevice | S::ThrowawayMail | S::AddressAccounts)
            }
        }
    }
}

pub(super) fn plan(plan: &mut Plan, month: &Month) {
    for kind in Kind::ALL {
        for number in 0..month.attacks {
            let day = 1 + plan.random.below(month.days.saturating_sub(9));
            let at = plan.hungry(day);
            attack(plan, (kind, number), at);
        }
    }
}

/// One attack, from this moment on.
fn attack(plan: &mut Plan, which: (Kind, u32), at: i64) {
    let (kind, number) = which;
    let door = 100_000 + kind as u32 * 1_000 + number;
    let name = format!("x{}_{number}", kind as u32);
    let small = Buy::of(&name, door, "1 ramen");
    let mut buy = |at: i64, buy: &Buy| plan.order(at, Some(which), buy);
    let (days, minutes) = (|n: u32| i64::from(n) * DAY_MS, |n: u32| i64::from(n) * MINUTE_MS);
    let long = 3 + number % 4;
    match kind {
        Kind::Spree => {
            let much = Buy { basket: "3 ramen, 2 gyoza".to_owned(), ..small };
            (0..4 + long).for_each(|n| buy(at + minutes(n * 6), &much));
            if number % 2 == 1 {
                // Nobody stops it: it goes on until the evening.
                (0..9).for_each(|n| buy(at + minutes(70 + n * 35), &much));
            }
        }
        Kind::CardTesting => {
            let tried = Buy { end: End::Abandoned(2), ..small };
            (0..long).for_each(|n| {
                let card = Some(format!("k_{name}_{n}"));
                buy(at + minutes(n * 8), &Buy { card, ..tried.clone() });
            });
        }
        Kind::NewAndLarge => {
            let ramen = 14 + 8 * number % 40;
            buy(at, &Buy { basket: format!("{ramen} ramen, 6 gyoza"), ..small });
        }
        Kind::RefundAbuse => (0..9).for_each(|n| {
            let end = if n % 4 == 3 { End::Eaten } else { End::Claimed };
            buy(at + days(n) * 3 / 4, &Buy { end, ..small.clone() });
        }),
        Kind::TakeOver => {
            (0..6).for_each(|n| buy(at + days(n), &small));
            let ramen = 7 + number % 8;
            let device = Some(format!("d_{name}_thief"));
            let basket = format!("{ramen} ramen");
            buy(at + days(6) + HOUR_MS, &Buy { basket, device, ..small });
        }
        Kind::Refusals => (0..2 + long).for_each(|n| {
            buy(at + days(n), &Buy { end: End::Refused, ..small.clone() });
        }),
        Kind::CourierPhone => (0..2).for_each(|n| {
            let device = Some(format!("phone{}", number % 80));
            buy(at + days(n), &Buy { device, ..small.clone() });
        }),
        Kind::BannedAgain => {
            buy(at, &small);
            let again = Buy::of(format!("{name}_again"), door, "2 ramen");
            let same = [small.device.clone(), Some("d_new".to_owned())];
            let device = same[number as usize % 2].clone();
            buy(at + days(2), &Buy { device, card: small.card.clone(), ..again });
            plan.say(at + DAY_MS, format!("ban {name} for fraud"));
        }
        Kind::DropHouse => (0..18 + long).for_each(|n| {
            let name = format!("{name}_{n}");
            buy(at + minutes(n * 2), &Buy::of(name, door, "2 ramen, 1 gyoza"));
        }),
        Kind::SameCourier | Kind::GhostRides => with_couriers(plan, which, &small, at),
        Kind::StolenCard | Kind::CouponFarm | Kind::Throwaway => many_names(plan, which, door, at),
        Kind::Nameless => nameless(plan, which, door, at),
    }
}

/// Two who know each other: one courier for all, or any who says that they were there.
fn with_couriers(plan: &mut Plan, which: (Kind, u32), small: &Buy, at: i64) {
    let (kind, number) = which;
    let ghosts = kind == Kind::GhostRides;
    for n in 0..8 + number % 4 {
        let (courier, end, hours) = match ghosts {
            true => ((number + n) % 80, End::Unridden, 23),
            false => (number % 20, End::Eaten, 17),
        };
        let courier = Some(format!("courier{courier}"));
        let buy = Buy { courier, end, ..small.clone() };
        plan.order(at + i64::from(n) * hours * HOUR_MS, Some(which), &buy);
    }
}

/// The same hand behind many names.
fn many_names(plan: &mut Plan, which: (Kind, u32), door: u32, at: i64) {
    let (kind, number) = which;
    let name = format!("x{}_{number}", kind as u32);
    for n in 0..5 + number % 4 {
        let far = if kind == Kind::StolenCard { n * 20_000 } else { 0 };
        let mut buy = Buy::of(format!("{name}_{n}"), door + far, "2 ramen");
        if kind == Kind::CouponFarm {
            buy.device = Some(format!("d_{name}"));
        } else {
            buy.card = Some(format!("k_{name}"));
        }
        buy.coupon = kind != Kind::StolenCard;
        buy.throwaway = kind == Kind::Throwaway;
        plan.order(at + i64::from(n) * 6 * HOUR_MS, Some(which), &buy);
    }
}

/// Names that are thrown away, to one flat, from an app that does not say what it runs on.
fn nameless(plan: &mut Plan, which: (Kind, u32), door: u32, at: i64) {
    let (kind, number) = which;
    for n in 0..13 + number % 4 {
        let name = format!("x{}_{number}_{n}", kind as u32);
        let buy =
            Buy { device: None, coupon: true, throwaway: true, ..Buy::of(name, door, "2 ramen") };
        plan.order(at + i64::from(n) * 5 * HOUR_MS, Some(which), &buy);
    }
}
