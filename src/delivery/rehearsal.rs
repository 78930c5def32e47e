//! The rehearsal of an issue: it takes the real way, from freezing the recipients to recording the last reply, but on a copy
//! in a scratch database, and to a stand-in for the relay inside this process. The real database is only read.

mod copy;
mod faults;
mod stand_in;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use faults::{Faults, FaultsError};
pub use stand_in::{Done, Sample};

use self::copy::Audience;
use self::stand_in::StandIn;
use super::control::{self, ControlError};
use super::expected::Expected;
use super::forecast::{DomainPlan, Forecast, Plan, RelayPlan, forecast};
use super::proof::{Proof, prove};
use super::sender::StopCondition;
use super::{nodes, sender};
use crate::app::{App, StartError};
use crate::clock::{Clock, Rng};
use crate::config::{Config, DatabaseUrl, Warmup};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::mail::relay::{Relay, RelayError};
use crate::mail::sink::{Options as SinkOptions, Sink};
use crate::store::StoreError;

/// How often it is looked whether everything that is left waits for its time.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The most connections at once, whatever the relays allow together.
const MOST_CONNECTIONS: usize = 200;

/// What is rehearsed besides the issue itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What the stand-in does wrong.
    pub faults: Faults,
    /// Which attempts it does that to.
    pub seed: u64,
}

/// What a rehearsal came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The issue.
    pub id: IssueId,
    /// Readers that would be frozen now.
    pub recipients: i64,
    /// Those of them that are suppressed.
    pub suppressed: i64,
    /// How many readers would be mailed, and why the others not.
    pub expected: Expected,
    /// Groups of readers who want something else of the issue, such as some topics. The rehearsal sends all of them the issue
    /// itself.
    pub groups: usize,
    /// Messages that the stand-in took.
    pub taken: u64,
    /// How many of them in a second, from the first to the last.
    pub per_second: f64,
    /// How long the sending took, in seconds.
    pub seconds: f64,
    /// How long it would have taken with all waits between attempts, in seconds.
    pub seconds_with_waits: i64,
    /// The mean size of a message.
    pub octets_per_message: u64,
    /// The first message.
    pub sample: Option<Sample>,
    /// What the stand-in did wrong.
    pub faults: Done,
    /// The account.
    pub account: Proof,
    /// How long the real sending takes at the limits that are set.
    pub forecast: Forecast,
    /// What is wrong; empty if the issue can be sent.
    pub problems: Vec<String>,
}

/// Why there was no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The issue, or a database.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// It was begun already.
    #[error("issue {0} is {1}; only what was not begun can be rehearsed, a draft or an approved issue")]
    Begun(String, IssueState),
    /// The copy cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The stand-in cannot be started.
    #[error("the stand-in for the relay cannot listen on loopback: {0}")]
    Listen(#[from] std::io::Error),
    /// The stand-in cannot be named.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// It was told to stop.
    #[error("the rehearsal was ended before all was sent")]
    Stopped,
}

impl From<StoreError> for RehearsalError {
    fn from(error: StoreError) -> Self {
        Self::Control(error.into())
    }
}

/// Rehearses an issue that was not begun. The copy is made in `folder`, which is the caller's to remove.
///
/// # Errors
/// [`RehearsalError`]. What goes wrong with the messages is no error, but in [`Report::problems`].
pub async fn rehearse(
    app: &App,
    id: IssueId,
    folder: &Path,
    options: Options,
    stop: CancellationToken,
) -> Result<Report, RehearsalError> {
    let mut tx = app.store.read().await?;
    let issue = control::find(&mut tx, id).await?;
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Err(RehearsalError::Begun(tx.issue_name(id).await?, issue.state));
    }
    drop(tx);
    let sink = Sink::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let config = settings(&app.config, folder, Relay::plain(sink.local_addr()?)?);
    let sink = sink.with(SinkOptions {
        connections: config.relays[0].connections + 1,
        ..SinkOptions::default()
    });
    // Nothing secret is made from this generator: the copy's links open nothing.
    let stage = App::open(config, Clock::fixed(app.clock.now()), Rng::seeded(options.seed)).await?;
    let report = async {
        let audience = copy::copy(app, &stage, id).await?;
        let stand_in = Arc::new(StandIn::new(options.faults, options.seed));
        let over = CancellationToken::new();
        let listening = tokio::spawn(sink.run(Arc::clone(&stand_in), over.clone()));
        let began = Instant::now();
        let sent = send(&stage, id, &stop).await;
        let seconds = began.elapsed().as_secs_f64();
        over.cancel();
        // It has said all it had to; how its task ended changes nothing of that.
        let _ = listening.await;
        sent?;
        report(app, &stage, id, &audience, &stand_in, seconds).await
    };
    let report = report.await;
    stage.store.close().await;
    report
}

