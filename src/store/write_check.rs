//! Whether the database accepts writes now. The health check asks this, so that a full disk and a file that became read-only are
//! noticed before a subscriber's request fails.

use super::{Result, Store, StoreError, Tx};

/// How long the check waits for the one connection that writes to SQLite.
const WRITER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

impl Store {
    /// Checks that the database accepts writes. On SQLite it writes the schema's version number again, which is the smallest write
    /// that reaches the disk and changes nothing. On PostgreSQL it makes a small temporary table and rolls back: a smaller write may
    /// fit into a page that exists already.
    ///
    /// # Errors
    /// If it does not accept writes. A SQLite database that another transaction is writing to passes.
    pub(crate) async fn check_writable(&self) -> Result<()> {
        let Self::Sqlite { write, .. } = self else {
            return self.check_disk_space().await;
        };
        let Ok(connection) = tokio::time::timeout(WRITER_TIMEOUT, write.acquire()).await else {
            return Ok(());
        };
        let mut connection = connection?;
        let (version,): (i64,) = sqlx::query_as("PRAGMA user_version")
            .fetch_one(&mut *connection)
            .await?;
        let same_version = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        match sqlx::query(same_version).execute(&mut *connection).await {
            // SQLITE_BUSY: another process is writing.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("5") => Ok(()),
            done => Ok(done.map(|_| ())?),
        }
    }

    async fn check_disk_space(&self) -> Result<()> {
        let Tx::Postgres(mut db) = self.write().await? else {
            return Ok(());
        };
        let sql = "CREATE TEMPORARY TABLE disk_space_check ON COMMIT DROP AS \
                   SELECT repeat('x', 100) FROM generate_series(1, 400)";
        match db.run(sql).await.map_err(StoreError::from) {
            // insufficient_privilege: this user may not make temporary tables, which says nothing about the disk.
            Err(StoreError::Refused(error)) if error.code().as_deref() == Some("42501") => Ok(()),
            written => written,
        }
    }
}
