//! Verbs about what things cost: coupons, the city's terms, debts; and a receipt to look at.

use super::Script;
use super::words::Words;
use crate::account::{ClearDebt, Cleared};
use crate::area::Polygon;
use crate::calendar::WeeklyHours;
use crate::city::{DeliveryFee, Fees, Peak, Rules, STANDARD, Section, SetTerms, Taxes, Zone};
use crate::coupon::{CouponGives, CouponTerms, Payer, PutCoupon};
use crate::ids::{CouponId, ZoneId};
use crate::money::Money;
use crate::position::Position;
use crate::time::Timestamp;
use crate::{Command, script};

impl Script {
    pub(super) fn prices(&mut self, words: &Words<'_>, at: Timestamp) -> Option<Priced> {
        Some(match words.verb {
            "coupon" => ("op", self.coupon(words)),
            "terms" => {
                let wish = SetTerms {
                    if_version: words.number("if").and_then(|seen| seen.try_into().ok()),
                    effective_from: words.clock("effective").map(|ms| self.midnight.plus_ms(ms)),
                    section: self.section(words),
                };
                ("op", Command::SetTerms(Box::new(wish)))
            }
            "clear" => {
                self.come_into_being(words.subject, at);
                let account_id = self.account_id(words.subject);
                let debt = Money(words.number("debt").unwrap_or(0));
                let how = words.choose(&[("forgiven", Cleared::Forgiven)]).unwrap_or_default();
                let reason = String::new();
                ("op", Command::ClearDebt(ClearDebt { account_id, debt, reason, how }))
            }
            _ => return None,
        })
    }

    /// `coupon HELLO percent 10 up_to 300 only r1 minimum 1000 first each 1 total 3 budget 900`
    fn coupon(&mut self, words: &Words<'_>) -> Command {
        let code = words.subject.to_owned();
        let coupon_id = CouponId::of(script::NUMBER, &code);
        self.remember(coupon_id.to_string(), &code.to_uppercase());
        let count = |key| words.number(key).and_then(|count| u32::try_from(count).ok());
        let moment = |key| words.clock(key).map(|ms| self.midnight.plus_ms(ms));
        let percent = words.number("percent").map(|percent| CouponGives::Percent {
            millionths: percent * 10_000,
            up_to: words.number("up_to").map(Money),
        });
        let fixed =
            words.number("fixed").map(|amount| CouponGives::Fixed { amount: Money(amount) });
        let terms = CouponTerms {
            code,
            gives: percent.or(fixed).unwrap_or(CouponGives::FreeDelivery),
            from: moment("from"),
            until: moment("until"),
            restaurants: words
                .get("only")
                .map(|name| self.restaurant_id(name))
                .into_iter()
                .collect(),
            minimum: Money(words.number("minimum").unwrap_or(0)),
            first_order: words.has("first"),
            per_person: count("each"),
            total: count("total"),
            budget: words.number("budget").map(Money),
            payer: words.choose(&[("by_restaurant", Payer::Restaurant)]).unwrap_or(Payer::Platform),
            disabled: words.has("disabled"),
        };
        let if_version = words.number("if").and_then(|seen| seen.try_into().ok());
        Command::PutCoupon(Box::new(PutCoupon { coupon_id, terms, if_version }))
    }

