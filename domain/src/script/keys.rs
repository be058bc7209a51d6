//! The verbs of programs' keys and of roles at the platform.
//!
//! ```text
//! 12:00  key    k1 by mia for r1 until 14:00 replaces k0: orders, menu
//! 12:00  accept o1 by k1 ready 12:20
//! 12:00  unkey  k1 by mia for r1
//! 12:00  role   sam operator until 14:00 by op
//! 12:00  unrole sam by op
//! ```

use super::words::Words;
use super::{Script, digest};
use crate::account::OperatorRole;
use crate::key::{KeyCommand, KeyOwner, MakeKey, RevokeKey, Scope};
use crate::role::{GrantRole, RoleCommand, TakeRole};
use crate::time::Timestamp;
use crate::{AccessCommand, Command};

impl Script {
    pub(super) fn keys(
        &mut self,
        words: &Words<'_>,
        at: Timestamp,
    ) -> Option<(&'static str, Command)> {
        let until = words.clock("until").map(|ms| self.midnight.plus_ms(ms));
        let reason = || words.get("because").unwrap_or("needed").to_owned();
        let command = match words.verb {
            "key" | "unkey" => {
                let key_id = self.api_key_id(words.subject);
                let restaurant = words.get("for").map(|name| self.restaurant_id(name));
                let owner = restaurant.map_or(KeyOwner::City, KeyOwner::Restaurant);
                let wish = match words.verb {
                    "unkey" => KeyCommand::Revoke(RevokeKey { owner, key_id }),
                    _ => KeyCommand::Make(MakeKey {
                        key_id,
                        owner,
                        label: words.subject.to_owned(),
                        secret: digest(words.subject),
                        scopes: words.list.iter().map(|name| scope(words, name)).collect(),
                        expires_at: until,
                        replaces: words.get("replaces").map(|name| self.api_key_id(name)),
                        request: digest(words.get("asks").unwrap_or("this")),
                    }),
                };
                AccessCommand::Key(wish)
            }
            "role" | "unrole" => {
                self.come_into_being(words.subject, at);
                let account_id = self.account_id(words.subject);
                let reason = reason();
                let role = words.choose(&[
                    ("auditor", OperatorRole::Auditor),
                    ("support", OperatorRole::Support),
                    ("operator", OperatorRole::Operator),
                ]);
                let wish = match (words.verb, role) {
                    ("role", Some(role)) => {
                        RoleCommand::Grant(GrantRole { account_id, role, until, reason })
                    }
                    ("role", None) => words.wrong("role"),
                    _ => RoleCommand::Take(TakeRole { account_id, reason }),
                };
                AccessCommand::Role(wish)
            }
            _ => return None,
        };
        Some(("op", Command::Access(Box::new(command))))
    }
}

fn scope(words: &Words<'_>, name: &str) -> Scope {
    let all = [Scope::Orders, Scope::Menu, Scope::Stock, Scope::Webhooks, Scope::Events];
    all.into_iter().find(|scope| scope.name() == name).unwrap_or_else(|| words.wrong("scope"))
}
