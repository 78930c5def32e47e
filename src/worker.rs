//! The service: the loops of the roles that a process runs, and their shutdown. When it stops, messages in flight are finished, and
//! leased deliveries that were not started are released.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::{App, StartError};
use crate::domain::time::time_delta;
use crate::metrics::ConnectionGauges;
use crate::schedule::Scheduler;
use crate::{bounce, comments, delivery, inbox, ingest, notices, privacy, signup, transfer, web, webhooks};

/// How often the scheduler looks for runs that are due.
const SCHEDULE_INTERVAL: Duration = Duration::from_millis(500);
/// The pause before what an import has left is tried again.
const IMPORT_RETRY_INTERVAL: Duration = Duration::from_secs(10);
/// How often the program looks for imported readers who are to be asked to confirm.
const ASK_INTERVAL: Duration = Duration::from_secs(1);
/// How often subscriptions that nobody confirmed are deleted.
const PURGE_INTERVAL: Duration = Duration::from_hours(1);
/// How often the operators get a notice of feeds that have failed for long. One mail lists all that were found since the last one.
const FEED_NOTICE_INTERVAL: Duration = Duration::from_hours(1);
/// How often the program looks for comments of which the operators were not notified at once.
const COMMENT_NOTICE_INTERVAL: Duration = Duration::from_mins(1);
/// An idempotency key of the API is kept for this long.
const IDEMPOTENCY_KEYS_KEPT: TimeDelta = TimeDelta::days(1);
/// For this time after a change of address, mail that was sent to the old address can come back.
const RETURNED_WITHIN: TimeDelta = TimeDelta::days(7);
/// How often the operators get a notice of templates of theirs that failed.
const TEMPLATE_NOTICE_INTERVAL: Duration = Duration::from_secs(1);

/// A part of the service. A process runs one or more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Role {
    /// Serves the site and the API.
    Web,
    /// Makes the runs that are due, and deletes old data.
    Scheduler,
    /// Fetches feeds, and sends events to webhooks.
    Fetcher,
    /// Sends issues and transactional mails.
    Sender,
    /// Receives returned mail, and processes it and the events of webhooks.
    Intake,
}

impl Role {
    /// All roles, which a process runs by default.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        [Self::Web, Self::Scheduler, Self::Fetcher, Self::Sender, Self::Intake].into()
    }
}

