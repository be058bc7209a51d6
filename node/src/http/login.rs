//! Showing who one is: by a password or by a code, and what comes of it, a session with tokens.

use super::accounts::{Joining, normalised};
use super::auth::Person;
use super::error::{Answer, Fail};
use super::limits::{Limits, Origin};
use super::reading::Reads;
use super::writing::{Done, Log};
use crate::clock;
use crate::passwords::Passwords;
use crate::tokens::{ACCESS_TOKEN_S, Tokens};
use crate::vault::Vault;
use api::accounts as shape;
use api::codes::Code;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{
    Account, AttemptCommand, CodeWish, CountWrongPassword, OpenSession, OwnCommand, SetPassword,
    SignUp, UseCode,
};
use domain::ids::{AccountId, CityNumber, SessionId};
use domain::sealed::{Digest, Sealed};
use domain::time::Timestamp;
use domain::{Actor, Command};
use raft::City;
use ring::digest::{SHA256, digest};
use std::sync::Arc;
use storage::CityView;

/// Letters that are kept of what a device calls itself.
const DEVICE_LETTERS: usize = 200;

/// What every way of logging in needs.
#[derive(axum::extract::FromRequestParts)]
#[from_request(state(crate::node::Parts))]
pub(super) struct LoginDesk {
    pub(super) log: Log,
    pub(super) reads: Reads,
    #[from_request(via(State))]
    pub(super) vault: Vault,
    #[from_request(via(State))]
    passwords: Passwords,
    #[from_request(via(State))]
    tokens: Tokens,
    #[from_request(via(State))]
    city: CityNumber,
    #[from_request(via(State))]
    pub(super) limits: Limits,
    pub(super) origin: Origin,
    #[from_request(via(State))]
    nodes: City,
    headers: HeaderMap,
}

impl LoginDesk {
    /// Whose login and password these are. Unknown and wrong look and take the same.
    pub(super) async fn check(&self, body: shape::LoginRequest) -> Result<Arc<Account>, Fail> {
        let view = self.reads.current().await?.view;
        let (login, account) = match normalised(&body.login) {
            Some(login) => {
                let lookup = self.vault.lookup(&login);
                self.limits.login(self.origin, &lookup)?;
                (Some(lookup), view.account_by_login(lookup)?)
            }
            None => (None, None),
        };
        let phc = account.as_ref().map(|account| account.password.clone());
        self.try_password(&view, login, phc, body.password).await?;
        account.ok_or_else(|| Fail::new(Code::CredentialsWrong))
    }

    /// The same for somebody who is known: their password, once more.
    ///
    /// # Errors
    /// `credentials_wrong`, after it was counted; `rate_limited` if nobody may try now.
    pub(super) async fn confirm(&self, account: &Account, password: String) -> Answer<()> {
        if account.password.is_empty() {
            let how = "there is no password yet: ask for a code to reset it at POST /v1/otp, set \
                       one at POST /v1/password/reset, and come back with that";
            return Err(Fail::because(Code::CredentialsWrong, how));
        }
        self.limits.login(self.origin, &account.login)?;
        let phc = Some(account.password.clone());
        self.try_password(&self.reads.here(), Some(account.login), phc, password).await
    }

    async fn try_password(
        &self,
        view: &CityView,
        login: Option<Digest>,
        phc: Option<String>,
        password: String,
    ) -> Answer<()> {
        if let Some(login) = login {
            self.may_try(view, login)?;
        }
        if self.passwords.check(password, phc).await? {
            return Ok(());
        }
        if let Some(login) = login {
            // Counted before it is told, so that no other node gives one try more.
            let wrong = AttemptCommand::CountWrongPassword(CountWrongPassword { login });
            self.log.propose(Actor::Anyone, Command::Attempt(Box::new(wrong))).await?;
        }
        Err(Fail::new(Code::CredentialsWrong))
    }

    /// Whether a password may be tried at this login now, on whichever node.
    fn may_try(&self, view: &CityView, login: Digest) -> Answer<()> {
        let (attempts, now) = (view.attempts(login)?, clock::now());
        match attempts.and_then(|attempts| attempts.locked_until(now)) {
            Some(until) => Err(too_often(until)),
            None => Ok(()),
        }
    }

    /// What an account would be asked for with by somebody whose code is wrong: the guess must be
    /// counted, and nothing of it is worth a key. Where `apply` finds the code right after all, a
    /// wish for nobody's contact is refused.
    pub(super) fn guess(&self, login: Digest) -> SignUp {
        SignUp {
            account_id: AccountId::derive(self.city, &[b"guess", &login.0]),
            login: Digest([0; 32]),
            contact: Sealed::default(),
            name: Sealed::default(),
            password: String::new(),
            locale: None,
            request: Digest([0; 32]),
            key: None,
        }
    }

    /// Somebody who wants an account, closed with a key of their own, and their device.
    pub(super) async fn joining(&self, joining: Joining) -> Answer<(SignUp, Sealed)> {
        let Joining { login: contact, name, password, locale, request } = joining;
        let login = self.vault.lookup(&contact);
        let (account_id, known) = named(&self.reads.here(), self.city, login)?;
        let device = self.device_name();
        let (key, contact, name, device) = match known {
            // A repeat, or somebody else's attempt: what it closes is never kept.
            Some(account) => {
                let closed = |text: &str| self.vault.seal(account_id, text);
                (account.key, closed(&contact)?, closed(&name)?, closed(&device)?)
            }
            None => {
                let key = self.vault.new_key(&self.nodes).await?;
                let closed = |text: &str| key.seal(account_id, text);
                (Some(key.name), closed(&contact)?, closed(&name)?, closed(&device)?)
            }
        };
        let wish = SignUp { account_id, login, contact, name, password, locale, request, key };
        Ok((wish, device))
    }