    /// `terms fees base 200 bag 10`, `terms taxes added: standard 230000, food 130000`,
    /// `terms zones: here 200, there 500`, `terms holidays: 2026-12-25`, `terms rules accept 60000`
    fn section(&mut self, words: &Words<'_>) -> Section {
        let amount = |key| Money(words.number(key).unwrap_or(0));
        let pairs = || {
            let pairs = words.list.iter().filter_map(|pair| pair.split_once(' '));
            pairs.map(|(name, number)| (name, number.parse().unwrap_or_else(|_| words.wrong(name))))
        };
        match words.subject {
            "fees" => Section::Fees(Fees {
                delivery: DeliveryFee {
                    base: words.number("base").map(Money),
                    included_m: 1_000,
                    per_100m: amount("per"),
                    free_from: words.number("free_from").map(Money),
                },
                peaks: words
                    .number("peak")
                    .map(|percent| Peak {
                        hours: WeeklyHours::always(),
                        factor_millionths: percent * 10_000,
                    })
                    .into_iter()
                    .collect(),
                service: amount("service"),
                service_millionths: words.number("share").unwrap_or(0),
                service_at_most: words.number("at_most").map(Money),
                small_below: amount("small_below"),
                small_fee: amount("small_fee"),
                bag: amount("bag"),
            }),
            "taxes" => Section::Taxes(Taxes {
                included: !words.has("added"),
                classes: pairs().map(|(name, rate)| (name.to_owned(), rate)).collect(),
                fees_class: words.get("fees").unwrap_or(STANDARD).to_owned(),
            }),
            "zones" => Section::Zones(pairs().map(|(name, fee)| self.zone(name, fee)).collect()),
            "holidays" => {
                let day = |text: &&str| text.parse().unwrap_or_else(|_| words.wrong(text));
                Section::Holidays(words.list.iter().map(day).collect())
            }
            "rules" => {
                let accept_ms = words.number("accept").unwrap_or(300_000);
                Section::Rules(Rules { accept_ms, ..Rules::default() })
            }
            _ => words.wrong("section"),
        }
    }

    /// `here` is a square around where everybody lives; any other is far from there.
    fn zone(&mut self, name: &str, fee: i64) -> Zone {
        let id = ZoneId::derive(script::NUMBER, &[name.as_bytes()]);
        self.remember(id.to_string(), name);
        let (south, west) = if name == "here" { (411_000_000, -86_500_000) } else { (0, 0) };
        let corner = |north, east| Position { lat_e7: south + north, lng_e7: west + east };
        let (by, to) = (1_000_000, 1_000_000);
        Zone {
            id,
            name: name.to_owned(),
            area: Polygon(vec![corner(0, 0), corner(by, 0), corner(by, to), corner(0, to)]),
            fee: DeliveryFee { base: Some(Money(fee)), ..DeliveryFee::default() },
        }
    }

    /// What is not zero on an order's receipt, and its taxes.
    pub(super) fn show_receipt(&mut self, subject: &str) -> String {
        let order_id = self.order_id(subject);
        let Some(order) = self.city.orders.get(&order_id) else {
            return "nothing".to_owned();
        };
        let receipt = &order.receipt;
        receipt.checks().expect("a receipt adds up");
        let mut told = Vec::new();
        for (what, amount) in [
            ("dishes", receipt.dishes),
            ("discount", receipt.discount),
            ("delivery", receipt.delivery_fee),
            ("delivery_discount", receipt.delivery_discount),
            ("service", receipt.service_fee),
            ("small_order", receipt.small_order_fee),
            ("bag", receipt.bag_fee),
            ("tax_included", receipt.tax_included),
            ("tax_added", receipt.tax_added),
            ("tip", receipt.tip),
        ] {
            if amount != Money::ZERO {
                told.push(format!("{what} {amount}"));
            }
        }
        for row in &receipt.taxes {
            told.push(format!("{} {} of {}", row.class, row.tax, row.base));
        }
        let zone = receipt.zone_id.map(|id| format!(", zone {}", self.tell_name(&id.to_string())));
        let (total, version) = (receipt.total, receipt.terms_version);
        let zone = zone.unwrap_or_default();
        format!("{} = {total}, terms {version}{zone}", told.join(", "))
    }

    fn tell_name(&self, id: &str) -> String {
        self.named(id).unwrap_or(id).to_owned()
    }

    /// How often a coupon is redeemed, and by whom.
    pub(super) fn show_coupon(&mut self, code: &str) -> String {
        let id = CouponId::of(script::NUMBER, code);
        let Some(coupon) = self.city.coupons.get(&id) else {
            return "nothing".to_owned();
        };
        let mut told = format!("version {}, used {}, ", coupon.version, coupon.used);
        told += &format!("spent {}", coupon.spent);
        for used in self.city.coupon_uses.values().filter(|used| used.coupon_id == id) {
            let name = self.tell_name(&used.account_id.to_string());
            told += &format!(", {name} {}", used.count);
        }
        told
    }
}

/// Who says it unless the line does, and what.
pub(super) type Priced = (&'static str, Command);
