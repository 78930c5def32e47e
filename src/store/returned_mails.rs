//! Mail and events that came back, as they were received. A row is committed before the sender gets its reply, and is processed from
//! there, so that nothing that was handed over is lost and a repeated one changes nothing.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, over_values, row, select_over};
use crate::domain::ids::ReturnedMailId;
use crate::domain::states::{ReturnedEffect, ReturnedKind};

row! {
    /// A returned mail or an event of a mail provider that waits to be processed.
    #[derive(Clone, Debug)]
    pub struct ReturnedMail {
            pub(crate) id: ReturnedMailId,
        /// SHA-256 of what makes it the same as another: its recipient and content, or the event of a mail provider.
        pub digest: Vec<u8>,
        /// The mail provider's id of the event, if it has one.
        pub event_id: Option<String>,
        /// How it arrived: `listener`, `imap`, `file`, or the name of a mail provider.
        pub source: String,
        /// The envelope recipient, if the source knows it.
        pub recipient: Option<String>,
        /// The message or event, byte for byte.
        pub content: Vec<u8>,
            pub(crate) received_at: DateTime<Utc>,
    }
}

/// A returned mail that was processed.
#[derive(Clone, Debug)]
pub(crate) struct ProcessedMail {
    pub(crate) id: ReturnedMailId,
    pub(crate) kind: ReturnedKind,
    pub(crate) effect: ReturnedEffect,
    /// What it led to, or why it changed nothing.
    pub(crate) note: String,
}

row! {
    /// A returned mail or an event of a mail provider in a list.
    #[derive(Clone, Debug)]
    pub(crate) struct ListedMail {
        pub(crate) id: ReturnedMailId,
        /// How it arrived: `listener`, `imap`, `file`, or the name of a mail provider.
        pub(crate) source: String,
        pub(crate) received_at: DateTime<Utc>,
        /// What it is. `None` while it waits to be processed; so are the next three.
        pub(crate) kind: Option<ReturnedKind>,
        pub(crate) effect: Option<ReturnedEffect>,
        pub(crate) processed_at: Option<DateTime<Utc>>,
        /// What it led to, or why it changed nothing.
        pub(crate) note: Option<String>,
    }
}

row! {
    /// A returned mail or an event of a mail provider with everything that is stored of it.
    #[derive(Clone, Debug)]
    pub(crate) struct WholeMail {
        pub(crate) id: ReturnedMailId,
        pub(crate) event_id: Option<String>,
        pub(crate) source: String,
        pub(crate) recipient: Option<String>,
        /// Empty if it was deleted some time after the mail was processed.
        pub(crate) content: Vec<u8>,
        pub(crate) received_at: DateTime<Utc>,
        pub(crate) kind: Option<ReturnedKind>,
        pub(crate) effect: Option<ReturnedEffect>,
        pub(crate) processed_at: Option<DateTime<Utc>>,
        pub(crate) note: Option<String>,
    }
}

/// Rows in one statement at most: a message has up to 256 KiB, and all of them are in memory.
const MAX_ROWS: usize = 32;

/// The most bytes of content that are read at once, unless one mail alone has more.
const MAX_BATCH_BYTES: i64 = 4 * 1024 * 1024;

/// How many of the first mails to read at once.
fn fitting(sizes: &[(i64,)]) -> usize {
    let mut bytes = 0;
    let fits = sizes.iter().take_while(|(size,)| {
        bytes += size;
        bytes <= MAX_BATCH_BYTES
    });
    fits.count().max(1)
}

impl Tx {
    /// Stores what was received, and returns how many of them are new.
    pub async fn add_returned_mails(&mut self, mails: &[ReturnedMail]) -> Result<u64> {
        let mut added = 0;
        for chunk in mails.chunks(MAX_ROWS) {
            added += over_values!(
                self,
                "INSERT INTO returned_mails (id, digest, event_id, source, recipient, content, received_at) ",
                " ON CONFLICT DO NOTHING",
                [],
                chunk,
                |mail| mail.id,
                &mail.digest,
                &mail.event_id,
                &mail.source,
                &mail.recipient,
                &mail.content,
                mail.received_at
            );
        }
        Ok(added)
    }

    /// Whether one with this digest is stored.
    pub(crate) async fn has_returned_mail(&mut self, digest: &[u8]) -> Result<bool> {
        let found = on!(
            self,
            optional as (ReturnedMailId,),
            "SELECT id FROM returned_mails WHERE digest = $1",
            digest
        )?;
        Ok(found.is_some())
    }

