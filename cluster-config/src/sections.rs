//! The tables of a node's configuration, one type each; each key is explained in `reference.toml`.

use crate::checks;
use crate::reader::Section;
use domain::city;
use domain::ids::CityNumber;
use domain::limits::{AMOUNT, NAME_LETTERS, OFFER_MS, RULE_MS};
use domain::money::{Currency, Money};
use domain::position::Position;
use domain::time::SECOND_MS;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The city that a node belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct City {
    /// The first two bytes of every id born here; not 0.
    pub number: u16,
    /// Lower-case letters, digits and `-`: a part of addresses and certificates.
    pub slug: String,
    /// As people call it.
    pub name: String,
    /// Of all amounts here.
    pub currency: Currency,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47.
    pub language: String,
    /// The middle of the city.
    pub centre: Centre,
    /// What is decided by numbers.
    pub rules: Rules,
}

/// A place in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Centre {
    pub lat: f64,
    pub lng: f64,
}

/// The numbers of a city; `domain::city::Rules` in the units that people write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// How long a quote's price holds, in seconds.
    pub quote_s: u32,
    /// How long an order waits for its payment, in seconds.
    pub pay_by_s: u32,
    /// How long an order waits for the kitchen, in seconds.
    pub accept_s: u32,
    /// How long a courier may think, in seconds.
    pub offer_s: u32,
    /// From ready food to giving up, in seconds.
    pub no_courier_s: u32,
    /// In minor units of the currency.
    pub service_fee: i64,
    /// The tax inside all prices, in millionths.
    pub tax_millionths: i64,
}

/// This node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Never used again; not 0.
    pub id: u64,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Where the keys of people lie; in the folder above, if nothing else is said.
    pub vault_dir: Option<PathBuf>,
    /// For apps and people.
    pub http_listen: SocketAddr,
    /// `host:port` under which others reach `http_listen`.
    pub http_advertise: String,
    /// For the other nodes.
    pub raft_listen: SocketAddr,
    /// `host:port` under which they reach `raft_listen`.
    pub raft_advertise: String,
}

/// How the first nodes find each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// Begins a new city with `members`.
    pub bootstrap: bool,
    /// The first members with this node; may be empty where `bootstrap` is false.
    pub members: Vec<Member>,
}

/// One of the first nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its `node.id`.
    pub id: u64,
    /// Its `node.raft_advertise`.
    pub raft: String,
    /// Its `node.http_advertise`.
    pub http: String,
}

/// TLS between nodes: all three files, or plain text on loopback. PEM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tls {
    /// The only authority that is trusted.
    pub ca: Option<PathBuf>,
    /// This node's.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
    /// True exactly if there are no files; all raft addresses are loopback then.
    pub plain_on_loopback: bool,
}

/// Consensus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Raft {
    /// Between two signs of life of the leader.
    pub heartbeat_ms: u64,
    /// The shortest wait before an election.
    pub election_min_ms: u64,
    /// The longest wait before an election.
    pub election_max_ms: u64,
    /// Entries between two snapshots.
    pub snapshot_every_entries: u64,
    /// Seconds between two snapshots.
    pub snapshot_every_s: u64,
    /// Bytes of entries between two snapshots.
    pub snapshot_log_bytes: u64,
    /// Entries before the snapshot that stay in the log.
    pub keep_log_entries: u64,
    /// Where this node reaches some of the others, in place of their own addresses.
    pub dial: Vec<Dial>,
}

/// A way to another node that this node alone takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dial {
    /// Its `node.id`.
    pub id: u64,
    /// `host:port`.
    pub raft: String,
}

/// Memory for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// Blocks of files, in MiB.
    pub block_cache_mib: usize,
    /// Decoded records.
    pub cached_records: usize,
}

/// The change feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Days that an event stays.
    pub keep_days: u32,
}

/// Webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhooks {
    /// Plain HTTP is allowed, to this machine alone.
    pub plain_on_loopback: bool,
    /// How long a receiver may take for its answer, in seconds.
    pub answer_within_s: u64,
}

/// Brokers that the feed is published to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sinks {
    /// NATS JetStream.
    pub nats: NatsSink,
}

/// A stream of NATS JetStream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NatsSink {
    /// Whether anything is published.
    pub enabled: bool,
    /// `nats://host:port` or `tls://host:port`.
    pub url: String,
    /// Its name; this city's alone.
    pub stream: String,
    /// What its subjects begin with.
    pub subject_prefix: String,
    /// As `nsc` makes them, if the broker wants any.
    pub credentials_file: Option<PathBuf>,
    /// Makes the stream where there is none.
    pub create: bool,
    /// Copies of a stream that is made here.
    pub replicas: usize,
}

