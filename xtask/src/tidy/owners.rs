//! One technology, one crate: whoever wants RocksDB asks `storage`.
//!
//! Ownership holds for dev-dependencies too: a test that opens the database around its owner is
//! a second user of its format.

use crate::metadata::Dependency;

/// External crates with an owner. What is not listed, anybody may use.
const OWNERS: &[(&str, &[&str])] = &[
    ("rocksdb", &["storage"]),
    ("rpds", &["storage"]),
    ("bincode", &["storage"]),
    ("rmp-serde", &["storage"]),
    ("tantivy", &["search"]),
    ("unicode-normalization", &["search"]),
    ("rstar", &["geo-index"]),
    ("toml", &["cluster-config"]),
    ("openraft", &["raft"]),
    ("openraft-macros", &["raft"]),
    ("openraft-rt", &["raft"]),
    ("openraft-rt-tokio", &["raft"]),
    // Two services: the log's between replicas, the pings' between nodes.
    ("tonic", &["raft", "node"]),
    ("tonic-prost", &["raft", "node"]),
    ("prost", &["raft", "node"]),
    ("axum", &["node", "directory"]),
    ("argon2", &["node"]),
    ("image", &["node"]),
    ("async-nats", &["node"]),
    ("jsonwebtoken", &["node"]),
    ("ring", &["node", "cli"]),
    ("prometheus-client", &["node", "directory"]),
    ("utoipa", &["api", "node"]),
    // The client in `api`; the node's tests and the tools may speak HTTP by themselves.
    ("reqwest", &["api", "node", "jepsen-style-tests"]),
    ("geojson", &["directory", "cli", "cluster-config"]),
    ("osmpbf", &["cli", "roads"]),
    ("opening-hours-syntax", &["cli"]),
    // Certificates: made by the operator's tool, and by tests of encrypted links.
    ("rcgen", &["cli", "raft", "node"]),
    ("clap_complete", &["cli"]),
    ("comfy-table", &["cli"]),
    ("indicatif", &["cli"]),
    // The simulation: the log's own sockets, and the harness around it.
    ("turmoil", &["jepsen-style-tests", "raft"]),
    ("hdrhistogram", &["benches"]),
    ("criterion", &["benches", "storage"]),
    // Errors that carry only text are for programs, not for libraries.
    ("anyhow", &["node", "directory", "cli", "jepsen-style-tests", "xtask"]),
];

/// The business is pure: this is all it knows of the world, and none of it does I/O. The test
/// runner comes with the feature `script`, which no program switches on.
const DOMAIN_KNOWS: &[&str] = &["expect-test", "jiff", "serde", "sha2", "thiserror"];

pub(crate) fn check(members: &[(String, Vec<Dependency>)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (member, dependencies) in members {
        for Dependency { name, dev } in dependencies {
            let owners = OWNERS.iter().find(|(owned, _)| owned == name).map(|(_, owners)| *owners);
            // `benches` may see all; it compares.
            let owns = |owners: &[&str]| member == "benches" || owners.contains(&member.as_str());
            if let Some(owners) = owners.filter(|owners| !owns(owners)) {
                let owners = owners.join(", ");
                violations.push(format!("`{member}` may not use {name}: it belongs to {owners}"));
            }
            if member == "domain" && !dev && !DOMAIN_KNOWS.contains(&name.as_str()) {
                violations.push(format!("`domain` is pure and does not know {name}"));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(member: &str, name: &str, dev: bool) -> Vec<String> {
        check(&[(member.to_owned(), vec![Dependency { name: name.to_owned(), dev }])])
    }

    #[test]
    fn only_the_owner_uses_it_even_in_tests() {
        assert!(uses("storage", "rocksdb", false).is_empty());
        assert_eq!(uses("node", "rocksdb", false).len(), 1);
        assert_eq!(uses("node", "rocksdb", true).len(), 1);
        assert!(uses("benches", "rocksdb", false).is_empty());
    }

    #[test]
    fn the_domain_knows_a_closed_list() {
        assert!(uses("domain", "serde", false).is_empty());
        assert_eq!(uses("domain", "tokio", false).len(), 1);
        assert!(uses("domain", "proptest", true).is_empty());
    }
}
