//! Text in, text out: tests are scripts that people can read.
//!
//! ```text
//! 12:00:00  place  o1 at r1 by alice: 2 ramen
//! 12:00:01  pay    o1
//! 12:02:00  accept o1 by r1 ready 12:20:00
//! ```
//!
//! People come into being when they are named first; `op` is the city's founder. `open r1` makes a
//! restaurant with a small menu and a cook of the same name, `courier carl` an approved courier on
//! shift. `again` repeats the line before it, `due` fires what is due, `show o1` says where an
//! order and its two companions stand. Every other verb is one command; `commands.rs` has them all.

mod after;
mod belongings;
mod carrying;
mod commands;
mod fraud;
mod keys;
mod memory;
mod moderation;
mod money;
pub mod month;
mod opening;
mod prices;
mod stocks;
mod tell;
mod webhooks;
mod who;
mod words;

pub use memory::MemoryCity;

use crate::city::{FoundCity, Rules};
use crate::ids::*;
use crate::key::KeyOwner;
use crate::money::Currency;
use crate::position::Position;
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;
use crate::{Actor, Command, Outcome, Verdict};
use sha2::Digest as _;
use std::collections::BTreeMap;
use words::Words;

/// A city while a script runs over it.
#[derive(Clone, Debug)]
pub struct Script {
    /// The city as it is now.
    pub city: MemoryCity,
    /// What every entry decided, in order.
    pub outcomes: Vec<Outcome>,
    /// What was proposed, in order: a test can let another city decide the same.
    pub entries: Vec<(Timestamp, Actor, Command)>,
    midnight: Timestamp,
    names: BTreeMap<String, String>,
    last: Vec<(Actor, Command)>,
    /// The owners and makers of the keys that have acted.
    programs: BTreeMap<ApiKeyId, (KeyOwner, AccountId)>,
}

