//! Rows for PostgreSQL's `COPY … FROM STDIN (FORMAT binary)`, which adds rows about three times as fast as `INSERT`.
//!
//! The format is described in <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.4>.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Result;
use super::cluster::PgTx;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// The microseconds from 1970 to 2000, from which PostgreSQL counts.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The rows of one `COPY`.
pub(super) struct CopiedRows {
    bytes: Vec<u8>,
    columns: i16,
    rows: u64,
}

impl CopiedRows {
    /// No rows yet, each of which has `columns` columns.
    pub(super) fn new(columns: i16) -> Self {
        let mut bytes = SIGNATURE.to_vec();
        // No flags, and no extension of the header.
        bytes.extend([0; 8]);
        Self {
            bytes,
            columns,
            rows: 0,
        }
    }

    /// Begins a row. The caller then adds each of its columns.
    pub(super) fn row(&mut self) -> &mut Self {
        self.bytes.extend(self.columns.to_be_bytes());
        self.rows += 1;
        self
    }

    pub(super) fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    pub(super) fn time(&mut self, value: DateTime<Utc>) -> &mut Self {
        self.bytes(&(value.timestamp_micros() - EPOCH_MICROS).to_be_bytes())
    }

    pub(super) fn integer(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn boolean(&mut self, value: bool) -> &mut Self {
        self.bytes(&[u8::from(value)])
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        // PostgreSQL stores no value of 1 GiB, so a length that does not fit is refused there.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(value);
        self
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.bytes.extend((-1_i32).to_be_bytes());
        self
    }

    pub(super) fn optional_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(super) fn optional_time(&mut self, value: Option<DateTime<Utc>>) -> &mut Self {
        match value {
            Some(value) => self.time(value),
            None => self.null(),
        }
    }

    /// Adds the rows to a table: `into` is its name with the list of columns.
    pub(super) async fn copy(mut self, tx: &mut PgTx, into: &str) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.bytes.extend((-1_i16).to_be_bytes());
        let statement = format!("COPY {into} FROM STDIN WITH (FORMAT binary)");
        let (connection, watch) = tx.connection_and_watch();
        let copy = async {
            let mut copy = connection.copy_in_raw(&statement).await?;
            copy.send(self.bytes).await?;
            copy.finish().await
        };
        watch.run(copy).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_length_of_each_value_before_it() {
        let mut rows = CopiedRows::new(3);
        let midnight = DateTime::from_timestamp_micros(EPOCH_MICROS + 1).expect("the year 2000");
        rows.row().text("ab").null().time(midnight);
        let row = &rows.bytes[SIGNATURE.len() + 8..];
        let expected: &[&[u8]] = &[
            &[0, 3],
            &[0, 0, 0, 2],
            b"ab",
            &[255; 4],
            &[0, 0, 0, 8],
            &[0, 0, 0, 0, 0, 0, 0, 1],
        ];
        assert_eq!(row, expected.concat());
    }
}
