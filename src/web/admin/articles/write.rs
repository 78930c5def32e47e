//! Writes a new article, and changes one.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::DateTime;

use super::super::console::{Console, Notice, done};
use super::super::field_texts::Problem;
use super::super::forms::field;
use super::conflict::Conflict;
use super::form::{ArticleForm, Merge, field_problems};
use super::form_page::{FormPage, text_document};
use super::lookup::{article_path, find};
use crate::domain::article_action::ArticleAction;
use crate::ingest::change::{ArticleChange, ChangeError};
use crate::ingest::edit::{self, version_of};
use crate::ingest::editorial::{Submission, submit};
use crate::operators::SignedIn;
use crate::store::articles::Article;
use crate::store::newsletters::Newsletter;
use crate::web::error::WebError;
use crate::web::state::{Shared, Web};

pub(super) async fn new(State(web): Shared, console: Console) -> Result<Response, WebError> {
    let newsletters = web.app.store.read().await?.newsletters().await?;
    let now = web.app.clock.now();
    let form = ArticleForm {
        newsletters: newsletters.iter().map(|known| known.slug.clone()).collect(),
        key: format!("console-{}", web.app.rng.uuid(now)),
        ..ArticleForm::default()
    };
    FormPage::new_article(console, form, named(&newsletters), now).answer(StatusCode::OK)
}

fn named(newsletters: &[Newsletter]) -> Vec<(String, String)> {
    let named = newsletters.iter().map(|known| (known.slug.clone(), known.name.clone()));
    named.collect()
}

