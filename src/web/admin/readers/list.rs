//! The list of readers, and the search for an address or a name.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawForm, RawQuery, State};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::super::console::Console;
use super::super::forms::field;
use super::path::reader_path;
use super::subscribe_form::SubscribeForm;
use crate::domain::address::EmailAddress;
use crate::domain::ids::NewsletterId;
use crate::domain::role::Permission;
use crate::domain::states::SubscriptionState;
use crate::readers::{ListedReader, ReaderFilter, ReaderPage, ReaderPosition, readers};
use crate::store::subscriber_search::{MAX_COUNTED, SubscriberQuery};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};
use crate::web::subscription_counts::SubscriptionCount;

/// How many readers one page lists.
const PAGE: i64 = 50;

#[derive(Debug, Template)]
#[template(path = "admin/readers.html")]
pub(super) struct ReadersPage {
    pub(super) console: Console,
    filter: FilterForm,
    /// The newsletters, for the menu: slug and name.
    newsletters: Vec<(String, String)>,
    counts: Vec<CountLine>,
    /// How many imported readers wait to be asked to confirm.
    waiting: Option<String>,
    readers: Vec<ReaderLine>,
    /// What the search found; `None` without a search.
    found: Option<String>,
    /// Whether the page is short because most matches do not pass the filter.
    is_partial: bool,
    next: Option<NextPage>,
    /// Whether there is no reader at all.
    is_empty: bool,
    pub(super) form: SubscribeForm,
    may_change: bool,
}

/// The filter as it was chosen.
#[derive(Clone, Debug, Default)]
struct FilterForm {
    text: String,
    newsletter: String,
    state: Option<SubscriptionState>,
}

