//! What a request comes from, as hashes that say nothing to whoever has no key to them.

use super::error::Fail;
use crate::vault::Vault;
use api::codes::Code;
use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use domain::account::Account;
use domain::fraud::Marks;
use domain::ids::{CardMark, CityNumber, DeviceMark};
use domain::payment::Method;

/// Under which an app tells what it calls its device: a random name that it keeps.
const DEVICE: HeaderName = HeaderName::from_static("fd-device");
/// The longest such name.
const DEVICE_BYTES: usize = 128;

/// What an app calls its device, if it says.
#[derive(Debug)]
pub(super) struct Device(Option<String>);

impl Device {
    /// Its hash.
    pub(super) fn mark(&self, vault: &Vault, city: CityNumber) -> Option<DeviceMark> {
        let name = self.0.as_ref()?;
        Some(DeviceMark::derive(city, &[&vault.mark("device", name).0]))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        let Some(value) = parts.headers.get(DEVICE) else { return Ok(Self(None)) };
        let fits = value.to_str().ok().filter(|name| (1..=DEVICE_BYTES).contains(&name.len()));
        let rule = "is from 1 to 128 printable letters";
        let name = fits.ok_or_else(|| Fail::field(Code::ParamInvalid, "Fd-Device", rule))?;
        Ok(Self(Some(name.to_owned())))
    }
}

/// Everything that is known of where a request for food comes from.
pub(super) fn marks_of(
    vault: &Vault,
    city: CityNumber,
    account: &Account,
    device: &Device,
    method: &Method,
) -> Marks {
    let contact = vault.open(account.id, &account.contact);
    Marks {
        device: device.mark(vault, city),
        card: card_mark(vault, city, method),
        throwaway_mail: contact.is_some_and(|contact| is_thrown_away(&contact)),
    }
}

/// Services that give mail addresses away for an hour.
const THROWN_AWAY: [&str; 20] = [
    "10minutemail.com",
    "dispostable.com",
    "fakeinbox.com",
    "getnada.com",
    "grr.la",
    "guerrillamail.com",
    "mailcatch.com",
    "maildrop.cc",
    "mailinator.com",
    "mailnesia.com",
    "mintemail.com",
    "moakt.com",
    "mohmal.com",
    "sharklasers.com",
    "spamgourmet.com",
    "temp-mail.org",
    "tempmail.com",
    "throwawaymail.com",
    "trashmail.com",
    "yopmail.com",
];

fn is_thrown_away(contact: &str) -> bool {
    let host = contact.rsplit_once('@').map(|(_, host)| host.trim().to_ascii_lowercase());
    host.is_some_and(|host| {
        THROWN_AWAY.iter().any(|name| {
            host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    })
}

/// The hash of the gateway's name for a card or wallet; cash has none.
fn card_mark(vault: &Vault, city: CityNumber, method: &Method) -> Option<CardMark> {
    match method {
        Method::Card { token } | Method::Wallet { token } => {
            Some(CardMark::derive(city, &[&vault.mark("card", token).0]))
        }
        Method::Cash => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_thrown_away;

    #[test]
    fn mail_that_is_thrown_away_is_known() {
        assert!(is_thrown_away("ann@mailinator.com"));
        assert!(is_thrown_away("Ann@eu.YopMail.com"));
        assert!(!is_thrown_away("ann@notmailinator.com"));
        assert!(!is_thrown_away("ann@example.org"));
        assert!(!is_thrown_away("+351912345678"));
    }
}
