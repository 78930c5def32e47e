//! Issues of newsletters, and the editions of an issue, which are rows of the same table.
//!
//! HTML and text of an edition are stored as differences from those of its issue, because they share most of their content.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, EventSubject, Result, Tx, on, row};
use crate::domain::delta;
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::IssueState;
use crate::domain::webhook::WebhookEvent;

row! {
    /// An issue or edition with its content.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Issue {
        /// The internal id, which sorts by the time of creation.
        pub id: IssueId,
        /// The newsletter of which it is an issue.
        pub newsletter_id: NewsletterId,
        /// The number within the newsletter, from 1. Editions have the number of their issue.
        pub number: i64,
        /// The state of the issue or edition.
        pub state: IssueState,
        /// Why it is paused, held back, skipped or cancelled.
        pub reason: Option<String>,
        /// The subject of the mail.
        pub subject: String,
        /// The HTML, with a placeholder for the token of the recipient's links. [`Tx::issue`] returns it in full. [`Tx::add_issue`] expects
        /// that of an edition as a difference ([`delta`]) from the HTML of its issue.
        pub html: String,
        /// The plain text, with the same placeholder; of an edition in the same form as `html`.
        pub text: String,
        /// `Name <address>` as it was when the issue was compiled.
        pub sender: String,
        /// Articles that arrived at this time or later were considered.
        pub window_from: DateTime<Utc>,
        /// Articles that arrived at this time or later were not considered.
        pub window_to: DateTime<Utc>,
        /// The due time; `None` if it was made on demand.
        pub due_at: Option<DateTime<Utc>>,
        /// When it was compiled.
        pub created_at: DateTime<Utc>,
        /// When its recipients were frozen.
        pub started_at: Option<DateTime<Utc>>,
        /// When it ended: sent, skipped or cancelled.
        pub finished_at: Option<DateTime<Utc>>,
        /// When it was reopened after it had been sent.
        pub reopened_at: Option<DateTime<Utc>>,
        /// The number of recipients at the freeze; `None` before it.
        pub recipients: Option<i64>,
        /// 0 for the issue itself; others are editions of it.
        pub edition: i64,
        /// The issue of which it is an edition.
        pub edition_of: Option<IssueId>,
        /// What the edition's subscribers want, in words; empty for the issue itself.
        pub edition_name: String,
        /// Whether it is the weekly edition.
        pub weekly: bool,
        /// The number of changes to subject, HTML and text.
        pub revision: i64,
        /// The number of subscriber groups that want an edition and get the issue itself, because `digest.max_editions` is reached.
        pub groups_without_edition: i64,
    }
}

impl Issue {
    /// The time from which the age of its deliveries is counted, until they expire.
    #[must_use]
    pub(crate) fn waits_since(&self) -> Option<DateTime<Utc>> {
        self.reopened_at.or(self.started_at)
    }
}