/// How many subscriptions a newsletter has in each state.
#[derive(Debug)]
struct CountLine {
    slug: String,
    /// The word of each state, and how many subscriptions are in it.
    counts: Vec<(&'static str, u64)>,
}

#[derive(Debug)]
struct ReaderLine {
    path: String,
    address: String,
    name: Option<String>,
    since: Stamp,
    /// The slugs of the newsletters, and the names of the states.
    subscriptions: Vec<(String, String)>,
    is_suppressed: bool,
}

/// The next page: an address, or a form if the search has to be repeated.
#[derive(Debug)]
enum NextPage {
    Link(String),
    Form(String),
}

impl FilterForm {
    fn read(body: &[u8]) -> Self {
        Self {
            text: field(body, "search"),
            newsletter: field(body, "newsletter"),
            state: field(body, "state").parse().ok(),
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn is_of_state(&self, state: &SubscriptionState) -> bool {
        self.state == Some(*state)
    }
}

impl ReadersPage {
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn states(&self) -> Vec<SubscriptionState> {
        SubscriptionState::ALL.to_vec()
    }

    /// Whether the search was for a whole address about which nothing is on record.
    fn is_for_unknown_address(&self) -> bool {
        !self.form.address.is_empty() && self.form.address == self.filter.text.trim()
    }

    fn problem_at(&self, field: &str) -> Option<&str> {
        self.form.problems.at(field)
    }
}

/// GET `/admin/readers`: all readers, or those of a newsletter and a state. The query has no address.
pub(super) async fn page(
    State(web): Shared,
    console: Console,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let filter = FilterForm {
        text: String::new(),
        ..FilterForm::read(query.as_bytes())
    };
    let before = field(query.as_bytes(), "before").parse().ok();
    let position = before.map(ReaderPosition::Before);
    render(&list(&web, console, filter, position, SubscribeForm::default()).await?)
}

/// POST `/admin/readers`: a search. The address of a reader leads to the page of that reader.
pub(super) async fn search(State(web): Shared, console: Console, RawForm(body): RawForm) -> Result<Response, WebError> {
    let filter = FilterForm::read(&body);
    let position = field(&body, "after").parse().ok().map(ReaderPosition::InSearch);
    let typed = filter.text.trim();
    let mut form = SubscribeForm::default();
    if let Ok(address) = EmailAddress::parse(typed) {
        let mut tx = web.app.store.read().await?;
        if let Some(subscriber) = tx.subscriber_by_address(&web.app.keys, &address).await? {
            return Ok(Redirect::to(&reader_path(subscriber.id)).into_response());
        }
        let record = crate::readers::read(&web.app, &mut tx, address).await?;
        if record.is_known() {
            drop(tx);
            return super::page::without_subscriber(&web, console, record).await;
        }
        typed.clone_into(&mut form.address);
    }
    let shown = list(&web, console, filter, position, form).await?;
    Ok(render(&shown)?.into_response())
}

async fn list(
    web: &Web,
    console: Console,
    filter: FilterForm,
    position: Option<ReaderPosition>,
    form: SubscribeForm,
) -> Result<ReadersPage, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let slugs = tx.newsletter_slugs().await?;
    let newsletter = slugs.iter().find(|(_, slug)| *slug == filter.newsletter);
    let chosen = ReaderFilter {
        newsletter: newsletter.map(|(id, _)| *id),
        state: filter.state,
    };
    let query = SubscriberQuery::parse(&filter.text);
    let ReaderPage { readers: found, next } = readers(&mut tx, query.as_ref(), chosen, position, PAGE).await?;
    let found_text = match &query {
        Some(query) if chosen.newsletter.is_none() && chosen.state.is_none() => {
            Some(found_text(&console, tx.count_found_subscribers(query).await?))
        }
        _ => None,
    };
    // Counting a million subscriptions takes longer than finding one, so only the first page shows how many there are.
    let counts = if query.is_none() && position.is_none() {
        count_lines(web.subscription_counts.read(&mut tx).await?, &slugs)
    } else {
        Vec::new()
    };
    let waiting = if counts.is_empty() {
        0
    } else {
        tx.count_waiting_asks().await?
    };
    let rate = web.app.config.signup.asks_per_hour;
    let words = &console.words;
    let waiting = (waiting > 0)
        .then(|| words.readers_waiting(words.number(waiting.unsigned_abs()), words.number(u64::from(rate))));
    let names = tx.newsletters().await?;
    drop(tx);
    let is_partial = query.is_some() && next.is_some() && i64::try_from(found.len()).unwrap_or(0) < PAGE;
    let newsletters: Vec<_> = names.into_iter().map(|found| (found.slug, found.name)).collect();
    Ok(ReadersPage {
        may_change: console.may(Permission::ManageReaders),
        next: next.map(|next| next_page(next, &filter)),
        is_empty: query.is_none() && position.is_none() && counts.is_empty() && found.is_empty(),
        readers: found
            .into_iter()
            .map(|reader| ReaderLine::new(&console, reader))
            .collect(),
        found: found_text,
        form: SubscribeForm {
            newsletters: newsletters.clone(),
            ..form
        },
        is_partial,
        newsletters,
        counts,
        waiting,
        filter,
        console,
    })
}

/// The list with a form that was refused.
pub(super) async fn with_form(web: &Web, console: Console, form: SubscribeForm) -> Result<ReadersPage, WebError> {
    list(web, console, FilterForm::default(), None, form).await
}

fn found_text(console: &Console, count: i64) -> String {
    let words = &console.words;
    if count > MAX_COUNTED {
        words.readers_many(words.number(MAX_COUNTED.unsigned_abs()))
    } else {
        words.readers_found(words.number(count.unsigned_abs()))
    }
}

fn count_lines(counts: Vec<SubscriptionCount>, slugs: &[(NewsletterId, String)]) -> Vec<CountLine> {
    let mut counted: BTreeMap<NewsletterId, BTreeMap<SubscriptionState, u64>> = BTreeMap::new();
    for (newsletter, state, count) in counts {
        counted
            .entry(newsletter)
            .or_default()
            .insert(state, count.unsigned_abs());
    }
    let lines = slugs.iter().filter_map(|(id, slug)| {
        let counts = counted.remove(id)?;
        let states = SubscriptionState::ALL.iter();
        Some(CountLine {
            slug: slug.clone(),
            counts: states
                .map(|state| (state.as_str(), counts.get(state).copied().unwrap_or(0)))
                .collect(),
        })
    });
    lines.collect()
}

fn next_page(next: ReaderPosition, filter: &FilterForm) -> NextPage {
    match next {
        ReaderPosition::InSearch(position) => NextPage::Form(position.to_string()),
        ReaderPosition::Before(id) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            if !filter.newsletter.is_empty() {
                query.append_pair("newsletter", &filter.newsletter);
            }
            if let Some(state) = filter.state {
                query.append_pair("state", state.as_str());
            }
            query.append_pair("before", &id.to_string());
            NextPage::Link(format!("/admin/readers?{}", query.finish()))
        }
    }
}

impl ReaderLine {
    fn new(console: &Console, reader: ListedReader) -> Self {
        Self {
            path: reader_path(reader.subscriber.id),
            address: reader.subscriber.address.as_typed().to_owned(),
            name: reader.subscriber.name,
            since: Stamp::utc(reader.subscriber.created_at),
            subscriptions: reader
                .subscriptions
                .into_iter()
                .map(|(slug, state)| (slug, console.subscription_state(state)))
                .collect(),
            is_suppressed: reader.is_suppressed,
        }
    }
}
