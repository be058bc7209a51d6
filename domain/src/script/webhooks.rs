//! Verbs about webhooks: what people ask for, and what the leader says of its deliveries.

use super::words::Words;
use super::{Script, digest, sealed};
use crate::webhook::*;
use crate::{Command, Cursor};

impl Script {
    /// `webhook w1 by mia for r1: order.*`, `rehook w1 off`, `resecret w1 key k`, `unhook w1`,
    /// `replay w1 after 7.0`, and `tell w1 to 9.0 count 2 fails 9.1 answer 500`.
    pub(super) fn webhooks(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let webhook_id = self.webhook_id(words.subject);
        let types = || words.list.iter().map(|pattern| (*pattern).to_owned()).collect();
        let place = |key| words.get(key).map(|text| cursor(words, text));
        let (by, command) = match words.verb {
            "webhook" => {
                let restaurant = words.get("for").map(|name| self.restaurant_id(name));
                let owner = restaurant.map_or(WebhookOwner::City, WebhookOwner::Restaurant);
                let wish = PutWebhook {
                    webhook_id,
                    owner,
                    url: sealed("https://example.org/hook"),
                    types: types(),
                    secret: sealed("secret"),
                    after: place("after"),
                    request: digest(words.get("asks").unwrap_or("this")),
                };
                ("op", WebhookCommand::Put(wish))
            }
            "rehook" => {
                let wish = ChangeWebhook {
                    webhook_id,
                    url: words.get("to").map(sealed),
                    types: (!words.list.is_empty()).then(types),
                    on: words.choose(&[("on", true), ("off", false)]),
                    if_version: words.number("if").and_then(|seen| seen.try_into().ok()),
                };
                ("op", WebhookCommand::Change(wish))
            }
            "resecret" => {
                let key = words.get("key").unwrap_or("once");
                let wish = RotateWebhook { webhook_id, secret: sealed(key), request: digest(key) };
                ("op", WebhookCommand::Rotate(wish))
            }
            "unhook" => ("op", WebhookCommand::Drop(DropWebhook { webhook_id })),
            "replay" => {
                let after = place("after").map(Replay::After);
                let only = place("only").map(Replay::Only);
                let what = after.or(only).unwrap_or_else(|| words.wrong("after"));
                ("op", WebhookCommand::Replay(ReplayWebhook { webhook_id, what }))
            }
            "tell" => ("system", WebhookCommand::Record(self.deliveries_of(words))),
            _ => return None,
        };
        Some((by, Command::Webhook(Box::new(command))))
    }

    fn deliveries_of(&mut self, words: &Words<'_>) -> RecordDeliveries {
        let webhook_id = self.webhook_id(words.subject);
        let seen = self.city.webhooks.get(&webhook_id);
        let place = |key| words.get(key).map(|text| cursor(words, text));
        let from = place("from").or(seen.map(|seen| seen.cursor)).unwrap_or_default();
        let tried = seen.and_then(|seen| seen.failing).map_or(0, |failing| failing.attempts);
        let to = place("to").or(place("gap")).unwrap_or(from);
        let number = |key| words.number(key);
        let failed = place("fails").map(|event| DeliveryEnd::Failed {
            event,
            spread_permille: number("spread").and_then(|n| n.try_into().ok()).unwrap_or(0),
            retry_after_ms: number("wait").map(|seconds| seconds * 1_000),
        });
        let again = place("again").map(|event| DeliveryEnd::Again { event });
        let gap = place("gap").map(|_| DeliveryEnd::Gap);
        let event = place("fails").or(place("again")).unwrap_or(to);
        let status = number("answer").and_then(|status| status.try_into().ok());
        let answer = status.map(WebhookAnswer::Status).unwrap_or(match failed {
            Some(_) => WebhookAnswer::TimedOut,
            None => WebhookAnswer::Status(200),
        });
        // Events that nobody wanted are passed without a request.
        let asked = failed.is_some() || again.is_some() || status.is_some();
        let asked = asked || words.get("count").is_some();
        let attempt = Attempt { event, at: self.city.at, took_ms: 20, answer };
        RecordDeliveries {
            webhook_id,
            from,
            tried: number("tried").and_then(|n| n.try_into().ok()).unwrap_or(tried),
            to,
            delivered: number("count").and_then(|n| n.try_into().ok()).unwrap_or(0),
            attempts: asked.then_some(attempt).into_iter().collect(),
            end: failed.or(again).or(gap).unwrap_or(DeliveryEnd::Well),
        }
    }

    /// Where a webhook stands.
    pub(super) fn show_webhook(&mut self, subject: &str) -> String {
        let id = self.webhook_id(subject);
        let Some(webhook) = self.city.webhooks.get(&id) else {
            return "nothing".to_owned();
        };
        let mut told = match webhook.state {
            WebhookState::On => "on".to_owned(),
            WebhookState::Off { why, at } => format!("off {why:?} {}", self.clock(at)),
        };
        told += &format!(", v{}, done {}", webhook.version, webhook.cursor);
        if let Some(Failing { event, attempts, next_at, since }) = webhook.failing {
            let (next_at, since) = (self.clock(next_at), self.clock(since));
            told += &format!(", {event} failed {attempts}x since {since}, next {next_at}");
        }
        let WebhookCounts { delivered, failed, given_up, gaps } = webhook.counts;
        told += &format!(", {delivered} taken {failed} not {given_up} given up {gaps} gaps");
        told + &format!(", secrets {}", webhook.secrets_at(self.city.at).count())
    }
}

fn cursor(words: &Words<'_>, text: &str) -> Cursor {
    text.parse().unwrap_or_else(|_| words.wrong("a place in the feed"))
}
