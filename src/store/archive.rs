//! Past issues that the site shows: issues that were started, of public newsletters with an archive.
//!
//! A cancelled issue is shown only if a message of it may have reached a recipient. Editions are not shown, because the issue itself
//! has all that they contain.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row, select_over};
use crate::domain::ids::{IssueId, NewsletterId};

row! {
    /// A past issue in a list.
    #[derive(Clone, Debug)]
    pub struct PastIssue {
        /// The id of the issue.
        pub id: IssueId,
        /// The slug of its newsletter.
        pub newsletter_slug: String,
        /// The name of its newsletter.
        pub newsletter_name: String,
        /// The number of the issue.
        pub number: i64,
        /// The subject of its mail.
        pub subject: String,
        /// When its recipients were frozen.
        pub started_at: DateTime<Utc>,
    }
}

/// Selects [`PastIssue`]s, with further conditions and an order. Deliveries that were compacted are counted in `issue_totals`.
macro_rules! past_issues {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, n.slug AS newsletter_slug, n.name AS newsletter_name, i.number, i.subject, i.started_at \
             FROM issues i JOIN newsletters n ON n.id = i.newsletter_id \
             WHERE i.started_at IS NOT NULL AND i.edition = 0 AND n.archive AND n.public AND n.removed_at IS NULL \
             AND (i.state <> 'cancelled' OR EXISTS ( \
                 SELECT 1 FROM issues e WHERE (e.id = i.id OR e.edition_of = i.id) AND ( \
                     EXISTS (SELECT 1 FROM deliveries d WHERE d.issue_id = e.id \
                             AND d.state IN ('sending', 'accepted', 'in_doubt')) \
                     OR EXISTS (SELECT 1 FROM issue_totals t WHERE t.issue_id = e.id AND t.deliveries > 0 \
                                AND t.state IN ('accepted', 'in_doubt'))))) ",
            $rest
        )
    };
}

impl Tx {
    /// The past issues of one newsletter or of all, latest first: those before the issue `before`, or the first ones.
    pub(crate) async fn past_issues(
        &mut self,
        newsletter: Option<NewsletterId>,
        before: Option<IssueId>,
        limit: i64,
    ) -> Result<Vec<PastIssue>> {
        // Four texts and not one with `$2 IS NULL OR …`, so that each can use its index.
        macro_rules! page {
            ($condition:literal $(, $bind:expr)*) => {
                on!(
                    self,
                    all as PastIssue,
                    past_issues!($condition),
                    limit
                    $(, $bind)*
                )?
            };
        }
        Ok(match (newsletter, before) {
            (None, None) => page!("ORDER BY i.started_at DESC, i.id DESC LIMIT $1"),
            (Some(newsletter), None) => page!(
                "AND i.newsletter_id = $2 ORDER BY i.started_at DESC, i.id DESC LIMIT $1",
                newsletter
            ),
            (None, Some(before)) => page!(
                "AND (i.started_at, i.id) < (SELECT b.started_at, b.id FROM issues b WHERE b.id = $2) \
                 ORDER BY i.started_at DESC, i.id DESC LIMIT $1",
                before
            ),
            (Some(newsletter), Some(before)) => page!(
                "AND (i.started_at, i.id) < (SELECT b.started_at, b.id FROM issues b WHERE b.id = $2) \
                 AND i.newsletter_id = $3 ORDER BY i.started_at DESC, i.id DESC LIMIT $1",
                before,
                newsletter
            ),
        })
    }

    /// The past issues whose sending began from `from` until before `to`, in any order.
    pub(crate) async fn past_issues_between(
        &mut self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<PastIssue>> {
        Ok(on!(
            self,
            all as PastIssue,
            past_issues!("AND i.started_at >= $1 AND i.started_at < $2 LIMIT $3"),
            from,
            to,
            limit
        )?)
    }

    /// When the sending of the first past issue began; `None` without any.
    pub(crate) async fn first_past_issue(&mut self) -> Result<Option<DateTime<Utc>>> {
        let first = on!(
            self,
            optional as PastIssue,
            past_issues!("ORDER BY i.started_at, i.id LIMIT 1")
        )?;
        Ok(first.map(|issue| issue.started_at))
    }

    /// Those of the issues with these ids that are past issues, in any order.
    pub(crate) async fn past_issues_by_id(&mut self, ids: &[IssueId]) -> Result<Vec<PastIssue>> {
        Ok(select_over!(
            self,
            past_issues!("AND i.id IN ("),
            ")",
            PastIssue,
            ids,
            |id| *id
        ))
    }

    /// The past issue of a newsletter with this number.
    pub(crate) async fn past_issue(&mut self, newsletter: NewsletterId, number: i64) -> Result<Option<PastIssue>> {
        Ok(on!(
            self,
            optional as PastIssue,
            past_issues!("AND i.newsletter_id = $1 AND i.number = $2"),
            newsletter,
            number
        )?)
    }

    /// The past issues of a newsletter directly before and after this number.
    pub(crate) async fn adjacent_past_issues(
        &mut self,
        newsletter: NewsletterId,
        number: i64,
    ) -> Result<(Option<PastIssue>, Option<PastIssue>)> {
        let before = on!(
            self,
            optional as PastIssue,
            past_issues!("AND i.newsletter_id = $1 AND i.number < $2 ORDER BY i.number DESC LIMIT 1"),
            newsletter,
            number
        )?;
        let after = on!(
            self,
            optional as PastIssue,
            past_issues!("AND i.newsletter_id = $1 AND i.number > $2 ORDER BY i.number LIMIT 1"),
            newsletter,
            number
        )?;
        Ok((before, after))
    }
}
