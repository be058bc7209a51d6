//! A month of a city that never was: honest people, and attacks of every kind planted among them.
//! All of it goes through the real `apply`, and what the rules say of it is counted.
//!
//! The same seed is the same month. It runs in shadow, so that one verdict does not change what the
//! next one rests on, and every order keeps what was known of it.

mod attacks;
mod honest;

pub use attacks::Kind;

use super::Script;
use crate::fraud::{FraudVerdict, Rule, RuleSet};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use std::collections::{BTreeMap, BTreeSet};

/// How large a month is.
#[derive(Clone, Copy, Debug)]
pub struct Month {
    /// What is drawn follows from it.
    pub seed: u64,
    /// Days, at least 10.
    pub days: u32,
    /// Honest people.
    pub people: u32,
    /// Attacks of each kind.
    pub attacks: u32,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Orders of honest people.
    pub honest: Verdicts,
    /// Attacks of each kind, and how many were found.
    pub kinds: Vec<(Kind, Found)>,
    /// What each rule struck.
    pub rules: Vec<(Rule, Struck)>,
    /// Entries of the log.
    pub entries: u64,
}

/// How many orders came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Verdicts {
    pub allow: u32,
    pub review: u32,
    pub deny: u32,
}

/// How many attacks were found: by their worst order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Found {
    pub planted: u32,
    /// Sent to a person, or denied.
    pub detected: u32,
    pub denied: u32,
}

/// What a rule struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Struck {
    /// Attacks of the kinds that it is there for.
    pub planted: u32,
    /// Those of them of which it struck an order.
    pub detected: u32,
    /// Orders of honest people that it struck.
    pub honest: u32,
}

impl Verdicts {
    /// All of them.
    pub fn sum(self) -> u32 {
        self.allow + self.review + self.deny
    }

    fn add(&mut self, verdict: FraudVerdict) {
        match verdict {
            FraudVerdict::Allow => self.allow += 1,
            FraudVerdict::Review => self.review += 1,
            FraudVerdict::Deny => self.deny += 1,
        }
    }
}

/// Numbers that a seed decides (splitmix64).
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to but not with `end`.
    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or(0)
    }

    /// So many times in 1,000.
    fn permille(&mut self, share: u32) -> bool {
        self.below(1_000) < share
    }
}

/// What somebody buys, and how it ends.
#[derive(Clone, Debug)]
struct Buy {
    who: String,
    device: Option<String>,
    /// Cash if there is none.
    card: Option<String>,
    door: u32,
    basket: String,
    coupon: bool,
    throwaway: bool,
    /// Whoever is free, if nobody is named.
    courier: Option<String>,
    end: End,
}

/// How an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Eaten,
    /// The card is declined so often, and then another one is taken.
    Declined(u32),
    /// And no other one is.
    Abandoned(u32),
    Claimed,
    Refunded,
    /// Nobody takes it at the door.
    Refused,
    /// Fetched and brought within a minute, as the courier says.
    Unridden,
}

impl Buy {
    fn of(who: impl Into<String>, door: u32, basket: impl Into<String>) -> Self {
        let who = who.into();
        Self {
            device: Some(format!("d_{who}")),
            card: Some(format!("k_{who}")),
            who,
            door,
            basket: basket.into(),
            coupon: false,
            throwaway: false,
            courier: None,
            end: End::Eaten,
        }
    }
}

/// Lines of a script in the order of their moments, and whose orders they are.
#[derive(Debug)]
struct Plan {
    random: Random,
    lines: BTreeMap<(i64, u64), String>,
    /// The attack that an order belongs to.
    orders: Vec<(String, Option<(Kind, u32)>)>,
    /// When each courier begins to carry something.
    booked: Vec<BTreeSet<i64>>,
}

/// Kitchens of the city.
const KITCHENS: u32 = 30;
/// Couriers of the city.
const COURIERS: usize = 80;
/// Those who say that they have fetched something when they are at the door.
const LATE_TAPPERS: [&str; 4] = ["courier0", "courier1", "courier2", "courier3"];

