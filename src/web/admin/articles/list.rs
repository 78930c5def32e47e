//! The list of articles, with a search.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;

use super::super::console::Console;
use super::super::forms::field;
use super::lookup::article_path;
use crate::domain::ids::{FeedId, NewsletterId};
use crate::domain::public_id::PublicId;
use crate::domain::role::Permission;
use crate::domain::states::ArticleState;
use crate::operators::SignedIn;
use crate::store::Tx;
use crate::store::arrivals::ArrivalState;
use crate::store::article_search::ArticleSearch;
use crate::store::articles::{Article, ArticleHead};
use crate::text::search::SearchQuery;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;

/// How many articles one page lists.
const PAGE: usize = 50;
/// The most characters of a search that are used.
const MAX_QUERY_CHARS: usize = 200;

#[derive(Debug, Template)]
#[template(path = "admin/articles.html")]
struct ArticlesPage {
    console: Console,
    words: String,
    newsletter: String,
    state: String,
    /// The feed whose articles are listed: its id and its name.
    feed: Option<(FeedId, String)>,
    /// Slug and name of each newsletter.
    newsletters: Vec<(String, String)>,
    articles: Vec<ArticleLine>,
    is_filtered: bool,
    /// The address of the next page.
    older: Option<String>,
    may_write: bool,
}

impl ArticlesPage {
    fn states(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        ArticleState::ALL
            .iter()
            .map(|state| (state.as_str(), state_name(&self.console, *state)))
    }
}

/// An article in a list.
#[derive(Debug)]
pub(crate) struct ArticleLine {
    pub(crate) path: String,
    pub(crate) public_id: String,
    pub(crate) title: String,
    pub(crate) language: String,
    pub(crate) source: String,
    pub(crate) arrived: Stamp,
    /// What became of it in each newsletter, and what editors did.
    pub(crate) states: Vec<String>,
}

fn state_name(console: &Console, state: ArticleState) -> String {
    let words = &console.words;
    match state {
        ArticleState::Waiting => words.article_state_waiting(),
        ArticleState::InIssue => words.article_state_in_issue(),
        ArticleState::LeftOut => words.article_state_left_out(),
        ArticleState::Editorial => words.article_state_editorial(),
        ArticleState::Edited => words.article_state_edited(),
        ArticleState::Retracted => words.article_state_retracted(),
    }
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let [words, newsletter, state, feed, after] =
        ["q", "newsletter", "state", "feed", "after"].map(|name| field(query.as_bytes(), name));
    let words: String = words.trim().chars().take(MAX_QUERY_CHARS).collect();
    let mut tx = web.app.store.read_snapshot().await?;
    let newsletters = tx.newsletters().await?;
    let chosen = newsletters.iter().find(|known| known.slug == newsletter);
    let feed = match feed.parse::<FeedId>() {
        Ok(id) => tx.feed(id).await?,
        Err(_) => None,
    };
    let last = match PublicId::parse(&after) {
        Ok(id) => tx.article_by_public_id(id.as_str()).await?,
        Err(_) => None,
    };
    let search = ArticleSearch {
        words: SearchQuery::parse(&words),
        feed: feed.as_ref().map(|feed| feed.id),
        newsletter: chosen.map(|newsletter| newsletter.id),
        state: state.parse().ok(),
        after: last.map(|last| (last.arrived_at, last.id)),
    };
    let mut found = find_articles(&mut tx, &search, &words).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let slugs: HashMap<NewsletterId, String> = tx.newsletter_slugs().await?.into_iter().collect();
    let older = found.last().filter(|_| has_more).map(|last| {
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        let feed = feed.as_ref().map_or_else(String::new, |feed| feed.id.to_string());
        for (name, value) in [
            ("q", words.as_str()),
            ("newsletter", &newsletter),
            ("state", &state),
            ("feed", &feed),
            ("after", &last.public_id),
        ] {
            if !value.is_empty() {
                next.append_pair(name, value);
            }
        }
        format!("/admin/articles?{}", next.finish())
    });
    let articles = lines(&mut tx, &console, found, &slugs).await?;
    drop(tx);
    render(&ArticlesPage {
        is_filtered: [&words, &newsletter, &state].iter().any(|text| !text.is_empty()) || feed.is_some(),
        words,
        newsletter,
        state,
        feed: feed.map(|feed| (feed.id, if feed.title.is_empty() { feed.url } else { feed.title })),
        newsletters: newsletters.into_iter().map(|known| (known.slug, known.name)).collect(),
        articles,
        older,
        may_write: signed_in.may(Permission::EditArticles),
        console,
    })
}

/// One article more than a page shows. An id, or the beginning of one, is looked up as such.
async fn find_articles(tx: &mut Tx, search: &ArticleSearch, words: &str) -> Result<Vec<ArticleHead>, WebError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let prefix = words.to_ascii_uppercase();
    if prefix.starts_with("TX_") && search.after.is_none() {
        let found = tx.articles_with_prefix(&prefix, PAGE).await?;
        if !found.is_empty() {
            return Ok(found.iter().map(Article::head).collect());
        }
    }
    Ok(tx.find_articles(search, limit).await?)
}

/// The lines of a list of articles.
pub(crate) async fn lines(
    tx: &mut Tx,
    console: &Console,
    articles: Vec<ArticleHead>,
    slugs: &HashMap<NewsletterId, String>,
) -> Result<Vec<ArticleLine>, WebError> {
    let ids: Vec<_> = articles.iter().map(|article| article.id).collect();
    let mut arrivals: HashMap<_, Vec<ArrivalState>> = HashMap::new();
    for arrival in tx.arrival_states(&ids).await? {
        arrivals.entry(arrival.article_id).or_default().push(arrival);
    }
    let line = |article: ArticleHead| {
        let arrived = arrivals.remove(&article.id).unwrap_or_default();
        ArticleLine {
            path: article_path(&article.public_id),
            states: states(console, &article, &arrived, slugs),
            title: article.title,
            language: article.language.unwrap_or_default(),
            source: article.source_name,
            arrived: Stamp::utc(article.arrived_at),
            public_id: article.public_id,
        }
    };
    Ok(articles.into_iter().map(line).collect())
}

fn states(
    console: &Console,
    article: &ArticleHead,
    arrivals: &[ArrivalState],
    slugs: &HashMap<NewsletterId, String>,
) -> Vec<String> {
    let words = &console.words;
    if article.retracted_at.is_some() {
        return vec![words.article_state_retracted()];
    }
    let mut states: Vec<_> = article
        .edited_at
        .map(|_| words.article_state_edited())
        .into_iter()
        .collect();
    let mut named: Vec<_> = arrivals
        .iter()
        .filter_map(|arrival| Some((slugs.get(&arrival.newsletter_id)?, arrival)))
        .collect();
    named.sort_by_key(|(slug, _)| *slug);
    states.extend(named.into_iter().map(|(slug, arrival)| {
        match (arrival.issue_id, &arrival.reason, arrival.position) {
            (None, None, _) => words.article_waits_for(slug),
            (Some(_), _, Some(_)) => words.article_in_issue_of(slug),
            _ => words.article_left_out_of(slug),
        }
    }));
    states
}
