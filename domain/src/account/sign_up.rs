//! Somebody new. One contact is one account, however many nodes are asked at once.

use super::Account;
use crate::entry::Stamp;
use crate::event::Event;
use crate::field;
use crate::ids::AccountId;
use crate::limits::{LOCALE_LETTERS, NAME_LETTERS};
use crate::outcome::{Changes, Checked, Outcome, Write};
use crate::rejection::Rejection;
use crate::sealed::{Digest, KeyName, Sealed};
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Creates an account. The same request again is yes; a taken contact is `ContactTaken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SignUp {
    pub account_id: AccountId,
    pub login: Digest,
    pub contact: Sealed,
    pub name: Sealed,
    /// PHC string, hashed before the log; empty for those who log in by code.
    pub password: String,
    pub locale: Option<String>,
    /// SHA-256 of the request.
    pub request: Digest,
    /// What `contact` and `name` are closed with; a majority of the vaults has it by now.
    #[serde(default)]
    pub key: Option<KeyName>,
}

pub(crate) fn sign_up(
    city: &impl View,
    stamp: &Stamp,
    command: SignUp,
) -> Result<Outcome, Unreadable> {
    if let Some(account) = city.account(command.account_id)? {
        // The id comes from the contact, so another request is somebody else's attempt at it.
        return Ok(if account.request == command.request && account.login == command.login {
            Outcome::unchanged(account.created_index)
        } else {
            Outcome::rejected(Rejection::ContactTaken)
        });
    }
    let account = match joined(city, stamp, command)? {
        Ok(account) => account,
        Err(why) => return Ok(Outcome::rejected(why)),
    };
    let mut changes = Changes::new(stamp);
    changes.event(Event::AccountSignedUp { account_id: account.id });
    changes.write(Write::Account(Arc::new(account)));
    Ok(changes.yes())
}

/// Somebody new, if nobody has this contact or this id.
pub(crate) fn joined(city: &impl View, stamp: &Stamp, wish: SignUp) -> Checked<Account> {
    if city.city()?.is_none() {
        return Ok(Err(Rejection::CityUnknown));
    }
    if city.account(wish.account_id)?.is_some() || city.account_by_login(wish.login)?.is_some() {
        return Ok(Err(Rejection::ContactTaken));
    }
    Ok(check(&wish).map(|()| new_account(stamp, wish)))
}

pub(crate) fn check(wish: &SignUp) -> Result<(), Rejection> {
    field::sealed("/name", &wish.name)?;
    field::sealed("/login", &wish.contact)?;
    field::letters("/password", &wish.password, 0..=NAME_LETTERS)?;
    field::letters("/locale", wish.locale.as_deref().unwrap_or(""), 0..=LOCALE_LETTERS)
}

/// Somebody with no role yet.
pub(crate) fn new_account(stamp: &Stamp, wish: SignUp) -> Account {
    let SignUp { account_id, login, contact, name, password, locale, request, key } = wish;
    Account {
        id: account_id,
        login,
        contact,
        name,
        password,
        locale,
        created_at: stamp.at,
        created_index: stamp.index,
        request,
        epoch: 0,
        ban: None,
        staff: BTreeMap::new(),
        courier: None,
        operator: None,
        key,
        erased: None,
        verified_at: None,
        revision: stamp.index,
    }
}
