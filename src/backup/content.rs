//! Reads a backup from beginning to end: which kind of database it is of, the version of its tables, and their rows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::new_file::with_suffix;
use super::{BackupError, Programs};
use crate::config::DatabaseUrl;
use crate::store::StoreError;
use crate::store::backup::SqliteContent;
use crate::store::migrate::{Dialect, MigrationRecord, require_known};

/// The first octets of a [SQLite file](https://www.sqlite.org/fileformat.html#the_database_header).
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
/// The first octets of an archive of `pg_dump --format=custom`.
const POSTGRES_MAGIC: &[u8] = b"PGDMP";

/// What a backup contains.
#[derive(Debug)]
pub(crate) struct Content {
    pub(super) dialect: Dialect,
    /// The migrations that were run on the database, oldest first.
    pub(super) migrations: Vec<MigrationRecord>,
    /// How many rows each table has.
    pub(crate) rows: BTreeMap<String, u64>,
    /// The schema that has the tables, on PostgreSQL.
    pub(super) schema: Option<String>,
}

impl Content {
    /// Reads a backup and checks all of it.
    ///
    /// # Errors
    /// [`BackupError::NoBackup`] and [`BackupError::Damaged`].
    pub(super) async fn of(file: &Path, programs: &Programs) -> Result<Self, BackupError> {
        let content = match dialect_of(file)? {
            Dialect::Sqlite => Self::of_sqlite(file).await?,
            Dialect::Postgres => {
                let archive = programs.read_archive(file).await?;
                Self {
                    dialect: Dialect::Postgres,
                    migrations: archive.migrations,
                    rows: archive.rows,
                    schema: archive.schema,
                }
            }
        };
        if content.migrations.is_empty() {
            return Err(BackupError::Damaged {
                file: file.to_owned(),
                fault: "it has no tables of daywire".to_owned(),
            });
        }
        Ok(content)
    }

    async fn of_sqlite(file: &Path) -> Result<Self, BackupError> {
        let wal = with_suffix(file, "-wal");
        if wal.metadata().is_ok_and(|wal| wal.len() > 0) {
            let file = file.to_owned();
            return Err(BackupError::InUse { file, wal });
        }
        let damaged = |fault: String| BackupError::Damaged {
            file: file.to_owned(),
            fault,
        };
        let read = SqliteContent::of(file).await;
        let content = read.map_err(|error| damaged(error.to_string()))?;
        match content.faults.first() {
            Some(fault) => Err(damaged(fault.clone())),
            None => Ok(Self {
                dialect: Dialect::Sqlite,
                migrations: content.migrations,
                rows: content.rows,
                schema: None,
            }),
        }
    }

    /// The version of the tables.
    pub(crate) fn version(&self) -> i64 {
        self.migrations.last().map_or(0, |newest| newest.version)
    }

    /// The number of all rows.
    pub(crate) fn all_rows(&self) -> u64 {
        self.rows.values().sum()
    }

    /// Fails if this program cannot restore it into the database of `url`.
    pub(super) fn require_usable(&self, file: &Path, url: &DatabaseUrl) -> Result<(), BackupError> {
        let expected = match url {
            DatabaseUrl::Sqlite(_) => Dialect::Sqlite,
            DatabaseUrl::Postgres { .. } => Dialect::Postgres,
        };
        if self.dialect != expected {
            return Err(BackupError::OtherKind {
                file: file.to_owned(),
                found: name(self.dialect),
                expected: name(expected),
            });
        }
        require_known(&self.migrations, self.dialect).map_err(|error| match error {
            StoreError::Migrate(reason) => BackupError::Version {
                file: file.to_owned(),
                reason,
            },
            error => error.into(),
        })
    }
}

const fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
    }
}

fn dialect_of(file: &Path) -> Result<Dialect, BackupError> {
    let mut start = Vec::new();
    File::open(file)
        .and_then(|file| file.take(16).read_to_end(&mut start))
        .map_err(|source| BackupError::Io {
            path: file.to_owned(),
            source,
        })?;
    if start == SQLITE_MAGIC {
        Ok(Dialect::Sqlite)
    } else if start.starts_with(POSTGRES_MAGIC) {
        Ok(Dialect::Postgres)
    } else {
        Err(BackupError::NoBackup(file.to_owned()))
    }
}
