//! Runs the statements of `statements.rs`.
//!
//! The futures are boxed, and nothing here but reading a row is generic. Otherwise the compiler would compile the whole path to the
//! database again for each of hundreds of statements.

use futures_util::future::BoxFuture;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, Postgres, Row, Sqlite};

use super::cluster::{PgTx, Watch};
use super::transaction::SqliteTx;

type SqliteQuery = Query<'static, Sqlite, SqliteArguments>;
type PostgresQuery = Query<'static, Postgres, PgArguments>;

impl SqliteTx {
    /// Evaluates to the number of changed rows.
    pub(super) fn execute(&mut self, query: SqliteQuery) -> BoxFuture<'_, sqlx::Result<u64>> {
        Box::pin(async { Ok(query.execute(&mut *self.connection).await?.rows_affected()) })
    }

    pub(super) fn one(&mut self, query: SqliteQuery) -> BoxFuture<'_, sqlx::Result<SqliteRow>> {
        Box::pin(query.fetch_one(&mut *self.connection))
    }

    pub(super) fn optional(&mut self, query: SqliteQuery) -> BoxFuture<'_, sqlx::Result<Option<SqliteRow>>> {
        Box::pin(query.fetch_optional(&mut *self.connection))
    }

    pub(super) fn all(&mut self, query: SqliteQuery) -> BoxFuture<'_, sqlx::Result<Vec<SqliteRow>>> {
        Box::pin(query.fetch_all(&mut *self.connection))
    }
}

impl PgTx {
    /// Evaluates to the number of changed rows.
    pub(super) fn execute(&mut self, query: PostgresQuery) -> BoxFuture<'_, sqlx::Result<u64>> {
        let (connection, watch) = self.connection_and_watch();
        let query = stay_prepared(query, watch);
        Box::pin(async { Ok(watch.run(query.execute(connection)).await?.rows_affected()) })
    }

    pub(super) fn one(&mut self, query: PostgresQuery) -> BoxFuture<'_, sqlx::Result<PgRow>> {
        let (connection, watch) = self.connection_and_watch();
        let query = stay_prepared(query, watch);
        Box::pin(watch.run(query.fetch_one(connection)))
    }

    pub(super) fn optional(&mut self, query: PostgresQuery) -> BoxFuture<'_, sqlx::Result<Option<PgRow>>> {
        let (connection, watch) = self.connection_and_watch();
        let query = stay_prepared(query, watch);
        Box::pin(watch.run(query.fetch_optional(connection)))
    }

    pub(super) fn all(&mut self, query: PostgresQuery) -> BoxFuture<'_, sqlx::Result<Vec<PgRow>>> {
        let (connection, watch) = self.connection_and_watch();
        let query = stay_prepared(query, watch);
        Box::pin(watch.run(query.fetch_all(connection)))
    }
}

/// A statement stays prepared unless the pooler does not allow it.
fn stay_prepared(query: PostgresQuery, watch: &Watch) -> PostgresQuery {
    query.persistent(watch.keeps_prepared())
}

/// Reads the row of `on!(tx, one as Row, …)`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`Result::and_then` passes the row by value"
)]
pub(super) fn one<R: Row, T: for<'r> FromRow<'r, R>>(row: R) -> sqlx::Result<T> {
    T::from_row(&row)
}

/// Reads the row of `on!(tx, optional as Row, …)`.
pub(super) fn optional<R: Row, T: for<'r> FromRow<'r, R>>(row: Option<R>) -> sqlx::Result<Option<T>> {
    row.map(one).transpose()
}

/// Reads the rows of `on!(tx, all as Row, …)`.
pub(super) fn all<R: Row, T: for<'r> FromRow<'r, R>>(rows: Vec<R>) -> sqlx::Result<Vec<T>> {
    rows.into_iter().map(one).collect()
}
