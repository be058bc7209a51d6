//! From the config file's words to what each part is told.

use crate::gateways::{Embedded, Gateway, SandboxClient, Stripe};
use crate::node::Facts;
use crate::notices::Providers;
use crate::secrets;
use crate::sinks::Nats;
use crate::tokens::Tokens;
use crate::vault::CityKeys;
use crate::webhooks::Sender;
use anyhow::Context;
use axum::http::{HeaderName, HeaderValue};
use cluster_config::{Config, NoticeAdapter};
use domain::ids::CityNumber;
use raft::{Limits, Member, Snapshots, Timings, Tls, WallClock};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// The keys that people's keys are wrapped with.
pub(crate) fn vault_keys(config: &Config, keys: &CityKeys) -> anyhow::Result<Vec<[u8; 32]>> {
    config.secrets.vault_keys.iter().map(|source| secrets::key(source, keys.wrapping())).collect()
}

/// What signs tokens, and heads of the audit chain.
pub(crate) fn tokens(config: &Config, keys: &CityKeys) -> anyhow::Result<Tokens> {
    let sources = config.secrets.token_keys.iter();
    let seeds = sources.map(|source| secrets::key(source, keys.signing_seed()));
    let seeds = seeds.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Tokens::new(&seeds, keys.heads_seed(), CityNumber(config.city.number)))
}

/// Where people's keys lie.
pub(crate) fn vault_file(config: &Config) -> PathBuf {
    let dir = config.node.vault_dir.clone();
    dir.unwrap_or_else(|| config.node.data_dir.join("vault")).join("keys")
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
            let token = notices.token_file.as_deref().map(secrets::file).transpose()?;
            let password = notices.mail_password_file.as_deref().map(secrets::file).transpose()?;
            Providers::relays(notices, token, password)
        }
    }
}

/// Who moves the money, with the secrets from their files.
pub(crate) fn gateway(config: &Config) -> anyhow::Result<Gateway> {
    let of = &config.payments;
    let key = secrets::line(of.key_file.as_ref())?;
    let webhook_secret = secrets::line(of.webhook_secret_file.as_ref())?;
    let webhook_secret = webhook_secret.unwrap_or_default().into_bytes();
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
            ca: secrets::file(ca)?.into_bytes(),
            certificate: secrets::file(certificate)?.into_bytes(),
            key: secrets::file(key)?.into_bytes(),
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
