//! Removes the contents of returned mails that were processed long ago (`intake.keep_contents`). They have addresses and often a copy of
//! our message. What they led to stays on record, with the lines that decided.

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
        let pause = match drop_due(&app, &stop).await {
            Ok(0) => INTERVAL,
            Ok(dropped) => {
                tracing::info!(returned_mail.count = dropped, "contents of returned mails deleted");
                INTERVAL
            }
            Err(error) => {
                tracing::error!(%error, "contents of returned mails not deleted; trying again");
                RETRY_INTERVAL
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Removes the contents of all mails that were processed longer than `intake.keep_contents` ago. Returns of how many.
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
