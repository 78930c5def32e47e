//! Lists of articles: those of the site, of the API, and of an operator's search.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use const_format::concatcp;
use uuid::Uuid;

use super::articles::{Article, ArticleHead, article_head};
use super::{Columns, Result, Tx, on, select_over};
use crate::domain::ids::{ArticleId, FeedId, NewsletterId};
use crate::domain::topics::CategoryKeys;

/// The position before the first article of a list: no article is as late as the last day of the year 9999. With it, the first page has
/// the same statement and the same index as all others.
pub(super) const BEFORE_FIRST: (DateTime<Utc>, ArticleId) = (
    match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(day) => day.and_time(NaiveTime::MIN).and_utc(),
        None => DateTime::<Utc>::MAX_UTC,
    },
    ArticleId(Uuid::max()),
);

/// Condition on article `a`: the site lists it. It does not list retracted articles, those over a feed's limit, and those that a
/// newsletter has from another feed.
macro_rules! is_listed {
    () => {
        "a.retracted_at IS NULL AND a.over_limit_reason IS NULL \
         AND NOT EXISTS (SELECT 1 FROM newsletter_articles na WHERE na.article_id = a.id AND na.left_out = 'same_article')"
    };
}

/// Condition on article `a`: its `topic_key` is not in the [`ExceptKeys`] of this parameter.
macro_rules! is_not_excepted {
    ($keys:literal) => {
        concat!("replace(", $keys, ", '\n' || a.topic_key || '\n', '') = ", $keys)
    };
}

/// Values of `topic_key` that a list leaves out. They are one text, because a statement has a fixed number of parameters. A key is one
/// line, so a line feed before and after each separates them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExceptKeys(String);

impl<'a> FromIterator<&'a str> for ExceptKeys {
    fn from_iter<I: IntoIterator<Item = &'a str>>(keys: I) -> Self {
        let mut lines = String::new();
        for key in keys {
            lines.extend(["\n", key, "\n"]);
        }
        Self(lines)
    }
}

/// Which articles [`Tx::articles_after`] lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArticleFilter {
    /// Waiting articles and all others.
    All,
    /// Articles that wait for an issue.
    Waiting,
}

/// How many articles of one feed arrived in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FeedArrivals {
    /// Articles that issues of at least one newsletter may contain.
    pub(crate) within_limits: usize,
    /// Articles that no issue may contain, because the feed had too many new entries.
    pub(crate) over_limit: usize,
}

