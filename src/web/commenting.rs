//! Writing, deleting and reporting comments that the program keeps itself. GET changes nothing.

use axum::extract::{Path, Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tokio::time::Instant;

use super::client::Client;
use super::comments::{MAX_SHOWN, paragraphs};
use super::error::{WebError, page};
use super::error_pages::explained;
use super::field_problems::address_problem;
use super::form::Form;
use super::links::encode;
use super::origin::OwnPage;
use super::pages::{
    CommentLinkSentPage, CommentPage, CommentRefusedPage, CommentReportedPage, FieldProblems, OwnComment, Site, Stamp,
};
use super::signup::hide_duration;
use super::state::{Shared, Web};
use crate::comments::{self, Author, LinkRequestError, MAX_HELD, WriteError};
use crate::config::CommentProvider;
use crate::digest::article_path;
use crate::domain::comment::{CommentError, MAX_NAME_CHARS};
use crate::domain::ids::CommentId;
use crate::domain::public_id::PublicId;
use crate::domain::signed_links::SignedLinkError;
use crate::notices::NoticeError;
use crate::store::articles::Article;

/// The article with this public id, if it can be commented on.
async fn find(web: &Web, id: &str) -> Result<Article, WebError> {
    if web.app.config.comments.provider != CommentProvider::Builtin {
        return Err(WebError::NotFound);
    }
    let id = PublicId::parse(id).map_err(|_| WebError::NotFound)?;
    let found = web.app.store.read().await?.article_by_public_id(id.as_str()).await?;
    found
        .filter(|article| article.retracted_at.is_none())
        .ok_or(WebError::NotFound)
}

/// POST `/comments/link`: mails a link for commenting. The answer is the same for every address, and takes about the same time.
pub(super) async fn request_link(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let begun = Instant::now();
    let form = Form::read(&body);
    let article = find(&web, &form.text("article")).await?;
    // A field that people do not see. Only a program fills it in.
    if form.text("website").is_empty() {
        let requested = comments::request_link(&web.app, &site.words, &form.text("email"), &article, network).await;
        // Also a request over a limit has looked the address up.
        hide_duration(begun).await;
        match requested {
            Ok(()) => {}
            Err(LinkRequestError::TooMany) => return too_many(site),
            Err(LinkRequestError::Store(error)) => return Err(error.into()),
            Err(LinkRequestError::Template(error)) => return Err(error.into()),
            Err(LinkRequestError::Address(error)) => {
                let words = &site.words;
                let problem = address_problem(&error, words);
                let texts = [words.check_form(), problem, words.comment_go_back()];
                return explained(site, StatusCode::UNPROCESSABLE_ENTITY, texts);
            }
        }
    } else {
        hide_duration(begun).await;
    }
    Ok(Redirect::to(&format!("/comments/link-sent?article={}", article.public_id)).into_response())
}

/// The query that names an article.
#[derive(Debug, Deserialize)]
pub(super) struct ArticleQuery {
    #[serde(default)]
    article: String,
}

/// GET `/comments/link-sent`: the answer to every request for a link.
pub(super) async fn link_sent(
    State(web): Shared,
    site: Site,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    let article = article_path(&find(&web, &query.article).await?);
    Ok(page(&CommentLinkSentPage { site, article })?.into_response())
}

/// GET `/comment/{token}/{article}`: the form for a comment.
pub(super) async fn form(
    State(web): Shared,
    site: Site,
    Path((token, article)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let article = find(&web, &article).await?;
    let author = author(&web, &site, &token, &article, "").await?;
    let shown = form_page(&web, site, &token, &article, &author).await?;
    Ok(page(&shown)?.into_response())
}

/// POST `/comment/{token}/{article}`: stores a comment, which is held until an operator approves it.
pub(super) async fn write(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    Path((token, article)): Path<(String, String)>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let article = find(&web, &article).await?;
    let form = Form::read(&body);
    let (name, text) = (form.text("name"), form.text("text"));
    let author = author(&web, &site, &token, &article, &text).await?;
    let errors = match comments::write(&web.app, &author, article.id, &name, &text, network).await {
        Ok(_) => return Ok(Redirect::to(&comment_path(&token, &article)).into_response()),
        Err(WriteError::NotSubscribed) => return refused(&web, site, StatusCode::FORBIDDEN, &article, text),
        Err(WriteError::TooMany) => return too_many(site),
        Err(WriteError::TooManyHeld) => {
            let words = &site.words;
            let texts = [
                words.too_many_requests_title(),
                words.comment_too_many_held(usize::try_from(MAX_HELD).unwrap_or(usize::MAX)),
                words.comment_held_next(),
            ];
            return explained(site, StatusCode::TOO_MANY_REQUESTS, texts);
        }
        Err(WriteError::Store(error) | WriteError::Notice(NoticeError::Store(error))) => return Err(error.into()),
        Err(WriteError::Notice(NoticeError::Template(error))) => return Err(error.into()),
        Err(WriteError::Text(errors)) => errors,
    };
    let words = site.words.clone();
    let mut shown = form_page(&web, site, &token, &article, &author).await?;
    // The form keeps what the reader typed.
    (shown.name, shown.body) = (name, text);
    for error in errors {
        match error {
            CommentError::Name => shown.problems.add("name", words.comment_name_problem(MAX_NAME_CHARS)),
            CommentError::Empty => shown.problems.add("text", words.comment_empty()),
            CommentError::TooLong => shown.problems.add("text", words.comment_too_long(shown.max_length)),
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
}

/// POST `/comment/{token}/{article}/delete`: deletes a comment of the reader.
pub(super) async fn delete(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path((token, article)): Path<(String, String)>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let article = find(&web, &article).await?;
    let author = author(&web, &site, &token, &article, "").await?;
    let id: CommentId = Form::read(&body).text("id").parse().map_err(|_| WebError::NotFound)?;
    // A comment that is gone is deleted already.
    comments::delete_own(&web.app, &author, id).await?;
    Ok(Redirect::to(&comment_path(&token, &article)).into_response())
}

/// POST `/comments/{id}/report`: counts a report.
pub(super) async fn report(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: CommentId = id.parse().map_err(|_| WebError::NotFound)?;
    let mut tx = web.app.store.read().await?;
    let comment = tx.comment(id).await?.ok_or(WebError::NotFound)?;
    let article = tx.article(comment.article_id).await?.ok_or(WebError::NotFound)?;
    drop(tx);
    let article = find(&web, &article.public_id).await?;
    match comments::report(&web.app, id, network).await {
        Ok(true) => {}
        Ok(false) => return too_many(site),
        Err(NoticeError::Store(error)) => return Err(error.into()),
        Err(NoticeError::Template(error)) => return Err(error.into()),
    }
    Ok(Redirect::to(&format!("/comments/reported?article={}", article.public_id)).into_response())
}

/// GET `/comments/reported`: the answer to every report.
pub(super) async fn reported(
    State(web): Shared,
    site: Site,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    let article = article_path(&find(&web, &query.article).await?);
    Ok(page(&CommentReportedPage { site, article })?.into_response())
}

fn comment_path(token: &str, article: &Article) -> String {
    format!("/comment/{}/{}", encode(token), article.public_id)
}

async fn form_page(
    web: &Web,
    site: Site,
    token: &str,
    article: &Article,
    author: &Author,
) -> Result<CommentPage, WebError> {
    let zone = web.lists.current(&web.app).await?.zone;
    let own = web
        .app
        .store
        .read()
        .await?
        .comments_by_reader(article.id, author.id, MAX_SHOWN)
        .await?;
    let own = own.into_iter().map(|comment| OwnComment {
        id: comment.id.to_string(),
        state: comment.state,
        time: Stamp::in_zone(comment.created_at, zone),
        paragraphs: paragraphs(&comment.body),
    });
    Ok(CommentPage {
        site,
        action: comment_path(token, article),
        article: article_path(article),
        headline: article.title.clone(),
        own: own.collect(),
        name: author.name.clone().unwrap_or_default(),
        body: String::new(),
        problems: FieldProblems::default(),
        max_length: web.app.config.comments.max_length,
    })
}

/// The reader whom a link lets comment, or the page that says why it lets nobody, with the comment that was typed.
async fn author(web: &Web, site: &Site, token: &str, article: &Article, typed: &str) -> Result<Author, WebError> {
    let status = match comments::author(&web.app, token).await? {
        Ok(Some(author)) => return Ok(author),
        Ok(None) => StatusCode::FORBIDDEN,
        Err(SignedLinkError::Expired) => StatusCode::GONE,
        Err(SignedLinkError::Unknown) => StatusCode::NOT_FOUND,
    };
    let answer = refused(web, site.clone(), status, article, typed.to_owned())?;
    Err(WebError::answered(answer))
}

/// The page that says why a link lets nobody comment. It shows the comment that the reader typed.
fn refused(web: &Web, site: Site, status: StatusCode, article: &Article, body: String) -> Result<Response, WebError> {
    let words = &site.words;
    let [title, happened, next] = match status {
        StatusCode::FORBIDDEN => [
            words.comment_not_subscribed_title(),
            words.comment_not_subscribed_text(),
            words.comment_not_subscribed_next(),
        ],
        StatusCode::GONE => [
            words.comment_link_expired_title(),
            words.comment_link_expired_text(words.within(web.app.config.comments.link_ttl)),
            words.comment_link_next(),
        ],
        _ => [
            words.bad_link_title(),
            words.bad_link_happened(),
            words.comment_link_next(),
        ],
    };
    let shown = page(&CommentRefusedPage {
        site,
        status: status.as_u16(),
        title,
        happened,
        next,
        article: article_path(article),
        headline: article.title.clone(),
        body,
    })?;
    Ok((status, shown).into_response())
}

fn too_many(site: Site) -> Result<Response, WebError> {
    let words = &site.words;
    let texts = [
        words.too_many_requests_title(),
        words.comment_too_many_text(),
        words.too_many_next(),
    ];
    explained(site, StatusCode::TOO_MANY_REQUESTS, texts)
}
