//! Why a backup was not made or not restored.

use std::io;
use std::path::PathBuf;

use crate::store::StoreError;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    #[error("{} exists and was not changed; name a file that does not exist", _0.display())]
    Exists(PathBuf),
    #[error(
        "{} exists: another command is writing it, or one was interrupted; delete it if no other command runs",
        _0.display()
    )]
    Unfinished(PathBuf),
    #[error("cannot write {}: its folder does not exist; create it, or name a file elsewhere", _0.display())]
    NoFolder(PathBuf),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the path {} is not valid Unicode; choose another one", _0.display())]
    Path(PathBuf),
    #[error(
        "{} is no backup: it is neither a SQLite file nor an archive of pg_dump; name a file that `daywire backup` wrote",
        _0.display()
    )]
    NoBackup(PathBuf),
    #[error("{} is damaged and cannot be restored: {fault}; use another backup", file.display())]
    Damaged { file: PathBuf, fault: String },
    #[error(
        "{} has content, so {} is the file of a database in use and not a backup; name a file that `daywire backup` wrote",
        wal.display(),
        file.display()
    )]
    InUse { file: PathBuf, wal: PathBuf },
    #[error("{} cannot be restored: {reason}", file.display())]
    Version { file: PathBuf, reason: String },
    #[error(
        "{} is a backup of {found}, and database.url names {expected}; to change the kind of the database use `daywire export` and \
         `daywire import`",
        file.display()
    )]
    OtherKind {
        file: PathBuf,
        found: &'static str,
        expected: &'static str,
    },
    #[error(
        "the database {place} is not empty: {found}. A restore replaces nothing; name an empty database in database.url, or move this one \
         away"
    )]
    NotEmpty { place: String, found: String },
    #[error(
        "the schema in the search path of database.url does not exist on the server; create it, and give it to the user of database.url"
    )]
    NoSchema,
    #[error(
        "the backup has the tables in the schema {found}, and database.url leads to {expected}; use the same schema"
    )]
    OtherSchema { found: String, expected: String },
    #[error(
        "cannot run {}: {source}; install the client programs of PostgreSQL, or name their folder with --pg-programs",
        program.display()
    )]
    Program { program: PathBuf, source: io::Error },
    #[error("{program} failed: {output}")]
    ProgramFailed { program: &'static str, output: String },
    #[error("{table} has {found} rows after the restore and {expected} in the backup; nothing was changed: try again")]
    Count { table: String, found: u64, expected: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}
