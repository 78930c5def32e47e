//! The database: every SQL statement of the program, one file an aggregate, the same text for SQLite and PostgreSQL.

mod cluster;
mod connect;
mod due_deliveries;
mod hosts;
mod migrate;
mod rows;

pub mod archive;
pub mod arrivals;
pub(crate) mod article_keys;
pub mod articles;
pub mod audience;
pub mod captured_mails;
pub mod confirmations;
pub mod corrections;
pub mod deliveries;
pub mod delivery_lists;
pub mod delivery_transitions;
pub mod editions;
pub mod feed_hosts;
pub mod feeds;
pub mod issue_lines;
pub mod issue_stories;
pub mod issue_totals;
pub mod issues;
pub mod leases;
pub(crate) mod mailbox_allowances;
pub mod newsletters;
pub mod nodes;
pub mod operators;
pub(crate) mod rate_limits;
pub mod relay_days;
pub mod revision;
pub mod runs;
pub mod signing_keys;
pub mod subscribers;
pub mod subscriptions;
pub mod suppressions;
pub mod texts;
pub mod transactional_mails;

use sqlx::{Sqlite, SqlitePool, Transaction};

pub use cluster::{Cluster, PgTx};
pub use connect::{Place, StoreOptions, exposed};
pub(crate) use rows::{insert, on, over_values, row, select_over};

/// How long a check of the database waits for the write connection.
const WRITER_WAIT: std::time::Duration = std::time::Duration::from_secs(1);

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address in `database.url` cannot be used.
    #[error("database.url: {0}")]
    Url(String),
    /// The file cannot be opened.
    #[error("database.url: cannot open {place}: {source}; check that it is there and that this user may use it")]
    Open {
        /// The file.
        place: String,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// The database file does not exist.
    #[error(
        "there is no database at {} (database.url); go to the folder of your daywire.toml or name it with --config, or set \
         a new database up with `daywire migrate`",
        _0.display()
    )]
    Missing(std::path::PathBuf),
    /// The database exists, but its tables are missing or of an older version.
    #[error("it is not set up for this version of daywire; run `daywire migrate`")]
    NotSetUp,
    /// No server takes writes: what each host said.
    #[error(
        "database.url: no server takes writes: {0}; check that it is there, that this user may use it, and that the \
         primary is among those named, postgres://…@H1,H2/…"
    )]
    NoPrimary(String),
    /// The tables belong to another version of the program.
    #[error("cannot set the database up: {0}")]
    Migrate(String),
    /// The database answered, and will not do this.
    #[error("database: {0}")]
    Refused(Box<dyn sqlx::error::DatabaseError>),
    /// No server takes writes any more; the reason is as in [`StoreError::NoPrimary`].
    #[error("{0}")]
    Unavailable(String),
    /// A statement failed for another reason: mostly, the connection broke.
    #[error("database: {0}")]
    Query(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => Self::Refused(refusal),
            other => Self::Query(other),
        }
    }
}

/// Runs `work`, retrying up to four times after a conflict with another transaction. `is_conflict` recognises such an error, usually
/// by [`StoreError::is_conflict`]. A person must not have to repeat a request for this reason.
///
/// # Errors
/// The error of `work` if it is no conflict, or that of the last attempt.
pub async fn retry_on_conflict<T, E, W: Future<Output = Result<T, E>>>(
    is_conflict: impl Fn(&E) -> bool,
    work: impl Fn() -> W,
) -> Result<T, E> {
    for _ in 0..4 {
        match work().await {
            Err(error) if is_conflict(&error) => {}
            done => return done,
        }
    }
    work().await
}

impl StoreError {
    /// Whether the transaction conflicted with another one (PostgreSQL's `deadlock_detected` and `serialization_failure`). It
    /// changed nothing, and a retry will succeed.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let Self::Refused(error) = self else {
            return false;
        };
        matches!(error.code().as_deref(), Some("40P01" | "40001"))
    }

    /// Whether there is such a thing already: another transaction was faster.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Refused(error) if error.is_unique_violation())
    }

    /// Whether the database is unavailable: it does not answer, the connection broke, or another server takes the writes now. A
    /// retry may succeed later. A commit that failed this way may have been made.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::NoPrimary(_) | Self::Unavailable(_) => true,
            Self::Refused(error) => is_unavailable_code(error.as_ref()),
            Self::Query(error) => is_unavailable(error),
            Self::Url(_) | Self::Open { .. } | Self::Missing(_) | Self::NotSetUp | Self::Migrate(_) => false,
        }
    }
}

fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => is_unavailable_code(error.as_ref()),
        // A server that is killed during the handshake may close the connection or send what the driver does not expect.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => true,
        _ => false,
    }
}

/// The SQLSTATE codes of an unavailable PostgreSQL: connection exceptions (class 08, which PgBouncer uses too), read-only, shutting
/// down, starting up, too many connections, and a session ended because it was idle.
fn is_unavailable_code(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    let known = ["25006", "25P03", "53300", "57P01", "57P02", "57P03", "57P05"];
    code.starts_with("08") || known.contains(&code.as_ref())
}

/// What the store's functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open database.
#[derive(Clone, Debug)]
pub enum Store {
    /// A file. One connection writes, so that writers queue here and not in the file's lock; the others read.
    Sqlite {
        /// One connection.
        write: SqlitePool,
        /// Several.
        read: SqlitePool,
    },
    /// A server, or several of which one takes writes.
    Postgres(Cluster),
}

/// A transaction on either. Dropped without `commit`, it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(SqliteTx),
    /// On PostgreSQL.
    Postgres(PgTx),
}

/// A transaction on SQLite.
#[derive(Debug)]
pub struct SqliteTx {
    tx: Transaction<'static, Sqlite>,
    /// Whether a statement of this transaction changed what the front page shows.
    changes_site: bool,
}

impl From<Transaction<'static, Sqlite>> for SqliteTx {
    fn from(tx: Transaction<'static, Sqlite>) -> Self {
        Self {
            tx,
            changes_site: false,
        }
    }
}

impl Store {
    /// Begins a transaction that only reads.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?.into()),
            Self::Postgres(cluster) => Tx::Postgres(cluster.begin("BEGIN").await?),
        })
    }

    /// Begins a transaction that only reads, and sees the database as it is now until it ends.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn read_snapshot(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?.into()),
            Self::Postgres(cluster) => {
                Tx::Postgres(cluster.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once: one that read first and then wants
    /// to write can fail whatever the timeout.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn write(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(SqliteTx::from(match write.begin_with("BEGIN IMMEDIATE").await {
                // A full disk makes SQLite undo a transaction by itself, which sqlx does not notice: the connection is of
                // no use any more.
                Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
                    drop(write.acquire().await?.detach());
                    write.begin_with("BEGIN IMMEDIATE").await?
                }
                begun => begun?,
            })),
            Self::Postgres(cluster) => Tx::Postgres(cluster.begin("BEGIN").await?),
        })
    }

    /// Whether the database takes writes now, so that a full disk and a file that became read-only are noticed. On SQLite it writes
    /// the schema's version number again, which is the smallest write that reaches the disk and changes nothing. On PostgreSQL it
    /// makes a small temporary table and rolls back: a smaller write may fit into a page that is there already.
    ///
    /// # Errors
    /// If it does not take writes. A SQLite database that another transaction is writing to passes.
    pub(crate) async fn check_writable(&self) -> Result<()> {
        let Self::Sqlite { write, .. } = self else {
            return self.check_disk_space().await;
        };
        let Ok(connection) = tokio::time::timeout(WRITER_WAIT, write.acquire()).await else {
            return Ok(());
        };
        let mut connection = connection?;
        let (version,): (i64,) = sqlx::query_as("PRAGMA user_version")
            .fetch_one(&mut *connection)
            .await?;
        let again = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        match sqlx::query(again).execute(&mut *connection).await {
            // Another process is writing.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("5") => Ok(()),
            done => Ok(done.map(|_| ())?),
        }
    }

    async fn check_disk_space(&self) -> Result<()> {
        let tx = &mut self.write().await?;
        let written = on!(
            tx,
            execute,
            "CREATE TEMPORARY TABLE disk_space_check ON COMMIT DROP AS SELECT repeat('x', 100) FROM generate_series(1, 400)"
        );
        match written.map_err(StoreError::from) {
            // This user may not make temporary tables, which says nothing about the disk.
            Err(StoreError::Refused(error)) if error.code().as_deref() == Some("42501") => Ok(()),
            written => written.map(|_| ()),
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(cluster) => cluster.pool().close().await,
        }
    }
}

impl Tx {
    /// Makes the changes last.
    ///
    /// # Errors
    /// When the database could not promise it.
    pub async fn commit(mut self) -> Result<()> {
        let changes_site = match &self {
            Self::Sqlite(tx) => tx.changes_site,
            Self::Postgres(tx) => tx.changes_site,
        };
        if changes_site {
            self.raise_site_revision().await?;
        }
        match self {
            Self::Sqlite(tx) => tx.tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
