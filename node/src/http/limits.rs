//! How much one caller may ask for: a bucket for each address, account and login, of this node.
//!
//! A bucket is one number, the moment at which it will be empty again (GCRA): taking from it moves
//! the moment on, and more than a minute ahead is too much. A bucket that is empty is forgotten.

use super::auth::{PREFIX, good_key};
use super::error::Fail;
use crate::clock;
use crate::tokens::Tokens;
use api::codes::Code;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::sealed::Digest;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::Reader;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The time that a quota is for.
const WINDOW: Duration = Duration::from_secs(60);
/// Parts of the table, so that requests do not wait for each other.
const PARTS: usize = 64;
/// Buckets in one part; beyond that the empty ones are thrown out, and then nobody new is counted.
const BUCKETS: usize = 16_384;
/// What stands at the end of a path that costs a password's hash, or a guess.
const LOGINS: [&str; 8] = [
    "/login",
    "/signup",
    "/guest",
    "/token/refresh",
    "/me/password",
    "/otp",
    "/otp/verify",
    "/password/reset",
];
/// What probes ask, as often as they like.
const PROBES: [&str; 3] = ["/health", "/ready", "/metrics"];

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scope {
    Address,
    Account,
    Key,
    LoginsFrom,
    LoginsOf,
}

impl Scope {
    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Account => "account",
            Self::Key => "key",
            Self::LoginsFrom => "logins-from",
            Self::LoginsOf => "logins-of",
        }
    }
}

/// The buckets of this node. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: cluster_config::Limits,
    began: Instant,
    parts: Vec<Part>,
}

/// When each bucket will be empty again, since the beginning.
type Part = Mutex<HashMap<(Scope, [u8; 16]), Duration>>;

/// What a bucket says after something was taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    scope: Scope,
    quota: u32,
    left: u32,
    /// Until it is as if nothing had been taken.
    full_in: Duration,
    /// Until the next one is allowed, if this one is not.
    wait: Option<Duration>,
}

/// Where a request came from, as far as that is counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

impl Limits {
    /// With all buckets full.
    pub(crate) fn new(config: cluster_config::Limits) -> Self {
        let parts = (0..PARTS).map(|_| Mutex::default()).collect();
        Self { inner: Arc::new(Inner { config, began: Instant::now(), parts }) }
    }

    /// One more attempt at a login from this address: nobody uses up what somebody else may try.
    /// All addresses together are bounded by what the log counts.
    ///
    /// # Errors
    /// `rate_limited`, before anything is hashed.
    pub(super) fn login(&self, origin: Origin, login: &Digest) -> Result<(), Fail> {
        let Some(address) = origin.0 else { return Ok(()) };
        let mut who = name_of(address);
        // Nobody who has no key can choose an address so that two of these meet.
        who.iter_mut().zip(&login.0).for_each(|(byte, mixed)| *byte ^= mixed);
        refused(self.take(Scope::LoginsOf, who))
    }

    fn take(&self, scope: Scope, who: [u8; 16]) -> Bucket {
        self.take_at(self.inner.began.elapsed(), scope, who)
    }

    fn take_at(&self, now: Duration, scope: Scope, who: [u8; 16]) -> Bucket {
        let config = &self.inner.config;
        let quota = match scope {
            Scope::Address => config.per_address,
            Scope::Account => config.per_account,
            Scope::Key => config.per_key,
            Scope::LoginsFrom => config.logins_per_address,
            Scope::LoginsOf => config.logins_per_account,
        };
        let each = WINDOW / quota;
        let part = &self.inner.parts[usize::from(who[15] ^ who[0]) % PARTS];
        let mut part = part.lock();
        if part.len() >= BUCKETS {
            part.retain(|_, empty_at| *empty_at > now);
        }
        let empty_at = part.get(&(scope, who)).copied().unwrap_or(now).max(now);
        let after = empty_at + each;
        let wait = (after > now + WINDOW).then(|| after - now - WINDOW);
        let empty_at = if wait.is_some() { empty_at } else { after };
        if part.len() < BUCKETS {
            part.insert((scope, who), empty_at);
        }
        let full_in = empty_at - now;
        let left = (WINDOW.saturating_sub(full_in)).as_nanos() / each.as_nanos().max(1);
        Bucket { scope, quota, left: u32::try_from(left).unwrap_or(u32::MAX), full_in, wait }
    }

    /// Whose request it is; nobody's, if it is not counted.
    fn origin(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Origin {
        let config = &self.inner.config;
        let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else { return Origin(None) };
        let behind = config.proxies.contains(&peer);
        let forwarded = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut named = forwarded
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.rsplit(','))
            .filter_map(|name| name.trim().parse::<IpAddr>().ok());
        let caller = match behind {
            // The last one that is no proxy of ours: anybody may have written what is before it.
            true => named.find(|name| !config.proxies.contains(name)).unwrap_or(peer),
            false => peer,
        };
        Origin((config.loopback || !caller.is_loopback()).then_some(caller))
    }
}

