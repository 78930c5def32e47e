//! How much mail was stored for each recipient of our messages, by day. A person who knows the tag of one message could fill the disk
//! otherwise.

use super::{Result, Tx, on};

impl Tx {
    /// Adds a mail to what was stored for a recipient on a day. Returns how many mails and bytes that makes.
    pub(crate) async fn add_to_intake_budget(&mut self, recipient: &str, day: &str, bytes: i64) -> Result<(i64, i64)> {
        Ok(on!(
            self,
            one as (i64, i64),
            "INSERT INTO intake_budgets AS used (recipient, day, mails, bytes) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (recipient, day) DO UPDATE SET mails = used.mails + 1, bytes = used.bytes + excluded.bytes \
             RETURNING mails, bytes",
            recipient,
            day,
            bytes
        )?)
    }

    /// Forgets at most `limit` rows of days before `day`, and returns how many.
    pub(crate) async fn forget_intake_budgets(&mut self, day: &str, limit: i64) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM intake_budgets WHERE (recipient, day) IN \
             (SELECT recipient, day FROM intake_budgets WHERE day < $1 LIMIT $2)",
            day,
            limit
        )?)
    }
}
