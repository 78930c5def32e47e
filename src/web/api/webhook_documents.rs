//! The documents about webhooks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::Entity;
use super::failure::Failure;
use super::input::{FieldErrors, boolean, text, texts, texts_schema};
use crate::domain::article_input::FieldError;
use crate::domain::ids::WebhookEndpointId;
use crate::domain::webhook::{EventSelection, MessageState, WebhookEvent};
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::web::state::Web;
use crate::webhooks::{self, TestAnswer, WebhookError};

/// A webhook, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookDocument {
    #[serde(flatten)]
    control: WebhookControl,
    /// Why it is disabled
    #[schema(required)]
    disabled_reason: Option<String>,
    /// Attempts that failed since the last success
    failures: i64,
    /// Since when every attempt failed; null: the last one succeeded
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    /// Until when messages are also signed with the previous secret
    #[schema(required)]
    previous_secret_until: Option<DateTime<Utc>>,
    messages: MessageCounts,
    created: DateTime<Utc>,
}

/// What operators set of a webhook. The tag of the webhook is made of this part, because the rest changes with each attempt.
#[derive(Debug, Serialize, ToSchema)]
struct WebhookControl {
    id: WebhookEndpointId,
    name: String,
    /// The address that gets the events
    url: String,
    /// The events that it gets; empty: all
    events: Vec<WebhookEvent>,
    /// Since when it gets no events; null: it is enabled
    #[schema(required)]
    disabled_at: Option<DateTime<Utc>>,
}

/// How many messages are in its log, by state.
#[derive(Debug, Default, Serialize, ToSchema)]
struct MessageCounts {
    waiting: i64,
    delivered: i64,
    failed: i64,
}

impl WebhookDocument {
    /// `counts` has the messages of all webhooks.
    pub(super) fn new(
        endpoint: WebhookEndpoint,
        counts: &[(WebhookEndpointId, MessageState, i64)],
        now: DateTime<Utc>,
    ) -> Self {
        let mut messages = MessageCounts::default();
        for (_, state, count) in counts.iter().filter(|(id, ..)| *id == endpoint.id) {
            match state {
                MessageState::Waiting => messages.waiting = *count,
                MessageState::Delivered => messages.delivered = *count,
                MessageState::Failed => messages.failed = *count,
            }
        }
        let events = match endpoint.events {
            EventSelection::All => Vec::new(),
            EventSelection::Only(events) => events.into_iter().collect(),
        };
        Self {
            control: WebhookControl {
                id: endpoint.id,
                name: endpoint.name,
                url: endpoint.url,
                events,
                disabled_at: endpoint.disabled_at,
            },
            disabled_reason: endpoint.disabled_reason,
            failures: endpoint.failures,
            failing_since: endpoint.failing_since,
            previous_secret_until: endpoint.previous_secret_until.filter(|until| *until > now),
            messages,
            created: endpoint.created_at,
        }
    }

    pub(super) fn entity(&self) -> Result<Entity, Failure> {
        Entity::with_tag_of(self, &self.control)
    }
}

/// The webhooks of the site, in the order in which they were added, each as the API shows it.
pub(super) async fn all(web: &Web) -> Result<Vec<(WebhookEndpoint, WebhookDocument)>, Failure> {
    let now = web.app.clock.now();
    let mut tx = web.app.store.read_snapshot().await?;
    let counts = tx.webhook_counts().await?;
    let mut endpoints = tx.webhook_endpoints().await?;
    endpoints.sort_by_key(|endpoint| endpoint.id);
    let endpoints = endpoints.into_iter();
    Ok(endpoints
        .map(|endpoint| (endpoint.clone(), WebhookDocument::new(endpoint, &counts, now)))
        .collect())
}

pub(super) async fn existing(web: &Web, id: WebhookEndpointId) -> Result<(WebhookEndpoint, WebhookDocument), Failure> {
    let mut found = all(web).await?.into_iter();
    found.find(|(endpoint, _)| endpoint.id == id).ok_or_else(no_webhook)
}