/// The HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Http {
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
}

/// What is said on stderr.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Log {
    /// For people or for collectors.
    pub format: LogFormat,
    /// A level, or directives.
    pub level: String,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors: one object each line.
    Json,
}

impl City {
    /// The city's number, as ids carry it.
    pub fn city_number(&self) -> CityNumber {
        CityNumber(self.number)
    }

    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let number = s.checked("number", |n| *n > 0, "a number from 1 to 65535");
        let slug = s.text("slug", checks::is_slug, checks::SLUG);
        let name = s.text("name", checks::is_name, "1 to 200 letters");
        let currency = s.required("currency");
        let time_zone = s.text("time_zone", checks::is_zone, checks::ZONE);
        let language = s.text("language", checks::is_language, checks::LANGUAGE);
        let centre = s.section("centre", Centre::read);
        let rules = s.section("rules", Rules::read);
        Some(Self {
            number: number?,
            slug: slug?,
            name: name?,
            currency: currency?,
            time_zone: time_zone?,
            language: language?,
            centre: centre?,
            rules: rules?,
        })
    }
}

impl Centre {
    /// In the units of the log.
    pub fn position(&self) -> Position {
        Position::from_degrees(self.lat, self.lng).expect("checked when it was read")
    }

    fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let lat = s.checked(
            "lat",
            |lat| (-90.0..=90.0).contains(lat),
            "a latitude is a number from -90 to 90",
        );
        let lng = s.checked(
            "lng",
            |lng| (-180.0..=180.0).contains(lng),
            "a longitude is a number from -180 to 180",
        );
        Some(Self { lat: lat?, lng: lng? })
    }
}

impl Rules {
    /// As the city's record has them.
    pub fn to_domain(&self) -> city::Rules {
        let ms = |s: u32| i64::from(s) * SECOND_MS;
        city::Rules {
            quote_ms: ms(self.quote_s),
            pay_by_ms: ms(self.pay_by_s),
            accept_ms: ms(self.accept_s),
            offer_ms: ms(self.offer_s),
            no_courier_ms: ms(self.no_courier_s),
            service_fee: Money(self.service_fee),
            tax_millionths: self.tax_millionths,
            // The rest is for operators to decide once the city stands.
            ..city::Rules::default()
        }
    }

    fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let wait = |s: &u32| RULE_MS.contains(&(i64::from(*s) * SECOND_MS));
        let what = "10 seconds to one day";
        let quote_s = s.checked("quote_s", wait, what);
        let pay_by_s = s.checked("pay_by_s", wait, what);
        let accept_s = s.checked("accept_s", wait, what);
        let think = |s: &u32| OFFER_MS.contains(&(i64::from(*s) * SECOND_MS));
        let offer_s = s.checked("offer_s", think, "15 to 120 seconds");
        let no_courier_s = s.checked("no_courier_s", wait, what);
        let fee = |fee: &i64| (0..=AMOUNT).contains(fee);
        let service_fee = s.checked("service_fee", fee, "0 to 100000000 minor units");
        let share = |tax: &i64| (0..=1_000_000).contains(tax);
        let tax_millionths = s.checked("tax_millionths", share, "0 to 1000000");
        Some(Self {
            quote_s: quote_s?,
            pay_by_s: pay_by_s?,
            accept_s: accept_s?,
            offer_s: offer_s?,
            no_courier_s: no_courier_s?,
            service_fee: service_fee?,
            tax_millionths: tax_millionths?,
        })
    }
}

impl Node {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let id = s.checked("id", |id| *id > 0, "a number, 1 or more");
        let data_dir = s.required("data_dir");
        let vault_dir = s.optional("vault_dir");
        let http_listen = s.required("http_listen");
        let http_advertise = checks::advertised(s, "http_advertise", http_listen);
        let raft_listen = s.required("raft_listen");
        let raft_advertise = checks::advertised(s, "raft_advertise", raft_listen);
        if http_listen.is_some() && http_listen == raft_listen {
            s.wrong("raft_listen", "the same as http_listen");
        }
        Some(Self {
            id: id?,
            data_dir: data_dir?,
            vault_dir,
            http_listen: http_listen?,
            http_advertise: http_advertise?,
            raft_listen: raft_listen?,
            raft_advertise: raft_advertise?,
        })
    }
}

impl Cluster {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let bootstrap = s.required("bootstrap");
        let members = s.tables("members", |s| {
            let id = s.checked("id", |id| *id > 0, "a number, 1 or more");
            let raft = s.text("raft", checks::is_host_port, checks::HOST_PORT);
            let http = s.text("http", checks::is_host_port, checks::HOST_PORT);
            Some(Member { id: id?, raft: raft?, http: http? })
        });
        Some(Self { bootstrap: bootstrap?, members: members? })
    }
}

