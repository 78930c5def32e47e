//! When a subscriber was last welcomed to a newsletter.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};
use crate::domain::ids::SubscriptionId;

impl Tx {
    /// Records that a welcome mail is queued. Returns false, and records nothing, if one was queued after `last`.
    pub(crate) async fn begin_welcome(
        &mut self,
        id: SubscriptionId,
        last: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let begun = on!(
            self,
            execute,
            "UPDATE subscriptions SET welcomed_at = $3 WHERE id = $1 AND (welcomed_at IS NULL OR welcomed_at <= $2)",
            id,
            last,
            now
        )?;
        Ok(begun == 1)
    }

    /// Whether a welcome mail for a subscription was queued after `last`.
    pub(crate) async fn is_welcomed(&mut self, id: SubscriptionId, last: DateTime<Utc>) -> Result<bool> {
        let (is_welcomed,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE id = $1 AND welcomed_at > $2)",
            id,
            last
        )?;
        Ok(is_welcomed)
    }
}
