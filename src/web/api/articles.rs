//! `/api/v1/articles`: own articles, added, changed and taken back as by `daywire article`.

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::bearer::Bearer;
use super::body;
use super::failure::Failure;
use super::fields::Fields;
use crate::domain::article_input::{Body, FrontMatter, language_of};
use crate::domain::ids::NewsletterId;
use crate::domain::public_id::PublicId;
use crate::ingest::change::ArticleChange;
use crate::ingest::edit::{ArticleEdit, edit};
use crate::ingest::editorial::{Submission, submit};
use crate::ingest::rating::{Rating, weight_percent};
use crate::ingest::retraction::retract as retract_article;
use crate::ingest::{json_lines, view};
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use crate::web::state::{Shared, Web};

/// Articles on a page of the list, if nothing is said, and at most.
const PAGE: (i64, i64) = (50, 200);

/// GET `/api/v1/articles`: the latest first.
pub async fn list(_: Bearer, State(web): Shared, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let mut fields = Fields::of_query(query.as_deref());
    let mut tx = web.app.store.read().await?;
    let newsletter = match fields.text("newsletter") {
        Some(slug) => newsletters(&mut tx, &mut fields, "newsletter", &[slug]).await?.pop(),
        None => None,
    };
    let waiting = fields.flag("waiting").unwrap_or(false);
    let limit = match fields.text("limit").map(|limit| limit.parse::<i64>()) {
        None => PAGE.0,
        Some(Ok(limit)) if (1..=PAGE.1).contains(&limit) => limit,
        Some(_) => {
            fields.refuse("limit", format!("`limit` is a number from 1 to {}", PAGE.1));
            PAGE.0
        }
    };
    let after = match fields.text("after") {
        Some(id) => {
            let last = find(&mut tx, &id).await?;
            if last.is_none() {
                fields.refuse(
                    "after",
                    "`after` is the `next` of the page before, the id of its last article",
                );
            }
            last.map(|last| (last.arrived_at, last.id))
        }
        None => None,
    };
    fields.end("`newsletter`, `waiting`, `limit` and `after`")?;
    // One more than is shown tells whether there is another page.
    let mut articles = tx.articles_after(after, newsletter, waiting, limit + 1).await?;
    let has_more = i64::try_from(articles.len()).is_ok_and(|length| length > limit);
    articles.truncate(usize::try_from(limit).unwrap_or_default());
    let next = articles.last().filter(|_| has_more).map(|last| &last.public_id);
    let shown: Vec<_> = articles.iter().map(|article| view::brief(&web.app, article)).collect();
    Ok(Json(json!({ "articles": shown, "next": next })).into_response())
}

/// GET `/api/v1/articles/{id}`: one that was taken back, too.
pub async fn show(_: Bearer, State(web): Shared, Path(id): Path<String>) -> Result<Response, Failure> {
    let mut tx = web.app.store.read().await?;
    let article = existing(&mut tx, &id).await?;
    Ok(Json(view::whole(&mut tx, &web.app, &article).await?).into_response())
}

/// POST `/api/v1/articles`: one article as JSON, or several as JSON lines.
pub async fn create(
    Bearer(operator): Bearer,
    State(web): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    stream: Stream,
) -> Result<Response, Failure> {
    let mut query = Fields::of_query(query.as_deref());
    match body::kind(&headers).as_str() {
        "application/json" => {
            query.end("none; `newsletters` stands in the document")?;
            let submission = submission(&web, &body::read(stream).await?).await?;
            let added = submit(&web.app, &submission).await?;
            let id = &added.article.public_id;
            tracing::info!(
                operator.name,
                article.id = id,
                article.is_new = added.is_new,
                "an article came by the API"
            );
            let location = format!("/api/v1/articles/{id}");
            let mut shown = after_change(&web, &added.article, &added.change).await?;
            shown["kept"] = added.kept.iter().map(|edit| json!(edit.field)).collect();
            let shown = Json(shown);
            if added.is_new {
                return Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response());
            }
            Ok(([(header::CONTENT_LOCATION, location)], shown).into_response())
        }
        "application/x-ndjson" | "application/jsonl" => {
            let slug = query.text("newsletter");
            let mut tx = web.app.store.read().await?;
            let newsletters = addressed(&mut tx, &mut query, "newsletter", slug.map(|slug| vec![slug])).await?;
            drop(tx);
            query.end("`newsletter`")?;
            let made = json_lines::import_json_lines(&web.app, body::read(stream).await?, newsletters, true).await?;
            tracing::info!(operator.name, articles.new = made.tally.new, "articles came by the API");
            let shown = json!({ "new": made.tally.new, "known": made.tally.known, "refused": made.refused });
            Ok(Json(shown).into_response())
        }
        _ => Err(Failure::ContentType(
            "application/json for one article, application/x-ndjson for one on each line",
        )),
    }
}

