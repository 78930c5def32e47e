//! `/api/v1/articles`: programs add, change and retract articles, as `daywire article` does.

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};

use super::article_requests::{
    AddQuery, ArticlePatch, ListQuery, NewArticle, RetractQuery, find_newsletters, newsletters_or_all, requested_edit,
    submission,
};
use super::bearer::{Bearer, EditArticles, ReadReports};
use super::body::{self, Document};
use super::entity::{Entity, IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::input::Query;
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, TimePosition};
use crate::domain::article_action::ArticleAction;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::public_id::PublicId;
use crate::domain::states::ArticleField;
use crate::ingest::change::ArticleChange;
use crate::ingest::edit::{edit, version_of};
use crate::ingest::editorial::submit;
use crate::ingest::retraction::retract as retract_article;
use crate::ingest::{json_lines, view};
use crate::operators::Authenticated;
use crate::store::Tx;
use crate::store::article_lists::ArticleFilter;
use crate::store::articles::Article;
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};

/// An article with the effect of a change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedArticle {
    #[serde(flatten)]
    article: view::ArticleView,
    /// The fields that changed
    #[schema(schema_with = fields_schema)]
    changed: Vec<ArticleField>,
    /// Fields that keep what an editor changed; `overwrite` replaces them
    #[schema(schema_with = fields_schema)]
    kept: Vec<ArticleField>,
    /// How many sent issues had the earlier text; the next issue of each newsletter lists the correction
    sent: usize,
    /// Issues not sent yet that were compiled again with the change
    #[schema(value_type = Vec<Uuid>)]
    drafts: Vec<IssueId>,
}

fn fields_schema() -> Schema {
    let words = ArticleField::ALL.iter().map(|field| field.as_str());
    let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    ArrayBuilder::new().items(word).into()
}

/// The result of importing JSON lines.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Imported {
    new: usize,
    known: usize,
    refused: Vec<json_lines::RefusedLine>,
}

/// The answer to adding: for one article, or for JSON lines.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Added {
    One(Box<ChangedArticle>),
    Lines(Imported),
}

