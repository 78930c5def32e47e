//! `/api/v1/comments`: the comments of readers, those that wait for a decision first. They have no address of a reader.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ManageReaders, ModerateComments};
use super::entity::{Entity, IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::input::Query;
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size, position};
use crate::comments::{self, Decision, DecisionError};
use crate::domain::comment::CommentState;
use crate::domain::ids::{CommentId, SubscriberId};
use crate::domain::seen::Seen;
use crate::operators::Authenticated;
use crate::store::Tx;
use crate::store::comments::{CommentList, CommentVersion, ListedComment};
use crate::web::state::{Shared, Web};

/// Which comments are listed.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Moderation {
    Held,
    Reported,
    Approved,
    Rejected,
}

impl From<Moderation> for CommentList {
    fn from(list: Moderation) -> Self {
        match list {
            Moderation::Held => Self::Held,
            Moderation::Reported => Self::Reported,
            Moderation::Approved => Self::Approved,
            Moderation::Rejected => Self::Rejected,
        }
    }
}

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CommentQuery {
    /// Those that wait for a decision (the default), that were approved and reported since, that are approved, or that are rejected
    #[param(inline)]
    list: Option<Moderation>,
    /// The number of comments on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<Uuid>)]
    after: Option<CommentId>,
}

/// A comment on an article.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(super) struct CommentDocument {
    id: CommentId,
    /// The id of the article
    article: String,
    /// The headline of the article
    title: String,
    /// The id of the reader who wrote it
    reader: SubscriberId,
    /// The name that the article's page shows
    name: String,
    /// Plain text: paragraphs, separated by empty lines
    text: String,
    state: CommentState,
    /// How often readers reported it since the last decision
    reports: i64,
    written: DateTime<Utc>,
    /// When an operator last decided about it
    #[schema(required)]
    decided: Option<DateTime<Utc>>,
}

impl From<ListedComment> for CommentDocument {
    fn from(comment: ListedComment) -> Self {
        Self {
            id: comment.id,
            article: comment.public_id,
            title: comment.title,
            reader: comment.subscriber_id,
            name: comment.name,
            text: comment.body,
            state: comment.state,
            reports: comment.reports,
            written: comment.created_at,
            decided: comment.decided_at,
        }
    }
}

async fn existing(tx: &mut Tx, id: CommentId) -> Result<ListedComment, Failure> {
    tx.listed_comment(id).await?.ok_or_else(no_comment)
}

fn no_comment() -> Failure {
    Failure::NotFound("There is no such comment; GET /api/v1/comments lists the comments.".to_owned())
}

impl From<DecisionError> for Failure {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::Unknown(_) => no_comment(),
            DecisionError::Outdated(_) => Self::Changed,
            DecisionError::Store(error) => error.into(),
        }
    }
}

/// The version of a comment that the sender of the request saw.
async fn as_seen(web: &Web, id: CommentId, condition: &IfMatch) -> Result<Seen<CommentVersion>, Failure> {
    let comment = existing(&mut web.app.store.read().await?, id).await?;
    let version = comment.version();
    condition.seen(&Entity::new(&CommentDocument::from(comment))?, version)
}

async fn decide(
    web: &Web,
    operator: &Authenticated,
    id: CommentId,
    condition: &IfMatch,
    decision: Decision,
) -> Result<(), Failure> {
    let seen = as_seen(web, id, condition).await?;
    Ok(comments::decide(&web.app, &operator.actor(), &[id], decision, &seen).await?)
}

#[utoipa::path(
    get, path = "/api/v1/comments", operation_id = "listComments",
    summary = "Comments of one list. Held and reported ones begin with the oldest, approved and rejected ones with the latest",
    params(CommentQuery),
    responses((status = 200, description = "A page of comments", body = Page<CommentDocument>)),
    security(("token" = ["write"])),
)]
pub(super) async fn list(
    _: Bearer<ModerateComments>,
    State(web): Shared,
    query: Query<CommentQuery>,
) -> Result<Json<Page<CommentDocument>>, Failure> {
    query.errors.finish()?;
    let CommentQuery { list, limit, after } = query.parameters;
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let list = list.map_or(CommentList::Held, CommentList::from);
    let comments = web.app.store.read().await?.comment_page(list, after, limit + 1).await?;
    let position = |last: &ListedComment| last.id.to_string();
    Ok(Json(Page::new(comments, limit, position, CommentDocument::from)))
}

#[utoipa::path(
    get, path = "/api/v1/comments/{id}", operation_id = "showComment", summary = "One comment",
    params(("id" = Uuid, Path, description = "The comment's id"), KnownTag),
    responses((status = 200, description = "The comment", body = CommentDocument)),
    security(("token" = ["write"])),
)]
pub(super) async fn show(
    _: Bearer<ModerateComments>,
    State(web): Shared,
    Named(id): Named<CommentId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let comment = existing(&mut web.app.store.read().await?, id).await?;
    Ok(Entity::new(&CommentDocument::from(comment))?.unless(&known))
}

#[utoipa::path(
    post, path = "/api/v1/comments/{id}/approve", operation_id = "approveComment", summary = "Publishes a comment on the article's page",
    params(("id" = Uuid, Path, description = "The comment's id"), SeenTag),
    responses((status = 204, description = "The article's page shows it")),
    security(("token" = ["write"])),
)]
pub(super) async fn approve(
    Bearer { operator, .. }: Bearer<ModerateComments>,
    State(web): Shared,
    Named(id): Named<CommentId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    decide(&web, &operator, id, &condition, Decision::Approve).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/comments/{id}/reject", operation_id = "rejectComment",
    summary = "Keeps a comment off the site. It is deleted after `comments.keep_rejected`",
    params(("id" = Uuid, Path, description = "The comment's id"), SeenTag),
    responses((status = 204, description = "Only its author sees it")),
    security(("token" = ["write"])),
)]
pub(super) async fn reject(
    Bearer { operator, .. }: Bearer<ModerateComments>,
    State(web): Shared,
    Named(id): Named<CommentId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    decide(&web, &operator, id, &condition, Decision::Reject).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    delete, path = "/api/v1/comments/{id}", operation_id = "deleteComment", summary = "Deletes a comment at once",
    params(("id" = Uuid, Path, description = "The comment's id"), SeenTag),
    responses((status = 204, description = "It is deleted")),
    security(("token" = ["write"])),
)]
pub(super) async fn delete(
    Bearer { operator, .. }: Bearer<ModerateComments>,
    State(web): Shared,
    Named(id): Named<CommentId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    decide(&web, &operator, id, &condition, Decision::Delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/comments/{id}/block", operation_id = "blockAuthor",
    summary = "Keeps a comment off the site, and suppresses the address of its author, who can write no more comments",
    params(("id" = Uuid, Path, description = "The comment's id"), SeenTag),
    responses((status = 204, description = "The comment is not published, and its author is blocked")),
    security(("token" = ["readers"])),
)]
pub(super) async fn block(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Named(id): Named<CommentId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let seen = as_seen(&web, id, &condition).await?;
    comments::block_author(&web.app, &operator.actor(), id, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
