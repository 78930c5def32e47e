//! Removes what is not needed any more: the contents of returned mails that were processed long ago (`intake.keep_contents`), and the
//! counts of issues that are older than the time over which rates are compared (`bounces.rate_window`).
//!
//! Contents have addresses and often a copy of our message. What they led to stays on record, with the evidence.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::time::time_delta;
use crate::store::StoreError;

/// How often contents are removed.
const INTERVAL: Duration = Duration::from_hours(24);
/// How soon it is tried again if the database fails.
const RETRY_INTERVAL: Duration = Duration::from_mins(10);
/// Rows in one transaction: few enough that other writers wait only briefly.
const BATCH_ROWS: i64 = 500;

/// Removes due contents every day until `stop` is cancelled. Several processes may run this at once.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let dropped = drop_due(&app, &stop).await;
        if let Ok(1..) = dropped {
            tracing::info!(
                returned_mail.count = dropped.as_ref().ok(),
                "contents of returned mails deleted"
            );
        }
        let pause = match dropped.and(forget_rates(&app, &stop).await) {
            Ok(_) => INTERVAL,
            Err(error) => {
                tracing::error!(%error, "old returned mail not cleaned up; trying again");
                RETRY_INTERVAL
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Removes the contents of all mails that were processed longer than `intake.keep_contents` ago. Returns how many.
///
/// # Errors
/// When the database fails. What was committed before stays removed.
pub async fn drop_due(app: &App, stop: &CancellationToken) -> Result<u64, StoreError> {
    let Some(keep) = app.config.intake.keep_contents else {
        return Ok(0);
    };
    let before = app.clock.now() - time_delta(keep);
    let mut dropped = 0;
    while !stop.is_cancelled() {
        let mut tx = app.store.write().await?;
        let count = tx.drop_returned_contents(before, BATCH_ROWS).await?;
        tx.commit().await?;
        dropped += count;
        if count == 0 {
            break;
        }
    }
    Ok(dropped)
}

/// Forgets the counts of issues that rates do not include any more. Returns how many rows.
async fn forget_rates(app: &App, stop: &CancellationToken) -> Result<u64, StoreError> {
    let before = app.clock.now() - time_delta(app.config.bounces.rate_window);
    let mut forgotten = 0;
    while !stop.is_cancelled() {
        let mut tx = app.store.write().await?;
        let count = tx.forget_rates(before, BATCH_ROWS).await?;
        tx.commit().await?;
        forgotten += count;
        if count == 0 {
            break;
        }
    }
    Ok(forgotten)
}
