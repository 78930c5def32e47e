//! Notices that a relay refuses most recipients of an issue as unknown. Single refusals suppress their addresses. If nearly all are
//! refused, the cause is more likely the relay, such as a table of mailboxes that it cannot read.

use std::collections::VecDeque;

use uuid::Uuid;

use super::per_issue::PerIssue;
use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::store::StoreError;

/// So many refusals among twice as many recipients pause an issue: a tenth of its recipients, within these limits.
const MIN_REFUSALS: usize = 20;
const MAX_REFUSALS: usize = 100;

/// The latest recipients of every issue that this process sends.
#[derive(Debug, Default)]
pub(super) struct RecipientRefusals(PerIssue<Latest>);

#[derive(Debug, Default)]
struct Latest {
    /// Whether each of the latest recipients was refused. The oldest is first.
    refused: VecDeque<bool>,
    /// The number of refusals that pauses the issue, once it was needed. Recipients are frozen, so it stays the same.
    limit: Option<usize>,
}

impl RecipientRefusals {
    /// A message of the issue was accepted.
    pub(super) fn accepted(&self, issue: IssueId) {
        self.note(issue, false);
    }

    /// The relay refused a recipient as unknown, or for a similar permanent reason. Returns whether that makes too many.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn refused(&self, app: &App, issue: IssueId) -> Result<bool, StoreError> {
        self.note(issue, true);
        let (is_few, known) = self.0.with(issue, |latest| {
            (latest.refusals(MIN_REFUSALS) < MIN_REFUSALS, latest.limit)
        });
        if is_few && known.is_none() {
            return Ok(false);
        }
        let limit = match known {
            Some(limit) => limit,
            None => limit(app, issue).await?,
        };
        Ok(self.0.with(issue, |latest| {
            latest.limit = Some(limit);
            latest.refusals(limit) >= limit
        }))
    }

    /// Starts again, after the issue was paused.
    pub(super) fn reset(&self, issue: IssueId) {
        self.0.with(issue, |latest| *latest = Latest::default());
    }

    /// Forgets issues that are not being sent.
    pub(super) fn retain(&self, sending: &[IssueId]) {
        self.0.retain(sending);
    }

    fn note(&self, issue: IssueId, is_refused: bool) {
        self.0.with(issue, |latest| latest.note(is_refused));
    }
}

impl Latest {
    fn note(&mut self, is_refused: bool) {
        if self.refused.len() == 2 * MAX_REFUSALS {
            self.refused.pop_front();
        }
        self.refused.push_back(is_refused);
    }

    /// How many of the latest `2 * limit` recipients were refused.
    fn refusals(&self, limit: usize) -> usize {
        let latest = self.refused.iter().rev().take(2 * limit);
        latest.filter(|is_refused| **is_refused).count()
    }
}

async fn limit(app: &App, issue: IssueId) -> Result<usize, StoreError> {
    // More recipients do not change the result.
    let page = i64::try_from(10 * MAX_REFUSALS).unwrap_or(i64::MAX);
    let first = SubscriptionId(Uuid::nil());
    let recipients = app.store.read().await?.recipients_after(issue, first, page).await?;
    Ok((recipients.len() / 10).clamp(MIN_REFUSALS, MAX_REFUSALS))
}
