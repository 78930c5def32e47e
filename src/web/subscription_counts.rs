//! How many subscriptions are in each state. The result is kept for a while if counting them takes long.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::domain::ids::NewsletterId;
use crate::domain::states::SubscriptionState;
use crate::store::{StoreError, Tx};

/// With fewer subscriptions, counting takes some milliseconds, so nothing is kept.
const MIN_KEPT: i64 = 100_000;
/// Kept counts are used for this long.
const MAX_AGE: Duration = Duration::from_secs(10);

/// The number of subscriptions of a newsletter that are in a state.
pub(super) type SubscriptionCount = (NewsletterId, SubscriptionState, i64);

/// The latest counts of many subscriptions, and when they were made.
#[derive(Debug, Default)]
pub(super) struct SubscriptionCounts(Mutex<Option<(Instant, Vec<SubscriptionCount>)>>);

impl SubscriptionCounts {
    /// The counts in `tx`. With a hundred thousand subscriptions or more, they can be ten seconds old.
    pub(super) async fn read(&self, tx: &mut Tx) -> Result<Vec<SubscriptionCount>, StoreError> {
        // Concurrent requests wait here for the one that counts.
        let mut kept = self.0.lock().await;
        if let Some((_, counts)) = kept.as_ref().filter(|(at, _)| at.elapsed() < MAX_AGE) {
            return Ok(counts.clone());
        }
        let counts = tx.count_subscriptions().await?;
        let total: i64 = counts.iter().map(|(_, _, count)| count).sum();
        *kept = (total >= MIN_KEPT).then(|| (Instant::now(), counts.clone()));
        Ok(counts)
    }
}
