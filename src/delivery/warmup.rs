//! Warm-up: caps the messages a day of a relay whose sending address is new. The count of the day is in the database, so all
//! processes share one cap.

use std::sync::Arc;

use super::dispatch::Dispatcher;
use super::relays::RelayHandle;
use crate::app::App;
use crate::store::StoreError;

/// How many messages of the day's cap a process takes at once.
const PORTION: i64 = 50;

/// Takes a portion of the day's cap for every capped relay that has used up its last one. A relay whose cap is reached sends nothing
/// until the next day, and the others take its share.
pub(super) async fn refill(app: &App, relays: &[Arc<RelayHandle>], dispatcher: &Dispatcher) -> Result<(), StoreError> {
    let today = app.clock.now().date_naive();
    for relay in relays.iter().filter(|relay| relay.warmup.started.is_some()) {
        relay.set_day(today);
        let Some(cap) = relay.warmup.cap(today) else {
            // The warm-up is over.
            relay.lift_cap();
            dispatcher.set_available(relay.index, true);
            continue;
        };
        if relay.allowance() > 0 || !dispatcher.has_work() {
            continue;
        }
        let mut tx = app.store.write().await?;
        let taken = tx
            .reserve_from_cap(&relay.name(), today, PORTION, i64::from(cap))
            .await?;
        tx.commit().await?;
        relay.add_allowance(taken);
        dispatcher.set_available(relay.index, taken > 0);
        dispatcher.notify_connections();
    }
    Ok(())
}

/// Returns the messages that were taken from the caps and not sent, when this process ends.
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
