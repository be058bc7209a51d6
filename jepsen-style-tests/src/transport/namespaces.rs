//! The network of a run as root: a network namespace for each node, one for the switch between
//! them, and an interface on this side for the clients. Links are cut by dropping packets where
//! they come in, one element of a set for each directed link, and the kernel counts what it drops.
//!
//! Nodes use TLS here: they refuse plain text outside loopback.

use super::{Dropped, hello};
use crate::leftovers::name;
use crate::nemesis::{Manner, Packets};
use crate::tools::{self, IP, NFT, NSENTER, TC};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::timeout;

/// The last part of the address that clients have.
const CLIENTS: u8 = 254;
/// Third parts of addresses that are tried, so that two runs do not meet.
const SUBNETS: std::ops::RangeInclusive<u8> = 1..=250;

/// What each node's namespace filters with. `packets` is empty until something is disturbed.
const RULES: &str = "
table inet fd {
  set silent { type ipv4_addr; counter; }
  set loud { type ipv4_addr; counter; }
  chain packets { }
  chain in {
    type filter hook input priority 0;
    ip saddr @silent drop
    ip saddr @loud meta l4proto tcp reject with tcp reset
    ip saddr @loud drop
    jump packets
  }
}
";
/// Packets that are overtaken take this byway, as slow as it is.
const BYWAY: &str = "128kbit";
/// The table that sends them there.
const REORDER: &str = "fdreorder";
/// Tables that double packets, with the number of the node.
const DOUBLE: &str = "fddouble";
/// Both sets: a link is in one of them at most.
const SETS: [&str; 2] = ["silent", "loud"];

/// The namespaces of a run; they go with this value.
#[derive(Debug)]
pub struct Namespaces {
    subnet: u8,
    housed: BTreeSet<u64>,
    disturbed: BTreeMap<u64, Packets>,
}

/// Whether this machine has what it takes.
pub(super) fn possible() -> Result<(), String> {
    tools::root()?;
    tools::present(&[IP, NFT, NSENTER, TC])
}

/// Whether it can do this to packets.
pub(super) fn carries(packets: Packets) -> Result<(), String> {
    match packets {
        Packets::Loss { .. }
        | Packets::Rate { .. }
        | Packets::Duplicate { .. }
        | Packets::Reorder { .. } => Ok(()),
        // The kernel's own means for it, netem, is missing in many small kernels.
        Packets::Delay { .. } => Err("no delay between namespaces: use the proxy".to_owned()),
    }
}

impl Namespaces {
    /// The switch and the clients' interface.
    ///
    /// # Errors
    /// A tool is missing or fails.
    pub async fn start() -> Result<Self> {
        possible().map_err(anyhow::Error::msg)?;
        let subnet = free_subnet().await?;
        // From here on the destructor clears away what was made.
        let made = Self { subnet, housed: BTreeSet::new(), disturbed: BTreeMap::new() };
        let (switch, clients) = (switch(), name("c"));
        ip(&["netns", "add", &switch]).await?;
        ip(&["-n", &switch, "link", "add", "br0", "type", "bridge"]).await?;
        ip(&["-n", &switch, "link", "set", "br0", "up"]).await?;
        ip(&["link", "add", &clients, "type", "veth", "peer", "name", "vc", "netns", &switch])
            .await?;
        ip(&["-n", &switch, "link", "set", "vc", "master", "br0", "up"]).await?;
        let address = format!("10.77.{subnet}.{CLIENTS}/24");
        ip(&["addr", "add", &address, "dev", &clients]).await?;
        ip(&["link", "set", &clients, "up"]).await?;
        Ok(made)
    }

