//! The front page, its later pages, and the pages of topics.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::error::{WebError, page};
use super::pages::{FrontPage, Site, StoriesPage};
use super::signup_form::box_form;
use super::state::{Shared, Web};
use super::story_lists::{ListKey, PAGE_SIZE, StoryList};

/// Which page of a list is shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PageQuery {
    /// The public id of the article that the part of the list follows; `None` for the first part.
    after: Option<String>,
    /// The page of that part, from 1.
    page: Option<String>,
}

impl PageQuery {
    fn number(&self) -> usize {
        let number = self.page.as_deref().and_then(|page| page.parse().ok());
        number.unwrap_or(1).max(1)
    }
}

/// GET `/`: the front page, or with `after` or `page` a later page.
pub(super) async fn front(
    State(web): Shared,
    site: Site,
    Query(query): Query<PageQuery>,
) -> Result<Response, WebError> {
    if query.after.is_some() || query.number() > 1 {
        return Ok(stories(&web, site, None, query).await?.into_response());
    }
    let content = web.lists.current(&web.app).await?;
    let shown = FrontPage {
        topics: Arc::clone(&content.topic_links),
        layout: Arc::clone(&content.layout),
        latest_issue: content.latest_issue.clone(),
        next_issue: content.next_issue(web.app.clock.now()),
        canonical: web.app.link("/"),
        next: next_page(&content.front, "/", &query),
        form: box_form(&web, &site).await?,
        site,
    };
    Ok(page(&shown)?.into_response())
}

/// GET `/topics/{topic}`: the stories of a topic.
pub(super) async fn topic(
    State(web): Shared,
    site: Site,
    Path(slug): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Html<String>, WebError> {
    stories(&web, site, Some(slug), query).await
}

async fn stories(web: &Web, site: Site, topic: Option<String>, query: PageQuery) -> Result<Html<String>, WebError> {
    let key = ListKey {
        topic,
        after: query.after.clone(),
    };
    let list = web.lists.list(&web.app, &key).await?.ok_or(WebError::NotFound)?;
    let content = web.lists.current(&web.app).await?;
    let path = list.topic.as_ref().map_or("/", |topic| topic.href.as_str());
    let number = query.number();
    let on_page = list
        .stories
        .iter()
        .skip((number - 1).saturating_mul(PAGE_SIZE))
        .take(PAGE_SIZE);
    let on_page: Vec<_> = on_page.cloned().collect();
    // The list became shorter, or the number was made up.
    if on_page.is_empty() && number > 1 {
        return Err(WebError::NotFound);
    }
    page(&StoriesPage {
        topics: Arc::clone(&content.topic_links),
        canonical: web.app.link(&address(path, query.after.as_deref(), number)),
        next: next_page(&list, path, &query),
        is_first: query.after.is_none() && number == 1,
        stories: on_page,
        topic: list.topic.clone(),
        form: box_form(web, &site).await?,
        site,
    })
}

/// The path of the page that follows.
fn next_page(list: &StoryList, path: &str, query: &PageQuery) -> Option<String> {
    let number = query.number();
    if list.stories.len() > number.saturating_mul(PAGE_SIZE) {
        return Some(address(path, query.after.as_deref(), number + 1));
    }
    let after = list.next_after.as_deref()?;
    Some(address(path, Some(after), 1))
}

/// The path of a page of a list.
fn address(path: &str, after: Option<&str>, number: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    if number > 1 {
        query.append_pair("page", &number.to_string());
    }
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
