//! Room for connections: so many of everybody together, and so many from one address, so that no
//! single caller takes all of it.

use super::limits::name_of;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections each address has.
type Taken = Arc<Mutex<HashMap<[u8; 16], u32>>>;

/// How much there is, and who has how much of it.
pub(crate) struct Room {
    limits: cluster_config::Limits,
    all: Arc<Semaphore>,
    taken: Taken,
}

/// One connection's, until it is dropped.
pub(super) struct Place {
    of: Option<([u8; 16], Taken)>,
    _all: OwnedSemaphorePermit,
}

impl Room {
    /// All of it free.
    pub(crate) fn new(limits: &cluster_config::Limits) -> Self {
        let all = (limits.connections as usize).min(Semaphore::MAX_PERMITS);
        Self { limits: limits.clone(), all: Arc::new(Semaphore::new(all)), taken: Arc::default() }
    }

    /// Waits until there is room for one more. Nothing when there never will be.
    pub(super) async fn one_more(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// A place for whoever has come; nothing if their address has enough of them. Proxies of ours
    /// stand for many, and this machine is counted only where that is configured.
    pub(super) fn place(&self, all: OwnedSemaphorePermit, peer: SocketAddr) -> Option<Place> {
        let address = peer.ip().to_canonical();
        let spared = self.limits.proxies.contains(&address)
            || (address.is_loopback() && !self.limits.loopback);
        if spared {
            return Some(Place { of: None, _all: all });
        }
        let who = name_of(address);
        let mut taken = self.taken.lock();
        let count = taken.entry(who).or_default();
        if *count >= self.limits.connections_per_address {
            return None;
        }
        *count += 1;
        drop(taken);
        Some(Place { of: Some((who, Arc::clone(&self.taken))), _all: all })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((who, taken)) = &self.of else { return };
        let mut taken = taken.lock();
        if let Some(count) = taken.get_mut(who) {
            *count -= 1;
            if *count == 0 {
                taken.remove(who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_takes_its_share_and_no_more() {
        let limits = cluster_config::Limits {
            connections: 8,
            connections_per_address: 2,
            loopback: false,
            proxies: vec!["10.0.0.1".parse().unwrap()],
            ..cluster_config::Limits::default()
        };
        let room = Room::new(&limits);
        let come = async |from: &str| {
            let all = room.one_more().await.unwrap();
            room.place(all, format!("{from}:5000").parse().unwrap())
        };
        let first = come("198.51.100.4").await;
        let second = come("198.51.100.4").await;
        assert!(first.is_some() && second.is_some());
        assert!(come("198.51.100.4").await.is_none(), "enough");
        assert!(come("198.51.100.5").await.is_some(), "somebody else");
        let house = [come("[2001:db8::1]").await, come("[2001:db8::2]").await];
        assert!(house.iter().all(Option::is_some));
        assert!(come("[2001:db8::3]").await.is_none(), "the same household");
        drop((first, house));
        assert!(come("198.51.100.4").await.is_some(), "one has gone");
        for many in ["10.0.0.1", "127.0.0.1"] {
            let places = [come(many).await, come(many).await, come(many).await];
            assert!(places.iter().all(Option::is_some), "{many}");
        }
        drop(second);
        assert!(room.taken.lock().is_empty());
        assert_eq!(room.all.available_permits(), 8);
    }
}
