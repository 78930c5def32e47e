//! The open connections of a server, and their limits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Options;
use crate::domain::network::network;

/// What the connections of a server share.
pub(super) struct Context<R> {
    pub(super) options: Arc<Options>,
    pub(super) connections: Arc<Connections>,
    pub(super) receiver: Arc<R>,
    pub(super) shutdown: CancellationToken,
}

/// Counts the open connections, overall and by network.
#[derive(Debug)]
pub(super) struct Connections {
    max: usize,
    max_per_network: usize,
    free: Arc<Semaphore>,
    by_network: Mutex<HashMap<IpAddr, usize>>,
}

/// The place of one connection among those of its network. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct NetworkPlace {
    connections: Arc<Connections>,
    network: IpAddr,
}

impl Connections {
    pub(super) fn new(options: &Options) -> Arc<Self> {
        Arc::new(Self {
            max: options.connections,
            max_per_network: options.connections_per_network,
            free: Arc::new(Semaphore::new(options.connections)),
            by_network: Mutex::default(),
        })
    }

    /// Waits until fewer than the maximum are open, and counts one more until the permit is dropped. `None` never occurs, because the
    /// semaphore is never closed.
    pub(super) async fn acquire(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Counts a connection for the network of `peer`. `None` if the network has as many as it may.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<NetworkPlace> {
        let network = network(peer);
        let mut by_network = self.lock();
        let open = by_network.entry(network).or_default();
        if *open >= self.max_per_network {
            return None;
        }
        *open += 1;
        Some(NetworkPlace {
            connections: Arc::clone(self),
            network,
        })
    }

    /// Whether more than half of the connections are in use.
    pub(super) fn are_scarce(&self) -> bool {
        self.free.available_permits() < self.max / 2
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.by_network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for NetworkPlace {
    fn drop(&mut self) {
        let mut by_network = self.connections.lock();
        if let Some(open) = by_network.get_mut(&self.network) {
            *open -= 1;
            if *open == 0 {
                by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_gets_no_more_than_its_share_and_frees_it_again() {
        let connections = Connections::new(&Options {
            connections_per_network: 2,
            ..Options::default()
        });
        let enter = |address: &str| connections.enter(address.parse().expect("the address is valid"));
        let first = enter("192.0.2.1").expect("the network has no connection");
        let _second = enter("192.0.2.2").expect("the network has one connection");
        assert!(enter("192.0.2.3").is_none());
        let other = enter("198.51.100.1").expect("another network has no connection");
        drop(first);
        let _third = enter("192.0.2.3").expect("a place is free again");
        drop(other);
        assert_eq!(connections.lock().len(), 1);
    }
}