    /// Opens a session for somebody whose password is right.
    pub(super) async fn open(&self, account: &Account) -> Result<(shape::Tokens, Done), Fail> {
        let secret: [u8; 32] = self.vault.random()?;
        let session_id = SessionId::derive(self.city, &[&secret]);
        let command = Command::OpenSession(OpenSession {
            session_id,
            account_id: account.id,
            password: hashed(account.password.as_bytes()),
            refresh: hashed(&secret),
            device: self.device(account.id),
        });
        let done = self.log.propose(Actor::Anyone, command).await?;
        // The token is used at once: this node should know its session by then.
        self.reads.after_write(done.index).await?;
        Ok((self.tokens_of(account.id, session_id, account.epoch, &secret), done))
    }

    /// A code that somebody said, for what it is good for: a login in any case.
    ///
    /// # Errors
    /// `code_wrong`, after the guess was counted.
    pub(super) async fn use_code(
        &self,
        login: Digest,
        digits: &str,
        wish: CodeWish,
        device: Sealed,
    ) -> Result<(AccountId, shape::Tokens, Done), Fail> {
        let secret: [u8; 32] = self.vault.random()?;
        let session_id = SessionId::derive(self.city, &[&secret]);
        let code = self.vault.code_digest(login, digits);
        let refresh = hashed(&secret);
        let wish = UseCode { login, code, wish, session_id, refresh, device };
        let command = Command::Attempt(Box::new(AttemptCommand::UseCode(wish)));
        let done = self.log.propose(Actor::Anyone, command).await?;
        let view = self.reads.after_write(done.index).await?.view;
        // A wrong guess is an entry that opens nothing.
        let session = view.session(session_id)?.ok_or_else(|| Fail::new(Code::CodeWrong))?;
        let tokens = self.tokens_of(session.account_id, session_id, session.epoch, &secret);
        Ok((session.account_id, tokens, done))
    }

    fn tokens_of(
        &self,
        account_id: AccountId,
        session_id: SessionId,
        epoch: u32,
        secret: &[u8; 32],
    ) -> shape::Tokens {
        let access_token = self.tokens.sign(clock::now(), account_id, session_id, epoch);
        let refresh_token = join_refresh(session_id, secret);
        shape::Tokens { access_token, refresh_token, expires_in: ACCESS_TOKEN_S }
    }

    /// What the device says of itself, for the list of logins. A login never fails for it.
    pub(super) fn device(&self, account_id: AccountId) -> Sealed {
        match self.device_name().as_str() {
            "" => Sealed::default(),
            named => self.vault.seal(account_id, named).unwrap_or_default(),
        }
    }

    /// The same in clear; empty if it says nothing.
    pub(super) fn device_name(&self) -> String {
        let named = self.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
        named.unwrap_or_default().chars().take(DEVICE_LETTERS).collect()
    }

    /// Replaces the password, and goes on with this login alone.
    pub(super) async fn change_password(
        &self,
        person: &Person,
        before: Digest,
        password: String,
    ) -> Result<(shape::Tokens, Done), Fail> {
        let secret: [u8; 32] = self.vault.random()?;
        let (account_id, session_id) = (person.account.id, person.caller.session_id());
        let wish = OwnCommand::SetPassword(SetPassword {
            account_id,
            before,
            password,
            session_id: Some(session_id),
            refresh: hashed(&secret),
        });
        let command = Command::Own(Box::new(wish));
        let done = self.log.propose(person.caller.actor(), command).await?;
        let view = self.reads.after_write(done.index).await?.view;
        let session = view.session(session_id)?.ok_or_else(|| Fail::new(Code::SessionUnknown))?;
        Ok((self.tokens_of(account_id, session_id, session.epoch, &secret), done))
    }
}

pub(super) fn hashed(bytes: &[u8]) -> Digest {
    Digest(digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

/// A no that says when to come again.
pub(super) fn too_often(until: Timestamp) -> Fail {
    Fail::from(domain::Rejection::TooOften { until })
}

/// The account of a contact. Who comes back after an erasure is somebody new.
fn named(
    view: &CityView,
    city: CityNumber,
    lookup: Digest,
) -> Answer<(AccountId, Option<Arc<Account>>)> {
    let mut id = AccountId::derive(city, &[&lookup.0]);
    while let Some(account) = view.account(id)? {
        if account.is_anybody() {
            return Ok((id, Some(account)));
        }
        id = AccountId::derive(city, &[&lookup.0, &id.0]);
    }
    Ok((id, None))
}

/// A refresh token names its session, so that it is found without a second index.
pub(super) fn join_refresh(session: SessionId, secret: &[u8; 32]) -> String {
    format!("{session}.{}", URL_SAFE_NO_PAD.encode(secret))
}

pub(super) fn split_refresh(token: &str) -> Option<(SessionId, Vec<u8>)> {
    let (session, secret) = token.split_once('.')?;
    let secret = URL_SAFE_NO_PAD.decode(secret).ok().filter(|secret| secret.len() == 32)?;
    Some((session.parse().ok()?, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refresh_tokens_name_their_session() {
        let session = SessionId([5; 16]);
        let token = join_refresh(session, &[9; 32]);
        assert_eq!(split_refresh(&token), Some((session, vec![9; 32])));
        for wrong in ["", ".", "ses_x.y", &token[..token.len() - 3]] {
            assert_eq!(split_refresh(wrong), None);
        }
    }
}
