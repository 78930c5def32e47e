//! Mails that the built-in inbox received, because no relay is set.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::ids::CapturedMailId;

row! {
    /// A mail received over SMTP.
    #[derive(Clone)]
    pub struct CapturedMail {
        /// The id under which the inbox shows it.
        pub id: CapturedMailId,
        /// The return path of the envelope; empty for the null return path
        /// ([RFC 5321 §4.5.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.5)).
        pub return_path: String,
        /// The recipient of the envelope.
        pub recipient: String,
        /// The message as received.
        pub message: Vec<u8>,
        /// When the inbox received it.
        pub received_at: DateTime<Utc>,
    }
}

impl Tx {
    /// Adds a mail, and deletes all but the latest `keep`.
    pub(crate) async fn add_captured_mail(&mut self, mail: &CapturedMail, keep: i64) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO captured_mails (id, return_path, recipient, message, received_at) VALUES ($1, $2, $3, $4, $5)",
            mail.id,
            &mail.return_path,
            &mail.recipient,
            &mail.message,
            mail.received_at
        )?;
        on!(
            self,
            execute,
            "DELETE FROM captured_mails WHERE (received_at, id) <= (SELECT received_at, id FROM captured_mails \
             ORDER BY received_at DESC, id DESC LIMIT 1 OFFSET $1)",
            keep
        )?;
        Ok(())
    }

    /// The latest mails, newest first.
    pub(crate) async fn captured_mails(&mut self, limit: i64) -> Result<Vec<CapturedMail>> {
        Ok(on!(
            self,
            all as CapturedMail,
            concatcp!(
                "SELECT ",
                CapturedMail::COLUMNS,
                " FROM captured_mails ORDER BY received_at DESC, id DESC LIMIT $1"
            ),
            limit
        )?)
    }

    /// The mail with this id.
    pub(crate) async fn captured_mail(&mut self, id: CapturedMailId) -> Result<Option<CapturedMail>> {
        Ok(on!(
            self,
            optional as CapturedMail,
            concatcp!("SELECT ", CapturedMail::COLUMNS, " FROM captured_mails WHERE id = $1"),
            id
        )?)
    }
}
