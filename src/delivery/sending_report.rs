//! The relays by the settings, and how fast each process sends, for operators.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::daily_caps;
use super::routes::Routes;
use crate::app::App;
use crate::config::cap_name;
use crate::domain::sending_status::{RelayStatus, RelayWait, SendingStatus};
use crate::store::StoreError;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// A relay by the settings.
#[derive(Debug)]
pub(crate) struct RelayInUse {
    /// The index in the settings, from 0.
    index: usize,
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

/// Why a relay does not send an issue now.
#[derive(Debug, Serialize)]
pub(crate) struct HeldRelay {
    /// The address of the relay without the login.
    relay: String,
    /// `daily_cap`, `send_window`, `slowed_down` or `unavailable`.
    reason: &'static str,
    /// When it sends again; `None` if that is unknown.
    until: Option<DateTime<Utc>>,
    #[serde(skip)]
    text: String,
}

impl fmt::Display for HeldRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until.map(|until| until.format("%Y-%m-%d %H:%M")) {
            Some(until) => write!(
                f,
                "{} sends issues again from {until} UTC on: {}",
                self.relay, self.text
            ),
            None => write!(f, "{} sends no issue now: {}", self.relay, self.text),
        }
    }
}

/// Why relays that send an issue wait, by the settings and by what the processes last reported.
///
/// # Errors
/// If the database fails.
pub(crate) async fn held_relays(
    app: &App,
    issue: &Issue,
    newsletter: &Newsletter,
) -> Result<Vec<HeldRelay>, StoreError> {
    let now = app.clock.now();
    let SendingReport { relays, processes } = sending_report(app).await?;
    let routes = Routes::new(&app.config);
    let route = routes.of_issue(issue, newsletter);
    let mut held = Vec::new();
    for relay in relays.into_iter().filter(|relay| routes.is_member(route, relay.index)) {
        if let Some(RelayWait { reason, until }) = relay.waits {
            held.push(HeldRelay {
                relay: relay.name,
                reason: reason.as_str(),
                until: Some(until),
                text: reason.to_string(),
            });
            continue;
        }
        // Each process has connections of its own. If one of them sends, the relay does not hold the issue up.
        let reports = processes.iter().flat_map(|process| &process.status.relays);
        let reports: Vec<_> = reports.filter(|status| status.name == relay.name).collect();
        let paused_until = |status: &RelayStatus| status.paused_until.filter(|until| *until > now);
        let is_held = |status: &&RelayStatus| status.trouble.is_some() || paused_until(status).is_some();
        let Some(first) = reports.first().copied().filter(|_| reports.iter().all(is_held)) else {
            continue;
        };
        held.push(match &first.trouble {
            Some(trouble) => HeldRelay {
                relay: relay.name,
                reason: "unavailable",
                until: None,
                text: trouble.clone(),
            },
            None => HeldRelay {
                relay: relay.name,
                reason: "slowed_down",
                until: reports.iter().copied().filter_map(paused_until).min(),
                text: "it asked to slow down".to_owned(),
            },
        });
    }
    Ok(held)
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
            index,
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
