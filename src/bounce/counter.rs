//! Counts what is refused or repeated when it is received. A flood of forged requests must not become a flood of writes, so counts are
//! collected for a moment before they are written. If the process is killed meanwhile, they are lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::store::{StoreError, retry_on_conflict};

/// How long counts are collected before they are written.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long to wait after the database failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// The address has a tag that none of our keys made.
pub(in crate::bounce) const FORGED_TAG: &str = "forged_tag";
/// The address is not one for returned mail.
pub(super) const UNKNOWN_RECIPIENT: &str = "unknown_recipient";
/// Nothing proves that the mail is about one of our messages.
pub(super) const UNSIGNED: &str = "unsigned";
/// More mail came to the recipient's tags than is stored on a day.
pub(super) const OVER_BUDGET: &str = "over_budget";
/// The mail or event was stored before.
pub(super) const REPEATED: &str = "repeated";

type Counts = BTreeMap<(&'static str, &'static str), i64>;

/// The counts that are not written yet, by source and outcome.
#[derive(Debug, Default)]
pub(super) struct Counter(Mutex<Counts>);

impl Counter {
    /// Adds to a count, which is in the database a moment later.
    pub(super) fn add(self: &Arc<Self>, app: &Arc<App>, source: &'static str, outcome: &'static str, count: u64) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut waiting = self.lock();
        let is_first = waiting.is_empty();
        *waiting.entry((source, outcome)).or_default() += count;
        drop(waiting);
        // While counts wait, a task is on its way to write them.
        if is_first {
            let (counter, app) = (Arc::clone(self), Arc::clone(app));
            tokio::spawn(async move {
                tokio::time::sleep(INTERVAL).await;
                while let Err(error) = counter.write(&app).await {
                    tracing::error!(%error, "refused and repeated mail not counted; trying again");
                    tokio::time::sleep(RETRY_INTERVAL).await;
                }
            });
        }
    }

    /// Writes the counts that wait.
    ///
    /// # Errors
    /// When the database fails: the counts still wait then.
    pub(super) async fn write(&self, app: &App) -> Result<(), StoreError> {
        let counts = std::mem::take(&mut *self.lock());
        if counts.is_empty() {
            return Ok(());
        }
        let written = retry_on_conflict(StoreError::is_conflict, || async {
            let mut tx = app.store.write().await?;
            for ((source, outcome), count) in &counts {
                tx.count_intake(app.clock.now(), source, outcome, *count).await?;
            }
            tx.commit().await
        });
        let result = written.await;
        if result.is_err() {
            let mut waiting = self.lock();
            for (key, count) in counts {
                *waiting.entry(key).or_default() += count;
            }
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
