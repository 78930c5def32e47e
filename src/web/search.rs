//! GET `/search`: articles and past issues by their words.

use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::client::Client;
use super::error::{WebError, page};
use super::pages::{LEDE_CHARS, SearchPage, SearchResult, Site, Stamp};
use super::state::{Shared, Web};
use super::story_lists::Content;
use crate::digest::search::{Found, MAX_FOUND, find};
use crate::digest::{archived_issue_path, page_path, source_name};
use crate::store::articles::ArticleHead;
use crate::text::search::{MAX_QUERY_CHARS, SearchQuery};

/// The number of results on one page.
const PAGE_SIZE: usize = 20;

/// The fields of the search form.
#[derive(Debug, Deserialize)]
pub(super) struct SearchForm {
    #[serde(default)]
    q: String,
    /// From 1. Text that is not a number selects the first page; a number that is too large selects the last.
    #[serde(default)]
    page: String,
}

pub(super) async fn search(
    State(web): Shared,
    site: Site,
    Client(network): Client,
    Query(form): Query<SearchForm>,
) -> Result<Html<String>, WebError> {
    let typed: String = form.q.chars().take(MAX_QUERY_CHARS).collect();
    let query = SearchQuery::parse(&typed);
    let content = web.lists.current(&web.app).await?;
    let found = match &query {
        Some(query) => {
            let _searching = web.search_limit.enter(network).await?;
            let mut tx = web.app.store.read_snapshot().await?;
            find(&mut tx, &web.app, &content.newsletters, query).await?
        }
        None => Vec::new(),
    };
    let last = found.len().div_ceil(PAGE_SIZE).max(1);
    let number = form.page.parse().unwrap_or(1).clamp(1, last);
    let on_page = found.iter().skip((number - 1) * PAGE_SIZE).take(PAGE_SIZE);
    let results = query
        .iter()
        .flat_map(|query| on_page.clone().map(|found| result(&web, &content, &site, query, found)));
    let address = |number: usize| {
        let pairs = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &typed)
            .append_pair("page", &number.to_string())
            .finish();
        format!("/search?{pairs}")
    };
    page(&SearchPage {
        results: results.collect(),
        is_asked: query.is_some(),
        total: found.len(),
        is_cut: found.len() == MAX_FOUND,
        previous: (number > 1).then(|| address(number - 1)),
        next: (number < last).then(|| address(number + 1)),
        typed,
        site,
    })
}

fn result(web: &Web, content: &Content, site: &Site, query: &SearchQuery, found: &Found) -> SearchResult {
    match found {
        Found::Article(article) => SearchResult {
            label: topic(content, article).unwrap_or_default(),
            language: article.language.clone().unwrap_or_default(),
            href: page_path(&article.public_id, &article.title),
            headline: query.parts(&article.title),
            snippet: query.parts(&query.snippet(&article.summary, LEDE_CHARS)),
            source: source_name(&web.app, article),
            time: Stamp::in_zone(article.listed_at(), content.zone),
        },
        Found::Issue(issue) => SearchResult {
            label: site.words.newsletter_issue(&issue.newsletter_name, issue.number),
            language: String::new(),
            href: archived_issue_path(&issue.newsletter_slug, issue.number),
            headline: query.parts(&issue.subject),
            snippet: Vec::new(),
            source: String::new(),
            time: Stamp::in_zone(issue.started_at, content.zone),
        },
    }
}

fn topic(content: &Content, article: &ArticleHead) -> Option<String> {
    let category = article.category.as_deref().filter(|category| !category.is_empty())?;
    content.topics.topic_of(category).map(str::to_owned)
}
