//! Whether the database accepts writes now. The health check asks this, so that an operator sees a full disk or a read-only file before
//! a subscriber's request fails.

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
            // Another process is writing.
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| is_busy(&code)) => Ok(()),
            done => Ok(done.map(|_| ())?),
        }
    }

    /// Writes a table of about 40 KB and rolls back.
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

/// Whether an [extended result code](https://www.sqlite.org/rescode.html) of SQLite is a kind of `SQLITE_BUSY` (5). Its low byte is the
/// primary code: while another process recovers the write-ahead log, the code is 261.
fn is_busy(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|code| code & 0xff == 5)
}

#[cfg(test)]
mod tests {
    use super::is_busy;

    #[test]
    fn every_extended_code_of_a_busy_database_is_recognised() {
        // SQLITE_BUSY, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT and SQLITE_BUSY_TIMEOUT.
        for code in ["5", "261", "517", "773"] {
            assert!(is_busy(code), "{code}");
        }
        // SQLITE_READONLY, SQLITE_FULL and SQLITE_LOCKED.
        for code in ["8", "13", "6", "none"] {
            assert!(!is_busy(code), "{code}");
        }
    }
}
