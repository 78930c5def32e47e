//! What can go wrong with the database, and the retry after a conflict.
//!
//! Callers ask an error one of three questions: is it a conflict (retry now), is the database unavailable (retry later), does the row
//! exist already (another transaction has added it first).

use std::sync::Arc;

/// Why the database could not be opened or a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address in `database.url` cannot be parsed.
    #[error("database.url: {0}")]
    Url(String),
    /// The SQLite file cannot be opened.
    #[error(
        "database.url: cannot open {path}: {source}; check that its folder exists and that this user may read and write it"
    )]
    Open {
        /// The path of the file.
        path: String,
        /// The error of the driver.
        source: sqlx::Error,
    },
    /// The SQLite file does not exist.
    #[error(
        "there is no database at {} (database.url); go to the folder of your daywire.toml or name it with --config, or set \
         a new database up with `daywire migrate`",
        _0.display()
    )]
    Missing(std::path::PathBuf),
    /// The database exists, but its tables are missing or of an older version.
    #[error("the database is not set up for this version of daywire; run `daywire migrate`")]
    NotSetUp,
    /// No PostgreSQL host accepts writes. Contains the answer of each host.
    #[error(
        "database.url: no server accepts writes: {0}; check that the primary is running, that database.url names it \
         (postgres://…@HOST1,HOST2/…), and that this user may connect"
    )]
    NoPrimary(String),
    /// The tables belong to another version of the program. Contains what differs.
    #[error("cannot set the database up: {0}")]
    Migrate(String),
    /// The database refused the statement.
    #[error("database: {0}")]
    Refused(Box<dyn sqlx::error::DatabaseError>),
    /// No PostgreSQL host accepts writes any more; the text is that of [`StoreError::NoPrimary`].
    #[error("{0}")]
    Unavailable(String),
    /// Another transaction changed a row between reading and writing it.
    #[error("database: another process changed the same rows meanwhile; try again")]
    Changed,
    /// The transaction that stored a request together with others failed.
    #[error("{0}")]
    Shared(Arc<StoreError>),
    /// More requests wait to be stored than the queue holds.
    #[error("too many requests wait to be stored; try again in a few seconds")]
    Overloaded,
    /// A statement failed for another reason: usually the connection broke, or a column of a row cannot be parsed.
    #[error("database: {0}")]
    Query(sqlx::Error),
}

/// The result of the store's functions.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => Self::Refused(refusal),
            other => Self::Query(other),
        }
    }
}

impl StoreError {
    /// Whether the transaction conflicted with another one (PostgreSQL's `deadlock_detected` and `serialization_failure`). It
    /// changed nothing, and a retry may succeed.
    #[must_use]
    pub(crate) fn is_conflict(&self) -> bool {
        match self {
            Self::Refused(error) => matches!(error.code().as_deref(), Some("40P01" | "40001")),
            Self::Shared(error) => error.is_conflict(),
            _ => false,
        }
    }

    /// Whether the transaction may succeed if it is repeated: it conflicted with another one, or a row that it had read was added or
    /// deleted before it wrote.
    pub(crate) fn is_race(&self) -> bool {
        match self {
            Self::Refused(error) => {
                self.is_conflict() || error.is_unique_violation() || error.is_foreign_key_violation()
            }
            Self::Shared(error) => error.is_race(),
            Self::Changed => true,
            _ => false,
        }
    }

    /// Whether the statement failed because a row with the same unique value exists.
    pub(crate) fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Refused(error) if error.is_unique_violation())
    }

    /// Whether the database is unavailable: it does not answer, the connection broke, or another server accepts the writes now. A
    /// retry may succeed later. A commit that failed this way may have been made.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::NoPrimary(_) | Self::Unavailable(_) | Self::Overloaded => true,
            Self::Shared(error) => error.is_unavailable(),
            Self::Refused(error) => has_unavailable_code(error.as_ref()),
            Self::Query(error) => is_unavailable(error),
            Self::Url(_) | Self::Open { .. } | Self::Missing(_) | Self::NotSetUp | Self::Migrate(_) | Self::Changed => {
                false
            }
        }
    }
}

pub(super) fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => has_unavailable_code(error.as_ref()),
        // A server that is killed during the handshake may close the connection or send what the driver does not expect.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => true,
        _ => false,
    }
}

/// Whether the [SQLSTATE](https://www.postgresql.org/docs/current/errcodes-appendix.html) is that of an unavailable PostgreSQL:
/// connection exceptions (class 08, which PgBouncer uses too), read-only, shutting down, starting up, too many connections, and a
/// session ended because it was idle.
fn has_unavailable_code(error: &dyn sqlx::error::DatabaseError) -> bool {
    let known = ["25006", "25P03", "53300", "57P01", "57P02", "57P03", "57P05"];
    error
        .code()
        .is_some_and(|code| code.starts_with("08") || known.contains(&code.as_ref()))
}

/// Runs `work`, retrying up to four times after a conflict with another transaction. `is_conflict` recognises such an error, usually
/// by [`StoreError::is_conflict`]. It is for requests of people, who must
/// not have to repeat them for this reason.
///
/// SQLite never has a conflict, because it has one writer at a time. On PostgreSQL, two transactions conflict if each waits for a row
/// that the other has locked. Transactions that lock in the order of [`crate::store`] cannot conflict. But statements that change many
/// deliveries lock them in no fixed order, such as cancelling an issue while outcomes are recorded.
///
/// # Errors
/// The error of `work` if it is no conflict, or that of the last attempt.
pub(crate) async fn retry_on_conflict<T, E, W: Future<Output = Result<T, E>>>(
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
