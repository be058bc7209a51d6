//! The configuration of one node: all its tables, and what must fit between them.

use crate::checks::is_loopback;
use crate::limits::Limits;
use crate::notices::Notices;
use crate::payments::Payments;
use crate::problem::{Problem, Problems};
use crate::reader::{Document, Section, opened};
use crate::secrets::Secrets;
use crate::sections::{City, Cluster, Feed, Http, Log, Node, Raft, Sinks, Storage, Tls, Webhooks};
use crate::{REFERENCE, SAMPLE_CITY};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Everything that a node is told. Paths are complete.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)] // each type says what it is
pub struct Config {
    pub city: City,
    pub node: Node,
    pub cluster: Cluster,
    pub tls: Tls,
    pub secrets: Secrets,
    pub raft: Raft,
    pub storage: Storage,
    pub feed: Feed,
    pub payments: Payments,
    pub notices: Notices,
    pub webhooks: Webhooks,
    pub sinks: Sinks,
    pub http: Http,
    pub limits: Limits,
    pub log: Log,
}

impl Config {
    /// Reads a file; its paths are relative to it.
    ///
    /// # Errors
    /// The file cannot be read, or everything that is wrong with it.
    pub fn load(path: &Path) -> Result<Self, Problems> {
        let (text, folder) = opened(path)?;
        Self::parse(&text, &folder)
    }

    /// Reads a text; its paths are relative to `base_dir`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str, base_dir: &Path) -> Result<Self, Problems> {
        let mut config = Document::read(text, REFERENCE, Self::read)?;
        config.root_paths(base_dir);
        Ok(config)
    }

    /// The text of a configuration, without comments; reading it gives the same again.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every value of a configuration is one of TOML")
    }

    /// Which of the files that it names are missing, all at once. A node that starts finds out by
    /// itself; this is for checking a file before.
    pub fn missing_files(&self) -> Vec<Problem> {
        let Tls { ca, certificate, key, plain_on_loopback: _ } = &self.tls;
        let keys = self.secrets.keys().map(|(name, key)| (name, key.file()));
        [
            ("tls.ca", ca.as_deref()),
            ("tls.certificate", certificate.as_deref()),
            ("tls.key", key.as_deref()),
            ("secrets.founder_password_file", Some(&*self.secrets.founder_password_file)),
            ("notices.mail_password_file", self.notices.mail_password_file.as_deref()),
            ("notices.token_file", self.notices.token_file.as_deref()),
            ("payments.key_file", self.payments.key_file.as_deref()),
            ("payments.webhook_secret_file", self.payments.webhook_secret_file.as_deref()),
        ]
        .into_iter()
        .chain(keys)
        .filter_map(|(key, path)| Some((key, path?)))
        .filter(|(_, path)| !path.is_file())
        .map(|(key, path)| {
            let what = format!("there is no file {}", path.display());
            Problem { line: None, key: key.to_owned(), what }
        })
        .collect()
    }

    fn read(document: &Document, s: &mut Section<'_, '_>) -> Option<Self> {
        let city = s.section("city", City::read);
        let node = s.section("node", Node::read);
        let cluster = s.section("cluster", Cluster::read);
        let tls = s.section("tls", Tls::read);
        let secrets = s.section("secrets", Secrets::read);
        let raft = s.section("raft", Raft::read);
        let storage = s.section("storage", Storage::read);
        let feed = s.section("feed", Feed::read);
        let payments = s.section("payments", Payments::read);
        let notices = s.section("notices", Notices::read);
        let webhooks = s.section("webhooks", Webhooks::read);
        let sinks = s.section("sinks", Sinks::read);
        let http = s.section("http", Http::read);
        let limits = s.section("limits", Limits::read);
        let log = s.section("log", Log::read);
        if let (Some(node), Some(cluster)) = (&node, &cluster) {
            check_members(document, node, cluster);
        }
        if let Some(raft) = &raft {
            check_dial(document, raft);
        }
        if let Some(tls) = &tls {
            check_tls(document, tls, (node.as_ref(), cluster.as_ref(), raft.as_ref()));
        }
        Some(Self {
            city: city?,
            node: node?,
            cluster: cluster?,
            tls: tls?,
            secrets: secrets?,
            raft: raft?,
            storage: storage?,
            feed: feed?,
            payments: payments?,
            notices: notices?,
            webhooks: webhooks?,
            sinks: sinks?,
            http: http?,
            limits: limits?,
            log: log?,
        })
    }

    fn root_paths(&mut self, base_dir: &Path) {
        let root = |path: &mut PathBuf| *path = base_dir.join(&path);
        root(&mut self.node.data_dir);
        self.node.vault_dir.iter_mut().for_each(root);
        self.secrets.root(base_dir);
        self.sinks.nats.credentials_file.iter_mut().for_each(root);
        let Tls { ca, certificate, key, plain_on_loopback: _ } = &mut self.tls;
        let Payments { key_file, webhook_secret_file, .. } = &mut self.payments;
        let Notices { token_file, mail_password_file, .. } = &mut self.notices;
        let notices = [token_file, mail_password_file];
        notices.into_iter().flatten().for_each(root);
        let files = [ca, certificate, key, key_file, webhook_secret_file];
        files.into_iter().flatten().for_each(root);
    }
}