    /// A namespace for one more node; the same one if it has it already.
    ///
    /// # Errors
    /// A tool fails.
    pub async fn house(&mut self, id: u64) -> Result<IpAddr> {
        let address = self.address(id)?;
        if !self.housed.insert(id) {
            return Ok(address.into());
        }
        let (space, switch, port) = (space(id), switch(), format!("v{id}"));
        ip(&["netns", "add", &space]).await?;
        ip(&[
            "-n", &switch, "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns",
            &space,
        ])
        .await?;
        ip(&["-n", &switch, "link", "set", &port, "master", "br0", "up"]).await?;
        ip(&["-n", &space, "addr", "add", &format!("{address}/24"), "dev", "eth0"]).await?;
        ip(&["-n", &space, "link", "set", "eth0", "up"]).await?;
        ip(&["-n", &space, "link", "set", "lo", "up"]).await?;
        tools::feed(NSENTER, &inside(id, &["nft", "-f", "-"]), RULES).await?;
        Ok(address.into())
    }

    /// Enters the namespace of a node and turns into the program behind it.
    pub fn launcher(&self, id: u64) -> Vec<OsString> {
        let (program, _) = NSENTER;
        let words = [program.to_owned(), net(&space(id)), "--".to_owned()];
        words.into_iter().map(OsString::from).collect()
    }

    pub(super) async fn cut(&mut self, links: &[(u64, u64)], manner: Manner) -> Result<()> {
        let set = match manner {
            Manner::Silent => "silent",
            Manner::Loud => "loud",
        };
        let mut at: BTreeMap<u64, String> = BTreeMap::new();
        for (from, to) in links {
            let element = format!("add element inet fd {set} {{ {} }}\n", self.address(*from)?);
            at.entry(*to).or_default().push_str(&element);
        }
        self.rules(at).await
    }

    pub(super) async fn restore(&mut self, links: &[(u64, u64)]) -> Result<()> {
        let mut at: BTreeMap<u64, String> = BTreeMap::new();
        for (from, to) in links {
            let address = self.address(*from)?;
            for set in SETS {
                // Added first, so that taking it away works whichever set it is in.
                let both = ["add", "delete"]
                    .map(|verb| format!("{verb} element inet fd {set} {{ {address} }}\n"));
                at.entry(*to).or_default().push_str(&both.concat());
            }
        }
        self.rules(at).await
    }

    /// Each node's changes in one transaction.
    async fn rules(&self, at: BTreeMap<u64, String>) -> Result<()> {
        for (node, rules) in at {
            ensure!(self.housed.contains(&node), "node {node} has no namespace");
            tools::feed(NSENTER, &inside(node, &["nft", "-f", "-"]), &rules).await?;
        }
        Ok(())
    }

    pub(super) async fn dropped(
        &self,
        links: &[(u64, u64)],
    ) -> Result<BTreeMap<(u64, u64), Dropped>> {
        let mut dropped = BTreeMap::new();
        let nodes: BTreeSet<_> = links.iter().map(|(_, to)| *to).collect();
        for node in nodes {
            let words = inside(node, &["nft", "-j", "list", "ruleset"]);
            let counters = set_counters(&tools::run(NSENTER, &words).await?)?;
            for link in links.iter().filter(|(_, to)| *to == node) {
                let address = self.address(link.0)?.to_string();
                dropped.insert(*link, counters.get(&address).copied().unwrap_or_default());
            }
        }
        Ok(dropped)
    }

    pub(super) async fn reaches(&self, from: u64, to: SocketAddr, within: Duration) -> bool {
        // A connection belongs to the namespace of whoever makes it: so another program dials.
        let (ip, port, greeting) = (to.ip(), to.port(), escaped(hello::GREETING));
        let script = format!(
            "exec 3<>/dev/tcp/{ip}/{port} && printf '{greeting}' >&3 && head -c 1 <&3 | wc -c"
        );
        let words = inside(from, &["bash", "-c", &script]);
        let asked = tools::run(NSENTER, &words);
        matches!(timeout(within, asked).await, Ok(Ok(count)) if count.trim() == "1")
    }

