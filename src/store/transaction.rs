//! The open database, and the transaction in which every statement runs.
//!
//! On SQLite there is one connection that writes. Writers of this process wait for it in a queue, in which none is overtaken. If each had
//! its own connection, they would poll for the lock of the file, and some would fail after the busy timeout.
//!
//! The futures of beginning and committing are boxed. Most functions of the program await them, and the compiler would otherwise prove
//! for each caller that every future inside them can be sent to another thread.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use const_format::concatcp;
use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::Result;
use super::cluster::{Cluster, PgTx};
use super::collected_counts::CollectedCounts;
use super::collected_events::CollectedEvents;
use super::write_ahead_log::WriteAheadLog;
use crate::metrics::{Access, DatabaseMetrics, TransactionTimer};

/// Begins a transaction with statements for many rows. A prepared statement keeps the plan that was best when its table was small.
/// Reading a whole table for a list of keys would be slow once it has grown, so these plans must use the indexes.
const BEGIN_MANY: &str = "BEGIN; SET LOCAL enable_seqscan = off";

/// An open database, which can be cloned and shared.
#[derive(Clone, Debug)]
pub enum Store {
    /// A SQLite file, with two pools of connections.
    Sqlite {
        /// The one connection that writes.
        write: SqlitePool,
        /// The connections that read.
        read: SqlitePool,
        /// The write-ahead log, which is emptied when it has grown.
        log: Arc<WriteAheadLog>,
        /// What the transactions measure.
        metrics: DatabaseMetrics,
    },
    /// A PostgreSQL server, or several of which one accepts writes.
    Postgres(Cluster),
}

/// A transaction on either database. If it is dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub enum Tx {
    /// A transaction on SQLite.
    Sqlite(SqliteTx),
    /// A transaction on PostgreSQL.
    Postgres(PgTx),
}

/// A transaction on SQLite.
#[derive(Debug)]
pub struct SqliteTx {
    pub(super) connection: SqliteTxConnection,
    /// Whether a statement of this transaction changed what the front page shows.
    pub(super) changes_front_page: bool,
    /// The counts to write at the commit.
    pub(super) counts: CollectedCounts,
    /// The events to write at the commit.
    pub(super) events: CollectedEvents,
    timer: TransactionTimer,
}

/// The connection of a [`SqliteTx`].
#[derive(Debug)]
pub(super) enum SqliteTxConnection {
    /// In a transaction, which is rolled back when this is dropped.
    InTransaction(Transaction<'static, Sqlite>),
    /// Each statement is a transaction by itself.
    Separate(PoolConnection<Sqlite>),
}

impl Deref for SqliteTxConnection {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::InTransaction(tx) => tx,
            Self::Separate(connection) => connection,
        }
    }
}

impl DerefMut for SqliteTxConnection {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::InTransaction(tx) => tx,
            Self::Separate(connection) => connection,
        }
    }
}

impl SqliteTx {
    fn new(connection: SqliteTxConnection, timer: TransactionTimer) -> Self {
        Self {
            connection,
            timer: timer.begun(),
            changes_front_page: false,
            counts: CollectedCounts::default(),
            events: CollectedEvents::default(),
        }
    }
}

