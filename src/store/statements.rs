//! `on!`, which runs one SQL text on whichever database is open, and `row!`, which makes a struct readable from both.

/// Runs a statement in a [`Tx`](super::Tx): `on!(tx, execute, SQL, binds…)` gives the number of rows changed,
/// `on!(tx, one | optional | all as Row, SQL, binds…)` gives rows.
macro_rules! on {
    // Built at run time: these delete the data of a subscriber.
    ($tx:expr, execute, sqlx::AssertSqlSafe($sql:expr) $(, $bind:expr)* $(,)?) => {
        $crate::store::on!(@execute $tx, false, sqlx::AssertSqlSafe($sql) $(, $bind)*)
    };
    ($tx:expr, execute, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::store::on!(@execute $tx, const { $crate::store::site_writes::changes_site($sql) }, $sql $(, $bind)*)
    };
    (@execute $tx:expr, $changes_site:expr, $sql:expr $(, $bind:expr)*) => {
        match $tx {
            $crate::store::Tx::Sqlite(db) => {
                db.changes_site |= $changes_site;
                sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*.execute(&mut *db.tx).await.map(|done| done.rows_affected())
            }
            $crate::store::Tx::Postgres(db) => {
                db.changes_site |= $changes_site;
                let (db, watch) = db.parts();
                let query = sqlx::query::<sqlx::Postgres>($sql)$(.bind($bind))*.persistent(watch.prepares());
                watch.over(query.execute(db)).await.map(|done| done.rows_affected())
            }
        }
    };
    ($tx:expr, one as $row:ty, $($rest:tt)*) => { $crate::store::on!(@rows $tx, fetch_one, $row, $($rest)*) };
    ($tx:expr, optional as $row:ty, $($rest:tt)*) => { $crate::store::on!(@rows $tx, fetch_optional, $row, $($rest)*) };
    ($tx:expr, all as $row:ty, $($rest:tt)*) => { $crate::store::on!(@rows $tx, fetch_all, $row, $($rest)*) };
    (@rows $tx:expr, $fetch:ident, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(db) =>
                sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*.$fetch(&mut *db.tx).await,
            $crate::store::Tx::Postgres(db) => {
                let (db, watch) = db.parts();
                let query = sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*.persistent(watch.prepares());
                watch.over(query.$fetch(db)).await
            }
        }
    };
}

/// Inserts rows, some at once: `insert!(tx, "table (columns…)", rows, |row| values…)`. Returns from the function if it fails.
macro_rules! insert {
    ($tx:expr, $into:literal, $rows:expr, |$row:ident| $first:expr $(, $value:expr)* $(,)?) => {
        for some in $rows.chunks(crate::store::statements::ROWS_AT_ONCE) {
            let columns = 1 $(+ { let _ = stringify!($value); 1 })*;
            let sql = crate::store::statements::insert_sql($into, columns, some.len());
            let changes_site = const { $crate::store::site_writes::changes_site(concat!("INSERT INTO ", $into)) };
            match &mut *$tx {
                $crate::store::Tx::Sqlite(db) => {
                    db.changes_site |= changes_site;
                    let mut query = sqlx::query::<sqlx::Sqlite>(sqlx::AssertSqlSafe(sql));
                    for $row in some {
                        query = query.bind($first)$(.bind($value))*;
                    }
                    query.execute(&mut *db.tx).await?;
                }
                $crate::store::Tx::Postgres(db) => {
                    db.changes_site |= changes_site;
                    let (db, watch) = db.parts();
                    let mut query = sqlx::query::<sqlx::Postgres>(sqlx::AssertSqlSafe(sql));
                    for $row in some {
                        query = query.bind($first)$(.bind($value))*;
                    }
                    watch.over(query.persistent(watch.prepares()).execute(db)).await?;
                }
            }
        }
    };
}

