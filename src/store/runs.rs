//! Runs: the state of each due time of a newsletter. The primary key (newsletter, due time) lets one process claim a due time.

use chrono::{DateTime, Utc};

use super::issues::Issue;
use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::RunState;

row! {
    /// A due time and what became of it.
    #[derive(Clone, Debug)]
    pub struct Run {
        /// The due time that a process claimed.
        pub due_at: DateTime<Utc>,
        /// What became of it.
        pub state: RunState,
        /// Why the run made no issue.
        pub reason: Option<String>,
        /// The issue that the run made.
        pub issue_id: Option<IssueId>,
    }
}

impl Tx {
    /// Claims a due time for this process; returns false if another one has claimed it. If that one's transaction is still open,
    /// PostgreSQL waits for its end: after a rollback, this process gets the due time.
    pub(crate) async fn claim_run(
        &mut self,
        newsletter: NewsletterId,
        due_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let claimed = on!(
            self,
            execute,
            "INSERT INTO runs (newsletter_id, due_at, state, claimed_at) VALUES ($1, $2, 'claimed', $3) \
             ON CONFLICT (newsletter_id, due_at) DO NOTHING",
            newsletter,
            due_at,
            now
        )?;
        Ok(claimed == 1)
    }

    /// Whether a process has claimed this due time.
    pub(crate) async fn is_run_claimed(&mut self, newsletter: NewsletterId, due_at: DateTime<Utc>) -> Result<bool> {
        let (is_claimed,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM runs WHERE newsletter_id = $1 AND due_at = $2)",
            newsletter,
            due_at
        )?;
        Ok(is_claimed)
    }

    /// Records the state of a run that was claimed.
    pub(crate) async fn finish_run(
        &mut self,
        newsletter: NewsletterId,
        due_at: DateTime<Utc>,
        state: RunState,
        reason: Option<&str>,
        issue: Option<IssueId>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE runs SET state = $3, reason = $4, issue_id = $5 WHERE newsletter_id = $1 AND due_at = $2",
            newsletter,
            due_at,
            state,
            reason,
            issue
        )?;
        Ok(())
    }

    /// Records the state of the run that made an issue. Does nothing for an issue without a due time, and for an edition, which is part
    /// of its issue's run.
    pub(crate) async fn finish_run_of(&mut self, issue: &Issue, state: RunState, reason: Option<&str>) -> Result<()> {
        match issue.due_at {
            Some(due) if issue.edition_of.is_none() => {
                self.finish_run(issue.newsletter_id, due, state, reason, Some(issue.id))
                    .await
            }
            _ => Ok(()),
        }
    }

    /// The runs of a newsletter, latest first.
    pub async fn runs(&mut self, newsletter: NewsletterId, limit: i64) -> Result<Vec<Run>> {
        Ok(on!(
            self,
            all as Run,
            "SELECT due_at, state, reason, issue_id FROM runs WHERE newsletter_id = $1 ORDER BY due_at DESC LIMIT $2",
            newsletter,
            limit
        )?)
    }
}
