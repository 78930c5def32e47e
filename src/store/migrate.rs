//! Creating the tables, and checking that they are those of this version of the program.

use sha2::{Digest, Sha384};
use sqlx::{AssertSqlSafe, Executor};

use super::{Result, Store, StoreError, Tx, on};

/// The version, description and text of each migration, oldest first.
const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "init", include_str!("../../migrations/0001_init.sql"))];

/// The names of all tables, in the order in which they are created.
pub(super) fn created_tables() -> impl Iterator<Item = &'static str> {
    let lines = MIGRATIONS.iter().flat_map(|(_, _, sql)| sql.lines());
    lines.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("))
}

impl Store {
    /// Runs the migrations that have not been run, in one transaction. If several processes start at once, the others wait for it.
    ///
    /// sqlx's own migrator is not used: its lock belongs to a session, which a transaction pooler does not keep, and on SQLite it has no
    /// lock. The record of migrations has the form of sqlx's table.
    ///
    /// # Errors
    /// When a statement fails, or the tables belong to another version of the program.
    pub async fn migrate(&self) -> Result<()> {
        let mut tx = self.write().await?;
        if let Tx::Postgres(db) = &mut tx {
            db.run("SELECT pg_advisory_xact_lock(hashtext('daywire ' || current_schema()))")
                .await?;
        }
        on!(
            &mut tx,
            execute,
            "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
             installed_on TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
             checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)"
        )?;
        for (version, description, sql, checksum) in tx.migrations_to_run().await? {
            match &mut tx {
                Tx::Sqlite(db) => {
                    db.tx.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
                }
                Tx::Postgres(db) => db.run(AssertSqlSafe(sql)).await?,
            }
            on!(
                &mut tx,
                execute,
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES ($1, $2, TRUE, $3, -1)",
                version,
                description,
                checksum
            )?;
        }
        tx.commit().await
    }

    /// Checks that all migrations have been run, and changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotSetUp`] if tables are missing or older; otherwise as [`Store::migrate`].
    pub(crate) async fn check_tables(&self) -> Result<()> {
        let mut tx = self.read().await?;
        let record = match &tx {
            Tx::Sqlite(_) => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
            Tx::Postgres(_) => "SELECT COUNT(to_regclass('_sqlx_migrations'))",
        };
        let (recorded,) = on!(&mut tx, one as (i64,), record)?;
        if recorded == 0 || !tx.migrations_to_run().await?.is_empty() {
            return Err(StoreError::NotSetUp);
        }
        Ok(())
    }
}

/// The version, the description, the text for this database, and its checksum.
type Migration = (i64, &'static str, String, Vec<u8>);

impl Tx {
    /// The migrations that have not been run on this database.
    async fn migrations_to_run(&mut self) -> Result<Vec<Migration>> {
        let done = on!(
            &mut *self,
            all as (i64, Vec<u8>),
            "SELECT version, checksum FROM _sqlx_migrations ORDER BY version"
        )?;
        if let Some((newer, _)) = done
            .iter()
            .find(|(done, _)| MIGRATIONS.iter().all(|(version, ..)| version != done))
        {
            return Err(StoreError::Migrate(format!(
                "it has tables of version {newer}, which this program does not know; run the newer program"
            )));
        }
        let mut to_run = Vec::new();
        for (version, description, sql) in MIGRATIONS {
            let sql = self.sql_for_database(sql);
            let checksum = Sha384::digest(&sql).to_vec();
            match done.iter().find(|(done, _)| done == version) {
                Some((_, known)) if *known == checksum => {}
                Some(_) => {
                    return Err(StoreError::Migrate(format!(
                        "its tables of version {version} were created by another build of daywire; run that build, or move the \
                         database away and set up a new one"
                    )));
                }
                None => to_run.push((*version, *description, sql, checksum)),
            }
        }
        Ok(to_run)
    }

    /// The text of a migration for this database. On SQLite, `/* sqlite: WITHOUT ROWID */` becomes `WITHOUT ROWID`; on PostgreSQL it
    /// stays a comment. `/* postgres: … */` is the reverse.
    fn sql_for_database(&self, sql: &str) -> String {
        let opening = match self {
            Self::Sqlite(_) => "/* sqlite: ",
            Self::Postgres(_) => "/* postgres: ",
        };
        let (mut text, mut rest) = (String::new(), sql);
        while let Some((before, after)) = rest.split_once(opening) {
            let (inside, behind) = after.split_once(" */").unwrap_or((after, ""));
            text.extend([before, inside]);
            rest = behind;
        }
        text + rest
    }
}
