//! Sends webhooks to the city's nodes, one after the other until one takes it; or twice, or late,
//! or not at all, as chance has it. What nobody takes in the end is lost: the reconciler finds it.

use super::faults::{Fates, WebhookFate};
use super::wire::{Event, SIGNATURE_HEADER};
use crate::{clock, signature};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Webhooks under way at once; the rest waits in memory, up to a limit, and then is lost.
const AT_ONCE: usize = 64;
const WAITING: usize = 20_000;
/// How often one is tried, and how long the first wait is. It doubles.
const TRIES: u32 = 10;
const AGAIN: Duration = Duration::from_millis(100);
/// How long a node may take.
const WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Postman {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    secret: Vec<u8>,
    urls: Mutex<Vec<String>>,
    fates: Arc<Fates>,
    room: Arc<Semaphore>,
    at_once: Semaphore,
}

impl Postman {
    pub(super) fn new(
        secret: Vec<u8>,
        urls: Vec<String>,
        fates: Arc<Fates>,
    ) -> anyhow::Result<Self> {
        // Somebody else may have chosen one already; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(WITHIN).no_proxy().build()?;
        let room = Arc::new(Semaphore::new(WAITING));
        let at_once = Semaphore::new(AT_ONCE);
        let urls = Mutex::new(urls);
        Ok(Self { inner: Arc::new(Inner { http, secret, urls, fates, room, at_once }) })
    }

    /// From now on to these.
    pub(super) fn set_urls(&self, urls: Vec<String>) {
        *self.inner.urls.lock() = urls;
    }

    /// Sees to it, behind the caller's back.
    pub(super) fn send(&self, event: &Event) {
        let Ok(body) = serde_json::to_vec(event) else { return };
        let WebhookFate { copies, wait } = self.inner.fates.of_webhook();
        for _ in 0..copies {
            let Ok(place) = Arc::clone(&self.inner.room).try_acquire_owned() else { return };
            let (inner, body) = (Arc::clone(&self.inner), body.clone());
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                inner.deliver(&body).await;
                drop(place);
            });
        }
    }
}

impl Inner {
    async fn deliver(&self, body: &[u8]) {
        let mut wait = AGAIN;
        for turn in 0..TRIES {
            if self.attempt(turn as usize, body).await {
                return;
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        tracing::debug!("nobody took a webhook");
    }

    async fn attempt(&self, turn: usize, body: &[u8]) -> bool {
        let url = {
            let urls = self.urls.lock();
            match urls.get(turn % urls.len().max(1)) {
                Some(url) => url.clone(),
                None => return true,
            }
        };
        let Ok(_turn) = self.at_once.acquire().await else { return true };
        let signed = signature::sign(&self.secret, clock::now().0 / 1_000, body);
        let post = self.http.post(url).header("content-type", "application/json");
        let sent = post.header(SIGNATURE_HEADER, signed).body(body.to_vec()).send().await;
        sent.is_ok_and(|answer| answer.status().is_success())
    }
}
