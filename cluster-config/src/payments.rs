//! Who moves the money, and how it is reached.

use crate::checks;
use crate::reader::Section;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The longest the embedded gateway may think, in milliseconds.
const MAX_LATENCY_MS: u64 = 60_000;
/// Seconds between two looks at the gateway's side.
const RECONCILE_S: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Who moves the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payments {
    /// Which one.
    pub gateway: Gateway,
    /// Where it is, if it is another process.
    pub url: Option<String>,
    /// Holds the secret key of our account there.
    pub key_file: Option<PathBuf>,
    /// Holds what its webhooks are signed with.
    pub webhook_secret_file: Option<PathBuf>,
    /// Where customers come back to from their bank's page.
    pub return_url: Option<String>,
    /// Seconds between two looks at the gateway's side.
    pub reconcile_s: u32,
    /// How long the embedded gateway thinks.
    pub embedded_latency_ms: u64,
}

/// A payment gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// Inside the node; obeys test cards.
    Embedded,
    /// An `fdsandbox` process; obeys test cards.
    Sandbox,
    /// Stripe.
    Stripe,
}

impl Payments {
    pub(crate) fn read(s: &mut Section<'_, '_>) -> Option<Self> {
        let gateway: Option<Gateway> = s.required("gateway");
        let mut address = |key: &str| -> Option<String> {
            let text: String = s.optional(key)?;
            if !checks::is_address(&text) {
                s.wrong(key, checks::ADDRESS);
            }
            Some(text)
        };
        let (url, return_url) = (address("url"), address("return_url"));
        let key_file: Option<PathBuf> = s.optional("key_file");
        let webhook_secret_file: Option<PathBuf> = s.optional("webhook_secret_file");
        let needs = |given: bool, key: &str, of: &[Gateway]| {
            if !given && gateway.is_some_and(|gateway| of.contains(&gateway)) {
                s.wrong(key, "required with this gateway");
            }
        };
        needs(url.is_some(), "url", &[Gateway::Sandbox]);
        needs(key_file.is_some(), "key_file", &[Gateway::Stripe]);
        let outside = [Gateway::Sandbox, Gateway::Stripe];
        needs(webhook_secret_file.is_some(), "webhook_secret_file", &outside);
        let every = |s: &u32| RECONCILE_S.contains(s);
        let reconcile_s = s.checked("reconcile_s", every, "1 to 86400 seconds");
        let short = |ms: &u64| *ms <= MAX_LATENCY_MS;
        let latency = s.checked("embedded_latency_ms", short, "at most 60000 milliseconds");
        Some(Self {
            gateway: gateway?,
            url,
            key_file,
            webhook_secret_file,
            return_url,
            reconcile_s: reconcile_s?,
            embedded_latency_ms: latency?,
        })
    }
}
