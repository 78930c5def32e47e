//! The site's own feeds in Atom ([RFC 4287](https://www.rfc-editor.org/rfc/rfc4287)): its latest articles, and each newsletter's
//! past issues.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::archive::{body, find, no_archive};
use super::error::WebError;
use super::pages::{AtomEntry, AtomFeed, LEDE_CHARS, Site};
use super::rendered_pages::FeedValidators;
use super::state::Shared;
use super::story_lists::ListKey;
use crate::app::App;
use crate::digest::archive::read;
use crate::digest::rules::language_of;
use crate::digest::site_topics::SiteTopics;
use crate::digest::{archived_issue_path, page_path, source_name};
use crate::store::articles::ArticleHead;
use crate::text::excerpt::excerpt;

/// The number of articles in a feed of the site.
const MAX_ARTICLES: usize = 30;
/// The number of issues in a newsletter's feed.
const MAX_ISSUES: i64 = 10;

pub(super) async fn articles(State(web): Shared) -> Result<Response, WebError> {
    let app = &web.app;
    let content = web.lists.current(app).await?;
    // A retraction removes an entry, so it changes the feed too.
    let last_correction = app.store.read().await?.latest_correction().await?;
    let newest = content.front.articles.iter().take(MAX_ARTICLES);
    let entries: Vec<AtomEntry> = newest.map(|article| entry(app, &content.topics, article)).collect();
    let site = &app.config.site;
    answer(&AtomFeed {
        id: app.keys.site_id(),
        title: site.name.clone(),
        subtitle: site.tagline.clone(),
        self_link: app.link("/feed.xml"),
        page: app.link("/"),
        author: site.name.clone(),
        updated: latest(&entries, last_correction),
        entries,
    })
}

/// GET `/topics/{topic}/feed.xml`: the latest articles of a topic.
pub(super) async fn topic(State(web): Shared, Path(slug): Path<String>) -> Result<Response, WebError> {
    let app = &web.app;
    let content = web.lists.current(app).await?;
    let key = ListKey {
        topic: Some(slug),
        after: None,
    };
    let list = web.lists.list(app, &key).await?.ok_or(WebError::NotFound)?;
    let topic = list.topic.as_ref().ok_or(WebError::NotFound)?;
    let last_correction = app.store.read().await?.latest_correction().await?;
    let newest = list.articles.iter().take(MAX_ARTICLES);
    let entries: Vec<AtomEntry> = newest.map(|article| entry(app, &content.topics, article)).collect();
    let site = &app.config.site;
    answer(&AtomFeed {
        id: id_of_part(app.keys.site_id(), &topic.href),
        title: format!("{}: {}", site.name, topic.name),
        subtitle: String::new(),
        self_link: app.link(&format!("{}/feed.xml", topic.href)),
        page: app.link(&topic.href),
        author: site.name.clone(),
        updated: latest(&entries, last_correction),
        entries,
    })
}

/// The permanent id of a feed of a part of the site, which has no row with an id.
fn id_of_part(site: Uuid, path: &str) -> Uuid {
    let hash = Sha256::new()
        .chain_update(site.as_bytes())
        .chain_update(path)
        .finalize();
    let mut octets = [0; 16];
    for (octet, of_hash) in octets.iter_mut().zip(hash) {
        *octet = of_hash;
    }
    uuid::Builder::from_custom_bytes(octets).into_uuid()
}

fn entry(app: &App, topics: &SiteTopics, article: &ArticleHead) -> AtomEntry {
    let authors = article.authors.lines().map(str::trim).filter(|name| !name.is_empty());
    let mut authors: Vec<String> = authors.map(str::to_owned).collect();
    if authors.is_empty() {
        // An entry without an author has the author of the feed, which is the site
        // ([RFC 4287 §4.2.1](https://www.rfc-editor.org/rfc/rfc4287#section-4.2.1)).
        authors.push(source_name(app, article));
    }
    let summary = excerpt(&article.summary, LEDE_CHARS);
    let category = article.category.as_deref().filter(|category| !category.is_empty());
    AtomEntry {
        id: article.id.0,
        title: article.title.clone(),
        page: app.link(&page_path(&article.public_id, &article.title)),
        original: article.url.clone().filter(|url| is_web_address(url)),
        published: article.listed_at(),
        updated: article.edited_at.unwrap_or(article.arrived_at),
        authors,
        category: category
            .and_then(|category| topics.topic_of(category))
            .map(str::to_owned),
        language: article.language.clone().filter(|language| !language.is_empty()),
        summary: Some(summary).filter(|summary| !summary.is_empty()),
        html: None,
    }
}

/// Whether the address is HTTP or HTTPS.
fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

pub(super) async fn issues(State(web): Shared, site: Site, Path(slug): Path<String>) -> Result<Response, WebError> {
    let app = &web.app;
    let Some(newsletter) = find(&web, &slug).await? else {
        return no_archive(site);
    };
    let mut tx = app.store.read_snapshot().await?;
    // A feed has one content for all clients, so its language is the newsletter's.
    let words = app.words(language_of(app, &newsletter));
    let mut entries = Vec::new();
    for issue in tx.past_issues(Some(newsletter.id), None, MAX_ISSUES).await? {
        let Some(archived) = read(&mut tx, issue.id, &words).await? else {
            continue;
        };
        let corrections = archived.stories.iter().flat_map(|story| &story.corrections);
        let corrected = corrections.map(|correction| correction.at).max();
        let language = archived.language.clone();
        entries.push(AtomEntry {
            id: issue.id.0,
            title: issue.subject,
            page: app.link(&archived_issue_path(&newsletter.slug, issue.number)),
            original: None,
            published: issue.started_at,
            updated: corrected.map_or(issue.started_at, |at| at.max(issue.started_at)),
            authors: Vec::new(),
            category: None,
            language: Some(language),
            summary: None,
            html: Some(body(&web, &words, newsletter.timezone, archived, &app.link("")).render()?),
        });
    }
    drop(tx);
    answer(&AtomFeed {
        id: newsletter.id.0,
        title: newsletter.name.clone(),
        subtitle: newsletter.description.clone(),
        self_link: app.link(&format!("/archive/{}/feed.xml", newsletter.slug)),
        page: app.link(&format!("/archive/{}", newsletter.slug)),
        author: app.config.site.name.clone(),
        updated: latest(&entries, Some(newsletter.created_at)),
        entries,
    })
}

/// When a feed last changed: the latest of its entries' times and `other`.
fn latest(entries: &[AtomEntry], other: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let times = entries.iter().map(|entry| entry.updated).chain(other);
    times.max().unwrap_or(DateTime::UNIX_EPOCH)
}

/// The feed, with what clients compare. The layer `etag::answer_feed` keeps it, and adds the header fields.
fn answer(feed: &AtomFeed) -> Result<Response, WebError> {
    let xml = feed.render()?;
    let digest = Sha256::digest(&xml);
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&digest[..16]));
    let validators = FeedValidators {
        tag: HeaderValue::try_from(tag).map_err(askama::Error::custom)?,
        updated: feed.updated,
    };
    let content_type = [(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")];
    Ok((Extension(validators), content_type, xml).into_response())
}
