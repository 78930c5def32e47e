//! The macros that run a statement on the open database, and `row!`, which declares a struct that is read from a row.
//!
//! They are macros because sqlx has separate types for the two databases. Each macro writes the same query for both, so that a statement
//! has one text and one list of parameters. On PostgreSQL every statement runs under the `Watch` of `cluster.rs`, which ends it if
//! the server fails.

use std::fmt::Write as _;

use crate::text::plain::shorten;

/// Runs a statement in a [`Tx`](super::Tx). `on!(tx, execute, SQL, binds…)` evaluates to the number of changed rows.
/// `on!(tx, one | optional | all as Row, SQL, binds…)` evaluates to the rows that the statement returns.
///
/// A statement names its columns, and [`Columns`] has those of a struct. A newer version of the program may add a column while this one
/// runs. Then PostgreSQL refuses to run a prepared `SELECT *` again ("cached plan must not change result type"), and the driver of SQLite
/// panics at a column that it does not know.
///
/// Only `execute` recognises statements that change the front page (`front_page_changes.rs`). So do not write to its tables with
/// `RETURNING`.
macro_rules! on {
    // Such a statement is built at run time, so it cannot be searched at compile time. The only ones delete the data of a subscriber,
    // which the front page does not show.
    ($tx:expr, execute, sqlx::AssertSqlSafe($sql:expr) $(, $bind:expr)* $(,)?) => {
        $crate::store::on!(@execute $tx, false, sqlx::AssertSqlSafe($sql) $(, $bind)*)
    };
    ($tx:expr, execute, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::store::on!(@execute $tx, const { $crate::store::front_page_changes::changes_front_page($sql) }, $sql $(, $bind)*)
    };
    (@execute $tx:expr, $changes_front_page:expr, $sql:expr $(, $bind:expr)*) => {{
        // Once, because the compiler would compute it for each database.
        let changes_front_page = $changes_front_page;
        match $tx {
            $crate::store::Tx::Sqlite(db) => {
                db.changes_front_page |= changes_front_page;
                db.execute(sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*).await
            }
            $crate::store::Tx::Postgres(db) => {
                db.changes_front_page |= changes_front_page;
                db.execute(sqlx::query::<sqlx::Postgres>($sql)$(.bind($bind))*).await
            }
        }
    }};
    ($tx:expr, one as $row:ty, $($rest:tt)*) => { $crate::store::on!(@fetch $tx, one, $row, $($rest)*) };
    ($tx:expr, optional as $row:ty, $($rest:tt)*) => { $crate::store::on!(@fetch $tx, optional, $row, $($rest)*) };
    ($tx:expr, all as $row:ty, $($rest:tt)*) => { $crate::store::on!(@fetch $tx, all, $row, $($rest)*) };
    (@fetch $tx:expr, $fetch:ident, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(db) => {
                let query = sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*;
                let found = db.$fetch(query).await;
                found.and_then($crate::store::execution::$fetch::<_, $row>)
            }
            $crate::store::Tx::Postgres(db) => {
                let query = sqlx::query::<sqlx::Postgres>($sql)$(.bind($bind))*;
                let found = db.$fetch(query).await;
                found.and_then($crate::store::execution::$fetch::<_, $row>)
            }
        }
        .map_err(|error| $crate::store::statements::name_statement(error, $sql))
    };
}

