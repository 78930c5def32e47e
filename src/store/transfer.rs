//! Reads and writes the rows of any table in one form for both databases, to move an installation from one to the other.
//!
//! The tables are those of the migrations, in the order in which they are created: each refers only to earlier ones. The index of the
//! site's search is not among them, because its words are stored differently; the caller builds it again.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::Row as _;
use uuid::Uuid;

use super::copied_rows::CopiedRows;
use super::migrate::created_tables;
use super::{Result, SqliteTx, StoreError, Tx, on};

/// Tables whose content is derived from others.
const DERIVED: [&str; 1] = ["search_documents"];
/// Tables that have rows in a database that was just set up.
const PRESET: [&str; 2] = ["signing_keys", "site_revision"];
/// SQLite allows 32,766 parameters in a statement.
const MAX_PARAMETERS: usize = 30_000;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Uuid,
    Bytes,
    Time,
    Text,
    Integer,
    Boolean,
}

impl Kind {
    /// Reads the name of a type as either database gives it. `None` for the column of SQLite that names a row in the search index.
    fn parse(name: &str, table: &str) -> Result<Option<Self>> {
        Ok(Some(match name.to_lowercase().as_str() {
            "uuid" => Self::Uuid,
            "bytea" => Self::Bytes,
            "timestamptz" | "timestamp with time zone" => Self::Time,
            "text" => Self::Text,
            "bigint" => Self::Integer,
            "boolean" => Self::Boolean,
            "integer" => return Ok(None),
            other => {
                let fault = format!("a column of {table} has the type {other}, which an export does not know");
                return Err(StoreError::Query(sqlx::Error::Decode(fault.into())));
            }
        }))
    }
}

/// A table with its columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    columns: Vec<(String, Kind)>,
    /// The columns by which its rows are sorted, so that equal tables give equal files.
    key: Vec<String>,
}

impl Table {
    /// The names of its columns.
    pub(crate) fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn listed_columns(&self) -> String {
        self.column_names().join(", ")
    }
}

/// Why rows were not written.
#[derive(Debug)]
pub(crate) struct UnwrittenRow {
    /// The index of the row at fault; `None` if the database does not name it.
    pub(crate) index: Option<usize>,
    /// The error of the database; `None` if the row does not have the columns of the table.
    pub(crate) refusal: Option<StoreError>,
}

/// A value of a row.
#[derive(Clone, Debug)]
enum Cell {
    Null,
    Uuid(Uuid),
    Bytes(Vec<u8>),
    Time(DateTime<Utc>),
    Text(String),
    Integer(i64),
    Boolean(bool),
}

impl Cell {
    fn json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Uuid(id) => id.to_string().into(),
            Self::Bytes(bytes) => BASE64_STANDARD.encode(bytes).into(),
            // PostgreSQL stores no smaller fraction of a second.
            Self::Time(at) => at.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
            Self::Text(text) => text.into(),
            Self::Integer(number) => number.into(),
            Self::Boolean(is_true) => is_true.into(),
        }
    }

    /// `None` if the value is not one of this type.
    fn from_json(value: Value, kind: Kind) -> Option<Self> {
        Some(match (kind, value) {
            (_, Value::Null) => Self::Null,
            (Kind::Uuid, Value::String(text)) => Self::Uuid(text.parse().ok()?),
            (Kind::Bytes, Value::String(text)) => Self::Bytes(BASE64_STANDARD.decode(text).ok()?),
            (Kind::Time, Value::String(text)) => Self::Time(text.parse().ok()?),
            (Kind::Text, Value::String(text)) => Self::Text(text),
            (Kind::Integer, Value::Number(number)) => Self::Integer(number.as_i64()?),
            (Kind::Boolean, Value::Bool(is_true)) => Self::Boolean(is_true),
            _ => return None,
        })
    }
}

/// Reads the cells of a row of either database.
macro_rules! cells {
    ($row:ident, $table:ident) => {
        $table.columns.iter().enumerate().map(|(index, (_, kind))| {
            Ok::<_, sqlx::Error>(match kind {
                Kind::Uuid => $row.try_get::<Option<Uuid>, _>(index)?.map_or(Cell::Null, Cell::Uuid),
                Kind::Bytes => $row
                    .try_get::<Option<Vec<u8>>, _>(index)?
                    .map_or(Cell::Null, Cell::Bytes),
                Kind::Time => $row
                    .try_get::<Option<DateTime<Utc>>, _>(index)?
                    .map_or(Cell::Null, Cell::Time),
                Kind::Text => $row.try_get::<Option<String>, _>(index)?.map_or(Cell::Null, Cell::Text),
                Kind::Integer => $row.try_get::<Option<i64>, _>(index)?.map_or(Cell::Null, Cell::Integer),
                Kind::Boolean => $row
                    .try_get::<Option<bool>, _>(index)?
                    .map_or(Cell::Null, Cell::Boolean),
            })
        })
    };
}

