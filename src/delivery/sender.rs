//! Starts and ends everything that sends issues in one process: the coordinator, the recorder, and a task for each connection.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::connection_task::ConnectionTask;
use super::coordinator::{Coordinator, Round};
use super::dispatch::Dispatcher;
use super::recorder::RecorderHandle;
use super::refusals::Refusals;
use super::relays::RelayHandle;
use super::retry::RetryPolicy;
pub use super::stop_condition::StopCondition;
use super::warmup;
use crate::app::App;

/// How often the coordinator looks without a wake-up: another process may have queued deliveries, or some have become due.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Sends what is due until `stop` is cancelled or `until` is met, and then finishes the messages in flight.
/// [`super::nodes::run_heartbeat`] must run meanwhile; it releases the leases that are left.
///
/// # Panics
/// If a connection's task or the recorder panicked. The other connections finish their messages first.
pub async fn run(app: Arc<App>, until: StopCondition, stop: CancellationToken) {
    let stop = stop.child_token();
    let relays = RelayHandle::all(&app);
    let weights: Vec<_> = relays.iter().map(|relay| relay.weight).collect();
    let batch = usize::try_from(app.config.delivery.batch).unwrap_or(usize::MAX);
    let dispatcher = Arc::new(Dispatcher::new(
        &weights,
        &app.config.delivery.limits,
        batch.div_ceil(2),
    ));
    let (recorder, recording) = RecorderHandle::start(Arc::clone(&app), Arc::clone(&dispatcher));
    let refusals = Arc::new(Refusals::default());
    let drained = CancellationToken::new();
    let mut connections = JoinSet::new();
    for relay in &relays {
        for number in 0..relay.connections {
            let connection = ConnectionTask {
                app: Arc::clone(&app),
                number,
                relay: Arc::clone(relay),
                dispatcher: Arc::clone(&dispatcher),
                recorder: recorder.clone(),
                policy: RetryPolicy::of(&app),
                refusals: Arc::clone(&refusals),
                stop: stop.clone(),
                drained: drained.clone(),
                unrecorded: Vec::new(),
            };
            connections.spawn(connection.run());
        }
    }
    // The recorder ends when no connection has a handle any more.
    drop(recorder);

    let mut coordinator = Coordinator::new(
        Arc::clone(&app),
        until,
        Arc::clone(&dispatcher),
        refusals,
        relays.clone(),
    );
    let mut failed = None;
    while !stop.is_cancelled() {
        // A connection's task and the recorder end before `stop` and `drained` only by a panic. Nobody in this process would
        // send what they held, so the process must give up its leases.
        failed = connections.try_join_next().and_then(Result::err);
        let has_recorder_ended = recording.is_finished() && !connections.is_empty() && !stop.is_cancelled();
        if failed.is_some() || has_recorder_ended {
            tracing::error!("a task of the sender panicked; this is a fault in daywire; stopping");
            stop.cancel();
            break;
        }
        match coordinator.round().await {
            Ok(Round::Busy) => {}
            Ok(Round::Done) => break,
            Ok(Round::Idle) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = app.delivery_wakeup.notified() => {}
                    () = dispatcher.coordinator_wakeup.notified() => {}
                    () = tokio::time::sleep(POLL_INTERVAL) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "deliveries not leased; trying again");
                // A failed commit may have taken leases all the same.
                dispatcher.request_reconciliation();
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        }
    }
    drained.cancel();
    while let Some(ended) = connections.join_next().await {
        failed = failed.or(ended.err());
    }
    failed = failed.or(recording.await.err());
    warmup::return_unused(&app, &relays).await;
    if let Some(Ok(panic)) = failed.map(JoinError::try_into_panic) {
        resume_unwind(panic);
    }
}
