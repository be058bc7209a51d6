//! What lies between the nodes, and can be cut: nothing of ours, a TCP proxy for each directed pair
//! ([`proxy`], on any machine), or a network namespace for each node ([`namespaces`], for root).

mod hello;
pub mod namespaces;
pub mod proxy;

use crate::nemesis::{Manner, Packets};
use crate::random::Random;
use anyhow::{Result, bail};
use namespaces::Namespaces;
use proxy::{Mesh, Shape};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A node answers a stranger's greeting within this time, even while it is busy.
const ANSWERS_WITHIN: Duration = Duration::from_millis(700);

/// Which network a run has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Loopback, and nothing that can be cut.
    #[default]
    Direct,
    /// One TCP proxy for each directed pair.
    Proxy,
    /// A namespace for each node.
    Namespaces,
}

impl Choice {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "proxy",
            Self::Namespaces => "namespaces",
        }
    }

    /// Whether this machine has what it takes.
    ///
    /// # Errors
    /// What is missing.
    pub fn possible(self) -> Result<(), String> {
        match self {
            Self::Direct | Self::Proxy => Ok(()),
            Self::Namespaces => namespaces::possible(),
        }
    }

    /// Whether it can do this to packets.
    ///
    /// # Errors
    /// Why not.
    pub fn carries(self, packets: Packets) -> Result<(), String> {
        match (self, packets) {
            (Self::Direct, _) => Err("there is nothing between the nodes".to_owned()),
            (Self::Proxy, Packets::Delay { .. } | Packets::Rate { .. }) => Ok(()),
            (Self::Proxy, Packets::Loss { .. }) => {
                Err("a proxy carries streams: it has no packets to lose".to_owned())
            }
            (Self::Proxy, Packets::Duplicate { .. } | Packets::Reorder { .. }) => {
                Err("a proxy carries streams: it has no packets to double or to swap".to_owned())
            }
            (Self::Namespaces, packets) => namespaces::carries(packets),
        }
    }
}

/// The network of a run.
#[derive(Debug)]
pub enum Transport {
    /// Loopback.
    Direct,
    /// Proxies on loopback.
    Proxy(Mesh),
    /// Namespaces and a switch between them.
    Namespaces(Namespaces),
}

/// What a cut link did until it was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Packets that were dropped, or connections that were held back.
    pub packets: u64,
    /// Bytes that did not arrive in time, or ever.
    pub bytes: u64,
}

impl Transport {
    /// The network for nodes of these ids, present and future, which listen for each other at these
    /// ports.
    ///
    /// # Errors
    /// It cannot be made.
    pub async fn start(
        choice: Choice,
        raft_ports: &BTreeMap<u64, u16>,
        random: Random,
    ) -> Result<Self> {
        Ok(match choice {
            Choice::Direct => Self::Direct,
            Choice::Proxy => {
                let at = |port: &u16| SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
                let targets = raft_ports.iter().map(|(id, port)| (*id, at(port))).collect();
                Self::Proxy(Mesh::start(&targets, random)?)
            }
            Choice::Namespaces => Self::Namespaces(Namespaces::start().await?),
        })
    }

    /// Which one it is.
    pub fn choice(&self) -> Choice {
        match self {
            Self::Direct => Choice::Direct,
            Self::Proxy(_) => Choice::Proxy,
            Self::Namespaces(_) => Choice::Namespaces,
        }
    }

    /// Makes room for a node: the address at which it listens.
    ///
    /// # Errors
    /// There is no room.
    pub async fn house(&mut self, id: u64) -> Result<IpAddr> {
        match self {
            Self::Direct | Self::Proxy(_) => Ok(Ipv4Addr::LOCALHOST.into()),
            Self::Namespaces(namespaces) => namespaces.house(id).await,
        }
    }

    /// The address at which a node listens, whether there is room for it yet or not.
    ///
    /// # Errors
    /// There is no such address.
    pub fn address(&self, id: u64) -> Result<IpAddr> {
        match self {
            Self::Direct | Self::Proxy(_) => Ok(Ipv4Addr::LOCALHOST.into()),
            Self::Namespaces(namespaces) => namespaces.address(id).map(IpAddr::from),
        }
    }

    /// Where a node dials the others, if not at their own addresses.
    pub fn dials(&self, from: u64) -> BTreeMap<u64, SocketAddr> {
        match self {
            Self::Direct | Self::Namespaces(_) => BTreeMap::new(),
            Self::Proxy(mesh) => mesh.dials(from),
        }
    }