/// PATCH `/api/v1/articles/{id}`: any article, a feed's too; what is not named stays.
pub async fn change(
    Bearer(operator): Bearer,
    State(web): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    stream: Stream,
) -> Result<Response, Failure> {
    if !matches!(
        body::kind(&headers).as_str(),
        "application/json" | "application/merge-patch+json"
    ) {
        return Err(Failure::ContentType("application/json"));
    }
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    let mut fields = Fields::of_document(&body::read(stream).await?)?;
    let no_category = fields.is_null("category").then(String::new);
    let wanted = ArticleEdit {
        title: fields.text("title"),
        summary: fields.text("summary"),
        body: text(&mut fields),
        authors: fields.texts("authors"),
        category: fields.text("category").or(no_category),
        language: fields.text("language"),
    };
    if wanted.title.as_deref().is_some_and(|title| title.trim().is_empty()) {
        fields.refuse("title", "`title` is empty");
    }
    if let Some(Err(error)) = wanted.body.as_ref().map(Body::check) {
        fields.refuse(&error.field, error.detail);
    }
    let language = wanted.language.as_deref().map(language_of).transpose();
    if let Err(detail) = &language {
        fields.refuse("language", detail);
    }
    if wanted == ArticleEdit::default() {
        fields.refuse("", "the document names nothing to change");
    }
    let note = fields.text("note").unwrap_or_default();
    fields.end("`title`, `summary`, `text` or `content_html`, `authors`, `category`, `language` and `note`")?;
    let wanted = ArticleEdit {
        language: language.unwrap_or_default(),
        ..wanted
    };
    let change = edit(&web.app, &article, &wanted, &note).await?;
    tracing::info!(
        operator.name,
        article.id = article.public_id,
        "an article was changed by the API"
    );
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    Ok(Json(after_change(&web, &article, &change).await?).into_response())
}

