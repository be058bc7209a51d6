//! Keys for requests that move money or make a thing.

use crate::output::hex;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use std::fmt::Display;

/// A key that follows from what is asked: the same command line again, after an answer that was
/// lost or tomorrow, is the same request.
///
/// # Errors
/// The body cannot be written as JSON.
pub(crate) fn derived(
    what: &str,
    about: impl Display,
    body: &impl Serialize,
) -> anyhow::Result<String> {
    let body = serde_json::to_string(body)?;
    let told = format!("fdctl {what} {about} {body}");
    Ok(hex(digest(&SHA256, told.as_bytes()).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_has_the_same_key() {
        let key = |amount: i64| derived("order refund", "ord_1", &amount).unwrap();
        assert_eq!((key(5), key(5).len()), (key(5), 64));
        assert_ne!(key(5), key(6));
        assert_ne!(key(5), derived("claim settle", "ord_1", &5).unwrap());
    }
}
