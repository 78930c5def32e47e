//! Mail and events that came back, as they were received. A row is committed before the sender gets its reply, and is processed from
//! there, so that nothing that was handed over is lost and a repeated one changes nothing.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, over_values, row};
use crate::domain::ids::ReturnedMailId;
use crate::domain::states::ReturnedKind;

row! {
    /// A returned mail or an event of a mail provider that waits to be processed.
    #[derive(Clone, Debug)]
    pub struct ReturnedMail {
        /// The id of the row.
        pub id: ReturnedMailId,
        /// SHA-256 of its source, recipient and content.
        pub digest: Vec<u8>,
        /// How it arrived: `smtp`, `imap`, `file`, or the name of a mail provider.
        pub source: String,
        /// The envelope recipient, if the source knows it.
        pub recipient: Option<String>,
        /// The message or event, byte for byte.
        pub content: Vec<u8>,
        /// When it was received.
        pub received_at: DateTime<Utc>,
    }
}

/// Rows in one statement at most: a message has up to 256 KiB, and all of them are in memory.
const MAX_ROWS: usize = 32;

impl Tx {
    /// Stores what was received, and returns how many of them are new.
    pub async fn add_returned_mails(&mut self, mails: &[ReturnedMail]) -> Result<u64> {
        let mut added = 0;
        for chunk in mails.chunks(MAX_ROWS) {
            added += over_values!(
                self,
                "INSERT INTO returned_mails (id, digest, source, recipient, content, received_at) ",
                " ON CONFLICT (digest) DO NOTHING",
                [],
                chunk,
                |mail| mail.id,
                &mail.digest,
                &mail.source,
                &mail.recipient,
                &mail.content,
                mail.received_at
            );
        }
        Ok(added)
    }

    /// The oldest that wait to be processed.
    pub async fn waiting_returned_mails(&mut self, limit: i64) -> Result<Vec<ReturnedMail>> {
        Ok(on!(
            self,
            all as ReturnedMail,
            "SELECT id, digest, source, recipient, content, received_at FROM returned_mails WHERE processed_at IS NULL \
             ORDER BY received_at, id LIMIT $1",
            limit
        )?)
    }

    /// Notes that one was processed; false if another process was faster. What it leads to belongs in the same transaction.
    pub async fn finish_returned_mail(
        &mut self,
        id: ReturnedMailId,
        kind: ReturnedKind,
        note: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let finished = on!(
            self,
            execute,
            "UPDATE returned_mails SET processed_at = $2, kind = $3, note = $4 WHERE id = $1 AND processed_at IS NULL",
            id,
            now,
            kind,
            note
        )?;
        Ok(finished == 1)
    }

    /// Stores what a processed mail is and what it led to.
    pub async fn note_returned_mail(&mut self, id: ReturnedMailId, kind: ReturnedKind, note: &str) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE returned_mails SET kind = $2, note = $3 WHERE id = $1",
            id,
            kind,
            note
        )?;
        Ok(())
    }

    /// Removes the content of mails that were processed before `before`. What they led to stays on record.
    pub async fn drop_returned_contents(&mut self, before: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE returned_mails SET content = $2 WHERE processed_at < $1 AND length(content) > 0",
            before,
            Vec::<u8>::new()
        )?)
    }
}
