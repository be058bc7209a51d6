//! The verbs for what comes after placing. Proposals: `propose o1 line 0 fewer 1`, `propose o1 line
//! 0 remove`, `propose o1 line 0: 1 gyoza`, `answer o1 refuse`. Complaints: `claim o1 as c1
//! missing: 1 of 0` for one of the first line, `concede c1`, `contest c1`, `settle c1 amount 300`.
//! Money and words: `refund o1 as ref1 amount 300`, `refund o1 as ref1: 1 of 0`, `reply o1`,
//! `rate o1 stars 4: 5 ramen`. And `allergens r1: gyoza Milk`, `seen o1`, `bill o1`.

use super::words::Words;
use super::{Script, digest, sealed};
use crate::Command;
use crate::claim::{AnswerClaim, ClaimKind, ClaimLine, MakeClaim, SettleClaim};
use crate::ids::{DishId, OrderId, RatingId, RefundId};
use crate::menu::{Allergen, EditMenu};
use crate::money::Money;
use crate::order::{
    AnswerSubstitution, Fault, Instead, ProposeSubstitution, SeenOrder, SubstitutionAnswer,
};
use crate::pricing::{IfUnavailable, Receipt};
use crate::rating::ReplyRating;
use crate::refund::{RefundOrder, RefundWhat};
use std::collections::BTreeMap;

impl Script {
    pub(super) fn after(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let order_id = self.order_id(words.subject);
        let kitchen = words.get("at").or(words.get("by")).unwrap_or("r1");
        let restaurant_id = self.restaurant_id(kitchen);
        Some(match words.verb {
            "seen" => ("r1", Command::SeenOrder(SeenOrder { order_id, restaurant_id })),
            "propose" => {
                let line = words.number("line").and_then(|line| line.try_into().ok());
                let wish = ProposeSubstitution {
                    order_id,
                    restaurant_id,
                    line: line.unwrap_or(0),
                    instead: self.instead(words),
                };
                ("r1", Command::ProposeSubstitution(Box::new(wish)))
            }
            "answer" => {
                let answers = [
                    ("accept", SubstitutionAnswer::Accept),
                    ("refuse", SubstitutionAnswer::Refuse),
                    ("cancel_line", SubstitutionAnswer::CancelLine),
                    ("cancel_order", SubstitutionAnswer::CancelOrder),
                ];
                let answer = words.choose(&answers).unwrap_or_else(|| words.wrong("answer"));
                let revision = words.number("seen").and_then(|seen| seen.try_into().ok());
                let wish = AnswerSubstitution { order_id, answer, revision };
                ("alice", Command::AnswerSubstitution(wish))
            }
            "refund" => ("op", self.refund(words, order_id)),
            "reply" => {
                let text = words.get("text").unwrap_or("thanks").to_owned();
                let rating_id = RatingId::of(order_id);
                let wish = ReplyRating { rating_id, restaurant_id, text };
                ("op", Command::ReplyRating(wish))
            }
            "allergens" => ("op", Command::EditMenu(Box::new(self.with_allergens(words)))),
            _ => return self.claims(words),
        })
    }

    fn claims(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let kitchen = words.get("at").unwrap_or("r1");
        let restaurant_id = self.restaurant_id(kitchen);
        Some(match words.verb {
            "claim" => {
                let name = words.need("as");
                let claim_id = self.claim_id(name);
                self.remember(RefundId::of(claim_id).to_string(), &format!("of_{name}"));
                let kinds = [
                    ("missing", ClaimKind::Missing),
                    ("wrong", ClaimKind::Wrong),
                    ("quality", ClaimKind::Quality),
                    ("late", ClaimKind::Late),
                    ("never_came", ClaimKind::NeverCame),
                    ("allergy", ClaimKind::Allergy),
                ];
                let wish = MakeClaim {
                    claim_id,
                    order_id: self.order_id(words.subject),
                    kind: words.choose(&kinds).unwrap_or_else(|| words.wrong("kind")),
                    lines: claim_lines(words),
                    photos: words.get("photo").map(super::carrying::hash).into_iter().collect(),
                    text: sealed("it was not there"),
                    request: digest(&format!("{:?}", words.list)),
                };
                ("alice", Command::MakeClaim(Box::new(wish)))
            }
            "concede" | "contest" => {
                let accept = words.verb == "concede";
                let text = words.get("text").or((!accept).then_some("it was there"));
                let wish = AnswerClaim {
                    claim_id: self.claim_id(words.subject),
                    restaurant_id,
                    accept,
                    text: text.map(str::to_owned),
                };
                ("op", Command::AnswerClaim(wish))
            }
            "settle" => {
                let wish = SettleClaim {
                    claim_id: self.claim_id(words.subject),
                    amount: Money(words.number("amount").unwrap_or(0)),
                    fault: fault(words),
                    reason: "looked at".to_owned(),
                    refund_id: self.refund_id(words.get("as").unwrap_or("settled")),
                };
                ("op", Command::SettleClaim(wish))
            }
            _ => return None,
        })
    }

