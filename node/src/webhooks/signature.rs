//! How a receiver knows that a request is ours: Standard Webhooks 1.0.0, signed with a secret that
//! both sides have.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Bytes of a secret.
pub(crate) const SECRET_BYTES: usize = 32;
/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";

/// A secret as people are shown it.
pub(crate) fn secret_text(secret: [u8; SECRET_BYTES]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The value of `webhook-signature` for these secrets; nothing if there is none, or one is not one
/// of ours.
pub(super) fn signatures(
    secrets: &[String],
    id: &str,
    timestamp_s: i64,
    body: &str,
) -> Option<String> {
    // A request that nothing signs is worse than none.
    if secrets.is_empty() {
        return None;
    }
    let signed = format!("{id}.{timestamp_s}.{body}");
    let each = secrets.iter().map(|secret| {
        let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Some(format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes()))))
    });
    Some(each.collect::<Option<Vec<_>>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification.
    #[test]
    fn signed_as_the_specification_says() {
        let secret = secret_text(std::array::from_fn(|place| place as u8));
        assert_eq!(secret, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let body = r#"{"type":"order.placed"}"#;
        let signed = |secrets: &[String]| signatures(secrets, "msg_1", 1_767_225_600, body);
        let one = "v1,C++Yf57+eMClDH5XXcLgQCrjOYCuYEpcvNHiEcJNio0=";
        assert_eq!(signed(std::slice::from_ref(&secret)).as_deref(), Some(one));
        let both = signed(&[secret_text([7; 32]), secret]).unwrap();
        assert!(both.starts_with("v1,") && both.ends_with(&format!(" {one}")), "{both}");
        assert_eq!((signed(&["whsec_?".to_owned()]), signed(&[])), (None, None));
    }
}
