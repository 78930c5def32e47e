//! `/api/v1/articles/{id}/restore` and `…/rate`: what editors decide about an article that is stored.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::articles::{action, existing, seen};
use super::bearer::{Bearer, EditArticles};
use super::body::Document;
use super::entity::{IfMatch, SeenTag};
use super::failure::Failure;
use super::input::{boolean, number, text};
use super::named::Named;
use crate::domain::public_id::PublicId;
use crate::ingest::rating::{Rating, rate_by, weight_percent};
use crate::ingest::retraction::restore as restore_article;
use crate::ingest::view;
use crate::web::problem::ProblemAnswer;
use crate::web::state::Shared;

/// Why an article is restored.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RestoreRequest {
    /// The reason, for readers
    #[serde(deserialize_with = "text")]
    note: Option<String>,
}

#[utoipa::path(
    post, path = "/api/v1/articles/{id}/restore", operation_id = "restoreArticle",
    summary = "Undoes the retraction of an article. Issues that are not sent yet have it again",
    params(("id" = String, Path, description = "The article's id, such as TX_080089"), SeenTag),
    request_body = RestoreRequest,
    responses(
        (status = 200, description = "The article is restored", body = view::RestorationView),
        (status = 204, description = "The article was not retracted"),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn restore(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    Named(id): Named<PublicId>,
    condition: IfMatch,
    Document { value, errors }: Document<RestoreRequest>,
) -> Result<Response, Failure> {
    errors.finish()?;
    let (article, entity) = seen(&web, &id).await?;
    let action = action(&operator, &article, &entity, &condition)?;
    let restoration = restore_article(&web.app, action, &value.note.unwrap_or_default()).await?;
    if !restoration.restored {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Json(view::restoration(&article, &restoration)).into_response())
}

/// A rating of an article for the next issue of a newsletter. A field that is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RatingRequest {
    /// The slug of the newsletter
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    newsletter: Option<String>,
    /// Whether its story comes first
    #[serde(deserialize_with = "boolean")]
    pinned: Option<bool>,
    /// Its weight compared with other articles; 1 is the normal weight
    #[serde(deserialize_with = "number")]
    #[schema(minimum = 0.01, maximum = 100)]
    weight: Option<f64>,
}

/// The rating of an article for the next issue of a newsletter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ArticleRating {
    newsletter: String,
    pinned: bool,
    weight: f64,
}

#[utoipa::path(
    post, path = "/api/v1/articles/{id}/rate", operation_id = "rateArticle",
    summary = "Pins an article to the top of a newsletter's next issue, or changes its weight",
    params(("id" = String, Path, description = "The article's id, such as TX_080089")),
    request_body = RatingRequest,
    responses(
        (status = 200, description = "Whether the article is pinned, and its weight", body = ArticleRating),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn rate(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    Named(id): Named<PublicId>,
    Document { value, mut errors }: Document<RatingRequest>,
) -> Result<Json<ArticleRating>, Failure> {
    let weight = value.weight.map(weight_percent);
    if weight == Some(None) {
        errors.add("weight", "`weight` is a number from 0.01 to 100; 1 is the usual");
    }
    if errors.is_empty() && value.pinned.is_none() && weight.is_none() {
        errors.add("", "give `pinned` or `weight`");
    }
    let slug = errors.require("newsletter", value.newsletter);
    let mut tx = web.app.store.write().await?;
    let newsletter = match &slug {
        Some(slug) => tx.newsletter_by_slug(slug).await?,
        None => None,
    };
    if newsletter.is_none() {
        errors.add("newsletter", "there is no such newsletter");
    }
    let Some(newsletter) = newsletter.filter(|_| errors.is_empty()) else {
        return Err(errors.into_failure());
    };
    let article = existing(&mut tx, &id).await?;
    let rating = Rating {
        pinned: value.pinned,
        weight_percent: weight.flatten(),
    };
    let rated = rate_by(&mut tx, &web.app, &operator.actor(), &newsletter, &article, rating).await?;
    let Some((pinned, percent)) = rated else {
        return Err(Failure::Conflict(format!(
            "The article does not wait for an issue of {}, so it is not rated.",
            newsletter.slug
        )));
    };
    tx.commit().await?;
    Ok(Json(ArticleRating {
        newsletter: newsletter.slug,
        pinned,
        // A weight has two decimals.
        weight: f64::from(i32::try_from(percent).unwrap_or(i32::MAX)) / 100.0,
    }))
}
