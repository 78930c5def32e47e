//! Warm-up: how many messages a relay may still carry today while its sending address is new. The day's count is in the
//! database, so that any number of nodes keep to one cap together.

use std::sync::Arc;

use super::dispatch::Dispatch;
use super::relays::Lane;
use crate::app::App;
use crate::store::StoreError;

/// How much of the day's cap a node takes at a time.
const PORTION: i64 = 50;

/// Takes a portion of the day's cap for every relay that has one and little left; a relay whose cap is reached rests
/// until the next day, and the others carry on.
///
/// # Errors
/// When the database does not answer.
pub async fn refill(app: &App, lanes: &[Arc<Lane>], dispatch: &Dispatch) -> Result<(), StoreError> {
    let today = app.clock.now().date_naive();
    for lane in lanes.iter().filter(|lane| lane.warmup.started.is_some()) {
        lane.turn_to(today);
        let Some(cap) = lane.warmup.cap(today) else {
            lane.allow(None);
            dispatch.set_open(lane.index, true);
            continue;
        };
        if lane.allowance() > 0 || !dispatch.has_work() {
            continue;
        }
        let mut tx = app.store.write().await?;
        let taken = tx.take_from_cap(&lane.name(), today, PORTION, i64::from(cap)).await?;
        tx.commit().await?;
        lane.allow(Some(taken));
        dispatch.set_open(lane.index, taken > 0);
        dispatch.ring();
    }
    Ok(())
}

/// Gives back what was taken of the cap and not used, at the end.
pub async fn give_back(app: &App, lanes: &[Arc<Lane>]) {
    for lane in lanes.iter().filter(|lane| lane.warmup.cap(lane.day()).is_some()) {
        let left = lane.allowance();
        if left <= 0 {
            continue;
        }
        let given = async {
            let mut tx = app.store.write().await?;
            tx.return_to_cap(&lane.name(), lane.day(), left).await?;
            tx.commit().await
        };
        if let Err(error) = given.await {
            tracing::warn!(%error, left, "what is left of the day's cap could not be given back");
        }
    }
}
