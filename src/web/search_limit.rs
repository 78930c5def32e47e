//! Limits the searches that run at a time, so that costly queries take no connection to the database from other pages.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::error::WebError;
use crate::domain::network::network;

/// The searches that run at a time.
const MAX_RUNNING: usize = 2;
/// The searches of one network that run or wait, so that others find a place, too.
const MAX_OF_NETWORK: usize = 4;
/// A search that has waited this long is refused.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// The searches that run and wait.
#[derive(Debug)]
pub(super) struct SearchLimit {
    running: Semaphore,
    max_wait: Duration,
    by_network: Mutex<HashMap<IpAddr, usize>>,
}

impl Default for SearchLimit {
    fn default() -> Self {
        Self {
            running: Semaphore::new(MAX_RUNNING),
            max_wait: MAX_WAIT,
            by_network: Mutex::default(),
        }
    }
}

/// A search that may run until this is dropped.
#[derive(Debug)]
pub(super) struct Searching<'a> {
    _running: SemaphorePermit<'a>,
    _counted: Counted<'a>,
}

/// A search that is counted for its network until this is dropped.
#[derive(Debug)]
struct Counted<'a> {
    limit: &'a SearchLimit,
    network: IpAddr,
}

impl SearchLimit {
    /// Waits until a search of this client may run.
    ///
    /// # Errors
    /// [`WebError::Busy`] if its network has too many searches, or the wait is too long.
    pub(super) async fn enter(&self, client: IpAddr) -> Result<Searching<'_>, WebError> {
        let counted = self.count(network(client)).ok_or(WebError::Busy)?;
        match timeout(self.max_wait, self.running.acquire()).await {
            Ok(Ok(running)) => Ok(Searching {
                _running: running,
                _counted: counted,
            }),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(WebError::Busy),
        }
    }

    fn count(&self, network: IpAddr) -> Option<Counted<'_>> {
        let mut by_network = self.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        let searches = by_network.entry(network).or_default();
        if *searches >= MAX_OF_NETWORK {
            return None;
        }
        *searches += 1;
        Some(Counted { limit: self, network })
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut by_network = self.limit.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(searches) = by_network.get_mut(&self.network) {
            *searches -= 1;
            if *searches == 0 {
                by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn searches_of_one_network_leave_places_for_others() {
        let limit = SearchLimit {
            max_wait: Duration::ZERO,
            ..SearchLimit::default()
        };
        let address = |text: &str| text.parse().expect("an address");
        let first = limit.enter(address("192.0.2.1")).await.expect("the first search runs");
        let second = limit.enter(address("192.0.2.1")).await.expect("the second search runs");
        let waited = limit.enter(address("192.0.2.1")).await;
        assert!(matches!(waited, Err(WebError::Busy)), "{waited:?}");
        drop(first);
        let places: Vec<_> = std::iter::from_fn(|| limit.count(network(address("192.0.2.9")))).collect();
        assert_eq!(places.len(), MAX_OF_NETWORK - 1, "one search of the network still runs");
        drop(places);
        let other = limit.enter(address("198.51.100.7")).await;
        assert!(other.is_ok(), "{other:?}");
        drop((second, other));
        assert!(limit.by_network.lock().expect("no test panicked").is_empty());
    }
}
