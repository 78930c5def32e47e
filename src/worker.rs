//! The loops of the service, and their orderly end: what is in flight ends, what is not goes back to the queue.

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
use crate::schedule::Scheduler;
use crate::{delivery, inbox, ingest, signup, web};

/// How often the scheduler looks for what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often requests that nobody confirmed are looked for.
const PURGE_EVERY: Duration = Duration::from_hours(1);
/// How often feeds that have failed for long are looked for: one mail tells of all that have come together.
const NOTICE_EVERY: Duration = Duration::from_hours(1);

/// A part of the service that a process may run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Role {
    /// The site, the API and the console.
    Web,
    /// Makes the runs that are due.
    Scheduler,
    /// Reads feeds.
    Fetcher,
    /// Sends mail.
    Sender,
    /// Takes returned mail.
    Intake,
}

impl Role {
    /// All of them: what a process runs unless told otherwise.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        [Self::Web, Self::Scheduler, Self::Fetcher, Self::Sender, Self::Intake].into()
    }
}

/// A service that runs.
#[derive(Debug)]
pub struct Service {
    /// Where the site listens, if this process serves it.
    pub http: Option<SocketAddr>,
    /// The address of the health endpoint, if it has one of its own.
    pub ops: Option<SocketAddr>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Service {
    /// Opens the sockets and starts the loops of `roles`.
    ///
    /// # Errors
    /// [`StartError::Listen`] when a socket is taken; nothing runs then.
    pub async fn start(app: &Arc<App>, roles: &BTreeSet<Role>) -> Result<Self, StartError> {
        let http = if roles.contains(&Role::Web) {
            Some(listen("http.listen", app.config.http.listen).await?)
        } else {
            None
        };
        Self::start_on(http, app, roles).await
    }

    /// [`Service::start`] with the site, if any, on a socket that is open already.
    ///
    /// # Errors
    /// [`StartError::Listen`] when another socket is taken; nothing runs then.
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
        let mut tasks = JoinSet::new();
        // The inbox outlives the senders: what is on the wire to it ends first.
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
            stop,
            tasks,
        };
        if let Some(listener) = http {
            service.serve(listener, web::site(app), web::overload(app));
        }
        if let Some(listener) = ops {
            service.serve(listener, web::ops(app), web::ops(app));
        }
        if has(Role::Scheduler) {
            let scheduler = Arc::new(Scheduler::started_at(app.clock.now()));
            service.every(LOOK_EVERY, app, move |app| {
                let scheduler = Arc::clone(&scheduler);
                async move {
                    if let Err(error) = scheduler.make_due(&app).await {
                        tracing::error!(%error, "the schedule could not be followed; trying again");
                    }
                }
            });
            service.every(PURGE_EVERY, app, purge);
            service
                .tasks
                .spawn(delivery::compaction::run(Arc::clone(app), service.stop.clone()));
        }
        if has(Role::Fetcher) {
            service
                .tasks
                .spawn(ingest::poll::run(Arc::clone(app), service.stop.clone()));
            service.every(NOTICE_EVERY, app, |app| async move {
                if let Err(error) = ingest::failure_notices::notify_operators(&app).await {
                    tracing::error!(%error, "the operators could not be told of feeds that fail; trying again");
                }
            });
        }
        if has(Role::Sender) {
            service.send(app, inbox_stop);
        }
        Ok(service)
    }

    fn serve(&mut self, listener: TcpListener, router: axum::Router, overload: axum::Router) {
        self.tasks
            .spawn(web::server::serve(listener, router, overload, self.stop.clone()));
    }

    fn every<F, W>(&mut self, pause: Duration, app: &Arc<App>, work: F)
    where
        F: Fn(Arc<App>) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let (app, stop) = (Arc::clone(app), self.stop.clone());
        let work = move || work(Arc::clone(&app));
        self.tasks.spawn(again_and_again(pause, stop, work));
    }

    fn send(&mut self, app: &Arc<App>, inbox_stop: CancellationToken) {
        let (app, stop) = (Arc::clone(app), self.stop.clone());
        self.tasks.spawn(async move {
            // Outlives the senders: what is still on the wire must not be taken over by another node. Both end with this, even
            // if a sender panics.
            let _inbox = inbox_stop.drop_guard();
            let alive = CancellationToken::new();
            let keeper = tokio::spawn(delivery::nodes::run_heartbeat(Arc::clone(&app), alive.clone()));
            let alive = alive.drop_guard();
            let mut senders = JoinSet::new();
            senders.spawn(delivery::sender::run(
                Arc::clone(&app),
                delivery::sender::StopCondition::Never,
                stop.clone(),
            ));
            // Two, so that one slow answer does not hold up the next sign-up.
            senders.spawn(delivery::transactional::run(Arc::clone(&app), stop.clone()));
            senders.spawn(delivery::transactional::run(Arc::clone(&app), stop.clone()));
            senders.spawn(delivery::relays::watch(app, stop));
            senders.join_all().await;
            drop(alive);
            if let Err(error) = keeper.await {
                tracing::error!(%error, "heartbeat task failed");
            }
        });
    }

    /// Waits until a loop ends that was not told to. None should; if one does, the service is not whole any more.
    pub async fn broken(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Tells every loop to end, and waits until all have.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a loop failed");
            }
        }
    }
}

/// Does `work` until told to stop; work under way ends first. A panic ends only that once: what it stumbled over must not
/// keep all else from being done.
async fn again_and_again<W: Future<Output = ()>>(pause: Duration, stop: CancellationToken, work: impl Fn() -> W) {
    while !stop.is_cancelled() {
        if AssertUnwindSafe(work()).catch_unwind().await.is_err() {
            tracing::error!("a loop panicked; this is a fault in daywire; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn purge(app: Arc<App>) {
    let now = app.clock.now();
    let before = now - time_delta(app.config.signup.purge_pending_after);
    let purged = async {
        let mut tx = app.store.write().await?;
        let purged = tx.purge_pending(before).await?;
        tx.purge_rate_limits(now).await?;
        let (before, after) = (now - signup::mailbox_limits::FORGOTTEN_AFTER, now + TimeDelta::days(1));
        tx.purge_allowances(before, after).await?;
        tx.commit().await?;
        Ok::<u64, crate::store::StoreError>(purged)
    };
    match purged.await {
        Ok(0) => {}
        Ok(purged) => tracing::info!(purged, "requests that nobody confirmed are forgotten"),
        Err(error) => tracing::error!(%error, "old requests could not be forgotten; trying again"),
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
    async fn a_loop_that_panics_goes_on() {
        let stop = CancellationToken::new();
        let times = Cell::new(0);
        again_and_again(Duration::ZERO, stop.clone(), || async {
            times.set(times.get() + 1);
            if times.get() == 3 {
                stop.cancel();
            }
            assert_ne!(times.get(), 1, "the first time goes wrong");
        })
        .await;
        assert_eq!(times.get(), 3);
    }

    #[tokio::test]
    async fn a_service_is_broken_once_a_part_of_it_has_ended() {
        let mut service = Service {
            http: None,
            ops: None,
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        };
        assert!(service.broken().now_or_never().is_none(), "nothing has ended");
        service.tasks.spawn(async { panic!("a fault") });
        service.broken().await;
    }
}