impl Month {
    /// Lives it.
    pub fn live(&self) -> Told {
        let mut plan = Plan {
            random: Random(self.seed),
            lines: BTreeMap::new(),
            orders: Vec::new(),
            booked: vec![BTreeSet::new(); COURIERS],
        };
        honest::plan(&mut plan, self);
        attacks::plan(&mut plan, self);
        let mut script = Script::new();
        for kitchen in 0..KITCHENS {
            script.line(&format!("00:00 open kitchen{kitchen}"));
        }
        for courier in 0..COURIERS {
            script.line(&format!("00:00 courier courier{courier} device phone{courier}"));
        }
        script.line("00:00 coupon HELLO fixed 200");
        let mut next_due = HOUR_MS;
        for ((at, _), line) in &plan.lines {
            while *at >= next_due {
                script.line(&format!("{} due -", clock(next_due)));
                next_due += HOUR_MS;
            }
            script.line(&format!("{} {line}", clock(*at)));
            // A month of records is enough to keep.
            script.outcomes.clear();
            script.entries.clear();
            script.city.feed.clear();
        }
        plan.told(&mut script)
    }
}

/// As scripts write moments.
fn clock(at: i64) -> String {
    let (hours, minutes) = (at / HOUR_MS, at % HOUR_MS / MINUTE_MS);
    format!("{hours:02}:{minutes:02}:{:02}", at % MINUTE_MS / SECOND_MS)
}

impl Plan {
    fn say(&mut self, at: i64, line: String) {
        let number = self.lines.len() as u64;
        self.lines.insert((at, number), line);
    }

    /// A moment of a day at which people are hungry.
    fn hungry(&mut self, day: u32) -> i64 {
        let hour = match self.random.below(10) {
            0..=3 => 11 + self.random.below(3),
            4..=8 => 17 + self.random.below(5),
            _ => 9 + self.random.below(14),
        };
        let minutes = i64::from(hour) * 60 + i64::from(self.random.below(60));
        i64::from(day) * DAY_MS + minutes * MINUTE_MS + i64::from(self.random.below(60)) * SECOND_MS
    }

    /// One order, from the tap to its end.
    fn order(&mut self, at: i64, attack: Option<(Kind, u32)>, buy: &Buy) {
        let name = format!("o{}", self.orders.len());
        self.orders.push((name.clone(), attack));
        let kitchen = format!("kitchen{}", self.random.below(KITCHENS));
        let word = |key: &str, name: &Option<String>| match name {
            Some(name) => format!(" {key} {name}"),
            None => String::new(),
        };
        let who = &buy.who;
        let cash = if buy.card.is_some() { "" } else { " cash" };
        let (device, card) = (word("device", &buy.device), word("card", &buy.card));
        let coupon = if buy.coupon { " coupon HELLO" } else { "" };
        let throwaway = if buy.throwaway { " throwaway" } else { "" };
        let (door, basket) = (buy.door, &buy.basket);
        self.say(
            at,
            format!(
                "place {name} at {kitchen} by {who} door {door}{device}{card}{cash}{coupon}\
                 {throwaway}: {basket}"
            ),
        );
        let mut paid_at = at + 2 * SECOND_MS;
        if buy.card.is_some() {
            let (End::Declined(declines) | End::Abandoned(declines)) = buy.end else {
                self.say(paid_at, format!("pay {name}"));
                return self.carry(&name, &kitchen, paid_at, buy);
            };
            for number in 1..=declines {
                self.say(paid_at, format!("pay {name} declined"));
                let last = number == declines;
                if last && buy.end == End::Abandoned(declines) {
                    return;
                }
                let other = format!("{name}_{number}");
                let line = format!("retry {name} as {other} by {who} card k_{other}{device}");
                self.say(paid_at + 20 * SECOND_MS, line);
                paid_at += 30 * SECOND_MS;
            }
            self.say(paid_at, format!("pay {name}"));
        }
        self.carry(&name, &kitchen, paid_at, buy);
    }

