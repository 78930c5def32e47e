//! Compaction: deliveries of issues that ended long ago are counted into the issue's totals, and their rows deleted.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::domain::ids::SubscriptionId;
use crate::domain::time::time_delta;
use crate::store::StoreError;

const CHECK_INTERVAL: Duration = Duration::from_hours(1);
/// Rows in one transaction: few enough that other writers wait only briefly.
const BATCH_ROWS: i64 = 2_000;

/// Compacts due issues every hour until `stop` is cancelled. Several processes may run this at once.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match compact_due(&app, BATCH_ROWS, &stop).await {
            Ok(0) => {}
            Ok(compacted) => tracing::info!(delivery.count = compacted, "deliveries compacted"),
            Err(error) => tracing::error!(%error, "compaction of deliveries failed; trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
        }
    }
}

/// Compacts every issue that ended longer than `delivery.compact_after` ago, at most `batch` rows in one transaction. Each
/// transaction deletes exactly the rows that it counts, so the totals are right wherever this stops. Returns the number of
/// compacted deliveries.
///
/// # Errors
/// When the database fails. Batches that were committed before stay compacted.
pub async fn compact_due(app: &App, batch: i64, stop: &CancellationToken) -> Result<u64, StoreError> {
    let Some(after) = app.config.delivery.compact_after else {
        return Ok(0);
    };
    let before = app.clock.now() - time_delta(after);
    let issues = app.store.read().await?.issues_to_compact(before).await?;
    let mut compacted = 0;
    for issue in issues {
        let mut cursor = SubscriptionId(Uuid::nil());
        while !stop.is_cancelled() {
            let mut tx = app.store.write().await?;
            let (count, last) = tx.compact_deliveries(issue, before, cursor, batch).await?;
            tx.commit().await?;
            compacted += count;
            // Continue after the last row: PostgreSQL would first read all rows that were just deleted.
            let Some(last) = last else { break };
            cursor = last;
        }
    }
    Ok(compacted)
}