impl Store {
    /// Begins a transaction that must only read. The database does not enforce this. On SQLite, a write in it can fail at once if
    /// another transaction writes; on PostgreSQL it would succeed.
    ///
    /// # Errors
    /// When no connection is available.
    #[must_use]
    pub fn read(&self) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite { read, metrics, .. } => begin_read(read, metrics).await?,
                Self::Postgres(cluster) => Tx::Postgres(cluster.begin(Access::Read, "BEGIN").await?),
            })
        })
    }

    /// Begins to read with statements that may each see another state of the database. It saves the beginning and the end of a transaction:
    /// two round trips to PostgreSQL, or to the thread that runs the statements of SQLite.
    ///
    /// # Errors
    /// When no connection is available.
    pub(crate) fn read_separately(&self) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite { read, metrics, .. } => {
                    let timer = metrics.waiting(Access::Read);
                    let connection = SqliteTxConnection::Separate(read.acquire().await?);
                    Tx::Sqlite(SqliteTx::new(connection, timer))
                }
                Self::Postgres(cluster) => Tx::Postgres(cluster.single_statements(Access::Read).await?),
            })
        })
    }

    /// Begins a transaction that must only read, and sees the database unchanged until it ends. On SQLite every transaction sees it
    /// unchanged. PostgreSQL refuses a write in it.
    ///
    /// # Errors
    /// When no connection is available.
    pub(crate) fn read_snapshot(&self) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite { read, metrics, .. } => begin_read(read, metrics).await?,
                Self::Postgres(cluster) => {
                    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                    Tx::Postgres(cluster.begin(Access::Read, begin).await?)
                }
            })
        })
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once, because a transaction that has read first fails
    /// when it writes after another one has written since. Waiting would not help.
    ///
    /// # Errors
    /// When no connection is available.
    #[must_use]
    pub fn write(&self) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite { write, metrics, .. } => {
                    let timer = metrics.waiting(Access::Write);
                    let begun = match write.begin_with("BEGIN IMMEDIATE").await {
                        // On a full disk SQLite rolls a transaction back by itself. sqlx does not notice this, and its connection can no
                        // longer begin one: replace the connection.
                        Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
                            drop(write.acquire().await?.detach());
                            write.begin_with("BEGIN IMMEDIATE").await?
                        }
                        begun => begun?,
                    };
                    Tx::Sqlite(SqliteTx::new(SqliteTxConnection::InTransaction(begun), timer))
                }
                Self::Postgres(cluster) => Tx::Postgres(cluster.begin(Access::Write, "BEGIN").await?),
            })
        })
    }

    /// [`write`](Self::write) for a transaction whose statements concern many rows each.
    ///
    /// # Errors
    /// When no connection is available.
    pub(crate) fn write_many(&self) -> BoxFuture<'_, Result<Tx>> {
        self.write_beginning_with(BEGIN_MANY)
    }

    /// [`write_many`](Self::write_many) for an import. PostgreSQL may keep 16 MB of new words beside its index of words, four times as much
    /// as by default. It then sorts them into the index in larger parts, and the import takes two thirds of the time.
    ///
    /// # Errors
    /// When no connection is available.
    pub(crate) fn write_import(&self) -> BoxFuture<'_, Result<Tx>> {
        self.write_beginning_with(concatcp!(BEGIN_MANY, "; SET LOCAL gin_pending_list_limit = '16MB'"))
    }

    fn write_beginning_with(&self, begin: &'static str) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move {
            match self {
                Self::Sqlite { .. } => self.write().await,
                Self::Postgres(cluster) => Ok(Tx::Postgres(cluster.begin(Access::Write, begin).await?)),
            }
        })
    }

    /// What the transactions measure.
    pub(crate) fn metrics(&self) -> &DatabaseMetrics {
        match self {
            Self::Sqlite { metrics, .. } => metrics,
            Self::Postgres(cluster) => cluster.metrics(),
        }
    }

    /// Closes all connections, after their transactions have ended.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(cluster) => cluster.pool().close().await,
        }
    }
}

async fn begin_read(read: &SqlitePool, metrics: &DatabaseMetrics) -> Result<Tx> {
    let timer = metrics.waiting(Access::Read);
    let tx = SqliteTxConnection::InTransaction(read.begin().await?);
    Ok(Tx::Sqlite(SqliteTx::new(tx, timer)))
}

impl Tx {
    /// Commits. First the events and counts that the transaction collected are written. If it changed what the front page shows, the site's revision is
    /// raised as its last statement.
    ///
    /// # Errors
    /// When the database did not confirm the commit. If [`StoreError::is_unavailable`](super::StoreError::is_unavailable), it may
    /// have been made all the same.
    #[must_use]
    pub fn commit(mut self) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            self.write_events().await?;
            let counted = self.counted_events();
            self.write_counts().await?;
            let metrics = match &self {
                Self::Sqlite(tx) => tx.timer.metrics(),
                Self::Postgres(tx) => tx.metrics(),
            };
            let metrics = metrics.clone();
            let changes_front_page = match &self {
                Self::Sqlite(tx) => tx.changes_front_page,
                Self::Postgres(tx) => tx.changes_front_page,
            };
            if changes_front_page {
                self.raise_site_revision().await?;
            }
            match self {
                Self::Sqlite(SqliteTx {
                    connection: SqliteTxConnection::InTransaction(tx),
                    ..
                }) => tx.commit().await?,
                // Its statements have committed themselves.
                Self::Sqlite(_) => {}
                Self::Postgres(tx) => tx.commit().await?,
            }
            metrics.count_events(counted);
            Ok(())
        })
    }
}
