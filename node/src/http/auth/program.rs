//! Programs: who shows a key in place of a token, and what it opens.

use super::{Caller, KNOWN_WITHIN, Person, bearer, current};
use crate::clock;
use crate::http::error::Fail;
use crate::tokens::Tokens;
use crate::vault::Vault;
use api::codes::Code;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Actor;
use domain::account::Account;
use domain::ids::{AccountId, ApiKeyId, RestaurantId};
use domain::key::{ApiKey, KeyOwner, Scope};
use domain::sealed::Digest;
use raft::City;
use ring::digest::{SHA256, digest};
use std::marker::PhantomData;
use std::sync::Arc;
use storage::{CityView, Reader};

/// What every key starts with, so that people and scanners know one when they see it.
pub(crate) const PREFIX: &str = "fdk_";
/// Bytes of an id.
const ID: usize = 16;
/// Bytes of a secret.
const SECRET: usize = 32;

/// Which keys a handler lets in, beside people.
pub(crate) trait Admits: Send + Sync + 'static {
    /// What such a key must open; nothing if none does.
    const SCOPE: Option<Scope>;
}

macro_rules! admits {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name;

        impl Admits for $name {
            const SCOPE: Option<Scope> = $scope;
        }
    )*};
}

admits! {
    /// People only.
    People = None;
    /// Keys that move orders.
    OrderKeys = Some(Scope::Orders);
    /// Keys that edit menus.
    MenuKeys = Some(Scope::Menu);
    /// Keys that say what there is.
    StockKeys = Some(Scope::Stock);
    /// Keys that manage webhooks.
    WebhookKeys = Some(Scope::Webhooks);
    /// Keys that read the feed.
    EventKeys = Some(Scope::Events);
}

/// A program whose key was good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    key_id: ApiKeyId,
    owner: KeyOwner,
    /// Who made the key.
    account_id: AccountId,
}

/// Somebody logged in, or a program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Acting {
    /// By a token.
    Person(Caller),
    /// By a key.
    Program(Program),
}

impl Acting {
    /// Who; of a program, who made its key.
    pub(crate) fn account_id(&self) -> AccountId {
        match self {
            Self::Person(caller) => caller.account_id(),
            Self::Program(program) => program.account_id,
        }
    }

    /// Who acts, for the log.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Person(caller) => caller.actor(),
            Self::Program(Program { key_id, owner, account_id }) => {
                Actor::Key { key_id: *key_id, owner: *owner, account_id: *account_id }
            }
        }
    }

    /// The one restaurant that a program is for, if it is one for a restaurant.
    pub(crate) fn restaurant_id(&self) -> Option<RestaurantId> {
        match self {
            Self::Person(_) => None,
            Self::Program(program) => program.owner.restaurant_id(),
        }
    }

    /// Whether it is for this restaurant, as far as that goes by the key; roles are another matter.
    pub(crate) fn reaches(&self, restaurant_id: RestaurantId) -> bool {
        self.restaurant_id().is_none_or(|id| id == restaurant_id)
    }

    /// Whether it is a program.
    pub(crate) fn is_program(&self) -> bool {
        matches!(self, Self::Program(_))
    }
}

/// Whoever shows a good token, or a good key of this kind.
#[derive(Clone, Debug)]
pub(crate) struct Bearer<A> {
    /// The token or the key.
    pub caller: Acting,
    /// Their record, or that of the key's maker.
    pub account: Arc<Account>,
    admits: PhantomData<A>,
}

impl<S, A: Admits> FromRequestParts<S> for Bearer<A>
where
    S: Send + Sync,
    Tokens: FromRef<S>,
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let admits = PhantomData;
        let Some(scope) = A::SCOPE.filter(|_| is_key(parts)) else {
            let Person { caller, account } = Person::from_request_parts(parts, state).await?;
            return Ok(Self { caller: Acting::Person(caller), account, admits });
        };
        let shown = Shown::read(bearer(&parts.headers)?).ok_or_else(invalid)?;
        current(state).await?;
        let reader = Reader::from_ref(state);
        let mut found = shown.known(&reader.view())?;
        if found.is_none() {
            // Made at another node a moment ago, or no key at all: the log can tell.
            City::from_ref(state).read_barrier(KNOWN_WITHIN).await?;
            found = shown.known(&reader.view())?;
        }
        let (program, key) = found.ok_or_else(invalid)?;
        if !key.scopes.contains(&scope) {
            let why = format!("this key has not the scope {scope}");
            return Err(Fail::because(Code::ScopeMissing, why));
        }
        let account = still_good(&reader, &program)?;
        Ok(Self { caller: Acting::Program(program), account, admits })
    }
}

