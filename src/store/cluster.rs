//! One PostgreSQL server, or several of which one accepts writes (`cluster/hosts.rs`).
//!
//! The program searches for the server that accepts writes at the start, and again when that server fails. A [`Watch`] guards every
//! statement: when one takes long, the program asks the hosts which of them accepts writes. If that is another server now, all
//! statements on the old one fail.

mod hosts;

use std::fmt;
use std::io::ErrorKind;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use secrecy::SecretString;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgConnection, PgPool, Postgres};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::hosts::{Host, ServerStart};
use super::collected_counts::CollectedCounts;
use super::collected_events::CollectedEvents;
use super::error::is_unavailable;
use super::{Result, StoreError, StoreOptions};
use crate::metrics::{Access, DatabaseMetrics, TransactionTimer};

/// The maximum time until a transaction has begun, including the search for the server.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum time for a host's answer whether it accepts writes. At the start it is [`BEGIN_TIMEOUT`].
const HOST_TIMEOUT: Duration = Duration::from_secs(1);
/// A connection that was idle for this long or longer is pinged before it is used.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);
/// The maximum time for a ping, a rollback, or the return of a connection to the pool.
const HOUSEKEEPING_TIMEOUT: Duration = Duration::from_secs(5);
/// While a statement runs, the hosts are asked after this time for the first time. Then the interval doubles, up to
/// [`MAX_SERVER_CHECK_INTERVAL`].
const FIRST_SERVER_CHECK_INTERVAL: Duration = Duration::from_secs(1);
const MAX_SERVER_CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// For how long a search's result is used for other waiting statements, so that they do not all ask the hosts.
const CHECK_LIFETIME: Duration = Duration::from_millis(250);

/// A database on PostgreSQL.
#[derive(Clone)]
pub struct Cluster(Arc<ClusterState>);

struct ClusterState {
    hosts: Vec<Host>,
    max_connections: u32,
    statement_timeout: Duration,
    /// Whether statements stay prepared from one transaction to the next.
    keeps_prepared_statements: bool,
    metrics: DatabaseMetrics,
    primary: RwLock<Arc<Primary>>,
    /// The lock lets one task ask the hosts at a time.
    last_check: tokio::sync::Mutex<LastCheck>,
}

/// When the hosts were last asked.
struct LastCheck {
    at: Instant,
    /// Why no host can be used; `None` if one can.
    unusable_reason: Option<String>,
}

/// The server that accepts writes, and the connections to it. When another server is the primary, this value is replaced as a whole.
#[derive(Debug)]
struct Primary {
    server: ServerStart,
    address: String,
    pool: PgPool,
    /// Cancelled when another server has become the primary.
    replaced: CancellationToken,
}

impl Cluster {
    pub(super) async fn open(urls: &[SecretString], options: &StoreOptions) -> Result<Self> {
        let hosts: Vec<Host> = urls.iter().map(Host::parse).collect::<Result<_>>()?;
        let server = hosts::find(&hosts, BEGIN_TIMEOUT).await?;
        let primary = Primary::new(server, &hosts, options.max_connections);
        Ok(Self(Arc::new(ClusterState {
            hosts,
            max_connections: options.max_connections,
            statement_timeout: options.statement_timeout,
            keeps_prepared_statements: options.keeps_prepared_statements,
            metrics: DatabaseMetrics::default(),
            primary: RwLock::new(Arc::new(primary)),
            last_check: tokio::sync::Mutex::new(LastCheck {
                at: Instant::now(),
                unusable_reason: None,
            }),
        })))
    }

    /// The connections to the server that accepted writes when the hosts were last asked.
    #[must_use]
    pub fn pool(&self) -> PgPool {
        self.primary().pool.clone()
    }

    pub(super) fn metrics(&self) -> &DatabaseMetrics {
        &self.0.metrics
    }

