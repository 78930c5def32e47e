//! Editions: variants of an issue for subscribers with other preferences. Each is a row of `issues`, with `edition_of` set.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Result, Tx, insert, on, row};
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::IssueState;

row! {
    /// An edition in a list.
    #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
    pub struct Edition {
        /// Its id as an issue.
        pub id: IssueId,
        /// The column `edition`: its number among the issue's editions, from 1. The column `number` is that of the issue.
        pub number: i64,
        /// The column `edition_name`: what its subscribers want, in words.
        #[serde(rename = "edition")]
        pub name: String,
        /// Its state as an issue.
        pub state: IssueState,
        /// The number of its recipients; `None` before they are frozen.
        pub recipients: Option<i64>,
    }
}

/// The hash of an edition's content, by which an approval names it.
pub(crate) type EditionContent = [u8; 32];

impl Tx {
    /// Replaces the editions that are approved with an issue.
    pub(crate) async fn approve_editions(&mut self, issue: IssueId, contents: &[EditionContent]) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM approved_editions WHERE issue_id = $1",
            issue
        )?;
        insert!(
            self,
            "approved_editions (issue_id, content)",
            contents,
            |content| issue,
            &content[..]
        );
        Ok(())
    }

    /// The editions that were approved with an issue.
    pub(crate) async fn approved_editions(&mut self, issue: IssueId) -> Result<HashSet<Vec<u8>>> {
        let rows = on!(
            self,
            all as (Vec<u8>,),
            "SELECT content FROM approved_editions WHERE issue_id = $1",
            issue
        )?;
        Ok(rows.into_iter().map(|(content,)| content).collect())
    }

    /// The editions of an issue.
    pub async fn editions_of(&mut self, issue: IssueId) -> Result<Vec<Edition>> {
        Ok(on!(
            self,
            all as Edition,
            "SELECT id, edition AS number, edition_name AS name, state, recipients FROM issues WHERE edition_of = $1 ORDER BY edition",
            issue
        )?)
    }

    /// The states of an issue and its editions; empty if the issue does not exist.
    pub(crate) async fn issue_states(&mut self, issue: IssueId) -> Result<Vec<IssueState>> {
        let states = on!(
            self,
            all as (IssueState,),
            "SELECT state FROM issues WHERE id = $1 OR edition_of = $1 ORDER BY edition",
            issue
        )?;
        Ok(states.into_iter().map(|(state,)| state).collect())
    }

    /// The last issue before `number` that had a weekly edition: when it was due, and its number.
    pub(crate) async fn last_weekly(
        &mut self,
        newsletter: NewsletterId,
        number: i64,
    ) -> Result<Option<(DateTime<Utc>, i64)>> {
        Ok(on!(
            self,
            optional as (DateTime<Utc>, i64),
            "SELECT COALESCE(due_at, window_to), number FROM issues WHERE newsletter_id = $1 AND number < $2 \
             AND weekly AND state <> 'cancelled' ORDER BY number DESC LIMIT 1",
            newsletter,
            number
        )?)
    }

    /// The number of the first issue of a newsletter that was started at `since` or later.
    pub(crate) async fn first_started_since(
        &mut self,
        newsletter: NewsletterId,
        since: DateTime<Utc>,
    ) -> Result<Option<i64>> {
        let (first,) = on!(
            self,
            one as (Option<i64>,),
            "SELECT MIN(number) FROM issues WHERE newsletter_id = $1 AND edition = 0 AND started_at >= $2",
            newsletter,
            since
        )?;
        Ok(first)
    }
}