impl Tx {
    /// All tables that an export contains, each after those that it refers to.
    pub(crate) async fn tables_to_move(&mut self) -> Result<Vec<Table>> {
        let mut tables = Vec::new();
        for name in created_tables().filter(|name| !DERIVED.contains(name)) {
            let sql = match self {
                Self::Sqlite(_) => "SELECT name, type, CAST(pk AS BIGINT) FROM pragma_table_info($1) ORDER BY cid",
                Self::Postgres(_) => {
                    "SELECT a.attname::text, format_type(a.atttypid, NULL)::text, \
                     COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0)::bigint \
                     FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary \
                     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
                }
            };
            let (mut columns, mut key) = (Vec::new(), Vec::new());
            for (column, kind, position) in on!(&mut *self, all as (String, String, i64), sql, name)? {
                if let Some(kind) = Kind::parse(&kind, name)? {
                    if position > 0 {
                        key.push((position, column.clone()));
                    }
                    columns.push((column, kind));
                }
            }
            key.sort();
            let mut key: Vec<_> = key.into_iter().map(|(_, column)| column).collect();
            if key.is_empty() {
                // Its key on SQLite is the column that names the row in the search index.
                key.push("id".to_owned());
            }
            tables.push(Table { name, columns, key });
        }
        Ok(tables)
    }

