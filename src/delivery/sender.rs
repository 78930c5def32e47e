//! Starts and ends everything that sends issues in one process: the coordinator, the recorder, and a task for each connection.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::connection_task::ConnectionTask;
use super::coordinator::{Coordinator, Round};
use super::daily_caps;
use super::dispatch::Dispatcher;
use super::recipient_refusals::RecipientRefusals;
use super::recorder::RecorderHandle;
use super::relays::RelayHandle;
use super::retry::RetryPolicy;
use super::routes::Routes;
use super::sender_rejections::SenderRejections;
pub use super::stop_condition::StopCondition;
use crate::app::App;

/// The time between two rounds of the coordinator without a wake-up. In it, another process may have queued deliveries, or some may have
/// become due.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Sends what is due until `stop` is cancelled or the stop condition is fulfilled, and then finishes the messages in flight.
/// [`super::nodes::run_heartbeat`] must run at the same time. When it ends, it releases the leases that are left.
///
/// # Panics
/// If a connection's task or the recorder panicked. The other connections finish their messages first.
pub async fn run(app: Arc<App>, stop_condition: StopCondition, stop: CancellationToken) {
    let stop = stop.child_token();
    let relays = RelayHandle::all(&app);
    let weights: Vec<_> = relays.iter().map(|relay| relay.weight).collect();
    // The coordinator leases the next batch when half of one is left, so that connections need not wait for it.
    let batch = usize::try_from(app.config.delivery.batch).unwrap_or(usize::MAX);
    let dispatcher = Arc::new(Dispatcher::new(
        &weights,
        Routes::new(&app.config),
        &app.config.delivery.limits,
        batch.div_ceil(2),
    ));
    let (recorder, recording) = RecorderHandle::start(Arc::clone(&app), Arc::clone(&dispatcher));
    let sender_rejections = Arc::new(SenderRejections::default());
    let recipient_refusals = Arc::new(RecipientRefusals::default());
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
                sender_rejections: Arc::clone(&sender_rejections),
                recipient_refusals: Arc::clone(&recipient_refusals),
                stop: stop.clone(),
                drained: drained.clone(),
                unrecorded: Vec::new(),
            };
            connections.spawn(connection.run());
        }
    }
    // Each connection has its own handle. The recorder ends when the last of them is dropped, so this one must not stay.
    drop(recorder);

    let mut coordinator = Coordinator::new(
        Arc::clone(&app),
        stop_condition,
        Arc::clone(&dispatcher),
        sender_rejections,
        recipient_refusals,
        relays.clone(),
    );
    let mut failed = None;
    while !stop.is_cancelled() {
        // Neither `stop` nor `drained` is cancelled yet, so a task that has ended has panicked. The deliveries that it had would never be
        // sent. Stopping releases the leases of this process, and other processes send them.
        failed = connections.try_join_next().and_then(Result::err);
        // Without connections the recorder ends because no handle is left.
        let has_recorder_ended = recording.is_finished() && !connections.is_empty() && !stop.is_cancelled();
        if failed.is_some() || has_recorder_ended {
            tracing::error!("a task of the sender panicked; this is a fault in daywire; stopping");
            stop.cancel();
            break;
        }
        match coordinator.round().await {
            // More may be due: the next round follows at once.
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
                // The commit may have succeeded although its reply was lost. Then the database has leases that this process does not
                // know.
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
    daily_caps::return_unused(&app, &relays).await;
    if let Some(Ok(panic)) = failed.map(JoinError::try_into_panic) {
        resume_unwind(panic);
    }
}