/// DELETE `/api/v1/articles/{id}`: takes it back; what it was stays on record.
pub async fn retract(
    Bearer(operator): Bearer,
    State(web): Shared,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let mut fields = Fields::of_query(query.as_deref());
    let note = fields.text("note").unwrap_or_default();
    fields.end("`note`")?;
    let article = existing(&mut web.app.store.read().await?, &id).await?;
    let made = retract_article(&web.app, article.id, &note).await?;
    if !made.retracted {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    tracing::info!(
        operator.name,
        article.id = article.public_id,
        "an article was retracted by the API"
    );
    Ok(Json(view::retraction(&article, &made)).into_response())
}

/// Reads an article as a program sends it.
async fn submission(web: &Web, bytes: &[u8]) -> Result<Submission, Failure> {
    let mut fields = Fields::of_document(bytes)?;
    let front = FrontMatter {
        title: fields.text("title").unwrap_or_default(),
        id: fields.name("id"),
        url: fields.text("url"),
        published: fields.text("published"),
        authors: fields.texts("authors").unwrap_or_default(),
        category: fields.text("category"),
        language: fields.text("language"),
        summary: fields.text("summary"),
        source: fields.text("source"),
        image: fields.text("image"),
        image_alt: fields.text("image_alt"),
    };
    let text = text(&mut fields);
    // An article with an address may be told without text.
    if text.is_none() && front.url.is_none() {
        fields.refuse(
            "text",
            "give the `text` in Markdown, or as `content_html`, or the `url` of its page",
        );
    }
    let rating = Rating {
        pinned: fields.flag("pinned"),
        weight_percent: match fields.number("weight").map(weight_percent) {
            Some(None) => {
                fields.refuse("weight", "`weight` is a number from 0.01 to 100; 1 is the usual");
                None
            }
            percent => percent.flatten(),
        },
    };
    let note = fields.text("note").unwrap_or_default();
    let overwrite = fields.flag("overwrite").unwrap_or(false);
    let slugs = fields.texts("newsletters");
    let mut tx = web.app.store.read().await?;
    let newsletters = addressed(&mut tx, &mut fields, "newsletters", slugs).await?;
    let input = front.check(text).map_err(|errors| fields.refuse_all(errors)).ok();
    fields.end(
        "`title`, `text` or `content_html`, `id`, `url`, `summary`, `authors`, `category`, `language`, `published`, \
         `source`, `image`, `image_alt`, `newsletters`, `pinned`, `weight`, `note` and `overwrite`",
    )?;
    Ok(Submission {
        input: input.unwrap_or_default(),
        file_name: None,
        newsletters,
        note,
        rating,
        overwrite,
    })
}

/// The text of an article, in one of its two forms.
fn text(fields: &mut Fields) -> Option<Body> {
    match (fields.text("text"), fields.text("content_html")) {
        (Some(_), Some(html)) => {
            fields.refuse("content_html", "give `text` or `content_html`, not both");
            Some(Body::Html(html))
        }
        (Some(text), None) => Some(Body::Markdown(text.replace("\r\n", "\n"))),
        (None, html) => html.map(Body::Html),
    }
}

/// The newsletters of these slugs; if none are named, all.
async fn addressed(
    tx: &mut Tx,
    fields: &mut Fields,
    field: &str,
    slugs: Option<Vec<String>>,
) -> Result<Vec<NewsletterId>, StoreError> {
    match slugs {
        None => Ok(tx.newsletters().await?.iter().map(|newsletter| newsletter.id).collect()),
        Some(slugs) if slugs.is_empty() => {
            fields.refuse(field, format!("`{field}` is empty; leave it out for every newsletter"));
            Ok(Vec::new())
        }
        Some(slugs) => newsletters(tx, fields, field, &slugs).await,
    }
}

async fn newsletters(
    tx: &mut Tx,
    fields: &mut Fields,
    field: &str,
    slugs: &[String],
) -> Result<Vec<NewsletterId>, StoreError> {
    let there = tx.newsletters().await?;
    let mut found = Vec::new();
    for slug in slugs {
        match there.iter().find(|newsletter| newsletter.slug == *slug) {
            Some(newsletter) if found.contains(&newsletter.id) => {}
            Some(newsletter) => found.push(newsletter.id),
            None => fields.refuse(field, format!("there is no newsletter {slug:?}")),
        }
    }
    Ok(found)
}

/// An article with what a change came to.
async fn after_change(web: &Web, article: &Article, change: &ArticleChange) -> Result<Value, StoreError> {
    let mut shown = view::whole(&mut web.app.store.read().await?, &web.app, article).await?;
    shown["changed"] = json!(change.fields);
    shown["kept"] = json!([]);
    shown["sent"] = json!(change.sent);
    shown["drafts"] = json!(change.drafts);
    Ok(shown)
}

async fn find(tx: &mut Tx, id: &str) -> Result<Option<Article>, StoreError> {
    match PublicId::parse(id) {
        Ok(id) => tx.article_by_public_id(id.as_str()).await,
        Err(_) => Ok(None),
    }
}

async fn existing(tx: &mut Tx, id: &str) -> Result<Article, Failure> {
    let none = || Failure::NotFound("There is no such article; GET /api/v1/articles lists them by their ids.".into());
    find(tx, id).await?.ok_or_else(none)
}
