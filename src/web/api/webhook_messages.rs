//! `/api/v1/webhooks/{id}/messages` and `…/replay`: the log of what was sent to a webhook, and sending it again.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ManageWebhooks};
use super::body::Document;
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::input::{FieldErrors, Query, boolean, text, time};
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size, position};
use super::webhook_documents::existing;
use crate::domain::ids::WebhookEndpointId;
use crate::domain::webhook::{MessageState, WebhookEvent};
use crate::store::webhook_messages::{LoggedMessage, ReplaySelection};
use crate::web::state::Shared;
use crate::webhooks::{self, WebhookError};

/// A position in the log: the place and the event of the last message of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LogPosition {
    place: i64,
    event_id: String,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.place, self.event_id)
    }
}

impl FromStr for LogPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (place, event_id) = text.split_once('_').ok_or(())?;
        let is_number = (1..=18).contains(&place.len()) && place.bytes().all(|byte| byte.is_ascii_digit());
        let code = event_id.strip_prefix("evt_").ok_or(())?;
        let is_id = code.len() == 32 && code.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let place = place.parse().ok().filter(|_| is_number && is_id);
        Ok(Self {
            place: place.ok_or(())?,
            event_id: event_id.to_owned(),
        })
    }
}

/// The parameters of the log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Only messages in this state
    state: Option<MessageState>,
    /// The number of messages on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,18}_evt_[0-9a-f]{32}$")]
    after: Option<LogPosition>,
}

/// A message in the log of a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookMessage {
    /// The id of the event, which the header `webhook-id` has
    id: String,
    event: WebhookEvent,
    state: MessageState,
    attempts: i64,
    /// The HTTP status of the last attempt; null: there was no answer
    #[schema(required)]
    status: Option<i64>,
    /// Why the last attempt failed
    #[schema(required)]
    error: Option<String>,
    /// When it is tried next; null: it does not wait
    #[schema(required)]
    next_attempt: Option<DateTime<Utc>>,
    /// When it was delivered or given up; null: it waits
    #[schema(required)]
    finished: Option<DateTime<Utc>>,
    created: DateTime<Utc>,
}

impl From<LoggedMessage> for WebhookMessage {
    fn from(message: LoggedMessage) -> Self {
        Self {
            next_attempt: (message.state == MessageState::Waiting).then_some(message.next_attempt_at),
            id: message.event_id,
            event: message.event,
            state: message.state,
            attempts: message.attempts,
            status: message.last_status,
            error: message.last_error,
            finished: message.finished_at,
            created: message.created_at,
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/messages", operation_id = "listWebhookMessages",
    summary = "The log of what was sent to a webhook, the latest messages first",
    params(("id" = Uuid, Path, description = "The webhook's id"), LogQuery),
    responses((status = 200, description = "A page of messages", body = Page<WebhookMessage>)),
    security(("token" = ["admin"])),
)]
pub(super) async fn list(
    _: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
    query: Query<LogQuery>,
) -> Result<Json<Page<WebhookMessage>>, Failure> {
    query.errors.finish()?;
    let LogQuery { state, limit, after } = query.parameters;
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let (endpoint, _) = existing(&web, id).await?;
    let after = after.as_ref().map(|after| (after.place, &*after.event_id));
    let mut tx = web.app.store.read().await?;
    let messages = tx.webhook_log(endpoint.id, state, after, limit + 1).await?;
    let position = |last: &LoggedMessage| {
        let position = LogPosition {
            place: last.position,
            event_id: last.event_id.clone(),
        };
        position.to_string()
    };
    Ok(Json(Page::new(messages, limit, position, WebhookMessage::from)))
}

/// The messages to send again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReplayRequest {
    /// Only the message with this id
    #[serde(deserialize_with = "text")]
    id: Option<String>,
    /// Only events at this time or later
    #[serde(deserialize_with = "time")]
    since: Option<DateTime<Utc>>,
    /// Only events before this time
    #[serde(deserialize_with = "time")]
    until: Option<DateTime<Utc>>,
    /// true: only messages that failed
    #[serde(deserialize_with = "boolean")]
    failed: Option<bool>,
}

impl ReplayRequest {
    /// The selection. It must name something, so that an empty document does not send everything again.
    fn selection(self, mut errors: FieldErrors) -> Result<ReplaySelection, Failure> {
        let failed = self.failed == Some(true);
        let names_nothing = self.id.is_none() && self.since.is_none() && self.until.is_none() && !failed;
        if errors.is_empty() && names_nothing {
            errors.add("", "name the messages by `id`, `since`, `until` or `failed`");
        }
        errors.finish()?;
        Ok(ReplaySelection {
            event_id: self.id,
            since: self.since,
            until: self.until,
            failed,
        })
    }
}

/// How many messages are sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Replayed {
    messages: u64,
}

#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/replay", operation_id = "replayWebhookMessages",
    summary = "Sends messages again that were delivered or failed, with the same ids",
    params(("id" = Uuid, Path, description = "The webhook's id"), IdempotencyKey),
    request_body = ReplayRequest,
    responses((status = 202, description = "How many messages are sent again within a moment", body = Replayed)),
    security(("token" = ["admin"])),
)]
pub(super) async fn replay(
    Bearer { operator, .. }: Bearer<ManageWebhooks>,
    State(web): Shared,
    Named(id): Named<WebhookEndpointId>,
    Document { value, errors }: Document<ReplayRequest>,
) -> Result<(StatusCode, Json<Replayed>), Failure> {
    let selection = value.selection(errors)?;
    let (endpoint, _) = existing(&web, id).await?;
    let messages = match webhooks::replay(&web.app, &operator.actor(), &endpoint.name, &selection).await {
        Ok(messages) => messages,
        Err(WebhookError::NothingToReplay(_)) => 0,
        Err(error) => return Err(error.into()),
    };
    Ok((StatusCode::ACCEPTED, Json(Replayed { messages })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_and_parsed() {
        let id = format!("evt_{}", "0f".repeat(16));
        let text = format!("17_{id}");
        let position: LogPosition = text.parse().expect("it is a position");
        assert_eq!((position.place, position.to_string()), (17, text));
        for wrong in [
            String::new(),
            id.clone(),
            format!("+1_{id}"),
            format!("{}_{id}", "1".repeat(19)),
            "1_evt_0f".into(),
        ] {
            assert!(wrong.parse::<LogPosition>().is_err(), "{wrong}");
        }
    }
}
