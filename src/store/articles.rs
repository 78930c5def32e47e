//! Articles: their content, and the statements that add, change or retract one.
//!
//! `article_lists.rs` has the lists of articles, `article_keys.rs` how an article is recognised when its feed repeats it, `arrivals.rs`
//! the newsletters that it arrived for, and `corrections.rs` what editors changed.

use chrono::{DateTime, Utc};
use const_format::concatcp;
use sha2::{Digest, Sha256};

use super::search_documents::SearchSubject;
use super::{Columns, Result, Tx, on, row};
use crate::domain::column::text_column;
use crate::domain::ids::{ArticleId, FeedId};
use crate::domain::scope::Scope;
use crate::domain::states::{Closeness, PageState};
use crate::domain::topics::CategoryKeys;
use crate::text::html::SanitizedHtml;

text_column!(SanitizedHtml, SanitizedHtml::to_string, |html: &str| {
    Ok::<_, std::convert::Infallible>(SanitizedHtml::from_store(html.to_owned()))
});

row! {
    /// An article with its text.
    #[derive(Clone, Debug)]
    pub struct Article {
        /// The internal id, which sorts by the time of creation.
        pub id: ArticleId,
        /// The id in addresses of the site.
        pub public_id: String,
        /// The feed that it came from; `None` for an editorial or imported article.
        pub feed_id: Option<FeedId>,
        /// The scope in which its guid and keys identify it.
        pub scope: Scope,
        /// The guid or id of the feed's entry.
        pub guid: Option<String>,
        /// How close its source is to its address: for an article of `example.org`, the feed `https://example.org/feed` is closer than
        /// that of an aggregator.
        pub closeness: Closeness,
        /// Why no issue of any newsletter may contain it: its feed had more new entries than the settings allow. `None` if issues may.
        pub over_limit_reason: Option<String>,
        /// The headline as plain text.
        pub title: String,
        /// The address at its publisher; `None` for an editorial article, whose page is on the site.
        pub url: Option<String>,
        /// The address without the parts that do not identify the article, such as tracking parameters.
        pub canonical_url: Option<String>,
        /// The lede as plain text.
        pub summary: String,
        /// The body as sanitised HTML.
        pub content_html: SanitizedHtml,
        /// The names of the authors, one a line.
        pub authors: String,
        /// The first category of the feed's entry: the topic that subscribers choose.
        pub category: Option<String>,
        /// The name of the publisher.
        pub source_name: String,
        /// The language tag ([BCP 47](https://www.rfc-editor.org/info/bcp47)); `None` if it is unknown.
        pub language: Option<String>,
        /// The `https` address of the picture, at the publisher's server.
        pub image_url: Option<String>,
        /// The picture's alternative text; empty if the publisher gave none.
        pub image_alt: String,
        /// The picture's width in pixels; `None` if it is unknown.
        pub image_width: Option<i64>,
        /// The picture's height in pixels; `None` if it is unknown.
        pub image_height: Option<i64>,
        /// Whether the site shows the whole text even if the feed's `full_text` is false. True for an editorial article.
        pub full_text: bool,
        /// Whether its text is from its page.
        pub page_state: PageState,
        /// The publication date that the publisher states.
        pub published_at: Option<DateTime<Utc>>,
        /// When Daywire added it.
        pub arrived_at: DateTime<Utc>,
        /// When an editor last changed it; from then on its feed changes nothing.
        pub edited_at: Option<DateTime<Utc>>,
        /// When an editor retracted it.
        pub retracted_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// An article without its text, which a digest does not need. The fields mean the same as in [`Article`].
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ArticleHead {
        /// The internal id, which sorts by the time of creation.
        pub id: ArticleId,
        /// The id in addresses of the site.
        pub public_id: String,
        pub(crate) feed_id: Option<FeedId>,
        pub(crate) scope: Scope,
        pub(crate) closeness: Closeness,
        /// The headline as plain text.
        pub title: String,
        pub(crate) url: Option<String>,
        /// The lede as plain text.
        pub summary: String,
        pub(crate) authors: String,
        pub(crate) category: Option<String>,
        pub(crate) source_name: String,
        /// The language tag; `None` if it is unknown.
        pub language: Option<String>,
        /// The picture's `https` address.
        pub image_url: Option<String>,
        /// The picture's alternative text.
        pub image_alt: String,
        pub(crate) image_width: Option<i64>,
        pub(crate) image_height: Option<i64>,
        pub(crate) full_text: bool,
        pub(crate) published_at: Option<DateTime<Utc>>,
        pub(crate) arrived_at: DateTime<Utc>,
        pub(crate) edited_at: Option<DateTime<Utc>>,
        pub(crate) retracted_at: Option<DateTime<Utc>>,
    }
}

/// The columns of an [`ArticleHead`], with the alias `a` for `articles`.
macro_rules! article_head {
    () => {
        "a.id, a.public_id, a.feed_id, a.scope, a.closeness, a.title, a.url, a.summary, a.authors, a.category, \
         a.source_name, a.language, a.image_url, a.image_alt, a.image_width, a.image_height, a.full_text, a.published_at, \
         a.arrived_at, a.edited_at, a.retracted_at"
    };
}
pub(super) use article_head;

/// The time by which lists are sorted: the publication date, or the time of arrival if that date is unknown or later. So an article with a
/// date in the future does not stay on top.
fn listed_at(published: Option<DateTime<Utc>>, arrived: DateTime<Utc>) -> DateTime<Utc> {
    published.map_or(arrived, |at| at.min(arrived))
}

impl ArticleHead {
    /// Whether the newsroom wrote it.
    #[must_use]
    pub fn is_editorial(&self) -> bool {
        self.scope == Scope::Editorial
    }

    /// The time by which lists are sorted, see [`listed_at`].
    #[must_use]
    pub(crate) fn listed_at(&self) -> DateTime<Utc> {
        listed_at(self.published_at, self.arrived_at)
    }
}

impl Article {
    /// The time by which lists are sorted, see [`listed_at`].
    #[must_use]
    pub(crate) fn listed_at(&self) -> DateTime<Utc> {
        listed_at(self.published_at, self.arrived_at)
    }

    /// The article without its text.
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

/// The values of the columns `topic_key` and `topic_slug`.
fn topic_columns(article: &Article) -> (Option<String>, Option<String>) {
    let keys = article.category.as_deref().and_then(CategoryKeys::of);
    keys.map(|CategoryKeys { key, slug }| (key, slug)).unzip()
}

impl Tx {
    /// Locks the scope of an article until this transaction ends. If two transactions add the same new article, the second waits
    /// here, and then finds the article of the first. There is no row to lock yet, so this is an
    /// [advisory lock](https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS) on a hash of the scope.
    pub(crate) async fn lock_scope(&mut self, scope: &Scope) -> Result<()> {
        // SQLite has only one writer.
        if matches!(self, Self::Postgres(_)) {
            let hash = Sha256::digest(scope.to_string());
            let lock_key = hash.iter().take(8).fold(0_i64, |key, byte| key << 8 | i64::from(*byte));
            on!(self, execute, "SELECT pg_advisory_xact_lock($1)", lock_key)?;
        }
        Ok(())
    }

    /// Adds an article; returns false if another one has its public id.
    pub(crate) async fn add_article(&mut self, article: &Article) -> Result<bool> {
        let (topic_key, topic_slug) = topic_columns(article);
        let added = on!(
            self,
            execute,
            "INSERT INTO articles (id, public_id, feed_id, title, url, canonical_url, summary, content_html, authors, \
             category, source_name, published_at, arrived_at, language, image_url, image_alt, image_width, image_height, \
             full_text, listed_at, scope, guid, closeness, over_limit_reason, topic_key, topic_slug, page_state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27) ON CONFLICT (public_id) DO NOTHING",
            article.id,
            &article.public_id,
            article.feed_id,
            &article.title,
            &article.url,
            &article.canonical_url,
            &article.summary,
            &article.content_html,
            &article.authors,
            &article.category,
            &article.source_name,
            article.published_at,
            article.arrived_at,
            &article.language,
            &article.image_url,
            &article.image_alt,
            article.image_width,
            article.image_height,
            article.full_text,
            article.listed_at(),
            &article.scope,
            &article.guid,
            article.closeness,
            &article.over_limit_reason,
            topic_key,
            topic_slug,
            article.page_state
        )?;
        if added == 1 {
            self.index_article(article).await?;
        }
        Ok(added == 1)
    }

    /// Replaces the content of an article by the feed's new version. Returns false, and changes nothing, if the content is equal, an issue
    /// contains the article, an editor changed or retracted it, or it came from another feed.
    ///
    /// `published_at` stays, and with it `listed_at`. Many feeds state the time of the last change as the date of an entry. With it, each
    /// small change would move the article to the top of the front page again.
    pub(crate) async fn refresh_article(&mut self, article: &Article) -> Result<bool> {
        let (topic_key, topic_slug) = topic_columns(article);
        let refreshed = on!(
            self,
            execute,
            "UPDATE articles SET title = $3, url = $4, canonical_url = $5, summary = $6, content_html = $7, authors = $8, \
             category = $9, language = COALESCE($10, language), image_url = $11, image_alt = $12, image_width = $13, \
             image_height = $14, closeness = $15, topic_key = $16, topic_slug = $17, page_state = $18 \
             WHERE id = $1 AND feed_id = $2 AND edited_at IS NULL AND retracted_at IS NULL \
             AND (title <> $3 OR COALESCE(url, '') <> COALESCE($4, '') OR summary <> $6 OR content_html <> $7 \
                  OR authors <> $8 OR COALESCE(category, '') <> COALESCE($9, '') \
                  OR COALESCE(image_url, '') <> COALESCE($11, '') OR image_alt <> $12) \
             AND NOT EXISTS (SELECT 1 FROM newsletter_articles na WHERE na.article_id = $1 AND na.position IS NOT NULL)",
            article.id,
            article.feed_id,
            &article.title,
            &article.url,
            &article.canonical_url,
            &article.summary,
            &article.content_html,
            &article.authors,
            &article.category,
            &article.language,
            &article.image_url,
            &article.image_alt,
            article.image_width,
            article.image_height,
            article.closeness,
            topic_key,
            topic_slug,
            article.page_state
        )?;
        if refreshed == 1 {
            self.index_article(article).await?;
        }
        Ok(refreshed == 1)
    }

    /// Stores an editor's version of an article. From then on its feed changes nothing.
    pub(crate) async fn edit_article(&mut self, article: &Article, now: DateTime<Utc>) -> Result<()> {
        let (topic_key, topic_slug) = topic_columns(article);
        on!(
            self,
            execute,
            "UPDATE articles SET title = $2, summary = $3, content_html = $4, authors = $5, category = $6, \
             source_name = $7, language = $8, image_url = $9, image_alt = $10, image_width = $11, image_height = $12, \
             published_at = $13, edited_at = $14, url = $15, canonical_url = $16, listed_at = $17, \
             full_text = $18, topic_key = $19, topic_slug = $20 WHERE id = $1",
            article.id,
            &article.title,
            &article.summary,
            &article.content_html,
            &article.authors,
            &article.category,
            &article.source_name,
            &article.language,
            &article.image_url,
            &article.image_alt,
            article.image_width,
            article.image_height,
            article.published_at,
            now,
            &article.url,
            &article.canonical_url,
            article.listed_at(),
            article.full_text,
            topic_key,
            topic_slug
        )?;
        self.index_article(article).await
    }

    /// Locks an article until this transaction ends: other transactions that lock or change it wait.
    pub(crate) async fn lock_article(&mut self, id: ArticleId) -> Result<()> {
        on!(self, execute, "UPDATE articles SET title = title WHERE id = $1", id)?;
        Ok(())
    }

    /// The article with this public id.
    pub async fn article_by_public_id(&mut self, public_id: &str) -> Result<Option<Article>> {
        Ok(on!(
            self,
            optional as Article,
            concatcp!("SELECT ", Article::COLUMNS, " FROM articles WHERE public_id = $1"),
            public_id
        )?)
    }

    /// The article with this id.
    pub async fn article(&mut self, id: ArticleId) -> Result<Option<Article>> {
        Ok(on!(
            self,
            optional as Article,
            concatcp!("SELECT ", Article::COLUMNS, " FROM articles WHERE id = $1"),
            id
        )?)
    }

    /// Undoes the retraction of an article.
    pub(crate) async fn restore_article(&mut self, id: ArticleId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE articles SET retracted_at = NULL WHERE id = $1",
            id
        )?;
        if let Some(article) = self.article(id).await? {
            self.index_article(&article).await?;
        }
        Ok(())
    }

    /// Retracts an article; returns false if it is retracted already.
    pub async fn retract_article(&mut self, id: ArticleId, now: DateTime<Utc>) -> Result<bool> {
        let retracted = on!(
            self,
            execute,
            "UPDATE articles SET retracted_at = $2 WHERE id = $1 AND retracted_at IS NULL",
            id,
            now
        )?;
        self.remove_search_document(SearchSubject::Article(id)).await?;
        Ok(retracted == 1)
    }
}
