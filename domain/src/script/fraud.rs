//! The verbs of fraud.
//!
//! ```text
//! 12:00:00  rules  enforce if 0: account_orders_hour 2 40, device_accounts 3 80
//! 12:00:00  decide o1 allow for friend
//! 12:00:00  case   o1
//! 12:00:00  judged o1
//! ```

use super::Script;
use super::moderation::reason;
use super::words::Words;
use crate::Command;
use crate::fraud::{
    DecideCase, Decision, FraudCommand, PutFraudRules, Rule, RuleSet, RulesMode, Signal, Unreviewed,
};
use crate::ids::CaseId;

impl Script {
    pub(super) fn fraud(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let wish = match words.verb {
            "rules" => {
                let mode = match words.subject {
                    "enforce" => RulesMode::Enforce,
                    _ => RulesMode::Shadow,
                };
                let unreviewed = match words.has("release") {
                    true => Unreviewed::Release,
                    false => Unreviewed::Cancel,
                };
                let rules = words.list.iter().map(|rule| rule_of(rule, words)).collect();
                let set = RuleSet { rules, mode, unreviewed, ..RuleSet::default() };
                let if_version = words.number("if").unwrap_or(0).try_into().unwrap_or(0);
                FraudCommand::PutRules(PutFraudRules { set, if_version, reason: reason(words) })
            }
            "decide" => {
                let decisions = [("allow", Decision::Allow), ("deny", Decision::Deny)];
                let decision =
                    words.choose(&decisions).unwrap_or_else(|| words.wrong("allow or deny"));
                let case_id = CaseId::of(self.order_id(words.subject));
                let reason = reason(words);
                FraudCommand::Decide(DecideCase { case_id, decision, reason })
            }
            _ => return None,
        };
        Some(("op", Command::Fraud(Box::new(wish))))
    }

    /// The case about an order, with what struck.
    pub(super) fn show_case(&mut self, subject: &str) -> String {
        let case_id = CaseId::of(self.order_id(subject));
        let Some(case) = self.city.fraud_cases.get(&case_id) else {
            return "nothing".to_owned();
        };
        let hit = |hit: &crate::fraud::Hit| {
            format!("{}={} for {}", hit.rule.signal.name(), hit.value, hit.rule.points)
        };
        let hits: Vec<_> = case.hits.iter().map(hit).collect();
        format!("{:?}, {} points: {}", case.status.state(), case.points, hits.join(", "))
    }

    /// What was known of an order when it was placed, without what says nothing.
    pub(super) fn show_judged(&mut self, subject: &str) -> String {
        let order_id = self.order_id(subject);
        let order = self.city.orders.get(&order_id);
        let Some(known) = order.and_then(|order| order.assessment.as_ref()) else {
            return "nothing".to_owned();
        };
        let said = Signal::ALL.iter().map(|signal| (signal, known.values.get(*signal)));
        let said = said.filter(|(_, value)| *value != 0);
        let said: Vec<_> = said.map(|(it, value)| format!("{}={value}", it.name())).collect();
        format!("{:?}, {} points: {}", known.verdict, known.points, said.join(" "))
    }
}

/// `account_orders_hour 2 40`
fn rule_of(text: &str, words: &Words<'_>) -> Rule {
    let mut parts = text.split(' ');
    let name = parts.next().unwrap_or("");
    let signal = Signal::ALL.iter().find(|signal| signal.name() == name);
    let mut number = || parts.next().and_then(|text| text.parse::<i64>().ok());
    match (signal, number(), number()) {
        (Some(signal), Some(at_least), Some(points)) => {
            Rule { signal: *signal, at_least, points: points.try_into().unwrap_or(0) }
        }
        _ => words.wrong("signal, number, points"),
    }
}
