//! Counts refused and repeated requests in the database. A flood of forged requests must not become a flood of writes, so counts are
//! collected for a moment first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::store::{StoreError, retry_on_conflict};

/// How long counts are collected before they are written.
const INTERVAL: Duration = Duration::from_secs(1);

/// The counts that are not written yet, by source and outcome.
#[derive(Debug, Default)]
pub(super) struct Counter(Mutex<BTreeMap<(&'static str, &'static str), i64>>);

impl Counter {
    /// Adds to a count, which is in the database a moment later.
    pub(super) fn add(self: &Arc<Self>, app: &Arc<App>, source: &'static str, outcome: &'static str, count: u64) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = waiting.is_empty();
        *waiting.entry((source, outcome)).or_default() += count;
        drop(waiting);
        // While counts wait, a task is on its way to write them.
        if is_first {
            let (counter, app) = (Arc::clone(self), Arc::clone(app));
            tokio::spawn(async move {
                tokio::time::sleep(INTERVAL).await;
                counter.write(&app).await;
            });
        }
    }

    async fn write(&self, app: &App) {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let written = retry_on_conflict(StoreError::is_conflict, || async {
            let mut tx = app.store.write().await?;
            for ((source, outcome), count) in &counts {
                tx.count_intake(app.clock.now(), source, outcome, *count).await?;
            }
            tx.commit().await
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "refused and repeated webhook events not counted");
        }
    }
}
