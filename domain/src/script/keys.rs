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
use super::{NUMBER, Script, digest};
use crate::account::OperatorRole;
use crate::ids::ApiKeyId;
use crate::key::{KeyCommand, KeyOwner, MakeKey, RevokeKey, Scope};
use crate::role::{GrantRole, RoleCommand, TakeRole};
use crate::time::Timestamp;
use crate::{Actor, Command};

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
                Command::Key(Box::new(wish))
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
                Command::Role(Box::new(wish))
            }
            _ => return None,
        };
        Some(("op", command))
    }

    /// The program behind a name, if somebody has made it a key; one that has acted before is
    /// remembered when its key is gone.
    pub(super) fn program(&mut self, name: &str) -> Option<Actor> {
        let key_id = ApiKeyId::derive(NUMBER, &[name.as_bytes()]);
        let mut all = self.city.api_keys.values();
        let found = all.find_map(|keys| Some((keys.owner, keys.get(key_id)?)));
        let made = found.map(|(owner, key)| (owner, key.made_by));
        let (owner, account_id) = made.or_else(|| self.programs.get(&key_id).copied())?;
        self.programs.insert(key_id, (owner, account_id));
        Some(Actor::Key { key_id, owner, account_id })
    }
}

fn scope(words: &Words<'_>, name: &str) -> Scope {
    let all = [Scope::Orders, Scope::Menu, Scope::Stock, Scope::Webhooks, Scope::Events];
    all.into_iter().find(|scope| scope.name() == name).unwrap_or_else(|| words.wrong("scope"))
}
