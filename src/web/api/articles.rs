//! `/api/v1/articles`: programs add, change and retract articles, as `daywire article` does.

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};

use super::article_requests::{
    AddQuery, ArticlePatch, DEFAULT_PAGE_SIZE, ListQuery, NewArticle, RetractQuery, find_newsletters,
    newsletters_or_all, requested_edit, submission,
};
use super::bearer::{Bearer, EditArticles, ReadReports};
use super::body;
use super::failure::Failure;
use super::input::Query;
use crate::domain::article_action::ArticleAction;
use crate::domain::ids::IssueId;
use crate::domain::public_id::PublicId;
use crate::domain::states::ArticleField;
use crate::ingest::change::ArticleChange;
use crate::ingest::edit::edit;
use crate::ingest::editorial::submit;
use crate::ingest::retraction::retract as retract_article;
use crate::ingest::{json_lines, view};
use crate::store::article_lists::ArticleFilter;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use crate::web::problem::{InvalidAnswer, ProblemAnswer, UnauthorizedAnswer};
use crate::web::state::{Shared, Web};

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ArticleList {
    articles: Vec<view::ArticleBrief>,
    /// The value of `after` for the next page; null on the last page
    #[schema(required)]
    next: Option<String>,
}

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
        (status = 200, description = "A page of articles", body = ArticleList),
        (status = 401, response = UnauthorizedAnswer),
        (status = 403, response = ProblemAnswer),
        (status = 422, response = InvalidAnswer),
        (status = 503, response = ProblemAnswer),
    ),
    security(("token" = [])),
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
    let after = match query.after {
        Some(id) => {
            let last = find(&mut tx, &id).await?;
            if last.is_none() {
                errors.add(
                    "after",
                    "`after` is the `next` of the previous page, the id of its last article",
                );
            }
            last.map(|last| (last.arrived_at, last.id))
        }
        None => None,
    };
    errors.finish()?;
    // One article more than the page shows says whether there is another page.
    let filter = match query.waiting {
        Some(true) => ArticleFilter::Waiting,
        Some(false) | None => ArticleFilter::All,
    };
    let mut articles = tx.articles_after(after, newsletter, filter, limit + 1).await?;
    let mut next = None;
    if i64::try_from(articles.len()).is_ok_and(|length| length > limit) {
        articles.pop();
        next = articles.last().map(|last| last.public_id.clone());
    }
    let articles = articles.iter().map(|article| view::brief(&web.app, article)).collect();
    Ok(Json(ArticleList { articles, next }).into_response())
}

#[utoipa::path(
    get, path = "/api/v1/articles/{id}", operation_id = "showArticle",
    summary = "One article, also a retracted one",
    params(("id" = String, Path, description = "The article's id, such as TX_080089")),
    responses(
        (status = 200, description = "The article", body = view::ArticleView),
        (status = 401, response = UnauthorizedAnswer),
        (status = 403, response = ProblemAnswer),
        (status = 404, response = ProblemAnswer),
        (status = 503, response = ProblemAnswer),
    ),
    security(("token" = [])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let mut tx = web.app.store.read().await?;
    let article = existing(&mut tx, &id).await?;
    Ok(Json(view::whole(&mut tx, &web.app, &article).await?).into_response())
}

#[utoipa::path(
    post, path = "/api/v1/articles", operation_id = "addArticles",
    summary = "Adds or changes one article, or imports several from JSON lines",
    params(AddQuery),
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
        (status = 400, response = ProblemAnswer),
        (status = 401, response = UnauthorizedAnswer),
        (status = 403, response = ProblemAnswer),
        (status = 409, response = ProblemAnswer),
        (status = 413, response = ProblemAnswer),
        (status = 415, response = ProblemAnswer),
        (status = 422, response = InvalidAnswer),
        (status = 503, response = ProblemAnswer),
    ),
    security(("token" = [])),
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
            let changed = changed_article(&web, &added.article, added.change, kept).await?;
            let answer = Json(Added::One(Box::new(changed)));
            if added.is_new {
                return Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer).into_response());
            }
            Ok(([(header::CONTENT_LOCATION, location)], answer).into_response())
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
    params(("id" = String, Path, description = "The article's id, such as TX_080089")),
    request_body(content(
        (ArticlePatch = "application/json"),
        (ArticlePatch = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The article with the change", body = ChangedArticle),
        (status = 400, response = ProblemAnswer),
        (status = 401, response = UnauthorizedAnswer),
        (status = 403, response = ProblemAnswer),
        (status = 404, response = ProblemAnswer),
        (status = 409, response = ProblemAnswer),
        (status = 413, response = ProblemAnswer),
        (status = 415, response = ProblemAnswer),
        (status = 422, response = InvalidAnswer),
        (status = 503, response = ProblemAnswer),
    ),
    security(("token" = [])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    stream: Stream,
) -> Result<Response, Failure> {
    if !matches!(
        body::content_type(&headers).as_str(),
        "application/json" | "application/merge-patch+json"
    ) {
        return Err(Failure::ContentType("application/json"));
    }
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    let (edit_of, note) = requested_edit(&body::read(stream).await?)?;
    let action = ArticleAction::by(operator.actor(), article.id);
    let change = edit(&web.app, action, &edit_of, &note).await?;
    tracing::info!(
        operator.name = operator.name(),
        article.id = article.public_id,
        "article changed by the API"
    );
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    Ok(Json(changed_article(&web, &article, change, Vec::new()).await?).into_response())
}

#[utoipa::path(
    delete, path = "/api/v1/articles/{id}", operation_id = "retractArticle",
    summary = "Retracts an article: its page says so, and no issue that is not sent yet has it",
    params(("id" = String, Path, description = "The article's id, such as TX_080089"), RetractQuery),
    responses(
        (status = 200, description = "The article is retracted", body = view::RetractionView),
        (status = 204, description = "The article was retracted before"),
        (status = 401, response = UnauthorizedAnswer),
        (status = 403, response = ProblemAnswer),
        (status = 404, response = ProblemAnswer),
        (status = 422, response = InvalidAnswer),
        (status = 503, response = ProblemAnswer),
    ),
    security(("token" = [])),
)]
pub(super) async fn retract(
    Bearer { operator, .. }: Bearer<EditArticles>,
    State(web): Shared,
    Path(id): Path<String>,
    query: Query<RetractQuery>,
) -> Result<Response, Failure> {
    query.errors.finish()?;
    let note = query.parameters.note.unwrap_or_default();
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    let action = ArticleAction::by(operator.actor(), article.id);
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

async fn changed_article(
    web: &Web,
    article: &Article,
    change: ArticleChange,
    kept: Vec<ArticleField>,
) -> Result<ChangedArticle, StoreError> {
    Ok(ChangedArticle {
        article: view::whole(&mut web.app.store.read().await?, &web.app, article).await?,
        changed: change.fields,
        kept,
        sent: change.sent,
        drafts: change.drafts,
    })
}

async fn find(tx: &mut Tx, id: &str) -> Result<Option<Article>, StoreError> {
    match PublicId::parse(id) {
        Ok(id) => tx.article_by_public_id(id.as_str()).await,
        Err(_) => Ok(None),
    }
}

async fn existing(tx: &mut Tx, id: &str) -> Result<Article, Failure> {
    find(tx, id).await?.ok_or_else(|| {
        Failure::NotFound("There is no such article; GET /api/v1/articles lists them by their ids.".into())
    })
}