/// POST `/admin/articles`: publishes a new article, or shows its preview.
pub(super) async fn create(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let form = ArticleForm::read(&body);
    let newsletters = web.app.store.read().await?.newsletters().await?;
    let page = |console: Console, form: &ArticleForm| {
        FormPage::new_article(console, form.clone(), named(&newsletters), web.app.clock.now())
    };
    match asked_for(&body) {
        Asked::Preview => {
            let preview = preview(&web, &console, &form, None).await?;
            return page(console, &form).with_preview(preview).answer(StatusCode::OK);
        }
        Asked::Fragment => return Ok(Html(preview(&web, &console, &form, None).await?).into_response()),
        Asked::Save => {}
    }
    let words = &console.words;
    let input = match form.front_matter(words) {
        Ok(front) => front
            .check(Some(form.body()))
            .map_err(|errors| field_problems(words, &form, &errors)),
        Err(problems) => Err(problems),
    };
    let input = match input {
        Ok(input) => input,
        Err(problems) => {
            let page = page(console, &form).with_problems(problems);
            return page.answer(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let submission = Submission {
        input,
        newsletters: newsletters
            .iter()
            .filter(|known| form.newsletters.contains(&known.slug))
            .map(|known| known.id)
            .collect(),
        note: form.note.clone(),
        actor: Some(signed_in.actor()),
        ..Submission::default()
    };
    match submit(&web.app, &submission).await {
        Ok(added) => {
            let path = article_path(&added.article.public_id);
            Ok(done(&path, Notice::ArticlePublished).into_response())
        }
        Err(ChangeError::Retracted(_)) => {
            let problem = Problem {
                field: "title",
                text: console.words.article_is_retracted_already(),
            };
            let page = page(console, &form).with_problems(vec![problem]);
            page.answer(StatusCode::CONFLICT)
        }
        Err(error) => Err(failed(error)),
    }
}

pub(super) async fn form(State(web): Shared, console: Console, Path(id): Path<String>) -> Result<Response, WebError> {
    let (article, form) = stored(&web, &id).await?;
    let seen = form.seen();
    FormPage::of_article(console, &article, form, seen, web.app.clock.now()).answer(StatusCode::OK)
}

/// The article, and the fields that its form shows.
async fn stored(web: &Web, id: &str) -> Result<(Article, ArticleForm), WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let article = find(&mut tx, id).await?;
    let markdown = tx.article_markdown(article.id).await?;
    drop(tx);
    let markdown = edit::current_markdown(&web.app, &article, markdown).await;
    let form = ArticleForm::of(&article, markdown);
    Ok((article, form))
}

/// POST `/admin/articles/{id}/edit`: changes the article, or shows a preview of the change.
pub(super) async fn change(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let (article, stored_form) = stored(&web, &id).await?;
    let mut typed = ArticleForm::read(&body);
    let seen = field(&body, "seen");
    let loaded: i64 = field(&body, "loaded").parse().unwrap_or_default();
    let now = web.app.clock.now();
    match asked_for(&body) {
        Asked::Preview => {
            let preview = preview(&web, &console, &typed, article.url.as_deref()).await?;
            let page = FormPage::of_article(console, &article, typed, seen, now).loaded_at(loaded);
            return page.with_preview(preview).answer(StatusCode::OK);
        }
        Asked::Fragment => {
            let preview = preview(&web, &console, &typed, article.url.as_deref()).await?;
            return Ok(Html(preview).into_response());
        }
        Asked::Save => {}
    }
    let merge = typed.merge(&stored_form, &seen);
    if !merge.by_others.is_empty() || article.retracted_at.is_some() {
        return outdated(&web, console, (&article, &stored_form), (typed, loaded), &merge).await;
    }
    let edit = match typed.edit_of(&console.words, &stored_form) {
        Ok(edit) => edit,
        Err(problems) => {
            let page = FormPage::of_article(console, &article, typed, seen, now).loaded_at(loaded);
            return page.with_problems(problems).answer(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let action = ArticleAction::by(signed_in.actor(), article.id).on(version_of(&article));
    match edit::edit(&web.app, action, &edit, &typed.note).await {
        Ok(change) => Ok(done(&article_path(&article.public_id), notice(&change)).into_response()),
        // Somebody changed or retracted the article after it was read above.
        Err(ChangeError::Outdated(_) | ChangeError::Retracted(_)) => {
            let (article, current) = stored(&web, &id).await?;
            let merge = typed.merge(&current, &seen);
            outdated(&web, console, (&article, &current), (typed, loaded), &merge).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// The form after somebody else changed or retracted the article. It has what the editor typed, and what is stored now.
async fn outdated(
    web: &Arc<Web>,
    console: Console,
    (article, current): (&Article, &ArticleForm),
    (typed, loaded): (ArticleForm, i64),
    merge: &Merge,
) -> Result<Response, WebError> {
    let since = DateTime::from_timestamp(loaded, 0);
    let conflict = Conflict::read(web, &console, article, since, current, merge).await?;
    let retracted = article.retracted_at.map(|_| Problem {
        field: "title",
        text: console.words.article_conflict_retracted(),
    });
    let page = FormPage::of_article(console, article, typed, current.seen(), web.app.clock.now());
    let page = page
        .with_conflict(conflict)
        .with_problems(retracted.into_iter().collect());
    page.answer(StatusCode::CONFLICT)
}

/// What a button asks for.
enum Asked {
    Save,
    /// The page with a preview.
    Preview,
    /// Only the preview, for the script.
    Fragment,
}

fn asked_for(body: &[u8]) -> Asked {
    match field(body, "do").as_str() {
        "preview" => Asked::Preview,
        "fragment" => Asked::Fragment,
        _ => Asked::Save,
    }
}

async fn preview(web: &Arc<Web>, console: &Console, form: &ArticleForm, url: Option<&str>) -> Result<String, WebError> {
    let url = url.map_or_else(|| form.url.clone(), str::to_owned);
    let html = edit::preview(&web.app, form.body(), Some(&url)).await;
    text_document(console, &html, form.language.trim())
}

/// What a change did, for the page after it.
fn notice(change: &ArticleChange) -> Notice {
    if change.fields.is_empty() {
        Notice::ArticleUnchanged
    } else if !change.unapproved.is_empty() {
        Notice::ArticleChangedUnapproved
    } else if change.sent > 0 {
        Notice::ArticleChangedSent
    } else {
        Notice::ArticleChanged
    }
}

/// An error that is no mistake of the editor.
pub(super) fn failed(error: ChangeError) -> WebError {
    match error {
        ChangeError::Store(error) => error.into(),
        ChangeError::Compile(error) => error.into(),
        _ => WebError::NotFound,
    }
}