/// Counts a request before anything is done for it.
pub(super) async fn limit(
    State((limits, tokens, reader)): State<(Limits, Tokens, Reader)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
    let origin = limits.origin(peer, request.headers());
    request.extensions_mut().insert(origin);
    let path = request.uri().path();
    let Some(address) = origin.0.filter(|_| !PROBES.contains(&path)) else {
        return next.run(request).await;
    };
    // Leaving takes the password as well.
    let leaves = request.method() == Method::DELETE && path.ends_with("/me");
    let costly = leaves || LOGINS.iter().any(|end| path.ends_with(end));
    let known = known(request.headers(), &tokens, &reader);
    let mut buckets = Vec::with_capacity(2);
    if costly {
        buckets.push(limits.take(Scope::LoginsFrom, name_of(address)));
    } else if !matches!(known, Some((Scope::Key, _))) {
        // A till asks more often than a household may, and has a bucket of its own.
        buckets.push(limits.take(Scope::Address, name_of(address)));
    }
    buckets.extend(known.map(|(scope, who)| limits.take(scope, who)));
    let refusal = buckets.iter().find_map(|bucket| refused(*bucket).err());
    let mut response = match refusal {
        Some(fail) => fail.into_response(),
        None => next.run(request).await,
    };
    let told = |tell: fn(&Bucket) -> String| {
        let all: Vec<_> = buckets.iter().map(tell).collect();
        HeaderValue::from_str(&all.join(", ")).ok()
    };
    let policy =
        told(|it| format!(r#""{}";q={};w={}"#, it.scope.name(), it.quota, WINDOW.as_secs()));
    let left = told(|it| {
        let seconds = it.full_in.as_millis().div_ceil(1_000);
        format!(r#""{}";r={};t={seconds}"#, it.scope.name(), it.left)
    });
    let headers = response.headers_mut();
    headers.extend([(POLICY, policy), (LEFT, left)].into_iter().filter_map(|(k, v)| Some((k, v?))));
    response
}

fn refused(bucket: Bucket) -> Result<(), Fail> {
    let Some(wait) = bucket.wait else { return Ok(()) };
    let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
    let what = format!("{} requests a minute ({})", bucket.quota, bucket.scope.name());
    Err(Fail::because(Code::RateLimited, what).retry_after_ms(ms))
}

/// Who asks, if they show a good token or a good key.
fn known(headers: &HeaderMap, tokens: &Tokens, reader: &Reader) -> Option<(Scope, [u8; 16])> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = value.split_once(' ')?;
    let token = token.trim();
    if token.starts_with(PREFIX) {
        return Some((Scope::Key, good_key(reader, token)?.0));
    }
    Some((Scope::Account, tokens.check(clock::now(), token).ok()?.account_id.0))
}

/// An address, or all of a household's.
pub(super) fn name_of(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
        IpAddr::V6(six) => {
            let mut octets = six.octets();
            octets[8..].fill(0);
            octets
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(proxies: &[&str]) -> Limits {
        Limits::new(cluster_config::Limits {
            per_address: 6,
            loopback: false,
            proxies: proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
            ..cluster_config::Limits::default()
        })
    }

    #[test]
    fn a_bucket_is_emptied_and_fills_again() {
        let (limits, who) = (limits(&[]), [1; 16]);
        let take = |s| limits.take_at(Duration::from_secs(s), Scope::Address, who);
        let lefts: Vec<_> = (0..6).map(|_| take(100).left).collect();
        assert_eq!(lefts, [5, 4, 3, 2, 1, 0]);
        assert_eq!(take(100).wait, Some(Duration::from_secs(10)));
        assert_eq!(take(105).wait, Some(Duration::from_secs(5)), "asking in vain costs nothing");
        assert_eq!(take(110).wait, None);
        assert!(take(110).wait.is_some());
        assert_eq!(take(1_000).left, 5);
        let other = limits.take_at(Duration::from_secs(100), Scope::Address, [2; 16]);
        assert_eq!((other.left, other.quota), (5, 6));
    }

    #[test]
    fn nobody_uses_up_what_others_may_try_at_a_login() {
        let (limits, login) = (limits(&[]), Digest([7; 32]));
        let from = |address: &str| Origin(Some(address.parse().unwrap()));
        let mut tries = (0..100).map(|_| limits.login(from("198.51.100.4"), &login));
        assert!(tries.any(|it| it.is_err()), "one address is bounded");
        assert!(limits.login(from("203.0.113.7"), &login).is_ok(), "its owner is not");
        assert!(limits.login(from("198.51.100.4"), &Digest([8; 32])).is_ok(), "nor another login");
        assert!((0..100).all(|_| limits.login(Origin(None), &login).is_ok()));
    }

    #[test]
    fn only_proxies_of_ours_are_believed() {
        let limits = limits(&["10.0.0.1", "127.0.0.1"]);
        let of = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            if !forwarded.is_empty() {
                headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
            }
            let peer = SocketAddr::new(peer.parse().unwrap(), 1_000);
            limits.origin(Some(peer), &headers).0.map(|address| address.to_string())
        };
        assert_eq!(of("10.0.0.1", "203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("10.0.0.1", "6.6.6.6, 203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("10.0.0.1", "203.0.113.7, 10.0.0.1").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("198.51.100.4", "203.0.113.7").as_deref(), Some("198.51.100.4"));
        assert_eq!(of("127.0.0.1", "203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("127.0.0.1", ""), None, "a tool on this machine");
        assert_eq!(of("::ffff:198.51.100.4", "").as_deref(), Some("198.51.100.4"));
    }
}