fn no_webhook() -> Failure {
    Failure::NotFound("There is no such webhook; GET /api/v1/webhooks lists the webhooks.".to_owned())
}

/// A webhook with its secret, which no other answer shows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: WebhookDocument,
    /// The key of the signatures
    secret: String,
}

impl WebhookWithSecret {
    pub(super) fn entity(webhook: WebhookDocument, secret: String) -> Result<Entity, Failure> {
        let tag = webhook.entity()?;
        Ok(Entity::new(&Self { webhook, secret })?.tagged_as(&tag))
    }
}

/// A webhook to add.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// The address that gets the events
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    pub(super) url: Option<String>,
    /// 1 to 64 letters, digits, `.`, `-` or `_`; default: the host of the address
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
    /// Events such as `subscription.confirmed`, or groups such as `subscription`; default: all
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    pub(super) events: Option<Vec<String>>,
}

/// What is changed of a webhook. A field that is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WebhookPatch {
    /// The address that gets the events, also those that wait
    #[serde(deserialize_with = "text")]
    pub(super) url: Option<String>,
    /// Events or groups; an empty list is all
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    pub(super) events: Option<Vec<String>>,
    /// Whether it gets events. `true` also retries a failing webhook at once
    #[serde(deserialize_with = "boolean")]
    pub(super) enabled: Option<bool>,
}

/// The events that a request names; all if it names none. After `None` there is an error.
pub(super) fn events(errors: &mut FieldErrors, names: &[String]) -> Option<EventSelection> {
    EventSelection::parse_names(names)
        .map_err(|error| errors.add("events", error.to_string()))
        .ok()
}

/// Fails if there are errors, together with all that is wrong with the address and the name. Without errors the address is not looked
/// up here, because adding or changing the webhook does that.
pub(super) async fn finish(
    web: &Web,
    mut errors: FieldErrors,
    url: Option<&str>,
    name: Option<&str>,
) -> Result<(), Failure> {
    let name_error = webhooks::field_errors(&web.app, None, name).await;
    if errors.is_empty() && name_error.is_empty() {
        return Ok(());
    }
    for error in webhooks::field_errors(&web.app, url, name).await {
        match error.into() {
            Failure::Invalid(found) => errors.add_all(found),
            other => return Err(other),
        }
    }
    errors.finish()
}

/// The answer of a program to a test event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookTest)]
pub(super) struct TestDocument {
    /// The HTTP status; null: there was no answer
    #[schema(required)]
    status: Option<u16>,
    /// Why the test failed; null: it succeeded
    #[schema(required)]
    error: Option<String>,
}

impl From<TestAnswer> for TestDocument {
    fn from(answer: TestAnswer) -> Self {
        Self {
            status: answer.status,
            error: answer.error,
        }
    }
}

impl From<WebhookError> for Failure {
    fn from(error: WebhookError) -> Self {
        let text = error.to_string();
        let field = match error {
            WebhookError::Store(error) => return error.into(),
            WebhookError::Unknown(_) => return no_webhook(),
            WebhookError::Outdated(_) => return Self::Changed,
            WebhookError::TooMany | WebhookError::NothingToReplay(_) => return Self::Conflict(text),
            WebhookError::Taken(name) => {
                let detail = format!("There is a webhook {name:?} already. Send another `name` for the new one.");
                return Self::Conflict(detail);
            }
            WebhookError::Secret(name) => {
                return Self::Conflict(format!(
                    "The secret of {name:?} was encrypted with another secrets.key. Set that key again, or make a new secret: \
                     POST /api/v1/webhooks/ID/secret."
                ));
            }
            WebhookError::Event(_) => "events",
            WebhookError::Name(_) => "name",
            WebhookError::Address(_) => "url",
        };
        Self::Invalid(vec![FieldError::new(field, text)])
    }
}
