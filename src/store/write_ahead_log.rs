//! Copies SQLite's [write-ahead log](https://www.sqlite.org/wal.html) into the database file when it has grown, and empties it.
//!
//! SQLite itself would do this as a part of commits, and does not wait for readers. While an issue is sent there is always one, so the log
//! would never be emptied: it would grow, and from then on every commit would examine the whole of it. Here it happens between two
//! transactions, after a short wait for the readers of that moment.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, SqliteConnection};

/// How long a statement waits while another process writes to the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// The size in bytes from which the log is emptied.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// The same during an import, so that pages that several transactions changed are copied into the file once.
const MAX_BYTES_OF_IMPORT: u64 = 256 * 1024 * 1024;
/// How long writers wait for the readers of the log. Only few reads take longer, such as that of an export.
const READER_TIMEOUT: Duration = Duration::from_millis(50);

/// The write-ahead log of an open database.
#[derive(Debug)]
pub struct WriteAheadLog {
    path: PathBuf,
    max_bytes: AtomicU64,
    /// The size from which it is tried to empty the log. It is above `max_bytes` after a reader prevented it.
    due_at: AtomicU64,
}

impl WriteAheadLog {
    /// The log of a database file.
    pub(super) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self {
            path: path.into(),
            max_bytes: MAX_BYTES.into(),
            due_at: MAX_BYTES.into(),
        }
    }

    /// Lets the log grow for an import.
    pub(super) fn allow_import(&self) {
        self.set_max(MAX_BYTES_OF_IMPORT);
    }

    /// Ends what [`allow_import`](Self::allow_import) began.
    pub(super) fn end_import(&self) {
        self.set_max(MAX_BYTES);
    }

    fn set_max(&self, bytes: u64) {
        self.max_bytes.store(bytes, Ordering::Relaxed);
        self.due_at.store(bytes, Ordering::Relaxed);
    }

    /// Empties the log if it has grown. `writer` is the connection that writes, between two transactions.
    pub(super) async fn shorten(&self, writer: &mut SqliteConnection) {
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if bytes < self.due_at.load(Ordering::Relaxed) {
            return;
        }
        let max = self.max_bytes.load(Ordering::Relaxed);
        let due_at = match empty(writer, READER_TIMEOUT).await {
            Ok(true) => max,
            Ok(false) => bytes + max / 4,
            Err(error) => {
                tracing::warn!(%error, "write-ahead log could not be copied into the database");
                bytes + max / 4
            }
        };
        self.due_at.store(due_at, Ordering::Relaxed);
    }
}

/// Copies the log into the file and empties it. Returns whether it is empty; a reader that still needs it may prevent that. Writers wait
/// meanwhile.
pub(super) async fn empty(writer: &mut SqliteConnection, reader_timeout: Duration) -> sqlx::Result<bool> {
    let busy_timeout = |timeout: Duration| AssertSqlSafe(format!("PRAGMA busy_timeout = {}", timeout.as_millis()));
    sqlx::raw_sql(busy_timeout(reader_timeout))
        .execute(&mut *writer)
        .await?;
    let done: sqlx::Result<(i64, i64, i64)> = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut *writer)
        .await;
    sqlx::raw_sql(busy_timeout(BUSY_TIMEOUT)).execute(&mut *writer).await?;
    let (busy, ..) = done?;
    Ok(busy == 0)
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
    use sqlx::{ConnectOptions as _, Connection as _};

    use super::*;

    async fn run(connection: &mut SqliteConnection, sql: &'static str) {
        sqlx::raw_sql(sql)
            .execute(connection)
            .await
            .expect("the statement is valid");
    }

    #[tokio::test]
    async fn the_log_is_emptied_as_soon_as_no_reader_needs_it() {
        let folder = tempfile::tempdir().expect("a folder can be created");
        let file = folder.path().join("a.db");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("wal_autocheckpoint", "0");
        let mut writer = options.connect().await.expect("the file is new");
        let mut reader = options.connect().await.expect("the file exists");
        let log = WriteAheadLog::of(&file);
        log.set_max(200_000);
        let bytes = || std::fs::metadata(&log.path).map_or(0, |file| file.len());
        let write = "INSERT INTO t VALUES (randomblob(250000))";
        run(&mut writer, "CREATE TABLE t (x)").await;
        log.shorten(&mut writer).await;
        assert!(bytes() > 0, "a short log stays");

        run(&mut writer, write).await;
        log.shorten(&mut writer).await;
        assert_eq!(bytes(), 0);

        run(&mut writer, write).await;
        run(&mut reader, "BEGIN; SELECT count(*) FROM t").await;
        run(&mut writer, write).await;
        let grown = bytes();
        log.shorten(&mut writer).await;
        assert_eq!(bytes(), grown, "a reader needs the log");
        run(&mut reader, "COMMIT").await;
        log.shorten(&mut writer).await;
        assert_eq!(bytes(), grown, "it is tried again after the log has grown further");
        run(&mut writer, write).await;
        log.shorten(&mut writer).await;
        assert_eq!(bytes(), 0);
        reader.close().await.expect("the connection is open");
        writer.close().await.expect("the connection is open");
    }
}
