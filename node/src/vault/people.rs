//! The keys of people, as this node has them.

use super::city::{NoRandomness, close, open};
use super::slots::{Slot, Slots};
use super::wrapping::{Wrapped, Wrapping};
use domain::account::Account;
use domain::ids::AccountId;
use domain::sealed::{KeyName, Sealed};
use parking_lot::{Mutex, RwLock};
use quick_cache::sync::Cache;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::rand::SystemRandom;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};
use storage::{CityView, Reader};
use tokio::sync::Notify;

/// Stands before each value that a person's own key closes.
const BY_THE_PERSON: u8 = 2;
/// Keys that are wrapped anew with one fsync.
const REWRAPPED: usize = 1_024;
/// Unwrapped keys that are remembered.
const REMEMBERED: usize = 16_384;

/// Why something of a person could not be closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// See there.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The person or their key is younger than what this node has. It asks the others for it.
    #[error("this node has not the key of this person yet")]
    KeyMissing,
    /// There is no such person any more.
    #[error("this person is erased")]
    Erased,
    /// The store of this node failed.
    #[error("who this is cannot be read")]
    Unreadable(#[from] storage::Error),
}

/// The keys of people. Cheap to clone.
#[derive(Clone)]
pub(crate) struct People {
    inner: Arc<Inner>,
}

struct Inner {
    slots: RwLock<Slots>,
    wrapping: Wrapping,
    reader: Reader,
    opened: Cache<KeyName, Arc<LessSafeKey>>,
    /// Keys that this node should have, and has not.
    missing: Mutex<BTreeSet<KeyName>>,
    wanted: Notify,
    random: SystemRandom,
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("People")
    }
}

