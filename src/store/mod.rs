//! The database: every SQL statement of the program, one file an aggregate, the same text for SQLite and PostgreSQL.

mod connect;
mod migrate;
mod rows;

pub mod articles;
pub mod captured_mails;
pub mod confirmations;
pub mod deliveries;
pub mod feeds;
pub mod issues;
pub mod newsletters;
pub mod nodes;
pub mod relay_days;
pub mod runs;
pub mod signing_keys;
pub mod subscribers;
pub mod subscriptions;
pub mod suppressions;
pub mod transactional_mails;

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub use connect::{Place, StoreOptions};
pub(crate) use rows::{on, row};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address in `database.url` cannot be used.
    #[error("database.url: {0}")]
    Url(String),
    /// Nobody answers there, or it will not let us in.
    #[error("database.url: cannot open {place}: {source}; check that it is there and that this user may use it")]
    Connect {
        /// The database without its password.
        place: String,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// The only host that answers is a standby.
    #[error("database.url: {place} is a standby that takes no writes; name the primary as well, postgres://…@H1,H2/…")]
    Standby {
        /// The database without its password.
        place: String,
    },
    /// The tables could not be set up.
    #[error("cannot set the database up: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database answered, and will not do this.
    #[error("database: {0}")]
    Refused(Box<dyn sqlx::error::DatabaseError>),
    /// A statement failed for another reason: mostly, the database is away.
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

impl StoreError {
    /// Whether the transaction only met another one (PostgreSQL's `deadlock_detected` and `serialization_failure`):
    /// nothing was changed, and the same again will go through.
    #[must_use]
    pub fn met_another(&self) -> bool {
        let Self::Refused(error) = self else {
            return false;
        };
        matches!(error.code().as_deref(), Some("40P01" | "40001"))
    }
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
    /// A server.
    Postgres(PgPool),
}

/// A transaction on either. Dropped without `commit`, it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Store {
    /// Begins a transaction that only reads.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that only reads, and sees the database as it is now until it ends.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn read_snapshot(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once: one that read first and then wants
    /// to write can fail whatever the timeout.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn write(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes the changes last.
    ///
    /// # Errors
    /// When the database could not promise it.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
