//! What `daywire backup` and `daywire restore` need of the database: a copy of a SQLite file, the content of such a copy, and counts.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::migrate::{MigrationRecord, RECORDS};
use super::{Result, Store, Tx, on};

/// What a SQLite file contains.
#[derive(Debug)]
pub(crate) struct SqliteContent {
    /// The migrations that were run on it, oldest first; empty if they are not recorded.
    pub(crate) migrations: Vec<MigrationRecord>,
    /// How many rows each table has.
    pub(crate) rows: BTreeMap<String, u64>,
    /// What SQLite finds damaged; empty if nothing is.
    pub(crate) faults: Vec<String>,
}

impl SqliteContent {
    /// Reads a file that no process has open, and checks all of it. Nothing is written, not even a lock.
    ///
    /// # Errors
    /// If the file is not a SQLite database, or too damaged to be read.
    pub(crate) async fn of(file: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .immutable(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let mut faults: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(20)")
            .fetch_all(&mut connection)
            .await?;
        faults.retain(|fault| fault != "ok");
        let broken: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT \"table\" FROM pragma_foreign_key_check ORDER BY 1")
                .fetch_all(&mut connection)
                .await?;
        faults.extend(
            broken
                .into_iter()
                .map(|table| format!("a row of {table} refers to a row that does not exist")),
        );
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
             AND name NOT LIKE 'search_words%' ORDER BY name",
        )
        .fetch_all(&mut connection)
        .await?;
        let mut rows = BTreeMap::new();
        for table in tables {
            let count: i64 = sqlx::query_scalar(count_sql(&table)).fetch_one(&mut connection).await?;
            rows.insert(table, count.unsigned_abs());
        }
        let migrations = if rows.contains_key("_sqlx_migrations") {
            sqlx::query_as(RECORDS).fetch_all(&mut connection).await?
        } else {
            Vec::new()
        };
        connection.close().await?;
        Ok(Self {
            migrations,
            rows,
            faults,
        })
    }
}

impl Store {
    /// Writes the SQLite database as it is at this moment into an empty file. Transactions that write go on meanwhile; the write-ahead
    /// log grows until the copy is complete, because the copy reads what was there at its start.
    ///
    /// [`VACUUM INTO`](https://www.sqlite.org/lang_vacuum.html#vacuuminto) is used, because the driver does not offer SQLite's backup
    /// functions. It also leaves out the pages that deleted rows have left.
    ///
    /// # Errors
    /// If the disk is full, or the database is not a SQLite file.
    pub(crate) async fn copy_into(&self, file: &str) -> Result<()> {
        let Self::Sqlite { read, .. } = self else {
            return Err(sqlx::Error::Configuration("only a SQLite file can be copied".into()).into());
        };
        sqlx::query("VACUUM INTO $1").bind(file).execute(read).await?;
        Ok(())
    }
}

impl Tx {
    /// The schema of PostgreSQL that has the tables; `None` if the one of the settings does not exist.
    pub(crate) async fn schema(&mut self) -> Result<Option<String>> {
        let (schema,) = on!(self, one as (Option<String>,), "SELECT current_schema()::text")?;
        Ok(schema)
    }

    /// The first table of the schema on PostgreSQL; `None` if it has none.
    pub(crate) async fn first_table(&mut self) -> Result<Option<String>> {
        let first = on!(
            self,
            optional as (String,),
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname LIMIT 1"
        )?;
        Ok(first.map(|(name,)| name))
    }

    /// How many rows a table has.
    pub(crate) async fn count_rows(&mut self, table: &str) -> Result<u64> {
        let sql = count_sql(table);
        let count: i64 = match self {
            Self::Sqlite(db) => sqlx::query_scalar(sql).fetch_one(&mut *db.connection).await?,
            Self::Postgres(db) => {
                let (connection, watch) = db.connection_and_watch();
                let query = sqlx::query_scalar(sql).persistent(false);
                watch.run(query.fetch_one(connection)).await?
            }
        };
        Ok(count.unsigned_abs())
    }
}

fn count_sql(table: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{}\"", table.replace('"', "\"\"")))
}