    /// The oldest that wait to be processed: at most `limit`, and fewer if they are large, because all of them are in memory.
    pub async fn waiting_returned_mails(&mut self, limit: i64) -> Result<Vec<ReturnedMail>> {
        let sizes = on!(
            self,
            all as (i64,),
            "SELECT CAST(length(content) AS BIGINT) FROM returned_mails WHERE processed_at IS NULL ORDER BY received_at, id LIMIT $1",
            limit
        )?;
        if sizes.is_empty() {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(fitting(&sizes)).unwrap_or(limit);
        Ok(on!(
            self,
            all as ReturnedMail,
            "SELECT id, digest, event_id, source, recipient, content, received_at FROM returned_mails WHERE processed_at IS NULL \
             ORDER BY received_at, id LIMIT $1",
            limit
        )?)
    }

    /// The newest, processed or not. Their ids sort by the time at which they were received.
    /// Only those of `source`, if it is given, and those received at `since` or later.
    pub(crate) async fn latest_returned_mails(
        &mut self,
        source: Option<&str>,
        since: Option<DateTime<Utc>>,
        limit: i64,
    ) -> Result<Vec<ListedMail>> {
        let since = since.unwrap_or(DateTime::UNIX_EPOCH);
        Ok(match source {
            Some(source) => on!(
                self,
                all as ListedMail,
                "SELECT id, source, received_at, kind, effect, processed_at, note FROM returned_mails \
                 WHERE source = $1 AND received_at >= $2 ORDER BY id DESC LIMIT $3",
                source,
                since,
                limit
            )?,
            None => on!(
                self,
                all as ListedMail,
                "SELECT id, source, received_at, kind, effect, processed_at, note FROM returned_mails \
                 WHERE received_at >= $1 ORDER BY id DESC LIMIT $2",
                since,
                limit
            )?,
        })
    }

    /// A mail with its content.
    pub(crate) async fn whole_returned_mail(&mut self, id: ReturnedMailId) -> Result<Option<WholeMail>> {
        Ok(self.returned_mails_between(id, id, 1).await?.pop())
    }

    /// The newest, processed or not, only those of `source` if it is given. `before` selects those that were received before this one.
    pub(crate) async fn returned_mails_before(
        &mut self,
        source: Option<&str>,
        before: Option<ReturnedMailId>,
        limit: i64,
    ) -> Result<Vec<ListedMail>> {
        Ok(on!(
            self,
            all as ListedMail,
            "SELECT id, source, received_at, kind, effect, processed_at, note FROM returned_mails \
             WHERE ($1 = '' OR source = $1) AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            source.unwrap_or_default(),
            before,
            limit
        )?)
    }

    /// The mails whose ids are from `low` to `high`.
    pub(crate) async fn returned_mails_between(
        &mut self,
        low: ReturnedMailId,
        high: ReturnedMailId,
        limit: i64,
    ) -> Result<Vec<WholeMail>> {
        Ok(on!(
            self,
            all as WholeMail,
            "SELECT id, event_id, source, recipient, content, received_at, kind, effect, processed_at, note FROM returned_mails \
             WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3",
            low,
            high,
            limit
        )?)
    }

    /// What those of the given mails led to that are on record and were processed.
    pub(crate) async fn effects_of(&mut self, ids: &[ReturnedMailId]) -> Result<Vec<(ReturnedEffect, ReturnedKind)>> {
        Ok(select_over!(
            self,
            "SELECT effect, kind FROM returned_mails WHERE processed_at IS NOT NULL AND id IN (",
            ")",
            (ReturnedEffect, ReturnedKind),
            ids,
            |id| *id
        ))
    }

    /// Locks those of the given mails that still wait, until this transaction ends, and returns them. Another process that has read the
    /// same ones waits here, and then finds them processed.
    pub(crate) async fn lock_waiting_returned_mails(&mut self, ids: &[ReturnedMailId]) -> Result<Vec<ReturnedMailId>> {
        // Always in the same order, so that two processes cannot deadlock. SQLite has one writer at a time.
        let waiting = match self {
            Self::Sqlite(_) => select_over!(
                self,
                "SELECT id FROM returned_mails WHERE processed_at IS NULL AND id IN (",
                ") ORDER BY id",
                (ReturnedMailId,),
                ids,
                |id| *id
            ),
            Self::Postgres(_) => select_over!(
                self,
                "SELECT id FROM returned_mails WHERE processed_at IS NULL AND id IN (",
                ") ORDER BY id FOR UPDATE",
                (ReturnedMailId,),
                ids,
                |id| *id
            ),
        };
        Ok(waiting.into_iter().map(|(id,)| id).collect())
    }

    /// Notes that mails were processed, and what each of them led to. That belongs in the same transaction, which has locked the mails
    /// ([`Self::lock_waiting_returned_mails`]).
    pub(crate) async fn finish_returned_mails(&mut self, mails: &[ProcessedMail], now: DateTime<Utc>) -> Result<()> {
        over_values!(
            self,
            "WITH processed (id, kind, effect, note) AS (",
            ") UPDATE returned_mails SET processed_at = $1, kind = processed.kind, effect = processed.effect, note = processed.note \
             FROM processed WHERE returned_mails.id = processed.id",
            [now],
            mails,
            |mail| mail.id,
            mail.kind,
            mail.effect,
            &mail.note
        );
        // The recipient was erased since, and the content may still name them.
        for mail in mails {
            if mail.effect == ReturnedEffect::NotOnRecord && mail.kind != ReturnedKind::Unsubscribe {
                self.empty_returned_mail(mail.id).await?;
            }
        }
        Ok(())
    }

    /// Removes the content of at most `limit` mails that were processed before `before`, and returns how many. What they led to stays on
    /// record.
    pub(crate) async fn drop_returned_contents(&mut self, before: DateTime<Utc>, limit: i64) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE returned_mails SET content = $2 WHERE id IN (SELECT id FROM returned_mails \
             WHERE length(content) > 0 AND processed_at < $1 ORDER BY processed_at LIMIT $3) AND length(content) > 0",
            before,
            Vec::<u8>::new(),
            limit
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_mails_are_read_in_small_batches_and_each_is_read() {
        let large = MAX_BATCH_BYTES / 2;
        assert_eq!(fitting(&[(10,); 100]), 100);
        assert_eq!(fitting(&[(large,), (large,), (1,)]), 2);
        assert_eq!(fitting(&[(3 * large,), (1,)]), 1);
        assert_eq!(fitting(&[]), 1);
    }
}