/// Inserts rows, several with one statement: `insert!(tx, "table (columns…)", rows, |row| values…)`. With
/// `insert!(tx, "table (columns…)", "ON CONFLICT …", rows, |row| values…)` that clause follows the values. Returns from the function
/// if it fails.
macro_rules! insert {
    ($tx:expr, $into:literal, $rows:expr, |$row:ident| $($values:tt)+) => {
        $crate::store::insert!($tx, $into, "", $rows, |$row| $($values)+)
    };
    ($tx:expr, $into:literal, $after:literal, $rows:expr, |$row:ident| $first:expr $(, $value:expr)* $(,)?) => {{
        let rows = &$rows[..];
        let changes_front_page = !rows.is_empty()
            && const { $crate::store::front_page_changes::changes_front_page(concat!("INSERT INTO ", $into)) };
        let columns = 1 $(+ { let _ = stringify!($value); 1 })*;
        let mut chunks = $crate::store::statements::even_chunks(rows, $crate::store::statements::MAX_INSERT_ROWS);
        match &mut *$tx {
            $crate::store::Tx::Sqlite(db) => {
                db.changes_front_page |= changes_front_page;
                let mut next = || {
                    let chunk = chunks.next()?;
                    let values = $crate::store::statements::unnumbered_values(columns, chunk.len());
                    let sql = sqlx::AssertSqlSafe(format!(concat!("INSERT INTO ", $into, " {} ", $after), values));
                    let mut query = sqlx::query::<sqlx::Sqlite>(sql);
                    for $row in chunk {
                        query = query.bind($first)$(.bind($value))*;
                    }
                    Some(query)
                };
                let mut made = next();
                while let Some(query) = made {
                    // A thread of the driver runs a statement. Meanwhile this one makes the next.
                    let (inserted, following) = futures_util::future::join(db.execute(query), async { next() }).await;
                    inserted?;
                    made = following;
                }
            }
            $crate::store::Tx::Postgres(db) => {
                db.changes_front_page |= changes_front_page;
                for chunk in chunks {
                    let values = $crate::store::statements::values_sql(0, columns, chunk.len());
                    let sql = sqlx::AssertSqlSafe(format!(concat!("INSERT INTO ", $into, " {} ", $after), values));
                    let mut query = sqlx::query::<sqlx::Postgres>(sql);
                    for $row in chunk {
                        query = query.bind($first)$(.bind($value))*;
                    }
                    db.execute(query).await?;
                }
            }
        }
    }};
}

/// Runs a statement over a list of values, several with one statement: `over_values!(tx, before, after, [binds…], rows, |row|
/// values…)`. The statement is `before`, `VALUES …`, `after`; the binds are `$1`, `$2` and so on in it. Evaluates to the number of
/// changed rows, and returns from the function if it fails.
macro_rules! over_values {
    ($tx:expr, $before:literal, $after:expr, [$($bind:expr),*], $rows:expr, |$row:ident| $($value:expr),+ $(,)?) => {{
        let mut changed = 0;
        for chunk in crate::store::statements::even_chunks(&$rows[..], crate::store::statements::MAX_VALUES_ROWS) {
            let binds = 0 $(+ { let _ = stringify!($bind); 1 })*;
            let columns = 0 $(+ { let _ = stringify!($value); 1 })+;
            let values = crate::store::statements::values_sql(binds, columns, chunk.len());
            let sql = sqlx::AssertSqlSafe(format!("{}{values}{}", $before, $after));
            let changes_front_page = const {
                $crate::store::front_page_changes::changes_front_page($before) || $crate::store::front_page_changes::changes_front_page($after)
            };
            changed += match &mut *$tx {
                $crate::store::Tx::Sqlite(db) => {
                    db.changes_front_page |= changes_front_page;
                    let mut query = sqlx::query::<sqlx::Sqlite>(sql)$(.bind($bind))*;
                    for $row in chunk {
                        query = query$(.bind($value))+;
                    }
                    db.execute(query).await?
                }
                $crate::store::Tx::Postgres(db) => {
                    db.changes_front_page |= changes_front_page;
                    let mut query = sqlx::query::<sqlx::Postgres>(sql)$(.bind($bind))*;
                    for $row in chunk {
                        query = query$(.bind($value))+;
                    }
                    db.execute(query).await?
                }
            };
        }
        changed
    }};
}