    /// Passes every row of a table to `write`, as a JSON array of its values.
    pub(crate) async fn export_rows(
        &mut self,
        table: &Table,
        mut write: impl FnMut(Vec<Value>) -> std::io::Result<()>,
    ) -> Result<u64> {
        let is_text = |column: &String| {
            table
                .columns
                .iter()
                .any(|(name, kind)| name == column && *kind == Kind::Text)
        };
        let order = table.key.iter().map(|column| match self {
            // SQLite compares bytes. PostgreSQL would compare as the language of its database does.
            Self::Postgres(_) if is_text(column) => format!("{column} COLLATE \"C\""),
            _ => column.clone(),
        });
        let order: Vec<_> = order.collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {}",
            table.listed_columns(),
            table.name,
            order.join(", ")
        );
        let mut rows = 0;
        let mut pass = |cells: Vec<Cell>| {
            rows += 1;
            write(cells.into_iter().map(Cell::json).collect()).map_err(sqlx::Error::Io)
        };
        match self {
            Self::Sqlite(db) => {
                let mut found = sqlx::query::<sqlx::Sqlite>(sqlx::AssertSqlSafe(sql)).fetch(&mut *db.connection);
                while let Some(row) = found.try_next().await? {
                    pass(cells!(row, table).collect::<sqlx::Result<_>>()?)?;
                }
            }
            Self::Postgres(db) => {
                let (connection, watch) = db.connection_and_watch();
                let query = sqlx::query::<sqlx::Postgres>(sqlx::AssertSqlSafe(sql)).persistent(false);
                let mut found = query.fetch(connection);
                while let Some(row) = watch.run(found.try_next()).await? {
                    pass(cells!(row, table).collect::<sqlx::Result<_>>()?)?;
                }
            }
        }
        Ok(rows)
    }

    /// The first of these tables that has rows which a new database does not have.
    pub(crate) async fn first_used_table(&mut self, tables: &[Table]) -> Result<Option<&'static str>> {
        for table in tables.iter().filter(|table| !PRESET.contains(&table.name)) {
            let sql = sqlx::AssertSqlSafe(format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT 1) AS used",
                table.name
            ));
            let used: i64 = match self {
                Self::Sqlite(db) => sqlx::query_scalar(sql).fetch_one(&mut *db.connection).await?,
                Self::Postgres(db) => {
                    let (connection, watch) = db.connection_and_watch();
                    let query = sqlx::query_scalar(sql).persistent(false);
                    watch.run(query.fetch_one(connection)).await?
                }
            };
            if used > 0 {
                return Ok(Some(table.name));
            }
        }
        Ok(None)
    }

    /// Deletes what a new database has in its tables.
    pub(crate) async fn delete_preset_rows(&mut self) -> Result<()> {
        for table in PRESET {
            let sql = format!("DELETE FROM {table}");
            on!(&mut *self, execute, sqlx::AssertSqlSafe(sql.as_str()))?;
        }
        Ok(())
    }

    /// Adds rows that [`export_rows`](Self::export_rows) passed. After an error, none of them may be committed.
    pub(crate) async fn import_rows(&mut self, table: &Table, rows: Vec<Vec<Value>>) -> Result<(), UnwrittenRow> {
        let parsed = rows.into_iter().enumerate().map(|(index, row)| {
            let has_all = row.len() == table.columns.len();
            let cells = row.into_iter().zip(&table.columns);
            let cells = cells.map(|(value, (_, kind))| Cell::from_json(value, *kind));
            let cells = cells.collect::<Option<Vec<_>>>().filter(|_| has_all);
            cells.ok_or(UnwrittenRow {
                index: Some(index),
                refusal: None,
            })
        });
        let rows = parsed.collect::<Result<Vec<_>, _>>()?;
        let into = format!("{} ({})", table.name, table.listed_columns());
        match self {
            Self::Sqlite(db) => {
                let size = MAX_PARAMETERS / table.columns.len();
                for (chunk, before) in rows.chunks(size).zip((0..).step_by(size)) {
                    let Err(refusal) = insert(db, table, &into, chunk).await else {
                        continue;
                    };
                    // The statement that failed has changed nothing, so its rows can be written one by one up to the one at fault.
                    let mut index = None;
                    for (place, row) in chunk.iter().enumerate() {
                        if insert(db, table, &into, std::slice::from_ref(row)).await.is_err() {
                            index = Some(before + place);
                            break;
                        }
                    }
                    return Err(UnwrittenRow {
                        index,
                        refusal: Some(refusal),
                    });
                }
            }
            Self::Postgres(db) => {
                let mut copied = CopiedRows::new(i16::try_from(table.columns.len()).unwrap_or(i16::MAX));
                for row in &rows {
                    copied.row();
                    for cell in row {
                        match cell {
                            Cell::Null => copied.null(),
                            Cell::Uuid(id) => copied.uuid(*id),
                            Cell::Bytes(bytes) => copied.bytes(bytes),
                            Cell::Time(at) => copied.time(*at),
                            Cell::Text(text) => copied.text(text),
                            Cell::Integer(number) => copied.integer(*number),
                            Cell::Boolean(is_true) => copied.boolean(*is_true),
                        };
                    }
                }
                copied.copy(db, &into).await.map_err(|refusal| UnwrittenRow {
                    index: copied_line(&refusal).and_then(|line| line.checked_sub(1)),
                    refusal: Some(refusal),
                })?;
            }
        }
        Ok(())
    }
}

async fn insert(db: &mut SqliteTx, table: &Table, into: &str, rows: &[Vec<Cell>]) -> Result<()> {
    let row = format!("(?{})", ", ?".repeat(table.columns.len() - 1));
    let values = vec![row.as_str(); rows.len()].join(", ");
    let sql = sqlx::AssertSqlSafe(format!("INSERT INTO {into} VALUES {values}"));
    let mut query = sqlx::query::<sqlx::Sqlite>(sql).persistent(false);
    for cell in rows.iter().flatten() {
        query = match cell {
            Cell::Null => query.bind(None::<String>),
            Cell::Uuid(id) => query.bind(id),
            Cell::Bytes(bytes) => query.bind(bytes),
            Cell::Time(at) => query.bind(at),
            Cell::Text(text) => query.bind(text),
            Cell::Integer(number) => query.bind(number),
            Cell::Boolean(is_true) => query.bind(is_true),
        };
    }
    query.execute(&mut *db.connection).await?;
    Ok(())
}

/// The 1-based number of the row that PostgreSQL refused: the first number in `COPY articles, line 3, column published`, in any language.
fn copied_line(refusal: &StoreError) -> Option<usize> {
    let StoreError::Refused(error) = refusal else {
        return None;
    };
    let context = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>()?.r#where()?;
    let (_, place) = context.split_once(',')?;
    let mut numbers = place
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty());
    numbers.next()?.parse().ok()
}
