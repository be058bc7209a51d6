//! Personal data: closed before it enters the log, opened only to show it to those who may see it.
//!
//! One city key, which never enters the log or a snapshot, gives the keys that this node works
//! with: one closes values, one makes equal values findable, one signs tokens.

use domain::ids::{AccountId, OrderId};
use domain::order::{Pin, PinKind, Pins};
use domain::sealed::{Digest, Sealed};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::sync::Arc;

/// Stands before each sealed value, so that another way of closing can follow.
const FORMAT: u8 = 1;

/// The keys of this city. Cheap to clone; shows nothing of itself.
#[derive(Clone)]
pub(crate) struct Vault {
    keys: Arc<Keys>,
}

struct Keys {
    seal: LessSafeKey,
    lookup: hmac::Key,
    digest: hmac::Key,
    pepper: hmac::Key,
    pins: hmac::Key,
    signing_seed: [u8; 32],
    random: SystemRandom,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// How many digits people say to each other, and what keeps the three kinds apart.
fn shape(kind: PinKind) -> (u32, &'static str) {
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

impl Vault {
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
            signing_seed: part("fd tokens 1"),
            random: SystemRandom::new(),
        };
        Self { keys: Arc::new(keys) }
    }

    /// Closes a value of one person; it opens only under the same person's name.
    ///
    /// # Errors
    /// Without randomness nothing is closed.
    pub(crate) fn seal(&self, owner: AccountId, plain: &str) -> Result<Sealed, NoRandomness> {
        self.seal_bytes(owner, plain.as_bytes())
    }

    /// The same for what is no text: pictures.
    ///
    /// # Errors
    /// Without randomness nothing is closed.
    pub(crate) fn seal_bytes(
        &self,
        owner: AccountId,
        plain: &[u8],
    ) -> Result<Sealed, NoRandomness> {
        let mut nonce = [0; NONCE_LEN];
        self.keys.random.fill(&mut nonce).map_err(|_| NoRandomness)?;
        let mut body = plain.to_vec();
        self.keys
            .seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(owner.0),
                &mut body,
            )
            .map_err(|_| NoRandomness)?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + body.len());
        out.push(FORMAT);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        Ok(Sealed(out))
    }

    /// Opens it again; nothing if it was closed for somebody else or with another key.
    pub(crate) fn open(&self, owner: AccountId, sealed: &Sealed) -> Option<String> {
        String::from_utf8(self.open_bytes(owner, sealed)?).ok()
    }

    /// The same for what is no text.
    pub(crate) fn open_bytes(&self, owner: AccountId, sealed: &Sealed) -> Option<Vec<u8>> {
        let (format, rest) = sealed.0.split_first()?;
        if *format != FORMAT || rest.len() < NONCE_LEN {
            return None;
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let mut body = body.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.keys.seal.open_in_place(nonce, Aad::from(owner.0), &mut body).ok()?;
        Some(plain.to_vec())
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

    /// Fresh numbers for an order; `apply` keeps those that it needs. Each is there twice: closed
    /// under the customer's name, to be shown, and as a keyed hash, to be compared.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub(crate) fn draw_pins(
        &self,
        order_id: OrderId,
        customer: AccountId,
    ) -> Result<Pins, NoRandomness> {
        let draw = |kind: PinKind| -> Result<Option<Pin>, NoRandomness> {
            let (length, _) = shape(kind);
            // Of 64 bits, so that no number is likelier than another by more than one in 2^44.
            let drawn = u64::from_be_bytes(self.random()?) % 10u64.pow(length);
            let digits = format!("{drawn:0width$}", width = length as usize);
            let digest = self.pin_digest(order_id, kind, &digits);
            Ok(Some(Pin { digest, sealed: self.seal(customer, &digits)? }))
        };
        Ok(Pins {
            pickup: draw(PinKind::Pickup)?,
            door: draw(PinKind::Door)?,
            handover: draw(PinKind::HandOver)?,
            ..Pins::default()
        })
    }

    /// The comparable form of a number that somebody said; blanks around it do not count.
    pub(crate) fn pin_digest(&self, order_id: OrderId, kind: PinKind, digits: &str) -> Digest {
        let mut text = order_id.0.to_vec();
        text.extend_from_slice(shape(kind).1.as_bytes());
        text.push(0);
        text.extend_from_slice(digits.trim().as_bytes());
        digest_with(&self.keys.pins, &text)
    }

    /// The seed of the key that signs tokens.
    pub(crate) fn signing_seed(&self) -> &[u8; 32] {
        &self.keys.signing_seed
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

fn digest_with(key: &hmac::Key, text: &[u8]) -> Digest {
    let tag = hmac::sign(key, text);
    Digest(tag.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_for_its_owner_only() {
        let vault = Vault::new(&[7; 32]);
        let (alice, bob) = (AccountId([1; 16]), AccountId([2; 16]));
        let sealed = vault.seal(alice, "Alice, 3rd floor").unwrap();
        assert_eq!(vault.open(alice, &sealed).as_deref(), Some("Alice, 3rd floor"));
        assert_eq!(vault.open(bob, &sealed), None);
        assert_eq!(Vault::new(&[8; 32]).open(alice, &sealed), None);
        assert_ne!(vault.seal(alice, "Alice, 3rd floor").unwrap(), sealed, "a nonce each time");
        let mut damaged = sealed;
        damaged.0[20] ^= 1;
        assert_eq!(vault.open(alice, &damaged), None);
        assert_eq!(vault.open(alice, &Sealed(vec![])), None);
    }

    #[test]
    fn numbers_are_shown_to_their_customer_and_compared_by_hash() {
        let vault = Vault::new(&[7; 32]);
        let (order, other) = (OrderId([1; 16]), OrderId([2; 16]));
        let alice = AccountId([1; 16]);
        let pins = vault.draw_pins(order, alice).unwrap();
        let pickup = pins.pickup.unwrap();
        let digits = vault.open(alice, &pickup.sealed).unwrap();
        assert_eq!(digits.len(), 6);
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
        let said = format!(" {digits} ");
        assert_eq!(vault.pin_digest(order, PinKind::Pickup, &said), pickup.digest);
        assert_ne!(vault.pin_digest(other, PinKind::Pickup, &digits), pickup.digest);
        assert_ne!(vault.pin_digest(order, PinKind::Door, &digits), pickup.digest);
        assert_eq!(vault.open(alice, &pins.door.unwrap().sealed).unwrap().len(), 4);
        assert_eq!(vault.open(alice, &pins.handover.unwrap().sealed).unwrap().len(), 4);
    }

    #[test]
    fn equal_logins_are_found_and_keys_are_apart() {
        let vault = Vault::new(&[7; 32]);
        assert_eq!(vault.lookup("+351910"), vault.lookup("+351910"));
        assert_ne!(vault.lookup("+351910"), vault.lookup("+351911"));
        assert_ne!(vault.lookup("x"), vault.digest(b"x"));
        assert_ne!(vault.lookup("x"), Vault::new(&[8; 32]).lookup("x"));
    }
}
