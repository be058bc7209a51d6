//! The city's own keys. One secret, which never enters the log or a snapshot, gives the keys that
//! every node works with: one closes what belongs to nobody in particular, one makes equal values
//! findable, one signs tokens.

use domain::ids::{AccountId, OrderId};
use domain::order::PinKind;
use domain::sealed::{Digest, Sealed};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::sync::Arc;

/// Stands before each value that the city's key closes.
pub(super) const BY_THE_CITY: u8 = 1;

/// The keys of this city. Cheap to clone; shows nothing of itself.
#[derive(Clone)]
pub(crate) struct CityKeys {
    keys: Arc<Keys>,
}

struct Keys {
    seal: LessSafeKey,
    lookup: hmac::Key,
    digest: hmac::Key,
    pepper: hmac::Key,
    pins: hmac::Key,
    codes: hmac::Key,
    signing_seed: [u8; 32],
    heads_seed: [u8; 32],
    wrapping: [u8; 32],
    random: SystemRandom,
}

impl fmt::Debug for CityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CityKeys")
    }
}

/// How many digits people say to each other, and what keeps the three kinds apart.
pub(super) fn shape(kind: PinKind) -> (u32, &'static str) {
    match kind {
        PinKind::Pickup => (6, "pickup"),
        PinKind::Door => (4, "door"),
        PinKind::HandOver => (4, "handover"),
    }
}

/// The system gave no random bytes; nothing can be closed safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no randomness to give")]
pub(crate) struct NoRandomness;

impl CityKeys {
    /// From the city's 32 secret bytes.
    pub(crate) fn new(city_key: &[u8; 32]) -> Self {
        let part = |label: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, city_key);
            let tag = hmac::sign(&key, label.as_bytes());
            <[u8; 32]>::try_from(tag.as_ref()).expect("SHA-256 has 32 bytes")
        };
        let seal =
            UnboundKey::new(&AES_256_GCM, &part("fd seal 1")).expect("AES-256 takes 32 bytes");
        let keys = Keys {
            seal: LessSafeKey::new(seal),
            lookup: hmac::Key::new(hmac::HMAC_SHA256, &part("fd lookup 1")),
            digest: hmac::Key::new(hmac::HMAC_SHA256, &part("fd digest 1")),
            pepper: hmac::Key::new(hmac::HMAC_SHA256, &part("fd pepper 1")),
            pins: hmac::Key::new(hmac::HMAC_SHA256, &part("fd pins 1")),
            codes: hmac::Key::new(hmac::HMAC_SHA256, &part("fd codes 1")),
            signing_seed: part("fd tokens 1"),
            heads_seed: part("fd heads 1"),
            wrapping: part("fd vault 1"),
            random: SystemRandom::new(),
        };
        Self { keys: Arc::new(keys) }
    }

    /// Closes what belongs to no person: it lives as long as the city. `label` is not stored, and
    /// opening asks for the same one.
    ///
    /// # Errors
    /// Without randomness nothing is closed.
    pub(crate) fn seal_for_city(
        &self,
        label: AccountId,
        plain: &str,
    ) -> Result<Sealed, NoRandomness> {
        close(&self.keys.random, &self.keys.seal, BY_THE_CITY, label, plain.as_bytes())
    }

    pub(super) fn seal_bytes_for_city(
        &self,
        label: AccountId,
        plain: &[u8],
    ) -> Result<Sealed, NoRandomness> {
        close(&self.keys.random, &self.keys.seal, BY_THE_CITY, label, plain)
    }

    pub(super) fn open_bytes_of_city(&self, label: AccountId, sealed: &Sealed) -> Option<Vec<u8>> {
        open(&self.keys.seal, BY_THE_CITY, label, sealed)
    }

    /// Wraps the keys of people, where no other key was set up for that.
    pub(crate) fn wrapping(&self) -> &[u8; 32] {
        &self.keys.wrapping
    }

    /// The findable form of a login: the same for the same normalised text, and of no use to
    /// anybody without the city key.
    pub(crate) fn lookup(&self, normalised_login: &str) -> Digest {
        digest_with(&self.keys.lookup, normalised_login.as_bytes())
    }

    /// By which a device or a card is known again, and by nobody who has no key.
    pub(crate) fn mark(&self, kind: &str, name: &str) -> Digest {
        // No kind holds a zero byte, so none runs into a name.
        digest_with(&self.keys.lookup, format!("mark {kind}\0{name}").as_bytes())
    }

    /// Tells whether two requests were the same. Keyed, since a request can hold a password.
    pub(crate) fn digest(&self, canonical_request: &[u8]) -> Digest {
        digest_with(&self.keys.digest, canonical_request)
    }

    /// What is hashed in place of the password itself: a stolen store alone cannot be guessed at.
    pub(crate) fn pepper(&self, password: &str) -> [u8; 32] {
        digest_with(&self.keys.pepper, password.as_bytes()).0
    }

    /// The comparable form of a number that somebody said; blanks around it do not count.
    pub(crate) fn pin_digest(&self, order_id: OrderId, kind: PinKind, digits: &str) -> Digest {
        let mut text = order_id.0.to_vec();
        text.extend_from_slice(shape(kind).1.as_bytes());
        text.push(0);
        text.extend_from_slice(digits.trim().as_bytes());
        digest_with(&self.keys.pins, &text)
    }

    /// The comparable form of a one-time code; blanks around it do not count.
    pub(crate) fn code_digest(&self, login: Digest, digits: &str) -> Digest {
        let mut text = login.0.to_vec();
        text.extend_from_slice(digits.trim().as_bytes());
        digest_with(&self.keys.codes, &text)
    }

    /// The seed of the key that signs tokens.
    pub(crate) fn signing_seed(&self) -> &[u8; 32] {
        &self.keys.signing_seed
    }

    /// The seed of the key that signs heads of the audit chain. It lives as long as the city: what
    /// was signed years ago can still be checked.
    pub(crate) fn heads_seed(&self) -> &[u8; 32] {
        &self.keys.heads_seed
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// If the system has none.
    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut out = [0; N];
        self.keys.random.fill(&mut out).map_err(|_| NoRandomness)?;
        Ok(out)
    }
}

