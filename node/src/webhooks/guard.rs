//! Where requests may go. An address that somebody gives us must not make us talk to our own
//! machines, to the cloud's metadata or to a neighbour: only to the public internet, over TLS.
//!
//! A name is looked up by us, and every address behind it is looked at. The connection is then made
//! to these very addresses, since the client gets them from here and looks nothing up itself: a
//! name that means something else a moment later (rebinding) leads nowhere. Looked at when a
//! webhook is made, so that its owner hears of it, and at each connection, because names move.

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Letters of an address.
const URL_LETTERS: usize = 2_000;
/// Addresses of one name that are looked at; with more than that it is no name of a receiver.
const ADDRESSES: usize = 32;
/// How long a look-up may take.
const LOOK_UP_WITHIN: Duration = Duration::from_secs(5);
/// Below these only the port of https: nothing else that listens there speaks HTTP to us.
const PORTS_FROM: u16 = 1_024;

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it is no URL, or a very long one")]
    NoUrl,
    #[error("it begins with https://")]
    NotHttps,
    #[error("it holds a name or a password before the host")]
    Credentials,
    #[error("the port is 443, or one from 1024 on")]
    Port,
    #[error("the host is not one of the public internet")]
    NotPublic,
    #[error("the host has no address")]
    NoAddress,
}

/// Looks names up.
type Lookup = Arc<dyn Fn(String) -> LookingUp + Send + Sync>;
type LookingUp = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Which addresses are good ones.
#[derive(Clone)]
pub(crate) struct Guard {
    lookup: Lookup,
    /// Plain HTTP, and to this machine alone: for tests and the demo.
    loopback: bool,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard {{ loopback: {} }}", self.loopback)
    }
}

impl Guard {
    /// Lets through what lies in the public internet.
    pub(crate) fn public() -> Self {
        Self { lookup: Arc::new(|host| Box::pin(system(host))), loopback: false }
    }

    /// Lets through this machine, without TLS.
    pub(crate) fn loopback() -> Self {
        Self { loopback: true, ..Self::public() }
    }

