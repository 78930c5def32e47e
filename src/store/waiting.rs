//! What waits in the database, for the page `/metrics`. Each statement counts rows by an index that has only rows that wait.

use chrono::{DateTime, Utc};

use super::{Result, Store, Tx, on, row};
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::metrics::{Feeds, Pool, Queue, Waiting};

row! {
    /// An issue or edition that is being sent or paused.
    #[derive(Clone, Debug)]
    pub(crate) struct IssueInDelivery {
        /// The issue, or the issue of which it is an edition.
        pub(crate) issue_id: IssueId,
        pub(crate) newsletter_slug: String,
        pub(crate) number: i64,
        pub(crate) state: IssueState,
    }
}

impl Store {
    /// The connections of this process.
    pub(crate) fn pools(&self) -> Vec<Pool> {
        fn of<DB: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<DB>) -> Pool {
            Pool {
                name,
                open: pool.size(),
                idle: pool.num_idle(),
                max: pool.options().get_max_connections(),
            }
        }
        match self {
            Self::Sqlite { write, read, .. } => vec![of("write", write), of("read", read)],
            Self::Postgres(cluster) => vec![of("all", &cluster.pool())],
        }
    }
}

impl Tx {
    /// The issues and editions that are being sent or paused.
    pub(crate) async fn issues_in_delivery(&mut self) -> Result<Vec<IssueInDelivery>> {
        Ok(on!(
            self,
            all as IssueInDelivery,
            "SELECT COALESCE(i.edition_of, i.id) AS issue_id, n.slug AS newsletter_slug, i.number, i.state \
             FROM issues i JOIN newsletters n ON n.id = i.newsletter_id \
             WHERE i.state IN ('sending', 'paused', 'cancelled') AND i.state <> 'cancelled' ORDER BY i.id"
        )?)
    }

    /// What waits in the whole database at `now`, besides `issues`.
    pub(crate) async fn waiting(&mut self, issues: &[IssueInDelivery], now: DateTime<Utc>) -> Result<Waiting> {
        let of_state = |state| {
            let count = issues.iter().filter(|issue| issue.state == state).count();
            (state.as_str(), i64::try_from(count).unwrap_or(i64::MAX))
        };
        let (overdue_drafts,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM issues WHERE state IN ('draft', 'approved') AND due_at <= $1",
            now
        )?;
        let mails = on!(
            self,
            one as (i64, Option<DateTime<Utc>>),
            "SELECT COUNT(*), MIN(created_at) FROM transactional_mails WHERE state IN ('queued', 'deferred')"
        )?;
        let returned = on!(
            self,
            one as (i64, Option<DateTime<Utc>>),
            "SELECT COUNT(*), MIN(received_at) FROM returned_mails WHERE processed_at IS NULL"
        )?;
        let (webhook_messages,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM webhook_messages WHERE state = 'waiting'"
        )?;
        let (all, failing, gone) = on!(
            self,
            one as (i64, i64, i64),
            "SELECT COUNT(*), COUNT(CASE WHEN NOT f.gone AND f.failing_since IS NOT NULL THEN 1 END), \
             COUNT(CASE WHEN f.gone THEN 1 END) FROM feeds f \
             WHERE EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = f.id)"
        )?;
        let (nodes,) = on!(self, one as (i64,), "SELECT COUNT(*) FROM nodes")?;
        let queue = |(count, oldest)| Queue { count, oldest };
        Ok(Waiting {
            issues: vec![of_state(IssueState::Sending), of_state(IssueState::Paused)],
            overdue_drafts,
            transactional_mails: queue(mails),
            returned_mails: queue(returned),
            webhook_messages,
            feeds: Feeds { all, failing, gone },
            nodes,
        })
    }
}