/// Reads the rows that a statement returns for a list of values, several with one statement: `select_over!(tx, before, after, Row,
/// rows, |row| values…)`. The statement is `before`, `VALUES …`, `after`. Returns from the function if it fails.
macro_rules! select_over {
    ($tx:expr, $before:expr, $after:expr, $found:ty, $rows:expr, |$row:ident| $($value:expr),+ $(,)?) => {{
        let mut found: Vec<$found> = Vec::new();
        for chunk in crate::store::statements::even_chunks(&$rows[..], crate::store::statements::MAX_VALUES_ROWS) {
            let columns = 0 $(+ { let _ = stringify!($value); 1 })+;
            let values = crate::store::statements::values_of($tx, columns, chunk.len());
            let sql = sqlx::AssertSqlSafe(format!("{}{values}{}", $before, $after));
            found.extend(match &mut *$tx {
                $crate::store::Tx::Sqlite(db) => {
                    let mut query = sqlx::query::<sqlx::Sqlite>(sql);
                    for $row in chunk {
                        query = query$(.bind($value))+;
                    }
                    db.all(query).await.and_then($crate::store::execution::all::<_, $found>)?
                }
                $crate::store::Tx::Postgres(db) => {
                    let mut query = sqlx::query::<sqlx::Postgres>(sql);
                    for $row in chunk {
                        query = query$(.bind($value))+;
                    }
                    db.all(query).await.and_then($crate::store::execution::all::<_, $found>)?
                }
            });
        }
        found
    }};
}

/// The maximum number of rows of values in one statement. With ten values each they stay far below SQLite's limit of 32,766 parameters.
pub(crate) const MAX_VALUES_ROWS: usize = 512;
/// The maximum number of rows that [`insert!`] puts into one statement. With more, the round trip to the database is no longer the
/// larger part of the cost.
pub(crate) const MAX_INSERT_ROWS: usize = 64;

/// Splits rows into parts of at most `max` rows. The length of each part is a power of two, as `max` is, so that only a few different
/// statements are prepared.
pub(crate) fn even_chunks<T>(rows: &[T], max: usize) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = max.min(1 << rest.len().checked_ilog2()?);
        let (chunk, others) = rest.split_at(length);
        rest = others;
        Some(chunk)
    })
}

/// `VALUES …` of `rows` rows with `columns` parameters each, for a statement without other parameters.
pub(crate) fn values_of(tx: &super::Tx, columns: usize, rows: usize) -> String {
    match tx {
        super::Tx::Sqlite(_) => unnumbered_values(columns, rows),
        super::Tx::Postgres(_) => values_sql(0, columns, rows),
    }
}

/// [`values_of`] for SQLite. It would search for each numbered parameter in a list of all of them, which is slow with thousands.
pub(crate) fn unnumbered_values(columns: usize, rows: usize) -> String {
    let row = format!("(?{})", ", ?".repeat(columns - 1));
    format!("VALUES {row}{}", format!(", {row}").repeat(rows - 1))
}

/// `VALUES …` of `rows` rows with `columns` parameters each, numbered after `binds` other parameters.
pub(crate) fn values_sql(binds: usize, columns: usize, rows: usize) -> String {
    let mut sql = String::with_capacity(8 + rows * columns * 7);
    sql.push_str("VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            // Writing to a string cannot fail.
            let _ = write!(
                sql,
                "{}${}",
                if column == 1 { "" } else { ", " },
                binds + row * columns + column
            );
        }
        sql.push(')');
    }
    sql
}

/// The columns of a row, for a statement that reads all its fields.
pub(crate) trait Columns {
    /// Their names, separated by commas.
    const COLUMNS: &'static str;
}

/// Declares a struct whose fields are read from the columns of the same names, which [`Columns`] lists. If a column cannot be parsed, the
/// error names the row.
macro_rules! row {
    (@list $first:ident $($other:ident)*) => { concat!(stringify!($first) $(, ", ", stringify!($other))*) };
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$fdoc:meta])* $fvis:vis $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        $vis struct $name { $($(#[$fdoc])* $fvis $field: $ty,)* }

        impl $crate::store::statements::Columns for $name {
            const COLUMNS: &'static str = $crate::store::row!(@list $($field)*);
        }

        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            &'static str: sqlx::ColumnIndex<R>,
            usize: sqlx::ColumnIndex<R>,
            uuid::Uuid: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            $($ty: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)*
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                let named = |error| $crate::store::statements::name_row(error, row, stringify!($name));
                Ok(Self { $($field: row.try_get(stringify!($field)).map_err(named)?,)* })
            }
        }
    };
}

