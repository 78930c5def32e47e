//! Connection slots of a listener, shared fairly between networks.
//!
//! A network may use every slot while no other network needs one. Once all slots are in use, a new connection replaces another:
//! in the network with the most connections, the one whose last complete answer is oldest.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::domain::network::network;

/// A connection that is new, or has sent a complete answer within this time, is active and keeps its slot.
const MIN_STALL: Duration = Duration::from_millis(250);

/// When a connection was opened, or last sent a complete answer.
#[derive(Debug)]
pub(super) struct Progress {
    opened: Instant,
    /// Milliseconds from the opening to the last complete answer; 0 before the first.
    last_answer_millis: AtomicU64,
}

impl Progress {
    fn new() -> Self {
        Self {
            opened: Instant::now(),
            last_answer_millis: AtomicU64::new(0),
        }
    }

    /// Records that an answer is complete.
    pub(super) fn record_answer(&self) {
        let millis = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_answer_millis.store(millis, Ordering::Relaxed);
    }

    fn stalled_for(&self) -> Duration {
        let last = Duration::from_millis(self.last_answer_millis.load(Ordering::Relaxed));
        self.opened.elapsed().saturating_sub(last)
    }
}

/// All slots of one kind of connection.
#[derive(Debug)]
pub(super) struct ConnectionSlots {
    capacity: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next_id: u64,
    connections: HashMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    network: IpAddr,
    progress: Arc<Progress>,
    end: CancellationToken,
}

/// The slot of one connection. Dropping it frees the slot.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<ConnectionSlots>,
    id: u64,
    pub(super) progress: Arc<Progress>,
    /// Cancelled when another connection gets the slot.
    pub(super) end: CancellationToken,
}

impl ConnectionSlots {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            open: Mutex::default(),
        })
    }

    /// Acquires a slot for a connection from `peer`. `None` if active connections use all of them.
    pub(super) fn acquire(self: &Arc<Self>, peer: IpAddr) -> Option<Slot> {
        let mut open = self.lock();
        if open.connections.len() >= self.capacity {
            let stalled = open.longest_stalled()?;
            let evicted = open.connections.remove(&stalled)?;
            evicted.end.cancel();
        }
        let id = open.next_id;
        open.next_id += 1;
        let (progress, end) = (Arc::new(Progress::new()), CancellationToken::new());
        let connection = Connection {
            network: network(peer),
            progress: Arc::clone(&progress),
            end: end.clone(),
        };
        open.connections.insert(id, connection);
        Some(Slot {
            slots: Arc::clone(self),
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
    /// The connection to evict: the longest stalled one of the network with the most connections. `None` if it is still active.
    fn longest_stalled(&self) -> Option<u64> {
        let mut held: HashMap<IpAddr, usize> = HashMap::new();
        for connection in self.connections.values() {
            *held.entry(connection.network).or_default() += 1;
        }
        let max = held.values().copied().max()?;
        let candidates = self.connections.iter().filter(|(_, open)| held[&open.network] == max);
        let stalled = candidates.map(|(id, open)| (open.progress.stalled_for(), *id));
        let (stalled_for, id) = stalled.max()?;
        (stalled_for >= MIN_STALL).then_some(id)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().connections.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().expect("a valid address")
    }

    /// Makes a connection look as if it had been stalled for a minute.
    fn stall(slot: &Slot) {
        let past = Instant::now()
            .checked_sub(Duration::from_mins(1))
            .expect("the machine has run for a minute");
        let progress = Arc::new(Progress {
            opened: past,
            last_answer_millis: AtomicU64::new(0),
        });
        let mut open = slot.slots.lock();
        open.connections
            .get_mut(&slot.id)
            .expect("the connection holds its slot")
            .progress = progress;
    }

    #[test]
    fn a_connection_that_finds_no_free_slot_evicts_a_stalled_one_of_the_largest_network() {
        let slots = ConnectionSlots::new(4);
        let crowd: Vec<_> = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
            .map(|text| slots.acquire(peer(text)).expect("a free slot"))
            .into();
        let other = slots.acquire(peer("198.51.100.1")).expect("the last free slot");
        assert!(
            slots.acquire(peer("203.0.113.1")).is_none(),
            "all connections are active"
        );
        stall(&other);
        assert!(
            slots.acquire(peer("203.0.113.1")).is_none(),
            "the largest network's connections are active"
        );
        stall(&crowd[1]);
        let newcomer = slots
            .acquire(peer("203.0.113.1"))
            .expect("the stalled connection's slot");
        assert!(crowd[1].end.is_cancelled() && !other.end.is_cancelled());
        drop((crowd, newcomer, other));
        assert!(slots.lock().connections.is_empty());
    }
}
