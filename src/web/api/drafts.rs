//! `/api/v1/drafts`: issues that are compiled and not sent yet. Editors change them, and publishers approve and send them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::bearer::{Bearer, EditDrafts, ReadReports, Send};
use super::body::Document;
use super::draft_documents::{
    BuildRequest, ChangedDraftDocument, DraftBrief, DraftDocument, DraftPatch, FindingDocument, FindingList, Preview,
    TestRequest, note,
};
use super::entity::{Entity, IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::input::Query;
use super::named::Named;
use super::newsletters;
use super::paging::{Page, PageQuery};
use crate::config::is_placeholder;
use crate::delivery::{control, preflight, test_mail};
use crate::digest::build::build_by;
use crate::digest::draft_changes;
use crate::digest::draft_view::DraftView;
use crate::digest::{Compiled, with_links_of};
use crate::domain::ids::IssueId;
use crate::domain::issue_action::{DraftVersion, IssueAction};
use crate::domain::states::IssueState;
use crate::operators::Authenticated;
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};

/// The placeholder for the token in a recipient's links.
const TOKEN: &str = "TOKEN";

#[utoipa::path(
    get, path = "/api/v1/drafts", operation_id = "listDrafts", summary = "The drafts, the latest first",
    params(PageQuery::<IssueId>),
    responses((status = 200, description = "A page of drafts", body = Page<DraftBrief>)),
    security(("token" = ["read"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<PageQuery<IssueId>>,
) -> Result<Json<Page<DraftBrief>>, Failure> {
    query.errors.finish()?;
    let (limit, after) = query.parameters.limit_and_position();
    let drafts = web.app.store.read().await?.drafts_before(after, limit + 1).await?;
    Ok(Json(Page::new(
        drafts,
        limit,
        |draft| draft.id.to_string(),
        DraftBrief::from,
    )))
}

/// A draft as its readers see it, with the version that it has.
struct Seen {
    version: DraftVersion,
    entity: Entity,
}

impl Seen {
    async fn read(web: &Web, id: IssueId) -> Result<Self, Failure> {
        let draft = view(web, id).await?;
        Ok(Self {
            version: draft.version(),
            entity: Entity::new(&DraftDocument::from(draft))?,
        })
    }

    /// The action on the draft that the sender of the request saw.
    async fn action(
        web: &Web,
        operator: &Authenticated,
        id: IssueId,
        condition: &IfMatch,
    ) -> Result<IssueAction, Failure> {
        let seen = Self::read(web, id).await?;
        condition.require(&seen.entity)?;
        let action = IssueAction::by(operator.actor(), id);
        Ok(if condition.is_any() {
            action
        } else {
            action.on(seen.version)
        })
    }
}

/// The draft, unless the issue is a draft no longer.
async fn view(web: &Web, id: IssueId) -> Result<DraftView, Failure> {
    let draft = DraftView::read(&mut web.app.store.read_snapshot().await?, id).await?;
    if matches!(draft.issue.state, IssueState::Draft | IssueState::Approved) {
        return Ok(draft);
    }
    Err(Failure::NotFound(format!(
        "The issue is {}, so it is a draft no longer; GET /api/v1/issues/{id} reports on it.",
        draft.issue.state
    )))
}

#[utoipa::path(
    get, path = "/api/v1/drafts/{id}", operation_id = "showDraft",
    summary = "One draft with its stories, and why each is in it or left out",
    params(("id" = Uuid, Path, description = "The draft's id"), KnownTag),
    responses((status = 200, description = "The draft", body = DraftDocument)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    Ok(Seen::read(&web, id).await?.entity.unless(&known))
}

#[utoipa::path(
    post, path = "/api/v1/drafts", operation_id = "buildDraft", summary = "Compiles the next issue of a newsletter now",
    params(IdempotencyKey),
    request_body = BuildRequest,
    responses(
        (
            status = 201, description = "The draft", body = DraftDocument,
            headers(("Location" = String, description = "The path of the draft in the API")),
        ),
        (status = 404, response = ProblemAnswer),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn build(
    Bearer { operator, .. }: Bearer<EditDrafts>,
    State(web): Shared,
    Document { value, mut errors }: Document<BuildRequest>,
) -> Result<Response, Failure> {
    let Some(slug) = errors.require("newsletter", value.newsletter) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let newsletter = newsletters::existing(&mut web.app.store.read().await?, &slug).await?;
    let identity = web.app.config.require_identity(newsletter.sender.is_some());
    identity.map_err(|error| Failure::Conflict(error.to_string()))?;
    let now = web.app.clock.now();
    match build_by(&web.app, Some(&operator.actor()), newsletter.id, now, None).await? {
        Compiled::Nothing(nothing) => Err(Failure::Conflict(nothing.reason)),
        Compiled::Issue(draft) => {
            let id = draft.issue.id;
            let mut response = Seen::read(&web, id).await?.entity.answer(StatusCode::CREATED);
            if let Ok(location) = format!("/api/v1/drafts/{id}").parse() {
                response.headers_mut().insert(header::LOCATION, location);
            }
            Ok(response)
        }
    }
}

#[utoipa::path(
    patch, path = "/api/v1/drafts/{id}", operation_id = "changeDraft",
    summary = "Pins, drops, moves, retitles, splits and joins stories, and changes subject and intro",
    description = "The draft is compiled again. A changed draft needs approval again.",
    params(("id" = Uuid, Path, description = "The draft's id"), SeenTag),
    request_body(content((DraftPatch = "application/json"), (DraftPatch = "application/merge-patch+json"))),
    responses(
        (
            status = 200, description = "The draft with the change", body = ChangedDraftDocument,
            headers(("ETag" = String, description = "The tag of the changed draft")),
        ),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<EditDrafts>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
    Document { value, errors }: Document<DraftPatch>,
) -> Result<Response, Failure> {
    let changes = value.changes(errors)?;
    let action = Seen::action(&web, &operator, id, &condition).await?;
    let result = draft_changes::change(&web.app, action, &changes).await?;
    let draft = DraftDocument::from(view(&web, id).await?);
    let tag = Entity::new(&draft)?;
    let document = ChangedDraftDocument {
        draft,
        notes: result.notes.iter().map(note).collect(),
    };
    Ok(Entity::new(&document)?.tagged_as(&tag).answer(StatusCode::OK))
}

#[utoipa::path(
    get, path = "/api/v1/drafts/{id}/preview", operation_id = "previewDraft", summary = "The mail of a draft",
    params(("id" = Uuid, Path, description = "The draft's id")),
    responses((status = 200, description = "The mail", body = Preview)),
    security(("token" = ["read"])),
)]
pub(super) async fn preview(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<IssueId>,
) -> Result<Json<Preview>, Failure> {
    let issue = view(&web, id).await?.issue;
    Ok(Json(Preview {
        html: with_links_of(&web.app, &issue, &issue.html, TOKEN),
        text: with_links_of(&web.app, &issue, &issue.text, TOKEN),
        subject: issue.subject,
    }))
}

#[utoipa::path(
    get, path = "/api/v1/drafts/{id}/findings", operation_id = "checkDraft",
    summary = "What preflight finds in the mail of a draft, with what to do",
    params(("id" = Uuid, Path, description = "The draft's id")),
    responses((status = 200, description = "The findings, those that block the draft first", body = FindingList)),
    security(("token" = ["read"])),
)]
pub(super) async fn findings(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<IssueId>,
) -> Result<Json<FindingList>, Failure> {
    let draft = view(&web, id).await?;
    let findings = preflight::check_on_blocking_pool(&web.app, &draft.newsletter, &draft.issue).await;
    Ok(Json(FindingList {
        items: findings.all().iter().map(FindingDocument::from).collect(),
        blocks: findings.blocking().is_some(),
    }))
}