    fn primary(&self) -> Arc<Primary> {
        Arc::clone(&self.0.primary.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a transaction on the server that accepts writes, and searches for that server if necessary.
    pub(super) async fn begin(&self, access: Access, statement: &'static str) -> Result<PgTx> {
        self.connection(access, Some(statement)).await
    }

    /// A connection on which each statement is a transaction by itself, which saves two round trips. Through a transaction pooler,
    /// preparing and executing a statement may reach two servers, so there they run in a transaction. Who writes must commit in both
    /// cases.
    pub(super) async fn single_statements(&self, access: Access) -> Result<PgTx> {
        let begin = (!self.0.keeps_prepared_statements).then_some("BEGIN");
        self.connection(access, begin).await
    }

    async fn connection(&self, access: Access, statement: Option<&'static str>) -> Result<PgTx> {
        let timer = self.0.metrics.waiting(access);
        let deadline = Instant::now() + BEGIN_TIMEOUT;
        loop {
            let primary = self.primary();
            let error = match PgTx::begin(self, &primary, statement).await {
                Ok(mut tx) => {
                    tx.timer = Some(timer.begun());
                    return Ok(tx);
                }
                Err(error) => StoreError::from(error),
            };
            // Nothing has been executed, so the transaction can begin on another server.
            if !error.is_unavailable() {
                return Err(error);
            }
            let checked = self.check_hosts(&primary).await;
            if Instant::now() >= deadline {
                return Err(checked.err().unwrap_or(error));
            }
            sleep(CHECK_LIFETIME).await;
        }
    }

    /// Asks the hosts which of them accepts writes. If that is another server than `primary`, all statements on the old one end.
    async fn check_hosts(&self, primary: &Primary) -> Result<()> {
        let mut last_check = self.0.last_check.lock().await;
        if last_check.at.elapsed() > CHECK_LIFETIME && !primary.replaced.is_cancelled() {
            // Boxed, so that it does not enlarge the future of every statement.
            let found = Box::pin(hosts::find(&self.0.hosts, HOST_TIMEOUT)).await;
            let unusable_reason = match found {
                Ok(server) if server == primary.server => None,
                // An old primary that returned lacks what was written since, and the two histories can never be merged.
                Ok(server) if server.was_promoted_before(&primary.server) => Some(format!(
                    "database.url: {} accepts writes, but {} was promoted after it and is unavailable; make it a standby of \
                     that one, or restart daywire if that one is lost",
                    self.0.hosts[server.host_index()].address,
                    primary.address
                )),
                Ok(server) => {
                    self.switch(primary, server);
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            *last_check = LastCheck {
                at: Instant::now(),
                unusable_reason,
            };
        }
        match &last_check.unusable_reason {
            None => Ok(()),
            Some(reason) => Err(StoreError::Unavailable(reason.clone())),
        }
    }

    fn switch(&self, old: &Primary, server: ServerStart) {
        let new = Arc::new(Primary::new(server, &self.0.hosts, self.0.max_connections));
        tracing::warn!(
            database.host = new.address,
            database.previous_host = old.address,
            "database primary changed"
        );
        *self.0.primary.write().unwrap_or_else(PoisonError::into_inner) = new;
        old.replaced.cancel();
    }

    /// Waits until the statement that runs on `primary` can no longer succeed, and returns the error: another server is the primary, or
    /// the statement has timed out.
    ///
    /// A machine that fails sends nothing, and TCP alone would wait about fifteen minutes for its answer.
    async fn wait_for_failure(&self, primary: &Primary) -> sqlx::Error {
        let deadline = Instant::now() + self.0.statement_timeout;
        let mut interval = FIRST_SERVER_CHECK_INTERVAL;
        loop {
            let check = async {
                sleep(interval.min(deadline - Instant::now())).await;
                if Instant::now() < deadline {
                    // If another primary was found, `replaced` is cancelled. If none was found, this server may still answer.
                    let _ = self.check_hosts(primary).await;
                }
            };
            tokio::select! {
                biased;
                () = primary.replaced.cancelled() => {
                    let reason = format!("{} is no longer the primary", primary.address);
                    return io_error(ErrorKind::ConnectionAborted, reason);
                }
                () = check => {}
            }
            if Instant::now() >= deadline {
                let limit = self.0.statement_timeout.as_secs_f32();
                return io_error(
                    ErrorKind::TimedOut,
                    format!("no answer from {} within {limit} s", primary.address),
                );
            }
            interval = (interval * 2).min(MAX_SERVER_CHECK_INTERVAL);
        }
    }
}

fn io_error(kind: ErrorKind, reason: String) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(kind, reason))
}

/// Shows the host only, because the options contain a password.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cluster").field(&self.primary().address).finish()
    }
}

