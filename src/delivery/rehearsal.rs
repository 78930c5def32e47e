//! The rehearsal of an issue: a copy of it in a scratch database is sent to a simulated relay in this process, by the same code as a
//! real issue, from the freeze to the last outcome. The real database is only read.

mod copy;
mod faults;
mod simulated_relay;

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) use faults::Faults;
pub(crate) use simulated_relay::{Sample, SimulatedFaults};

use self::copy::Audience;
use self::simulated_relay::SimulatedRelay;
use super::control::{self, ControlError};
use super::expected_audience::ExpectedAudience;
use super::forecast::{DomainLimits, Forecast, ForecastInput, RelayLimits, forecast};
use super::report::{DeliveryReport, delivery_report};
use super::routes::Routes;
use super::sender::StopCondition;
use super::{nodes, sender};
use crate::app::{App, StartError};
use crate::clock::{Clock, Rng};
use crate::config::{Config, DatabaseUrl, Warmup, cap_name};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::mail::relay::{Relay, RelayError};
use crate::mail::server::{Options as ServerOptions, SmtpServer};
use crate::store::StoreError;

/// How often to check whether all deliveries that are left wait for a retry.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Connections to the simulated relay at most, even if the relays permit more in all.
const MAX_CONNECTIONS: usize = 200;

/// Options of a rehearsal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How often the simulated relay fails on purpose.
    pub faults: Faults,
    /// Selects the attempts with faults. The same seed selects the same ones.
    pub seed: u64,
}

/// The result of a rehearsal.
#[derive(Clone, Debug, Serialize)]
pub struct RehearsalReport {
    pub id: IssueId,
    /// How many recipients would be frozen now.
    pub recipients: i64,
    /// How many of them are suppressed.
    pub suppressed: i64,
    /// How many subscribers would be mailed, and why the others would not.
    pub expected: ExpectedAudience,
    /// Groups of subscribers who would get an edition, such as one with their topics. The rehearsal sends them the issue itself.
    pub groups: usize,
    /// Messages that the simulated relay accepted.
    #[serde(rename = "taken")]
    pub accepted: u64,
    /// Messages a second, from the first accepted message to the last.
    pub per_second: f64,
    /// How long the sending took, in seconds.
    pub seconds: f64,
    /// How long it would have taken with all waits between attempts, in seconds.
    pub seconds_with_waits: i64,
    /// The mean size of a message.
    pub bytes_per_message: u64,
    /// The first message; `None` if none was accepted or it cannot be parsed.
    pub sample: Option<Sample>,
    /// How often the simulated relay failed on purpose.
    pub faults: SimulatedFaults,
    /// The delivery report of the copy.
    pub delivery_report: DeliveryReport,
    /// How long the real sending takes under the limits of the settings.
    pub forecast: Forecast,
    /// What must be corrected before the issue is sent; empty if nothing.
    pub problems: Vec<String>,
}

/// Why a rehearsal failed.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The issue cannot be sent, or a database failed.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The issue has started.
    #[error("issue {0} is {1}; only a draft or an approved issue can be rehearsed")]
    Started(String, IssueState),
    /// The scratch database cannot be opened.
    #[error(transparent)]
    Open(#[from] StartError),
    /// The simulated relay cannot be started.
    #[error("the simulated relay cannot listen on loopback: {0}")]
    Listen(#[from] std::io::Error),
    /// The address of the simulated relay cannot be used.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The rehearsal was interrupted.
    #[error("the rehearsal was stopped before all messages were sent")]
    Stopped,
}

impl From<StoreError> for RehearsalError {
    fn from(error: StoreError) -> Self {
        Self::Control(error.into())
    }
}

/// Rehearses an issue that has not started. The scratch database is created in `folder`; the caller removes it.
///
/// # Errors
/// [`RehearsalError`]. Problems with the messages are not errors; they are in [`RehearsalReport::problems`].
pub async fn rehearse(
    app: &App,
    id: IssueId,
    folder: &Path,
    options: Options,
    stop: CancellationToken,
) -> Result<RehearsalReport, RehearsalError> {
    let mut tx = app.store.read().await?;
    let issue = control::require_issue(&mut tx, id).await?;
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Err(RehearsalError::Started(tx.issue_name(id).await?, issue.state));
    }
    drop(tx);
    let server = SmtpServer::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let simulated = Relay::plain(server.local_addr()?)?;
    let config = rehearsal_config(&app.config, folder, &simulated);
    let server = server.with(ServerOptions {
        connections: config.relays[0].connections + 1,
        ..ServerOptions::default()
    });
    // The seeded random numbers protect nothing: links in the copy belong to no real subscription.
    let scratch = App::open(config, Clock::fixed(app.clock.now()), Rng::seeded(options.seed)).await?;
    if scratch.config.captures_mail() {
        scratch.capture_with(simulated);
    }
    let report = async {
        let audience = copy::copy_issue(app, &scratch, id).await?;
        let relay = Arc::new(SimulatedRelay::new(options.faults, options.seed));
        let relay_stop = CancellationToken::new();
        let listening = tokio::spawn(server.run(Arc::clone(&relay), relay_stop.clone()));
        let started = Instant::now();
        let sent = send(&scratch, id, &stop).await;
        let seconds = started.elapsed().as_secs_f64();
        relay_stop.cancel();
        // All messages are counted by now, so nothing depends on how the relay's task ends.
        let _ = listening.await;
        sent?;
        report(app, &scratch, id, &audience, &relay, seconds).await
    };
    let report = report.await;
    scratch.store.close().await;
    report
}