#[utoipa::path(
    get, path = "/api/v1/articles", operation_id = "listArticles",
    summary = "The latest articles first, without retracted ones",
    params(ListQuery),
    responses(
        (status = 200, description = "A page of articles", body = Page<view::ArticleBrief>),
    ),
    security(("token" = ["read"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<ListQuery>,
) -> Result<Response, Failure> {
    let Query {
        parameters: query,
        mut errors,
    } = query;
    let mut tx = web.app.store.read().await?;
    let newsletter = match query.newsletter {
        Some(slug) => find_newsletters(&mut tx, &mut errors, "newsletter", &[slug])
            .await?
            .pop(),
        None => None,
    };
    let limit = query.limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let after = query.after.map(|last| (last.at, ArticleId(last.id)));
    errors.finish()?;
    let filter = match query.waiting {
        Some(true) => ArticleFilter::Waiting,
        Some(false) | None => ArticleFilter::All,
    };
    let articles = tx.articles_after(after, newsletter, filter, limit + 1).await?;
    let position = |last: &Article| {
        let position = TimePosition {
            at: last.arrived_at,
            id: last.id.0,
        };
        position.to_string()
    };
    let page = Page::new(articles, limit, position, |article| view::brief(&web.app, &article));
    Ok(Json(page).into_response())
}

#[utoipa::path(
    get, path = "/api/v1/articles/{id}", operation_id = "showArticle",
    summary = "One article, also a retracted one",
    params(("id" = String, Path, description = "The article's id, such as TX_080089"), KnownTag),
    responses((status = 200, description = "The article", body = view::ArticleView)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(id): Named<PublicId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let (_, entity) = seen(&web, &id).await?;
    Ok(entity.unless(&known))
}

/// An action on the article that the sender of the request saw. Its transaction compares the content once more, because another request may
/// change the article in between.
pub(super) fn action(
    operator: &Authenticated,
    article: &Article,
    entity: &Entity,
    condition: &IfMatch,
) -> Result<ArticleAction, Failure> {
    condition.require(entity)?;
    let action = ArticleAction::by(operator.actor(), article.id);
    if condition.is_any() {
        return Ok(action);
    }
    Ok(action.on(version_of(article)))
}

/// The article, and what the sender of a request sees of it.
pub(super) async fn seen(web: &Web, id: &PublicId) -> Result<(Article, Entity), Failure> {
    let mut tx = web.app.store.read().await?;
    let article = existing(&mut tx, id).await?;
    let entity = Entity::new(&view::whole(&mut tx, &web.app, &article).await?)?;
    Ok((article, entity))
}

#[utoipa::path(
    post, path = "/api/v1/articles", operation_id = "addArticles",
    summary = "Adds or changes one article, or imports several from JSON lines",
    params(AddQuery, IdempotencyKey),
    request_body(
        description = "At most 1 MiB. JSON lines have one object a line, as `daywire article import` reads them",
        content(
            (NewArticle = "application/json"),
            (String = "application/x-ndjson"),
            (String = "application/jsonl"),
        ),
    ),
    responses(
        (status = 200, description = "The article was known and is as sent now; or the result for the lines", body = Added),
        (
            status = 201, description = "The article is new", body = ChangedArticle,
            headers(("Location" = String, description = "The path of the article in the API")),
        ),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn create(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    query: Query<AddQuery>,
    headers: HeaderMap,
    stream: Stream,
) -> Result<Response, Failure> {
    let Query {
        parameters: AddQuery { newsletter },
        mut errors,
    } = query;
    match body::content_type(&headers).as_str() {
        "application/json" => {
            if newsletter.is_some() {
                errors.add(
                    "newsletter",
                    "write the newsletters into the document, as `newsletters`",
                );
            }
            errors.finish()?;
            let mut submission = submission(&web, &body::read(stream).await?).await?;
            submission.actor = Some(operator.actor());
            let added = submit(&web.app, &submission).await?;
            let id = &added.article.public_id;
            tracing::info!(
                operator.name = operator.name(),
                article.id = id,
                article.is_new = added.is_new,
                "article received by the API"
            );
            let location = format!("/api/v1/articles/{id}");
            let kept = added.kept.into_iter().map(|edit| edit.field).collect();
            let entity = changed_entity(&web, &added.article, added.change, kept).await?;
            let (status, name) = if added.is_new {
                (StatusCode::CREATED, header::LOCATION)
            } else {
                (StatusCode::OK, header::CONTENT_LOCATION)
            };
            Ok(([(name, location)], entity.answer(status)).into_response())
        }
        "application/x-ndjson" | "application/jsonl" => {
            let slugs = newsletter.map(|slug| vec![slug]);
            let mut tx = web.app.store.read().await?;
            let newsletters = newsletters_or_all(&mut tx, &mut errors, "newsletter", slugs).await?;
            drop(tx);
            errors.finish()?;
            let lines = json_lines::import_json_lines(&web.app, body::read(stream).await?, newsletters, true).await?;
            tracing::info!(
                operator.name = operator.name(),
                article.new = lines.tally.new,
                "articles received by the API"
            );
            let imported = Added::Lines(Imported {
                new: lines.tally.new,
                known: lines.tally.known,
                refused: lines.refused,
            });
            Ok(Json(imported).into_response())
        }
        _ => Err(Failure::ContentType(
            "application/json for one article, application/x-ndjson for one on each line",
        )),
    }
}

#[utoipa::path(
    patch, path = "/api/v1/articles/{id}", operation_id = "changeArticle",
    summary = "Changes an article, also one of a feed",
    params(("id" = String, Path, description = "The article's id, such as TX_080089"), SeenTag),
    request_body(content(
        (ArticlePatch = "application/json"),
        (ArticlePatch = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The article with the change", body = ChangedArticle),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    Named(id): Named<PublicId>,
    condition: IfMatch,
    Document { value, errors }: Document<ArticlePatch>,
) -> Result<Response, Failure> {
    let (edit_of, note) = requested_edit(value, errors)?;
    let (article, entity) = seen(&web, &id).await?;
    let action = action(&operator, &article, &entity, &condition)?;
    let change = edit(&web.app, action, &edit_of, &note).await?;
    tracing::info!(
        operator.name = operator.name(),
        article.id = article.public_id,
        "article changed by the API"
    );
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    let entity = changed_entity(&web, &article, change, Vec::new()).await?;
    Ok(entity.answer(StatusCode::OK))
}

#[utoipa::path(
    delete, path = "/api/v1/articles/{id}", operation_id = "retractArticle",
    summary = "Retracts an article: its page says so, and no issue that is not sent yet has it",
    params(("id" = String, Path, description = "The article's id, such as TX_080089"), RetractQuery, SeenTag),
    responses(
        (status = 200, description = "The article is retracted", body = view::RetractionView),
        (status = 204, description = "The article was retracted before"),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn retract(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    Named(id): Named<PublicId>,
    condition: IfMatch,
    query: Query<RetractQuery>,
) -> Result<Response, Failure> {
    query.errors.finish()?;
    let note = query.parameters.note.unwrap_or_default();
    let (article, entity) = seen(&web, &id).await?;
    let action = action(&operator, &article, &entity, &condition)?;
    let retraction = retract_article(&web.app, action, &note).await?;
    if !retraction.retracted {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    tracing::info!(
        operator.name = operator.name(),
        article.id = article.public_id,
        "article retracted by the API"
    );
    Ok(Json(view::retraction(&article, &retraction)).into_response())
}

/// The answer about an article after a change. It has the tag of the article.
async fn changed_entity(
    web: &Web,
    article: &Article,
    change: ArticleChange,
    kept: Vec<ArticleField>,
) -> Result<Entity, Failure> {
    let view = view::whole(&mut web.app.store.read().await?, &web.app, article).await?;
    let tag = Entity::new(&view)?;
    let changed = ChangedArticle {
        article: view,
        changed: change.fields,
        kept,
        sent: change.sent,
        drafts: change.drafts,
    };
    Ok(Entity::new(&Added::One(Box::new(changed)))?.tagged_as(&tag))
}

pub(super) async fn existing(tx: &mut Tx, id: &PublicId) -> Result<Article, Failure> {
    let article = tx.article_by_public_id(id.as_str()).await?;
    article.ok_or_else(|| {
        Failure::NotFound("There is no such article; GET /api/v1/articles lists them by their ids.".into())
    })
}
