//! Where an article's headline leads, what its source is called, and the paths of pages on this site.

use chrono::TimeDelta;
use url::Url;

use super::placeholders::{with_links, with_page};
use crate::app::App;
use crate::domain::signed_links::LinkPurpose;
use crate::domain::slug::slugify;
use crate::store::articles::{Article, ArticleHead};
use crate::store::issues::Issue;

/// How long the link to the page of an edition works.
const EDITION_LINK_LIFETIME: TimeDelta = TimeDelta::days(366);

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

/// The address of the page of an edition: the same in all its messages.
fn edition_link(app: &App, edition: &Issue) -> String {
    let sent_at = edition.started_at.unwrap_or(edition.created_at);
    let expires_at = sent_at + EDITION_LINK_LIFETIME;
    let token = app
        .keys
        .link_token(LinkPurpose::Edition, edition.id.0, None, expires_at);
    app.link(&format!("/editions/{token}"))
}

/// A part of an issue or edition with the link to the edition's page, and with placeholders for the recipient's links.
pub(crate) fn with_page_of(app: &App, issue: &Issue, part: &str) -> String {
    if issue.edition == 0 {
        return part.to_owned();
    }
    with_page(part, &edition_link(app, issue))
}

/// A part of an issue or edition with all its links. `token` is the subscription's unsubscribe token.
pub(crate) fn with_links_of(app: &App, issue: &Issue, part: &str, token: &str) -> String {
    with_links(&with_page_of(app, issue, part), &app.link(""), token)
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