    /// `5 ramen, 1 tea`
    pub(super) fn dish_stars(&mut self, words: &Words<'_>) -> BTreeMap<DishId, u8> {
        let pairs = words.list.iter().filter_map(|pair| pair.split_once(' '));
        let stars = |text: &str| text.parse().unwrap_or_else(|_| words.wrong("stars"));
        pairs.map(|(given, name)| (self.dish_id(name), stars(given))).collect()
    }

    fn instead(&mut self, words: &Words<'_>) -> Instead {
        if words.has("remove") {
            return Instead::Remove;
        }
        if let Some(quantity) = words.number("fewer") {
            return Instead::Fewer { quantity: quantity.try_into().unwrap_or(0) };
        }
        let wanted = self.basket(words).into_iter().next();
        Instead::Replace(wanted.unwrap_or_else(|| words.wrong("instead")))
    }

    fn refund(&mut self, words: &Words<'_>, order_id: OrderId) -> Command {
        let what = match words.number("amount") {
            Some(amount) => RefundWhat::Amount(Money(amount)),
            None => RefundWhat::Lines(claim_lines(words)),
        };
        let request = digest(&format!("{what:?}"));
        Command::RefundOrder(Box::new(RefundOrder {
            refund_id: self.refund_id(words.need("as")),
            order_id,
            what,
            fault: fault(words),
            reason: words.get("because").unwrap_or("sorry").to_owned(),
            request,
        }))
    }

    fn with_allergens(&mut self, words: &Words<'_>) -> EditMenu {
        let found = [("Milk", Allergen::Milk), ("Nuts", Allergen::Nuts), ("Fish", Allergen::Fish)];
        let of = |text: &str| found.iter().find(|(name, _)| *name == text).map(|(_, it)| *it);
        let plain = self.menu(words.subject, &[]);
        let mut dishes = Vec::new();
        for pair in &words.list {
            let (name, allergen) = pair.split_once(' ').unwrap_or((pair, ""));
            let dish_id = self.dish_id(name);
            let mut dish = plain.dishes.iter().find(|dish| dish.id == dish_id).cloned();
            let dish = dish.take().unwrap_or_else(|| words.wrong("dish"));
            let allergens = of(allergen).into_iter().collect();
            dishes.push(crate::menu::Dish { allergens, ..dish });
        }
        let category_id = self.category_id("all");
        let option_groups = plain.option_groups;
        EditMenu {
            restaurant_id: plain.restaurant_id,
            if_version: None,
            dishes,
            option_groups,
            category_id,
        }
    }

    /// What a receipt says, what was taken and given back, and who bears the end.
    pub(super) fn bill(&mut self, subject: &str) -> String {
        let order_id = self.order_id(subject);
        let Some(order) = self.city.orders.get(&order_id).cloned() else {
            return "nothing".to_owned();
        };
        let payment = &self.city.payments[&order.payment_id];
        let mut told = self.tell_receipt(&order.receipt);
        told += &format!(
            "; {:?} {}, back {} + {}",
            payment.status, payment.to_capture, payment.refunding, payment.refunded
        );
        if let Some(bill) = order.bill {
            let kitchen = if bill.restaurant_paid { "paid" } else { "unpaid" };
            let courier = if bill.courier_paid { "paid" } else { "unpaid" };
            told += &format!(
                "{}pays {}; kitchen {kitchen}; courier {courier}, call-out {}; fault {:?}",
                super::tell::FOLDED,
                bill.customer_pays,
                bill.callout,
                bill.fault
            );
        }
        told
    }

    fn tell_receipt(&self, receipt: &Receipt) -> String {
        let lines = receipt.lines.iter().map(|line| {
            let name = self.named(&line.dish_id.to_string()).unwrap_or("?");
            format!("{} {name} {}", line.quantity, line.total)
        });
        let lines: Vec<String> = lines.collect();
        format!("{}; total {} (revision {})", lines.join(", "), receipt.total, receipt.revision)
    }
}

/// What a basket's lines say of what is missing: `or_substitute`, `or_nothing`.
pub(super) fn preference(words: &Words<'_>) -> IfUnavailable {
    let said =
        [("or_substitute", IfUnavailable::Substitute), ("or_nothing", IfUnavailable::CancelOrder)];
    words.choose(&said).unwrap_or_default()
}

/// `1 of 0, 2 of 1`
fn claim_lines(words: &Words<'_>) -> Vec<ClaimLine> {
    let number = |text: &str| text.parse().unwrap_or_else(|_| words.wrong("number"));
    let pairs = words.list.iter().filter_map(|pair| pair.split_once(" of "));
    pairs
        .map(|(quantity, line)| ClaimLine { line: number(line), quantity: number(quantity) })
        .collect()
}

fn fault(words: &Words<'_>) -> Fault {
    let faults = [
        ("customer", Fault::Customer),
        ("restaurant", Fault::Restaurant),
        ("courier", Fault::Courier),
    ];
    words.choose(&faults).unwrap_or(Fault::Platform)
}
