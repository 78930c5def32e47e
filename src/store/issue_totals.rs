//! Compaction of the deliveries of issues that ended long ago. One transaction counts the rows of each state in `issue_totals` and deletes
//! them. The delivery report adds these counts to the rows that are left.
//!
//! Deliveries in doubt are compacted like final ones: an operator who has not resolved them until then will not. The report continues to
//! count them as in doubt.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::counted::CountedEvent;
use crate::domain::ids::{IssueId, NewsletterId, SubscriptionId};
use crate::domain::states::DeliveryState;

row! {
    /// A delivery whose row was deleted.
    struct CompactedRow {
        subscription_id: SubscriptionId,
        state: DeliveryState,
        updated_at: DateTime<Utc>,
    }
}

impl Tx {
    /// Issues that ended before `before` and still have rows to compact, oldest first.
    pub(crate) async fn issues_to_compact(&mut self, before: DateTime<Utc>) -> Result<Vec<IssueId>> {
        let rows = on!(
            self,
            all as (IssueId,),
            "SELECT id FROM issues WHERE state IN ('sent', 'cancelled') AND finished_at < $1 AND EXISTS \
             (SELECT 1 FROM deliveries WHERE issue_id = issues.id AND state NOT IN ('queued', 'deferred', 'sending')) \
             ORDER BY finished_at, id",
            before
        )?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Counts at most `limit` deliveries of an issue that ended before `before`, in the order of their subscriptions after `after`,
    /// and deletes their rows. A row that is open although its issue has ended stays, so that the delivery report shows the fault.
    /// Returns how many rows were compacted, and the last subscription; `None` if no row was compacted.
    pub async fn compact_deliveries(
        &mut self,
        issue: IssueId,
        before: DateTime<Utc>,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<(u64, Option<SubscriptionId>)> {
        // Locks the issue's row: another process that compacts it waits, and no operator can reopen it meanwhile.
        let ended = on!(
            self,
            optional as (NewsletterId,),
            "UPDATE issues SET state = state WHERE id = $1 AND state IN ('sent', 'cancelled') AND finished_at < $2 \
             RETURNING newsletter_id",
            issue,
            before
        )?;
        let Some((newsletter,)) = ended else {
            return Ok((0, None));
        };
        let compacted = on!(
            self,
            all as CompactedRow,
            "DELETE FROM deliveries WHERE issue_id = $1 AND subscription_id IN (SELECT subscription_id FROM deliveries \
             WHERE issue_id = $1 AND subscription_id > $2 AND state NOT IN ('queued', 'deferred', 'sending') \
             ORDER BY subscription_id LIMIT $3) RETURNING subscription_id, state, updated_at",
            issue,
            after,
            limit
        )?;
        let accepted = || compacted.iter().filter(|row| row.state == DeliveryState::Accepted);
        for row in accepted() {
            self.count_event(Some(newsletter), CountedEvent::Delivered, 1, row.updated_at);
        }
        let accepted: Vec<_> = accepted().map(|row| row.subscription_id).collect();
        self.keep_acceptances(issue, &accepted).await?;
        let mut counts: BTreeMap<DeliveryState, i64> = BTreeMap::new();
        for row in &compacted {
            *counts.entry(row.state).or_default() += 1;
        }
        for (state, count) in counts {
            on!(
                self,
                execute,
                "INSERT INTO issue_totals (issue_id, state, deliveries) VALUES ($1, $2, $3) \
                 ON CONFLICT (issue_id, state) DO UPDATE SET deliveries = issue_totals.deliveries + $3",
                issue,
                state,
                count
            )?;
        }
        let last = compacted.iter().map(|row| row.subscription_id).max();
        Ok((u64::try_from(compacted.len()).unwrap_or(u64::MAX), last))
    }

    /// How many deliveries of an issue were compacted, for each state.
    pub(crate) async fn compacted_deliveries(&mut self, issue: IssueId) -> Result<Vec<(DeliveryState, i64)>> {
        Ok(on!(
            self,
            all as (DeliveryState, i64),
            "SELECT state, deliveries FROM issue_totals WHERE issue_id = $1 ORDER BY state",
            issue
        )?)
    }
}
