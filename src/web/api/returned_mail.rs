//! `/api/v1/returned-mail`: bounces, complaints and other mail that came back, and the events of mail providers.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ReadReaders};
use super::failure::Failure;
use super::input::{Query, text};
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size, position};
use crate::domain::ids::{BounceId, IssueId, ReturnedMailId, SubscriptionId};
use crate::domain::returned_states::{ReturnedEffect, ReturnedKind};
use crate::store::bounce_lists::ListedBounce;
use crate::store::returned_mails::ListedMail;
use crate::text::plain::printable;
use crate::web::state::Shared;

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReturnedMailQuery {
    /// Only mail that arrived in this way: `listener`, `imap`, `file`, or the name of a mail provider
    #[serde(deserialize_with = "text")]
    source: Option<String>,
    /// The number of mails on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<Uuid>)]
    after: Option<ReturnedMailId>,
}

/// A returned mail or an event of a mail provider.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReturnedMailBrief {
    id: ReturnedMailId,
    /// How it arrived: `listener`, `imap`, `file`, or the name of a mail provider
    source: String,
    received: DateTime<Utc>,
    /// null: it waits to be processed
    #[schema(required)]
    processed: Option<DateTime<Utc>>,
    #[schema(required)]
    kind: Option<ReturnedKind>,
    #[schema(required)]
    effect: Option<ReturnedEffect>,
    /// What it led to, or why it changed nothing
    #[schema(required)]
    note: Option<String>,
}

impl From<ListedMail> for ReturnedMailBrief {
    fn from(mail: ListedMail) -> Self {
        Self {
            id: mail.id,
            source: mail.source,
            received: mail.received_at,
            processed: mail.processed_at,
            kind: mail.kind,
            effect: mail.effect,
            note: mail.note,
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/returned-mail", operation_id = "listReturnedMail",
    summary = "Mail that came back and events of mail providers, the latest first",
    params(ReturnedMailQuery),
    responses((status = 200, description = "A page of returned mail", body = Page<ReturnedMailBrief>)),
    security(("token" = ["readers"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    query: Query<ReturnedMailQuery>,
) -> Result<Json<Page<ReturnedMailBrief>>, Failure> {
    query.errors.finish()?;
    let ReturnedMailQuery { source, limit, after } = query.parameters;
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let mut tx = web.app.store.read().await?;
    let mails = tx.returned_mails_before(source.as_deref(), after, limit + 1).await?;
    Ok(Json(Page::new(
        mails,
        limit,
        |mail| mail.id.to_string(),
        ReturnedMailBrief::from,
    )))
}

/// A returned mail with its content and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReturnedMail)]
pub(super) struct ReturnedMailDocument {
    #[serde(flatten)]
    brief: ReturnedMailBrief,
    /// The address at which it arrived
    #[schema(required)]
    recipient: Option<String>,
    /// The provider's id of an event
    #[schema(required)]
    event: Option<String>,
    /// What it says of each recipient of a message of ours
    recipients: Vec<ReturnedRecipient>,
    /// The mail as text; null: it was deleted some time after it was processed
    #[schema(required)]
    content: Option<String>,
}

/// What came back about a recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReturnedRecipient {
    id: BounceId,
    /// null: the reader was erased
    #[schema(required)]
    email: Option<String>,
    kind: ReturnedKind,
    /// The enhanced status code (RFC 3463), such as 5.1.1
    #[schema(required)]
    status: Option<String>,
    reason: String,
    /// What was done about it
    action: String,
    #[schema(required)]
    issue: Option<IssueId>,
    #[schema(required)]
    subscription: Option<SubscriptionId>,
    at: DateTime<Utc>,
}

impl From<ListedBounce> for ReturnedRecipient {
    fn from(bounce: ListedBounce) -> Self {
        Self {
            id: bounce.id,
            email: bounce.address.map(|address| address.as_typed().to_owned()),
            kind: bounce.kind,
            status: bounce.status,
            reason: bounce.reason,
            action: bounce.action,
            issue: bounce.issue_id,
            subscription: bounce.subscription_id,
            at: bounce.at,
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/returned-mail/{id}", operation_id = "showReturnedMail",
    summary = "One returned mail with its content, and what came of it",
    params(("id" = Uuid, Path, description = "The id of the returned mail")),
    responses((status = 200, description = "The returned mail", body = ReturnedMailDocument)),
    security(("token" = ["readers"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    Named(id): Named<ReturnedMailId>,
) -> Result<Json<ReturnedMailDocument>, Failure> {
    let mut tx = web.app.store.read().await?;
    let mail = tx.returned_mails_between(id, id, 1).await?.pop();
    let mail = mail.ok_or_else(|| {
        Failure::NotFound("There is no such returned mail; GET /api/v1/returned-mail lists it.".to_owned())
    })?;
    let recipients = tx.bounces_of_mail(id).await?;
    let content = printable(&String::from_utf8_lossy(&mail.content));
    Ok(Json(ReturnedMailDocument {
        brief: ReturnedMailBrief {
            id,
            source: mail.source,
            received: mail.received_at,
            processed: mail.processed_at,
            kind: mail.kind,
            effect: mail.effect,
            note: mail.note,
        },
        recipient: mail.recipient,
        event: mail.event_id,
        recipients: recipients.into_iter().map(ReturnedRecipient::from).collect(),
        content: (!mail.content.is_empty()).then_some(content),
    }))
}
