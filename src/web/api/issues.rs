//! `/api/v1/issues`: issues whose sending began, or that ended without being sent. Publishers pause, resume, cancel and settle them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::bearer::{Bearer, ReadReaders, ReadReports, Send};
use super::body::Document;
use super::entity::{Entity, IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::input::Query;
use super::issue_documents::{
    DeliveryDocument, IssueBrief, IssueControl, IssueDocument, PauseRequest, Proof, SettleAs, SettleRequest, Settled,
};
use super::named::Named;
use super::paging::{Page, PageQuery};
use crate::delivery::control::{self, require_issue};
use crate::delivery::report::{count, delivery_report};
use crate::delivery::settlement::{Settlement, settle as settle_doubt};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::issue_action::IssueAction;
use crate::domain::states::IssueState;
use crate::operators::Authenticated;
use crate::store::issues::Issue;
use crate::text::plain::uncut_line;
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};

#[utoipa::path(
    get, path = "/api/v1/issues", operation_id = "listIssues",
    summary = "The issues that are sent, being sent, skipped or cancelled, the latest first",
    params(PageQuery::<IssueId>),
    responses((status = 200, description = "A page of issues", body = Page<IssueBrief>)),
    security(("token" = ["read"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<PageQuery<IssueId>>,
) -> Result<Json<Page<IssueBrief>>, Failure> {
    query.errors.finish()?;
    let (limit, after) = query.parameters.limit_and_position();
    let issues = web.app.store.read().await?.started_issues(after, limit + 1).await?;
    Ok(Json(Page::new(
        issues,
        limit,
        |issue| issue.id.to_string(),
        IssueBrief::from,
    )))
}

/// An issue that was read, with the document about it.
struct Seen {
    issue: Issue,
    control: IssueControl,
}

impl Seen {
    /// The issue, unless it is a draft.
    async fn read(web: &Web, id: IssueId) -> Result<Self, Failure> {
        let mut tx = web.app.store.read().await?;
        let issue = require_issue(&mut tx, id).await?;
        if matches!(issue.state, IssueState::Draft | IssueState::Approved) {
            return Err(Failure::NotFound(format!(
                "The issue is a draft; GET /api/v1/drafts/{id} shows it."
            )));
        }
        let newsletter = tx.newsletter(issue.newsletter_id).await?.slug;
        let control = IssueControl::new(&issue, newsletter);
        Ok(Self { issue, control })
    }

    async fn entity(self, web: &Web) -> Result<Entity, Failure> {
        let deliveries = count(&web.app, self.issue.id).await?;
        let document = IssueDocument {
            control: self.control.clone(),
            deliveries,
        };
        Entity::with_tag_of(&document, &self.control)
    }

    /// An action on the issue that the sender of the request saw. The feature functions check the state once more in their transaction.
    async fn action(
        web: &Web,
        operator: &Authenticated,
        id: IssueId,
        condition: &IfMatch,
    ) -> Result<IssueAction, Failure> {
        let seen = Self::read(web, id).await?;
        condition.require(&Entity::new(&seen.control)?)?;
        Ok(IssueAction::by(operator.actor(), id))
    }
}

#[utoipa::path(
    get, path = "/api/v1/issues/{id}", operation_id = "showIssue", summary = "One issue, and how many of its deliveries are in each state",
    params(("id" = Uuid, Path, description = "The issue's id"), KnownTag),
    responses((status = 200, description = "The issue", body = IssueDocument)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let issue = Seen::read(&web, id).await?;
    Ok(issue.entity(&web).await?.unless(&known))
}

#[utoipa::path(
    get, path = "/api/v1/issues/{id}/proof", operation_id = "proveIssue",
    summary = "The delivery report: every frozen recipient in exactly one state, and whether it adds up",
    params(("id" = Uuid, Path, description = "The issue's id")),
    responses((status = 200, description = "The report", body = Proof)),
    security(("token" = ["read"])),
)]
pub(super) async fn proof(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<IssueId>,
) -> Result<Json<Proof>, Failure> {
    let issue = Seen::read(&web, id).await?.issue;
    Ok(Json(delivery_report(&web.app, issue.id).await?.into()))
}

