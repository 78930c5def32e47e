//! Articles and the keys they are known again by; `arrivals.rs` has for whom they arrived, `corrections.rs` what was changed.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Result, Tx, on, row};
use crate::domain::column::text_column;
use crate::domain::ids::{ArticleId, FeedId, NewsletterId};
use crate::domain::scope::Scope;
use crate::domain::states::Closeness;
use crate::text::html::SanitizedHtml;

text_column!(SanitizedHtml, SanitizedHtml::to_string, |html: &str| {
    Ok::<_, std::convert::Infallible>(SanitizedHtml::from_store(html.to_owned()))
});

/// Nothing arrives later: the last day of the year 9999.
const LATEST: DateTime<Utc> = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day.and_time(NaiveTime::MIN).and_utc(),
    None => DateTime::<Utc>::MAX_UTC,
};

row! {
    /// An article as stored.
    #[derive(Clone, Debug)]
    pub struct Article {
        /// Its id.
        pub id: ArticleId,
        /// The id that readers see.
        pub public_id: String,
        /// The feed it came from.
        pub feed_id: Option<FeedId>,
        /// The scope in which its guid and keys identify it.
        pub scope: Scope,
        /// The guid that it arrived with.
        pub guid: Option<String>,
        /// How close its source is to its address.
        pub closeness: Closeness,
        /// Why no issue may have it: its feed brought more than the settings allow.
        pub left_out: Option<String>,
        /// Its headline.
        pub title: String,
        /// Its address; none when it is the site's own.
        pub url: Option<String>,
        /// The address without what does not identify it.
        pub canonical_url: Option<String>,
        /// Plain text of the lede.
        pub summary: String,
        /// The body, sanitised.
        pub content_html: SanitizedHtml,
        /// Names of the authors, one a line.
        pub authors: String,
        /// Its category.
        pub category: Option<String>,
        /// Who published it.
        pub source_name: String,
        /// The tag of its language (BCP 47), if that is known.
        pub language: Option<String>,
        /// The `https` address of its picture, at its publisher's server.
        pub image_url: Option<String>,
        /// What the picture shows; empty if nobody said.
        pub image_alt: String,
        /// The picture's width in pixels, if it is known.
        pub image_width: Option<i64>,
        /// The picture's height in pixels, if it is known.
        pub image_height: Option<i64>,
        /// Whether the site shows it whole, whatever its feed's flag says: the newsroom's own article.
        pub full_text: bool,
        /// The publication date that it claims.
        pub published_at: Option<DateTime<Utc>>,
        /// When it arrived here.
        pub arrived_at: DateTime<Utc>,
        /// When somebody here last changed it.
        pub edited_at: Option<DateTime<Utc>>,
        /// When it was taken back.
        pub retracted_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// What a digest needs of an article: every column except the text.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ArticleHead {
        /// Its id.
        pub id: ArticleId,
        /// The id that readers see.
        pub public_id: String,
        /// The feed it came from.
        pub feed_id: Option<FeedId>,
        /// The scope in which its guid and keys identify it.
        pub scope: Scope,
        /// How close its source is to its address.
        pub closeness: Closeness,
        /// Its headline.
        pub title: String,
        /// Its address; `None` when it is the site's own.
        pub url: Option<String>,
        /// Plain text of the lede.
        pub summary: String,
        /// Names of the authors, one a line.
        pub authors: String,
        /// Its category.
        pub category: Option<String>,
        /// Who published it.
        pub source_name: String,
        /// The tag of its language (BCP 47), if that is known.
        pub language: Option<String>,
        /// The `https` address of its picture, at its publisher's server.
        pub image_url: Option<String>,
        /// What the picture shows; empty if nobody said.
        pub image_alt: String,
        /// The picture's width in pixels, if it is known.
        pub image_width: Option<i64>,
        /// The picture's height in pixels, if it is known.
        pub image_height: Option<i64>,
        /// Whether the site shows it whole, whatever its feed's flag says: the newsroom's own article.
        pub full_text: bool,
        /// The publication date that it claims.
        pub published_at: Option<DateTime<Utc>>,
        /// When it arrived here.
        pub arrived_at: DateTime<Utc>,
        /// When somebody here last changed it.
        pub edited_at: Option<DateTime<Utc>>,
        /// When it was taken back.
        pub retracted_at: Option<DateTime<Utc>>,
    }
}

