//! Passwords: hashed with Argon2id before the log, a few at a time, off the request threads.

use crate::vault::CityKeys;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB (OWASP's first choice, with the two below).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at once: a flood of logins waits here and leaves the rest of the node alone.
const AT_ONCE: usize = 2;

/// The hashing could not be done; nothing is known about the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub(crate) struct HashingFailed;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    keys: CityKeys,
    turns: Arc<Semaphore>,
    /// Checked when the login is unknown, so that both answers take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// With this city's pepper.
    ///
    /// # Errors
    /// If not even one password can be hashed.
    pub(crate) fn new(keys: CityKeys) -> Result<Self, HashingFailed> {
        let nobody = hash(&keys, "the password of nobody")?;
        Ok(Self { keys, turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// If the hashing could not be done.
    pub(crate) async fn hash(&self, password: String) -> Result<String, HashingFailed> {
        let keys = self.keys.clone();
        self.in_turn(move || hash(&keys, &password)).await?
    }

    /// Whether this is the password; an unknown login costs the same time and is never right.
    ///
    /// # Errors
    /// If the hashing could not be done.
    pub(crate) async fn check(
        &self,
        password: String,
        phc: Option<String>,
    ) -> Result<bool, HashingFailed> {
        let (keys, known) = (self.keys.clone(), phc.is_some());
        let phc = phc.unwrap_or_else(|| self.nobody.to_string());
        let right = self
            .in_turn(move || {
                let parsed = PasswordHash::new(&phc).map_err(|_| HashingFailed)?;
                let peppered = keys.pepper(&password);
                Ok(argon2()?.verify_password(&peppered, &parsed).is_ok())
            })
            .await??;
        Ok(known && right)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let _turn = self.turns.acquire().await.map_err(|_| HashingFailed)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| HashingFailed)
    }
}

fn argon2() -> Result<Argon2<'static>, HashingFailed> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| HashingFailed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(keys: &CityKeys, password: &str) -> Result<String, HashingFailed> {
    let salt: [u8; 16] = keys.random().map_err(|_| HashingFailed)?;
    let hashed = argon2()?
        .hash_password_with_salt(&keys.pepper(password), &salt)
        .map_err(|_| HashingFailed)?;
    Ok(hashed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let passwords = Passwords::new(CityKeys::new(&[1; 32])).unwrap();
        let phc = passwords.hash("correct horse".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(!phc.contains("horse"));
        assert!(passwords.check("correct horse".into(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.check("wrong horse".into(), Some(phc)).await.unwrap());
        assert!(!passwords.check("the password of nobody".into(), None).await.unwrap());
    }
}
