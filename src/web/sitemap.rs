//! What search engines read: `/robots.txt`, and a [sitemap](https://www.sitemaps.org/protocol.html) with one part for each month.
//!
//! The sitemap lists only pages whose original is on this site: an article of another publisher has its original there.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

use super::error::WebError;
use super::headers::PATHS_WITH_TOKEN;
use super::pages::{SitemapIndex, SitemapPage, SitemapPart};
use super::state::{Shared, Web};
use crate::digest::front::admitted;
use crate::digest::{archived_issue_path, page_path};

/// A part may have at most 50,000 addresses; this many of articles, and this many of issues.
const MAX_OF_KIND: i64 = 20_000;
/// The index may have at most 50,000 parts. No site is older than this many months.
const MAX_MONTHS: usize = 1_200;

/// Paths that no search engine should request, besides those with a token: they answer programs and operators.
const NOT_FOR_ROBOTS: [&str; 3] = ["/admin", "/api/", "/hooks/"];

pub(super) async fn robots(State(web): Shared) -> String {
    let site = &web.app.config.site;
    if !site.search_engines {
        return "User-agent: *\nDisallow: /\n".into();
    }
    let mut disallowed = [&NOT_FOR_ROBOTS[..], &PATHS_WITH_TOKEN].concat();
    disallowed.sort_unstable();
    let disallowed = disallowed.join("\nDisallow: ");
    format!(
        "User-agent: *\nDisallow: {disallowed}\n\nSitemap: {}\n",
        web.app.link("/sitemap.xml")
    )
}

/// GET `/sitemap.xml`: the index of the parts.
pub(super) async fn index(State(web): Shared) -> Result<Response, WebError> {
    let mut parts = vec![web.app.link("/sitemap/pages.xml")];
    parts.extend(
        months(&web)
            .await?
            .map(|month| web.app.link(&format!("/sitemap/{}.xml", month.format("%Y-%m")))),
    );
    xml(&SitemapIndex { parts })
}

/// GET `/sitemap/{part}`: `pages.xml`, or the articles and issues of a month such as `2026-11.xml`.
pub(super) async fn part(State(web): Shared, Path(part): Path<String>) -> Result<Response, WebError> {
    let name = part.strip_suffix(".xml").ok_or(WebError::NotFound)?;
    let pages = if name == "pages" {
        fixed_pages(&web).await?
    } else {
        let month = months(&web)
            .await?
            .find(|month| month.format("%Y-%m").to_string() == name);
        pages_of_month(&web, month.ok_or(WebError::NotFound)?).await?
    };
    xml(&SitemapPart { pages })
}

/// The first day of every month from the first own article or past issue until now.
async fn months(web: &Web) -> Result<impl Iterator<Item = NaiveDate>, WebError> {
    let mut tx = web.app.store.read().await?;
    let first = tx.first_own_article().await?.into_iter();
    let first = first.chain(tx.first_past_issue().await?).min();
    drop(tx);
    let last = web.app.clock.now().date_naive();
    let first = first.and_then(|first| first.date_naive().with_day(1));
    let months = std::iter::successors(first, |month| month.checked_add_months(Months::new(1)));
    Ok(months.take_while(move |month| *month <= last).take(MAX_MONTHS))
}

async fn pages_of_month(web: &Web, month: NaiveDate) -> Result<Vec<SitemapPage>, WebError> {
    let start = |month: NaiveDate| month.and_time(NaiveTime::MIN).and_utc();
    let next = month.checked_add_months(Months::new(1)).ok_or(WebError::NotFound)?;
    let mut tx = web.app.store.read_snapshot().await?;
    let newsletters = tx.public_newsletters().await?;
    let articles = tx.own_articles_between(start(month), start(next), MAX_OF_KIND).await?;
    let articles = admitted(&mut tx, &web.app, &newsletters, articles).await?;
    let issues = tx.past_issues_between(start(month), start(next), MAX_OF_KIND).await?;
    drop(tx);
    let page = |path: &str, changed: DateTime<Utc>| SitemapPage {
        address: web.app.link(path),
        changed: Some(changed),
    };
    let articles = articles.iter().map(|article| {
        let changed = article.edited_at.unwrap_or(article.listed_at());
        page(&page_path(&article.public_id, &article.title), changed)
    });
    let issues = issues.iter().map(|issue| {
        page(
            &archived_issue_path(&issue.newsletter_slug, issue.number),
            issue.started_at,
        )
    });
    Ok(articles.chain(issues).collect())
}

/// The pages that always exist: lists, the sign-up form, and the operator's own pages.
async fn fixed_pages(web: &Web) -> Result<Vec<SitemapPage>, WebError> {
    let newsletters = web.newsletters().await?;
    let mut paths: Vec<String> = ["/", "/archive", "/subscribe"].map(str::to_owned).to_vec();
    let archives = newsletters.iter().filter(|newsletter| newsletter.archive);
    paths.extend(archives.map(|newsletter| format!("/archive/{}", newsletter.slug)));
    let own_pages = &web.app.config.site.own_pages;
    paths.extend(own_pages.names().map(|name| format!("/pages/{name}")));
    let pages = paths.iter().map(|path| SitemapPage {
        address: web.app.link(path),
        changed: None,
    });
    Ok(pages.collect())
}

fn xml(template: &impl Template) -> Result<Response, WebError> {
    let content_type = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
    Ok((content_type, template.render()?).into_response())
}
