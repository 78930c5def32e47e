//! Lists of issues, and the names by which operators refer to them.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::{Approval, IssueState};
use crate::domain::time_zone::TimeZone;

row! {
    /// An issue in a list.
    #[derive(Clone, Debug)]
    pub struct IssueSummary {
        /// The id of the issue or edition.
        pub id: IssueId,
        /// The slug of its newsletter.
        pub newsletter_slug: String,
        /// The number within the newsletter, from 1.
        pub number: i64,
        /// 0 for the issue itself; others are editions of it.
        pub edition: i64,
        /// What an edition's subscribers want, in words; empty for the issue itself.
        pub edition_name: String,
        /// The state of the issue or edition.
        pub state: IssueState,
        /// The subject of its mail.
        pub subject: String,
        /// When it was compiled.
        pub created_at: DateTime<Utc>,
    }
}

row! {
    /// An issue that is compiled and not sent yet, in a list.
    #[derive(Clone, Debug)]
    pub(crate) struct DraftSummary {
        pub(crate) newsletter_slug: String,
        pub(crate) newsletter_name: String,
        pub(crate) timezone: TimeZone,
        pub(crate) approval: Approval,
        pub(crate) number: i64,
        /// It is a draft, or approved.
        pub(crate) state: IssueState,
        /// Why it is held back.
        pub(crate) reason: Option<String>,
        pub(crate) subject: String,
        /// `None` if it was made on demand.
        pub(crate) due_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// An issue that is compiled and not sent yet, in the API's list.
    #[derive(Clone, Debug)]
    pub(crate) struct ListedDraft {
        pub(crate) id: IssueId,
        pub(crate) newsletter_slug: String,
        pub(crate) number: i64,
        /// It is a draft, or approved.
        pub(crate) state: IssueState,
        /// Why it is held back.
        pub(crate) reason: Option<String>,
        pub(crate) subject: String,
        /// `None` if it was made on demand.
        pub(crate) due_at: Option<DateTime<Utc>>,
        pub(crate) created_at: DateTime<Utc>,
    }
}

row! {
    /// An issue that was sent, is being sent, or ended without being sent.
    #[derive(Clone, Debug)]
    pub(crate) struct StartedIssue {
        pub(crate) id: IssueId,
        pub(crate) newsletter_slug: String,
        pub(crate) newsletter_name: String,
        pub(crate) timezone: TimeZone,
        pub(crate) number: i64,
        pub(crate) state: IssueState,
        pub(crate) reason: Option<String>,
        pub(crate) subject: String,
        pub(crate) created_at: DateTime<Utc>,
        /// `None` if it ended without being sent.
        pub(crate) started_at: Option<DateTime<Utc>>,
        /// The recipients of the issue and its editions.
        pub(crate) recipients: i64,
    }
}

impl IssueSummary {
    /// The name of the issue, as [`issue_name`] writes it.
    #[must_use]
    pub fn name(&self) -> String {
        issue_name(&self.newsletter_slug, self.number, self.edition)
    }
}

/// The name of an issue: `morning/7`, and `morning/7/2` for an edition. Commands accept it in place of the id.
#[must_use]
pub(crate) fn issue_name(newsletter_slug: &str, number: i64, edition: i64) -> String {
    match edition {
        0 => format!("{newsletter_slug}/{number}"),
        edition => format!("{newsletter_slug}/{number}/{edition}"),
    }
}

/// Selects at most `$1` [`IssueSummary`]s by a condition, latest first.
macro_rules! issues_where {
    ($condition:literal) => {
        concat!(
            "SELECT i.id, n.slug AS newsletter_slug, i.number, i.edition, i.edition_name, i.state, i.subject, i.created_at \
             FROM issues i JOIN newsletters n ON n.id = i.newsletter_id WHERE ",
            $condition,
            " ORDER BY i.created_at DESC, i.number DESC, i.edition LIMIT $1"
        )
    };
}

/// Selects [`StartedIssue`]s by a condition, the latest first, at most as many as the named parameter says.
macro_rules! started_issues_where {
    ($condition:literal, $limit:literal) => {
        concat!(
            "SELECT i.id, n.slug AS newsletter_slug, n.name AS newsletter_name, n.timezone, i.number, i.state, i.reason, \
             i.subject, i.created_at, i.started_at, \
             CAST(COALESCE(i.recipients, 0) + COALESCE((SELECT SUM(e.recipients) FROM issues e WHERE e.edition_of = i.id), 0) \
             AS BIGINT) AS recipients FROM issues i JOIN newsletters n ON n.id = i.newsletter_id WHERE i.edition = 0 AND (",
            $condition,
            ") ORDER BY i.id DESC LIMIT ",
            $limit
        )
    };
}

impl Tx {
    /// The issues that are compiled and not sent yet, those that are due first before the others.
    pub(crate) async fn open_drafts(&mut self, limit: i64) -> Result<Vec<DraftSummary>> {
        Ok(on!(
            self,
            all as DraftSummary,
            "SELECT n.slug AS newsletter_slug, n.name AS newsletter_name, n.timezone, n.approval, i.number, i.state, i.reason, \
             i.subject, i.due_at FROM issues i JOIN newsletters n ON n.id = i.newsletter_id \
             WHERE i.state IN ('draft', 'approved') AND i.edition = 0 \
             ORDER BY CASE WHEN i.due_at IS NULL THEN 1 ELSE 0 END, i.due_at, i.created_at, i.id LIMIT $1",
            limit
        )?)
    }

    /// The issues that are compiled and not sent yet, the latest first. `before` selects those that were compiled before this issue.
    pub(crate) async fn drafts_before(&mut self, before: Option<IssueId>, limit: i64) -> Result<Vec<ListedDraft>> {
        Ok(on!(
            self,
            all as ListedDraft,
            // Ids sort by the time of creation.
            "SELECT i.id, n.slug AS newsletter_slug, i.number, i.state, i.reason, i.subject, i.due_at, i.created_at \
             FROM issues i JOIN newsletters n ON n.id = i.newsletter_id \
             WHERE i.state IN ('draft', 'approved') AND i.edition = 0 AND ($1 IS NULL OR i.id < $1) ORDER BY i.id DESC LIMIT $2",
            before,
            limit
        )?)
    }

    /// The issues that are paused, or that have a paused edition, the latest first.
    pub(crate) async fn paused_issues(&mut self, limit: i64) -> Result<Vec<StartedIssue>> {
        Ok(on!(
            self,
            all as StartedIssue,
            started_issues_where!(
                "i.state = 'paused' OR EXISTS (SELECT 1 FROM issues e WHERE e.edition_of = i.id AND e.state = 'paused')",
                "$1"
            ),
            limit
        )?)
    }

    /// The issues that are no drafts any more, the latest first. `before` selects those that were compiled before this issue.
    pub(crate) async fn started_issues(&mut self, before: Option<IssueId>, limit: i64) -> Result<Vec<StartedIssue>> {
        Ok(on!(
            self,
            all as StartedIssue,
            // Ids sort by the time of creation.
            started_issues_where!(
                "i.state NOT IN ('draft', 'approved') AND ($1 IS NULL OR i.id < $1)",
                "$2"
            ),
            before,
            limit
        )?)
    }

    /// The latest issues, of one newsletter or of all.
    pub async fn issues(&mut self, newsletter: Option<NewsletterId>, limit: i64) -> Result<Vec<IssueSummary>> {
        Ok(match newsletter {
            Some(id) => on!(
                self,
                all as IssueSummary,
                issues_where!("i.newsletter_id = $2"),
                limit,
                id
            )?,
            None => on!(self, all as IssueSummary, issues_where!("TRUE"), limit)?,
        })
    }

    /// The issue with the latest `created_at`, of one newsletter or of all. Editions are ignored.
    pub async fn last_compiled_issue(&mut self, newsletter: Option<NewsletterId>) -> Result<Option<IssueSummary>> {
        Ok(match newsletter {
            Some(id) => on!(
                self,
                optional as IssueSummary,
                issues_where!("i.newsletter_id = $2 AND i.edition = 0"),
                1_i64,
                id
            )?,
            None => on!(self, optional as IssueSummary, issues_where!("i.edition = 0"), 1_i64)?,
        })
    }

    /// The issues with this number, of one newsletter or of all: at most one for each newsletter.
    pub(crate) async fn issues_numbered(
        &mut self,
        newsletter: Option<NewsletterId>,
        number: i64,
        edition: i64,
    ) -> Result<Vec<IssueSummary>> {
        let limit = 100_i64;
        Ok(match newsletter {
            Some(id) => on!(
                self,
                all as IssueSummary,
                issues_where!("i.number = $2 AND i.edition = $3 AND i.newsletter_id = $4"),
                limit,
                number,
                edition,
                id
            )?,
            None => on!(
                self,
                all as IssueSummary,
                issues_where!("i.number = $2 AND i.edition = $3"),
                limit,
                number,
                edition
            )?,
        })
    }

    /// The issues and editions of a newsletter that have not ended, latest first.
    pub(crate) async fn unfinished_issues(&mut self, newsletter: NewsletterId) -> Result<Vec<IssueSummary>> {
        Ok(on!(
            self,
            all as IssueSummary,
            issues_where!("i.newsletter_id = $2 AND i.state IN ('draft', 'approved', 'sending', 'paused')"),
            i64::MAX,
            newsletter
        )?)
    }

    /// Issues and editions whose ids are from `low` to `high`.
    pub(crate) async fn issues_between(
        &mut self,
        low: IssueId,
        high: IssueId,
        limit: i64,
    ) -> Result<Vec<IssueSummary>> {
        Ok(on!(
            self,
            all as IssueSummary,
            issues_where!("i.id >= $2 AND i.id <= $3"),
            limit,
            low,
            high
        )?)
    }

    /// The name of an issue, as [`issue_name`] writes it; the id if there is no such issue.
    pub(crate) async fn issue_name(&mut self, id: IssueId) -> Result<String> {
        let found = self.issues_between(id, id, 1).await?;
        Ok(found.first().map_or_else(|| id.to_string(), IssueSummary::name))
    }
}
