//! Readers' comments on articles, if the program itself keeps them (`comments.provider`).

use chrono::{DateTime, Utc};
use const_format::concatcp;
use uuid::Uuid;

use super::{Columns, Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::comment::CommentState;
use crate::domain::ids::{ArticleId, CommentId, SubscriberId};

row! {
    /// A comment as it is stored.
    #[derive(Clone, Debug)]
    pub struct Comment {
        /// The id, which sorts by the time of writing.
        pub id: CommentId,
        /// The article that it is about.
        pub article_id: ArticleId,
        /// The reader who wrote it.
        pub subscriber_id: SubscriberId,
        /// The name that the page shows; one line.
        pub name: String,
        /// Plain text: paragraphs, separated by empty lines.
        pub body: String,
        /// Whether it is shown.
        pub state: CommentState,
        /// When it was written.
        pub created_at: DateTime<Utc>,
        /// When an operator last decided about it.
        pub decided_at: Option<DateTime<Utc>>,
        /// How often readers have reported it since.
        pub reports: i64,
    }
}

row! {
    /// A comment with its article, for operators.
    #[derive(Clone, Debug)]
    pub struct ListedComment {
        /// The id, which sorts by the time of writing.
        pub id: CommentId,
        /// The article's id in addresses of the site.
        pub public_id: String,
        /// The headline of the article.
        pub title: String,
        /// The reader who wrote it.
        pub subscriber_id: SubscriberId,
        /// The address of the reader who wrote it.
        pub address: EmailAddress,
        /// The name that the page shows.
        pub name: String,
        /// Plain text: paragraphs, separated by empty lines.
        pub body: String,
        /// Whether it is shown.
        pub state: CommentState,
        /// When it was written.
        pub created_at: DateTime<Utc>,
        /// When an operator last decided about it.
        pub decided_at: Option<DateTime<Utc>>,
        /// How often readers have reported it since.
        pub reports: i64,
    }
}

/// What an operator decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentVersion {
    state: CommentState,
    reports: i64,
    decided_at: Option<DateTime<Utc>>,
}

impl Comment {
    /// The version that a decision is for.
    #[must_use]
    pub fn version(&self) -> CommentVersion {
        CommentVersion {
            state: self.state,
            reports: self.reports,
            decided_at: self.decided_at,
        }
    }
}

impl ListedComment {
    /// The version that a decision is for.
    #[must_use]
    pub fn version(&self) -> CommentVersion {
        CommentVersion {
            state: self.state,
            reports: self.reports,
            decided_at: self.decided_at,
        }
    }
}

/// A list of comments on the page for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommentList {
    /// Those that no operator has decided about.
    Held,
    /// Those that are approved and were reported since the last decision.
    Reported,
    Approved,
    Rejected,
}

impl CommentList {
    pub(crate) const ALL: [Self; 4] = [Self::Held, Self::Reported, Self::Approved, Self::Rejected];
}

/// Selects [`ListedComment`]s by a condition.
macro_rules! listed_where {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, a.public_id, a.title, c.subscriber_id, p.address, c.name, c.body, c.state, c.created_at, c.decided_at, \
             c.reports FROM comments c JOIN articles a ON a.id = c.article_id JOIN subscribers p ON p.id = c.subscriber_id WHERE ",
            $condition
        )
    };
}

