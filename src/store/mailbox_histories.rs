//! The recent mails to a mailbox. Sign-up requests and changes by link are limited by them, which protects a person whose address others
//! type into the form.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx, insert, on, row, select_over};
use crate::domain::address::Spelling;

row! {
    /// The columns as stored. `sent` is a list such as `p1764145919000000 t1764145979000000`: for each mail the letter of the spelling
    /// and the time in microseconds since 1970.
    struct MailboxRow {
        mailbox: Vec<u8>,
        sent: String,
        unanswered_plain: i64,
        unanswered_dotted: i64,
        unanswered_tagged: i64,
        reminded_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    }
}

/// The key of a mailbox: a keyed hash, so that the table does not reveal the address.
pub(crate) type MailboxKey = [u8; 16];

/// The recent mails to a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MailboxHistory {
    /// When the latest mails were sent or will be sent, in ascending order, and to which spelling.
    pub(crate) sent: Vec<(DateTime<Utc>, Spelling)>,
    /// The number of mails to each spelling, in the order of [`Spelling`], since the link of one was used.
    pub(crate) unanswered: [u32; 3],
    /// When the last mail said that the address is subscribed already.
    pub(crate) reminded_at: Option<DateTime<Utc>>,
    /// When this row was written; `None` if there is no row yet.
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

fn spelling_letter(spelling: Spelling) -> char {
    match spelling {
        Spelling::Plain => 'p',
        Spelling::Dotted => 'd',
        Spelling::Tagged => 't',
    }
}

/// Reads one mail of the column `sent`, such as `p1764145919000000`; `None` if it is damaged.
fn sent_from(mail: &str) -> Option<(DateTime<Utc>, Spelling)> {
    let spellings = [Spelling::Plain, Spelling::Dotted, Spelling::Tagged];
    let spelling = spellings
        .into_iter()
        .find(|spelling| mail.starts_with(spelling_letter(*spelling)))?;
    let micros = mail[1..].parse().ok()?;
    Some((DateTime::from_timestamp_micros(micros)?, spelling))
}

impl MailboxRow {
    fn parse(self) -> Result<(MailboxKey, MailboxHistory)> {
        let broken = || {
            // A keyed hash, which shows nobody's address.
            let key = data_encoding::HEXLOWER.encode(&self.mailbox);
            let reason = format!("the row of mailbox_histories with the key {key} cannot be parsed");
            StoreError::Query(sqlx::Error::Decode(reason.into()))
        };
        let mailbox = self.mailbox.as_slice().try_into().map_err(|_| broken())?;
        if self.updated_at == DateTime::UNIX_EPOCH {
            return Ok((mailbox, MailboxHistory::default()));
        }
        let sent = self
            .sent
            .split_whitespace()
            .map(|mail| sent_from(mail).ok_or_else(broken));
        let unanswered = |mails| u32::try_from(mails).map_err(|_| broken());
        let history = MailboxHistory {
            sent: sent.collect::<Result<_>>()?,
            unanswered: [
                unanswered(self.unanswered_plain)?,
                unanswered(self.unanswered_dotted)?,
                unanswered(self.unanswered_tagged)?,
            ],
            reminded_at: self.reminded_at,
            updated_at: Some(self.updated_at),
        };
        Ok((mailbox, history))
    }
}

impl Tx {
    /// Locks mailboxes until this transaction ends. A mailbox without mails has no row yet, so these are
    /// [advisory locks](https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS) on the keys.
    pub(crate) async fn lock_mailboxes(&mut self, mut mailboxes: Vec<MailboxKey>) -> Result<()> {
        // SQLite has only one writer.
        if matches!(self, Self::Sqlite(_)) || mailboxes.is_empty() {
            return Ok(());
        }
        // Always in the same order, or two transactions could deadlock. `UNNEST` returns the array's elements in their order.
        mailboxes.sort_unstable();
        mailboxes.dedup();
        let locks = mailboxes.iter().map(|mailbox| {
            let (half, _) = mailbox.split_first_chunk().expect("a key has 16 bytes");
            i64::from_be_bytes(*half)
        });
        let locks: Vec<i64> = locks.collect();
        if let Self::Postgres(db) = self {
            let query = sqlx::query("SELECT pg_advisory_xact_lock(key) FROM UNNEST($1::bigint[]) AS key");
            db.execute(query.bind(locks)).await?;
        }
        Ok(())
    }

