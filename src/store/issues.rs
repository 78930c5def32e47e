//! Issues: one digest of one newsletter.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::delta;
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::IssueState;

row! {
    /// An issue with all it is made of.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Issue {
        /// Its id.
        pub id: IssueId,
        /// What it is an issue of.
        pub newsletter_id: NewsletterId,
        /// Counted from 1 within its newsletter.
        pub number: i64,
        /// Where it stands.
        pub state: IssueState,
        /// Why it is paused, skipped or cancelled.
        pub reason: Option<String>,
        /// The subject line.
        pub subject: String,
        /// The HTML, with a placeholder for the reader's link.
        pub html: String,
        /// The text, with the same placeholder.
        pub text: String,
        /// `Name <address>` as it was when the issue was compiled.
        pub sender: String,
        /// Articles from here on were considered.
        pub window_from: DateTime<Utc>,
        /// Articles from here on were not.
        pub window_to: DateTime<Utc>,
        /// The due time it was made for.
        pub due_at: Option<DateTime<Utc>>,
        /// When it was compiled.
        pub created_at: DateTime<Utc>,
        /// When its recipients were frozen.
        pub started_at: Option<DateTime<Utc>>,
        /// When the last of them was done with.
        pub finished_at: Option<DateTime<Utc>>,
        /// When it was taken up again after it had been sent.
        pub reopened_at: Option<DateTime<Utc>>,
        /// How many recipients were frozen, once they were.
        pub recipients: Option<i64>,
        /// 0 for the issue itself; others are editions of it.
        pub edition: i64,
        /// What it is an edition of.
        pub edition_of: Option<IssueId>,
        /// What operators know the edition by.
        pub edition_name: String,
        /// Whether it is the edition of the week's readers.
        pub weekly: bool,
        /// The number of changes to subject, HTML and text.
        pub revision: i64,
        /// Groups of readers that want an edition and get the issue itself, because `digest.max_editions` is reached.
        pub groups_without_edition: i64,
    }
}

impl Issue {
    /// Since when its mail waits to be sent: what the age at which it expires is counted from.
    #[must_use]
    pub fn waits_since(&self) -> Option<DateTime<Utc>> {
        self.reopened_at.or(self.started_at)
    }
}