#[utoipa::path(
    get, path = "/api/v1/issues/{id}/deliveries", operation_id = "listDeliveries",
    summary = "The deliveries of an issue, with the addresses of its recipients",
    params(("id" = Uuid, Path, description = "The issue's id"), PageQuery::<SubscriptionId>),
    responses((status = 200, description = "A page of deliveries", body = Page<DeliveryDocument>)),
    security(("token" = ["readers"])),
)]
pub(super) async fn deliveries(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    query: Query<PageQuery<SubscriptionId>>,
) -> Result<Json<Page<DeliveryDocument>>, Failure> {
    query.errors.finish()?;
    let (limit, after) = query.parameters.limit_and_position();
    let issue = Seen::read(&web, id).await?.issue;
    let mut tx = web.app.store.read().await?;
    let deliveries = tx.addressed_deliveries(issue.id, after, limit + 1).await?;
    Ok(Json(Page::new(
        deliveries,
        limit,
        |delivery| delivery.subscription_id.to_string(),
        DeliveryDocument::from,
    )))
}

#[utoipa::path(
    post, path = "/api/v1/issues/{id}/pause", operation_id = "pauseIssue", summary = "Pauses the sending of an issue",
    params(("id" = Uuid, Path, description = "The issue's id"), SeenTag),
    request_body = PauseRequest,
    responses(
        (status = 204, description = "Nothing more is sent until it is resumed"),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["send"])),
)]
pub(super) async fn pause(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
    Document { value, mut errors }: Document<PauseRequest>,
) -> Result<StatusCode, Failure> {
    let reason = value.reason.as_deref().map(uncut_line);
    let reason = reason.filter(|reason| !reason.is_empty());
    if reason.as_deref().is_some_and(|reason| reason.chars().count() > 500) {
        errors.add("reason", "`reason` has at most 500 characters");
    }
    errors.finish()?;
    let action = Seen::action(&web, &operator, id, &condition).await?;
    let reason = reason.as_deref().unwrap_or("paused by an operator");
    control::pause(&web.app, action, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/issues/{id}/resume", operation_id = "resumeIssue", summary = "Resumes a paused issue",
    params(("id" = Uuid, Path, description = "The issue's id"), SeenTag),
    responses((status = 204, description = "It is being sent"), (status = 409, response = ProblemAnswer)),
    security(("token" = ["send"])),
)]
pub(super) async fn resume(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let action = Seen::action(&web, &operator, id, &condition).await?;
    control::resume(&web.app, action).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/issues/{id}/cancel", operation_id = "cancelIssue",
    summary = "Cancels what is not sent yet of an issue",
    params(("id" = Uuid, Path, description = "The issue's id"), SeenTag),
    responses((status = 204, description = "It is cancelled"), (status = 409, response = ProblemAnswer)),
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

#[utoipa::path(
    post, path = "/api/v1/issues/{id}/settle", operation_id = "settleIssue",
    summary = "Settles the deliveries in doubt, which the relay may or may not have accepted",
    params(("id" = Uuid, Path, description = "The issue's id"), SeenTag),
    request_body = SettleRequest,
    responses(
        (status = 200, description = "They are settled", body = Settled),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["send"])),
)]
pub(super) async fn settle(
    Bearer { operator, .. }: Bearer<Send>,
    State(web): Shared,
    Named(id): Named<IssueId>,
    condition: IfMatch,
    Document { value, mut errors }: Document<SettleRequest>,
) -> Result<Json<Settled>, Failure> {
    let Some(settle_as) = errors.require("as", value.r#as) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let settlement = match settle_as {
        SettleAs::Accepted => Settlement::Accepted,
        SettleAs::Resend => Settlement::Resend,
    };
    let action = Seen::action(&web, &operator, id, &condition).await?;
    let deliveries = settle_doubt(&web.app, action, settlement).await?;
    Ok(Json(Settled { deliveries }))
}
