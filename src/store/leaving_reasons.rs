//! Why subscribers left, if they said so.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::collected_counts::day;
use super::{Result, Tx, on};
use crate::domain::counted::LeavingReason;
use crate::domain::ids::SubscriptionId;

/// A reason to be stored.
#[derive(Debug)]
pub(crate) struct NewLeavingReason<'a> {
    pub(crate) id: Uuid,
    pub(crate) subscription: SubscriptionId,
    /// When the subscription ended, in whole seconds.
    pub(crate) ended_at: DateTime<Utc>,
    pub(crate) reason: LeavingReason,
    /// The subscriber's own words; may be empty.
    pub(crate) note: &'a str,
}

impl Tx {
    /// Stores why a subscriber left, or replaces what was stored for the same end of the subscription. Returns false, and stores nothing,
    /// if the subscription has not ended at that time.
    pub(crate) async fn add_leaving_reason(&mut self, new: &NewLeavingReason<'_>) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO leaving_reasons (id, newsletter_id, subscription_id, ended_at, day, reason, note) \
             SELECT $1, newsletter_id, id, ended_at, $4, $5, $6 FROM subscriptions \
             WHERE id = $2 AND state = 'unsubscribed' AND ended_at >= $3 AND ended_at < $7 \
             ON CONFLICT (subscription_id, ended_at) DO UPDATE SET reason = excluded.reason, note = excluded.note",
            new.id,
            new.subscription,
            new.ended_at,
            day(new.ended_at),
            new.reason,
            new.note,
            new.ended_at + TimeDelta::seconds(1)
        )?;
        Ok(added == 1)
    }

    /// Deletes the reason for an end of a subscription that is undone.
    pub(crate) async fn delete_leaving_reason(
        &mut self,
        subscription: SubscriptionId,
        ended_at: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM leaving_reasons WHERE subscription_id = $1 AND ended_at >= $2 AND ended_at < $3",
            subscription,
            ended_at,
            ended_at + TimeDelta::seconds(1)
        )?;
        Ok(())
    }
}