impl Tx {
    pub(crate) async fn add_comment(&mut self, comment: &Comment) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO comments (id, article_id, subscriber_id, name, body, state, created_at, reports) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
            comment.id,
            comment.article_id,
            comment.subscriber_id,
            &comment.name,
            &comment.body,
            comment.state,
            comment.created_at
        )?;
        Ok(())
    }

    /// The newest approved comments on an article, at most `limit`, the oldest of them first.
    pub(crate) async fn approved_comments(&mut self, article: ArticleId, limit: i64) -> Result<Vec<Comment>> {
        let mut comments = on!(
            self,
            all as Comment,
            concatcp!(
                "SELECT ",
                Comment::COLUMNS,
                " FROM comments WHERE article_id = $1 AND state = 'approved' ORDER BY created_at DESC, id DESC LIMIT $2"
            ),
            article,
            limit
        )?;
        comments.reverse();
        Ok(comments)
    }

    /// A reader's newest comments on an article, at most `limit`, the oldest of them first.
    pub(crate) async fn comments_by_reader(
        &mut self,
        article: ArticleId,
        reader: SubscriberId,
        limit: i64,
    ) -> Result<Vec<Comment>> {
        let mut comments = on!(
            self,
            all as Comment,
            concatcp!(
                "SELECT ",
                Comment::COLUMNS,
                " FROM comments WHERE article_id = $1 AND subscriber_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3"
            ),
            article,
            reader,
            limit
        )?;
        comments.reverse();
        Ok(comments)
    }

    /// How many comments of a reader wait for a decision.
    pub(crate) async fn held_comments_of(&mut self, reader: SubscriberId) -> Result<i64> {
        let (held,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM comments WHERE subscriber_id = $1 AND state = 'held'",
            reader
        )?;
        Ok(held)
    }

    pub(crate) async fn comment(&mut self, id: CommentId) -> Result<Option<Comment>> {
        Ok(on!(
            self,
            optional as Comment,
            concatcp!("SELECT ", Comment::COLUMNS, " FROM comments WHERE id = $1"),
            id
        )?)
    }

    /// Reads a comment, and locks it until this transaction ends.
    pub(crate) async fn lock_comment(&mut self, id: CommentId) -> Result<Option<Comment>> {
        Ok(on!(
            self,
            optional as Comment,
            concatcp!(
                "UPDATE comments SET state = state WHERE id = $1 RETURNING ",
                Comment::COLUMNS
            ),
            id
        )?)
    }

    /// A comment with its article and the address of its author.
    pub(crate) async fn listed_comment(&mut self, id: CommentId) -> Result<Option<ListedComment>> {
        Ok(on!(self, optional as ListedComment, listed_where!("c.id = $1"), id)?)
    }

    /// Comments in a state, or in any; those with the most reports first, then the oldest.
    pub async fn listed_comments(&mut self, state: Option<CommentState>, limit: i64) -> Result<Vec<ListedComment>> {
        Ok(on!(
            self,
            all as ListedComment,
            listed_where!("$1 = '' OR c.state = $1 ORDER BY c.reports DESC, c.created_at, c.id LIMIT $2"),
            state.map_or("", CommentState::as_str),
            limit
        )?)
    }

    /// A page of a list: of those that wait or were reported the oldest first, of the others the newest. `after` is the last comment of the
    /// page before.
    pub(crate) async fn comment_page(
        &mut self,
        list: CommentList,
        after: Option<CommentId>,
        limit: i64,
    ) -> Result<Vec<ListedComment>> {
        let lowest = CommentId(Uuid::nil());
        let highest = CommentId(Uuid::max());
        Ok(match list {
            CommentList::Held => on!(
                self,
                all as ListedComment,
                listed_where!("c.state = 'held' AND c.id > $1 ORDER BY c.id LIMIT $2"),
                after.unwrap_or(lowest),
                limit
            )?,
            CommentList::Reported => on!(
                self,
                all as ListedComment,
                listed_where!("c.reports > 0 AND c.state = 'approved' AND c.id > $1 ORDER BY c.id LIMIT $2"),
                after.unwrap_or(lowest),
                limit
            )?,
            CommentList::Approved => on!(
                self,
                all as ListedComment,
                listed_where!("c.state = 'approved' AND c.id < $1 ORDER BY c.id DESC LIMIT $2"),
                after.unwrap_or(highest),
                limit
            )?,
            CommentList::Rejected => on!(
                self,
                all as ListedComment,
                listed_where!("c.state = 'rejected' AND c.id < $1 ORDER BY c.id DESC LIMIT $2"),
                after.unwrap_or(highest),
                limit
            )?,
        })
    }

    /// How many comments wait for a decision, and how many shown ones were reported, of those that the operators were not notified of.
    pub(crate) async fn unannounced_comments(&mut self) -> Result<(i64, i64)> {
        Ok(on!(
            self,
            one as (i64, i64),
            "SELECT COUNT(CASE WHEN state = 'held' THEN 1 END), COUNT(CASE WHEN state = 'approved' AND reports > 0 THEN 1 END) \
             FROM comments WHERE announced_at IS NULL"
        )?)
    }

    /// Records that the operators are notified of all comments that wait or were reported.
    pub(crate) async fn announce_comments(&mut self, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE comments SET announced_at = $1 WHERE announced_at IS NULL",
            now
        )?;
        Ok(())
    }

    /// How many comments wait for a decision.
    pub(crate) async fn count_held_comments(&mut self) -> Result<i64> {
        let (held,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM comments WHERE state = 'held'"
        )?;
        Ok(held)
    }

    /// Records a decision, and forgets the reports before it. Returns false if there is no such comment.
    pub(crate) async fn decide_comment(
        &mut self,
        id: CommentId,
        state: CommentState,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let decided = on!(
            self,
            execute,
            "UPDATE comments SET state = $2, decided_at = $3, reports = 0, announced_at = $3 WHERE id = $1",
            id,
            state,
            now
        )?;
        Ok(decided == 1)
    }

    /// Counts a report of an approved comment. The first one since the last decision is announced. Returns false if the comment is not shown.
    pub(crate) async fn report_comment(&mut self, id: CommentId) -> Result<bool> {
        let reported = on!(
            self,
            execute,
            "UPDATE comments SET reports = reports + 1, announced_at = CASE WHEN reports = 0 THEN NULL ELSE announced_at END \
             WHERE id = $1 AND state = 'approved'",
            id
        )?;
        Ok(reported == 1)
    }

    /// Returns false if there is no such comment.
    pub(crate) async fn delete_comment(&mut self, id: CommentId) -> Result<bool> {
        Ok(on!(self, execute, "DELETE FROM comments WHERE id = $1", id)? == 1)
    }

    /// Deletes a comment if this reader wrote it. Returns false if there is no such comment.
    pub(crate) async fn delete_own_comment(&mut self, id: CommentId, reader: SubscriberId) -> Result<bool> {
        let deleted = on!(
            self,
            execute,
            "DELETE FROM comments WHERE id = $1 AND subscriber_id = $2",
            id,
            reader
        )?;
        Ok(deleted == 1)
    }

    /// Deletes rejected comments that were decided before `until`.
    pub(crate) async fn purge_rejected_comments(&mut self, until: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM comments WHERE state = 'rejected' AND decided_at < $1",
            until
        )?)
    }
}
