//! The whole content of a database as text, to check that no row changed or that a secret is nowhere.

use std::collections::BTreeMap;

use daywire::store::Store;
use sqlx::AssertSqlSafe;

use super::TestApp;

/// The rows of every table, sorted, one line each. Octets are in lower-case hexadecimal.
pub type Dump = BTreeMap<String, Vec<String>>;

impl TestApp {
    pub async fn dump(&self) -> Dump {
        let mut dump = Dump::new();
        for table in self.tables().await {
            let mut rows = match &self.app.store {
                Store::Sqlite { read, .. } => {
                    let columns = strings_sqlite(read, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
                    let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                    strings_sqlite(read, &format!("SELECT {} FROM {table}", quoted.join(" || ',' || "))).await
                }
                Store::Postgres(cluster) => {
                    strings_postgres(&cluster.pool(), &format!("SELECT t::text FROM {table} t")).await
                }
            };
            for row in &mut rows {
                *row = lower_hexadecimal(row);
            }
            rows.sort();
            dump.insert(table, rows);
        }
        assert!(dump.len() > 10, "only {} tables were found", dump.len());
        dump
    }

    /// The whole database except for the counts of requests, which a refused request also changes.
    pub async fn dump_without_counts(&self) -> Dump {
        let mut dump = self.dump().await;
        for table in ["rate_limits", "signup_counts"] {
            dump.remove(table).expect("the table exists");
        }
        dump
    }

    /// The whole database except for returned mail itself, which is always stored, and the counts of messages for its rates.
    pub async fn dump_without_returned_mail(&self) -> Dump {
        let mut dump = self.dump().await;
        for table in ["returned_mails", "issue_domains"] {
            dump.remove(table).expect("the table exists");
        }
        dump
    }

    /// Runs a statement that the program knows nothing of.
    pub async fn execute(&self, sql: &'static str) {
        let done = match &self.app.store {
            Store::Sqlite { write, .. } => sqlx::raw_sql(sql).execute(write).await.map(drop),
            Store::Postgres(cluster) => sqlx::raw_sql(sql).execute(&cluster.pool()).await.map(drop),
        };
        done.expect("the statement succeeds");
    }

    /// The number of rows of a table; a condition may follow its name.
    pub async fn count_rows(&self, table: &str) -> usize {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let count: i64 = match &self.app.store {
            Store::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await,
            Store::Postgres(cluster) => sqlx::query_scalar(sql).fetch_one(&cluster.pool()).await,
        }
        .expect("the rows are counted");
        usize::try_from(count).expect("a count is not negative")
    }

    pub async fn rows(&self, table: &str) -> Vec<String> {
        self.dump().await.remove(table).expect("the table exists")
    }

    async fn tables(&self) -> Vec<String> {
        match &self.app.store {
            Store::Sqlite { read, .. } => {
                strings_sqlite(read, "SELECT name FROM sqlite_master WHERE type = 'table'").await
            }
            Store::Postgres(cluster) => {
                let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
                strings_postgres(&cluster.pool(), sql).await
            }
        }
    }
}

async fn strings_sqlite(pool: &sqlx::SqlitePool, sql: &str) -> Vec<String> {
    let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await;
    rows.expect("the query succeeds")
}

async fn strings_postgres(pool: &sqlx::PgPool, sql: &str) -> Vec<String> {
    let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await;
    rows.expect("the query succeeds")
}

/// Changes `X'0AFF'` to `X'0aff'`, because PostgreSQL writes octets in lower case.
fn lower_hexadecimal(row: &str) -> String {
    let mut out = String::with_capacity(row.len());
    let mut rest = row;
    while let Some(start) = rest.find("X'") {
        let (before, octets) = rest.split_at(start + 2);
        let end = octets.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(octets.len());
        out.push_str(before);
        out.push_str(&octets[..end].to_ascii_lowercase());
        rest = &octets[end..];
    }
    out.push_str(rest);
    out
}

/// Asserts that no row changed since `before`, but for the heartbeats of the processes that serve, and the outcome of mails that were
/// being sent.
pub async fn assert_nothing_changed(app: &TestApp, before: &Dump) {
    let (mut before, mut after) = (before.clone(), app.dump().await);
    let mails = [&mut before, &mut after].map(|dump| {
        dump.remove("nodes").expect("the table exists");
        dump.remove("transactional_mails").expect("the table exists").len()
    });
    assert_eq!(mails[0], mails[1], "no mail is queued");
    assert_eq!(difference(&before, &after), Vec::<String>::new(), "no row changes");
}

/// The rows that only one of the two dumps has: `-` marks a removed row, `+` an added one.
pub fn difference(before: &Dump, after: &Dump) -> Vec<String> {
    let lines = |dump: &Dump| -> Vec<String> {
        dump.iter()
            .flat_map(|(table, rows)| rows.iter().map(move |row| format!("{table}: {row}")))
            .collect()
    };
    let (before, after) = (lines(before), lines(after));
    let gone = before
        .iter()
        .filter(|line| !after.contains(line))
        .map(|line| format!("- {line}"));
    let new = after
        .iter()
        .filter(|line| !before.contains(line))
        .map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}
