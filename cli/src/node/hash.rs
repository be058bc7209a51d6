//! `fdctl node hash`: whether the copies of the city are copies.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::table;
use api::admin::StateHash;
use std::collections::BTreeMap;

/// Asks every member for the hash of all it keeps. Hashes of one log index must be equal; a city
/// that is busy shows each node at an index of its own, which proves nothing either way.
///
/// # Errors
/// The city says no, or a member does not answer.
pub(super) async fn hash(city: &City, global: &Global) -> anyhow::Result<Exit> {
    let mut hashes = Vec::new();
    for member in city.cluster().await?.members {
        hashes.push(city.hash_of(&member.http_addr).await?);
    }
    global.output().value(&hashes, || {
        let rows = hashes.iter().map(|StateHash { node_id, applied, hash }| {
            [node_id.to_string(), applied.to_string(), hash.clone()]
        });
        table(["node", "applied", "hash"], rows)
    })?;
    Ok(match agreement(&hashes) {
        Agreement::Equal => Exit::Yes,
        Agreement::Parted { index } => {
            eprintln!("the nodes differ at index {index}: the odd one out must be replaced");
            Exit::No
        }
        Agreement::Apart => {
            eprintln!("the nodes stand at different indexes: ask again when nobody writes");
            Exit::Unknown
        }
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Agreement {
    Equal,
    Parted { index: u64 },
    Apart,
}

fn agreement(hashes: &[StateHash]) -> Agreement {
    let mut by_index: BTreeMap<u64, &str> = BTreeMap::new();
    for StateHash { applied, hash, .. } in hashes {
        if *by_index.entry(*applied).or_insert(hash) != hash {
            return Agreement::Parted { index: *applied };
        }
    }
    if by_index.len() > 1 { Agreement::Apart } else { Agreement::Equal }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(node_id: u64, applied: u64, hash: &str) -> StateHash {
        StateHash { node_id, applied, hash: hash.to_owned() }
    }

    #[test]
    fn only_hashes_of_one_index_are_compared() {
        let equal = [hash(1, 7, "a"), hash(2, 7, "a")];
        assert_eq!(agreement(&equal), Agreement::Equal);
        let parted = [hash(1, 7, "a"), hash(2, 8, "c"), hash(3, 7, "b")];
        assert_eq!(agreement(&parted), Agreement::Parted { index: 7 });
        assert_eq!(agreement(&[hash(1, 7, "a"), hash(2, 8, "c")]), Agreement::Apart);
    }
}
