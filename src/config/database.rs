//! `[database]`: the database, which contains all state.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::error::Problem;
use super::secrets::read_secret;
use super::value::{NotAllowed, Setting, optional, required, whole};
use crate::store::{DatabaseLocation, StoreOptions};

/// The settings of the section `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The database. It already contains the password of `password_file`.
    #[serde(deserialize_with = "required")]
    pub url: DatabaseUrl,
    /// The file with the password.
    #[serde(deserialize_with = "optional")]
    pub password_file: Option<PathBuf>,
    /// The most connections open at once.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub connections: u32,
    /// The time limit of a statement on PostgreSQL.
    #[serde(deserialize_with = "required")]
    pub timeout: Duration,
    /// The kind of pooler before PostgreSQL.
    pub pooling: Pooling,
    /// Whether SQLite waits for the disk at each commit.
    pub sqlite_synchronous: Synchronous,
}

/// The kind of pooler between this program and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// No pooler, or one that assigns a server connection for a whole session.
    Session,
    /// A pooler that assigns a server connection for each transaction, so statements cannot stay prepared.
    Transaction,
}

/// The value of SQLite's `PRAGMA synchronous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// Commits survive a crash of the program.
    Normal,
    /// Commits survive a power failure too.
    Full,
}

/// The address of the database. `Display` shows no password.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A file: absolute, or relative to the working folder. A relative path in a settings file is relative to the folder of that file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, or several of which one accepts writes.
    Postgres {
        /// The address of each host, with the password, in the order of the setting.
        hosts: Vec<SecretString>,
        /// The address for messages, without password and options.
        shown: String,
    },
}

impl Setting for DatabaseUrl {
    const ALLOWED: &'static str = "sqlite:PATH (a file, without options), postgres://USER@HOST:PORT/DB, or several \
                                   hosts with commas, postgres://USER@H1:P1,H2:P2/DB";

    fn read(text: &str) -> Option<Self> {
        if text.contains(char::is_control) {
            return None;
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let a_file = !path.is_empty() && !path.contains('?') && path != ":memory:";
            return a_file.then(|| Self::Sqlite(PathBuf::from(path)));
        }
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (login, names) = authority
            .rsplit_once('@')
            .map_or(("", authority), |(login, names)| (login, names));
        let at = if login.is_empty() { "" } else { "@" };
        let hosts: Option<Vec<_>> = names
            .split(',')
            .map(|name| one_host(&format!("postgres://{login}{at}{name}{tail}")))
            .collect();
        let user = login.split(':').next().unwrap_or_default();
        let database = tail.split(['?', '#']).next().unwrap_or_default();
        Some(Self::Postgres {
            hosts: hosts?,
            shown: format!("postgres://{user}{at}{names}{database}"),
        })
    }
}

/// The address of one host; `None` if it is invalid. The host may be empty if an option names a socket.
fn one_host(text: &str) -> Option<SecretString> {
    let url = Url::parse(text).ok()?;
    let named = url.host_str().is_some_and(|host| !host.is_empty()) || url.query_pairs().any(|(key, _)| key == "host");
    (named && url.fragment().is_none()).then(|| SecretString::from(text))
}

impl FromStr for DatabaseUrl {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        Self::read(text).ok_or(NotAllowed(Self::ALLOWED))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres { shown, .. } => f.write_str(shown),
        }
    }
}

impl DatabaseUrl {
    /// The address of a SQLite file with its relative path resolved against `folder`; `None` for any other address.
    pub(super) fn rooted(url: &str, folder: &Path) -> Option<String> {
        let Self::Sqlite(path) = Self::read(url)? else {
            return None;
        };
        Some(format!("sqlite:{}", folder.join(path).to_str()?))
    }

    /// The same PostgreSQL server with all tables in this schema. A SQLite file is unchanged.
    #[must_use]
    pub fn in_schema(&self, name: &str) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(path.clone()),
            Self::Postgres { hosts, shown } => {
                let inside = |host: &SecretString| {
                    let host = host.expose_secret();
                    let joint = if host.contains('?') { '&' } else { '?' };
                    SecretString::from(format!("{host}{joint}options[search_path]={name}"))
                };
                Self::Postgres {
                    hosts: hosts.iter().map(inside).collect(),
                    shown: shown.clone(),
                }
            }
        }
    }
}

impl Database {
    /// The options with which the store opens the database.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        let location = match &self.url {
            DatabaseUrl::Sqlite(path) => DatabaseLocation::Sqlite(path.clone()),
            DatabaseUrl::Postgres { hosts, .. } => DatabaseLocation::Postgres(hosts.clone()),
        };
        StoreOptions {
            location,
            max_connections: self.connections,
            statement_timeout: self.timeout,
            keeps_prepared_statements: self.pooling == Pooling::Session,
            synchronous_full: self.sqlite_synchronous == Synchronous::Full,
        }
    }

    /// Puts the password of `password_file` into the address.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        let Some(path) = &self.password_file else { return Ok(()) };
        let problem = |reason: &str| Problem::new("password_file", reason);
        let DatabaseUrl::Postgres { hosts, .. } = &mut self.url else {
            return Err(problem(
                "is set, but database.url is not a PostgreSQL server, so it needs no password",
            ));
        };
        let password = read_secret("password_file", Path::new(path))?;
        for host in hosts {
            let mut url = Url::parse(host.expose_secret()).map_err(|_| problem("needs a host in database.url"))?;
            if url.password().is_some() {
                return Err(problem("is set, and database.url has a password too; keep one"));
            }
            url.set_password(Some(password.expose_secret()))
                .map_err(|()| problem("needs a host in database.url"))?;
            *host = SecretString::from(String::from(url));
        }
        Ok(())
    }
}