/// The settings with a database and a relay of their own, and without the limits that the forecast tells of.
fn settings(given: &Config, folder: &Path, relay: Relay) -> Config {
    let mut config = given.clone();
    config.database.url = DatabaseUrl::Sqlite(folder.join("rehearsal.db"));
    let connections: usize = given.relays.iter().map(|relay| relay.connections).sum();
    config.relays.truncate(1);
    let only = &mut config.relays[0];
    only.url = Some(relay);
    only.connections = connections.min(MOST_CONNECTIONS);
    only.rate_per_second = None;
    only.warmup = Warmup {
        started: None,
        plan: Vec::new(),
    };
    config.delivery.limits.clear();
    config
}

/// Sends the copy, as `issue send --wait` does. Time passes only while everything that is left waits for it.
async fn send(stage: &Arc<App>, id: IssueId, stop: &CancellationToken) -> Result<(), RehearsalError> {
    control::send(stage, id).await?;
    let alive = CancellationToken::new();
    let keeper = tokio::spawn(nodes::keep(Arc::clone(stage), alive.clone()));
    let sending = tokio::spawn(sender::run(
        Arc::clone(stage),
        StopCondition::IssueEnded(id),
        stop.clone(),
    ));
    while !sending.is_finished() {
        tokio::time::sleep(LOOK_EVERY).await;
        let next = stage.store.read().await?.all_wait_until(id).await?;
        let now = stage.clock.now();
        if let Some(next) = next.filter(|next| *next > now) {
            stage.clock.advance(next - now);
            stage.delivery_wakeup.notify_one();
        }
    }
    alive.cancel();
    for task in [sending, keeper] {
        if let Err(error) = task.await {
            tracing::error!(%error, "a part of the rehearsal failed");
        }
    }
    if stop.is_cancelled() {
        return Err(RehearsalError::Stopped);
    }
    Ok(())
}

async fn report(
    app: &App,
    stage: &App,
    id: IssueId,
    audience: &Audience,
    stand_in: &StandIn,
    seconds: f64,
) -> Result<Report, RehearsalError> {
    let account = prove(stage, id).await?;
    let issue = control::find(&mut stage.store.read().await?, id).await?;
    let taken = stand_in.taken();
    #[expect(clippy::cast_precision_loss, reason = "messages of minutes")]
    let per_second = taken as f64 / if taken > 1 { stand_in.seconds() } else { seconds }.max(1e-3);
    let sample = stand_in.sample();
    let mut problems = account.faults();
    if issue.state != IssueState::Sent {
        let reason = issue.reason.clone().unwrap_or_default();
        problems.push(format!("the issue came to be {}: {reason}", issue.state));
    }
    let accepted = account.deliveries[&DeliveryState::Accepted];
    if u64::try_from(accepted) != Ok(taken) {
        problems.push(format!("{taken} messages were taken, and {accepted} are on record"));
    }
    if taken > 0 && sample.is_none() {
        problems.push("the message cannot be read".into());
    }
    let waits = stage.clock.now() - issue.started_at.unwrap_or_else(|| stage.clock.now());
    Ok(Report {
        id,
        recipients: account.recipients,
        suppressed: audience.expected.suppressed,
        expected: audience.expected,
        groups: audience.groups,
        taken,
        per_second,
        seconds,
        seconds_with_waits: waits.num_seconds(),
        octets_per_message: stand_in.octets_per_message(),
        sample,
        faults: stand_in.done(),
        account,
        forecast: forecast(&plan(app, audience, per_second, app.clock.now()).await?),
        problems,
    })
}

/// What the forecast needs to know of the real settings.
async fn plan(app: &App, audience: &Audience, machine: f64, now: DateTime<Utc>) -> Result<Plan, StoreError> {
    let mut relays = Vec::new();
    let mut tx = app.store.read().await?;
    for set in &app.config.relays {
        let Some(url) = &set.url else { continue };
        relays.push(RelayPlan {
            connections: set.connections,
            rate: set.rate_per_second.map(|rate| f64::from(rate.get())),
            weight: set.weight,
            warmup: set.warmup.clone(),
            taken_today: tx.taken_from_cap(&url.to_string(), now.date_naive()).await?,
        });
    }
    let domains = app.config.delivery.limits.iter().zip(&audience.by_limit);
    let domains = domains.map(|(limit, recipients)| DomainPlan {
        name: limit.domains[0].clone(),
        connections: limit.connections,
        rate: limit.rate_per_second,
        recipients: *recipients,
    });
    Ok(Plan {
        now,
        recipients: audience.expected.mailed.unsigned_abs(),
        machine,
        relays,
        domains: domains.collect(),
    })
}
