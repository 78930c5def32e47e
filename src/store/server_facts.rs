//! What `daywire doctor` reads about the server of the database: its version, its clock, the size of the database, and the standby
//! servers.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

/// A standby server that receives the changes of the server that accepts writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standby {
    /// The name under which it connects; empty if the user of the database may not read it.
    pub(crate) name: String,
    /// How it is replicated, such as `streaming`; `None` if the user of the database may not read it.
    pub(crate) state: Option<String>,
    /// How many bytes of changes it has not applied yet; `None` if it has not reported it.
    pub(crate) lag_bytes: Option<i64>,
}

impl Tx {
    /// The product and its version, such as `PostgreSQL 17.2`.
    pub(crate) async fn server_version(&mut self) -> Result<String> {
        let (product, sql) = match self {
            Self::Sqlite(_) => ("SQLite", "SELECT sqlite_version()"),
            Self::Postgres(_) => ("PostgreSQL", "SELECT current_setting('server_version')"),
        };
        let (version,) = on!(&mut *self, one as (String,), sql)?;
        Ok(format!("{product} {version}"))
    }

    /// The time by the clock of the server; `None` on SQLite, which uses the clock of this machine.
    pub(crate) async fn server_time(&mut self) -> Result<Option<DateTime<Utc>>> {
        if matches!(self, Self::Sqlite(_)) {
            return Ok(None);
        }
        let (now,) = on!(&mut *self, one as (DateTime<Utc>,), "SELECT clock_timestamp()")?;
        Ok(Some(now))
    }

    /// The size of the database in bytes.
    pub(crate) async fn database_bytes(&mut self) -> Result<i64> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            Self::Postgres(_) => "SELECT pg_database_size(current_database())",
        };
        let (bytes,) = on!(&mut *self, one as (i64,), sql)?;
        Ok(bytes)
    }

    /// The standby servers that are connected; none on SQLite. A base backup that is being copied is left out.
    pub(crate) async fn standbys(&mut self) -> Result<Vec<Standby>> {
        if matches!(self, Self::Sqlite(_)) {
            return Ok(Vec::new());
        }
        let rows = on!(
            &mut *self,
            all as (String, Option<String>, Option<i64>),
            "SELECT COALESCE(application_name, ''), state, \
             CAST(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS BIGINT) FROM pg_stat_replication \
             WHERE COALESCE(state, '') <> 'backup' ORDER BY 1"
        )?;
        let standby = |(name, state, lag_bytes)| Standby { name, state, lag_bytes };
        Ok(rows.into_iter().map(standby).collect())
    }
}
