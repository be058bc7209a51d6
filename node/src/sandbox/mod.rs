//! `fdsandbox`: a payment gateway to try everything with, in a process of its own. It moves no
//! money, obeys test cards, and misbehaves as much as it is told to.
//!
//! It keeps a journal of its own, so that what it says after a crash can be compared with what the
//! city says. It also takes messages (text messages, mails, pushes) for whoever tests those.

mod bank;
mod faults;
mod http;
mod journal;
mod postman;
pub mod wire;

pub use faults::Faults;

use anyhow::Context;
use bank::Bank;
use faults::Fates;
use journal::Journal;
use parking_lot::Mutex;
use postman::Postman;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How it is started.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where it serves; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where the journal lies.
    pub dir: PathBuf,
    /// What callers must send as bearer token; nothing lets anybody in.
    pub key: Option<String>,
    /// What webhooks are signed with.
    pub webhook_secret: Vec<u8>,
    /// Where webhooks go: several nodes of one city take turns.
    pub webhook_urls: Vec<String>,
    /// What chance begins with.
    pub seed: u64,
    /// How it misbehaves at first.
    pub faults: Faults,
}

/// What every handler sees.
#[derive(Clone)]
struct Parts {
    bank: Arc<Mutex<Bank>>,
    journal: Journal,
    fates: Arc<Fates>,
    postman: Postman,
    key: Option<Arc<str>>,
    address: SocketAddr,
}

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {
    /// Where it serves.
    pub address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

impl Sandbox {
    /// Reads the journal and serves.
    ///
    /// # Errors
    /// The journal cannot be read or written, or the address is taken.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let (journal, lines) = Journal::open(&setup.dir)?;
        let bank = Bank::replay(lines);
        let listener = TcpListener::bind(setup.listen).await;
        let listener = listener.with_context(|| format!("listening on {}", setup.listen))?;
        let address = listener.local_addr()?;
        let fates = Arc::new(Fates::new(setup.seed, setup.faults));
        let stop = CancellationToken::new();
        let postman = Postman::new(setup.webhook_secret, setup.webhook_urls, Arc::clone(&fates))?;
        let parts = Parts {
            bank: Arc::new(Mutex::new(bank)),
            journal,
            fates,
            postman,
            key: setup.key.map(Arc::from),
            address,
        };
        tokio::spawn(http::late_approvals(parts.clone(), stop.clone()));
        let router = http::router(parts);
        let served =
            axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        let serving = tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(%error, "serving has ended");
            }
        });
        Ok(Self { address, serving, stop })
    }

    /// Lets requests under way end.
    pub async fn stop(self) {
        self.stop.cancel();
        // A panic in it was printed already.
        let _ = self.serving.await;
    }
}