/// The settings with the scratch database and the simulated relay, and without limits, which the forecast accounts for.
///
/// Without a relay in the settings the copy has no relay either. The simulated relay then replaces the built-in inbox. So preflight asks
/// for a sender and a site address in a rehearsal only if it also does when the issue is sent.
fn rehearsal_config(real: &Config, folder: &Path, relay: &Relay) -> Config {
    let mut config = real.clone();
    config.database.url = DatabaseUrl::Sqlite(folder.join("rehearsal.db"));
    let connections: usize = real.relays.iter().map(|relay| relay.connections).sum();
    config.relays.truncate(1);
    let simulated = &mut config.relays[0];
    simulated.url = simulated.url.as_ref().map(|_| relay.clone());
    simulated.connections = connections.min(MAX_CONNECTIONS);
    simulated.rate_per_second = None;
    simulated.max_per_day = None;
    simulated.oauth.token_url = None;
    simulated.send_window = None;
    simulated.newsletters.clear();
    simulated.sender_domains.clear();
    simulated.warmup = Warmup {
        started: None,
        plan: Vec::new(),
    };
    config.delivery.limits.clear();
    config
}

/// Sends the copy. Its clock is stopped, and is moved to the next attempt when all deliveries that are left wait for one.
async fn send(scratch: &Arc<App>, id: IssueId, stop: &CancellationToken) -> Result<(), RehearsalError> {
    control::send(scratch, id).await?;
    let heartbeat_stop = CancellationToken::new();
    let heartbeat = tokio::spawn(nodes::run_heartbeat(Arc::clone(scratch), heartbeat_stop.clone()));
    let sending = tokio::spawn(sender::run(
        Arc::clone(scratch),
        StopCondition::IssueEnded(id),
        stop.clone(),
    ));
    while !sending.is_finished() {
        tokio::time::sleep(POLL_INTERVAL).await;
        let next = scratch.store.read().await?.idle_until(id).await?;
        let now = scratch.clock.now();
        if let Some(next) = next.filter(|next| *next > now) {
            scratch.clock.advance(next - now);
            scratch.delivery_wakeup.notify_one();
        }
    }
    heartbeat_stop.cancel();
    for task in [sending, heartbeat] {
        if let Err(error) = task.await {
            tracing::error!(%error, "a task of the rehearsal panicked");
        }
    }
    if stop.is_cancelled() {
        return Err(RehearsalError::Stopped);
    }
    Ok(())
}

async fn report(
    app: &App,
    scratch: &App,
    id: IssueId,
    audience: &Audience,
    relay: &SimulatedRelay,
    seconds: f64,
) -> Result<RehearsalReport, RehearsalError> {
    let delivery_report = delivery_report(scratch, id).await?;
    let issue = control::require_issue(&mut scratch.store.read().await?, id).await?;
    let accepted = relay.accepted();
    #[expect(
        clippy::cast_precision_loss,
        reason = "the messages of a rehearsal are far below 2^52"
    )]
    let per_second = accepted as f64 / if accepted > 1 { relay.seconds() } else { seconds }.max(1e-3);
    let sample = relay.sample();
    let mut problems = delivery_report.problems();
    if issue.state != IssueState::Sent {
        let reason = issue.reason.clone().unwrap_or_default();
        problems.push(format!("the issue became {}: {reason}", issue.state));
    }
    let recorded = delivery_report.deliveries[&DeliveryState::Accepted];
    if u64::try_from(recorded) != Ok(accepted) {
        problems.push(format!(
            "the relay accepted {accepted} messages, and {recorded} are recorded"
        ));
    }
    if accepted > 0 && sample.is_none() {
        problems.push("the message cannot be parsed".into());
    }
    let waits = scratch.clock.now() - issue.started_at.unwrap_or_else(|| scratch.clock.now());
    Ok(RehearsalReport {
        id,
        recipients: delivery_report.recipients,
        suppressed: audience.expected.suppressed,
        expected: audience.expected,
        groups: audience.groups,
        accepted,
        per_second,
        seconds,
        seconds_with_waits: waits.num_seconds(),
        bytes_per_message: relay.bytes_per_message(),
        sample,
        faults: relay.faults(),
        delivery_report,
        forecast: forecast(&forecast_input(app, id, audience, per_second).await?),
        problems,
    })
}

/// The input of the forecast, from the real settings.
async fn forecast_input(
    app: &App,
    id: IssueId,
    audience: &Audience,
    machine_rate: f64,
) -> Result<ForecastInput, ControlError> {
    let now = app.clock.now();
    let mut relays = Vec::new();
    let mut tx = app.store.read().await?;
    let issue = control::require_issue(&mut tx, id).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let routes = Routes::new(&app.config);
    let route = routes.of_issue(&issue, &newsletter);
    let set = app.config.relays.iter().enumerate();
    for (index, relay) in set.filter(|(index, relay)| relay.url.is_some() && routes.is_member(route, *index)) {
        relays.push(RelayLimits {
            connections: relay.connections,
            rate: relay.rate_per_second.map(|rate| f64::from(rate.get())),
            weight: relay.weight,
            max_per_day: relay.max_per_day.map(NonZeroU32::get),
            warmup: relay.warmup.clone(),
            taken_today: tx
                .used_of_cap(&cap_name(&app.config.relays, index), now.date_naive())
                .await?,
        });
    }
    let domains = app.config.delivery.limits.iter().zip(&audience.by_limit);
    let domains = domains.map(|(limit, recipients)| DomainLimits {
        name: limit.domains[0].clone(),
        connections: limit.connections,
        rate: limit.rate_per_second,
        recipients: *recipients,
    });
    Ok(ForecastInput {
        now,
        recipients: audience.expected.mailed.unsigned_abs(),
        machine_rate,
        relays,
        domains: domains.collect(),
    })
}