    pub(super) async fn disturb(
        &mut self,
        node: u64,
        others: &[u64],
        packets: Packets,
    ) -> Result<()> {
        match packets {
            Packets::Loss { percent } => {
                let peers = self.addresses(others)?;
                let rule = format!(
                    "add rule inet fd packets ip saddr {{ {peers} }} \
                     numgen random mod 100 < {percent} counter drop\n"
                );
                self.rules(BTreeMap::from([(node, rule)])).await?;
            }
            Packets::Rate { kbit_s } => {
                let rate = format!("{kbit_s}kbit");
                let shape = ["root", "tbf", "rate", &rate, "burst", "4kb", "latency", "400ms"];
                tc(node, &["qdisc", "replace", "dev", "eth0"], &shape).await?;
            }
            Packets::Duplicate { percent } => {
                let double = self.doubling(node, others, percent)?;
                tools::feed(NSENTER, &within(&switch(), &["nft", "-f", "-"]), &double).await?;
            }
            Packets::Reorder { percent } => {
                let class = ["class", "add", "dev", "eth0", "parent", "1:", "classid"];
                tc(
                    node,
                    &["qdisc", "add", "dev", "eth0"],
                    &["root", "handle", "1:", "htb", "default", "1"],
                )
                .await?;
                tc(node, &class, &["1:1", "htb", "rate", "10gbit", "quantum", "60000"]).await?;
                tc(node, &class, &["1:2", "htb", "rate", BYWAY, "burst", "2k"]).await?;
                let peers = self.addresses(others)?;
                let rule = format!(
                    "table inet {REORDER} {{\n chain out {{\n \
                     type filter hook output priority 0;\n ip daddr {{ {peers} }} \
                     numgen random mod 100 < {percent} counter meta priority set 1:2\n }}\n}}\n"
                );
                self.rules(BTreeMap::from([(node, rule)])).await?;
            }
            Packets::Delay { .. } => return carries(packets).map_err(anyhow::Error::msg),
        }
        self.disturbed.insert(node, packets);
        Ok(())
    }

    /// Copies what comes in at the node's port of the switch out of the ports of the others.
    fn doubling(&self, node: u64, others: &[u64], percent: u8) -> Result<String> {
        let mut rules = format!(
            "table netdev {DOUBLE}{node} {{\n chain in {{\n \
             type filter hook ingress device \"v{node}\" priority 0;\n"
        );
        for other in others {
            let address = self.address(*other)?;
            rules.push_str(&format!(
                "ip daddr {address} numgen random mod 100 < {percent} counter dup to \"v{other}\"\n"
            ));
        }
        rules.push_str("}\n}\n");
        Ok(rules)
    }

    /// How many packets it met. What is not disturbed has met none.
    pub(super) async fn disturbed(&self, node: u64) -> Result<u64> {
        let Some(packets) = self.disturbed.get(&node) else { return Ok(0) };
        let words = match packets {
            Packets::Loss { .. } => {
                inside(node, &["nft", "-j", "list", "chain", "inet", "fd", "packets"])
            }
            Packets::Duplicate { .. } => {
                let table = format!("{DOUBLE}{node}");
                within(&switch(), &["nft", "-j", "list", "table", "netdev", &table])
            }
            Packets::Reorder { .. } => {
                inside(node, &["nft", "-j", "list", "table", "inet", REORDER])
            }
            Packets::Rate { .. } => {
                let words = ["tc", "-s", "-j", "qdisc", "show", "dev", "eth0"];
                let shown = tools::run(NSENTER, &inside(node, &words)).await?;
                let shown: Value = serde_json::from_str(&shown).context("what tc says")?;
                return shown[0]["overlimits"].as_u64().context("tc counts");
            }
            Packets::Delay { .. } => return Ok(0),
        };
        rule_counters(&tools::run(NSENTER, &words).await?)
    }

    pub(super) async fn calm(&mut self, node: u64) -> Result<()> {
        let rule = match self.disturbed.remove(&node) {
            Some(Packets::Loss { .. }) => "flush chain inet fd packets\n".to_owned(),
            Some(Packets::Rate { .. }) => {
                return tc(node, &["qdisc", "del", "dev", "eth0"], &["root"]).await;
            }
            Some(Packets::Duplicate { .. }) => {
                let delete = format!("delete table netdev {DOUBLE}{node}\n");
                let words = within(&switch(), &["nft", "-f", "-"]);
                return tools::feed(NSENTER, &words, &delete).await.map(drop);
            }
            Some(Packets::Reorder { .. }) => {
                tc(node, &["qdisc", "del", "dev", "eth0"], &["root"]).await?;
                format!("delete table inet {REORDER}\n")
            }
            Some(Packets::Delay { .. }) | None => return Ok(()),
        };
        self.rules(BTreeMap::from([(node, rule)])).await
    }

