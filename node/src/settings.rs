//! From the config file's words to what each part is told.

use crate::gateways::{Embedded, Gateway, SandboxClient, Stripe};
use crate::node::Facts;
use crate::notices::Providers;
use crate::sinks::Nats;
use crate::vault::CityKeys;
use crate::webhooks::Sender;
use anyhow::{Context, bail};
use axum::http::{HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster_config::{Config, NoticeAdapter};
use domain::ids::CityNumber;
use raft::{Limits, Member, Snapshots, Timings, Tls, WallClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// The keys that people's keys are wrapped with, where the city's own key does not do that.
pub(crate) fn vault_keys(config: &Config) -> anyhow::Result<Vec<[u8; 32]>> {
    config.secrets.vault_key_files.iter().map(|file| key(file)).collect()
}

/// The seeds of the keys that sign tokens; the city's own, if there are no others.
pub(crate) fn token_seeds(config: &Config, keys: &CityKeys) -> anyhow::Result<Vec<[u8; 32]>> {
    let files = &config.secrets.token_key_files;
    if files.is_empty() {
        return Ok(vec![*keys.signing_seed()]);
    }
    files.iter().map(|file| key(file)).collect()
}

/// Where people's keys lie.
pub(crate) fn vault_file(config: &Config) -> PathBuf {
    let dir = config.node.vault_dir.clone();
    dir.unwrap_or_else(|| config.node.data_dir.join("vault")).join("keys")
}

fn key(file: &Path) -> anyhow::Result<[u8; 32]> {
    let bytes = STANDARD.decode(read(file)?.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.with_context(|| {
        format!("{} holds 32 bytes in base64 (fdctl config init makes one)", file.display())
    })
}

/// The city key and the founder's password, from their files.
pub(crate) fn secrets(config: &Config) -> anyhow::Result<([u8; 32], String)> {
    let key = key(&config.secrets.city_key_file)?;
    let password = read(&config.secrets.founder_password_file)?.trim().to_owned();
    if password.chars().count() < 8 {
        bail!("{} is too short", config.secrets.founder_password_file.display());
    }
    Ok((key, password))
}

pub(crate) fn facts(config: &Config) -> Facts {
    Facts {
        city_number: CityNumber(config.city.number),
        slug: config.city.slug.clone(),
        currency: config.city.currency.as_str().to_owned(),
        time_zone: config.city.time_zone.clone(),
        language: config.city.language.clone(),
    }
}

/// Who takes the messages of this city.
pub(crate) fn providers(config: &Config) -> anyhow::Result<Providers> {
    let notices = &config.notices;
    match notices.adapter {
        NoticeAdapter::Embedded => Ok(Providers::embedded()),
        NoticeAdapter::Http => {
            let token = notices.token_file.as_deref().map(read).transpose()?;
            let password = notices.mail_password_file.as_deref().map(read).transpose()?;
            Providers::relays(notices, token, password)
        }
    }
}

/// Who moves the money, with the secrets from their files.
pub(crate) fn gateway(config: &Config) -> anyhow::Result<Gateway> {
    let of = &config.payments;
    let secret = |file: &Option<PathBuf>| -> anyhow::Result<Option<String>> {
        let Some(file) = file else { return Ok(None) };
        let secret = read(file)?.trim().to_owned();
        if secret.is_empty() {
            bail!("{} is empty", file.display());
        }
        Ok(Some(secret))
    };
    let key = secret(&of.key_file)?;
    let webhook_secret = secret(&of.webhook_secret_file)?.unwrap_or_default().into_bytes();
    let currency = config.city.currency.as_str();
    Ok(match of.gateway {
        cluster_config::Gateway::Embedded => {
            Gateway::Embedded(Embedded::new(Duration::from_millis(of.embedded_latency_ms)))
        }
        cluster_config::Gateway::Sandbox => {
            let url = of.url.as_deref().context("payments.url")?;
            let sandbox = SandboxClient::new(url, key, webhook_secret, currency.to_owned())?;
            Gateway::Sandbox(Arc::new(sandbox))
        }
        cluster_config::Gateway::Stripe => {
            let url = of.url.as_deref().unwrap_or(STRIPE);
            let (key, back) = (key.context("payments.key_file")?, of.return_url.clone());
            Gateway::Stripe(Arc::new(Stripe::new(url, key, webhook_secret, currency, back)?))
        }
    })
}

/// Pages from these origins may call the API, with tokens in headers and never with cookies.
pub(crate) fn cors(config: &Config) -> anyhow::Result<CorsLayer> {
    let origins = config.http.cors_origins.iter().map(|origin| {
        HeaderValue::from_str(origin).with_context(|| format!("http.cors_origins: {origin}"))
    });
    let origins = origins.collect::<anyhow::Result<Vec<_>>>()?;
    let ours = [
        "fd-index",
        "fd-age-ms",
        "idempotency-replayed",
        "request-id",
        "retry-after",
        "etag",
        "ratelimit",
        "ratelimit-policy",
    ];
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(tower_http::cors::AllowMethods::mirror_request())
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers(ours.map(HeaderName::from_static)))
}

/// The broker that the feed is published to, if there is one.
pub(crate) fn sink(config: &Config) -> Option<Nats> {
    let of = &config.sinks.nats;
    of.enabled.then(|| Nats::new(of.clone(), config.city.number))
}

/// Who sends to webhooks.
pub(crate) fn webhooks(config: &Config) -> Sender {
    let of = &config.webhooks;
    Sender::new(of.plain_on_loopback, Duration::from_secs(of.answer_within_s))
}

pub(crate) fn storage(config: &Config) -> storage::Settings {
    storage::Settings {
        block_cache_bytes: config.storage.block_cache_mib << 20,
        cached_records: config.storage.cached_records,
    }
}

/// The first members, on the one node that founds the group.
pub(crate) fn founders(config: &Config) -> Option<Vec<Member>> {
    let member = |member: &cluster_config::Member| Member {
        id: member.id,
        raft_addr: member.raft.clone(),
        http_addr: member.http.clone(),
    };
    config.cluster.bootstrap.then(|| config.cluster.members.iter().map(member).collect())
}

pub(crate) fn raft(config: &Config, wall_clock: WallClock) -> anyhow::Result<raft::Settings> {
    let of = &config.raft;
    let tls = match (&config.tls.ca, &config.tls.certificate, &config.tls.key) {
        (Some(ca), Some(certificate), Some(key)) => Some(Tls {
            ca: read(ca)?.into_bytes(),
            certificate: read(certificate)?.into_bytes(),
            key: read(key)?.into_bytes(),
        }),
        _ => None,
    };
    Ok(raft::Settings {
        city_id: config.city.slug.clone(),
        node_id: config.node.id,
        listen: config.node.raft_listen,
        raft_addr: config.node.raft_advertise.clone(),
        http_addr: config.node.http_advertise.clone(),
        tls,
        dial: of.dial.iter().map(|dial| (dial.id, dial.raft.clone())).collect(),
        timings: Timings {
            heartbeat_ms: of.heartbeat_ms,
            election_min_ms: of.election_min_ms,
            election_max_ms: of.election_max_ms,
            ..Timings::default()
        },
        limits: Limits::default(),
        snapshots: Snapshots {
            entries: of.snapshot_every_entries,
            bytes: of.snapshot_log_bytes,
            seconds: of.snapshot_every_s,
            kept_entries: of.keep_log_entries,
            ..Snapshots::default()
        },
        wall_clock,
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
