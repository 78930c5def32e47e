//! Which database to open, and how.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Where the database is.
#[derive(Clone, Debug)]
pub enum DatabaseLocation {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    /// The addresses of one or more PostgreSQL hosts. The host that accepts writes is used.
    Postgres(Vec<SecretString>),
}

/// How to open the database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where the database is.
    pub location: DatabaseLocation,
    /// The maximum number of connections that read on SQLite, or of all connections on PostgreSQL.
    pub max_connections: u32,
    /// The maximum duration of one statement on PostgreSQL.
    pub statement_timeout: Duration,
    /// Whether PostgreSQL keeps statements prepared from one transaction to the next. A transaction pooler requires `false`.
    pub keeps_prepared_statements: bool,
    /// Whether a commit on SQLite waits for the disk, so that it survives a power loss and not only the death of the process.
    pub synchronous_full: bool,
}