    /// As a set of the filter has them.
    fn addresses(&self, ids: &[u64]) -> Result<String> {
        let mut addresses = Vec::new();
        for id in ids {
            addresses.push(self.address(*id)?.to_string());
        }
        Ok(addresses.join(", "))
    }

    /// Where a node listens.
    pub(super) fn address(&self, id: u64) -> Result<Ipv4Addr> {
        let last = u8::try_from(id).ok().filter(|last| (1..CLIENTS).contains(last));
        let last = last.with_context(|| format!("there is no address for node {id}"))?;
        Ok(Ipv4Addr::new(10, 77, self.subnet, last))
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        // Deleting one end of a pair deletes the other one, too.
        tools::run_blocking(IP, &["link", "del", &name("c")]);
        for id in &self.housed {
            tools::run_blocking(IP, &["netns", "del", &space(*id)]);
        }
        tools::run_blocking(IP, &["netns", "del", &switch()]);
    }
}

fn switch() -> String {
    name("sw")
}

fn space(id: u64) -> String {
    name(&format!("n{id}"))
}

fn net(space: &str) -> String {
    format!("--net=/run/netns/{space}")
}

/// The words that run a tool in the namespace of a node.
fn inside(id: u64, words: &[&str]) -> Vec<String> {
    within(&space(id), words)
}

/// The words that run a tool in a namespace.
fn within(space: &str, words: &[&str]) -> Vec<String> {
    let tool = words.iter().map(|word| (*word).to_owned());
    [net(space), "--".to_owned()].into_iter().chain(tool).collect()
}

/// Has the kernel queue what leaves a node.
async fn tc(id: u64, what: &[&str], how: &[&str]) -> Result<()> {
    let words = [&["tc"], what, how].concat();
    tools::run(NSENTER, &inside(id, &words)).await.map(drop)
}

async fn ip(args: &[&str]) -> Result<()> {
    tools::run(IP, args).await.map(drop)
}

/// A subnet that no interface here has an address of.
async fn free_subnet() -> Result<u8> {
    let taken = tools::run(IP, &["-o", "addr", "show"]).await?;
    let first = std::process::id() as usize % SUBNETS.count();
    let mut tried = SUBNETS.cycle().skip(first).take(SUBNETS.count());
    let free = tried.find(|subnet| !taken.contains(&format!(" 10.77.{subnet}.")));
    free.context("there is no free subnet")
}

/// Bytes as `printf` writes them.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:03o}")).collect()
}

/// What the elements of both sets have counted, by address.
fn set_counters(listed: &str) -> Result<BTreeMap<String, Dropped>> {
    let listed: Value = serde_json::from_str(listed).context("what nft says")?;
    let objects = listed["nftables"].as_array().into_iter().flatten();
    let elements = objects.filter_map(|object| object["set"]["elem"].as_array()).flatten();
    let counted = elements.filter_map(|element| {
        let element = &element["elem"];
        Some((element["val"].as_str()?.to_owned(), dropped(&element["counter"])))
    });
    Ok(counted.collect())
}

/// The packets that the rules of a chain have counted together.
fn rule_counters(listed: &str) -> Result<u64> {
    let listed: Value = serde_json::from_str(listed).context("what nft says")?;
    let objects = listed["nftables"].as_array().into_iter().flatten();
    let parts = objects.filter_map(|object| object["rule"]["expr"].as_array()).flatten();
    Ok(parts.map(|part| dropped(&part["counter"]).packets).sum())
}

fn dropped(counter: &Value) -> Dropped {
    let read = |name: &str| counter[name].as_u64().unwrap_or(0);
    Dropped { packets: read("packets"), bytes: read("bytes") }
}
