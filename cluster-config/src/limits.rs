//! How much one caller may ask for.

use crate::reader::Section;
use serde::Serialize;
use std::net::IpAddr;

/// Proxies that one node may stand behind.
const PROXIES: usize = 64;
/// What may be allowed in a minute, and at once in connections.
const AMOUNT: std::ops::RangeInclusive<u32> = 1..=10_000_000;

/// Requests in a minute, and connections at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// From one address, of any kind.
    pub per_address: u32,
    /// By one account, from wherever.
    pub per_account: u32,
    /// By one program, by its key: such requests do not count for their address.
    pub per_key: u32,
    /// Logins, sign-ups and the like from one address.
    pub logins_per_address: u32,
    /// Attempts at one login.
    pub logins_per_account: u32,
    /// Open connections at once, of everybody.
    pub connections: u32,
    /// The same from one address.
    pub connections_per_address: u32,
    /// Whether what comes from this machine itself counts as well.
    pub loopback: bool,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl Limits {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let mut amount =
            |key: &str| s.checked(key, |it: &u32| AMOUNT.contains(it), "1 to 10000000");
        let per_address = amount("per_address");
        let per_account = amount("per_account");
        let per_key = amount("per_key");
        let logins_per_address = amount("logins_per_address");
        let logins_per_account = amount("logins_per_account");
        let connections = amount("connections");
        let connections_per_address = amount("connections_per_address");
        let loopback = s.required("loopback");
        let few = |them: &Vec<IpAddr>| them.len() <= PROXIES;
        let proxies = s.checked("proxies", few, "at most 64 addresses");
        Some(Self {
            per_address: per_address?,
            per_account: per_account?,
            per_key: per_key?,
            logins_per_address: logins_per_address?,
            logins_per_account: logins_per_account?,
            connections: connections?,
            connections_per_address: connections_per_address?,
            loopback: loopback?,
            proxies: proxies?,
        })
    }
}