    /// From the kitchen to the door, and what comes after.
    fn carry(&mut self, name: &str, kitchen: &str, paid_at: i64, buy: &Buy) {
        let at = paid_at + 40 * SECOND_MS;
        let courier = buy.courier.clone().unwrap_or_else(|| self.free(at));
        self.say(at, format!("accept {name} by {kitchen}"));
        self.say(at + SECOND_MS, format!("offer {name} to {courier}"));
        self.say(at + 5 * SECOND_MS, format!("take {name} by {courier}"));
        self.say(at + 14 * MINUTE_MS, format!("ready {name} by {kitchen}"));
        let left = at + 16 * MINUTE_MS;
        let ghost = buy.end == End::Unridden;
        let door = if ghost { left + 20 * SECOND_MS } else { at + 25 * MINUTE_MS };
        let taps_late = LATE_TAPPERS.contains(&courier.as_str());
        self.say(left - MINUTE_MS, format!("at_store {name} by {courier}"));
        let left = if taps_late { door - 20 * SECOND_MS } else { left };
        self.say(left, format!("pick_up {name} by {courier}"));
        let who = &buy.who;
        if buy.end == End::Refused {
            self.say(door, format!("at_door {name} by {courier}"));
            self.say(door + MINUTE_MS, format!("fail {name} refused by {courier}"));
            self.say(door + 2 * MINUTE_MS, format!("direct {name} disposed"));
        } else {
            self.say(door, format!("deliver {name} by {courier} metres 20"));
        }
        if buy.card.is_some() {
            self.say(door + 3 * MINUTE_MS, format!("pay {name}"));
        }
        let later = door + 40 * MINUTE_MS;
        match buy.end {
            End::Claimed => {
                let claim = format!("claim {name} as c_{name} missing by {who}: 1 of 0");
                self.say(later, claim);
                self.say(later + MINUTE_MS, format!("concede c_{name} at {kitchen}"));
            }
            End::Refunded => {
                self.say(later, format!("refund {name} as f_{name} amount 300"));
            }
            End::Eaten | End::Declined(_) | End::Abandoned(_) | End::Refused | End::Unridden => {}
        }
    }

    /// Somebody who has nothing to do then: whoever comes by, since a month is not planned in the
    /// order of its days.
    fn free(&mut self, at: i64) -> String {
        let around = at - 30 * MINUTE_MS..at + 30 * MINUTE_MS;
        let mut place = 0;
        for _ in 0..COURIERS {
            place = self.random.below(COURIERS as u32) as usize;
            if self.booked[place].range(around.clone()).next().is_none() {
                break;
            }
        }
        self.booked[place].insert(at);
        format!("courier{place}")
    }

    /// What the rules said of it.
    fn told(&self, script: &mut Script) -> Told {
        let set = RuleSet::default();
        let mut honest = Verdicts::default();
        let mut worst = BTreeMap::<(Kind, u32), FraudVerdict>::new();
        let mut struck: Vec<(Rule, Struck)> =
            set.rules.iter().map(|rule| (*rule, Struck::default())).collect();
        let mut by_rule = BTreeMap::<(usize, (Kind, u32)), bool>::new();
        for (name, attack) in &self.orders {
            let order_id = script.order_id(name);
            let found = script.city.orders.get(&order_id);
            let Some(known) = found.and_then(|order| order.assessment.as_ref()) else { continue };
            match attack {
                None => honest.add(known.verdict),
                Some(attack) => {
                    let verdict = worst.entry(*attack).or_insert(FraudVerdict::Allow);
                    *verdict = known.verdict.max(*verdict);
                }
            }
            for (place, (rule, row)) in struck.iter_mut().enumerate() {
                let strikes = known.values.get(rule.signal) >= rule.at_least;
                match attack {
                    None => row.honest += u32::from(strikes),
                    Some(attack) if attack.0.shows_in(rule.signal) => {
                        *by_rule.entry((place, *attack)).or_default() |= strikes;
                    }
                    Some(_) => {}
                }
            }
        }
        for ((place, _), strikes) in by_rule {
            struck[place].1.planted += 1;
            struck[place].1.detected += u32::from(strikes);
        }
        let kinds = Kind::ALL.into_iter().map(|kind| {
            let mut found = Found::default();
            for (_, verdict) in worst.iter().filter(|((of, _), _)| *of == kind) {
                found.planted += 1;
                found.detected += u32::from(*verdict >= FraudVerdict::Review);
                found.denied += u32::from(*verdict == FraudVerdict::Deny);
            }
            (kind, found)
        });
        let entries = script.city.index;
        Told { honest, kinds: kinds.collect(), rules: struck, entries }
    }
}
