//! Moving what one subscriber has to another one, who takes over the address.
//!
//! The caller has locked both subscribers, and the newsletters of their subscriptions.

use super::{Result, Tx, on};
use crate::domain::ids::{SubscriberId, SubscriptionId};

impl Tx {
    /// Gives a subscription to another subscriber, who has none of its newsletter.
    pub(crate) async fn move_subscription(&mut self, id: SubscriptionId, to: SubscriberId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscriptions SET subscriber_id = $2 WHERE id = $1",
            id,
            to
        )?;
        Ok(())
    }

    /// Gives the record of consent, the confirmation links and the reasons for leaving of a subscription to another one, of the same
    /// person to the same newsletter.
    pub(crate) async fn take_consent_and_links(&mut self, from: SubscriptionId, to: SubscriptionId) -> Result<()> {
        for table in ["consent_records", "confirmation_tokens", "leaving_reasons"] {
            let sql = format!("UPDATE {table} SET subscription_id = $2 WHERE subscription_id = $1");
            on!(self, execute, sqlx::AssertSqlSafe(sql.as_str()), from, to)?;
        }
        Ok(())
    }

    /// Deletes a subscription that has ended and to which nothing refers.
    pub(crate) async fn delete_subscription(&mut self, id: SubscriptionId) -> Result<()> {
        on!(self, execute, "DELETE FROM subscriptions WHERE id = $1", id)?;
        Ok(())
    }

    /// Gives the mails and comments of a subscriber to another one, and deletes the subscriber, who has no subscription left.
    pub(crate) async fn delete_merged_subscriber(&mut self, merged: SubscriberId, into: SubscriberId) -> Result<()> {
        for table in ["transactional_mails", "comments"] {
            let sql = format!("UPDATE {table} SET subscriber_id = $2 WHERE subscriber_id = $1");
            on!(self, execute, sqlx::AssertSqlSafe(sql.as_str()), merged, into)?;
        }
        on!(
            self,
            execute,
            "DELETE FROM address_changes WHERE subscriber_id = $1",
            merged
        )?;
        on!(self, execute, "DELETE FROM subscribers WHERE id = $1", merged)?;
        Ok(())
    }
}