/// The format, a nonce, the ciphertext and its tag.
pub(super) fn close(
    random: &SystemRandom,
    key: &LessSafeKey,
    format: u8,
    label: AccountId,
    plain: &[u8],
) -> Result<Sealed, NoRandomness> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce).map_err(|_| NoRandomness)?;
    let mut body = plain.to_vec();
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(label.0),
        &mut body,
    )
    .map_err(|_| NoRandomness)?;
    let mut out = Vec::with_capacity(1 + NONCE_LEN + body.len());
    out.push(format);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&body);
    Ok(Sealed(out))
}

/// The plain bytes; nothing if it was closed for somebody else, with another key, or changed since.
pub(super) fn open(
    key: &LessSafeKey,
    format: u8,
    label: AccountId,
    sealed: &Sealed,
) -> Option<Vec<u8>> {
    let (found, rest) = sealed.0.split_first()?;
    if *found != format || rest.len() < NONCE_LEN {
        return None;
    }
    let (nonce, body) = rest.split_at(NONCE_LEN);
    let mut body = body.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = key.open_in_place(nonce, Aad::from(label.0), &mut body).ok()?;
    Some(plain.to_vec())
}

fn digest_with(key: &hmac::Key, text: &[u8]) -> Digest {
    let tag = hmac::sign(key, text);
    Digest(tag.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logins_are_found_and_keys_are_apart() {
        let keys = CityKeys::new(&[7; 32]);
        assert_eq!(keys.lookup("+351910"), keys.lookup("+351910"));
        assert_ne!(keys.lookup("+351910"), keys.lookup("+351911"));
        assert_ne!(keys.lookup("x"), keys.digest(b"x"));
        assert_ne!(keys.lookup("x"), CityKeys::new(&[8; 32]).lookup("x"));
    }

    #[test]
    fn what_is_the_citys_opens_under_its_label() {
        let keys = CityKeys::new(&[7; 32]);
        let (one, other) = (AccountId([1; 16]), AccountId([2; 16]));
        let sealed = keys.seal_for_city(one, "https://x.example").unwrap();
        assert_eq!(keys.open_bytes_of_city(one, &sealed).unwrap(), b"https://x.example");
        assert_eq!(keys.open_bytes_of_city(other, &sealed), None);
        assert_eq!(CityKeys::new(&[8; 32]).open_bytes_of_city(one, &sealed), None);
        let again = keys.seal_for_city(one, "https://x.example").unwrap();
        assert_ne!(again, sealed, "a nonce each time");
        let mut damaged = sealed;
        damaged.0[20] ^= 1;
        assert_eq!(keys.open_bytes_of_city(one, &damaged), None);
        assert_eq!(keys.open_bytes_of_city(one, &Sealed(vec![])), None);
    }
}
