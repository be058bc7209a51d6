//! What the sandbox knows, and what it decides: a request and a moment in, an answer and a line for
//! the journal out. No network, no disk.

use super::journal::{Answered, Line};
use super::wire::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Charges and messages that it holds, each; it is for tests and lives in memory.
const MOST: usize = 250_000;
/// How long a late approval takes.
const LATE_MS: i64 = 3_000;
/// Rows of one page.
pub(super) const PAGE: usize = 200;

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Bank {
    lines: u64,
    charges: BTreeMap<String, Charge>,
    /// By the line that changed it last.
    changes: BTreeMap<u64, String>,
    references: BTreeMap<String, BTreeSet<String>>,
    answers: BTreeMap<String, Answered>,
    messages: Vec<Message>,
    message_keys: BTreeMap<String, usize>,
    /// Approvals that come later, by when.
    late: BTreeSet<(i64, String)>,
}

/// What to say, and what to write down before.
#[derive(Debug)]
pub(super) struct Decision {
    pub status: u16,
    pub body: String,
    pub line: Option<Line>,
}

/// A change that is about to be written down.
struct Change {
    charge: Charge,
    kind: EventKind,
    refund: Option<String>,
}

type Judged = Result<(u16, Change), (u16, &'static str)>;

impl Bank {
    /// As the journal has it.
    pub(super) fn replay(lines: Vec<Line>) -> Self {
        let mut bank = Self::default();
        lines.into_iter().for_each(|line| bank.take(line));
        bank
    }

    /// The last line that it reflects.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Asks for money.
    pub(super) fn authorize(
        &mut self,
        at: i64,
        url: &str,
        key: &str,
        wish: &Authorize,
    ) -> Decision {
        self.once(at, "authorize", key, wish, |bank| {
            if bank.charges.len() >= MOST {
                return Err((507, "the sandbox is full: start another one"));
            }
            if wish.amount <= 0 || wish.reference.is_empty() {
                return Err((400, "an amount above zero and a reference are needed"));
            }
            let id = format!("ch_{}", bank.lines + 1);
            let mut charge = Charge {
                id: id.clone(),
                reference: wish.reference.clone(),
                token: wish.token.clone(),
                amount: wish.amount,
                currency: wish.currency.clone(),
                state: ChargeState::Authorized,
                reason: None,
                url: None,
                captured: 0,
                refunds: Vec::new(),
                dispute: None,
                created_ms: at,
                due_ms: None,
                changed_ms: at,
                changed: 0,
            };
            let mut kind = EventKind::Authorized;
            if wish.token.starts_with(DECLINED_TOKENS) {
                charge.state = ChargeState::Declined;
                charge.reason = Some("card_declined".to_owned());
                kind = EventKind::Declined;
            } else if wish.token.starts_with(CONFIRMED_TOKENS) {
                charge.state = ChargeState::ActionRequired;
                charge.url = Some(format!("{url}/confirm/{id}"));
                kind = EventKind::ActionRequired;
            } else if wish.token.starts_with(LATE_TOKENS) {
                charge.state = ChargeState::Pending;
                charge.due_ms = Some(at + LATE_MS);
            }
            Ok((201, Change { charge, kind, refund: None }))
        })
    }

    /// Takes what was set aside, or less.
    pub(super) fn capture(&mut self, at: i64, key: &str, id: &str, wish: Capture) -> Decision {
        self.once(at, &format!("capture {id}"), key, &wish, |bank| {
            let mut charge = bank.known(id)?;
            if charge.state != ChargeState::Authorized {
                return Err((409, "only what is set aside can be taken"));
            }
            if charge.token.starts_with(UNCAPTURABLE_TOKENS) {
                return Err((402, "card_expired"));
            }
            if wish.amount <= 0 || wish.amount > charge.amount {
                return Err((400, "no more than was set aside"));
            }
            charge.state = ChargeState::Captured;
            charge.captured = wish.amount;
            Ok((200, Change { charge, kind: EventKind::Captured, refund: None }))
        })
    }

    /// Lets go what was set aside, or is about to be.
    pub(super) fn void(&mut self, at: i64, key: &str, id: &str) -> Decision {
        self.once(at, &format!("void {id}"), key, &(), |bank| {
            let mut charge = bank.known(id)?;
            match charge.state {
                ChargeState::Authorized | ChargeState::ActionRequired | ChargeState::Pending => {
                    charge.state = ChargeState::Voided;
                    charge.due_ms = None;
                    Ok((200, Change { charge, kind: EventKind::Voided, refund: None }))
                }
                ChargeState::Voided | ChargeState::Declined | ChargeState::Captured => {
                    Err((409, "there is nothing to let go"))
                }
            }
        })
    }

    /// Gives back. The caller's name for it is a key too: one refund, whatever else is said.
    pub(super) fn refund(&mut self, at: i64, key: &str, id: &str, wish: &MakeRefund) -> Decision {
        self.once(at, &format!("refund {id}"), key, wish, |bank| {
            let mut charge = bank.known(id)?;
            if charge.state != ChargeState::Captured {
                return Err((409, "only what was taken can go back"));
            }
            let gone: i64 = charge.refunds.iter().filter(|r| r.done).map(|r| r.amount).sum();
            if wish.amount <= 0 || gone.checked_add(wish.amount).is_none_or(|s| s > charge.captured)
            {
                return Err((400, "no more than was taken"));
            }
            let done = !charge.token.starts_with(UNREFUNDABLE_TOKENS);
            let reference = wish.reference.clone();
            charge.refunds.push(Refund { reference, amount: wish.amount, done });
            let kind = if done { EventKind::Refunded } else { EventKind::RefundFailed };
            Ok((200, Change { charge, kind, refund: Some(wish.reference.clone()) }))
        })
    }

    /// The owner's word about a charge that needs it.
    pub(super) fn confirm(&mut self, at: i64, id: &str, wish: Decide) -> Decision {
        let judged = self.known(id).and_then(|mut charge| {
            if charge.state != ChargeState::ActionRequired {
                return Err((409, "there is nothing to confirm"));
            }
            charge.url = None;
            let kind = if wish.yes {
                charge.state = ChargeState::Authorized;
                EventKind::Authorized
            } else {
                charge.state = ChargeState::Declined;
                charge.reason = Some("not_confirmed".to_owned());
                EventKind::Declined
            };
            Ok((200, Change { charge, kind, refund: None }))
        });
        self.decide(at, None, judged)
    }

    /// A bank asks for all of it back.
    pub(super) fn dispute(&mut self, at: i64, id: &str) -> Decision {
        let judged = self.known(id).and_then(|mut charge| {
            if charge.state != ChargeState::Captured || charge.dispute.is_some() {
                return Err((409, "only what was taken can be disputed, once"));
            }
            let gone: i64 = charge.refunds.iter().filter(|r| r.done).map(|r| r.amount).sum();
            let (id, amount) = (format!("dp_{}", self.lines + 1), charge.captured - gone);
            charge.dispute = Some(Dispute { id, amount, won: None });
            Ok((200, Change { charge, kind: EventKind::DisputeOpened, refund: None }))
        });
        self.decide(at, None, judged)
    }

    /// The bank has decided.
    pub(super) fn close_dispute(&mut self, at: i64, id: &str, wish: Decide) -> Decision {
        let judged = self.known(id).and_then(|mut charge| {
            let Some(dispute) = charge.dispute.as_mut().filter(|d| d.won.is_none()) else {
                return Err((409, "there is no open dispute"));
            };
            dispute.won = Some(wish.yes);
            Ok((200, Change { charge, kind: EventKind::DisputeClosed, refund: None }))
        });
        self.decide(at, None, judged)
    }

    /// One approval that is due by now.
    pub(super) fn approve_late(&mut self, at: i64) -> Option<Decision> {
        let (due, id) = self.late.first().cloned()?;
        if due > at {
            return None;
        }
        let judged = self.known(&id).map(|mut charge| {
            charge.state = ChargeState::Authorized;
            charge.due_ms = None;
            (200, Change { charge, kind: EventKind::Authorized, refund: None })
        });
        Some(self.decide(at, None, judged))
    }

    /// Takes a message; the same key again is the same message.
    pub(super) fn message(&mut self, message: Message) -> Decision {
        if let Some(before) = self.message_keys.get(&message.key) {
            let same = self.messages[*before] == message;
            return if same { said(200, &message) } else { refused(409, "another message had it") };
        }
        if self.messages.len() >= MOST {
            return refused(507, "the sandbox is full: start another one");
        }
        let n = self.lines + 1;
        let line = Line { n, charge: None, event: None, message: Some(message), answer: None };
        self.take(line.clone());
        Decision { line: Some(line), ..said(200, &self.messages[self.messages.len() - 1]) }
    }

    /// By its id.
    pub(super) fn charge(&self, id: &str) -> Option<&Charge> {
        self.charges.get(id)
    }

    /// All under the caller's name, oldest first.
    pub(super) fn referred(&self, reference: &str) -> Charges {
        let ids = self.references.get(reference).into_iter().flatten();
        let mut data: Vec<_> =
            ids.filter_map(|id| self.charges.get(id)).take(PAGE).cloned().collect();
        data.sort_by_key(|charge| charge.created_ms);
        Charges { data, has_more: false }
    }

    /// What changed after this line, and not before this moment.
    pub(super) fn changed_after(&self, after: u64, since_ms: i64) -> Charges {
        let ids = self.changes.range(after.saturating_add(1)..).map(|(_, id)| id);
        let charges = ids.filter_map(|id| self.charges.get(id));
        let mut wanted = charges.filter(|charge| charge.changed_ms >= since_ms);
        let data = wanted.by_ref().take(PAGE).cloned().collect();
        Charges { data, has_more: wanted.next().is_some() }
    }

    /// From this place on.
    pub(super) fn messages_from(&self, from: usize) -> Messages {
        let rest = self.messages.get(from..).unwrap_or_default();
        let data: Vec<_> = rest.iter().take(PAGE).cloned().collect();
        Messages { has_more: rest.len() > data.len(), data }
    }

    fn known(&self, id: &str) -> Result<Charge, (u16, &'static str)> {
        self.charges.get(id).cloned().ok_or((404, "there is no such charge"))
    }

    /// The same key is the same answer, to the byte; with another request it is refused.
    fn once(
        &mut self,
        at: i64,
        what: &str,
        key: &str,
        wish: &impl Serialize,
        judge: impl FnOnce(&Self) -> Judged,
    ) -> Decision {
        let wish = serde_json::to_string(wish).unwrap_or_default();
        let request = format!("{what} {wish}");
        if let Some(before) = self.answers.get(key) {
            if before.request != request {
                return refused(409, "this key was used for another request");
            }
            return Decision { status: before.status, body: before.body.clone(), line: None };
        }
        let judged = judge(self);
        self.decide(at, Some((key.to_owned(), request)), judged)
    }

    fn decide(&mut self, at: i64, asked: Option<(String, String)>, judged: Judged) -> Decision {
        let n = self.lines + 1;
        let (status, change) = match judged {
            Ok(decided) => decided,
            Err((status, why)) => {
                let no = refused(status, why);
                // Only what a card says is remembered: a wrong request may be put right.
                let Some((key, request)) = asked.filter(|_| status == 402) else { return no };
                let body = no.body.clone();
                let answer = Some(Answered { key, request, status, body });
                let line = Line { n, charge: None, event: None, message: None, answer };
                self.take(line.clone());
                return Decision { line: Some(line), ..no };
            }
        };
        let Change { mut charge, kind, refund } = change;
        (charge.changed, charge.changed_ms) = (n, at);
        let id = format!("evt_{n}");
        let told = Event { id, kind, at_ms: at, refund, charge: charge.clone() };
        let event = (charge.state != ChargeState::Pending).then_some(told);
        let answer = said(status, &charge);
        let answered = asked.map(|(key, request)| {
            let body = answer.body.clone();
            Answered { key, request, status, body }
        });
        let line = Line { n, charge: Some(charge), event, message: None, answer: answered };
        self.take(line.clone());
        Decision { line: Some(line), ..answer }
    }

    fn take(&mut self, line: Line) {
        self.lines = line.n;
        if let Some(charge) = line.charge {
            if let Some(before) = self.charges.get(&charge.id) {
                self.changes.remove(&before.changed);
                self.late.retain(|(_, id)| *id != charge.id);
            }
            if let Some(due) = charge.due_ms {
                self.late.insert((due, charge.id.clone()));
            }
            self.changes.insert(charge.changed, charge.id.clone());
            self.references.entry(charge.reference.clone()).or_default().insert(charge.id.clone());
            self.charges.insert(charge.id.clone(), charge);
        }
        if let Some(message) = line.message {
            self.message_keys.insert(message.key.clone(), self.messages.len());
            self.messages.push(message);
        }
        if let Some(answer) = line.answer {
            self.answers.insert(answer.key.clone(), answer);
        }
    }
}

fn said(status: u16, what: &impl Serialize) -> Decision {
    Decision { status, body: serde_json::to_string(what).unwrap_or_default(), line: None }
}

pub(super) fn refused(status: u16, why: &str) -> Decision {
    said(status, &Refused { error: why.to_owned() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn wish(reference: &str, token: &str) -> Authorize {
        Authorize {
            reference: reference.to_owned(),
            token: token.to_owned(),
            amount: 1_000,
            currency: "EUR".to_owned(),
        }
    }

    #[test]
    fn a_key_is_one_answer_and_the_journal_gives_all_of_it_again() {
        let mut bank = Bank::default();
        let mut lines = Vec::new();
        let mut keep = |decision: Decision| {
            lines.extend(decision.line);
            (decision.status, decision.body)
        };
        let first = keep(bank.authorize(1, "u", "k1", &wish("pay_1", "tok_visa")));
        assert_eq!(first.0, 201);
        assert_eq!(keep(bank.authorize(9, "u", "k1", &wish("pay_1", "tok_visa"))), first);
        assert_eq!(keep(bank.authorize(9, "u", "k1", &wish("pay_2", "tok_visa"))).0, 409);
        let id = bank.referred("pay_1").data[0].id.clone();
        assert_eq!(keep(bank.capture(2, "k2", &id, Capture { amount: 1_001 })).0, 400);
        // What was wrong about the request is not remembered under its key.
        assert_eq!(keep(bank.capture(2, "k2", &id, Capture { amount: 900 })).0, 200);
        assert_eq!(keep(bank.void(3, "k3", &id)).0, 409);
        let back = |amount| MakeRefund { reference: format!("ref_{amount}"), amount };
        assert_eq!(keep(bank.refund(4, "k4", &id, &back(500))).0, 200);
        assert_eq!(keep(bank.refund(4, "k4", &id, &back(500))).0, 200);
        assert_eq!(keep(bank.refund(4, "k5", &id, &back(401))).0, 400);
        assert_eq!(keep(bank.dispute(5, &id)).0, 200);
        assert_eq!(keep(bank.close_dispute(6, &id, Decide { yes: true })).0, 200);
        let charge = bank.charge(&id).unwrap().clone();
        assert_eq!((charge.captured, charge.refunds.len()), (900, 1));
        assert_eq!(charge.dispute.as_ref().unwrap().amount, 400);

        let again = Bank::replay(lines);
        assert_eq!(again.lines(), bank.lines());
        assert_eq!(again.charge(&id), Some(&charge));
        assert_eq!(again.changed_after(0, 0).data, [charge]);
        assert_eq!(again.answers, bank.answers);
    }

    #[test]
    fn test_cards_do_what_their_names_say() {
        let mut bank = Bank::default();
        let state = |bank: &Bank, reference: &str| bank.referred(reference).data[0].state;
        for (token, expected) in [
            ("tok_visa", ChargeState::Authorized),
            ("tok_declined_lost", ChargeState::Declined),
            ("tok_3ds", ChargeState::ActionRequired),
            ("tok_late", ChargeState::Pending),
        ] {
            bank.authorize(0, "u", token, &wish(token, token));
            assert_eq!(state(&bank, token), expected, "{token}");
        }
        let asked = bank.referred("tok_3ds").data[0].clone();
        assert_eq!(asked.url, Some(format!("u/confirm/{}", asked.id)));
        bank.confirm(1, &asked.id, Decide { yes: true });
        assert_eq!(state(&bank, "tok_3ds"), ChargeState::Authorized);
        assert_eq!(bank.confirm(1, &asked.id, Decide { yes: false }).status, 409);
        assert!(bank.approve_late(LATE_MS - 1).is_none());
        assert!(bank.approve_late(LATE_MS).is_some());
        assert!(bank.approve_late(LATE_MS).is_none());
        assert_eq!(state(&bank, "tok_late"), ChargeState::Authorized);
        bank.authorize(0, "u", "k", &wish("hard", UNCAPTURABLE_TOKENS));
        let id = bank.referred("hard").data[0].id.clone();
        assert_eq!(bank.capture(2, "c", &id, Capture { amount: 1 }).status, 402);
        assert_eq!(bank.void(3, "v", &id).status, 200);
    }

    #[test]
    fn a_message_is_taken_once() {
        let mut bank = Bank::default();
        let message = |text: &str| Message {
            key: "k".to_owned(),
            channel: "sms".to_owned(),
            to: "+34600000000".to_owned(),
            title: None,
            text: text.to_owned(),
        };
        assert!(bank.message(message("hello")).line.is_some());
        let again = bank.message(message("hello"));
        assert_eq!((again.status, again.line.is_some()), (200, false));
        assert_eq!(bank.message(message("bye")).status, 409);
        assert_eq!(bank.messages_from(0).data.len(), 1);
    }
}
