//! Access tokens: short-lived, signed with Ed25519, readable by every node of the city.
//!
//! The algorithm is fixed, and the header says nothing but which of our keys it was: a token with
//! any other header is not looked at. The first key signs, every key checks, so that a new one can
//! be brought in node by node. A verified token is remembered, so that checking it again costs a
//! hash and not a signature.

use api::audit::AuditHead;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Actor;
use domain::ids::{AccountId, CityNumber, SessionId};
use domain::time::Timestamp;
use quick_cache::sync::Cache;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// How long an access token is good for, in seconds.
pub(crate) const ACCESS_TOKEN_S: i64 = 600;
/// The longest token that is looked at, in bytes.
const TOKEN_BYTES: usize = 1_024;
/// Verified tokens that are remembered.
const REMEMBERED: usize = 65_536;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Whose token it is.
    #[serde(rename = "sub")]
    pub account_id: AccountId,
    /// The login it came from.
    #[serde(rename = "sid")]
    pub session_id: SessionId,
    /// The account's epoch when it was signed.
    pub epoch: u32,
    /// The city it is good in.
    #[serde(rename = "aud")]
    pub city: CityNumber,
    /// Seconds since 1970 at which it ends.
    #[serde(rename = "exp")]
    pub expires_s: i64,
}

impl Claims {
    /// Who acts by this token.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Account {
            account_id: self.account_id,
            session_id: Some(self.session_id),
            epoch: self.epoch,
        }
    }
}

/// Why a token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// It was good once: get a new one with the refresh token.
    #[error("the token has expired")]
    Expired,
    /// It never was.
    #[error("this is not a token of this city")]
    Invalid,
}

/// Signs and checks tokens. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tokens {
    parts: Arc<Parts>,
}

struct Parts {
    /// The one that signs first.
    keys: Vec<Signing>,
    /// Signs no tokens, but heads of the audit chain.
    heads: Signing,
    city: CityNumber,
    verified: Cache<Box<str>, Claims>,
}

struct Signing {
    pair: Ed25519KeyPair,
    /// The name of the key: the thumbprint of RFC 7638.
    kid: String,
    /// The one header of all that this key signs.
    header: String,
}

impl Signing {
    /// For things of one type, as it stands in their header.
    fn new(seed: &[u8; 32], typ: &str) -> Self {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are an Ed25519 seed");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        let header = format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}"}}"#);
        Self { pair, kid, header: URL_SAFE_NO_PAD.encode(header) }
    }

    /// A JWS in compact form.
    fn sign(&self, body: &impl Serialize) -> String {
        let body = serde_json::to_vec(body).expect("what is signed is plain data");
        let mut signed = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(body));
        let signature = self.pair.sign(signed.as_bytes());
        signed.push('.');
        signed.push_str(&URL_SAFE_NO_PAD.encode(signature.as_ref()));
        signed
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens(city {})", self.parts.city.0)
    }
}

impl Tokens {
    /// With the seeds of this city's keys, of which there is at least one, and of the one that
    /// signs heads of the audit chain.
    pub(crate) fn new(seeds: &[[u8; 32]], heads: &[u8; 32], city: CityNumber) -> Self {
        assert!(!seeds.is_empty(), "the configuration names at least one");
        let keys = seeds.iter().map(|seed| Signing::new(seed, "at+jwt")).collect();
        // Nobody takes one for the other.
        let heads = Signing::new(heads, "fd-audit-head");
        let verified = Cache::new(REMEMBERED);
        Self { parts: Arc::new(Parts { keys, heads, city, verified }) }
    }

