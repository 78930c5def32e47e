//! Removes what is not needed any more: the contents of returned mails that were processed long ago (`intake.keep_contents`), the evidence
//! of old bounces (`bounces.keep_evidence`), and the counts of issues that are older than the time over which rates are compared
//! (`bounces.rate_window`).
//!
//! Contents have addresses and often a copy of our message. What they led to stays on record, with the evidence.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::receive::day;
use crate::app::App;
use crate::domain::time::time_delta;
use crate::store::StoreError;

/// How often contents are removed.
const INTERVAL: Duration = Duration::from_hours(24);
/// How soon it is tried again if the database fails.
const RETRY_INTERVAL: Duration = Duration::from_mins(10);
/// Rows in one transaction: few enough that other writers wait only briefly.
const BATCH_ROWS: i64 = 500;
/// Longer than any webhook accepts a signed time.
const NONCES_KEPT_FOR: TimeDelta = TimeDelta::days(2);

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
        let evidence = drop_evidence(&app, &stop).await;
        let pause = match dropped.and(evidence).map(|_| ()).and(forget_old(&app, &stop).await) {
            Ok(()) => INTERVAL,
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

/// Removes the evidence of all bounces and complaints that are older than `bounces.keep_evidence`. Returns of how many.
///
/// # Errors
/// When the database fails. What was committed before stays removed.
pub async fn drop_evidence(app: &App, stop: &CancellationToken) -> Result<u64, StoreError> {
    let Some(keep) = app.config.bounces.keep_evidence else {
        return Ok(0);
    };
    let before = app.clock.now() - time_delta(keep);
    let mut dropped = 0;
    while !stop.is_cancelled() {
        let mut tx = app.store.write().await?;
        let count = tx.drop_evidence(before, BATCH_ROWS).await?;
        tx.commit().await?;
        dropped += count;
        if count == 0 {
            break;
        }
    }
    Ok(dropped)
}

/// Forgets what no rule looks at any more: the counts of issues that rates do not include, used tokens of webhooks whose time is too old,
/// and the budgets of earlier days.
async fn forget_old(app: &App, stop: &CancellationToken) -> Result<(), StoreError> {
    let now = app.clock.now();
    let rates_before = now - time_delta(app.config.bounces.rate_window);
    while !stop.is_cancelled() {
        let mut tx = app.store.write().await?;
        let rates = tx.forget_rates(rates_before, BATCH_ROWS).await?;
        let nonces = tx.forget_webhook_nonces(now - NONCES_KEPT_FOR, BATCH_ROWS).await?;
        let budgets = tx.forget_intake_budgets(&day(now), BATCH_ROWS).await?;
        tx.commit().await?;
        if rates + nonces + budgets == 0 {
            break;
        }
    }
    Ok(())
}