    /// The histories of mailboxes, of those that have one.
    pub(crate) async fn mailbox_histories(
        &mut self,
        mailboxes: &[MailboxKey],
    ) -> Result<HashMap<MailboxKey, MailboxHistory>> {
        let rows = select_over!(
            self,
            "SELECT mailbox, sent, unanswered_plain, unanswered_dotted, unanswered_tagged, reminded_at, updated_at \
             FROM mailbox_histories WHERE mailbox IN (",
            ")",
            MailboxRow,
            mailboxes,
            |mailbox| &mailbox[..]
        );
        rows.into_iter().map(MailboxRow::parse).collect()
    }

    /// Reads and locks the row of a mailbox until this transaction ends.
    pub(crate) async fn lock_mailbox_history(&mut self, mailbox: &MailboxKey) -> Result<MailboxHistory> {
        // The update only locks the row. The time of a new row is in the past, so it has no effect.
        let row = on!(
            self,
            one as MailboxRow,
            "INSERT INTO mailbox_histories AS held \
             (mailbox, sent, unanswered_plain, unanswered_dotted, unanswered_tagged, updated_at) VALUES ($1, '', 0, 0, 0, $2) \
             ON CONFLICT (mailbox) DO UPDATE SET sent = held.sent \
             RETURNING mailbox, sent, unanswered_plain, unanswered_dotted, unanswered_tagged, reminded_at, updated_at",
            &mailbox[..],
            DateTime::UNIX_EPOCH
        )?;
        Ok(row.parse()?.1)
    }

    /// Writes the rows of mailboxes.
    pub(crate) async fn put_mailbox_histories(
        &mut self,
        histories: &[(&MailboxKey, &MailboxHistory)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sent = |history: &MailboxHistory| {
            let sent = history.sent.iter();
            let sent = sent.map(|(at, spelling)| format!("{}{}", spelling_letter(*spelling), at.timestamp_micros()));
            sent.collect::<Vec<_>>().join(" ")
        };
        insert!(
            self,
            "mailbox_histories \
             (mailbox, sent, unanswered_plain, unanswered_dotted, unanswered_tagged, reminded_at, updated_at)",
            "ON CONFLICT (mailbox) DO UPDATE SET sent = excluded.sent, unanswered_plain = excluded.unanswered_plain, \
             unanswered_dotted = excluded.unanswered_dotted, unanswered_tagged = excluded.unanswered_tagged, \
             reminded_at = excluded.reminded_at, updated_at = excluded.updated_at",
            histories,
            |row| &row.0[..],
            sent(row.1),
            i64::from(row.1.unanswered[0]),
            i64::from(row.1.unanswered[1]),
            i64::from(row.1.unanswered[2]),
            row.1.reminded_at,
            now
        );
        Ok(())
    }

    /// Records that somebody used a link mailed to this mailbox: the next mail does not wait.
    pub(crate) async fn reset_unanswered_mails(&mut self, mailbox: &MailboxKey) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE mailbox_histories SET unanswered_plain = 0, unanswered_dotted = 0, unanswered_tagged = 0 \
             WHERE mailbox = $1",
            &mailbox[..]
        )?;
        Ok(())
    }

    /// Deletes rows written before `before`, and rows written after `after` by a clock that was ahead.
    pub(crate) async fn purge_mailbox_histories(&mut self, before: DateTime<Utc>, after: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM mailbox_histories WHERE updated_at < $1 OR updated_at > $2",
            before,
            after
        )?)
    }
}
