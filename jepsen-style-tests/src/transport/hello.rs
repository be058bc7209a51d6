//! What a stranger says to a node's door for the others, to hear whether anybody is there.

/// The beginning of an HTTP/2 connection with empty settings. A node that speaks plain text answers
/// with its own settings, one that wants TLS with an alert: either is an answer.
pub(super) const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
