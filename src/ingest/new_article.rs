//! Makes an article from an entry, and stores it under a new public id.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::identity;
use super::origin::Origin;
use crate::domain::ids::ArticleId;
use crate::domain::public_id::PublicId;
use crate::domain::scope::Scope;
use crate::domain::states::{Closeness, PageState};
use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use crate::text::language;
use crate::text::plain::without_nul;

/// The article that an entry becomes. It has no public id yet, and no language unless the entry declares one.
pub(super) fn article_of(
    id: ArticleId,
    origin: &Origin,
    entry: &Entry,
    feed_url: Option<&str>,
    now: DateTime<Utc>,
) -> Article {
    let image = entry.image.as_ref();
    let closeness = match (&origin.scope, feed_url) {
        (Scope::Editorial, _) => Closeness::Editorial,
        (_, Some(feed_url)) => identity::closeness(feed_url, entry),
        (_, None) => Closeness::OtherHost,
    };
    Article {
        id,
        public_id: String::new(),
        feed_id: origin.scope.feed(),
        scope: origin.scope.clone(),
        guid: identity::guid(entry).map(without_nul),
        closeness,
        over_limit_reason: None,
        title: without_nul(&entry.title),
        url: entry.url.as_deref().map(without_nul),
        canonical_url: identity::canonical_url(entry),
        summary: without_nul(&entry.summary),
        content_html: entry.content_html.clone(),
        authors: without_nul(&entry.authors.join("\n")),
        category: entry.category.as_deref().map(without_nul),
        source_name: without_nul(&origin.source_name),
        language: entry.language.as_deref().and_then(language::tag),
        image_url: image.map(|image| without_nul(&image.url)),
        // Without a picture there is nothing to describe.
        image_alt: image.map(|image| without_nul(&image.alt)).unwrap_or_default(),
        image_width: image.and_then(|image| image.width),
        image_height: image.and_then(|image| image.height),
        full_text: origin.full_text,
        page_state: PageState::Unused,
        published_at: entry.published,
        arrived_at: now,
        edited_at: None,
        retracted_at: None,
    }
}

/// Stores an article under an unused public id.
pub(super) async fn add_article(tx: &mut Tx, mut article: Article) -> Result<Article, StoreError> {
    if article.language.is_none() {
        // The summary is plain text. An entry without one has the first lines of its text as summary.
        article.language = language::detect(&format!("{}. {}", article.title, article.summary)).map(str::to_owned);
    }
    // There are 16 million public ids, so the first is nearly always unused. If it is used, the next is tried.
    let seed = Sha256::digest(article.id.0.as_bytes());
    let mut number = u32::from_be_bytes([0, seed[0], seed[1], seed[2]]);
    loop {
        PublicId::from_u32(number).as_str().clone_into(&mut article.public_id);
        if tx.add_article(&article).await? {
            return Ok(article);
        }
        number = (number + 1) & 0x00ff_ffff;
    }
}