/// Adds to the error of a column that cannot be parsed which row has it: the struct, and the first column if that is an id.
pub(crate) fn name_row<'r, R: sqlx::Row>(error: sqlx::Error, row: &'r R, kind: &str) -> sqlx::Error
where
    usize: sqlx::ColumnIndex<R>,
    uuid::Uuid: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let sqlx::Error::ColumnDecode { index, source } = error else {
        return error;
    };
    let index = match row.try_get::<uuid::Uuid, _>(0) {
        Ok(id) => format!("{index} of {kind} {id}"),
        // The row begins with another column, such as a time.
        Err(_) => format!("{index} of {kind}"),
    };
    sqlx::Error::ColumnDecode { index, source }
}

/// The value of a column, or why it cannot be parsed. A query reads many rows, and one damaged row must not keep the others from being
/// read.
#[derive(Clone, Debug)]
pub(super) struct Fallible<T>(pub(super) std::result::Result<T, String>);

impl<DB: sqlx::Database, T: sqlx::Type<DB>> sqlx::Type<DB> for Fallible<T> {
    fn type_info() -> DB::TypeInfo {
        T::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        T::compatible(ty)
    }
}

impl<'r, DB: sqlx::Database, T: sqlx::Decode<'r, DB>> sqlx::Decode<'r, DB> for Fallible<T> {
    fn decode(value: DB::ValueRef<'r>) -> std::result::Result<Self, sqlx::error::BoxDynError> {
        Ok(Self(T::decode(value).map_err(|error| error.to_string())))
    }
}

/// A row of which any column after the first may be damaged. The first column is the id. [`Fallible`] is for a single such column.
pub(super) struct FallibleRow<T> {
    pub(super) id: uuid::Uuid,
    pub(super) row: sqlx::Result<T>,
}

impl<'r, R: sqlx::Row, T: sqlx::FromRow<'r, R>> sqlx::FromRow<'r, R> for FallibleRow<T>
where
    usize: sqlx::ColumnIndex<R>,
    uuid::Uuid: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            row: T::from_row(row),
        })
    }
}

/// Adds to the error of a column that cannot be parsed which statement read it, unless [`name_row`] has named the row: a tuple has no
/// name.
pub(crate) fn name_statement(error: sqlx::Error, sql: &str) -> sqlx::Error {
    match error {
        sqlx::Error::ColumnDecode { index, source } if !index.contains(" of ") => sqlx::Error::ColumnDecode {
            index: format!("{index} of `{}`", shorten(sql, 120).0),
            source,
        },
        error => error,
    }
}

pub(crate) use {insert, on, over_values, row, select_over};

#[cfg(test)]
mod tests {
    use super::{even_chunks, name_statement, values_sql};

    fn column_error(index: &str) -> sqlx::Error {
        sqlx::Error::ColumnDecode {
            index: index.into(),
            source: "“sailing” is no state".into(),
        }
    }

    #[test]
    fn the_error_of_a_tuple_names_its_statement_and_that_of_a_struct_its_row() {
        let named = |index| name_statement(column_error(index), "SELECT id, state FROM issues").to_string();
        assert!(
            named("1").contains("1 of `SELECT id, state FROM issues`"),
            "{}",
            named("1")
        );
        assert!(
            !named("state of Issue 7").contains("SELECT"),
            "{}",
            named("state of Issue 7")
        );
    }

    #[test]
    fn values_are_numbered_after_the_other_parameters() {
        assert_eq!(values_sql(1, 2, 2), "VALUES ($2, $3), ($4, $5)");
    }

    #[test]
    fn rows_are_split_into_powers_of_two() {
        let rows: Vec<_> = (0..75).collect();
        let chunks: Vec<_> = even_chunks(&rows, 32).collect();
        assert_eq!(
            chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>(),
            [32, 32, 8, 2, 1]
        );
        assert_eq!(chunks.concat(), rows);
        assert_eq!(even_chunks(&rows[..0], 32).count(), 0);
    }
}
