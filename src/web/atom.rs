//! The site's own feeds, in Atom (RFC 4287): its latest articles, and each newsletter's past issues. Asked again, they say if
//! nothing has changed (RFC 9110 section 13).

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::Shared;
use super::archive::{body, find, no_archive};
use super::articles::LEDE;
use super::error::WebError;
use super::pages::{AtomEntry, AtomFeed};
use crate::app::App;
use crate::digest::archive::{path, read};
use crate::digest::{page_path, source_name};
use crate::store::articles::ArticleHead;
use crate::text::excerpt::excerpt;

/// Issues in a newsletter's feed.
const ISSUES: i64 = 10;

/// GET `/feed.xml`
pub async fn articles(State(web): Shared, headers: HeaderMap) -> Result<Response, WebError> {
    let app = &web.app;
    let front = web.front.current(app).await?;
    // An article that was taken back is gone: that too is a change.
    let corrected = app.store.read().await?.latest_correction().await?;
    let entries: Vec<AtomEntry> = front.articles.iter().map(|article| entry(app, article)).collect();
    let site = &app.config.site;
    answer(
        &headers,
        &AtomFeed {
            id: app.keys.site_id(),
            title: site.name.clone(),
            subtitle: site.tagline.clone(),
            own: app.link("/feed.xml"),
            page: app.link("/"),
            author: site.name.clone(),
            updated: latest(&entries, corrected),
            entries,
        },
    )
}

fn entry(app: &App, article: &ArticleHead) -> AtomEntry {
    let authors = article.authors.lines().map(str::trim).filter(|name| !name.is_empty());
    let mut authors: Vec<String> = authors.map(str::to_owned).collect();
    if authors.is_empty() {
        // An entry without an author would have the feed's author, the site (RFC 4287 section 4.2.1).
        authors.push(source_name(app, article));
    }
    let summary = excerpt(&article.summary, LEDE);
    AtomEntry {
        id: article.id.0,
        title: article.title.clone(),
        page: app.link(&page_path(&article.public_id, &article.title)),
        original: article.url.clone().filter(|url| is_web_address(url)),
        published: article.listed_at(),
        updated: article.edited_at.unwrap_or(article.arrived_at),
        authors,
        category: article.category.clone().filter(|category| !category.is_empty()),
        language: article.language.clone().filter(|language| !language.is_empty()),
        summary: Some(summary).filter(|summary| !summary.is_empty()),
        html: None,
    }
}

/// Whether the address is HTTP or HTTPS.
fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// GET `/archive/{newsletter}/feed.xml`
pub async fn issues(State(web): Shared, Path(slug): Path<String>, headers: HeaderMap) -> Result<Response, WebError> {
    let app = &web.app;
    let Some(newsletter) = find(&web, &slug).await? else {
        return no_archive(&web);
    };
    let mut tx = app.store.read_snapshot().await?;
    let mut entries = Vec::new();
    for issue in tx.past_issues(Some(newsletter.id), None, ISSUES).await? {
        let Some(archived) = read(&mut tx, issue.id).await? else {
            continue;
        };
        let corrections = archived.stories.iter().flat_map(|story| &story.corrections);
        let corrected = corrections.map(|correction| correction.at).max();
        let language = archived.language.clone();
        entries.push(AtomEntry {
            id: issue.id.0,
            title: issue.subject,
            page: app.link(&path(&newsletter.slug, issue.number)),
            original: None,
            published: issue.started_at,
            updated: corrected.map_or(issue.started_at, |at| at.max(issue.started_at)),
            authors: Vec::new(),
            category: None,
            language: Some(language),
            summary: None,
            html: Some(body(&web, archived, &app.link("")).render()?),
        });
    }
    drop(tx);
    answer(
        &headers,
        &AtomFeed {
            id: newsletter.id.0,
            title: newsletter.name.clone(),
            subtitle: newsletter.description.clone(),
            own: app.link(&format!("/archive/{}/feed.xml", newsletter.slug)),
            page: app.link(&format!("/archive/{}", newsletter.slug)),
            author: app.config.site.name.clone(),
            updated: latest(&entries, Some(newsletter.created_at)),
            entries,
        },
    )
}

/// When a feed last changed: with its entries, or at another time that counts.
fn latest(entries: &[AtomEntry], also: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let times = entries.iter().map(|entry| entry.updated).chain(also);
    times.max().unwrap_or(DateTime::UNIX_EPOCH)
}

/// The feed, or that it is as the client has it.
fn answer(asked: &HeaderMap, feed: &AtomFeed) -> Result<Response, WebError> {
    let xml = feed.render()?;
    let digest = Sha256::digest(&xml);
    let tag = digest
        .iter()
        .take(16)
        .fold(String::from("\""), |tag, octet| tag + &format!("{octet:02x}"))
        + "\"";
    let validators = [
        // RFC 9110 section 5.6.7.
        (
            header::LAST_MODIFIED,
            feed.updated.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        ),
        (header::ETAG, tag.clone()),
    ];
    if is_known(asked, &tag, feed.updated) {
        return Ok((StatusCode::NOT_MODIFIED, validators).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")];
    Ok((validators, kind, xml).into_response())
}

/// Whether the client has this very feed. If it names a tag, the date does not count (RFC 9110 section 13.1.3).
fn is_known(asked: &HeaderMap, tag: &str, updated: DateTime<Utc>) -> bool {
    let named: Vec<&str> = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .collect();
    if asked.contains_key(header::IF_NONE_MATCH) {
        return named.iter().any(|known| *known == tag || *known == "*");
    }
    let since = asked
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    let since = since.and_then(|since| DateTime::parse_from_rfc2822(since).ok());
    since.is_some_and(|since| updated.timestamp() <= since.timestamp())
}
