//! Those who are only hungry: alone, with a family, with a whole office, now and then for a party.

use super::{Buy, End, Month, Plan};
use crate::time::MINUTE_MS;

/// In how many of 1,000 days somebody orders.
const ORDERS_A_DAY: u32 = 230;
/// Offices, and how many people each has.
const OFFICES: u32 = 3;
const COLLEAGUES: u32 = 25;
/// Homes where four people share one tablet.
const SHARED_TABLETS: u32 = 4;

pub(super) fn plan(plan: &mut Plan, month: &Month) {
    for person in 0..month.people {
        // From some day on: people come to a city all the time.
        let first = if plan.random.permille(700) { 0 } else { plan.random.below(month.days) };
        for day in first..month.days {
            if plan.random.permille(ORDERS_A_DAY) {
                let at = plan.hungry(day);
                let buy = usual(plan, person);
                plan.order(at, None, &buy);
                // Somebody forgot the drinks.
                if plan.random.permille(15) {
                    let more = Buy { basket: "2 tea".to_owned(), end: End::Eaten, ..buy };
                    plan.order(at + 4 * MINUTE_MS, None, &more);
                }
            }
        }
    }
    for office in 0..OFFICES {
        for day in (0..month.days).filter(|day| day % 7 < 5) {
            for colleague in 0..COLLEAGUES {
                if plan.random.permille(400) {
                    let lunch = i64::from(day) * 24 * 60 + 12 * 60;
                    let at = (lunch + i64::from(plan.random.below(40))) * MINUTE_MS;
                    let buy = Buy::of(format!("office{office}_{colleague}"), office, "1 ramen");
                    plan.order(at, None, &buy);
                }
            }
        }
    }
    for home in 0..SHARED_TABLETS {
        for day in 0..month.days {
            let child = plan.random.below(4);
            if plan.random.permille(500) {
                let at = plan.hungry(day);
                let buy = Buy::of(format!("home{home}_{child}"), 100 + home, "1 ramen, 1 tea");
                let device = Some(format!("tablet{home}"));
                plan.order(at, None, &Buy { device, ..buy });
            }
        }
    }
}

/// What one of the crowd buys.
fn usual(plan: &mut Plan, person: u32) -> Buy {
    // Two in ten live with somebody, and share a card, a door and at times a phone.
    let home = if person % 10 < 2 { person / 10 * 10 } else { person };
    let ramen = 1 + plan.random.below(3);
    let basket = match plan.random.below(1_000) {
        // A party.
        0..=5 => format!("{} ramen, 10 gyoza", 10 + plan.random.below(8)),
        6..=399 => format!("{ramen} ramen"),
        400..=799 => format!("{ramen} ramen, 1 gyoza"),
        _ => format!("{ramen} ramen, {} gyoza, 2 tea", 1 + plan.random.below(3)),
    };
    let mut buy = Buy::of(format!("p{person}"), 1_000 + home, basket);
    buy.card = Some(format!("k_home{home}"));
    if plan.random.permille(150) {
        buy.card = None;
    }
    if plan.random.permille(100) {
        buy.device = Some(format!("d_home{home}"));
    }
    buy.coupon = plan.random.permille(60);
    buy.throwaway = person % 250 == 7;
    buy.end = match plan.random.below(1_000) {
        0..=19 => End::Declined(1),
        20..=22 => End::Declined(2),
        23..=47 => End::Claimed,
        48..=62 => End::Refunded,
        63..=64 => End::Refused,
        _ => End::Eaten,
    };
    buy
}
