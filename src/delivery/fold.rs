//! Folding: deliveries of issues that ended long ago are counted into the issue's totals, and their rows deleted.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::domain::ids::SubscriptionId;
use crate::domain::time::time_delta;
use crate::store::StoreError;

/// How often issues that ended long enough ago are looked for.
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// Rows in one transaction: few enough that nobody waits long for it.
const BATCH: i64 = 2_000;

/// Folds what is due, again and again until told to stop. Any number of processes may.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match fold_due(&app, BATCH, &stop).await {
            Ok(0) => {}
            Ok(folded) => tracing::info!(folded, "deliveries of old issues are sums now"),
            Err(error) => tracing::error!(%error, "old deliveries could not be folded; trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Folds every issue that ended longer than `delivery.fold_after` ago, `batch` rows a transaction, until done or told to
/// stop. What a transaction counts it also deletes: wherever this is broken off, the sums stay right. Returns how many
/// deliveries were folded.
///
/// # Errors
/// When the database fails; what was folded until then is.
pub async fn fold_due(app: &App, batch: i64, stop: &CancellationToken) -> Result<u64, StoreError> {
    let Some(after) = app.config.delivery.fold_after else {
        return Ok(0);
    };
    let before = app.clock.now() - time_delta(after);
    let issues = app.store.read().await?.issues_to_fold(before).await?;
    let mut folded = 0;
    for issue in issues {
        let mut cursor = SubscriptionId(Uuid::nil());
        while !stop.is_cancelled() {
            let mut tx = app.store.write().await?;
            let (count, last) = tx.fold_deliveries(issue, before, cursor, batch).await?;
            tx.commit().await?;
            folded += count;
            // Behind what is gone: looking from the front would mean to wade through it.
            let Some(last) = last else { break };
            cursor = last;
        }
    }
    Ok(folded)
}
