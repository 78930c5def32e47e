//! Adds feeds to a newsletter: one by its address or that of a page, or all of an OPML document.

use askama::Template;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, Notice, done};
use super::super::field_texts::Problem;
use super::super::forms::field;
use super::lookup::{feed_path, newsletter};
use super::request_form::{self, RequestForm};
use crate::domain::redact::without_secrets;
use crate::domain::states::TextFrom;
use crate::feeds::request_settings::RequestSettings;
use crate::ingest::adding_feeds::{Discovery, discover};
use crate::ingest::feed_url::{FeedUrlError, parse_feed_url};
use crate::ingest::managing_feeds::{self, AddedFeed, ImportError, Imported, RefusedFeed, RefusedReason};
use crate::ingest::requesting_feeds::RequestChangeError;
use crate::operators::SignedIn;
use crate::text::html::FeedLink;
use crate::text::plain::beginning;
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};
use crate::words::Words;

/// At most this many refused entries of a list are shown.
const MAX_REFUSED: usize = 100;

#[derive(Debug, Default)]
struct Typed {
    url: String,
    newsletter: String,
    full_text: bool,
    is_text_from_page: bool,
    opml: String,
}

#[derive(Debug, Template)]
#[template(path = "admin/feed_add.html")]
struct AddPage {
    console: Console,
    newsletters: Vec<(String, String)>,
    typed: Typed,
    request: RequestForm,
    problem: Option<Problem>,
    /// What the program found out about the address, in English. The feed can be added all the same.
    unreadable: Option<String>,
    /// The feeds that a page links: address and title.
    found: Vec<(String, String)>,
    /// What an import of a list did.
    imported: Option<Report>,
}

#[derive(Debug)]
struct Report {
    added: usize,
    known: usize,
    /// The title of each, and why it was not added.
    refused: Vec<(String, String)>,
    /// How many more were refused.
    not_shown: usize,
}

impl AddPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

/// The page before anything else is known.
async fn empty(web: &Web, console: Console, typed: Typed) -> Result<AddPage, WebError> {
    let newsletters = web.app.store.read().await?.newsletters().await?;
    Ok(AddPage {
        newsletters: newsletters.into_iter().map(|known| (known.slug, known.name)).collect(),
        console,
        request: RequestForm::default(),
        typed,
        problem: None,
        unreadable: None,
        found: Vec::new(),
        imported: None,
    })
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let typed = Typed {
        newsletter: field(query.as_bytes(), "newsletter"),
        ..Typed::default()
    };
    Ok(render(&empty(&web, console, typed).await?)?.into_response())
}