    /// What can be said of an address without looking its name up. To be asked before each request:
    /// an address in numbers is never looked up.
    ///
    /// # Errors
    /// Why nothing is sent there.
    pub(crate) fn read(&self, text: &str) -> Result<Url, Refused> {
        if text.len() > URL_LETTERS {
            return Err(Refused::NoUrl);
        }
        // This reading knows all spellings of numbers, as in 0x7f.1 or 2130706433.
        let url: Url = text.parse().map_err(|_| Refused::NoUrl)?;
        if url.scheme() != if self.loopback { "http" } else { "https" } {
            return Err(Refused::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        let port = url.port_or_known_default().ok_or(Refused::Port)?;
        if port < PORTS_FROM && port != 443 {
            return Err(Refused::Port);
        }
        let host = url.host_str().ok_or(Refused::NoUrl)?;
        if let Ok(literal) = host.trim_matches(['[', ']']).parse() {
            self.good(literal)?;
        }
        Ok(url)
    }

    /// Everything that can be said now, the addresses of the name included.
    ///
    /// # Errors
    /// Why nothing is sent there.
    pub(crate) async fn check(&self, text: &str) -> Result<(), Refused> {
        let url = self.read(text)?;
        let host = url.host_str().ok_or(Refused::NoUrl)?;
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_err() {
            self.addresses(host.to_owned()).await?;
        }
        Ok(())
    }

    /// The addresses of a name, if every one of them is good: one that is not says enough about the
    /// name.
    async fn addresses(&self, host: String) -> Result<Vec<IpAddr>, Refused> {
        let found = (self.lookup)(host).await.map_err(|_| Refused::NoAddress)?;
        if found.is_empty() || found.len() > ADDRESSES {
            return Err(Refused::NoAddress);
        }
        found.iter().try_for_each(|address| self.good(*address))?;
        Ok(found)
    }

    fn good(&self, address: IpAddr) -> Result<(), Refused> {
        let good = match (self.loopback, address) {
            (true, address) => address.is_loopback(),
            (false, IpAddr::V4(address)) => is_public_v4(address),
            (false, IpAddr::V6(address)) => is_public_v6(address),
        };
        if good { Ok(()) } else { Err(Refused::NotPublic) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str().to_owned()).await?;
            // The port is the URL's: the client puts it in.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Names that are looked up at once. The system's resolver holds a thread each, however long it
/// takes, and a name server that never answers must not take the threads of everybody.
static LOOKING_UP: Semaphore = Semaphore::const_new(32);

async fn system(host: String) -> std::io::Result<Vec<IpAddr>> {
    let looking = LOOKING_UP.acquire().await.map_err(std::io::Error::other)?;
    // The permit goes with the thread, and not with the caller, who may have left.
    let found = tokio::task::spawn_blocking(move || {
        let _looking = looking;
        std::net::ToSocketAddrs::to_socket_addrs(&(host.as_str(), 0_u16))
            .map(|found| found.map(|found| found.ip()).collect())
    });
    match tokio::time::timeout(LOOK_UP_WITHIN, found).await {
        Ok(found) => found.map_err(std::io::Error::other)?,
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

/// What the IANA registry of special addresses leaves to the public.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, _, _) => true, // this network, private, loopback
        (100, 64..=127, _) => true,   // shared by a provider's customers
        (169, 254, _) => true,        // link-local, and the cloud's metadata
        (172, 16..=31, _) => true,    // private
        (192, 168, _) => true,        // private
        (192, 0, 0 | 2) => true,      // protocols, documentation
        (192, 88, 99) => true,        // 6to4 relays
        (198, 18 | 19, _) => true,    // benchmarks
        (198, 51, 100) | (203, 0, 113) => true, // documentation
        (224..=255, _, _) => true,    // multicast, reserved, broadcast
        (_, _, _) => false,
    };
    !special
}

/// Global unicast (2000::/3) without what is set aside there. All that carries an IPv4 address
/// inside is refused with it: mapped, NAT64, 6to4 and Teredo.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let special = match (a, b) {
        (0x2001, 0x0000..=0x01ff) => true, // protocols: Teredo, benchmarks, ORCHID
        (0x2001, 0x0db8) => true,          // documentation
        (0x2002, _) => true,               // 6to4
        (0x3fff, 0x0000..=0x0fff) => true, // documentation
        (_, _) => false,
    };
    (0x2000..=0x3fff).contains(&a) && !special
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A guard over names that mean these addresses, one answer after the other.
    fn with_names(answers: Vec<Vec<&'static str>>) -> Guard {
        let asked = AtomicUsize::new(0);
        let lookup: Lookup = Arc::new(move |_| {
            let turn = asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
            let found = answers[turn].iter().map(|text| text.parse().unwrap()).collect();
            Box::pin(std::future::ready(Ok(found)))
        });
        Guard { lookup, loopback: false }
    }

    #[test]
    fn r31_addresses_of_our_own_side_are_refused_in_every_spelling() {
        let refused = [
            ("http://example.org/", Refused::NotHttps),
            ("ftp://example.org/", Refused::NotHttps),
            ("example.org", Refused::NoUrl),
            ("https://", Refused::NoUrl),
            ("https://me@example.org/", Refused::Credentials),
            ("https://:secret@example.org/", Refused::Credentials),
            ("https://example.org:22/", Refused::Port),
            ("https://example.org:80/", Refused::Port),
            ("https://example.org:0/", Refused::Port),
            ("https://127.0.0.1/", Refused::NotPublic),
            ("https://127.1/", Refused::NotPublic),
            ("https://2130706433/", Refused::NotPublic),
            ("https://0x7f000001/", Refused::NotPublic),
            ("https://0x7f.0.0.0x1/", Refused::NotPublic),
            ("https://0177.0.0.1/", Refused::NotPublic),
            ("https://①②⑦.0.0.1/", Refused::NotPublic),
            ("https://127。0。0。1/", Refused::NotPublic),
            ("https://%31%32%37.0.0.1/", Refused::NotPublic),
            ("https://0/", Refused::NotPublic),
            ("https://0.0.0.0/", Refused::NotPublic),
            ("https://10.1.2.3/", Refused::NotPublic),
            ("https://100.64.0.1/", Refused::NotPublic),
            ("https://100.127.255.255/", Refused::NotPublic),
            ("https://169.254.169.254/latest/meta-data", Refused::NotPublic),
            ("https://172.16.0.1/", Refused::NotPublic),
            ("https://172.31.255.255/", Refused::NotPublic),
            ("https://192.168.1.1:8443/", Refused::NotPublic),
            ("https://192.0.2.7/", Refused::NotPublic),
            ("https://198.18.0.1/", Refused::NotPublic),
            ("https://198.51.100.9/", Refused::NotPublic),
            ("https://203.0.113.5/", Refused::NotPublic),
            ("https://224.0.0.1/", Refused::NotPublic),
            ("https://255.255.255.255/", Refused::NotPublic),
            ("https://[::]/", Refused::NotPublic),
            ("https://[::1]/", Refused::NotPublic),
            ("https://[0:0:0:0:0:0:0:1]/", Refused::NotPublic),
            ("https://[::ffff:127.0.0.1]/", Refused::NotPublic),
            ("https://[::ffff:8.8.8.8]/", Refused::NotPublic),
            ("https://[::7f00:1]/", Refused::NotPublic),
            ("https://[64:ff9b::a9fe:a9fe]/", Refused::NotPublic),
            ("https://[2002:7f00:1::]/", Refused::NotPublic),
            ("https://[2001::1]/", Refused::NotPublic),
            ("https://[2001:db8::1]/", Refused::NotPublic),
            ("https://[3fff::1]/", Refused::NotPublic),
            ("https://[fc00::1]/", Refused::NotPublic),
            ("https://[fd00:ec2::254]/", Refused::NotPublic),
            ("https://[fe80::1]/", Refused::NotPublic),
            ("https://[fec0::1]/", Refused::NotPublic),
            ("https://[ff02::1]/", Refused::NotPublic),
        ];
        let guard = Guard::public();
        for (text, why) in refused {
            assert_eq!(guard.read(text).map(|url| url.to_string()), Err(why), "{text}");
        }
        assert_eq!(guard.read(&format!("https://a.b/{}", "x".repeat(2_000))), Err(Refused::NoUrl));
        for good in [
            "https://example.org/hook?token=1#x",
            "https://example.org:8443/",
            "https://EXAMPLE.org./",
            "https://8.8.8.8/",
            "https://100.128.0.1/",
            "https://172.32.0.1/",
            "https://[2606:4700::1111]/",
        ] {
            assert!(guard.read(good).is_ok(), "{good}");
        }
    }

    #[tokio::test]
    async fn r31_every_address_of_a_name_is_looked_at() {
        let url = "https://hooks.example.org/";
        assert_eq!(with_names(vec![vec!["8.8.8.8", "2606:4700::1"]]).check(url).await, Ok(()));
        for bad in ["10.0.0.1", "::1", "169.254.169.254", "fd00::1", "::ffff:127.0.0.1"] {
            let guard = with_names(vec![vec!["8.8.8.8", bad]]);
            assert_eq!(guard.check(url).await, Err(Refused::NotPublic), "{bad}");
        }
        assert_eq!(with_names(vec![vec![]]).check(url).await, Err(Refused::NoAddress));
        assert_eq!(with_names(vec![vec!["8.8.8.8"; 33]]).check(url).await, Err(Refused::NoAddress));
    }

    /// A name that was good when the webhook was made, and is another when something is sent. The
    /// client is given no address at all, so it cannot connect.
    #[tokio::test]
    async fn r31_a_name_that_rebinds_is_refused_at_the_connection() {
        let guard = with_names(vec![vec!["8.8.8.8"], vec!["127.0.0.1"]]);
        assert_eq!(guard.check("https://rebind.example.org/").await, Ok(()));
        let client = reqwest::Client::builder().no_proxy().dns_resolver(guard);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sent = client.build().unwrap().get("http://rebind.example.org:8080/").send().await;
        let error = sent.unwrap_err();
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        let refused = std::iter::from_fn(|| {
            let this = cause?;
            cause = this.source();
            Some(this.downcast_ref::<Refused>().copied())
        });
        assert_eq!(refused.flatten().next(), Some(Refused::NotPublic), "{error:?}");
    }

    #[tokio::test]
    async fn plain_requests_stay_on_this_machine() {
        let guard = Guard::loopback();
        assert!(
            guard.read("http://127.0.0.1:8080/").is_ok() && guard.read("http://[::1]:99/").is_err()
        );
        assert_eq!(guard.check("http://localhost:8080/").await, Ok(()));
        assert_eq!(guard.read("https://127.0.0.1:8080/"), Err(Refused::NotHttps));
        assert_eq!(guard.read("http://10.0.0.1:8080/"), Err(Refused::NotPublic));
    }
}
