//! The open connections of a server, and their limits.
//!
//! Connections that deliver nothing must not keep others out. So once all are in use, a new one replaces the one that has been without a
//! message for the longest time, in the network with the most connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Options;
use crate::domain::network::network;

/// A connection whose recipient was accepted may be without a message this many times as long as another one: it may be sending one.
const TIMES_WITH_RECIPIENT: u32 = 12;

/// What the connections of a server share.
pub(super) struct Context<R> {
    pub(super) options: Arc<Options>,
    pub(super) receiver: Arc<R>,
    pub(super) shutdown: CancellationToken,
}

/// The connections that are open now.
#[derive(Debug)]
pub(super) struct Connections {
    max: usize,
    max_per_network: usize,
    replaceable_after: Option<Duration>,
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next_id: u64,
    by_id: HashMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    network: IpAddr,
    /// When it was opened, or its last message was accepted.
    last_message: Instant,
    /// Whether a recipient was accepted since.
    has_recipient: bool,
    replaced: CancellationToken,
}

/// The place of one connection. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    id: u64,
    /// Cancelled when another connection gets the place.
    pub(super) replaced: CancellationToken,
}

/// What a new connection gets.
enum Admission {
    Place(Place),
    /// The network has as many connections as it may.
    Refused,
    /// All places are taken, and this long none can be replaced. `None`: until one is freed.
    Wait(Option<Duration>),
}

