//! The feed for those who run a broker of their own. Off unless the configuration names one.

mod nats;

pub(crate) use nats::{Nats, SinkError, Stream};