/// The columns of an [`ArticleHead`], of the table `articles` as `a`.
macro_rules! article_head {
    () => {
        "a.id, a.public_id, a.feed_id, a.scope, a.closeness, a.title, a.url, a.summary, a.authors, a.category, a.source_name, a.language, a.image_url, \
         a.image_alt, a.image_width, a.image_height, a.full_text, a.published_at, a.arrived_at, a.edited_at, a.retracted_at"
    };
}
pub(super) use article_head;

/// The publication date; the time of arrival if that date is unknown or later.
fn listed_at(published: Option<DateTime<Utc>>, arrived: DateTime<Utc>) -> DateTime<Utc> {
    published.map_or(arrived, |at| at.min(arrived))
}

impl ArticleHead {
    /// Whether the newsroom wrote it.
    #[must_use]
    pub fn is_editorial(&self) -> bool {
        self.scope == Scope::Editorial
    }

    /// The publication date by which lists are sorted; the time of arrival if that date is unknown or later.
    #[must_use]
    pub fn listed_at(&self) -> DateTime<Utc> {
        listed_at(self.published_at, self.arrived_at)
    }
}

impl Article {
    /// The publication date by which lists are sorted; the time of arrival if that date is unknown or later.
    #[must_use]
    pub fn listed_at(&self) -> DateTime<Utc> {
        listed_at(self.published_at, self.arrived_at)
    }

    /// Every column except the text.
    #[must_use]
    pub fn head(&self) -> ArticleHead {
        ArticleHead {
            id: self.id,
            public_id: self.public_id.clone(),
            feed_id: self.feed_id,
            scope: self.scope.clone(),
            closeness: self.closeness,
            title: self.title.clone(),
            url: self.url.clone(),
            summary: self.summary.clone(),
            authors: self.authors.clone(),
            category: self.category.clone(),
            source_name: self.source_name.clone(),
            language: self.language.clone(),
            image_url: self.image_url.clone(),
            image_alt: self.image_alt.clone(),
            image_width: self.image_width,
            image_height: self.image_height,
            full_text: self.full_text,
            published_at: self.published_at,
            arrived_at: self.arrived_at,
            edited_at: self.edited_at,
            retracted_at: self.retracted_at,
        }
    }
}

/// How many articles of one feed arrived in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FeedArrivals {
    /// Articles that wait for an issue or were in one.
    pub(crate) within_limits: usize,
    /// Articles that were stored as left out, because the feed brought too many.
    pub(crate) over_limit: usize,
}

impl Tx {
    /// Locks a text: other transactions that lock the same text wait until this one ends. If two store the same new article at once,
    /// the second finds the article of the first.
    pub async fn lock_identity(&mut self, text: &str) -> Result<()> {
        // SQLite has only one writer.
        if matches!(self, Self::Postgres(_)) {
            let hash = Sha256::digest(text.as_bytes());
            let number = hash
                .iter()
                .take(8)
                .fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
            on!(self, execute, "SELECT pg_advisory_xact_lock($1)", number)?;
        }
        Ok(())
    }

