//! Runs: what became of each due time of a newsletter.

use chrono::{DateTime, Utc};

use super::issues::Issue;
use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::RunState;

row! {
    /// One due time and its outcome.
    #[derive(Clone, Debug)]
    pub struct Run {
        /// When it was due.
        pub due_at: DateTime<Utc>,
        /// What became of it.
        pub outcome: RunState,
        /// Why there is no issue.
        pub reason: Option<String>,
        /// The issue it made.
        pub issue_id: Option<IssueId>,
    }
}

impl Tx {
    /// Takes a due time for this process; false when another one has it already. On PostgreSQL it waits until that
    /// other one has committed or given up.
    pub async fn claim_run(
        &mut self,
        newsletter: NewsletterId,
        due_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let taken = on!(
            self,
            execute,
            "INSERT INTO runs (newsletter_id, due_at, outcome, made_at) VALUES ($1, $2, 'taken', $3) \
             ON CONFLICT (newsletter_id, due_at) DO NOTHING",
            newsletter,
            due_at,
            now
        )?;
        Ok(taken == 1)
    }

    /// Whether a process has recorded a run for this due time, or is making it.
    pub async fn has_run(&mut self, newsletter: NewsletterId, due_at: DateTime<Utc>) -> Result<bool> {
        let (known,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM runs WHERE newsletter_id = $1 AND due_at = $2)",
            newsletter,
            due_at
        )?;
        Ok(known)
    }

    /// Says what became of a run.
    pub async fn finish_run(
        &mut self,
        newsletter: NewsletterId,
        due_at: DateTime<Utc>,
        outcome: RunState,
        reason: Option<&str>,
        issue: Option<IssueId>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE runs SET outcome = $3, reason = $4, issue_id = $5 WHERE newsletter_id = $1 AND due_at = $2",
            newsletter,
            due_at,
            outcome,
            reason,
            issue
        )?;
        Ok(())
    }

    /// Says what became of the run that an issue was made for, if it was made for one. An edition is part of its issue's.
    pub async fn finish_run_of(&mut self, issue: &Issue, outcome: RunState, reason: Option<&str>) -> Result<()> {
        match issue.due_at {
            Some(due) if issue.edition_of.is_none() => {
                self.finish_run(issue.newsletter_id, due, outcome, reason, Some(issue.id))
                    .await
            }
            _ => Ok(()),
        }
    }

    /// A newsletter's runs, the latest first.
    pub async fn runs(&mut self, newsletter: NewsletterId, limit: i64) -> Result<Vec<Run>> {
        Ok(on!(
            self,
            all as Run,
            "SELECT due_at, outcome, reason, issue_id FROM runs WHERE newsletter_id = $1 ORDER BY due_at DESC LIMIT $2",
            newsletter,
            limit
        )?)
    }
}