/// The parts of the service that run.
#[derive(Debug)]
pub struct Service {
    /// The address on which the site listens, if this process serves it.
    pub http: Option<SocketAddr>,
    /// The address of the health endpoint, if it has one of its own.
    pub ops: Option<SocketAddr>,
    /// The address of the listener for returned mail, if there is one.
    pub intake: Option<SocketAddr>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Service {
    /// Opens the sockets and starts the loops of `roles`.
    ///
    /// # Errors
    /// [`StartError::Listen`] if another program listens on an address; then nothing runs.
    pub async fn start(app: &Arc<App>, roles: &BTreeSet<Role>) -> Result<Self, StartError> {
        let http = if roles.contains(&Role::Web) {
            Some(listen("http.listen", app.config.http.listen).await?)
        } else {
            None
        };
        Self::start_on(http, app, roles).await
    }

    /// [`Service::start`] with the site, if any, on a socket that is already open.
    ///
    /// # Errors
    /// [`StartError::Listen`] if another program listens on another address; then nothing runs.
    pub async fn start_on(
        http: Option<TcpListener>,
        app: &Arc<App>,
        roles: &BTreeSet<Role>,
    ) -> Result<Self, StartError> {
        let stop = CancellationToken::new();
        let has = |role| roles.contains(&role);
        let ops = match app.config.http.ops_listen {
            Some(address) => Some(listen("http.ops_listen", address).await?),
            None => None,
        };
        let intake = if has(Role::Intake) {
            bounce::listener::open(app).await?
        } else {
            None
        };
        let mut tasks = JoinSet::new();
        // The inbox stops after the senders, so that it accepts the messages in flight.
        let inbox_stop = CancellationToken::new();
        if has(Role::Sender)
            && let Some(inbox) = inbox::start(app, inbox_stop.clone()).await?
        {
            tasks.spawn(async move {
                let _ = inbox.await;
            });
        }
        let mut service = Self {
            http: address(http.as_ref()),
            ops: address(ops.as_ref()),
            intake: intake.as_ref().map(|listening| listening.address),
            stop,
            tasks,
        };
        if let Some(listener) = http {
            let connections = app.metrics.http.site_connections();
            let stop = service.stop.clone();
            let site = web::server::serve(listener, web::site(app), web::overload(app), connections, stop);
            service.tasks.spawn(site);
        }
        if let Some(listener) = ops {
            let connections = ConnectionGauges::default();
            let ops = web::server::serve(
                listener,
                web::ops(app),
                web::ops(app),
                connections,
                service.stop.clone(),
            );
            service.tasks.spawn(ops);
        }
        // Every role renders templates.
        service.notify_of_failed_templates(app);
        if has(Role::Scheduler) {
            service.schedule(app);
        }
        if has(Role::Fetcher) {
            service
                .tasks
                .spawn(ingest::poll::run(Arc::clone(app), service.stop.clone()));
            service
                .tasks
                .spawn(webhooks::run(Arc::clone(app), service.stop.clone()));
            service.every(FEED_NOTICE_INTERVAL, app, |app| async move {
                if let Err(error) = ingest::failure_notices::notify_operators(&app).await {
                    tracing::error!(%error, "notice of failing feeds not queued; trying again");
                }
            });
        }
        if has(Role::Sender) {
            service.send(app, inbox_stop);
            service.ask(app);
        }
        if has(Role::Intake) {
            service
                .tasks
                .spawn(bounce::process::run(Arc::clone(app), service.stop.clone()));
            service
                .tasks
                .spawn(bounce::rates::run(Arc::clone(app), service.stop.clone()));
            if let Some(listening) = intake {
                service.tasks.spawn(listening.run(service.stop.clone()));
            }
            if app.config.intake.imap.server().is_some() {
                service
                    .tasks
                    .spawn(bounce::imap_poller::run(Arc::clone(app), service.stop.clone()));
            }
        }
        Ok(service)
    }

    /// Starts the tasks of the scheduler.
    fn schedule(&mut self, app: &Arc<App>) {
        let scheduler = Arc::new(Scheduler::started_at(app.clock.now()));
        self.every(SCHEDULE_INTERVAL, app, move |app| {
            let scheduler = Arc::clone(&scheduler);
            async move {
                match scheduler.make_due(&app).await {
                    Ok(_) => app.metrics.work.succeeded("scheduler", app.clock.now()),
                    Err(error) => tracing::error!(%error, "due runs not made; trying again"),
                }
            }
        });
        self.every(PURGE_INTERVAL, app, purge);
        self.every(COMMENT_NOTICE_INTERVAL, app, |app| async move {
            if let Err(error) = comments::announce_waiting(&app).await {
                tracing::error!(%error, "notice of comments not queued; trying again");
            }
        });
        self.tasks.spawn(privacy::run(Arc::clone(app), self.stop.clone()));
        self.tasks.spawn(complete_import(Arc::clone(app), self.stop.clone()));
        self.tasks
            .spawn(bounce::retention::run(Arc::clone(app), self.stop.clone()));
        self.tasks
            .spawn(delivery::compaction::run(Arc::clone(app), self.stop.clone()));
    }

    fn notify_of_failed_templates(&mut self, app: &Arc<App>) {
        self.every(TEMPLATE_NOTICE_INTERVAL, app, |app| async move {
            if let Err(error) = notices::failed_templates(&app).await {
                tracing::error!(%error, "notice of a failed template not queued; trying again");
            }
        });
    }

    /// Asks imported readers to confirm.
    fn ask(&mut self, app: &Arc<App>) {
        let asker = Arc::new(signup::asking::Asker::default());
        self.every(ASK_INTERVAL, app, move |app| {
            let asker = Arc::clone(&asker);
            async move {
                if let Err(error) = asker.ask_due(&app).await {
                    tracing::error!(%error, "imported readers not asked to confirm; trying again");
                }
            }
        });
    }

    /// Starts a loop that runs `work`, with a pause after each time.
    fn every<F, W>(&mut self, pause: Duration, app: &Arc<App>, work: F)
    where
        F: Fn(Arc<App>) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let (app, stop) = (Arc::clone(app), self.stop.clone());
        let work = move || work(Arc::clone(&app));
        self.tasks.spawn(repeat(pause, stop, work));
    }