impl Tx {
    /// The articles that the site lists after position `after`, or the first ones: newest first by [`ArticleHead::listed_at`].
    pub(crate) async fn newest_articles(
        &mut self,
        after: Option<(DateTime<Utc>, ArticleId)>,
        limit: i64,
    ) -> Result<Vec<ArticleHead>> {
        let (at, id) = after.unwrap_or(BEFORE_FIRST);
        Ok(on!(
            self,
            all as ArticleHead,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM articles a WHERE (a.listed_at, a.id) < ($1, $2) AND ",
                is_listed!(),
                " ORDER BY a.listed_at DESC, a.id DESC LIMIT $3"
            ),
            at,
            id,
            limit
        )?)
    }

    /// [`Self::newest_articles`] of one category.
    pub(crate) async fn newest_articles_of_category(
        &mut self,
        category: &CategoryKeys,
        after: Option<(DateTime<Utc>, ArticleId)>,
        limit: i64,
    ) -> Result<Vec<ArticleHead>> {
        let (at, id) = after.unwrap_or(BEFORE_FIRST);
        Ok(on!(
            self,
            all as ArticleHead,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM articles a WHERE a.topic_slug = $4 AND a.topic_key = $5 AND (a.listed_at, a.id) < ($1, $2) AND ",
                is_listed!(),
                " ORDER BY a.listed_at DESC, a.id DESC LIMIT $3"
            ),
            at,
            id,
            limit,
            &category.slug,
            &category.key
        )?)
    }

    /// [`Self::newest_articles`] of all categories with this slug except some.
    pub(crate) async fn newest_articles_of_slug(
        &mut self,
        slug: &str,
        except: &ExceptKeys,
        after: Option<(DateTime<Utc>, ArticleId)>,
        limit: i64,
    ) -> Result<Vec<ArticleHead>> {
        let (at, id) = after.unwrap_or(BEFORE_FIRST);
        Ok(on!(
            self,
            all as ArticleHead,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM articles a WHERE a.topic_slug = $4 AND ",
                is_not_excepted!("$5"),
                " AND (a.listed_at, a.id) < ($1, $2) AND ",
                is_listed!(),
                " ORDER BY a.listed_at DESC, a.id DESC LIMIT $3"
            ),
            at,
            id,
            limit,
            slug,
            &except.0
        )?)
    }

    /// The category of the newest article of all categories with this slug except some, spelled as in the article. `None` if all articles
    /// are retracted, or without any.
    pub(crate) async fn newest_category_of_slug(&mut self, slug: &str, except: &ExceptKeys) -> Result<Option<String>> {
        let found = on!(
            self,
            optional as (String,),
            concat!(
                "SELECT a.category FROM articles a WHERE a.topic_slug = $1 AND ",
                is_not_excepted!("$2"),
                " AND a.retracted_at IS NULL ORDER BY a.listed_at DESC, a.id DESC LIMIT 1"
            ),
            slug,
            &except.0
        )?;
        Ok(found.map(|(category,)| category))
    }

    /// Those of the articles with these ids that the site lists, in any order.
    pub(crate) async fn listed_articles(&mut self, ids: &[ArticleId]) -> Result<Vec<ArticleHead>> {
        Ok(select_over!(
            self,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM articles a WHERE ",
                is_listed!(),
                " AND a.id IN ("
            ),
            ")",
            ArticleHead,
            ids,
            |id| *id
        ))
    }

    /// The articles from `from` until before `to` whose original is on this site, in any order.
    pub(crate) async fn own_articles_between(
        &mut self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<ArticleHead>> {
        Ok(on!(
            self,
            all as ArticleHead,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM articles a WHERE a.retracted_at IS NULL AND (a.scope = 'editorial' OR a.url IS NULL) \
                 AND a.listed_at >= $1 AND a.listed_at < $2 LIMIT $3"
            ),
            from,
            to,
            limit
        )?)
    }

    /// When the first article was listed whose original is on this site; `None` without any.
    pub(crate) async fn first_own_article(&mut self) -> Result<Option<DateTime<Utc>>> {
        let first = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT a.listed_at FROM articles a WHERE a.retracted_at IS NULL AND (a.scope = 'editorial' OR a.url IS NULL) \
             ORDER BY a.listed_at LIMIT 1"
        )?;
        Ok(first.map(|(at,)| at))
    }

    /// Articles that are not retracted, after position `after`, or the first ones; those that arrived last come first. `newsletter`
    /// limits the list to its arrivals. [`ArticleFilter::Waiting`] limits it to articles that wait for an issue of that newsletter or, if
    /// it is `None`, of any newsletter.
    pub async fn articles_after(
        &mut self,
        after: Option<(DateTime<Utc>, ArticleId)>,
        newsletter: Option<NewsletterId>,
        filter: ArticleFilter,
        limit: i64,
    ) -> Result<Vec<Article>> {
        let (at, id) = after.unwrap_or(BEFORE_FIRST);
        let waiting = filter == ArticleFilter::Waiting;
        let all = newsletter.is_none() && !waiting;
        Ok(on!(
            self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM articles a WHERE (a.arrived_at, a.id) < ($1, $2) AND a.retracted_at IS NULL \
             AND ($3 OR EXISTS (SELECT 1 FROM newsletter_articles na WHERE na.article_id = a.id \
                  AND na.newsletter_id = COALESCE($4, na.newsletter_id) \
                  AND (NOT $5 OR (na.issue_id IS NULL AND na.reason IS NULL)))) \
             ORDER BY a.arrived_at DESC, a.id DESC LIMIT $6"
            ),
            at,
            id,
            all,
            newsletter,
            waiting,
            limit
        )?)
    }

    /// The articles that arrived last, including retracted ones.
    pub(crate) async fn last_arrived_articles(&mut self, limit: i64) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM articles ORDER BY arrived_at DESC, id DESC LIMIT $1"
            ),
            limit
        )?)
    }

    /// Articles whose public id has this prefix, including retracted ones. `substr` and not `LIKE`, which ignores case on SQLite.
    pub(crate) async fn articles_with_prefix(&mut self, prefix: &str, limit: usize) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM articles WHERE substr(public_id, 1, CAST($2 AS INTEGER)) = $1 \
             ORDER BY arrived_at DESC, id DESC LIMIT $3"
            ),
            prefix,
            i64::try_from(prefix.len()).unwrap_or(i64::MAX),
            i64::try_from(limit).unwrap_or(i64::MAX)
        )?)
    }

    /// How many articles of a feed arrived after `since`.
    pub(crate) async fn count_articles_of_feed(&mut self, feed: FeedId, since: DateTime<Utc>) -> Result<FeedArrivals> {
        let (within_limits, over_limit) = on!(
            self,
            one as (i64, i64),
            "SELECT COUNT(CASE WHEN a.over_limit_reason IS NULL AND EXISTS (SELECT 1 FROM newsletter_articles na \
                               WHERE na.article_id = a.id AND na.left_out IS NULL) THEN 1 END), \
                    COUNT(a.over_limit_reason) \
             FROM articles a WHERE a.feed_id = $1 AND a.arrived_at > $2",
            feed,
            since
        )?;
        // A count is never negative.
        let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(FeedArrivals {
            within_limits: count(within_limits),
            over_limit: count(over_limit),
        })
    }
}