/// POST `/admin/feeds/add`. The address is fetched first, so that a mistyped one is noticed at once.
pub(super) async fn add(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let typed = Typed {
        url: field(&body, "url"),
        newsletter: field(&body, "newsletter"),
        full_text: field(&body, "full_text") == "true",
        is_text_from_page: field(&body, "text_from") == TextFrom::Page.as_str(),
        ..Typed::default()
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    // The list of the feeds that a page links keeps what was typed before.
    let request_fields = request_form::kept(&web.app, &signed_in, &body).unwrap_or_else(|| body.to_vec());
    let request = request_form::change(&request_fields);
    let settings = RequestSettings::default()
        .changed(&request)
        .map_err(RequestChangeError::from);
    let settings = settings.map_err(|error| request_form::problem(&console.words, &error));
    let given = parse_feed_url(&typed.url, web.app.fetcher.guard());
    let given = given.map_err(|error| Problem {
        field: "url",
        text: url_problem(&console.words, &error),
    });
    let (given, settings) = match (given, settings) {
        (Ok(given), Ok(settings)) => (given, settings),
        (Err(problem), _) | (_, Err(problem)) => {
            let page = AddPage {
                problem: Some(problem),
                request: RequestForm::default().typed(&body),
                ..empty(&web, console, typed).await?
            };
            return Ok((unprocessable, render(&page)?).into_response());
        }
    };
    let mut tx = web.app.store.read().await?;
    let newsletter = newsletter(&mut tx, &typed.newsletter).await?;
    let known = tx.feed_of_newsletter(newsletter.id, given.as_str()).await?;
    drop(tx);
    if let Some(known) = known {
        return Ok(done(&feed_path(known.id), Notice::FeedKnown).into_response());
    }
    let is_anyway = field(&body, "do") == "anyway";
    let (url, title) = match discover(&web.app, &settings, &given).await {
        Discovery::Feed(url, title) => (url, title),
        Discovery::Page(link, others) if others.is_empty() => (link.url, link.title),
        Discovery::Page(link, others) => {
            let page = empty(&web, console, typed).await?;
            let found = std::iter::once(link).chain(others).map(named).collect();
            let request = RequestForm {
                kept: request_form::to_keep(&web.app, &signed_in, &request_fields),
                ..RequestForm::default().typed(&body)
            };
            return Ok(render(&AddPage { request, found, ..page })?.into_response());
        }
        Discovery::Nothing(_) | Discovery::Unreadable(_) if is_anyway => (given, String::new()),
        Discovery::Nothing(reason) | Discovery::Unreadable(reason) => {
            let page = empty(&web, console, typed).await?;
            let text = page.console.words.feed_unreadable();
            let page = AddPage {
                problem: Some(Problem { field: "url", text }),
                request: RequestForm::default().typed(&body),
                unreadable: Some(reason),
                ..page
            };
            return Ok((unprocessable, render(&page)?).into_response());
        }
    };
    let actor = signed_in.actor();
    let added = AddedFeed {
        url: &url,
        title: &title,
        full_text: typed.full_text,
        text_from: typed.is_text_from_page.then_some(TextFrom::Page),
        request: Some(&settings).filter(|_| request_form::is_given(&request)),
    };
    let (feed, is_new) = managing_feeds::add(&web.app, &actor, &newsletter, added).await?;
    let notice = if is_new { Notice::FeedAdded } else { Notice::FeedKnown };
    Ok(done(&feed_path(feed.id), notice).into_response())
}

fn named(link: FeedLink) -> (String, String) {
    let url = String::from(link.url);
    let title = if link.title.is_empty() { url.clone() } else { link.title };
    (url, title)
}

fn url_problem(words: &Words, error: &FeedUrlError) -> String {
    match error {
        FeedUrlError::NotHttp(_) => words.article_url_wrong(),
        FeedUrlError::TooLong => words.article_field_long(),
        FeedUrlError::Refused(refusal) => words.feed_address_refused(refusal.to_string()),
    }
}

/// POST `/admin/feeds/import`: adds the feeds of an OPML document.
pub(super) async fn import(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let typed = Typed {
        newsletter: field(&body, "newsletter"),
        opml: field(&body, "opml"),
        ..Typed::default()
    };
    let newsletter = newsletter(&mut web.app.store.read().await?, &typed.newsletter).await?;
    let document = typed.opml.trim().as_bytes().to_vec();
    match managing_feeds::import(&web.app, &signed_in.actor(), &newsletter, document).await {
        Ok(imported) => {
            let report = report(&console.words, &imported);
            let typed = Typed {
                newsletter: newsletter.slug,
                ..Typed::default()
            };
            let page = empty(&web, console, typed).await?;
            let page = AddPage {
                imported: Some(report),
                ..page
            };
            Ok(render(&page)?.into_response())
        }
        Err(ImportError::List(_)) => {
            let page = empty(&web, console, typed).await?;
            let text = page.console.words.feeds_not_a_list();
            let page = AddPage {
                problem: Some(Problem { field: "opml", text }),
                ..page
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
        }
        Err(ImportError::Store(error)) => Err(error.into()),
    }
}

fn report(words: &Words, imported: &Imported) -> Report {
    let reason = |reason: &RefusedReason| match reason {
        RefusedReason::OnlySite(site) => words.feeds_only_site(without_secrets(site)),
        RefusedReason::NoAddress => words.feeds_no_address(),
        RefusedReason::Address(error) => url_problem(words, error),
    };
    let line = |feed: &RefusedFeed| (beginning(&feed.title), reason(&feed.reason));
    Report {
        added: imported.added,
        known: imported.known,
        not_shown: imported.refused.len().saturating_sub(MAX_REFUSED),
        refused: imported.refused.iter().take(MAX_REFUSED).map(line).collect(),
    }
}
