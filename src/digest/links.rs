//! Where an article's headline leads, what its source is called, and the paths of pages on this site.

use url::Url;

use crate::app::App;
use crate::domain::slug::slugify;
use crate::store::articles::{Article, ArticleHead};

/// The path of an article's page on this site.
#[must_use]
pub fn article_path(article: &Article) -> String {
    page_path(&article.public_id, &article.title)
}

/// The path of the page of the article with this public id and headline.
pub(crate) fn page_path(public_id: &str, title: &str) -> String {
    format!("/articles/{public_id}/{}", slugify(title))
}

/// The path of a past issue's page in the archive of this site.
pub(crate) fn archived_issue_path(newsletter_slug: &str, number: i64) -> String {
    format!("/archive/{newsletter_slug}/{number}")
}

/// Where a headline leads: to the article's address, or to its page on this site if it has none.
pub(super) fn headline_url(app: &App, article: &ArticleHead) -> String {
    match &article.url {
        Some(url) => url.clone(),
        None => app.link(&page_path(&article.public_id, &article.title)),
    }
}

/// The name of the publisher: as stored with the article, else the host of its address, else this site's name.
pub(crate) fn source_name(app: &App, article: &ArticleHead) -> String {
    if !article.source_name.is_empty() {
        return article.source_name.clone();
    }
    let host = article
        .url
        .as_deref()
        .map(|url| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)));
    match host {
        Some(Some(host)) => host.strip_prefix("www.").unwrap_or(&host).to_owned(),
        // An address without a host names no publisher.
        Some(None) => String::new(),
        None => app.config.site.name.clone(),
    }
}