/// Runs a script and compares what it says with what was expected.
#[cfg(any(test, feature = "script"))]
pub fn check(script: &str, expected: expect_test::Expect) {
    expected.assert_eq(&Script::new().run(script));
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Script {
    /// A city that was founded a moment ago, on a Monday in March, with an operator `op`.
    pub fn new() -> Self {
        let midnight = "2026-03-02T00:00:00Z".parse().expect("a moment");
        let mut script = Self {
            city: MemoryCity::default(),
            outcomes: Vec::new(),
            entries: Vec::new(),
            midnight,
            names: BTreeMap::new(),
            last: Vec::new(),
            programs: BTreeMap::new(),
        };
        let founder = script.sign_up_of("op");
        let found = FoundCity {
            number: NUMBER,
            name: "Porto".to_owned(),
            currency: Currency::try_from("EUR".to_owned()).expect("a currency"),
            time_zone: "Europe/Lisbon".to_owned(),
            language: "en".to_owned(),
            centre: Position { lat_e7: 411_496_000, lng_e7: -86_109_973 },
            rules: Rules::default(),
            founder,
        };
        script.propose(midnight, Actor::System, Command::FoundCity(Box::new(found)));
        script
    }

    /// Runs every line and tells what each led to.
    pub fn run(&mut self, script: &str) -> String {
        let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
        let told: Vec<String> = lines.map(|line| self.line(line)).collect();
        told.concat()
    }

    /// Runs one line and tells what it led to.
    pub fn line(&mut self, line: &str) -> String {
        let words = Words::read(line);
        let at = self.midnight.plus_ms(words.at_ms);
        let told = match words.verb {
            "show" => vec![self.show(words.subject)],
            "bill" => vec![self.bill(words.subject)],
            "count" => vec![self.count(words.subject)],
            "receipt" => vec![self.show_receipt(words.subject)],
            "ledger" => self.show_ledger(words.subject),
            "books" => vec![self.show_books()],
            "keeps" => vec![self.show_belongings(words.subject)],
            "used" => vec![self.show_coupon(words.subject)],
            "case" => vec![self.show_case(words.subject)],
            "judged" => vec![self.show_judged(words.subject)],
            "quality" => vec![self.show_quality(&words, at)],
            "hook" => vec![self.show_webhook(words.subject)],
            "again" => {
                let last = self.last.clone();
                self.propose_all(at, last)
            }
            "due" => self.fire_due(at),
            _ => {
                let wishes = self.wishes(&words, at);
                self.last = wishes.clone();
                self.propose_all(at, wishes)
            }
        };
        let head = format!("{} {:<8} {:<4}", self.clock(at), words.verb, words.subject);
        told.iter().map(|told| format!("{head} {told}").trim_end().to_owned() + "\n").collect()
    }

    /// What a line asks for and when, for a test that lets another city decide. Whoever it names
    /// first comes into being here, and so in `entries`.
    pub fn commands(&mut self, line: &str) -> (Timestamp, Vec<(Actor, Command)>) {
        let words = Words::read(line);
        let at = self.midnight.plus_ms(words.at_ms);
        (at, self.wishes(&words, at))
    }

    /// Decides one entry, outside any line.
    pub fn propose(&mut self, at: Timestamp, actor: Actor, command: Command) -> Outcome {
        self.entries.push((at, actor.clone(), command.clone()));
        let outcome = self.city.propose(at, actor, command);
        self.outcomes.push(outcome.clone());
        outcome
    }

    /// Several wishes of one line are told as one: the first no, or else yes.
    fn propose_all(&mut self, at: Timestamp, wishes: Vec<(Actor, Command)>) -> Vec<String> {
        let several = wishes.len() > 1;
        let mut last = "yes (nothing)".to_owned();
        for (actor, command) in wishes {
            let outcome = self.propose(at, actor, command);
            last = self.tell(&outcome);
            if matches!(outcome.verdict, Verdict::No(_)) {
                return vec![last];
            }
        }
        vec![if several { "yes".to_owned() } else { last }]
    }

    fn fire_due(&mut self, at: Timestamp) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(deadline) = self.city.deadlines.first().copied() {
            if deadline.due_at > at {
                break;
            }
            let outcome = self.propose(at, Actor::System, Command::FireDeadline(deadline));
            told.push(self.tell(&outcome));
            assert!(
                !self.city.deadlines.contains(&deadline),
                "a deadline that was due is still there: {deadline:?}, {outcome:?}"
            );
        }
        told
    }

    fn show(&mut self, subject: &str) -> String {
        let order_id = self.order_id(subject);
        let order = self.city.orders.get(&order_id).cloned();
        order.map_or("nothing".to_owned(), |order| self.tell_order(&order))
    }

    /// What the script calls the thing with this id.
    pub fn named(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    fn remember(&mut self, id: String, name: &str) {
        self.names.entry(id).or_insert_with(|| name.to_owned());
    }
}

/// The city of every script.
pub const NUMBER: CityNumber = CityNumber(1);

macro_rules! named_ids {
    ($($function:ident $id:ident;)*) => {
        #[allow(missing_docs)]
        impl Script {
            $(pub fn $function(&mut self, name: &str) -> $id {
                let id = $id::derive(NUMBER, &[name.as_bytes()]);
                self.remember(id.to_string(), name);
                id
            })*
        }
    };
}

named_ids! {
    account_id AccountId;
    restaurant_id RestaurantId;
    quote_id QuoteId;
    order_id OrderId;
    courier_id CourierId;
    session_id SessionId;
    dish_id DishId;
    option_group_id OptionGroupId;
    option_id OptionId;
    category_id CategoryId;
    closing_id ClosingId;
    payment_id PaymentId;
    payout_id PayoutId;
    refund_id RefundId;
    claim_id ClaimId;
    webhook_id WebhookId;
    api_key_id ApiKeyId;
    address_id AddressId;
    payment_method_id PaymentMethodId;
    device_mark DeviceMark;
    card_mark CardMark;
}

/// SHA-256 of a text, as a request's or a secret's.
pub fn digest(text: &str) -> Digest {
    Digest(sha2::Sha256::digest(text.as_bytes()).into())
}

fn sealed(text: &str) -> Sealed {
    Sealed(text.as_bytes().to_vec())
}
