//! The relays by the settings, and how fast each process sends, for operators.

use super::daily_caps;
use crate::app::App;
use crate::config::cap_name;
use crate::domain::sending_status::{RelayWait, SendingStatus};
use crate::store::StoreError;

/// A relay by the settings.
#[derive(Debug)]
pub(crate) struct RelayInUse {
    /// The address without the login.
    pub(crate) name: String,
    pub(crate) weight: u32,
    pub(crate) connections: usize,
    /// Messages per second; `None` without a limit.
    pub(crate) rate: Option<u32>,
    /// How many messages may be sent today; `None` without a limit.
    pub(crate) cap: Option<u32>,
    /// How many of them are used.
    pub(crate) used: i64,
    /// Why it sends no issue now; `None` if it does.
    pub(crate) waits: Option<RelayWait>,
}

/// A process that sends.
#[derive(Debug)]
pub(crate) struct SendingProcess {
    /// The number of the process, or the id of its node.
    pub(crate) name: String,
    pub(crate) status: SendingStatus,
}

/// How mail is sent.
#[derive(Debug)]
pub(crate) struct SendingReport {
    pub(crate) relays: Vec<RelayInUse>,
    pub(crate) processes: Vec<SendingProcess>,
}

/// Reads what the processes last reported.
pub(crate) async fn sending_report(app: &App) -> Result<SendingReport, StoreError> {
    let now = app.clock.now();
    let today = now.date_naive();
    let mut tx = app.store.read().await?;
    let mut relays = Vec::new();
    for (index, relay) in app.config.relays.iter().enumerate() {
        let Some(url) = &relay.url else { continue };
        let name = url.to_string();
        let cap = relay.daily_cap(today);
        let used = match cap {
            Some(_) => tx.used_of_cap(&cap_name(&app.config.relays, index), today).await?,
            None => 0,
        };
        relays.push(RelayInUse {
            name,
            weight: relay.weight,
            connections: relay.connections,
            rate: relay.rate_per_second.map(std::num::NonZeroU32::get),
            cap,
            used,
            waits: daily_caps::wait(relay, used, now),
        });
    }
    let mut processes = Vec::new();
    for (node, process, status) in tx.sending_statuses().await? {
        // A node of another version may report in another form.
        let Ok(status) = serde_json::from_str(&status) else {
            continue;
        };
        // Its parts are the machine, a namespace, the number of the process, and when it started.
        let number = process.as_deref().and_then(|process| process.rsplit('/').nth(1));
        let name = number.map_or_else(|| node.0.to_string(), str::to_owned);
        processes.push(SendingProcess { name, status });
    }
    Ok(SendingReport { relays, processes })
}
