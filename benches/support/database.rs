//! The kinds of databases, and the creation of an empty one.

use std::fmt;
use std::path::Path;

use super::postgres::Server;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The databases to run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// A file.
    Sqlite,
    /// The server that `DAYWIRE_TEST_POSTGRES` names, or a scratch server.
    Postgres,
    /// One after the other.
    Both,
}

impl Choice {
    /// The kinds, in the order in which they run.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Sqlite => &[Kind::Sqlite],
            Self::Postgres => &[Kind::Postgres],
            Self::Both => &[Kind::Sqlite, Kind::Postgres],
        }
    }
}

/// Creates an empty database, a file in `folder` or a database on the server, and returns its URL.
pub fn create(kind: Kind, name: &str, folder: &Path, server: Option<&Server>) -> anyhow::Result<String> {
    match (kind, server) {
        (Kind::Sqlite, _) => Ok(format!("sqlite:{}", folder.join(format!("{name}.db")).display())),
        (Kind::Postgres, Some(server)) => server.create(&format!("daywire_{name}")),
        (Kind::Postgres, None) => anyhow::bail!("no PostgreSQL server was started"),
    }
}
