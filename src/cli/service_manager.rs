//! Reports to the service manager that the service is ready, works and stops: systemd's `Type=notify` with `WatchdogSec`
//! ([sd_notify(3)](https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html)). Without a service manager nothing is sent.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::App;
use crate::store::StoreError;

/// Checks in each interval of the watchdog. Several may fail before the service manager restarts the service.
const CHECKS_IN_INTERVAL: u32 = 4;

/// Feeds the watchdog of the service manager while it exists, if the service has one.
pub(crate) struct Watchdog(Option<JoinHandle<()>>);

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Reports that the service is ready. Call it when the sockets are open.
pub(crate) fn ready(app: &Arc<App>) -> Watchdog {
    send(&[NotifyState::Ready, status(true)]);
    let period = sd_notify::watchdog_enabled().map(|interval| interval / CHECKS_IN_INTERVAL);
    let period = period.filter(|period| !period.is_zero());
    Watchdog(period.map(|period| tokio::spawn(feed_watchdog(Arc::clone(app), period))))
}

/// Reports that the service stops on purpose.
pub(crate) fn stopping() {
    send(&[NotifyState::Stopping]);
}

async fn feed_watchdog(app: Arc<App>, period: Duration) {
    let mut checks = interval(period);
    // After a slow check, the checks that it has delayed are not made up for.
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        checks.tick().await;
        if let Some(available) = is_available(app.store.check_writable(), period).await {
            send(&[NotifyState::Watchdog, status(available)]);
        } else {
            tracing::error!("database did not answer in time; the watchdog is not fed");
        }
    }
}

/// Whether the database is available; `None` if it does not answer within `limit`. A server that refuses connections has answered: a
/// restart of this program would not mend it, and would leave the messages in flight in doubt.
async fn is_available(check: impl Future<Output = Result<(), StoreError>>, limit: Duration) -> Option<bool> {
    timeout(limit, check).await.ok().map(|answer| answer.is_ok())
}

/// The line that `systemctl status` shows.
fn status(database_is_available: bool) -> NotifyState<'static> {
    NotifyState::Status(if database_is_available {
        "running"
    } else {
        "the database is unavailable; see the log"
    })
}

fn send(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "service manager not notified; see NOTIFY_SOCKET");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_database_without_an_answer_stops_the_watchdog() {
        let limit = Duration::from_mins(1);
        assert_eq!(is_available(async { Ok(()) }, limit).await, Some(true));
        assert_eq!(
            is_available(async { Err(StoreError::Overloaded) }, limit).await,
            Some(false)
        );
        let never = std::future::pending::<Result<(), StoreError>>();
        assert_eq!(is_available(never, Duration::from_millis(1)).await, None);
    }
}