fn is_key(parts: &Parts) -> bool {
    bearer(&parts.headers).is_ok_and(|token| token.starts_with(PREFIX))
}

fn invalid() -> Fail {
    Fail::new(Code::KeyInvalid)
}

/// The account behind a program, if its key and its maker are still in good standing here.
pub(super) fn still_good(reader: &Reader, program: &Program) -> Result<Arc<Account>, Fail> {
    let view = reader.view();
    let keys = view.api_keys(program.owner)?;
    let key = keys.as_ref().and_then(|keys| keys.get(program.key_id));
    let now = clock::now();
    key.filter(|key| key.is_good_at(now)).ok_or_else(invalid)?;
    let account = view.account(program.account_id)?.filter(|it| it.is_anybody());
    let account = account.ok_or_else(invalid)?;
    match account.is_banned_at(now) {
        true => Err(Fail::new(Code::Banned)),
        false => Ok(account),
    }
}

/// Whether this text is a key that is good on this replica: for whoever counts requests.
pub(crate) fn good_key(reader: &Reader, token: &str) -> Option<ApiKeyId> {
    let (program, _) = Shown::read(token)?.known(&reader.view()).ok()??;
    Some(program.key_id)
}

/// A key as its holder sends it: its owner, its name, its secret.
struct Shown {
    owner: KeyOwner,
    key_id: ApiKeyId,
    secret: [u8; SECRET],
}

impl Shown {
    fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (head, secret) = bytes.split_last_chunk::<SECRET>()?;
        let (owner, key_id) = head.split_last_chunk::<ID>()?;
        let owner = match owner {
            [] => KeyOwner::City,
            id => KeyOwner::Restaurant(RestaurantId(id.try_into().ok()?)),
        };
        Some(Self { owner, key_id: ApiKeyId(*key_id), secret: *secret })
    }

    fn text(&self) -> String {
        let restaurant = self.owner.restaurant_id();
        let owner = restaurant.as_ref().map_or(&[][..], |id| &id.0);
        let bytes = [owner, &self.key_id.0, &self.secret].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The program, if this replica knows the key and it is good.
    fn known(&self, view: &CityView) -> Result<Option<(Program, ApiKey)>, Fail> {
        let Some(keys) = view.api_keys(self.owner)? else { return Ok(None) };
        let Some(key) = keys.get(self.key_id) else { return Ok(None) };
        // Of a secret that nobody can guess: how long the comparison takes tells nothing.
        if key.secret != hash(&self.secret) || !key.is_good_at(clock::now()) {
            return Ok(None);
        }
        let (key_id, owner, account_id) = (key.id, self.owner, key.made_by);
        Ok(Some((Program { key_id, owner, account_id }, key.clone())))
    }
}

fn hash(secret: &[u8; SECRET]) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, secret).as_ref());
    Digest(bytes)
}

/// A new secret, as the log knows it and as it is shown once.
pub(crate) struct Drawn {
    /// For the log.
    pub hash: Digest,
    /// For whoever makes the key.
    pub text: String,
}

impl Drawn {
    /// Draws one for this key.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub(crate) fn new(vault: &Vault, owner: KeyOwner, key_id: ApiKeyId) -> Result<Self, Fail> {
        let shown = Shown { owner, key_id, secret: vault.random()? };
        Ok(Self { hash: hash(&shown.secret), text: shown.text() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_owner_and_itself() {
        let key_id = ApiKeyId([7; 16]);
        for owner in [KeyOwner::City, KeyOwner::Restaurant(RestaurantId([3; 16]))] {
            let text = Shown { owner, key_id, secret: [9; 32] }.text();
            assert!(text.starts_with("fdk_"), "{text}");
            let read = Shown::read(&text).unwrap();
            assert_eq!((read.owner, read.key_id, read.secret), (owner, key_id, [9; 32]));
        }
        for wrong in ["", "fdk_", "fdk_AAAA", "fdk_!", "key_AAAA"] {
            assert!(Shown::read(wrong).is_none(), "{wrong}");
        }
        let odd = format!("fdk_{}", URL_SAFE_NO_PAD.encode([1; 55]));
        assert!(Shown::read(&odd).is_none());
    }
}
