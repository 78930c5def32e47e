//! Mail that the built-in inbox took.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::CapturedMailId;

row! {
    /// A mail as it came over SMTP.
    #[derive(Clone)]
    pub struct CapturedMail {
        /// Its id.
        pub id: CapturedMailId,
        /// The envelope's sender; empty for none.
        pub return_path: String,
        /// The envelope's recipient.
        pub recipient: String,
        /// The message, byte for byte.
        pub message: Vec<u8>,
        /// When it was taken.
        pub received_at: DateTime<Utc>,
    }
}

impl Tx {
    /// Keeps a mail, and only the latest `keep` of them.
    pub async fn add_captured_mail(&mut self, mail: &CapturedMail, keep: i64) -> Result<()> {
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
            "DELETE FROM captured_mails WHERE received_at < (SELECT received_at FROM captured_mails \
             ORDER BY received_at DESC LIMIT 1 OFFSET $1)",
            keep
        )?;
        Ok(())
    }

    /// The latest mails, the newest first.
    pub async fn captured_mails(&mut self, limit: i64) -> Result<Vec<CapturedMail>> {
        Ok(on!(
            self,
            all as CapturedMail,
            "SELECT * FROM captured_mails ORDER BY received_at DESC, id DESC LIMIT $1",
            limit
        )?)
    }

    /// One mail.
    pub async fn captured_mail(&mut self, id: CapturedMailId) -> Result<Option<CapturedMail>> {
        Ok(on!(
            self,
            optional as CapturedMail,
            "SELECT * FROM captured_mails WHERE id = $1",
            id
        )?)
    }
}
