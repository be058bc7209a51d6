//! The verbs of money. The gateway answers what it was asked: `pay o1`, `pay o1 declined`, `pay o1
//! action`, `pay o1 amount 900`, of one payment `pay o1 of p2`. It calls by itself: `calls o1 e1
//! authorized`, with `of p2`, `captured 900`, `refunded ref1`, `disputed d1 amount 900`, `won d1`.
//! People: `retry o1 as p2 cash`, `tip o1 as t1 kitchen amount 200`, `payout r1 as po1 amount 900`,
//! `payout carl courier as po1 amount 900`. To look at: `ledger o1`, `books -`.

use super::words::Words;
use super::{Script, digest};
use crate::Command;
use crate::ids::{OrderId, PaymentId};
use crate::ledger::{Holder, MakePayout, Payee};
use crate::money::Money;
use crate::payment::{
    GatewayAnswer, GatewayFact, Method, RecordGatewayAnswer, RecordGatewayEvent, RetryPayment,
    TipFor, TipOrder, WorkId,
};

impl Script {
    pub(super) fn money(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let order_id = self.order_id(words.subject);
        Some(match words.verb {
            "pay" => ("system", self.gateway_answers(words, order_id)),
            "calls" => ("system", self.gateway_calls(words, order_id)),
            "retry" => {
                let payment_id = self.payment_id(words.need("as"));
                let (method, request) = (method(words), digest(&format!("{:?}", method(words))));
                let marks = self.marks(words);
                let wish = RetryPayment { order_id, payment_id, method, marks, request };
                ("alice", Command::RetryPayment(wish))
            }
            "tip" => {
                let payment_id = self.payment_id(words.need("as"));
                let to = words.choose(&[("kitchen", TipFor::Kitchen)]).unwrap_or(TipFor::Courier);
                let amount = Money(words.number("amount").unwrap_or(100));
                let request = digest(&format!("{to:?} {amount}"));
                let method = method(words);
                let wish = TipOrder { payment_id, order_id, amount, to, method, request };
                ("alice", Command::TipOrder(wish))
            }
            "payout" => {
                let payee = if words.has("courier") {
                    Payee::Courier(self.courier_id(words.subject))
                } else {
                    Payee::Restaurant(self.restaurant_id(words.subject))
                };
                let payout_id = self.payout_id(words.need("as"));
                let amount = Money(words.number("amount").unwrap_or(0));
                let (reason, request) = ("week".to_owned(), digest(&amount.to_string()));
                let wish = MakePayout { payout_id, payee, amount, reason, request };
                ("op", Command::MakePayout(wish))
            }
            _ => return None,
        })
    }

    /// The payment that a line names, or the present one of the order.
    fn payment_of(&mut self, words: &Words<'_>, order_id: OrderId) -> PaymentId {
        match words.get("of") {
            Some(name) => self.payment_id(name),
            None => {
                let order = self.city.orders.get(&order_id);
                order.map_or(PaymentId::of(order_id, 1), |order| order.payment_id)
            }
        }
    }

    /// The gateway answers the oldest question about this order's money.
    fn gateway_answers(&mut self, words: &Words<'_>, order_id: OrderId) -> Command {
        let payment_id = self.payment_of(words, order_id);
        let open = self.city.works.iter().find(|(_, work)| work.payment_id() == payment_id);
        let work_id = open.map_or(WorkId { index: 0, number: 0 }, |(id, _)| *id);
        let gateway_ref = "ch_1".to_owned();
        let answer = if words.has("declined") {
            GatewayAnswer::Declined { reason: "no funds".to_owned() }
        } else if words.has("action") {
            GatewayAnswer::ActionRequired { gateway_ref, url: "https://bank.example".to_owned() }
        } else {
            GatewayAnswer::Done { gateway_ref, amount: words.number("amount").map(Money) }
        };
        Command::RecordGatewayAnswer(RecordGatewayAnswer { work_id, answer })
    }

    fn gateway_calls(&mut self, words: &Words<'_>, order_id: OrderId) -> Command {
        let payment_id = self.payment_of(words, order_id);
        let payment = self.city.payments.get(&payment_id);
        let whole = payment.map_or(Money(0), |payment| payment.amount);
        let amount = words.number("amount").map_or(whole, Money);
        let gateway_ref = "ch_1".to_owned();
        let reason = "no funds".to_owned();
        let fact = if words.has("authorized") {
            GatewayFact::Authorized { gateway_ref, amount }
        } else if words.has("action") {
            GatewayFact::ActionRequired { gateway_ref, url: "https://bank.example".to_owned() }
        } else if words.has("declined") {
            GatewayFact::Declined { reason }
        } else if words.has("captured") {
            let owed = payment.map(|payment| payment.to_capture).filter(|owed| *owed > Money(0));
            let amount = words.number("amount").map(Money).or(owed).unwrap_or(whole);
            GatewayFact::Captured { amount }
        } else if words.has("capture_failed") {
            GatewayFact::CaptureFailed { reason }
        } else if words.has("voided") {
            GatewayFact::Voided
        } else if words.has("void_failed") {
            GatewayFact::VoidFailed { reason }
        } else if let Some(name) = words.get("refunded") {
            GatewayFact::Refunded { refund_id: self.refund_id(name) }
        } else if let Some(name) = words.get("unrefunded") {
            GatewayFact::RefundFailed { refund_id: self.refund_id(name) }
        } else if let Some(dispute) = words.get("disputed") {
            GatewayFact::DisputeOpened { dispute_id: dispute.to_owned(), amount }
        } else if let Some(dispute) = words.get("won") {
            GatewayFact::DisputeClosed { dispute_id: dispute.to_owned(), won: true }
        } else {
            GatewayFact::DisputeClosed { dispute_id: words.need("lost").to_owned(), won: false }
        };
        let (gateway, event_id) = ("sandbox".to_owned(), words.need("event").to_owned());
        let wish = RecordGatewayEvent { gateway, event_id, payment_id, fact };
        Command::RecordGatewayEvent(wish)
    }

    /// Every entry about an order, one line each.
    pub(super) fn show_ledger(&mut self, subject: &str) -> Vec<String> {
        let order_id = self.order_id(subject);
        let entries = self.city.ledger.values().filter(|entry| entry.order_id == Some(order_id));
        let told = entries.map(|entry| {
            let posting = |posting: &crate::ledger::Posting| {
                let kind = posting.kind;
                format!("{} {kind:?} {:+}", self.tell_holder(posting.holder), posting.amount.0)
            };
            let postings: Vec<String> = entry.postings.iter().map(posting).collect();
            format!("{:?}: {}", entry.what, postings.join(", "))
        });
        told.collect()
    }

    /// Every balance that is not nothing.
    pub(super) fn show_books(&self) -> String {
        let told = self.city.balances.values().filter(|balance| balance.amount != Money::ZERO);
        let told: Vec<String> = told
            .map(|balance| format!("{} {:+}", self.tell_holder(balance.holder), balance.amount.0))
            .collect();
        told.join(", ")
    }

    fn tell_holder(&self, holder: Holder) -> String {
        let text = holder.to_string();
        match text.strip_prefix("cash:") {
            Some(id) => format!("cash of {}", self.named(id).unwrap_or(id)),
            None => self.named(&text).unwrap_or(&text).to_owned(),
        }
    }
}

fn method(words: &Words<'_>) -> Method {
    if words.has("cash") {
        return Method::Cash;
    }
    Method::Card { token: words.get("token").unwrap_or("tok_other").to_owned() }
}
