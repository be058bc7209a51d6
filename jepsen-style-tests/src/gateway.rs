//! The payment gateway outside the city: a real `fdsandbox` process with a journal of its own. It
//! misbehaves as told, and is killed like everybody else.

use crate::cluster::{Cluster, GATEWAY_SECRET_FILE, READY_WITHIN, until};
use crate::evidence::Charge;
use crate::process::Process;
use crate::programs::built;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

/// The gateway answers within this time, or not at all.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Ports that are tried, beside those of the nodes.
const PORTS: std::ops::Range<u16> = 23_000..24_000;

/// The process.
#[derive(Debug)]
pub struct Gateway {
    process: Process,
    http: reqwest::Client,
    url: String,
    faults: Value,
    webhook_urls: Vec<String>,
}

/// A port for it that nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16> {
    let first = std::process::id() as usize % PORTS.len();
    let mut tried = PORTS.cycle().skip(first).take(PORTS.len());
    let free = tried.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.context("there is no free port")
}

impl Gateway {
    /// Starts it for a city whose configuration names this port.
    ///
    /// # Errors
    /// It is not built, or does not serve in time.
    pub async fn start(dir: &Path, port: u16, seed: u64, cluster: &Cluster) -> Result<Self> {
        let secret = dir.join(GATEWAY_SECRET_FILE);
        let listen = format!("127.0.0.1:{port}");
        let words = ["--listen", &listen, "--seed", &seed.to_string()].map(Into::into);
        let paths = [("--dir", dir.join("gateway")), ("--webhook-secret-file", secret)];
        let paths = paths.into_iter().flat_map(|(name, path)| [name.into(), path.into_os_string()]);
        let args = words.into_iter().chain(paths).collect();
        let process = Process::new(built("fdsandbox")?, args, dir.join("gateway.log"));
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy().build()?;
        let doors = cluster.doors().read().expect("nobody panics with the doors in hand").clone();
        let webhook_urls = doors.iter().map(|(_, url)| format!("{url}/v1/gateway/sandbox"));
        let mut gateway = Self {
            process,
            http,
            url: format!("http://{listen}"),
            faults: json!({}),
            webhook_urls: webhook_urls.collect(),
        };
        gateway.rise().await?;
        Ok(gateway)
    }

    /// From now on it misbehaves like this, also after a crash.
    ///
    /// # Errors
    /// It does not take it.
    pub async fn misbehave(&mut self, faults: Value) -> Result<()> {
        self.faults = faults;
        let settings = json!({"faults": self.faults, "webhook_urls": self.webhook_urls});
        let put = self.http.put(format!("{}/settings", self.url)).json(&settings);
        let status = put.send().await?.status();
        ensure!(status.is_success(), "the gateway does not take its settings: {status}");
        Ok(())
    }

    /// How often it has misbehaved since it started, by what.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn misdeeds(&self) -> Result<BTreeMap<String, u64>> {
        let asked = self.http.get(format!("{}/misdeeds", self.url)).send().await?;
        Ok(asked.error_for_status()?.json().await?)
    }

    /// SIGKILL. Gone when this returns.
    ///
    /// # Errors
    /// It did not run.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.buried().await.context("the gateway")
    }

    /// Comes back with what its disk holds.
    ///
    /// # Errors
    /// It does not.
    pub async fn rise(&mut self) -> Result<()> {
        self.process.start()?;
        let (http, health) = (self.http.clone(), format!("{}/health", self.url));
        until(READY_WITHIN, "the gateway", async || {
            http.get(&health).send().await.ok().filter(|answer| answer.status().is_success())
        })
        .await?;
        self.misbehave(self.faults.clone()).await
    }

    /// The keys of all messages that it took, in order.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn message_keys(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Message {
            key: String,
        }
        #[derive(Deserialize)]
        struct Page {
            data: Vec<Message>,
            has_more: bool,
        }
        let mut keys: Vec<String> = Vec::new();
        loop {
            let asked = self.http.get(format!("{}/messages?after={}", self.url, keys.len()));
            let page: Page = asked.send().await?.json().await?;
            keys.extend(page.data.into_iter().map(|message| message.key));
            if !page.has_more {
                return Ok(keys);
            }
        }
    }

    /// Its whole journal, as it says without misbehaving.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn journal(&self) -> Result<Vec<Charge>> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<Charge>,
            has_more: bool,
        }
        let (mut charges, mut after): (Vec<Charge>, u64) = (Vec::new(), 0);
        loop {
            let asked = self.http.get(format!("{}/journal?after={after}", self.url));
            let page: Page = asked.send().await?.json().await?;
            after = page.data.last().map_or(after, |charge| charge.changed);
            charges.extend(page.data);
            if !page.has_more {
                return Ok(charges);
            }
        }
    }
}
