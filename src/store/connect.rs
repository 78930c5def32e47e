//! Opening the database that `database.url` names. Files and folders of SQLite that are created here are private to the user that
//! runs the program.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::write_ahead_log::{BUSY_TIMEOUT, WriteAheadLog};
use super::{Cluster, DatabaseLocation, Result, Store, StoreError, StoreOptions};
use crate::metrics::DatabaseMetrics;

/// The page cache of the connection that writes. A negative size is in KiB. Sending changes the rows of an issue in their order, each
/// several times within a short time, so their pages stay in a cache of this size.
const WRITE_CACHE: &str = "-8192";
/// The page cache of the connection that writes during an import. New addresses and their hashes come in no order, so each row changes
/// another page of two indexes. With fewer pages in memory the same page is read and written many times.
const IMPORT_CACHE: &str = "-32768";
/// The length in pages of 4 KiB from which SQLite empties the write-ahead log itself, if [`WriteAheadLog`] has not.
const AUTOCHECKPOINT_PAGES: &str = "131072";
/// The page cache of each connection that reads. It is small because there are several of them, and the system caches the file too.
const READ_CACHE: &str = "-2048";

impl Store {
    /// Creates a schema on PostgreSQL, so that a demo or a test can have tables of its own in the same database. Does nothing on SQLite,
    /// where it has a file of its own.
    ///
    /// # Errors
    /// If a schema with this name exists, or the user may not create one.
    pub async fn create_schema(&self, name: &str) -> Result<()> {
        self.run_on_postgres(&format!("CREATE SCHEMA \"{}\"", name.replace('"', "")))
            .await
    }

    /// Drops a schema and everything in it. Does nothing on SQLite.
    ///
    /// # Errors
    /// If there is no such schema, or the user may not drop it.
    pub async fn drop_schema(&self, name: &str) -> Result<()> {
        self.run_on_postgres(&format!("DROP SCHEMA \"{}\" CASCADE", name.replace('"', "")))
            .await
    }

    /// The number of transactions that an import runs side by side.
    pub(crate) const fn import_writers(&self) -> usize {
        match self {
            Self::Sqlite { .. } => 1,
            // Each has a process of the server, and most of the work is there. More would keep connections from the other tasks.
            Self::Postgres(_) => 3,
        }
    }

    /// Prepares the database for many rows with new addresses. Call [`end_import`](Self::end_import) afterwards.
    pub(crate) async fn prepare_for_import(&self) -> Result<()> {
        if let Self::Sqlite { log, .. } = self {
            log.allow_import();
        }
        self.set_write_cache(IMPORT_CACHE).await
    }

    /// Sets what [`prepare_for_import`](Self::prepare_for_import) changed to its normal values. PostgreSQL sorts the words that still wait
    /// into the index of words: until then, a search reads all of them.
    pub(crate) async fn end_import(&self) -> Result<()> {
        if let Self::Sqlite { log, .. } = self {
            log.end_import();
        }
        let sorted = self
            .run_on_postgres("SELECT gin_clean_pending_list('subscribers_words')")
            .await;
        if let Err(error) = sorted {
            // Only the owner of the index may do this.
            tracing::warn!(%error, "searches for readers are slower until PostgreSQL's autovacuum has sorted the imported words");
        }
        self.set_write_cache(WRITE_CACHE).await
    }

    async fn set_write_cache(&self, size: &str) -> Result<()> {
        if let Self::Sqlite { write, .. } = self {
            let pragma = sqlx::AssertSqlSafe(format!("PRAGMA cache_size = {size}"));
            sqlx::raw_sql(pragma).execute(write).await?;
        }
        Ok(())
    }

