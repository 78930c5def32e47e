//! Connection slots, shared fairly between networks.
//!
//! A network may use every slot while no other network needs one. Once all are in use, a new connection replaces the one
//! whose last complete answer is oldest, in the network that holds the most.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// A connection that is new, or has sent a complete answer within this time, is active and keeps its slot.
const MIN_STALL: Duration = Duration::from_millis(250);

/// When a connection was opened, or last sent a complete answer.
#[derive(Debug)]
pub(super) struct Progress {
    since: Instant,
    millis: AtomicU64,
}

impl Progress {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            millis: AtomicU64::new(0),
        }
    }

    /// Records that an answer is complete.
    pub(super) fn note(&self) {
        let millis = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.millis.store(millis, Ordering::Relaxed);
    }

    fn stalled_for(&self) -> Duration {
        let last = Duration::from_millis(self.millis.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(last)
    }
}

/// All slots of one listener.
#[derive(Debug)]
pub(super) struct Places {
    capacity: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    network: IpAddr,
    progress: Arc<Progress>,
    end: CancellationToken,
}

/// One connection's slot. It becomes free when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    id: u64,
    pub(super) progress: Arc<Progress>,
    /// Cancelled when another connection gets the slot.
    pub(super) end: CancellationToken,
}

impl Places {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            open: Mutex::default(),
        })
    }

    /// Takes a slot for a connection from `peer`. `None` if active connections use all of them.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let mut open = self.lock();
        if open.connections.len() >= self.capacity {
            let stalled = open.longest_stalled()?;
            let evicted = open.connections.remove(&stalled)?;
            evicted.end.cancel();
        }
        let id = open.next;
        open.next += 1;
        let (progress, end) = (Arc::new(Progress::new()), CancellationToken::new());
        let connection = Connection {
            network: network(peer),
            progress: Arc::clone(&progress),
            end: end.clone(),
        };
        open.connections.insert(id, connection);
        Some(Place {
            places: Arc::clone(self),
            id,
            progress,
            end,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// The connection to evict: the longest stalled of the network that holds the most places.
    fn longest_stalled(&self) -> Option<u64> {
        let mut held: HashMap<IpAddr, usize> = HashMap::new();
        for connection in self.connections.values() {
            *held.entry(connection.network).or_default() += 1;
        }
        let most = held.values().copied().max()?;
        let of_the_largest = self.connections.iter().filter(|(_, open)| held[&open.network] == most);
        let stalled = of_the_largest.map(|(id, open)| (open.progress.stalled_for(), *id));
        let (stalled_for, id) = stalled.max()?;
        (stalled_for >= MIN_STALL).then_some(id)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().connections.remove(&self.id);
    }
}

/// The network that an address counts for: a /24 of IPv4, a /56 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & 0xFFFF_FF00).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 72 << 72).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// As if the connection had done nothing for a minute.
    fn stall(place: &Place) {
        let past = Instant::now()
            .checked_sub(Duration::from_mins(1))
            .expect("the machine is up for a minute");
        let progress = Arc::new(Progress {
            since: past,
            millis: AtomicU64::new(0),
        });
        let mut open = place.places.lock();
        open.connections.get_mut(&place.id).expect("it is open").progress = progress;
    }

    #[test]
    fn a_full_house_evicts_a_stalled_connection_of_the_largest_network() {
        let places = Places::new(4);
        let crowd: Vec<_> = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
            .map(|text| places.take(peer(text)).expect("free"))
            .into();
        let other = places.take(peer("198.51.100.1")).expect("the last place");
        assert!(places.take(peer("203.0.113.1")).is_none(), "all are at work");
        stall(&other);
        assert!(
            places.take(peer("203.0.113.1")).is_none(),
            "the largest network is at work"
        );
        stall(&crowd[1]);
        let newcomer = places.take(peer("203.0.113.1")).expect("a place is made free");
        assert!(crowd[1].end.is_cancelled() && !other.end.is_cancelled());
        drop((crowd, newcomer, other));
        assert!(places.lock().connections.is_empty());
    }

    #[test]
    fn neighbours_are_one_network() {
        for (one, other) in [
            ("192.0.2.1", "192.0.2.200"),
            ("::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::1", "2001:db8:0:ff::1"),
        ] {
            assert_eq!(network(peer(one)), network(peer(other)));
        }
        assert_ne!(network(peer("2001:db8::1")), network(peer("2001:db8:0:100::1")));
    }
}