impl People {
    /// Opens the file of keys, or makes it, and wraps anew what an older key has wrapped.
    ///
    /// # Errors
    /// The disk, or another node with the same file.
    pub(crate) fn open(path: &Path, secrets: &[[u8; 32]], reader: Reader) -> io::Result<Self> {
        let wrapping = Wrapping::new(secrets);
        let mut slots = Slots::open(path)?;
        let (mut rewrapped, mut closed) = (0, 0);
        for names in slots.held().chunks(REWRAPPED) {
            let mut anew = Vec::new();
            for name in names {
                let Some(before) = slots.get(*name)? else { continue };
                match wrapping.rewrap(*name, before.clone()) {
                    Some(now) if now == before => {}
                    Some(now) => anew.push((*name, now)),
                    None => closed += 1,
                }
            }
            if !anew.is_empty() {
                slots.put(&anew)?;
                rewrapped += anew.len();
            }
        }
        if rewrapped > 0 {
            tracing::info!(rewrapped, "keys of people are wrapped with the present vault key");
        }
        if closed > 0 {
            let what = "keys of people were wrapped with a vault key that this node does not have";
            tracing::error!(closed, "{what}: see secrets.vault_keys");
        }
        let inner = Inner {
            slots: RwLock::new(slots),
            wrapping,
            reader,
            opened: Cache::new(REMEMBERED),
            missing: Mutex::default(),
            wanted: Notify::new(),
            random: SystemRandom::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Closes a value of somebody; nothing if they have no key of their own.
    pub(super) fn seal(&self, owner: AccountId, plain: &[u8]) -> Result<Option<Sealed>, SealError> {
        let account = self.inner.reader.view().account(owner)?.ok_or(SealError::KeyMissing)?;
        if !account.is_anybody() {
            return Err(SealError::Erased);
        }
        let Some(name) = account.key else { return Ok(None) };
        let key = self.key(name).ok_or(SealError::KeyMissing)?;
        Ok(Some(self.close(&key, owner, plain)?))
    }

    pub(super) fn close(
        &self,
        key: &LessSafeKey,
        owner: AccountId,
        plain: &[u8],
    ) -> Result<Sealed, NoRandomness> {
        close(&self.inner.random, key, BY_THE_PERSON, owner, plain)
    }

    /// Opens a value of somebody, as long as they are not erased: that holds from the entry on,
    /// before the key is gone.
    pub(super) fn open_sealed(&self, owner: AccountId, sealed: &Sealed) -> Option<Vec<u8>> {
        let account = self.inner.reader.view().account(owner).ok()??;
        let name = account.key.filter(|_| account.is_anybody())?;
        open(&*self.key(name)?, BY_THE_PERSON, owner, sealed)
    }

    fn key(&self, name: KeyName) -> Option<Arc<LessSafeKey>> {
        if let Some(key) = self.inner.opened.get(&name) {
            return Some(key);
        }
        // Under the lock until it is remembered: what is destroyed meanwhile is forgotten after.
        let slots = self.inner.slots.read();
        let wrapped = match slots.get(name) {
            Ok(Some(wrapped)) => wrapped,
            Ok(None) => {
                if slots.state(name).is_none() {
                    self.lacks(name);
                }
                return None;
            }
            Err(error) => {
                tracing::error!(%error, "a key cannot be read");
                return None;
            }
        };
        let plain = self.inner.wrapping.unwrap(name, &wrapped)?;
        let unbound = UnboundKey::new(&AES_256_GCM, &plain).expect("AES-256 takes 32 bytes");
        let key = Arc::new(LessSafeKey::new(unbound));
        self.inner.opened.insert(name, Arc::clone(&key));
        Some(key)
    }

    /// Wraps a key for the others and for the disk.
    pub(super) fn wrap(&self, name: KeyName, plain: &[u8; 32]) -> Result<Wrapped, NoRandomness> {
        self.inner.wrapping.wrap(name, plain)
    }

    /// Keeps keys, wrapped with this node's own key, and says which are here then: not those that
    /// were destroyed before, or are of no use to this node. Durable on return; takes the disk's
    /// time.
    ///
    /// # Errors
    /// The disk: none of them counts as kept.
    pub(super) fn keep(&self, keys: Vec<(KeyName, Wrapped)>) -> io::Result<Vec<KeyName>> {
        let mut ours = Vec::with_capacity(keys.len());
        for (name, wrapped) in keys {
            match self.inner.wrapping.rewrap(name, wrapped) {
                Some(wrapped) => ours.push((name, wrapped)),
                None => tracing::error!("a key is wrapped with one that this node does not have"),
            }
        }
        let mut slots = self.inner.slots.write();
        let fresh: Vec<_> =
            ours.iter().filter(|(name, _)| slots.state(*name).is_none()).cloned().collect();
        if !fresh.is_empty() {
            slots.put(&fresh)?;
        }
        let held = |name: &KeyName| matches!(slots.state(*name), Some(Slot::Held(_)));
        let kept: Vec<_> = ours.iter().map(|(name, _)| *name).filter(held).collect();
        drop(slots);
        let mut missing = self.inner.missing.lock();
        for (name, _) in &ours {
            missing.remove(name);
        }
        Ok(kept)
    }

    /// The wrapped key, if it is here.
    pub(super) fn wrapped(&self, name: KeyName) -> io::Result<Option<Wrapped>> {
        self.inner.slots.read().get(name)
    }

    /// Destroys a key for good, on the disk and in memory. Durable on return; takes the disk's
    /// time.
    ///
    /// # Errors
    /// The disk: the key may still be there, and the next start tries again.
    pub(crate) fn destroy(&self, name: KeyName) -> io::Result<()> {
        let mut slots = self.inner.slots.write();
        slots.destroy(name)?;
        self.inner.opened.remove(&name);
        drop(slots);
        self.inner.missing.lock().remove(&name);
        Ok(())
    }

    /// Somebody is known from here on: has this node their key?
    pub(crate) fn welcome(&self, account: &Account) {
        let Some(name) = account.key.filter(|_| account.is_anybody()) else { return };
        if self.inner.slots.read().state(name).is_none() {
            self.lacks(name);
        }
    }

    /// Somebody is erased: their key goes, here and now.
    pub(crate) fn part_with(&self, account: &Account) {
        let Some(name) = account.key.filter(|_| !account.is_anybody()) else { return };
        if let Err(error) = self.destroy(name) {
            tracing::error!(%error, account = %account.id, "a key could not be destroyed");
        }
    }

    /// Brings the keys in line with the state: what was erased while this node was away goes before
    /// it serves, and what it lacks is asked for.
    ///
    /// # Errors
    /// The store.
    pub(crate) fn settle(&self, view: &CityView) -> Result<(), storage::Error> {
        for account in view.accounts() {
            let account = account?;
            self.part_with(&account);
            self.welcome(&account);
        }
        Ok(())
    }

    fn lacks(&self, name: KeyName) {
        if self.inner.missing.lock().insert(name) {
            self.inner.wanted.notify_one();
        }
    }

    /// Some of what this node lacks.
    pub(super) fn missing(&self, most: usize) -> Vec<KeyName> {
        self.inner.missing.lock().iter().take(most).copied().collect()
    }

    /// Returns when this node lacks something more.
    pub(super) async fn wanted(&self) {
        self.inner.wanted.notified().await;
    }

    /// The record of somebody, as this node has it.
    pub(super) fn account(&self, id: AccountId) -> Result<Option<Arc<Account>>, storage::Error> {
        self.inner.reader.view().account(id)
    }
}