impl Tx {
    /// Stores the number of subscriber groups that want an edition and get the issue itself.
    pub(crate) async fn set_groups_without_edition(&mut self, id: IssueId, groups: i64) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE issues SET groups_without_edition = $2 WHERE id = $1",
            id,
            groups
        )?;
        Ok(())
    }

    /// Adds a compiled draft, or an edition with its HTML and text as differences ([`delta`]) from those of its issue.
    pub(crate) async fn add_issue(&mut self, issue: &Issue) -> Result<()> {
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
        if issue.edition == 0 && issue.state == IssueState::Draft {
            let subject = EventSubject::Issue(issue.id);
            self.collect_event(WebhookEvent::IssueCompiled, issue.created_at, subject, Vec::new());
        }
        Ok(())
    }

    /// Stores why a draft is not sent although it is due.
    pub(crate) async fn hold_back_issue(&mut self, id: IssueId, reason: &str) -> Result<()> {
        on!(self, execute, "UPDATE issues SET reason = $2 WHERE id = $1", id, reason)?;
        Ok(())
    }

    /// Withdraws the approval of an issue; returns false if it was not approved.
    pub(crate) async fn withdraw_approval(&mut self, id: IssueId) -> Result<bool> {
        let withdrawn = on!(
            self,
            execute,
            "UPDATE issues SET state = 'draft' WHERE id = $1 AND state = 'approved'",
            id
        )?;
        Ok(withdrawn == 1)
    }

    /// Stores the changed content of a draft, which is no longer held back.
    pub(crate) async fn put_issue_content(&mut self, issue: &Issue) -> Result<()> {
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

    /// The issue or edition with this id.
    pub async fn issue(&mut self, id: IssueId) -> Result<Option<Issue>> {
        let row = on!(
            self,
            optional as Issue,
            concatcp!("SELECT ", Issue::COLUMNS, " FROM issues WHERE id = $1"),
            id
        )?;
        match row {
            Some(edition) if edition.edition_of.is_some() => self.decode_edition(edition).await.map(Some),
            issue => Ok(issue),
        }
    }

    /// Replaces the stored HTML and text of an edition, which are differences from those of its issue, by the full ones.
    async fn decode_edition(&mut self, mut edition: Issue) -> Result<Issue> {
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

    /// Locks an issue until this transaction ends, and reads it. Its newsletter is locked first, and the change is counted
    /// ([`Self::lock_and_count_change`]). Every transaction that locks both uses this order, so that two cannot deadlock.
    pub(crate) async fn lock_newsletter_and_issue(&mut self, id: IssueId) -> Result<Option<Issue>> {
        let Some(issue) = self.issue(id).await? else {
            return Ok(None);
        };
        self.lock_and_count_change(issue.newsletter_id).await?;
        on!(self, execute, "UPDATE issues SET state = state WHERE id = $1", id)?;
        self.issue(id).await
    }

    /// The highest number of an issue of a newsletter, and the end of that issue's window; `None` if it has no issue.
    pub(crate) async fn latest_number_and_window_end(
        &mut self,
        newsletter: NewsletterId,
    ) -> Result<Option<(i64, DateTime<Utc>)>> {
        Ok(on!(
            self,
            optional as (i64, DateTime<Utc>),
            "SELECT number, window_to FROM issues WHERE newsletter_id = $1 ORDER BY number DESC LIMIT 1",
            newsletter
        )?)
    }

    /// Changes the state of an issue; returns false, and changes nothing, if its state is not `from`. The change must be one that
    /// [`IssueState::allows`].
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
        if moved == 1
            && let Some(event) = WebhookEvent::of_issue(from, to)
        {
            self.collect_event(event, now, EventSubject::Issue(id), Vec::new());
        }
        Ok(moved == 1)
    }

    /// Notes that an issue is paused because the relay refuses most recipients. Returns false if that is on record. If two processes do
    /// it at once, this one statement decides which of them pauses the issue.
    pub(crate) async fn note_pause_for_refusals(&mut self, id: IssueId, now: DateTime<Utc>) -> Result<bool> {
        let noted = on!(
            self,
            execute,
            "UPDATE issues SET paused_for_refusals_at = $2 WHERE id = $1 AND paused_for_refusals_at IS NULL",
            id,
            now
        )?;
        Ok(noted == 1)
    }

    /// Whether an issue was paused because the relay refused most recipients.
    pub(crate) async fn was_paused_for_refusals(&mut self, id: IssueId) -> Result<bool> {
        let found = on!(
            self,
            optional as (bool,),
            "SELECT paused_for_refusals_at IS NOT NULL FROM issues WHERE id = $1",
            id
        )?;
        Ok(found.is_some_and(|(was_paused,)| was_paused))
    }

    /// Reopens an issue that was sent; returns false if its state is another one.
    pub(crate) async fn reopen_issue(&mut self, id: IssueId, now: DateTime<Utc>) -> Result<bool> {
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

    /// Locks an issue until this transaction ends: other transactions that lock or change it wait. Returns false if its state is not
    /// `state`.
    pub(crate) async fn lock_issue_in_state(&mut self, id: IssueId, state: IssueState) -> Result<bool> {
        let locked = on!(
            self,
            execute,
            "UPDATE issues SET state = state WHERE id = $1 AND state = $2",
            id,
            state
        )?;
        Ok(locked == 1)
    }

    /// Locks an issue until this transaction ends. Returns false if its content has changed since `revision`, or if it was cancelled or
    /// skipped. The issue may have been started: the articles that it does not contain are recorded page by page after it is stored.
    pub(crate) async fn lock_issue_at_revision(&mut self, id: IssueId, revision: i64) -> Result<bool> {
        let locked = on!(
            self,
            execute,
            "UPDATE issues SET state = state WHERE id = $1 AND revision = $2 AND state NOT IN ('cancelled', 'skipped')",
            id,
            revision
        )?;
        Ok(locked == 1)
    }

    /// The issues and editions that are being sent, oldest first, and when each was reopened.
    pub async fn issues_sending(&mut self) -> Result<Vec<(IssueId, Option<DateTime<Utc>>)>> {
        Ok(on!(
            self,
            all as (IssueId, Option<DateTime<Utc>>),
            "SELECT id, reopened_at FROM issues WHERE state = 'sending' ORDER BY started_at, id"
        )?)
    }

    /// The drafts of a newsletter whose due time has come, oldest first.
    pub(crate) async fn issues_due(
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

    /// The drafts of a newsletter that have considered articles, each with their number. A draft with corrections only is not among them.
    pub async fn drafts_with_articles(&mut self, newsletter: NewsletterId) -> Result<Vec<(IssueId, i64)>> {
        Ok(on!(
            self,
            all as (IssueId, i64),
            "SELECT i.id, COUNT(*) FROM issues i JOIN newsletter_articles na ON na.issue_id = i.id \
             WHERE i.newsletter_id = $1 AND i.state IN ('draft', 'approved') GROUP BY i.id, i.number ORDER BY i.number",
            newsletter
        )?)
    }
}