impl City {
    /// Marisol, the sample city.
    pub fn sample() -> Self {
        Document::read(SAMPLE_CITY, REFERENCE, |_, s| {
            s.forget_other_defaults("city");
            s.section("city", City::read)
        })
        .expect("the sample city is right")
    }
}

macro_rules! defaults {
    ($($table:ident $key:literal)*) => {$(
        impl Default for $table {
            /// As the reference has it.
            fn default() -> Self {
                Document::read("", REFERENCE, |_, s| {
                    s.forget_other_defaults($key);
                    s.section($key, $table::read)
                })
                .expect("the reference is right")
            }
        }
    )*};
}

defaults! {
    Cluster "cluster"
    Secrets "secrets"
    Limits "limits"
    Raft "raft"
    Storage "storage"
    Feed "feed"
    Payments "payments"
    Notices "notices"
    Webhooks "webhooks"
    Sinks "sinks"
    Http "http"
    Log "log"
}

fn check_members(document: &Document, node: &Node, cluster: &Cluster) {
    let Cluster { bootstrap, members } = cluster;
    if members.is_empty() {
        if *bootstrap {
            document.wrong("cluster.members", "required where bootstrap is true");
        }
        return;
    }
    let mut ids = BTreeSet::new();
    let mut addresses = BTreeSet::new();
    for (n, member) in members.iter().enumerate() {
        let key = |name: &str| format!("cluster.members[{n}].{name}");
        if !ids.insert(member.id) {
            document.wrong(&key("id"), format!("{} is there twice", member.id));
        }
        for (name, address) in [("raft", &member.raft), ("http", &member.http)] {
            if !addresses.insert(address) {
                document.wrong(&key(name), format!("{address} is there twice"));
            }
        }
        if member.id != node.id {
            continue;
        }
        let own = [
            ("raft", &member.raft, "raft_advertise", &node.raft_advertise),
            ("http", &member.http, "http_advertise", &node.http_advertise),
        ];
        for (name, said, own_name, own) in own {
            if said != own {
                document.wrong(&key(name), format!("this node's {own_name} is {own}"));
            }
        }
    }
    if !ids.contains(&node.id) {
        let what = format!("this node, {}, is not among them", node.id);
        document.wrong("cluster.members", what);
    }
}

fn check_dial(document: &Document, raft: &Raft) {
    let mut ids = BTreeSet::new();
    for (n, dial) in raft.dial.iter().enumerate().filter(|(_, dial)| !ids.insert(dial.id)) {
        document.wrong(&format!("raft.dial[{n}].id"), format!("{} is there twice", dial.id));
    }
}

/// The tables that name addresses of nodes, as far as they could be read.
type Addressing<'a> = (Option<&'a Node>, Option<&'a Cluster>, Option<&'a Raft>);

fn check_tls(document: &Document, tls: &Tls, addressing: Addressing<'_>) {
    let Tls { ca, certificate, key, plain_on_loopback } = tls;
    let files = [("tls.ca", ca), ("tls.certificate", certificate), ("tls.key", key)];
    let given = files.iter().filter(|(_, path)| path.is_some()).count();
    if *plain_on_loopback {
        if given > 0 {
            document.wrong("tls.plain_on_loopback", "either this or the three files");
        }
        check_loopback(document, addressing);
        return;
    }
    for (name, _) in files.iter().filter(|(_, path)| path.is_none()) {
        document.wrong(name, "required unless plain_on_loopback is true");
    }
}

fn check_loopback(document: &Document, (node, cluster, raft): Addressing<'_>) {
    let mut addresses = Vec::new();
    if let Some(node) = node {
        addresses.push(("node.raft_listen".to_owned(), node.raft_listen.to_string()));
        addresses.push(("node.raft_advertise".to_owned(), node.raft_advertise.clone()));
    }
    for (n, member) in cluster.iter().flat_map(|cluster| cluster.members.iter().enumerate()) {
        addresses.push((format!("cluster.members[{n}].raft"), member.raft.clone()));
    }
    for (n, dial) in raft.iter().flat_map(|raft| raft.dial.iter().enumerate()) {
        addresses.push((format!("raft.dial[{n}].raft"), dial.raft.clone()));
    }
    for (key, address) in addresses {
        if !is_loopback(&address) {
            let what = format!("plain_on_loopback is true, and {address} is no loopback address");
            document.wrong(&key, what);
        }
    }
}