impl Tls {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let ca = s.optional("ca");
        let certificate = s.optional("certificate");
        let key = s.optional("key");
        let plain_on_loopback = s.required("plain_on_loopback")?;
        Some(Self { ca, certificate, key, plain_on_loopback })
    }
}

impl Raft {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let time = |ms: &u64| (1..=MAX_TIMER_MS).contains(ms);
        let time_what = "1 to 60000 milliseconds";
        let heartbeat_ms = s.checked("heartbeat_ms", time, time_what);
        let election_min_ms = s.checked("election_min_ms", time, time_what);
        let election_max_ms = s.checked("election_max_ms", time, time_what);
        if let (Some(heartbeat), Some(min)) = (heartbeat_ms, election_min_ms)
            && min <= 2 * heartbeat
        {
            s.wrong("election_min_ms", format!("more than twice heartbeat_ms ({heartbeat})"));
        }
        if let (Some(min), Some(max)) = (election_min_ms, election_max_ms)
            && max < min
        {
            s.wrong("election_max_ms", format!("at least election_min_ms ({min})"));
        }
        let some = |n: &u64| *n > 0;
        let snapshot_every_entries = s.checked("snapshot_every_entries", some, "1 or more");
        let snapshot_every_s = s.checked("snapshot_every_s", some, "1 or more");
        let snapshot_log_bytes = s.checked("snapshot_log_bytes", some, "1 or more");
        let keep_log_entries = s.required("keep_log_entries");
        let dial = s.tables("dial", |s| {
            let id = s.checked("id", |id| *id > 0, "a number, 1 or more");
            let raft = s.text("raft", checks::is_host_port, checks::HOST_PORT);
            Some(Dial { id: id?, raft: raft? })
        });
        Some(Self {
            heartbeat_ms: heartbeat_ms?,
            election_min_ms: election_min_ms?,
            election_max_ms: election_max_ms?,
            snapshot_every_entries: snapshot_every_entries?,
            snapshot_every_s: snapshot_every_s?,
            snapshot_log_bytes: snapshot_log_bytes?,
            keep_log_entries: keep_log_entries?,
            dial: dial?,
        })
    }
}

/// The longest heartbeat or election wait.
const MAX_TIMER_MS: u64 = 60_000;

impl Storage {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let mib = |n: &usize| (1..=1 << 20).contains(n);
        let block_cache_mib = s.checked("block_cache_mib", mib, "1 to 1048576 MiB");
        let cached_records = s.checked("cached_records", |n| *n > 0, "1 or more");
        Some(Self { block_cache_mib: block_cache_mib?, cached_records: cached_records? })
    }
}

impl Feed {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let keep_days = s.checked("keep_days", |days| (1..=3_650).contains(days), "1 to 3650 days");
        Some(Self { keep_days: keep_days? })
    }
}

impl Webhooks {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let plain_on_loopback = s.required("plain_on_loopback");
        let short = |seconds: &u64| (1..=60).contains(seconds);
        let answer_within_s = s.checked("answer_within_s", short, "1 to 60 seconds");
        Some(Self { plain_on_loopback: plain_on_loopback?, answer_within_s: answer_within_s? })
    }
}

impl Sinks {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        Some(Self { nats: s.section("nats", NatsSink::read)? })
    }
}

impl NatsSink {
    fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let enabled = s.required("enabled");
        let broker = |url: &str| ["nats://", "tls://"].iter().any(|way| url.starts_with(way));
        let url = s.text("url", broker, "nats://host:port or tls://host:port");
        let stream = s.text("stream", checks::is_token, checks::TOKEN);
        let subject_prefix = s.text("subject_prefix", checks::is_token, checks::TOKEN);
        let credentials_file = s.optional("credentials_file");
        let create = s.required("create");
        let replicas = s.checked("replicas", |n| (1..=5).contains(n), "1 to 5");
        Some(Self {
            enabled: enabled?,
            url: url?,
            stream: stream?,
            subject_prefix: subject_prefix?,
            credentials_file,
            create: create?,
            replicas: replicas?,
        })
    }
}

impl Http {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let origins = |all: &Vec<String>| all.iter().all(|origin| checks::is_origin(origin));
        let cors_origins = s.checked("cors_origins", origins, checks::ORIGIN);
        Some(Self { cors_origins: cors_origins? })
    }
}

impl Log {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let format = s.required("format");
        let level = s.text("level", checks::is_level, checks::LEVEL);
        Some(Self { format: format?, level: level? })
    }
}

const _: () = assert!(NAME_LETTERS == 200 && AMOUNT == 100_000_000, "texts above name them");