#[utoipa::path(
    post, path = "/api/v1/drafts/{id}/test", operation_id = "testDraft", summary = "Sends a draft to one address, as a test",
    params(("id" = Uuid, Path, description = "The draft's id"), IdempotencyKey),
    request_body = TestRequest,
    responses((status = 202, description = "The mail is queued")),
    security(("token" = ["write"])),
)]
pub(super) async fn test(
    Bearer { operator, .. }: Bearer<EditDrafts>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    Document { value, mut errors }: Document<TestRequest>,
) -> Result<StatusCode, Failure> {
    let Some(to) = errors.require("to", value.to) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let issue = view(&web, id).await?.issue;
    let action = IssueAction::by(operator.actor(), issue.id);
    test_mail::queue_test(&web.app, action, value.edition, &to).await?;
    Ok(StatusCode::ACCEPTED)
}

#[utoipa::path(
    post, path = "/api/v1/drafts/{id}/approve", operation_id = "approveDraft", summary = "Approves a draft",
    params(("id" = Uuid, Path, description = "The draft's id"), SeenTag),
    responses(
        (status = 204, description = "The draft is approved"),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["send"])),
)]
pub(super) async fn approve(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let action = Seen::action(&web, &operator, id, &condition).await?;
    control::approve(&web.app, action).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/drafts/{id}/withdraw", operation_id = "withdrawApproval", summary = "Withdraws the approval of a draft",
    params(("id" = Uuid, Path, description = "The draft's id"), SeenTag),
    responses(
        (status = 204, description = "The draft needs approval again"),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["send"])),
)]
pub(super) async fn withdraw(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let action = Seen::action(&web, &operator, id, &condition).await?;
    control::withdraw(&web.app, action).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/drafts/{id}/send", operation_id = "sendDraft", summary = "Sends a draft to its readers now",
    params(("id" = Uuid, Path, description = "The draft's id"), SeenTag, IdempotencyKey),
    responses(
        (
            status = 202, description = "Sending has begun",
            headers(("Location" = String, description = "The path of the issue in the API")),
        ),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["send"])),
)]
pub(super) async fn send(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
) -> Result<Response, Failure> {
    let action = Seen::action(&web, &operator, id, &condition).await?;
    require_sendable(&web, id).await?;
    control::send(&web.app, action).await?;
    let location = [(header::LOCATION, format!("/api/v1/issues/{id}"))];
    Ok((StatusCode::ACCEPTED, location).into_response())
}

/// What a sender needs besides the draft: an identity, and somebody to send it to.
async fn require_sendable(web: &Arc<Web>, id: IssueId) -> Result<(), Failure> {
    let mut tx = web.app.store.read().await?;
    let issue = control::require_issue(&mut tx, id).await?;
    let identity = web.app.config.require_identity(!is_placeholder(&issue.sender));
    identity.map_err(|error| Failure::Conflict(error.to_string()))?;
    Ok(control::require_confirmed_subscribers(&mut tx, id).await?)
}

#[utoipa::path(
    post, path = "/api/v1/drafts/{id}/cancel", operation_id = "cancelDraft",
    summary = "Cancels a draft; its articles wait for the next issue",
    params(("id" = Uuid, Path, description = "The draft's id"), SeenTag),
    responses(
        (status = 204, description = "The draft is cancelled"),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["send"])),
)]
pub(super) async fn cancel(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let action = Seen::action(&web, &operator, id, &condition).await?;
    control::cancel(&web.app, action).await?;
    Ok(StatusCode::NO_CONTENT)
}
