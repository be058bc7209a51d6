//! The keys that people's keys are wrapped with. The first one wraps; every one opens, so that a
//! new one can be brought in node by node (docs/operations.md).

use super::city::NoRandomness;
use domain::sealed::KeyName;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of a wrapped key: the key and its tag.
pub(super) const WRAPPED_BYTES: usize = 32 + 16;

/// A person's key as it lies on disks and goes between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrapped {
    /// Which key it is wrapped with: the start of a hash of it.
    pub by: [u8; 8],
    /// Used once.
    pub nonce: [u8; NONCE_LEN],
    /// The key and its tag.
    pub body: Vec<u8>,
}

/// The keys of this node, the one that wraps first.
pub(super) struct Wrapping {
    keys: Vec<(LessSafeKey, [u8; 8])>,
    random: SystemRandom,
}

impl fmt::Debug for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrapping({} keys)", self.keys.len())
    }
}

impl Wrapping {
    /// With these secrets, of which there is at least one.
    pub(super) fn new(secrets: &[[u8; 32]]) -> Self {
        assert!(!secrets.is_empty(), "there is always the city's own");
        let key = |secret: &[u8; 32]| {
            let unbound = UnboundKey::new(&AES_256_GCM, secret).expect("AES-256 takes 32 bytes");
            (LessSafeKey::new(unbound), name_of(secret))
        };
        Self { keys: secrets.iter().map(key).collect(), random: SystemRandom::new() }
    }

    /// Wraps a person's key with the first key of this node.
    ///
    /// # Errors
    /// Without randomness nothing is wrapped.
    pub(super) fn wrap(&self, name: KeyName, plain: &[u8; 32]) -> Result<Wrapped, NoRandomness> {
        let (key, by) = &self.keys[0];
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| NoRandomness)?;
        let mut body = plain.to_vec();
        let once = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(once, Aad::from(name.0), &mut body)
            .map_err(|_| NoRandomness)?;
        Ok(Wrapped { by: *by, nonce, body })
    }

    /// The person's key; nothing if none of this node's keys has wrapped it.
    pub(super) fn unwrap(&self, name: KeyName, wrapped: &Wrapped) -> Option<[u8; 32]> {
        let (key, _) = self.keys.iter().find(|(_, by)| *by == wrapped.by)?;
        let nonce = Nonce::assume_unique_for_key(wrapped.nonce);
        let mut body = wrapped.body.clone();
        let plain = key.open_in_place(nonce, Aad::from(name.0), &mut body).ok()?;
        <[u8; 32]>::try_from(&*plain).ok()
    }

    /// The same wrapped with this node's first key.
    pub(super) fn rewrap(&self, name: KeyName, wrapped: Wrapped) -> Option<Wrapped> {
        if wrapped.by == self.keys[0].1 {
            return self.unwrap(name, &wrapped).map(|_| wrapped);
        }
        self.wrap(name, &self.unwrap(name, &wrapped)?).ok()
    }
}

/// Names a secret and tells nothing of it: it has 256 bits that nobody can guess at.
fn name_of(secret: &[u8; 32]) -> [u8; 8] {
    let mut named = b"fd wrapping key".to_vec();
    named.extend_from_slice(secret);
    let hash = digest(&SHA256, &named);
    hash.as_ref()[..8].try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_opens_and_the_new_one_wraps() {
        let (old, new) = (Wrapping::new(&[[1; 32]]), Wrapping::new(&[[2; 32], [1; 32]]));
        let (ana, bea) = (KeyName([1; 16]), KeyName([2; 16]));
        let wrapped = old.wrap(ana, &[9; 32]).unwrap();
        assert_eq!(new.unwrap(ana, &wrapped), Some([9; 32]));
        assert_eq!(new.unwrap(bea, &wrapped), None, "it is somebody else's");
        let again = new.rewrap(ana, wrapped).unwrap();
        assert_eq!(old.unwrap(ana, &again), None, "the old key is of no use any more");
        assert_eq!(Wrapping::new(&[[2; 32]]).unwrap(ana, &again), Some([9; 32]));
    }
}
