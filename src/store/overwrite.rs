//! Overwriting what was deleted, so that a search of the database's files finds it no more.
//!
//! **SQLite.** `secure_delete` overwrites deleted values with zeros, and a checkpoint empties the write-ahead log. When SQLite splits a
//! page, an old copy of a value can stay in its unused part. So the file is searched, and written again by `VACUUM` if a value is found.
//!
//! **PostgreSQL.** `VACUUM` removes dead rows from the tables and their indexes. Their bytes stay in the unused part of a page until a
//! new row takes the place; `VACUUM FULL` writes the tables again without them. The write-ahead log and its archive keep every change
//! until they are recycled ([docs/reference/privacy.md](../../docs/reference/privacy.md)).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use memchr::memmem::Finder;
use sqlx::AssertSqlSafe;

use super::{Result, Store, StoreError, write_ahead_log};

/// Tables from which an erasure deletes rows, or in which it empties columns.
const TABLES: &[&str] = &[
    "subscribers",
    "subscriptions",
    "confirmation_tokens",
    "confirmation_asks",
    "address_changes",
    "consent_records",
    "transactional_mails",
    "returned_mails",
    // Replies of mail servers name the recipient.
    "deliveries",
    "bounces",
    "suppressions",
    "ended_suppressions",
    "captured_mails",
    "texts",
    "comments",
    "leaving_reasons",
    "erasures",
];

/// How long a checkpoint waits for readers. Other writers wait meanwhile.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_secs(2);
/// Bytes of the file that are searched at once.
const CHUNK: usize = 1024 * 1024;

/// What became of deleted values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwritten {
    /// They are in no file of the database; on PostgreSQL, in no row.
    Done,
    /// Something else has the same text, such as an article.
    QuotedElsewhere,
    /// A long read keeps the write-ahead log. Try again later.
    InUse,
}

impl Store {
    /// Overwrites what was deleted. On SQLite the file is searched for `needles`, without regard to the case of ASCII letters; without
    /// needles, or with `rewrite`, the whole database is written again. On PostgreSQL `rewrite` locks each table for the time it takes.
    ///
    /// # Errors
    /// When the database or reading its file fails.
    pub(crate) async fn overwrite_deleted(&self, needles: &[String], rewrite: bool) -> Result<Overwritten> {
        match self {
            Self::Sqlite { .. } => self.overwrite_in_sqlite(needles, rewrite).await,
            Self::Postgres(cluster) => {
                let kind = if rewrite { "FULL" } else { "INDEX_CLEANUP ON" };
                for table in TABLES {
                    // By itself: VACUUM cannot run in a transaction.
                    let sql = AssertSqlSafe(format!("VACUUM ({kind}) {table}"));
                    sqlx::raw_sql(sql).execute(&cluster.pool()).await?;
                }
                Ok(Overwritten::Done)
            }
        }
    }

    async fn overwrite_in_sqlite(&self, needles: &[String], rewrite: bool) -> Result<Overwritten> {
        // First, because nothing is gained while a reader keeps the log.
        let Some(file) = self.checkpoint().await? else {
            return Ok(Overwritten::InUse);
        };
        if !rewrite && !needles.is_empty() && !contains_any(&file, needles).await? {
            return Ok(Overwritten::Done);
        }
        self.run_on_writer("VACUUM").await?;
        let Some(file) = self.checkpoint().await? else {
            return Ok(Overwritten::InUse);
        };
        Ok(if contains_any(&file, needles).await? {
            Overwritten::QuotedElsewhere
        } else {
            Overwritten::Done
        })
    }

    async fn run_on_writer(&self, sql: &'static str) -> Result<()> {
        if let Self::Sqlite { write, .. } = self {
            sqlx::raw_sql(sql).execute(write).await?;
        }
        Ok(())
    }

    /// Copies the write-ahead log into the file and empties it. Returns the file; `None` if a reader still needs the log.
    async fn checkpoint(&self) -> Result<Option<PathBuf>> {
        let Self::Sqlite { write, .. } = self else {
            return Ok(None);
        };
        let mut connection = write.acquire().await?;
        let is_empty = write_ahead_log::empty(&mut connection, CHECKPOINT_TIMEOUT).await?;
        let (_, _, file): (i64, String, String) = sqlx::query_as("PRAGMA database_list")
            .fetch_one(&mut *connection)
            .await?;
        Ok(is_empty.then(|| PathBuf::from(file)))
    }
}

/// Whether a file contains one of these texts, without regard to the case of ASCII letters.
async fn contains_any(file: &Path, needles: &[String]) -> Result<bool> {
    let (path, needles) = (file.to_owned(), needles.to_vec());
    let searched = tokio::task::spawn_blocking(move || search(&path, &needles)).await;
    let failed = |source| StoreError::Open {
        path: file.display().to_string(),
        source: sqlx::Error::Io(source),
    };
    match searched {
        Ok(found) => found.map_err(failed),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn search(path: &Path, needles: &[String]) -> std::io::Result<bool> {
    let needles: Vec<String> = needles.iter().map(|needle| needle.to_ascii_lowercase()).collect();
    let finders: Vec<_> = needles.iter().map(|needle| Finder::new(needle.as_bytes())).collect();
    let overlap = needles.iter().map(String::len).max().unwrap_or(0);
    let file = open_for_ever(path)?;
    let mut chunk = vec![0; CHUNK + overlap];
    let mut offset = 0;
    loop {
        let read = read_at(&file, &mut chunk, offset)?;
        chunk[..read].make_ascii_lowercase();
        if finders.iter().any(|finder| finder.find(&chunk[..read]).is_some()) {
            return Ok(true);
        }
        if read < chunk.len() {
            return Ok(false);
        }
        offset += CHUNK as u64;
    }
}

/// Fills the buffer from a place in the file. Returns fewer bytes at its end.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        let position = offset + filled as u64;
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, &mut buffer[filled..], position)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, &mut buffer[filled..], position)?;
        if read == 0 {
            break;
        }
        filled += read;
    }
    Ok(filled)
}

/// Opens the file, and never closes it. On Unix a process loses all its locks on a file when it closes any descriptor of it, and SQLite
/// relies on such locks
/// ([How To Corrupt An SQLite Database File §2.2](https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_)).
#[cfg(unix)]
fn open_for_ever(path: &Path) -> std::io::Result<std::sync::Arc<File>> {
    use std::collections::BTreeMap;
    use std::os::unix::fs::MetadataExt;
    use std::sync::{Arc, Mutex, PoisonError};

    /// The open files, by device and number.
    static OPEN: Mutex<BTreeMap<(u64, u64), Arc<File>>> = Mutex::new(BTreeMap::new());
    let metadata = std::fs::metadata(path)?;
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (metadata.dev(), metadata.ino());
    if let Some(file) = open.get(&key) {
        return Ok(Arc::clone(file));
    }
    let file = Arc::new(File::open(path)?);
    open.insert(key, Arc::clone(&file));
    Ok(file)
}

#[cfg(not(unix))]
fn open_for_ever(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_case_and_across_two_chunks() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("file");
        let mut content = vec![b'x'; 2 * CHUNK];
        content[CHUNK - 3..CHUNK + 12].copy_from_slice(b"Ada@Example.org");
        std::fs::write(&path, &content).expect("the file is written");
        let found = |needle: &str| search(&path, &[needle.to_owned()]).expect("the file can be read");
        assert!(found("ada@example.ORG"));
        assert!(!found("eve@example.org"));
        content.truncate(10);
        std::fs::write(&path, &content).expect("the file is written");
        assert!(!found("ada@example.org"), "the same file is read again");
    }
}
