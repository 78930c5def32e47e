//! Creating the tables, and checking that this version of the program can use them.
//!
//! During a rolling upgrade two versions of the program use one database. So a migration only expands: it adds tables, columns and
//! indexes, and an older program goes on. What no program uses any more is removed by a later version. [`Migration::oldest_program`] says
//! which programs can use the tables afterwards; it is on record beside the migration, because an older program does not know its text.

use sha2::{Digest, Sha384};
use sqlx::{AssertSqlSafe, Executor};

use super::{Result, Store, StoreError, Tx, on, row};

/// A change of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The version of the tables after it.
    pub version: i64,
    /// What it does, in one word or two.
    pub description: &'static str,
    /// A program that knows the tables of this version, or of a later one, can use the tables after this migration. A migration that only
    /// expands has the number of the one before it.
    pub oldest_program: i64,
    /// The statements, for both databases.
    pub sql: &'static str,
}

/// The migrations of this version of the program, oldest first.
pub const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    description: "init",
    oldest_program: 1,
    sql: include_str!("../../migrations/0001_init.sql"),
}];

/// The names of all tables, in the order in which they are created.
pub(super) fn created_tables() -> impl Iterator<Item = &'static str> {
    let lines = MIGRATIONS.iter().flat_map(|migration| migration.sql.lines());
    lines.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("))
}

row! {
    /// A migration that was run on a database.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct MigrationRecord {
        pub(crate) version: i64,
        pub(crate) description: String,
        pub(crate) checksum: Vec<u8>,
        pub(crate) oldest_program: i64,
    }
}

/// The columns of [`MigrationRecord`], from the table of the record.
pub(super) const RECORDS: &str =
    "SELECT version, description, checksum, oldest_program FROM _sqlx_migrations ORDER BY version";

