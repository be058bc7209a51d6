//! Arrows go down and siblings do not know each other: the layer table of the architecture.
//!
//! A new edge between two of our crates fails until it is declared here, where a reviewer sees it.
//! Dev-dependencies are free: a test may look at the neighbours.

use crate::metadata::Dependency;

/// May depend on anything.
const ALL: &[&str] = &["*"];

/// Each crate of ours, and which of the others it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    // The business.
    ("domain", &[]),
    // Parts, blind to each other.
    ("api", &["domain"]),
    ("cluster-config", &["domain"]),
    ("dispatch", &["domain"]),
    ("geo-index", &["domain"]),
    ("roads", &["domain"]),
    ("search", &["domain"]),
    ("storage", &["domain"]),
    // Replication.
    ("raft", &["domain", "storage"]),
    // Processes.
    (
        "node",
        &[
            "api",
            "cluster-config",
            "dispatch",
            "domain",
            "geo-index",
            "raft",
            "roads",
            "search",
            "storage",
        ],
    ),
    ("directory", &["api", "cluster-config", "domain", "geo-index"]),
    // Tools: they see the system from outside.
    ("cli", &["api", "cluster-config", "domain"]),
    // Its simulation alone links what it tests, behind a feature.
    ("jepsen-style-tests", &["api", "cluster-config", "domain", "raft", "storage"]),
    ("benches", ALL),
    ("xtask", &[]),
];

pub(crate) fn check(members: &[(String, Vec<Dependency>)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (member, dependencies) in members {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| name == member) else {
            violations.push(format!("crate `{member}` has no row in the layer table"));
            continue;
        };
        if *allowed == ALL {
            continue;
        }
        let ours = |name: &str| members.iter().any(|(member, _)| member == name);
        let edges = dependencies.iter().filter(|dependency| !dependency.dev);
        let upward =
            edges.filter(|edge| ours(&edge.name) && !allowed.contains(&edge.name.as_str()));
        violations.extend(upward.map(|edge| {
            let to = &edge.name;
            format!("`{member}` may not depend on `{to}`: layer table, xtask/src/tidy/layers.rs")
        }));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, normal: &[&str], dev: &[&str]) -> (String, Vec<Dependency>) {
        let edges = |names: &[&str], dev| {
            let edge = move |name: &&str| Dependency { name: (*name).to_owned(), dev };
            names.iter().map(edge).collect::<Vec<_>>()
        };
        (name.to_owned(), [edges(normal, false), edges(dev, true)].concat())
    }

    #[test]
    fn an_undeclared_edge_is_found_and_a_dev_edge_is_not() {
        let members = [
            member("storage", &["domain", "serde"], &["search"]),
            member("search", &["storage"], &[]),
        ];
        let violations = check(&members);
        assert_eq!(violations.len(), 1);
        assert!(violations[0].starts_with("`search` may not depend on `storage`"));
    }

    #[test]
    fn a_new_crate_must_be_declared() {
        assert_eq!(check(&[member("billing", &[], &[])]).len(), 1);
    }

    #[test]
    fn the_table_itself_only_points_down() {
        for (row, (name, allowed)) in LAYERS.iter().enumerate() {
            for to in allowed.iter().filter(|to| **to != "*") {
                let below = LAYERS.iter().position(|(name, _)| name == to);
                assert!(below.is_some_and(|below| below < row), "{name} -> {to}");
            }
        }
    }
}
