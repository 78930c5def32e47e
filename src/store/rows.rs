//! `on!`, which runs one SQL text on whichever database is open, and `row!`, which makes a struct readable from both.

/// Runs a statement in a [`Tx`](super::Tx): `on!(tx, execute, SQL, binds…)` gives the number of rows changed,
/// `on!(tx, one | optional | all as Row, SQL, binds…)` gives rows.
macro_rules! on {
    ($tx:expr, execute, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(db) =>
                sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*.execute(&mut **db).await.map(|done| done.rows_affected()),
            $crate::store::Tx::Postgres(db) => {
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
                sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*.$fetch(&mut **db).await,
            $crate::store::Tx::Postgres(db) => {
                let (db, watch) = db.parts();
                let query = sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*.persistent(watch.prepares());
                watch.over(query.$fetch(db)).await
            }
        }
    };
}

/// Declares a struct whose fields are the columns of a row, by name, on either database.
macro_rules! row {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$fdoc:meta])* $fvis:vis $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        $vis struct $name { $($(#[$fdoc])* $fvis $field: $ty,)* }

        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            &'static str: sqlx::ColumnIndex<R>,
            $($ty: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)*
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                Ok(Self { $($field: row.try_get(stringify!($field))?,)* })
            }
        }
    };
}

pub(crate) use {on, row};
