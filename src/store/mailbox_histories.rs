//! The recent mails to a mailbox. Sign-up requests and changes by link are limited by them, which protects a person whose address others
//! type into the form.

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx, on, row};
use crate::domain::address::Spelling;

row! {
    /// The columns as stored. `sent` is a list such as `p1764145919000000 t1764145979000000`: for each mail the letter of the spelling
    /// and the time in microseconds since 1970.
    struct MailboxRow {
        sent: String,
        unanswered_plain: i64,
        unanswered_dotted: i64,
        unanswered_tagged: i64,
        reminded_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    }
}

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

impl Tx {
    /// Reads and locks the row of a mailbox until this transaction ends.
    pub(crate) async fn lock_mailbox_history(&mut self, mailbox: &[u8; 16]) -> Result<MailboxHistory> {
        // The update only locks the row. The time of a new row is in the past, so it has no effect.
        let row = on!(
            self,
            one as MailboxRow,
            "INSERT INTO mailbox_histories AS held \
             (mailbox, sent, unanswered_plain, unanswered_dotted, unanswered_tagged, updated_at) VALUES ($1, '', 0, 0, 0, $2) \
             ON CONFLICT (mailbox) DO UPDATE SET sent = held.sent \
             RETURNING sent, unanswered_plain, unanswered_dotted, unanswered_tagged, reminded_at, updated_at",
            &mailbox[..],
            DateTime::UNIX_EPOCH
        )?;
        if row.updated_at == DateTime::UNIX_EPOCH {
            return Ok(MailboxHistory::default());
        }
        let broken = || {
            // A keyed hash, which shows nobody's address.
            let key = u128::from_be_bytes(*mailbox);
            let reason = format!("the row of mailbox_histories with the key {key:032x} cannot be parsed");
            StoreError::Query(sqlx::Error::Decode(reason.into()))
        };
        let sent = row
            .sent
            .split_whitespace()
            .map(|mail| sent_from(mail).ok_or_else(broken));
        let unanswered = |mails| u32::try_from(mails).map_err(|_| broken());
        Ok(MailboxHistory {
            sent: sent.collect::<Result<_>>()?,
            unanswered: [
                unanswered(row.unanswered_plain)?,
                unanswered(row.unanswered_dotted)?,
                unanswered(row.unanswered_tagged)?,
            ],
            reminded_at: row.reminded_at,
            updated_at: Some(row.updated_at),
        })
    }

    /// Writes the row of a mailbox.
    pub(crate) async fn set_mailbox_history(
        &mut self,
        mailbox: &[u8; 16],
        history: &MailboxHistory,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sent = history
            .sent
            .iter()
            .map(|(at, spelling)| format!("{}{}", spelling_letter(*spelling), at.timestamp_micros()));
        let [plain, dotted, tagged] = history.unanswered.map(i64::from);
        on!(
            self,
            execute,
            "UPDATE mailbox_histories SET sent = $2, unanswered_plain = $3, unanswered_dotted = $4, unanswered_tagged = $5, \
             reminded_at = $6, updated_at = $7 WHERE mailbox = $1",
            &mailbox[..],
            sent.collect::<Vec<_>>().join(" "),
            plain,
            dotted,
            tagged,
            history.reminded_at,
            now
        )?;
        Ok(())
    }

    /// Records that somebody used a link mailed to this mailbox: the next mail does not wait.
    pub(crate) async fn reset_unanswered_mails(&mut self, mailbox: &[u8; 16]) -> Result<()> {
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
