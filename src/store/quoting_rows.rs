//! Rows that may quote a person: returned mail, mails of the built-in inbox, shared texts and mails to operators. An erasure searches them.

use super::{Result, Tx, on, row};
use crate::domain::ids::{CapturedMailId, ReturnedMailId};

row! {
    /// A returned mail whose recipient or content may name a person.
    #[derive(Clone, Debug)]
    pub(crate) struct ReturnedContent {
        pub(crate) id: ReturnedMailId,
        pub(crate) recipient: Option<String>,
        pub(crate) content: Vec<u8>,
        pub(crate) is_processed: bool,
    }
}

row! {
    /// A mail of the built-in inbox.
    #[derive(Clone, Debug)]
    pub(crate) struct CapturedContent {
        pub(crate) id: CapturedMailId,
        pub(crate) recipient: String,
        pub(crate) message: Vec<u8>,
    }
}

impl Tx {
    /// Returned mails that may name a person, page by page.
    pub(crate) async fn returned_contents_after(
        &mut self,
        after: ReturnedMailId,
        limit: i64,
    ) -> Result<Vec<ReturnedContent>> {
        Ok(on!(
            self,
            all as ReturnedContent,
            "SELECT id, recipient, content, processed_at IS NOT NULL AS is_processed FROM returned_mails \
             WHERE id > $1 AND (recipient IS NOT NULL OR length(content) > 0) ORDER BY id LIMIT $2",
            after,
            limit
        )?)
    }

    /// Removes recipient and content of a returned mail that was processed.
    pub(crate) async fn empty_returned_mail(&mut self, id: ReturnedMailId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE returned_mails SET content = $2, recipient = NULL, event_id = NULL WHERE id = $1 AND processed_at IS NOT NULL",
            id,
            Vec::<u8>::new()
        )?;
        Ok(())
    }

    /// Mails of the built-in inbox, page by page.
    pub(crate) async fn captured_contents_after(
        &mut self,
        after: CapturedMailId,
        limit: i64,
    ) -> Result<Vec<CapturedContent>> {
        Ok(on!(
            self,
            all as CapturedContent,
            "SELECT id, recipient, message FROM captured_mails WHERE id > $1 ORDER BY id LIMIT $2",
            after,
            limit
        )?)
    }

    pub(crate) async fn delete_captured_mail(&mut self, id: CapturedMailId) -> Result<()> {
        on!(self, execute, "DELETE FROM captured_mails WHERE id = $1", id)?;
        Ok(())
    }

    /// Shared texts that contain `part`, which is in lower case, with their hashes. The words of a form of another program may name the
    /// person who signed up.
    pub(crate) async fn texts_with(&mut self, part: &str) -> Result<Vec<(Vec<u8>, String)>> {
        Ok(on!(
            self,
            all as (Vec<u8>, String),
            "SELECT hash, body FROM texts WHERE REPLACE(LOWER(body), $1, '') <> LOWER(body)",
            part
        )?)
    }

    /// Replaces a shared text. Rows of others that refer to it show it without the erased person.
    pub(crate) async fn replace_text(&mut self, hash: &[u8], body: &str) -> Result<()> {
        on!(self, execute, "UPDATE texts SET body = $2 WHERE hash = $1", hash, body)?;
        Ok(())
    }

    /// Deletes mails to operators that have ended, if this address was the operator's. Waiting ones are still sent.
    pub(crate) async fn delete_operator_mails_to(&mut self, recipient: &str) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM transactional_mails WHERE subscriber_id IS NULL AND LOWER(recipient) = $1 \
             AND state NOT IN ('queued', 'deferred', 'sending')",
            recipient
        )?;
        Ok(())
    }
}