/// The two texts that a migration has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The text of a migration for this database. On SQLite, `/* sqlite: WITHOUT ROWID */` becomes `WITHOUT ROWID`; on PostgreSQL it
    /// stays a comment. `/* postgres: … */` is the reverse.
    fn text_of(self, sql: &str) -> String {
        let opening = match self {
            Self::Sqlite => "/* sqlite: ",
            Self::Postgres => "/* postgres: ",
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

/// The migrations that a program which knows `known` has to run on a database with these records.
///
/// # Errors
/// [`StoreError::Migrate`] if the program cannot use the database: it is too old, or another build created the tables.
fn to_run(known: &[Migration], done: &[MigrationRecord], dialect: Dialect) -> Result<Vec<MigrationToRun>> {
    let own = known.last().map_or(0, |migration| migration.version);
    if let Some(record) = done.iter().find(|record| record.oldest_program > own) {
        return Err(StoreError::Migrate(format!(
            "it has tables of version {}, which need a program for version {} or newer, and this program is for version {own}; run the \
             newer program",
            done.last().unwrap_or(record).version,
            record.oldest_program
        )));
    }
    let mut to_run = Vec::new();
    for migration in known {
        let sql = dialect.text_of(migration.sql);
        let checksum = Sha384::digest(&sql).to_vec();
        match done.iter().find(|record| record.version == migration.version) {
            Some(record) if record.checksum == checksum => {}
            Some(record) => {
                return Err(StoreError::Migrate(format!(
                    "its tables of version {} were created by another build of daywire; run that build, or move the \
                     database away and set up a new one",
                    record.version
                )));
            }
            None => to_run.push(MigrationToRun {
                sql,
                record: MigrationRecord {
                    version: migration.version,
                    description: migration.description.to_owned(),
                    checksum,
                    oldest_program: migration.oldest_program,
                },
            }),
        }
    }
    Ok(to_run)
}

/// A migration that was not run, and its record.
struct MigrationToRun {
    sql: String,
    record: MigrationRecord,
}

/// Checks the migrations that a backup records.
///
/// # Errors
/// [`StoreError::Migrate`] if a newer program or another build made the backup.
pub(crate) fn require_known(done: &[MigrationRecord], dialect: Dialect) -> Result<()> {
    let own = MIGRATIONS.last().map_or(0, |migration| migration.version);
    match done.last() {
        None => Err(StoreError::Migrate(
            "it has no record of its tables' version".to_owned(),
        )),
        Some(newest) if newest.version > own => Err(StoreError::Migrate(format!(
            "it has tables of version {}, and this program knows them up to version {own}; restore it with the newer program",
            newest.version
        ))),
        Some(_) => to_run(MIGRATIONS, done, dialect).map(drop),
    }
}

impl Store {
    /// Runs the migrations that have not been run, in one transaction. If several processes start at once, the others wait for it.
    ///
    /// sqlx's own migrator is not used: its lock belongs to a session, which a transaction pooler does not keep, and on SQLite it has no
    /// lock. The record of migrations is sqlx's table with one more column.
    ///
    /// # Errors
    /// When a statement fails, or this program cannot use the tables.
    pub async fn migrate(&self) -> Result<()> {
        self.migrate_with(MIGRATIONS).await
    }

    /// [`migrate`](Self::migrate) as a program that knows these migrations.
    ///
    /// # Errors
    /// When a statement fails, or such a program cannot use the tables.
    pub async fn migrate_with(&self, known: &[Migration]) -> Result<()> {
        let mut tx = self.write().await?;
        if let Tx::Postgres(db) = &mut tx {
            db.run("SELECT pg_advisory_xact_lock(hashtext('daywire ' || current_schema()))")
                .await?;
        }
        tx.migrate(known).await?;
        tx.commit().await
    }

    /// Checks that all migrations of this program have been run, and that it can use the tables. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotSetUp`] if tables are missing or older; otherwise as [`Store::migrate`].
    pub(crate) async fn check_tables(&self) -> Result<()> {
        let mut tx = self.read().await?;
        if !tx.has_migrations().await? {
            return Err(StoreError::NotSetUp);
        }
        let done = tx.migrations().await?;
        if !to_run(MIGRATIONS, &done, tx.dialect())?.is_empty() {
            return Err(StoreError::NotSetUp);
        }
        Ok(())
    }
}

impl Tx {
    const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether the database has a record of migrations.
    pub(crate) async fn has_migrations(&mut self) -> Result<bool> {
        let record = match self {
            Self::Sqlite(_) => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
            Self::Postgres(_) => "SELECT COUNT(to_regclass('_sqlx_migrations'))",
        };
        let (recorded,) = on!(self, one as (i64,), record)?;
        Ok(recorded > 0)
    }

    /// The migrations that were run, oldest first.
    pub(crate) async fn migrations(&mut self) -> Result<Vec<MigrationRecord>> {
        Ok(on!(self, all as MigrationRecord, RECORDS)?)
    }

    /// Whether a newer program has added tables that this one does not know.
    pub(crate) async fn is_expanded(&mut self) -> Result<bool> {
        let own = MIGRATIONS.last().map_or(0, |migration| migration.version);
        Ok(self.migrations().await?.iter().any(|record| record.version > own))
    }

    /// Runs the migrations that have not been run.
    pub(crate) async fn migrate(&mut self, known: &[Migration]) -> Result<()> {
        on!(
            &mut *self,
            execute,
            "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
             installed_on TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
             checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL, oldest_program BIGINT NOT NULL)"
        )?;
        let done = self.migrations().await?;
        for migration in to_run(known, &done, self.dialect())? {
            let sql = AssertSqlSafe(migration.sql);
            match &mut *self {
                Self::Sqlite(db) => {
                    db.connection.execute(sqlx::raw_sql(sql)).await?;
                }
                Self::Postgres(db) => db.run(sql).await?,
            }
            self.add_migration_record(&migration.record).await?;
        }
        Ok(())
    }

    /// Records that a migration was run.
    pub(crate) async fn add_migration_record(&mut self, record: &MigrationRecord) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time, oldest_program) \
             VALUES ($1, $2, TRUE, $3, -1, $4)",
            record.version,
            record.description.as_str(),
            record.checksum.as_slice(),
            record.oldest_program
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(version: i64, oldest_program: i64) -> Migration {
        Migration {
            version,
            description: "test",
            oldest_program,
            sql: "SELECT 1",
        }
    }

    fn recorded(known: &[Migration]) -> Vec<MigrationRecord> {
        let to_run = to_run(known, &[], Dialect::Sqlite).expect("a new database can be set up");
        to_run.into_iter().map(|migration| migration.record).collect()
    }

    #[test]
    fn a_program_uses_a_database_that_was_expanded_and_refuses_one_that_was_contracted() {
        let old = [migration(1, 1)];
        let expanded = recorded(&[migration(1, 1), migration(2, 1)]);
        assert!(to_run(&old, &expanded, Dialect::Sqlite).is_ok_and(|to_run| to_run.is_empty()));
        let contracted = recorded(&[migration(1, 1), migration(2, 1), migration(3, 2)]);
        let Err(refusal) = to_run(&old, &contracted, Dialect::Sqlite) else {
            panic!("a program for version 1 cannot use tables that need version 2");
        };
        assert_eq!(
            refusal.to_string(),
            "cannot set the database up: it has tables of version 3, which need a program for version 2 or newer, and this program is \
             for version 1; run the newer program"
        );
        let between = [migration(1, 1), migration(2, 1)];
        assert!(to_run(&between, &contracted, Dialect::Sqlite).is_ok());
    }

    #[test]
    fn a_migration_for_one_database_is_a_comment_on_the_other() {
        let sql = "a /* sqlite: b */ /* postgres: c */ d";
        assert_eq!(Dialect::Sqlite.text_of(sql), "a b /* postgres: c */ d");
        assert_eq!(Dialect::Postgres.text_of(sql), "a /* sqlite: b */ c d");
    }
}
