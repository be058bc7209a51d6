//! Signatures of what gateways send us: `t=<Unix seconds>,v1=<hex>`, HMAC-SHA-256 of `<t>.<body>`.
//!
//! Stripe made this form up; the sandbox uses it too, so that one check serves both. The time is
//! signed as well: what somebody wrote down long ago cannot be sent again.

use ring::hmac;

/// How far the time of a signature may be off, either way, in seconds.
pub const TOLERANCE_S: i64 = 300;
/// Signatures in one header that are looked at: several stand there while a secret is replaced.
const MOST: usize = 8;

/// Not signed by who knows the secret, or too long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureWrong {
    /// No header, or none of this form.
    #[error("the signature header is missing or not of the form t=..,v1=..")]
    Malformed,
    /// The time in it is too far from now.
    #[error("the signature is more than {TOLERANCE_S} seconds old, or from the future")]
    Stale,
    /// It does not fit the body.
    #[error("the signature does not fit the body")]
    Mismatch,
}

/// The header for a body that is sent at this moment.
pub fn sign(secret: &[u8], at_s: i64, body: &[u8]) -> String {
    let tag = hmac::sign(&key(secret), &signed(at_s, body));
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at_s},v1={hex}")
}

/// Checks a header against the raw body, byte by byte as it came.
///
/// # Errors
/// Why it does not count.
pub fn verify(
    secret: &[u8],
    header: Option<&str>,
    body: &[u8],
    now_s: i64,
) -> Result<(), SignatureWrong> {
    let header = header.ok_or(SignatureWrong::Malformed)?;
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let at = parts().find(|(name, _)| *name == "t").and_then(|(_, at)| at.parse().ok());
    let at: i64 = at.ok_or(SignatureWrong::Malformed)?;
    let tags: Vec<_> = parts().filter(|(name, _)| *name == "v1").take(MOST).collect();
    if tags.is_empty() {
        return Err(SignatureWrong::Malformed);
    }
    if at.checked_sub(now_s).is_none_or(|off| off.abs() > TOLERANCE_S) {
        return Err(SignatureWrong::Stale);
    }
    let (key, signed) = (key(secret), signed(at, body));
    let fits = |hex: &str| {
        let tag = bytes_of(hex);
        tag.is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok())
    };
    tags.iter().any(|(_, hex)| fits(hex)).then_some(()).ok_or(SignatureWrong::Mismatch)
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn signed(at_s: i64, body: &[u8]) -> Vec<u8> {
    [format!("{at_s}.").as_bytes(), body].concat()
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() != 64 {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_lately_with_the_secret_counts() {
        let (secret, body) = (b"whsec_one".as_slice(), b"{\"id\":\"evt_1\"}".as_slice());
        let header = sign(secret, 1_000, body);
        let check = |secret, header: Option<&str>, body, now| verify(secret, header, body, now);
        assert_eq!(check(secret, Some(&header), body, 1_000), Ok(()));
        assert_eq!(check(secret, Some(&header), body, 1_300), Ok(()));
        assert_eq!(check(secret, Some(&header), body, 1_301), Err(SignatureWrong::Stale));
        assert_eq!(check(secret, Some(&header), body, 699), Err(SignatureWrong::Stale));
        assert_eq!(check(b"other", Some(&header), body, 1_000), Err(SignatureWrong::Mismatch));
        assert_eq!(check(secret, Some(&header), b"{}", 1_000), Err(SignatureWrong::Mismatch));
        assert_eq!(check(secret, None, body, 1_000), Err(SignatureWrong::Malformed));
        let extreme = format!("t={},v1={}", i64::MIN, "0".repeat(64));
        for odd in ["", "t=1000", "v1=00", "t=x,v1=00", "t=1000,v1=", extreme.as_str()] {
            assert!(check(secret, Some(odd), body, 1_000).is_err(), "{odd}");
        }
        // While a secret is replaced, two signatures stand side by side.
        let two = format!("{header},v1={}", "0".repeat(64));
        assert_eq!(check(secret, Some(&two), body, 1_000), Ok(()));
        let later = sign(secret, 1_001, body);
        let moved = header.replace("t=1000", "t=1001");
        assert_ne!(moved, later, "the time is part of what is signed");
        assert_eq!(check(secret, Some(&moved), body, 1_000), Err(SignatureWrong::Mismatch));
    }
}