impl Tx {
    /// Stores how many groups of readers want an edition and get the issue itself.
    pub async fn set_groups_without_edition(&mut self, id: IssueId, groups: i64) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE issues SET groups_without_edition = $2 WHERE id = $1",
            id,
            groups
        )?;
        Ok(())
    }

    /// Stores a compiled draft, or an edition with its HTML and text as differences ([`delta`]) from those of its issue.
    pub async fn add_issue(&mut self, issue: &Issue) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO issues (id, newsletter_id, number, state, subject, html, text, sender, window_from, \
             window_to, due_at, created_at, reason, finished_at, edition, edition_of, edition_name, weekly) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            issue.id,
            issue.newsletter_id,
            issue.number,
            issue.state,
            &issue.subject,
            &issue.html,
            &issue.text,
            &issue.sender,
            issue.window_from,
            issue.window_to,
            issue.due_at,
            issue.created_at,
            &issue.reason,
            issue.finished_at,
            issue.edition,
            issue.edition_of,
            &issue.edition_name,
            issue.weekly
        )?;
        Ok(())
    }

    /// Notes why a draft is not sent although it is due.
    pub async fn hold_back_issue(&mut self, id: IssueId, reason: &str) -> Result<()> {
        on!(self, execute, "UPDATE issues SET reason = $2 WHERE id = $1", id, reason)?;
        Ok(())
    }

    /// Withdraws the approval of an issue; false if it was not approved.
    pub async fn withdraw_approval(&mut self, id: IssueId) -> Result<bool> {
        let withdrawn = on!(
            self,
            execute,
            "UPDATE issues SET state = 'draft' WHERE id = $1 AND state = 'approved'",
            id
        )?;
        Ok(withdrawn == 1)
    }

    /// Stores what a draft says, changed: nothing holds it back any more.
    pub async fn put_issue_content(&mut self, issue: &Issue) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE issues SET subject = $2, html = $3, text = $4, reason = NULL, revision = revision + 1 WHERE id = $1",
            issue.id,
            &issue.subject,
            &issue.html,
            &issue.text
        )?;
        Ok(())
    }

    /// One issue.
    pub async fn issue(&mut self, id: IssueId) -> Result<Option<Issue>> {
        let row = on!(self, optional as Issue, "SELECT * FROM issues WHERE id = $1", id)?;
        match row {
            Some(edition) if edition.edition_of.is_some() => self.edition(edition).await.map(Some),
            issue => Ok(issue),
        }
    }

    /// An edition in its stored form: HTML and text are differences from those of its issue.
    async fn edition(&mut self, mut edition: Issue) -> Result<Issue> {
        let (html, text) = on!(
            self,
            one as (String, String),
            "SELECT html, text FROM issues WHERE id = $1",
            edition.edition_of
        )?;
        let (html, text) = (delta::decode(&html, &edition.html), delta::decode(&text, &edition.text));
        let (Some(html), Some(text)) = (html, text) else {
            let reason = format!(
                "the difference stored for edition {} does not fit its issue",
                edition.id
            );
            return Err(sqlx::Error::Decode(reason.into()).into());
        };
        (edition.html, edition.text) = (html, text);
        Ok(edition)
    }

    /// One issue, locked until this transaction ends. Its newsletter is locked first: every transaction that locks both uses this
    /// order, so that two transactions cannot deadlock.
    pub async fn locked_issue(&mut self, id: IssueId) -> Result<Option<Issue>> {
        let Some(issue) = self.issue(id).await? else {
            return Ok(None);
        };
        self.lock_newsletter(issue.newsletter_id).await?;
        on!(self, execute, "UPDATE issues SET state = state WHERE id = $1", id)?;
        self.issue(id).await
    }

    /// The latest issue of a newsletter: its number, and where its window ended.
    pub async fn latest_issue(&mut self, newsletter: NewsletterId) -> Result<Option<(i64, DateTime<Utc>)>> {
        Ok(on!(
            self,
            optional as (i64, DateTime<Utc>),
            "SELECT number, window_to FROM issues WHERE newsletter_id = $1 ORDER BY number DESC LIMIT 1",
            newsletter
        )?)
    }

    /// Moves an issue from one state to another; false when it was no longer in the first.
    ///
    /// The step must be one that [`IssueState::allows`].
    pub async fn move_issue(
        &mut self,
        id: IssueId,
        from: IssueState,
        to: IssueState,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        debug_assert!(from.allows(to), "{from} does not lead to {to}");
        let ends = matches!(to, IssueState::Sent | IssueState::Skipped | IssueState::Cancelled);
        let moved = on!(
            self,
            execute,
            "UPDATE issues SET state = $3, reason = $4, \
             started_at = CASE WHEN started_at IS NULL AND $3 = 'sending' THEN $5 ELSE started_at END, \
             finished_at = CASE WHEN $6 THEN $5 END WHERE id = $1 AND state = $2",
            id,
            from,
            to,
            reason,
            now,
            ends
        )?;
        Ok(moved == 1)
    }

    /// Takes an issue up again that was sent; false when it was not.
    pub async fn reopen_issue(&mut self, id: IssueId, now: DateTime<Utc>) -> Result<bool> {
        let reopened = self
            .move_issue(id, IssueState::Sent, IssueState::Sending, None, now)
            .await?;
        if reopened {
            on!(
                self,
                execute,
                "UPDATE issues SET reopened_at = $2 WHERE id = $1",
                id,
                now
            )?;
        }
        Ok(reopened)
    }

    /// Makes every other transaction that locks or moves the issue wait until this one ends. False when it is not in
    /// `state` any more.
    pub async fn lock_issue(&mut self, id: IssueId, state: IssueState) -> Result<bool> {
        let locked = on!(
            self,
            execute,
            "UPDATE issues SET state = state WHERE id = $1 AND state = $2",
            id,
            state
        )?;
        Ok(locked == 1)
    }

    /// [`Self::lock_issue`] for a draft whose text is unchanged since `revision`.
    pub async fn lock_issue_at(&mut self, id: IssueId, revision: i64) -> Result<bool> {
        let locked = on!(
            self,
            execute,
            "UPDATE issues SET state = state WHERE id = $1 AND revision = $2 AND state NOT IN ('cancelled', 'skipped')",
            id,
            revision
        )?;
        Ok(locked == 1)
    }

    /// Issues that are being sent, the oldest first, and when each was last taken up again.
    pub async fn issues_sending(&mut self) -> Result<Vec<(IssueId, Option<DateTime<Utc>>)>> {
        Ok(on!(
            self,
            all as (IssueId, Option<DateTime<Utc>>),
            "SELECT id, reopened_at FROM issues WHERE state = 'sending' ORDER BY started_at, id"
        )?)
    }

    /// Issues of a newsletter that were made for a due time that has come and are not begun, the oldest first.
    pub async fn issues_due(
        &mut self,
        newsletter: NewsletterId,
        now: DateTime<Utc>,
    ) -> Result<Vec<(IssueId, DateTime<Utc>)>> {
        Ok(on!(
            self,
            all as (IssueId, DateTime<Utc>),
            "SELECT id, due_at FROM issues WHERE newsletter_id = $1 AND state IN ('draft', 'approved') \
             AND edition = 0 AND due_at <= $2 ORDER BY due_at",
            newsletter,
            now
        )?)
    }

    /// Issues of a newsletter that were compiled and not begun, each with how many articles it holds.
    pub async fn drafts(&mut self, newsletter: NewsletterId) -> Result<Vec<(IssueId, i64)>> {
        Ok(on!(
            self,
            all as (IssueId, i64),
            "SELECT i.id, COUNT(*) FROM issues i JOIN newsletter_articles w ON w.issue_id = i.id \
             WHERE i.newsletter_id = $1 AND i.state IN ('draft', 'approved') GROUP BY i.id, i.number ORDER BY i.number",
            newsletter
        )?)
    }
}