    /// How many articles of a feed arrived after `since`.
    pub(crate) async fn count_articles_of_feed(&mut self, feed: FeedId, since: DateTime<Utc>) -> Result<FeedArrivals> {
        let (within_limits, over_limit) = on!(
            self,
            one as (i64, i64),
            "SELECT COUNT(CASE WHEN a.left_out IS NULL AND EXISTS (SELECT 1 FROM newsletter_articles w \
                               WHERE w.article_id = a.id AND w.left_out IS NULL) THEN 1 END), \
                    COUNT(a.left_out) \
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

    /// Stores an article; false when its public id is taken.
    pub async fn add_article(&mut self, a: &Article) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO articles (id, public_id, feed_id, title, url, canonical_url, summary, content_html, authors, \
             category, source_name, published_at, arrived_at, language, image_url, image_alt, image_width, image_height, \
             full_text, listed_at, scope, guid, closeness, left_out) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24) ON CONFLICT (public_id) DO NOTHING",
            a.id,
            &a.public_id,
            a.feed_id,
            &a.title,
            &a.url,
            &a.canonical_url,
            &a.summary,
            &a.content_html,
            &a.authors,
            &a.category,
            &a.source_name,
            a.published_at,
            a.arrived_at,
            &a.language,
            &a.image_url,
            &a.image_alt,
            a.image_width,
            a.image_height,
            a.full_text,
            a.listed_at(),
            &a.scope,
            &a.guid,
            a.closeness,
            &a.left_out
        )?;
        Ok(added == 1)
    }

    /// Takes over what its feed now says of an article, if anything is new and nothing stands against it: it has a place
    /// in no issue, nobody here changed it or took it back, and the feed is the one it came from.
    pub async fn refresh_article(&mut self, a: &Article) -> Result<bool> {
        let refreshed = on!(
            self,
            execute,
            "UPDATE articles SET title = $3, url = $4, canonical_url = $5, summary = $6, content_html = $7, authors = $8, \
             category = $9, language = COALESCE($10, language), image_url = $11, image_alt = $12, image_width = $13, \
             image_height = $14, closeness = $15 \
             WHERE id = $1 AND feed_id = $2 AND edited_at IS NULL AND retracted_at IS NULL \
             AND (title <> $3 OR COALESCE(url, '') <> COALESCE($4, '') OR summary <> $6 OR content_html <> $7 \
                  OR authors <> $8 OR COALESCE(category, '') <> COALESCE($9, '') \
                  OR COALESCE(image_url, '') <> COALESCE($11, '') OR image_alt <> $12) \
             AND NOT EXISTS (SELECT 1 FROM newsletter_articles w WHERE w.article_id = $1 AND w.position IS NOT NULL)",
            a.id,
            a.feed_id,
            &a.title,
            &a.url,
            &a.canonical_url,
            &a.summary,
            &a.content_html,
            &a.authors,
            &a.category,
            &a.language,
            &a.image_url,
            &a.image_alt,
            a.image_width,
            a.image_height,
            a.closeness
        )?;
        Ok(refreshed == 1)
    }

    /// Stores an article as somebody here changed it, at `now`; from then on its feed changes nothing.
    pub async fn edit_article(&mut self, a: &Article, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE articles SET title = $2, summary = $3, content_html = $4, authors = $5, category = $6, \
             source_name = $7, language = $8, image_url = $9, image_alt = $10, image_width = $11, image_height = $12, \
             published_at = $13, edited_at = $14, url = $15, canonical_url = $16, listed_at = $17, \
             full_text = $18 WHERE id = $1",
            a.id,
            &a.title,
            &a.summary,
            &a.content_html,
            &a.authors,
            &a.category,
            &a.source_name,
            &a.language,
            &a.image_url,
            &a.image_alt,
            a.image_width,
            a.image_height,
            a.published_at,
            now,
            &a.url,
            &a.canonical_url,
            a.listed_at(),
            a.full_text
        )?;
        Ok(())
    }

    /// Makes every other transaction that locks or changes the article wait until this one ends.
    pub async fn lock_article(&mut self, id: ArticleId) -> Result<()> {
        on!(self, execute, "UPDATE articles SET title = title WHERE id = $1", id)?;
        Ok(())
    }

    /// Articles older than `after`, the newest first by [`ArticleHead::listed_at`]. Without retracted ones, those over a feed's limit,
    /// and those that a newsletter has from another feed.
    pub(crate) async fn newest_articles(
        &mut self,
        after: Option<(DateTime<Utc>, ArticleId)>,
        limit: i64,
    ) -> Result<Vec<ArticleHead>> {
        let (at, id) = after.unwrap_or((LATEST, ArticleId(Uuid::max())));
        Ok(on!(
            self,
            all as ArticleHead,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM articles a WHERE (a.listed_at, a.id) < ($1, $2) AND a.retracted_at IS NULL AND a.left_out IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM newsletter_articles w \
                                 WHERE w.article_id = a.id AND w.left_out = 'same_article') \
                 ORDER BY a.listed_at DESC, a.id DESC LIMIT $3"
            ),
            at,
            id,
            limit
        )?)
    }

    /// The latest articles without retracted ones, those over a feed's limit, and those that a newsletter has from another feed.
    pub async fn latest_articles(&mut self, limit: i64) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            "SELECT * FROM articles a WHERE a.retracted_at IS NULL AND a.left_out IS NULL \
             AND NOT EXISTS (SELECT 1 FROM newsletter_articles w WHERE w.article_id = a.id AND w.left_out = 'same_article') \
             ORDER BY a.arrived_at DESC, COALESCE(a.published_at, a.arrived_at) DESC, a.id DESC LIMIT $1",
            limit
        )?)
    }

    /// Articles that were not taken back, the latest first, from behind `after` on: all, or those that arrived for a
    /// newsletter, or only those that wait for an issue of it, or of any.
    pub async fn articles_after(
        &mut self,
        after: Option<(DateTime<Utc>, ArticleId)>,
        newsletter: Option<NewsletterId>,
        waiting: bool,
        limit: i64,
    ) -> Result<Vec<Article>> {
        // Behind what comes before all of them, so that one text with one index does for every page.
        let (at, id) = after.unwrap_or((LATEST, ArticleId(Uuid::max())));
        let all = newsletter.is_none() && !waiting;
        Ok(on!(
            self,
            all as Article,
            "SELECT a.* FROM articles a WHERE (a.arrived_at, a.id) < ($1, $2) AND a.retracted_at IS NULL \
             AND ($3 OR EXISTS (SELECT 1 FROM newsletter_articles w WHERE w.article_id = a.id \
                  AND w.newsletter_id = COALESCE($4, w.newsletter_id) \
                  AND (NOT $5 OR (w.issue_id IS NULL AND w.reason IS NULL)))) \
             ORDER BY a.arrived_at DESC, a.id DESC LIMIT $6",
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
            "SELECT * FROM articles ORDER BY arrived_at DESC, id DESC LIMIT $1",
            limit
        )?)
    }

    /// The article with this public id.
    pub async fn article_by_public_id(&mut self, public_id: &str) -> Result<Option<Article>> {
        Ok(on!(
            self,
            optional as Article,
            "SELECT * FROM articles WHERE public_id = $1",
            public_id
        )?)
    }

    /// Articles whose public id has this prefix, including retracted ones.
    pub async fn articles_with_prefix(&mut self, prefix: &str, limit: usize) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            "SELECT * FROM articles WHERE substr(public_id, 1, CAST($2 AS INTEGER)) = $1 \
             ORDER BY arrived_at DESC, id DESC LIMIT $3",
            prefix,
            i64::try_from(prefix.len()).unwrap_or(i64::MAX),
            i64::try_from(limit).unwrap_or(i64::MAX)
        )?)
    }

    /// One article.
    pub async fn article(&mut self, id: ArticleId) -> Result<Option<Article>> {
        Ok(on!(
            self,
            optional as Article,
            "SELECT * FROM articles WHERE id = $1",
            id
        )?)
    }

    /// Undoes the retraction of an article.
    pub async fn restore_article(&mut self, id: ArticleId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE articles SET retracted_at = NULL WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// Takes an article back; false when it was taken back before.
    pub async fn retract_article(&mut self, id: ArticleId, now: DateTime<Utc>) -> Result<bool> {
        let retracted = on!(
            self,
            execute,
            "UPDATE articles SET retracted_at = $2 WHERE id = $1 AND retracted_at IS NULL",
            id,
            now
        )?;
        Ok(retracted == 1)
    }
}
