//! Warm-up: caps the messages a day of a relay whose sending address is new.
//!
//! - The *cap* is the number of messages a day, by the settings. The database counts what is used of it, so all processes share it.
//! - A process takes a *portion* of the cap at once.
//! - Its *allowance* is what is left of its portions.

use std::sync::Arc;

use super::dispatch::Dispatcher;
use super::relays::RelayHandle;
use crate::app::App;
use crate::store::StoreError;

/// Messages in a portion, which a process takes from the day's cap at once.
const PORTION: i64 = 50;

/// Takes a portion of the day's cap for every capped relay without an allowance. A relay whose cap is reached sends nothing until the
/// next day, and the other relays take its share.
pub(super) async fn refill(app: &App, relays: &[Arc<RelayHandle>], dispatcher: &Dispatcher) -> Result<(), StoreError> {
    let today = app.clock.now().date_naive();
    for relay in relays.iter().filter(|relay| relay.warmup.started.is_some()) {
        relay.set_day(today);
        let Some(cap) = relay.warmup.cap(today) else {
            // The warm-up is over.
            relay.lift_cap();
            dispatcher.set_allowance_left(relay.index, true);
            continue;
        };
        if relay.allowance() > 0 {
            // Messages that were not accepted are returned to the allowance, after a connection has found it used up.
            dispatcher.set_allowance_left(relay.index, true);
            continue;
        }
        if !dispatcher.has_work() {
            continue;
        }
        let mut tx = app.store.write().await?;
        let taken = tx
            .reserve_from_cap(&relay.name(), today, PORTION, i64::from(cap))
            .await?;
        tx.commit().await?;
        relay.add_allowance(taken);
        relay.set_cap_reached(taken == 0);
        dispatcher.set_allowance_left(relay.index, taken > 0);
        dispatcher.notify_connections();
    }
    Ok(())
}

/// Returns the allowances to the caps when this process ends.
pub(super) async fn return_unused(app: &App, relays: &[Arc<RelayHandle>]) {
    for relay in relays.iter().filter(|relay| relay.warmup.cap(relay.day()).is_some()) {
        let unused = relay.allowance();
        if unused <= 0 {
            continue;
        }
        let returned = async {
            let mut tx = app.store.write().await?;
            tx.return_to_cap(&relay.name(), relay.day(), unused).await?;
            tx.commit().await
        };
        if let Err(error) = returned.await {
            tracing::warn!(%error, relay.address = relay.name(), mail.count = unused, "unused part of the warm-up cap not returned");
        }
    }
}
