//! Setting the tables up, and telling whether they are.

use sha2::{Digest, Sha384};
use sqlx::{AssertSqlSafe, Executor};

use super::{Result, Store, StoreError, Tx, on};

/// Version, description and text of every migration, oldest first.
const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "init", include_str!("../../migrations/0001_init.sql"))];

impl Store {
    /// Brings the tables up to this program's version; does nothing when they are.
    ///
    /// sqlx's migrator would do it too, but its lock belongs to a session, which a transaction pooler does not keep, and it
    /// has none on SQLite. Here one transaction does it all, and the next one waits for it. The record that is kept is
    /// sqlx's.
    ///
    /// # Errors
    /// When a statement fails, or the database belongs to another version of the program.
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

    /// Checks that the tables are of this program's version, and changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotSetUp`] when there are none or older ones; else as [`Store::migrate`].
    pub async fn check_tables(&self) -> Result<()> {
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

/// Version, description, text in this database's dialect, and checksum.
type Migration = (i64, &'static str, String, Vec<u8>);

impl Tx {
    /// The migrations that this database has not seen.
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
            let sql = self.dialect(sql);
            let checksum = Sha384::digest(&sql).to_vec();
            match done.iter().find(|(done, _)| done == version) {
                Some((_, known)) if *known == checksum => {}
                Some(_) => {
                    return Err(StoreError::Migrate(format!(
                        "its tables of version {version} were made by another text of that version"
                    )));
                }
                None => to_run.push((*version, *description, sql, checksum)),
            }
        }
        Ok(to_run)
    }

    /// A migration's text for this database: what stands in a comment that begins with the database's name counts.
    fn dialect(&self, sql: &str) -> String {
        let name = match self {
            Self::Sqlite(_) => "/* sqlite: ",
            Self::Postgres(_) => "/* postgres: ",
        };
        let mut parts = sql.split(name);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push_str(&part.replacen(" */", "", 1));
        }
        text
    }
}