impl Connections {
    pub(super) fn new(options: &Options) -> Arc<Self> {
        Arc::new(Self {
            max: options.connections,
            max_per_network: options.connections_per_network,
            replaceable_after: options.replaceable_after,
            open: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Waits for a place. `None` if the network of `peer` has as many connections as it may.
    pub(super) async fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let network = network(peer);
        loop {
            // Registered before the look, so that a place that is freed meanwhile is noticed.
            let freed = self.freed.notified();
            match self.admit(network) {
                Admission::Place(place) => return Some(place),
                Admission::Refused => return None,
                Admission::Wait(Some(time)) => tokio::select! {
                    () = freed => {}
                    () = sleep(time) => {}
                },
                Admission::Wait(None) => freed.await,
            }
        }
    }

    fn admit(self: &Arc<Self>, network: IpAddr) -> Admission {
        let mut open = self.lock();
        if open.of_network(network) >= self.max_per_network {
            return Admission::Refused;
        }
        if open.by_id.len() >= self.max {
            let Some(least_useful) = self
                .replaceable_after
                .and_then(|after| open.least_useful(after, Instant::now()))
            else {
                return Admission::Wait(None);
            };
            match least_useful {
                (id, time) if time.is_zero() => {
                    if let Some(connection) = open.by_id.remove(&id) {
                        connection.replaced.cancel();
                    }
                }
                (_, time) => return Admission::Wait(Some(time)),
            }
        }
        let (id, replaced) = (open.next_id, CancellationToken::new());
        open.next_id += 1;
        let connection = Connection {
            network,
            last_message: Instant::now(),
            has_recipient: false,
            replaced: replaced.clone(),
        };
        open.by_id.insert(id, connection);
        Admission::Place(Place {
            connections: Arc::clone(self),
            id,
            replaced,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn of_network(&self, network: IpAddr) -> usize {
        let open = self.by_id.values();
        open.filter(|connection| connection.network == network).count()
    }

    /// The connection to replace, and how long it still must not be: first one that can be replaced now, of the network with the most
    /// connections; otherwise the one that can be replaced first.
    fn least_useful(&self, after: Duration, now: Instant) -> Option<(u64, Duration)> {
        let mut of_network: HashMap<IpAddr, usize> = HashMap::new();
        for connection in self.by_id.values() {
            *of_network.entry(connection.network).or_default() += 1;
        }
        let waits = self.by_id.iter().map(|(id, connection)| {
            let after = if connection.has_recipient {
                after * TIMES_WITH_RECIPIENT
            } else {
                after
            };
            let age = now.saturating_duration_since(connection.last_message);
            let size = of_network.get(&connection.network).copied().unwrap_or(0);
            (after.saturating_sub(age), std::cmp::Reverse((size, age)), *id)
        });
        let (time, _, id) = waits.min()?;
        Some((id, time))
    }
}

impl Place {
    /// A recipient was accepted.
    pub(super) fn record_recipient(&self) {
        if let Some(connection) = self.connections.lock().by_id.get_mut(&self.id) {
            connection.has_recipient = true;
        }
    }

    /// A message was accepted.
    pub(super) fn record_message(&self) {
        if let Some(connection) = self.connections.lock().by_id.get_mut(&self.id) {
            connection.last_message = Instant::now();
            connection.has_recipient = false;
        }
    }

    /// Whether the connection has an accepted recipient or a message to show for its commands.
    pub(super) fn has_recipient(&self) -> bool {
        let open = self.connections.lock();
        open.by_id
            .get(&self.id)
            .is_some_and(|connection| connection.has_recipient)
    }

    /// Whether more than half of the connections are in use.
    pub(super) fn are_scarce(&self) -> bool {
        self.connections.lock().by_id.len() > self.connections.max / 2
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().by_id.remove(&self.id);
        self.connections.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_secs(5);

    fn connections(max: usize, max_per_network: usize) -> Arc<Connections> {
        Connections::new(&Options {
            connections: max,
            connections_per_network: max_per_network,
            replaceable_after: Some(AFTER),
            ..Options::default()
        })
    }

    async fn place(connections: &Arc<Connections>, peer: &str) -> Option<Place> {
        connections.place(peer.parse().expect("a valid address")).await
    }

    #[tokio::test]
    async fn a_network_gets_no_more_than_its_share_and_frees_it_again() {
        let connections = connections(10, 2);
        let first = place(&connections, "192.0.2.1").await;
        let second = place(&connections, "192.0.2.2").await;
        assert!(first.is_some() && second.is_some());
        assert!(place(&connections, "192.0.2.3").await.is_none());
        assert!(place(&connections, "198.51.100.1").await.is_some());
        drop(first);
        assert!(place(&connections, "192.0.2.3").await.is_some());
        drop(second);
        assert!(connections.lock().by_id.is_empty());
    }

    #[tokio::test]
    async fn the_longest_useless_connection_of_the_largest_network_is_replaced_first() {
        let connections = connections(4, 40);
        let mut places = Vec::new();
        for peer in ["198.51.100.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            places.push(place(&connections, peer).await.expect("a place is free"));
        }
        let [small, receiving, older, newer] = [0, 1, 2, 3].map(|index: usize| places[index].id);
        places[1].record_recipient();
        let now = Instant::now() + Duration::from_secs(1000);
        let set_age = |id: u64, seconds: u64| {
            let last_message = now.checked_sub(Duration::from_secs(seconds)).expect("the clock runs");
            let mut open = connections.lock();
            open.by_id.get_mut(&id).expect("it is open").last_message = last_message;
        };
        let least_useful = || connections.lock().least_useful(AFTER, now);
        for (ages, expected) in [
            ([4, 4, 1, 0], (small, 1)),
            ([9, 9, 8, 6], (older, 0)),
            ([9, 9, 4, 6], (newer, 0)),
            ([9, 9, 4, 4], (small, 0)),
            ([1, 61, 4, 4], (receiving, 0)),
        ] {
            for (id, age) in [small, receiving, older, newer].into_iter().zip(ages) {
                set_age(id, age);
            }
            assert_eq!(
                least_useful(),
                Some((expected.0, Duration::from_secs(expected.1))),
                "{ages:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_replaced_connection_frees_no_second_place() {
        let connections = Connections::new(&Options {
            connections: 1,
            replaceable_after: Some(Duration::ZERO),
            ..Options::default()
        });
        let first = place(&connections, "192.0.2.1").await.expect("a place is free");
        let second = place(&connections, "192.0.2.2").await.expect("it replaces the first");
        assert!(first.replaced.is_cancelled() && !second.replaced.is_cancelled());
        drop(first);
        assert_eq!(connections.lock().by_id.len(), 1);
    }

    #[tokio::test]
    async fn a_freed_place_is_taken_at_once() {
        let connections = connections(1, 40);
        let held = place(&connections, "192.0.2.1").await.expect("a place is free");
        let waiting = tokio::spawn({
            let connections = Arc::clone(&connections);
            async move { place(&connections, "192.0.2.2").await.is_some() }
        });
        tokio::task::yield_now().await;
        drop(held);
        let waited = tokio::time::timeout(AFTER / 2, waiting).await;
        assert!(
            waited
                .expect("it does not wait until one can be replaced")
                .expect("it does not panic")
        );
    }
}
