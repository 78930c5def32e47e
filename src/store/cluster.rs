//! A PostgreSQL server, or several of which one takes writes: found at the start, and found again whenever it is gone.

use std::fmt;
use std::io::ErrorKind;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgConnection, PgPool, Postgres};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::hosts::{self, Host, Server};
use super::{Result, StoreError, StoreOptions, is_unavailable};

/// How long a transaction may take to begin.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a host may take to say whether it takes writes, once the program runs.
const HOST_PATIENCE: Duration = Duration::from_secs(1);
/// A connection that was idle for longer is tried before it is used.
const IDLE: Duration = Duration::from_secs(1);
/// How long a connection may take for what is nothing: an answer to a ping, undoing a transaction.
const TRIFLE: Duration = Duration::from_secs(5);
/// A statement that takes longer than this makes us look whether the server is still there, and so on ever less often.
const DOUBT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(2));
/// What was found out this long ago is still true.
const FRESH: Duration = Duration::from_millis(250);

/// The open database on PostgreSQL.
#[derive(Clone)]
pub struct Cluster(Arc<Shared>);

struct Shared {
    hosts: Vec<Host>,
    connections: u32,
    /// The most that one statement may take.
    timeout: Duration,
    /// Whether statements are kept prepared.
    prepared: bool,
    line: RwLock<Arc<Line>>,
    /// When the hosts were last asked, and why none would do; one asks at a time.
    looked: tokio::sync::Mutex<(Instant, Option<String>)>,
}

/// The connections to one server. It is given up as a whole when that server is gone.
#[derive(Debug)]
struct Line {
    server: Server,
    place: String,
    pool: PgPool,
    gone: CancellationToken,
}

impl Cluster {
    pub(super) async fn open(hosts: Vec<Host>, options: &StoreOptions) -> Result<Self> {
        let server = hosts::find(&hosts, PATIENCE).await?;
        let line = Line::to(server, &hosts, options.connections);
        Ok(Self(Arc::new(Shared {
            hosts,
            connections: options.connections,
            timeout: options.timeout,
            prepared: options.prepared,
            line: RwLock::new(Arc::new(line)),
            looked: tokio::sync::Mutex::new((Instant::now(), None)),
        })))
    }

    /// The connections to the server that takes writes, as far as known.
    #[must_use]
    pub fn pool(&self) -> PgPool {
        self.line().pool.clone()
    }

    fn line(&self) -> Arc<Line> {
        Arc::clone(&self.0.line.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a transaction on the server that takes writes, and looks for it if need be.
    pub(super) async fn begin(&self, statement: &'static str) -> Result<PgTx> {
        self.connection(Some(statement)).await
    }

    /// For one statement, which is a transaction by itself and saves two exchanges with the server. It is two for a
    /// transaction pooler, preparing and executing, so there it gets a transaction. To be committed all the same.
    pub(super) async fn single(&self) -> Result<PgTx> {
        self.connection((!self.0.prepared).then_some("BEGIN")).await
    }

    async fn connection(&self, statement: Option<&'static str>) -> Result<PgTx> {
        let end = Instant::now() + PATIENCE;
        loop {
            let line = self.line();
            let error = match PgTx::begin(self, &line, statement).await {
                Ok(tx) => return Ok(tx),
                Err(error) => StoreError::from(error),
            };
            if !error.is_unavailable() {
                return Err(error);
            }
            let looked = self.look(&line).await;
            if Instant::now() >= end {
                return Err(looked.err().unwrap_or(error));
            }
            sleep(FRESH).await;
        }
    }

    /// Asks the hosts who takes writes; if that is another server than before, all that waits for the old one ends.
    async fn look(&self, line: &Line) -> Result<()> {
        let mut looked = self.0.looked.lock().await;
        if looked.0.elapsed() > FRESH && !line.gone.is_cancelled() {
            // Boxed, so that it adds nothing to the size of every statement's future.
            let found = Box::pin(hosts::find(&self.0.hosts, HOST_PATIENCE)).await;
            let trouble = match found {
                Ok(server) if server == line.server => None,
                // What was written since would be missing there, and the two would never come together again.
                Ok(server) if server.is_older_than(&line.server) => Some(format!(
                    "database.url: {} takes writes, but {} was promoted after it and is away; make it a standby of that \
                     one, or, if that one is lost, start anew",
                    self.0.hosts[server.host()].place,
                    line.place
                )),
                Ok(server) => {
                    self.go_over(line, server);
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            *looked = (Instant::now(), trouble);
        }
        looked
            .1
            .clone()
            .map_or(Ok(()), |reason| Err(StoreError::Unavailable(reason)))
    }

    fn go_over(&self, line: &Line, server: Server) {
        let new = Arc::new(Line::to(server, &self.0.hosts, self.0.connections));
        tracing::warn!(
            place = new.place,
            before = line.place,
            "the database is another server now"
        );
        *self.0.line.write().unwrap_or_else(PoisonError::into_inner) = new;
        line.gone.cancel();
    }

    /// Ends only when there is nothing to wait for any more: the server at the other end is gone, or the time is up.
    ///
    /// A machine that vanishes says nothing, and TCP would wait for it for a quarter of an hour.
    async fn doubt(&self, line: &Line) -> sqlx::Error {
        let end = Instant::now() + self.0.timeout;
        let mut pause = DOUBT.0;
        loop {
            let watch = async {
                sleep(pause.min(end - Instant::now())).await;
                if Instant::now() < end {
                    // Whether another was found is told by `gone`; and if none is there, this one may still answer.
                    let _ = self.look(line).await;
                }
            };
            tokio::select! {
                biased;
                () = line.gone.cancelled() => {
                    return away(ErrorKind::ConnectionAborted, format!("{} is gone", line.place));
                }
                () = watch => {}
            }
            if Instant::now() >= end {
                let limit = self.0.timeout.as_secs_f32();
                return away(
                    ErrorKind::TimedOut,
                    format!("no answer from {} within {limit} s", line.place),
                );
            }
            pause = (pause * 2).min(DOUBT.1);
        }
    }
}

fn away(kind: ErrorKind, reason: String) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(kind, reason))
}

/// Shows no password.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cluster").field(&self.line().place).finish()
    }
}