/// Runs a statement over rows of values, some at once: `over_values!(tx, before, after, [binds…], rows, |row| values…)`. The
/// statement is `before`, `VALUES …`, `after`; the binds are `$1`, `$2` and so on in it. Returns how many rows were changed, and
/// from the function if it fails.
macro_rules! over_values {
    ($tx:expr, $before:literal, $after:literal, [$($bind:expr),*], $rows:expr, |$row:ident| $($value:expr),+ $(,)?) => {{
        let mut changed = 0;
        for some in $rows.chunks(crate::store::statements::VALUES_AT_ONCE) {
            let binds = 0 $(+ { let _ = stringify!($bind); 1 })*;
            let columns = 0 $(+ { let _ = stringify!($value); 1 })+;
            let values = crate::store::statements::values_sql(binds, columns, some.len());
            let sql = sqlx::AssertSqlSafe(format!("{}{values}{}", $before, $after));
            let changes_site = const { $crate::store::site_writes::changes_site($before) };
            changed += match &mut *$tx {
                $crate::store::Tx::Sqlite(db) => {
                    db.changes_site |= changes_site;
                    let mut query = sqlx::query::<sqlx::Sqlite>(sql)$(.bind($bind))*;
                    for $row in some {
                        query = query$(.bind($value))+;
                    }
                    query.execute(&mut *db.tx).await?.rows_affected()
                }
                $crate::store::Tx::Postgres(db) => {
                    db.changes_site |= changes_site;
                    let (db, watch) = db.parts();
                    let mut query = sqlx::query::<sqlx::Postgres>(sql)$(.bind($bind))*;
                    for $row in some {
                        query = query$(.bind($value))+;
                    }
                    watch.over(query.persistent(watch.prepares()).execute(db)).await?.rows_affected()
                }
            };
        }
        changed
    }};
}

/// Reads the rows that a statement finds for some values each: `select_over!(tx, before, after, Row, values, |value| bind)`. The
/// statement is `before`, `VALUES …`, `after`. Returns from the function if it fails.
macro_rules! select_over {
    ($tx:expr, $before:literal, $after:literal, $row:ty, $values:expr, |$value:ident| $bind:expr) => {{
        let mut found: Vec<$row> = Vec::new();
        for some in $values.chunks(crate::store::statements::VALUES_AT_ONCE) {
            let values = crate::store::statements::values_sql(0, 1, some.len());
            let sql = sqlx::AssertSqlSafe(format!("{}{values}{}", $before, $after));
            found.extend(match &mut *$tx {
                $crate::store::Tx::Sqlite(db) => {
                    let mut query = sqlx::query_as::<sqlx::Sqlite, $row>(sql);
                    for $value in some {
                        query = query.bind($bind);
                    }
                    query.fetch_all(&mut *db.tx).await?
                }
                $crate::store::Tx::Postgres(db) => {
                    let (db, watch) = db.parts();
                    let mut query = sqlx::query_as::<sqlx::Postgres, $row>(sql);
                    for $value in some {
                        query = query.bind($bind);
                    }
                    watch.over(query.persistent(watch.prepares()).fetch_all(db)).await?
                }
            });
        }
        found
    }};
}

/// How many rows [`over_values!`] puts into one statement: with ten values each, far below SQLite's limit of 32,766 parameters.
pub(crate) const VALUES_AT_ONCE: usize = 500;

/// `VALUES …` of `rows` rows with `columns` values each. Their parameters follow `binds` other binds.
pub(crate) fn values_sql(binds: usize, columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let values = (1..=columns).map(|column| format!("${}", binds + row * columns + column));
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    format!("VALUES {}", (0..rows).map(row).collect::<Vec<_>>().join(", "))
}

/// How many rows [`insert!`] puts into one statement: enough that the way to the database and back counts for little.
pub(crate) const ROWS_AT_ONCE: usize = 50;

/// The statement that inserts so many rows of so many values.
pub(crate) fn insert_sql(into: &str, columns: usize, rows: usize) -> String {
    format!("INSERT INTO {into} {}", values_sql(0, columns, rows))
}

/// Declares a struct whose fields are the columns of a row, by name, on either database.
macro_rules! row {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$fdoc:meta])* $fvis:vis $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        $vis struct $name { $($(#[$fdoc])* $fvis $field: $ty,)* }

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

/// Adds to the error of a column that cannot be read which row has it, if its first column is an id.
pub(crate) fn name_row<'r, R: sqlx::Row>(error: sqlx::Error, row: &'r R, kind: &str) -> sqlx::Error
where
    usize: sqlx::ColumnIndex<R>,
    uuid::Uuid: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let sqlx::Error::ColumnDecode { index, source } = error else {
        return error;
    };
    let id = row
        .try_get::<uuid::Uuid, _>(0)
        .map(|id| format!(" {id}"))
        .unwrap_or_default();
    sqlx::Error::ColumnDecode {
        index: format!("{index} of {kind}{id}"),
        source,
    }
}

/// A column whose value may be damaged, with the reason. A query reads many rows, and one damaged row must not keep the others from
/// being read.
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

/// A row that may be damaged, by the id in its first column. It serves like [`Fallible`] where any column may be the damaged one.
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

pub(crate) use {insert, on, over_values, row, select_over};
