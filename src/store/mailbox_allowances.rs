//! How many mails a mailbox was sent because somebody typed its address into a form.

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx, on, row};

row! {
    struct Row {
        sent: String,
        unanswered: i64,
        reminded_at: Option<DateTime<Utc>>,
        decided_at: DateTime<Utc>,
    }
}

/// The recent mails to a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// When the latest mails were sent or will be sent, in ascending order.
    pub(crate) sent: Vec<DateTime<Utc>>,
    /// Mails since one of their links was used.
    pub(crate) unanswered: u32,
    /// When the last mail said that the address is subscribed already.
    pub(crate) reminded_at: Option<DateTime<Utc>>,
    /// When this row was written; `None` if there is no row yet.
    pub(crate) decided_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Reads and locks the row of a mailbox until this transaction ends.
    pub(crate) async fn lock_allowance(&mut self, mailbox: &[u8; 16]) -> Result<Allowance> {
        // The update only locks the row. The time of a new row is in the past, so it has no effect.
        let row = on!(
            self,
            one as Row,
            "INSERT INTO mailbox_allowances AS held (mailbox, sent, unanswered, decided_at) VALUES ($1, '', 0, $2) \
             ON CONFLICT (mailbox) DO UPDATE SET unanswered = held.unanswered \
             RETURNING sent, unanswered, reminded_at, decided_at",
            &mailbox[..],
            DateTime::UNIX_EPOCH
        )?;
        if row.decided_at == DateTime::UNIX_EPOCH {
            return Ok(Allowance::default());
        }
        let broken = || {
            StoreError::Query(sqlx::Error::Decode(
                "the times of a mailbox allowance cannot be parsed".into(),
            ))
        };
        let sent = row.sent.split_whitespace().map(|time| {
            let micros = time.parse().ok();
            micros.and_then(DateTime::from_timestamp_micros).ok_or_else(broken)
        });
        Ok(Allowance {
            sent: sent.collect::<Result<_>>()?,
            unanswered: u32::try_from(row.unanswered).map_err(|_| broken())?,
            reminded_at: row.reminded_at,
            decided_at: Some(row.decided_at),
        })
    }

    /// Writes the row of a mailbox.
    pub(crate) async fn set_allowance(
        &mut self,
        mailbox: &[u8; 16],
        allowance: &Allowance,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let times = allowance.sent.iter().map(|time| time.timestamp_micros().to_string());
        on!(
            self,
            execute,
            "UPDATE mailbox_allowances SET sent = $2, unanswered = $3, reminded_at = $4, decided_at = $5 \
             WHERE mailbox = $1",
            &mailbox[..],
            times.collect::<Vec<_>>().join(" "),
            i64::from(allowance.unanswered),
            allowance.reminded_at,
            now
        )?;
        Ok(())
    }

    /// Records that somebody used a link mailed to this mailbox: the next mail does not wait.
    pub(crate) async fn answer_allowance(&mut self, mailbox: &[u8; 16]) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE mailbox_allowances SET unanswered = 0 WHERE mailbox = $1 AND unanswered > 0",
            &mailbox[..]
        )?;
        Ok(())
    }

    /// Deletes rows written before `before`, and rows written after `after` by a clock that was ahead.
    pub async fn purge_allowances(&mut self, before: DateTime<Utc>, after: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM mailbox_allowances WHERE decided_at < $1 OR decided_at > $2",
            before,
            after
        )?)
    }
}
