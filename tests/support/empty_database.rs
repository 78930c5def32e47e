//! A database without tables, into which a test restores a backup.

use daywire::store::Store;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use super::TestApp;
use super::postgres;
use super::program::Program;

/// A database of the same kind as that of a test. On PostgreSQL it is a database of its own with a schema of the same name, because a
/// backup names its schema.
pub struct EmptyDatabase {
    pub url: String,
    /// The database of the server to drop, on PostgreSQL.
    name: Option<String>,
    folder: TempDir,
}

impl EmptyDatabase {
    pub async fn like(app: &TestApp) -> Self {
        let folder = TempDir::new().expect("a scratch folder can be made");
        let Store::Postgres(_) = &app.app.store else {
            let url = format!("sqlite:{}", folder.path().join("restored.db").display());
            return Self {
                url,
                name: None,
                folder,
            };
        };
        let schema = app.schema().expect("on PostgreSQL a test has a schema").to_owned();
        let name = format!("restored_{}", schema.trim_start_matches("test_"));
        run(&postgres::server(), &format!("CREATE DATABASE {name}")).await;
        let mut server: url::Url = postgres::server().parse().expect("it is an address");
        server.set_path(&name);
        run(server.as_str(), &format!("CREATE SCHEMA {schema}")).await;
        let joint = if server.query().is_some() { '&' } else { '?' };
        Self {
            url: format!("{server}{joint}options[search_path]={schema}"),
            name: Some(name),
            folder,
        }
    }

    /// The program on this database.
    pub fn program(&self, app: &TestApp) -> Program {
        let mut program = Program::of(app).with("DAYWIRE_DATABASE__URL", &self.url);
        program.move_to(self.folder.path());
        program
    }

    /// Drops it. No process may use it any more.
    pub async fn drop(self) {
        if let Some(name) = &self.name {
            run(&postgres::server(), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(server: &str, sql: &str) {
    let mut connection = PgConnection::connect(server).await.expect("the server answers");
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
    done.expect("the statement succeeds");
    connection.close().await.expect("the connection closes");
}
