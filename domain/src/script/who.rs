//! Who acts: names of people, who come into being when they are first named, and of programs.

use super::{NUMBER, Script, digest, sealed};
use crate::account::SignUp;
use crate::ids::ApiKeyId;
use crate::time::Timestamp;
use crate::{Actor, Command};

impl Script {
    /// The account behind a name, with the epoch that its newest token has.
    pub(super) fn actor(&mut self, name: &str, at: Timestamp) -> Actor {
        match name {
            "system" => return Actor::System,
            "anyone" => return Actor::Anyone,
            _ => {}
        }
        if let Some(program) = self.program(name) {
            return program;
        }
        self.come_into_being(name, at);
        let account_id = self.account_id(name);
        let epoch = self.city.accounts[&account_id].epoch;
        Actor::Account { account_id, session_id: None, epoch }
    }

    pub(super) fn come_into_being(&mut self, name: &str, at: Timestamp) {
        let account_id = self.account_id(name);
        if !self.city.accounts.contains_key(&account_id) {
            let wish = self.sign_up_of(name);
            self.propose(at, Actor::Anyone, Command::SignUp(wish));
        }
    }

    /// The sign-up of somebody with this name.
    pub fn sign_up_of(&mut self, name: &str) -> SignUp {
        SignUp {
            account_id: self.account_id(name),
            login: digest(&format!("{name}@example.org")),
            contact: sealed(name),
            name: sealed(name),
            password: "argon2".to_owned(),
            locale: None,
            request: digest(name),
            key: None,
        }
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
