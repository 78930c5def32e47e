//! Editions: variants of an issue for subscribers with other preferences. Each is a row of `issues`, with `edition_of` set.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
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

impl Tx {
    /// The editions of an issue.
    pub async fn editions_of(&mut self, issue: IssueId) -> Result<Vec<Edition>> {
        Ok(on!(
            self,
            all as Edition,
            "SELECT id, edition AS number, edition_name AS name, state, recipients FROM issues WHERE edition_of = $1 ORDER BY edition",
            issue
        )?)
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
