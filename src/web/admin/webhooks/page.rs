//! The page of a webhook: whether it works, what an operator can do with it, and the log of what was sent.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Html;

use super::super::console::Console;
use super::super::forms::field;
use super::form::EndpointForm;
use super::lookup::{find, health, webhook_path};
use crate::domain::webhook::MessageState;
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::store::webhook_messages::LoggedMessage;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};
use crate::webhooks::TestAnswer;
use crate::words::Words;

/// How many messages one page lists.
const PAGE: i64 = 50;

#[derive(Debug, Template)]
#[template(path = "admin/webhook.html")]
struct WebhookPage {
    console: Console,
    path: String,
    name: String,
    url: String,
    health: String,
    is_well: bool,
    is_disabled: bool,
    /// Why it is disabled, in English.
    reason: Option<String>,
    added: Stamp,
    previous_until: Option<Stamp>,
    form: EndpointForm,
    /// A new secret, which is shown only now.
    secret: Option<String>,
    test: Option<TestAnswer>,
    state: Option<MessageState>,
    messages: Vec<MessageLine>,
    has_failed: bool,
    older: Option<String>,
}

#[derive(Debug)]
struct MessageLine {
    at: Stamp,
    event: &'static str,
    id: String,
    state: MessageState,
    /// When it is tried next, if it waits.
    next: Option<Stamp>,
    attempts: u64,
    status: Option<i64>,
    error: Option<String>,
}

/// What an action adds to the page.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// What was typed, if it was refused.
    pub(super) form: Option<EndpointForm>,
    pub(super) secret: Option<String>,
    pub(super) test: Option<TestAnswer>,
}

impl From<LoggedMessage> for MessageLine {
    fn from(message: LoggedMessage) -> Self {
        Self {
            at: Stamp::utc(message.created_at),
            event: message.event.as_str(),
            id: message.event_id,
            state: message.state,
            next: (message.state == MessageState::Waiting).then(|| Stamp::utc(message.next_attempt_at)),
            attempts: message.attempts.unsigned_abs(),
            status: message.last_status,
            error: message.last_error,
        }
    }
}

impl MessageLine {
    fn has_ended(&self) -> bool {
        self.state != MessageState::Waiting
    }
}

fn state_text(words: &Words, state: MessageState) -> String {
    match state {
        MessageState::Waiting => words.webhook_waiting(),
        MessageState::Delivered => words.webhook_delivered(),
        MessageState::Failed => words.webhook_failed(),
    }
}

impl WebhookPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        self.form.problems.at(field)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn state_name(&self, state: &MessageState) -> String {
        state_text(&self.console.words, *state)
    }

    /// The states by which the log can be filtered: the word, the name, and whether it is chosen.
    fn states(&self) -> Vec<(&'static str, String, bool)> {
        let states = MessageState::ALL.iter();
        states
            .map(|state| {
                let name = state_text(&self.console.words, *state);
                (state.as_str(), name, self.state == Some(*state))
            })
            .collect()
    }
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let endpoint = find(&mut web.app.store.read().await?, &id).await?;
    let query = query.unwrap_or_default();
    show(&web, console, endpoint, Shown::default(), query.as_bytes()).await
}

/// The page with what an action adds. `query` filters the log.
pub(super) async fn show(
    web: &Web,
    console: Console,
    endpoint: WebhookEndpoint,
    shown: Shown,
    query: &[u8],
) -> Result<Html<String>, WebError> {
    let state: Option<MessageState> = field(query, "state").parse().ok();
    let after = field(query, "after");
    let after = after
        .split_once('_')
        .and_then(|(position, id)| Some((position.parse().ok()?, id)));
    let mut tx = web.app.store.read().await?;
    let mut messages = tx.webhook_log(endpoint.id, state, after, PAGE + 1).await?;
    let counts = tx.webhook_counts().await?;
    drop(tx);
    let length = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = messages.len() > length;
    messages.truncate(length);
    let path = webhook_path(endpoint.id);
    let older = messages.last().filter(|_| has_more).map(|last| {
        let state = state.map_or("", MessageState::as_str);
        format!(
            "{path}?state={state}&after={}_{}#log-title",
            last.position, last.event_id
        )
    });
    let now = web.app.clock.now();
    let previous_until = endpoint.previous_secret_until.filter(|until| *until > now);
    render(&WebhookPage {
        path,
        health: health(&console.words, &endpoint),
        is_well: endpoint.disabled_at.is_none() && endpoint.failing_since.is_none(),
        is_disabled: endpoint.disabled_at.is_some(),
        added: Stamp::utc(endpoint.created_at),
        previous_until: previous_until.map(Stamp::utc),
        form: shown.form.unwrap_or_else(|| EndpointForm::of(&endpoint)),
        secret: shown.secret,
        test: shown.test,
        state,
        messages: messages.into_iter().map(MessageLine::from).collect(),
        has_failed: counts
            .iter()
            .any(|(id, state, _)| *id == endpoint.id && *state == MessageState::Failed),
        older,
        name: endpoint.name,
        url: endpoint.url,
        reason: endpoint.disabled_reason,
        console,
    })
}
