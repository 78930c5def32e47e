//! The database part of the readiness check, with its result cached for two seconds.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::store::Store;

/// The result of a check is reused for this long, so that many health checks cost one query.
const MAX_AGE: Duration = Duration::from_secs(2);
/// After this long without an answer the database counts as unavailable.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3);

/// The latest check of the database: when it was made, and the problem that it found.
#[derive(Debug, Default)]
pub(super) struct DatabaseCheck(Mutex<Option<(Instant, Option<String>)>>);

impl DatabaseCheck {
    /// Why the database cannot be read or written; `None` if it can.
    pub(super) async fn problem(&self, store: &Store) -> Option<String> {
        // Concurrent checks wait here for the one that asks the database.
        let mut last = self.0.lock().await;
        if let Some((_, problem)) = last.as_ref().filter(|(at, _)| at.elapsed() < MAX_AGE) {
            return problem.clone();
        }
        let check = async {
            store.read().await?.newsletters().await?;
            store.check_writable().await
        };
        let problem = match timeout(DATABASE_TIMEOUT, check).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!(
                "the database does not answer within {} seconds",
                DATABASE_TIMEOUT.as_secs()
            )),
        };
        *last = Some((Instant::now(), problem.clone()));
        problem
    }
}