    async fn run_on_postgres(&self, sql: &str) -> Result<()> {
        if let Self::Postgres(cluster) = self {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&cluster.pool()).await?;
        }
        Ok(())
    }

    /// Opens an existing database, and creates neither a file nor a folder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if the SQLite file does not exist; otherwise as [`Store::open`].
    pub(crate) async fn open_existing(options: &StoreOptions) -> Result<Self> {
        match &options.location {
            DatabaseLocation::Sqlite(file) if !file.exists() => Err(StoreError::Missing(
                std::path::absolute(file).unwrap_or_else(|_| file.clone()),
            )),
            DatabaseLocation::Sqlite(file) => Self::connect_sqlite(file, options, false).await,
            DatabaseLocation::Postgres(_) => Self::open(options).await,
        }
    }

    /// Opens the database, and creates a SQLite file and its folder if they do not exist.
    ///
    /// # Errors
    /// [`StoreError::Url`] if a PostgreSQL address cannot be parsed; [`StoreError::Open`] and [`StoreError::NoPrimary`] if the database
    /// cannot be opened.
    pub async fn open(options: &StoreOptions) -> Result<Self> {
        match &options.location {
            DatabaseLocation::Sqlite(file) => Self::open_sqlite(file, options).await,
            DatabaseLocation::Postgres(urls) => Ok(Self::Postgres(Cluster::open(urls, options).await?)),
        }
    }

    async fn open_sqlite(file: &Path, options: &StoreOptions) -> Result<Self> {
        make_private_folder(folder_of(file))
            .and_then(|()| make_private_file(file))
            .map_err(|e| failed_to_open(file, sqlx::Error::Io(e)))?;
        Self::connect_sqlite(file, options, true).await
    }

    async fn connect_sqlite(file: &Path, options: &StoreOptions, create: bool) -> Result<Self> {
        let failed = |source| failed_to_open(file, source);
        let connect = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(if options.synchronous_full {
                SqliteSynchronous::Full
            } else {
                SqliteSynchronous::Normal
            })
            .foreign_keys(true)
            // Deleted values are overwritten with zeros, so that an erased subscriber is not in the file either (`overwrite.rs`).
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let log = Arc::new(WriteAheadLog::of(file));
        let released_log = Arc::clone(&log);
        // The write pool connects first, because it creates the file and its write-ahead log.
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_mins(1))
            .after_release(move |connection, _| {
                let log = Arc::clone(&released_log);
                Box::pin(async move {
                    log.shorten(connection).await;
                    Ok(true)
                })
            });
        let writer = connect
            .clone()
            .pragma("cache_size", WRITE_CACHE)
            .pragma("wal_autocheckpoint", AUTOCHECKPOINT_PAGES);
        let write = write.connect_with(writer).await.map_err(failed)?;
        let read = SqlitePoolOptions::new()
            .max_connections(options.max_connections.max(1))
            // An open file does not become unavailable.
            .test_before_acquire(false);
        let read = read
            .connect_with(connect.pragma("cache_size", READ_CACHE))
            .await
            .map_err(failed)?;
        Ok(Self::Sqlite {
            write,
            read,
            log,
            metrics: DatabaseMetrics::default(),
        })
    }
}

fn failed_to_open(file: &Path, source: sqlx::Error) -> StoreError {
    StoreError::Open {
        path: file.display().to_string(),
        source,
    }
}

/// A warning if users other than the owner may read or write a SQLite file or its folder; `None` if they may not. Files and folders that
/// this program creates are private. It does not change the mode of existing ones.
#[must_use]
pub(crate) fn permissions_warning(file: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for (path, what, wanted) in [
            (folder_of(file), "the data folder", "700"),
            (file, "the database", "600"),
        ] {
            let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
            // Only the bits for reading and writing count: with the execute bit alone, other users can neither list nor read files.
            if mode & 0o066 != 0 {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                let path = path.display();
                return Some(format!(
                    "{what} {path} is open to other users of this machine (mode {mode:o}); it holds subscribers' addresses and \
                     the keys of their links; run `chmod {wanted} {path}`"
                ));
            }
        }
    }
    None
}

/// The folder of a file; `.` for a name alone.
pub(crate) fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or(Path::new("."))
}

/// Creates the folder unless it exists. It will contain subscribers' addresses and the keys of their links, so only the owner may open
/// it.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Creates the file before SQLite does, so that only the owner can read it. SQLite gives its other files, such as the write-ahead log,
/// the same mode and the same owner.
fn make_private_file(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(created) => give_to_owner_of_folder(&created, file),
        // A link that leads to no file exists, too.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            options.create_new(false).create(true).open(file).map(drop)
        }
        Err(error) => Err(error),
    }
}

/// Gives a file that root has just created to the owner of its folder, which is the user of the service. Otherwise the service could not
/// open a database that a command made. The open file is changed, not its path: the owner of the folder could replace that by a link.
pub(crate) fn give_to_owner_of_folder(created: &std::fs::File, file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        const ROOT: u32 = 0;
        let folder = std::fs::metadata(folder_of(file))?;
        if created.metadata()?.uid() != ROOT || folder.uid() == ROOT {
            return Ok(());
        }
        match std::os::unix::fs::fchown(created, Some(folder.uid()), Some(folder.gid())) {
            // In some containers root may not give files away. There the service is the same user.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
            given => given,
        }
    }
    #[cfg(not(unix))]
    Ok(())
}
