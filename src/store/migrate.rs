//! Setting the tables up, and telling whether they are.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{Result, Store};

/// Version, description and text of every migration, oldest first.
const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "init", include_str!("../../migrations/0001_init.sql"))];

impl Store {
    /// Brings the tables up to this program's version; does nothing when they are.
    ///
    /// # Errors
    /// When a statement fails, or the database belongs to a newer program.
    pub async fn migrate(&self) -> Result<()> {
        match self {
            Self::Sqlite { write, .. } => {
                // SQLite's migration lock does nothing in sqlx; an exclusive transaction makes the others wait.
                migrator(|sql| {
                    sql.replace("/* sqlite:", "")
                        .replace("WITHOUT ROWID */", "WITHOUT ROWID")
                })
                .run(write)
                .await?;
            }
            Self::Postgres(pool) => migrator(str::to_owned).run(pool).await?,
        }
        Ok(())
    }
}

fn migrator(dialect: impl Fn(&str) -> String) -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, description, sql)| {
            let sql = sqlx::AssertSqlSafe(dialect(sql)).into_sql_str();
            Migration::new(*version, Cow::Borrowed(description), MigrationType::Simple, sql, false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}