impl Primary {
    fn new(server: ServerStart, hosts: &[Host], max_connections: u32) -> Self {
        let Host { options, address } = hosts[server.host_index()].clone();
        let expected = server.clone();
        let pool = PgPoolOptions::new()
            .max_connections(max_connections.max(2))
            .acquire_timeout(BEGIN_TIMEOUT)
            // The address may lead to another server now, such as a standby. Then this connection fails, and `check_hosts` finds the
            // primary.
            .after_connect(move |connection, _| {
                let expected = expected.clone();
                Box::pin(async move { hosts::expect_server(connection, &expected).await })
            })
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move { Ok(known.idle_for < PING_AFTER_IDLE || answers(connection).await) })
            });
        Self {
            server,
            address,
            pool: pool.connect_lazy_with(options),
            replaced: CancellationToken::new(),
        }
    }
}

async fn answers(connection: &mut PgConnection) -> bool {
    matches!(timeout(HOUSEKEEPING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

/// A transaction on PostgreSQL. Dropped without `commit`, it changes nothing.
#[derive(Debug)]
pub struct PgTx {
    /// `None` only while the transaction is dropped.
    connection: Option<PoolConnection<Postgres>>,
    watch: Watch,
    /// Whether a transaction is open on the server.
    is_open: bool,
    /// Whether a statement of this transaction changed what the front page shows.
    pub(super) changes_front_page: bool,
    /// The counts to write at the commit.
    pub(super) counts: CollectedCounts,
    /// The events to write at the commit.
    pub(super) events: CollectedEvents,
    /// `None` only while the transaction begins.
    timer: Option<TransactionTimer>,
}

/// Guards the statements of a transaction: none waits for a failed server.
#[derive(Debug)]
pub(super) struct Watch {
    cluster: Cluster,
    primary: Arc<Primary>,
    /// Whether the connection can no longer be used.
    is_broken: bool,
}

impl Watch {
    /// Runs a statement, and ends it if the server fails or the statement takes too long.
    pub(super) async fn run<T>(&mut self, statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        let result = tokio::select! {
            biased;
            result = statement => result,
            error = self.cluster.wait_for_failure(&self.primary) => Err(error),
        };
        self.is_broken |= matches!(&result, Err(error) if is_unavailable(error));
        result
    }

    /// Whether statements stay prepared from one transaction to the next.
    pub(super) fn keeps_prepared(&self) -> bool {
        self.cluster.0.keeps_prepared_statements
    }
}

impl PgTx {
    async fn begin(cluster: &Cluster, primary: &Arc<Primary>, statement: Option<&'static str>) -> sqlx::Result<Self> {
        let mut watch = Watch {
            cluster: cluster.clone(),
            primary: Arc::clone(primary),
            is_broken: false,
        };
        let connection = watch.run(primary.pool.acquire()).await?;
        let mut tx = Self {
            connection: Some(connection),
            watch,
            is_open: statement.is_some(),
            changes_front_page: false,
            counts: CollectedCounts::default(),
            events: CollectedEvents::default(),
            timer: None,
        };
        if let Some(statement) = statement {
            tx.run(statement).await?;
        }
        Ok(tx)
    }

    pub(super) fn metrics(&self) -> &DatabaseMetrics {
        self.watch.cluster.metrics()
    }

    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        if self.is_open {
            self.run("COMMIT").await?;
        }
        self.is_open = false;
        Ok(())
    }

    /// Runs one or more statements without parameters.
    pub(super) async fn run(&mut self, statements: impl sqlx::SqlSafeStr) -> sqlx::Result<()> {
        let (connection, watch) = self.connection_and_watch();
        watch.run(connection.execute(sqlx::raw_sql(statements))).await?;
        Ok(())
    }

    /// The connection, and the [`Watch`] that must run every statement on it.
    pub(super) fn connection_and_watch(&mut self) -> (&mut PgConnection, &mut Watch) {
        let connection = self
            .connection
            .as_mut()
            .expect("a transaction has its connection until it is dropped");
        (connection, &mut self.watch)
    }
}

/// Returns the connection to the pool, or closes it if it is broken.
impl Drop for PgTx {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !self.watch.is_broken => drop(runtime.spawn(return_to_pool(connection, self.is_open))),
            _ => drop(connection.detach()),
        }
    }
}

/// The pool itself would wait for a failed server without limit, and could open no other connection meanwhile.
async fn return_to_pool(mut connection: PoolConnection<Postgres>, is_open: bool) {
    if is_open {
        let rolled_back = timeout(HOUSEKEEPING_TIMEOUT, connection.execute(sqlx::raw_sql("ROLLBACK"))).await;
        if !matches!(rolled_back, Ok(Ok(_))) {
            drop(connection.detach());
            return;
        }
    }
    let _ = timeout(HOUSEKEEPING_TIMEOUT, connection.return_to_pool()).await;
}