impl Line {
    fn to(server: Server, hosts: &[Host], connections: u32) -> Self {
        let Host { options, place } = hosts[server.host()].clone();
        let expected = server.clone();
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(PATIENCE)
            // Another may have come to answer there since it was found; whether that one may be used, `look` decides.
            .after_connect(move |connection, _| {
                let expected = expected.clone();
                Box::pin(async move { hosts::check(connection, &expected).await })
            })
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move { Ok(known.idle_for < IDLE || answers(connection).await) })
            });
        Self {
            server,
            place,
            pool: pool.connect_lazy_with(options),
            gone: CancellationToken::new(),
        }
    }
}

async fn answers(connection: &mut PgConnection) -> bool {
    matches!(timeout(TRIFLE, connection.ping()).await, Ok(Ok(())))
}

/// A transaction on PostgreSQL. Dropped without `commit`, it changes nothing.
#[derive(Debug)]
pub struct PgTx {
    /// There until the end.
    connection: Option<PoolConnection<Postgres>>,
    watch: Watch,
    open: bool,
    /// Whether a statement of this transaction changed what the front page shows.
    pub(super) changes_site: bool,
}

/// Watches over the statements of a transaction, so that none waits for a server that is gone.
#[derive(Debug)]
pub(super) struct Watch {
    cluster: Cluster,
    line: Arc<Line>,
    broken: bool,
}

impl Watch {
    /// Runs a statement.
    pub(super) async fn over<T>(&mut self, statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        let result = tokio::select! {
            biased;
            result = statement => result,
            error = self.cluster.doubt(&self.line) => Err(error),
        };
        self.broken |= matches!(&result, Err(error) if is_unavailable(error));
        result
    }

    /// Whether statements are kept prepared.
    pub(super) fn prepares(&self) -> bool {
        self.cluster.0.prepared
    }
}

impl PgTx {
    async fn begin(cluster: &Cluster, line: &Arc<Line>, statement: Option<&'static str>) -> sqlx::Result<Self> {
        let mut watch = Watch {
            cluster: cluster.clone(),
            line: Arc::clone(line),
            broken: false,
        };
        let connection = watch.over(line.pool.acquire()).await?;
        let mut tx = Self {
            connection: Some(connection),
            watch,
            open: statement.is_some(),
            changes_site: false,
        };
        if let Some(statement) = statement {
            tx.run(statement).await?;
        }
        Ok(tx)
    }

    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        if self.open {
            self.run("COMMIT").await?;
        }
        self.open = false;
        Ok(())
    }

    /// Runs statements without parameters, as many as there are in the text.
    pub(super) async fn run(&mut self, statements: impl sqlx::SqlSafeStr) -> sqlx::Result<()> {
        let (connection, watch) = self.parts();
        watch.over(connection.execute(sqlx::raw_sql(statements))).await?;
        Ok(())
    }

    /// The connection, and who watches over what runs on it.
    pub(super) fn parts(&mut self) -> (&mut PgConnection, &mut Watch) {
        let connection = self.connection.as_mut().expect("it is there until the end");
        (connection, &mut self.watch)
    }
}

/// Gives the connection back to the pool; one that broke is closed.
impl Drop for PgTx {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !self.watch.broken => drop(runtime.spawn(give_back(connection, self.open))),
            _ => drop(connection.detach()),
        }
    }
}

/// The pool's own way back has no limit, and a server that vanished would keep the connection's place taken.
async fn give_back(mut connection: PoolConnection<Postgres>, open: bool) {
    if open {
        let undone = timeout(TRIFLE, connection.execute(sqlx::raw_sql("ROLLBACK"))).await;
        if !matches!(undone, Ok(Ok(_))) {
            drop(connection.detach());
            return;
        }
    }
    let _ = timeout(TRIFLE, connection.return_to_pool()).await;
}
