//! Creates, changes and removes newsletters, as the console and `daywire newsletter` do.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::bearer::{Bearer, ManageNewsletters};
use super::body::Document;
use super::entity::{Entity, IfMatch, SeenTag};
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::named::Named;
use super::newsletter_settings::NewsletterSettings;
use super::newsletters::{NewsletterDocument, existing};
use crate::newsletter::json_settings::{field_error, file_from_json, merge};
use crate::newsletter::removal::{self, Removal, RemovalError};
use crate::newsletter::{NewsletterError, apply_by, settings_of, version_of};
use crate::store::issue_lists::IssueSummary;
use crate::store::newsletters::Newsletter;
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};

/// What ended with a newsletter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewsletterRemoval {
    /// How many subscriptions ended
    subscriptions: i64,
    /// The names of the drafts that were cancelled
    drafts: Vec<String>,
    /// How many feeds it read
    feeds: i64,
}

impl From<Removal> for NewsletterRemoval {
    fn from(removal: Removal) -> Self {
        Self {
            subscriptions: removal.ending(),
            drafts: removal.drafts.iter().map(IssueSummary::name).collect(),
            feeds: removal.feeds,
        }
    }
}

impl From<NewsletterError> for Failure {
    fn from(error: NewsletterError) -> Self {
        match error {
            NewsletterError::Store(error) => error.into(),
            NewsletterError::Outdated(_) => Self::Changed,
            NewsletterError::StoredRules(_) => Self::Internal(error.to_string()),
            NewsletterError::Syntax(_) | NewsletterError::Value { .. } => Self::Invalid(vec![field_error(&error)]),
        }
    }
}

async fn entity(web: &Web, newsletter: &Newsletter) -> Result<Entity, Failure> {
    NewsletterDocument::read(&mut web.app.store.read().await?, newsletter)
        .await?
        .entity()
}

#[utoipa::path(
    post, path = "/api/v1/newsletters", operation_id = "createNewsletter", summary = "Creates a newsletter",
    description = "A newsletter that was removed exists again, without subscriptions.",
    params(IdempotencyKey),
    request_body = NewsletterSettings,
    responses(
        (
            status = 201, description = "The newsletter", body = NewsletterDocument,
            headers(("Location" = String, description = "The path of the newsletter in the API")),
        ),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn create(
    Bearer { operator, .. }: Bearer<ManageNewsletters>,
    State(web): Shared,
    Document { value, errors }: Document<Map<String, Value>>,
) -> Result<Response, Failure> {
    errors.finish()?;
    let mut settings = Map::new();
    merge(&mut settings, value);
    let file = file_from_json(settings).map_err(Failure::Invalid)?;
    // No stored newsletter has an empty version, so one that exists is not changed.
    let newsletter = match apply_by(&web.app, Some(&operator.actor()), Some(""), &file).await {
        Ok((newsletter, _)) => newsletter,
        Err(NewsletterError::Outdated(slug)) => {
            return Err(Failure::Conflict(format!(
                "There is a newsletter {slug}. Nothing was changed; PATCH /api/v1/newsletters/{slug} changes it."
            )));
        }
        Err(error) => return Err(error.into()),
    };
    let location = [(header::LOCATION, format!("/api/v1/newsletters/{}", newsletter.slug))];
    let created = entity(&web, &newsletter).await?.answer(StatusCode::CREATED);
    Ok((location, created).into_response())
}

#[utoipa::path(
    patch, path = "/api/v1/newsletters/{slug}", operation_id = "changeNewsletter", summary = "Changes the settings of a newsletter",
    description = "A merge patch of `settings`: null leaves a key out, so that it has its default.",
    params(("slug" = String, Path, description = "The newsletter's slug"), SeenTag),
    request_body(content(
        (NewsletterSettings = "application/json"),
        (NewsletterSettings = "application/merge-patch+json"),
    )),
    responses((
        status = 200, description = "The newsletter with the change", body = NewsletterDocument,
        headers(("ETag" = String, description = "The tag of the changed newsletter")),
    )),
    security(("token" = ["write"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<ManageNewsletters>,
    State(web): Shared,
    Named(slug): Named<String>,
    condition: IfMatch,
    Document { value, mut errors }: Document<Map<String, Value>>,
) -> Result<Response, Failure> {
    if !errors.is_empty() {
        return Err(errors.into_failure());
    }
    let newsletter = existing(&mut web.app.store.read().await?, &slug).await?;
    condition.require(&entity(&web, &newsletter).await?)?;
    let mut settings = settings_of(&newsletter)?;
    merge(&mut settings, value);
    let keeps_slug = settings.get("slug").is_none_or(|slug| *slug == newsletter.slug);
    if !keeps_slug {
        errors.add(
            "slug",
            "a newsletter keeps its slug, which is in the addresses that readers have",
        );
    }
    let file = match file_from_json(settings) {
        Ok(file) => file,
        Err(found) => {
            errors.add_all(found);
            return Err(errors.into_failure());
        }
    };
    errors.finish()?;
    // Only the version that was read is changed, so no other change gets lost in between.
    let version = version_of(&newsletter)?;
    let (changed, _) = apply_by(&web.app, Some(&operator.actor()), Some(&version), &file).await?;
    Ok(entity(&web, &changed).await?.answer(StatusCode::OK))
}

#[utoipa::path(
    delete, path = "/api/v1/newsletters/{slug}", operation_id = "removeNewsletter",
    summary = "Removes a newsletter: its subscriptions end and its drafts are cancelled",
    params(("slug" = String, Path, description = "The newsletter's slug"), SeenTag),
    responses(
        (status = 200, description = "What ended with it", body = NewsletterRemoval),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn remove(
    Bearer { operator, .. }: Bearer<ManageNewsletters>,
    State(web): Shared,
    Named(slug): Named<String>,
    condition: IfMatch,
) -> Result<Json<NewsletterRemoval>, Failure> {
    let newsletter = existing(&mut web.app.store.read().await?, &slug).await?;
    let seen = condition.seen(&entity(&web, &newsletter).await?, version_of(&newsletter)?)?;
    match removal::remove(&web.app, &operator.actor(), newsletter.id, &seen).await {
        Ok(removal) => Ok(Json(removal.into())),
        Err(RemovalError::Store(error)) => Err(error.into()),
        Err(RemovalError::Outdated(_)) => Err(Failure::Changed),
        Err(error @ RemovalError::AtWork { .. }) => Err(Failure::Conflict(error.to_string())),
    }
}
