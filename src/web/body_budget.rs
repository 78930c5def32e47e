//! Limits the memory of request bodies that are being received: for all clients together, and for each network.
//!
//! Without it, clients that withhold the last byte of a large body fill the memory, because each of many connections holds one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::network::network;

const MIB: usize = 1024 * 1024;

/// The memory of webhook bodies. Clients without a login cannot use that of providers that have one.
#[derive(Debug)]
pub(super) struct HookBodies {
    pub(super) of_logged_in: Arc<BodyBudget>,
    /// Their signature covers the body, so anybody may send one.
    pub(super) of_unknown: Arc<BodyBudget>,
}

impl Default for HookBodies {
    fn default() -> Self {
        Self {
            of_logged_in: BodyBudget::new(48 * MIB, 24 * MIB),
            of_unknown: BodyBudget::new(24 * MIB, 8 * MIB),
        }
    }
}

/// The bytes that bodies may have in memory at a time.
#[derive(Debug)]
pub(super) struct BodyBudget {
    max: usize,
    max_per_network: usize,
    reserved: Mutex<Reserved>,
}

#[derive(Debug, Default)]
struct Reserved {
    total: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// The bytes of one body. Dropping it frees them.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: Arc<BodyBudget>,
    network: IpAddr,
    bytes: usize,
}

impl BodyBudget {
    pub(super) fn new(max: usize, max_per_network: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            max_per_network,
            reserved: Mutex::default(),
        })
    }

    /// A reservation of no bytes yet.
    pub(super) fn reservation(self: &Arc<Self>, client: IpAddr) -> Reservation {
        Reservation {
            budget: Arc::clone(self),
            network: network(client),
            bytes: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reserved> {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Reserves more bytes; false if that exceeds the budget.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let mut reserved = self.budget.lock();
        let of_network = reserved.by_network.get(&self.network).copied().unwrap_or(0);
        if bytes > self.budget.max - reserved.total || bytes > self.budget.max_per_network - of_network {
            return false;
        }
        reserved.total += bytes;
        reserved.by_network.insert(self.network, of_network + bytes);
        self.bytes += bytes;
        true
    }

    /// Returns its bytes to the budget.
    pub(super) fn release(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes == 0 {
            return;
        }
        let mut reserved = self.budget.lock();
        reserved.total -= bytes;
        if let Some(of_network) = reserved.by_network.get_mut(&self.network) {
            *of_network -= bytes;
            if *of_network == 0 {
                reserved.by_network.remove(&self.network);
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_limited_overall_and_for_each_network_and_are_freed() {
        let budget = BodyBudget::new(100, 60);
        let reservation = |address: &str| budget.reservation(address.parse().expect("a valid address"));
        let (mut first, mut same_network) = (reservation("192.0.2.1"), reservation("192.0.2.2"));
        assert!(first.grow(40) && first.grow(10));
        assert!(!same_network.grow(11), "the network has 60");
        assert!(same_network.grow(10));
        let mut other = reservation("198.51.100.1");
        assert!(!other.grow(41), "all have 100");
        assert!(other.grow(40));
        first.release();
        assert!(same_network.grow(50));
        drop((same_network, other));
        let reserved = budget.lock();
        assert!(reserved.total == 0 && reserved.by_network.is_empty());
    }
}