    /// The public halves, as a JWK set.
    pub(crate) fn jwks(&self) -> serde_json::Value {
        let key = |key: &Signing| {
            let x = URL_SAFE_NO_PAD.encode(key.pair.public_key().as_ref());
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                "kid": key.kid, "x": x})
        };
        let all = self.parts.keys.iter().chain([&self.parts.heads]);
        let keys: Vec<_> = all.map(key).collect();
        serde_json::json!({ "keys": keys })
    }

    /// A token for this session, good for [`ACCESS_TOKEN_S`].
    pub(crate) fn sign(
        &self,
        now: Timestamp,
        account_id: AccountId,
        session_id: SessionId,
        epoch: u32,
    ) -> String {
        let expires_s = now.0.div_euclid(1_000) + ACCESS_TOKEN_S;
        let claims = Claims { account_id, session_id, epoch, city: self.parts.city, expires_s };
        self.parts.keys[0].sign(&claims)
    }

    /// What the audit chain has come to, for whoever keeps it elsewhere.
    pub(crate) fn sign_head(&self, head: &AuditHead) -> String {
        self.parts.heads.sign(head)
    }

    /// Who this token speaks for.
    ///
    /// # Errors
    /// Says whether a fresh token would help.
    pub(crate) fn check(&self, now: Timestamp, token: &str) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let claims = match self.parts.verified.get(token) {
            Some(claims) => claims,
            None => {
                let claims = self.verify(token).ok_or(TokenError::Invalid)?;
                self.parts.verified.insert(token.into(), claims);
                claims
            }
        };
        if now.0.div_euclid(1_000) >= claims.expires_s {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, body) = signed.split_once('.')?;
        let key = self.parts.keys.iter().find(|key| key.header == header)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&ED25519, key.pair.public_key())
            .verify(signed.as_bytes(), &signature)
            .ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
        (claims.city == self.parts.city).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: [u8; 32] = [9; 32];

    fn tokens(secret: u8, city: u16) -> Tokens {
        Tokens::new(&[[secret; 32]], &HEADS, CityNumber(city))
    }

    #[test]
    fn good_for_ten_minutes_and_for_this_city() {
        let ours = tokens(1, 1);
        let now = Timestamp(1_000_000);
        let token = ours.sign(now, AccountId([3; 16]), SessionId([4; 16]), 2);
        let claims = ours.check(now, &token).unwrap();
        assert_eq!((claims.account_id, claims.epoch), (AccountId([3; 16]), 2));
        let later = now.plus_ms(ACCESS_TOKEN_S * 1_000);
        assert_eq!(ours.check(later, &token), Err(TokenError::Expired));
        assert_eq!(tokens(1, 2).check(now, &token), Err(TokenError::Invalid), "another city");
        assert_eq!(tokens(2, 1).check(now, &token), Err(TokenError::Invalid), "another key");
    }

    #[test]
    fn a_forged_token_is_no_token() {
        let ours = tokens(1, 1);
        let now = Timestamp(0);
        let token = ours.sign(now, AccountId([3; 16]), SessionId([4; 16]), 0);
        let (head, tail) = token.split_at(token.len() - 5);
        let forged = [format!("{head}AAAAA"), head.to_owned(), format!("x{token}"), String::new()];
        for token in forged
            .iter()
            .chain([&format!("{}.e30.{tail}", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#,))])
        {
            assert_eq!(ours.check(now, token), Err(TokenError::Invalid), "{token}");
        }
        assert_eq!(ours.check(now, &"a".repeat(5_000)), Err(TokenError::Invalid));
    }

    #[test]
    fn a_signed_head_is_no_token() {
        let (ours, at) = (tokens(1, 1), api::wire::Time(Timestamp(1_000)));
        let head = AuditHead { city: 1, index: 9, hash: "5d41".to_owned(), at };
        let signed = ours.sign_head(&head);
        assert_eq!(ours.check(Timestamp(0), &signed), Err(TokenError::Invalid));
        let (text, signature) = signed.rsplit_once('.').unwrap();
        let key = &ours.parts.heads;
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, key.pair.public_key());
        assert!(public.verify(text.as_bytes(), &signature).is_ok());
        let (_, body) = text.split_once('.').unwrap();
        let body = URL_SAFE_NO_PAD.decode(body).unwrap();
        assert_eq!(serde_json::from_slice::<AuditHead>(&body).unwrap(), head);
    }

    #[test]
    fn a_new_key_takes_over_while_tokens_of_the_old_are_out() {
        let (old, both, new) = (
            Tokens::new(&[[1; 32]], &HEADS, CityNumber(1)),
            Tokens::new(&[[2; 32], [1; 32]], &HEADS, CityNumber(1)),
            Tokens::new(&[[2; 32]], &HEADS, CityNumber(1)),
        );
        let now = Timestamp(1_000_000);
        let sign = |by: &Tokens| by.sign(now, AccountId([3; 16]), SessionId([4; 16]), 2);
        let (before, after) = (sign(&old), sign(&both));
        assert!(both.check(now, &before).is_ok());
        assert!(both.check(now, &after).is_ok());
        assert!(new.check(now, &after).is_ok());
        assert_eq!(new.check(now, &before), Err(TokenError::Invalid));
        assert_eq!(old.check(now, &after), Err(TokenError::Invalid));
        let published = both.jwks();
        assert_eq!(published["keys"].as_array().unwrap().len(), 3, "and the one of heads");
        assert_eq!(published["keys"][2], new.jwks()["keys"][1]);
        assert_eq!(published["keys"][0], new.jwks()["keys"][0]);
        assert_eq!(published["keys"][0]["x"].as_str().unwrap().len(), 43);
    }
}
