//! When a relay may send issues: within its send window, and up to its cap of the day (`max_per_day`, and the warm-up of a new sending
//! address).
//!
//! - The *cap* is the number of messages a day, by the settings. The database counts what is used of it, so all processes share it.
//! - A process takes a *portion* of the cap at once.
//! - Its *allowance* is what is left of its portions.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::dispatch::Dispatcher;
use super::relays::RelayHandle;
use crate::app::App;
use crate::config::{Relay, cap_name};
use crate::domain::sending_status::{RelayWait, WaitReason};
use crate::store::StoreError;

/// Messages in a portion, which a process takes from the day's cap at once.
const PORTION: i64 = 50;

/// Opens and closes every relay with a send window, and takes a portion of the day's cap for every capped relay without an allowance. A
/// relay that is closed or whose cap is reached sends no issue, and the other relays take its share.
pub(super) async fn refill(app: &App, relays: &[Arc<RelayHandle>], dispatcher: &Dispatcher) -> Result<(), StoreError> {
    let now = app.clock.now();
    let today = now.date_naive();
    for relay in relays {
        let settings = &app.config.relays[relay.index];
        if settings.send_window.is_none() && !settings.has_daily_cap() {
            continue;
        }
        let closed_until = settings.send_window.and_then(|window| window.closed_until(now));
        relay.set_open(closed_until.is_none());
        if closed_until.is_some() {
            dispatcher.set_allowance_left(relay.index, false);
            continue;
        }
        relay.set_day(today);
        let Some(cap) = settings.daily_cap(today) else {
            // There is no cap, or the warm-up is over.
            relay.lift_cap();
            dispatcher.set_allowance_left(relay.index, true);
            continue;
        };
        if relay.allowance() > 0 {
            // Messages that were not accepted are returned to the allowance, after a connection has found it used up.
            dispatcher.set_allowance_left(relay.index, true);
            continue;
        }
        if !dispatcher.has_work(relay.index) {
            continue;
        }
        let mut tx = app.store.write().await?;
        let name = cap_name(&app.config.relays, relay.index);
        let taken = tx.reserve_from_cap(&name, today, PORTION, i64::from(cap)).await?;
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
    for relay in relays {
        let unused = relay.allowance();
        if unused <= 0 || app.config.relays[relay.index].daily_cap(relay.day()).is_none() {
            continue;
        }
        let returned = async {
            let mut tx = app.store.write().await?;
            let name = cap_name(&app.config.relays, relay.index);
            tx.return_to_cap(&name, relay.day(), unused).await?;
            tx.commit().await
        };
        if let Err(error) = returned.await {
            tracing::warn!(%error, relay.address = relay.name(), mail.count = unused, "unused part of the daily cap not returned");
        }
    }
}

/// Why a relay of which `used` messages are counted today sends no issue, and from when on it will; `None` if it may send.
pub(super) fn wait(relay: &Relay, used: i64, now: DateTime<Utc>) -> Option<RelayWait> {
    let closed_until = |at| relay.send_window.and_then(|window| window.closed_until(at));
    if let Some(until) = closed_until(now) {
        let reason = WaitReason::SendWindow;
        return Some(RelayWait { reason, until });
    }
    let today = now.date_naive();
    relay.daily_cap(today).filter(|cap| used >= i64::from(*cap))?;
    let mut day = today.checked_add_days(Days::new(1))?;
    // A warm-up that has not started permits nothing.
    while relay.daily_cap(day) == Some(0) {
        day = day.checked_add_days(Days::new(1))?;
    }
    let day = day.and_time(NaiveTime::MIN).and_utc();
    Some(RelayWait {
        reason: WaitReason::DailyCap,
        until: closed_until(day).unwrap_or(day),
    })
}
