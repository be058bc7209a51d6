//! Requests to addresses that people give us: what is sent, how it is signed, and where it may go.
//!
//! When something is sent is the business of `leader/webhooks.rs`.

mod guard;
mod sender;
mod signature;

pub(crate) use guard::Refused;
pub(crate) use sender::{Message, Sender, Sent};
pub(crate) use signature::{SECRET_BYTES, secret_text};