    /// Starts the senders, with the heartbeat that protects their leases.
    fn send(&mut self, app: &Arc<App>, inbox_stop: CancellationToken) {
        let (app, stop) = (Arc::clone(app), self.stop.clone());
        self.tasks.spawn(async move {
            // The inbox and the heartbeat stop after the senders: no other node may reclaim messages that are still in flight. The
            // guards stop both even if a sender panics.
            let _inbox = inbox_stop.drop_guard();
            let heartbeat_stop = CancellationToken::new();
            let heartbeat = tokio::spawn(delivery::nodes::run_heartbeat(Arc::clone(&app), heartbeat_stop.clone()));
            let heartbeat_stop = heartbeat_stop.drop_guard();
            let mut senders = JoinSet::new();
            senders.spawn(delivery::sender::run(
                Arc::clone(&app),
                delivery::sender::StopCondition::Never,
                stop.clone(),
            ));
            // Two, so that one slow reply of the relay does not delay the next sign-up.
            senders.spawn(delivery::transactional::run(Arc::clone(&app), stop.clone()));
            senders.spawn(delivery::transactional::run(Arc::clone(&app), stop.clone()));
            senders.spawn(delivery::relays::probe_relays(app, stop));
            senders.join_all().await;
            drop(heartbeat_stop);
            if let Err(error) = heartbeat.await {
                tracing::error!(%error, "heartbeat task failed");
            }
        });
    }

    /// Waits until a loop ends although the service was not stopped. That is a fault: a part of the service is missing then.
    pub async fn broken(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Stops every loop, and waits until all have ended.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "loop failed");
            }
        }
    }
}

/// Runs `work` repeatedly until `stop` is cancelled. Work in progress is finished first. After a panic the loop continues, because one
/// bad row must not stop everything else that the loop does.
async fn repeat<W: Future<Output = ()>>(pause: Duration, stop: CancellationToken, work: impl Fn() -> W) {
    while !stop.is_cancelled() {
        if AssertUnwindSafe(work()).catch_unwind().await.is_err() {
            tracing::error!("loop panicked, which is a fault in daywire; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Completes what an import has left, until that succeeds once.
async fn complete_import(app: Arc<App>, stop: CancellationToken) {
    while let Err(error) = transfer::complete_search_index(&app).await {
        tracing::error!(%error, "search index not completed after an import; trying again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(IMPORT_RETRY_INTERVAL) => {}
        }
    }
    // A loop that ends would count as a fault of the service.
    stop.cancelled().await;
}

/// Deletes the record of old mails, subscriptions that nobody confirmed, counts without an effect, and the old log of webhooks.
async fn purge(app: Arc<App>) {
    if let Err(error) = webhooks::purge(&app).await {
        tracing::error!(%error, "old webhook messages not deleted; trying again");
    }
    let now = app.clock.now();
    let before = now - time_delta(app.config.signup.purge_pending_after);
    let purged = async {
        privacy::forget_mails(&app).await?;
        let mut tx = app.store.write().await?;
        let purged = tx.purge_pending(before, now).await?;
        tx.purge_rate_limits(now).await?;
        tx.purge_operator_access(now).await?;
        tx.purge_spent_tokens(now).await?;
        tx.purge_idempotency_keys(now - IDEMPOTENCY_KEYS_KEPT).await?;
        let rejected_before = now - time_delta(app.config.comments.keep_rejected);
        tx.purge_rejected_comments(rejected_before).await?;
        let (before, after) = (now - signup::mailbox_limits::FORGOTTEN_AFTER, now + TimeDelta::days(1));
        tx.purge_mailbox_histories(before, after).await?;
        let privacy = app.config.privacy;
        let (unconfirmed, confirmed) = (
            now - time_delta(privacy.link_ttl),
            now - time_delta(privacy.undo_address_within).max(RETURNED_WITHIN),
        );
        tx.purge_address_changes(unconfirmed, confirmed).await?;
        tx.commit().await?;
        Ok::<usize, crate::store::StoreError>(purged)
    };
    match purged.await {
        Ok(0) => {}
        Ok(purged) => tracing::info!(subscription.count = purged, "unconfirmed subscriptions deleted"),
        Err(error) => tracing::error!(%error, "old mails and unconfirmed subscriptions not deleted; trying again"),
    }
}

async fn listen(key: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen {
        key,
        address: address.to_string(),
        source,
    };
    TcpListener::bind(address).await.map_err(failed)
}

fn address(listener: Option<&TcpListener>) -> Option<SocketAddr> {
    listener.and_then(|listener| listener.local_addr().ok())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_loop_goes_on_after_a_panic() {
        let stop = CancellationToken::new();
        let times = Cell::new(0);
        repeat(Duration::ZERO, stop.clone(), || async {
            times.set(times.get() + 1);
            if times.get() == 3 {
                stop.cancel();
            }
            assert_ne!(times.get(), 1, "the first run panics");
        })
        .await;
        assert_eq!(times.get(), 3);
    }

    #[tokio::test]
    async fn a_service_is_broken_when_one_of_its_loops_ends() {
        let mut service = Service {
            http: None,
            ops: None,
            intake: None,
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        };
        assert!(service.broken().now_or_never().is_none(), "nothing has ended");
        service.tasks.spawn(async { panic!("a fault") });
        service.broken().await;
    }
}