    /// What a node's process is started by.
    pub fn launcher(&self, id: u64) -> Vec<OsString> {
        match self {
            Self::Direct | Self::Proxy(_) => Vec::new(),
            Self::Namespaces(namespaces) => namespaces.launcher(id),
        }
    }

    /// Cuts directed links.
    ///
    /// # Errors
    /// There is no such link, or a tool fails.
    pub async fn cut(&mut self, links: &[(u64, u64)], manner: Manner) -> Result<()> {
        match self {
            Self::Direct => bail!("there is nothing between the nodes that could be cut"),
            Self::Proxy(mesh) => links.iter().try_for_each(|link| mesh.cut(*link, manner)),
            Self::Namespaces(namespaces) => namespaces.cut(links, manner).await,
        }
    }

    /// What each of these links has dropped or held back, so far.
    ///
    /// # Errors
    /// A tool fails.
    pub async fn dropped(&self, links: &[(u64, u64)]) -> Result<BTreeMap<(u64, u64), Dropped>> {
        match self {
            Self::Direct => Ok(BTreeMap::new()),
            Self::Proxy(mesh) => {
                let traffic = |link: &(u64, u64)| {
                    let seen = mesh.traffic(*link);
                    (*link, Dropped { packets: seen.connections, bytes: seen.held })
                };
                Ok(links.iter().map(traffic).collect())
            }
            Self::Namespaces(namespaces) => namespaces.dropped(links).await,
        }
    }

    /// Restores directed links.
    ///
    /// # Errors
    /// There is no such link, or a tool fails.
    pub async fn restore(&mut self, links: &[(u64, u64)]) -> Result<()> {
        match self {
            Self::Direct => Ok(()),
            Self::Proxy(mesh) => {
                links.iter().try_for_each(|link| mesh.open(*link, Shape::default()))
            }
            Self::Namespaces(namespaces) => namespaces.restore(links).await,
        }
    }

    /// Whether a connection that one node dials to another gets an answer. Asking is a proof by
    /// itself: a link that nobody uses drops nothing.
    pub async fn reaches(&self, (from, to): (u64, u64), target: SocketAddr) -> bool {
        match self {
            Self::Direct => true,
            Self::Proxy(mesh) => mesh.reaches((from, to), hello::GREETING, ANSWERS_WITHIN).await,
            Self::Namespaces(namespaces) => namespaces.reaches(from, target, ANSWERS_WITHIN).await,
        }
    }

    /// Does this to the packets of a node, between it and these others.
    ///
    /// # Errors
    /// This network cannot, or a tool fails.
    pub async fn disturb(&mut self, node: u64, others: &[u64], what: Packets) -> Result<()> {
        if let Err(why) = self.choice().carries(what) {
            bail!("{why}");
        }
        match self {
            Self::Direct => Ok(()),
            Self::Proxy(mesh) => {
                let shape = shape(what);
                for other in others {
                    mesh.open((node, *other), shape)?;
                    mesh.open((*other, node), shape)?;
                }
                Ok(())
            }
            Self::Namespaces(namespaces) => namespaces.disturb(node, others, what).await,
        }
    }

    /// How many packets of a node, or bytes, had something done to them so far.
    ///
    /// # Errors
    /// A tool fails.
    pub async fn disturbed(&self, node: u64, others: &[u64]) -> Result<u64> {
        match self {
            Self::Direct => Ok(0),
            Self::Proxy(mesh) => {
                let links = others.iter().flat_map(|other| [(node, *other), (*other, node)]);
                Ok(links.map(|link| mesh.traffic(link).delayed).sum())
            }
            Self::Namespaces(namespaces) => namespaces.disturbed(node).await,
        }
    }

    /// Ends what [`Self::disturb`] began.
    ///
    /// # Errors
    /// A tool fails.
    pub async fn calm(&mut self, node: u64, others: &[u64]) -> Result<()> {
        match self {
            Self::Direct => Ok(()),
            Self::Proxy(_) => {
                let links = others.iter().flat_map(|other| [(node, *other), (*other, node)]);
                self.restore(&links.collect::<Vec<_>>()).await
            }
            Self::Namespaces(namespaces) => namespaces.calm(node).await,
        }
    }
}

/// As a proxy can do it.
fn shape(packets: Packets) -> Shape {
    let plain = Shape::default();
    match packets {
        Packets::Delay { delay_ms, jitter_ms } => Shape {
            delay: Duration::from_millis(delay_ms),
            jitter: Duration::from_millis(jitter_ms),
            ..plain
        },
        Packets::Rate { kbit_s } => Shape { rate: Some(kbit_s.saturating_mul(125)), ..plain },
        Packets::Loss { .. } | Packets::Duplicate { .. } | Packets::Reorder { .. } => plain,
    }
}
