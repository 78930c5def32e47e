//! Opening the database that `database.url` names. Files and folders of SQLite that are created here are private to the user that
//! runs the program.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Cluster, DatabaseLocation, Result, Store, StoreError, StoreOptions};

impl Store {
    /// Creates a schema on PostgreSQL, for a second set of tables in the same database. Does nothing on SQLite, where another set of
    /// tables is another file.
    ///
    /// # Errors
    /// If the server refuses it.
    pub async fn create_schema(&self, name: &str) -> Result<()> {
        self.schema(&format!("CREATE SCHEMA \"{}\"", name.replace('"', "")))
            .await
    }

    /// Drops a schema and everything in it. Does nothing on SQLite.
    ///
    /// # Errors
    /// If the server refuses it.
    pub async fn drop_schema(&self, name: &str) -> Result<()> {
        self.schema(&format!("DROP SCHEMA \"{}\" CASCADE", name.replace('"', "")))
            .await
    }

    async fn schema(&self, sql: &str) -> Result<()> {
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
        if let Some(folder) = file.parent().filter(|folder| *folder != Path::new("")) {
            make_private_folder(folder).map_err(|e| failed_to_open(file, sqlx::Error::Io(e)))?;
        }
        make_private_file(file).map_err(|e| failed_to_open(file, sqlx::Error::Io(e)))?;
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
            // 8 MiB: the rows of an issue are changed in their order, several times each within a short time.
            .pragma("cache_size", "-8192")
            .busy_timeout(Duration::from_secs(30));
        // The write pool connects first, because it creates the file and its write-ahead log.
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_mins(1));
        let write = write.connect_with(connect.clone()).await.map_err(failed)?;
        let read = SqlitePoolOptions::new()
            .max_connections(options.connections.max(1))
            // An open file does not become unavailable.
            .test_before_acquire(false);
        let read = read.connect_with(connect).await.map_err(failed)?;
        Ok(Self::Sqlite { write, read })
    }
}

fn failed_to_open(file: &Path, source: sqlx::Error) -> StoreError {
    StoreError::Open {
        place: file.display().to_string(),
        source,
    }
}

/// Warns if users other than the owner may read or write a SQLite file or its folder; `None` if not. Files and folders that this
/// program creates are private; it does not change the mode of existing ones.
#[must_use]
pub(crate) fn permissions_warning(file: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        for (path, what, wanted) in [(folder, "the data folder", "700"), (file, "the database", "600")] {
            let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
            // The execute bit alone shows no file: only reading and writing count.
            if mode & 0o066 != 0 {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                let path = path.display();
                return Some(format!(
                    "{what} {path} is open to other users of this machine (mode {mode:o}); it holds readers' addresses and \
                     the keys of their links: `chmod {wanted} {path}`"
                ));
            }
        }
    }
    None
}

/// The folder contains subscribers' addresses and the keys of their links, so only the owner may open it.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// SQLite gives its other files, such as the write-ahead log, the same mode.
fn make_private_file(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
