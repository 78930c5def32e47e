//! Creates a newsletter, and changes one.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::DateTime;

use super::super::console::{Console, Notice, done};
use super::super::forms::field;
use super::form::{Merge, NewsletterForm};
use super::form_page::{Conflict, FormPage, label};
use super::lookup::{find, newsletter_path};
use super::runs::fragment;
use crate::domain::audit::AuditAction;
use crate::newsletter::fields::{FieldMistake, file_from, mistake_of, texts_of};
use crate::newsletter::{Applied, NewsletterError, NewsletterFile, apply_by, version_of};
use crate::operators::SignedIn;
use crate::store::audit_log::AuditFilter;
use crate::store::newsletters::Newsletter;
use crate::web::error::WebError;
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};

/// At most this many changes of others are listed.
const MAX_CHANGES: i64 = 10;

pub(super) async fn new(State(web): Shared, console: Console) -> Result<Response, WebError> {
    let usual = [
        ("public", "true"),
        ("archive", "true"),
        ("timezone", "UTC"),
        ("weekly_day", "mon"),
    ];
    let texts = usual.into_iter().map(|(key, text)| (key, text.to_owned())).collect();
    let form = NewsletterForm::of(texts);
    let now = web.app.clock.now().timestamp();
    FormPage::new(&web, console, None, (form, String::new()), now).answer(StatusCode::OK)
}

/// What a button asks for.
fn is_preview(body: &[u8]) -> bool {
    matches!(field(body, "do").as_str(), "runs" | "fragment")
}

/// The form with the coming runs, or for the script only these.
fn preview(page: FormPage, body: &[u8]) -> Result<Response, WebError> {
    if field(body, "do") == "fragment" {
        return Ok(Html(fragment(page.console(), page.runs())?).into_response());
    }
    page.answer(StatusCode::OK)
}

/// The file that a form describes, or the mistakes at its fields.
fn file_of_form(console: &Console, form: &NewsletterForm) -> Result<NewsletterFile, Vec<FieldMistake>> {
    let Some(schedule) = form.schedule_mistake(&console.words) else {
        return file_from(&form.texts);
    };
    let mut mistakes = file_from(&form.texts).err().unwrap_or_default();
    mistakes.retain(|mistake| mistake.key != schedule.key);
    mistakes.push(schedule);
    Err(mistakes)
}

pub(super) async fn create(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let form = NewsletterForm::read(&body);
    let file = file_of_form(&console, &form);
    let page = |console| FormPage::new(&web, console, None, (form.clone(), String::new()), 0);
    if is_preview(&body) {
        return preview(page(console), &body);
    }
    let refuse = |console, mistakes| {
        page(console)
            .with_mistakes(mistakes)
            .answer(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let file = match file {
        Ok(file) => file,
        Err(mistakes) => return refuse(console, mistakes),
    };
    // No stored newsletter has an empty version, so one that exists is not changed.
    match apply_by(&web.app, Some(&signed_in.actor()), Some(""), &file).await {
        Ok((newsletter, applied)) => {
            let notice = match applied {
                Applied::Restored => Notice::NewsletterRestored,
                _ => Notice::NewsletterCreated,
            };
            Ok(done(&newsletter_path(&newsletter.slug), notice).into_response())
        }
        Err(NewsletterError::Outdated(_)) => {
            let reason = console.words.newsletter_slug_taken();
            refuse(console, vec![FieldMistake { key: "slug", reason }])
        }
        Err(NewsletterError::Store(error)) => Err(error.into()),
        Err(error) => refuse(console, vec![mistake_of(&error)]),
    }
}

/// The newsletter with the fields that its form shows. A removed one has no form.
async fn stored(web: &Web, slug: &str) -> Result<(Newsletter, NewsletterForm), WebError> {
    let newsletter = find(&mut web.app.store.read().await?, slug).await?;
    if newsletter.removed_at.is_some() {
        return Err(WebError::NotFound);
    }
    let texts = texts_of(&newsletter).map_err(unreadable)?;
    Ok((newsletter, NewsletterForm::of(texts)))
}

fn unreadable(error: NewsletterError) -> WebError {
    match error {
        NewsletterError::Store(error) => error.into(),
        error => {
            tracing::error!(%error, "a newsletter could not be shown");
            WebError::NotFound
        }
    }
}

pub(super) async fn form(State(web): Shared, console: Console, Path(slug): Path<String>) -> Result<Response, WebError> {
    let (newsletter, form) = stored(&web, &slug).await?;
    let seen = form.seen();
    let now = web.app.clock.now().timestamp();
    FormPage::new(&web, console, Some(named(&newsletter)), (form, seen), now).answer(StatusCode::OK)
}

fn named(newsletter: &Newsletter) -> (String, String) {
    (newsletter.slug.clone(), newsletter.name.clone())
}

pub(super) async fn change(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(slug): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let (newsletter, current) = stored(&web, &slug).await?;
    let mut form = NewsletterForm::read(&body);
    form.texts.insert("slug", newsletter.slug.clone());
    let seen = field(&body, "seen");
    let loaded = field(&body, "loaded").parse().unwrap_or(0);
    let page = |console, form: &NewsletterForm| {
        FormPage::new(
            &web,
            console,
            Some(named(&newsletter)),
            (form.clone(), seen.clone()),
            loaded,
        )
    };
    if is_preview(&body) {
        return preview(page(console, &form), &body);
    }
    if let Some(mistake) = form.schedule_mistake(&console.words) {
        let page = page(console, &form).with_mistakes(vec![mistake]);
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let merge = form.merge(&current, &seen);
    if !merge.by_others.is_empty() {
        return outdated(&web, console, (&newsletter, &current), (form, loaded), &merge).await;
    }
    let file = match file_of_form(&console, &form) {
        Ok(file) => file,
        Err(mistakes) => {
            let page = page(console, &form).with_mistakes(mistakes);
            return page.answer(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let version = version_of(&newsletter).map_err(unreadable)?;
    match apply_by(&web.app, Some(&signed_in.actor()), Some(&version), &file).await {
        Ok((_, applied)) => {
            let notice = match applied {
                Applied::Unchanged => Notice::ArticleUnchanged,
                _ => Notice::NewsletterChanged,
            };
            Ok(done(&newsletter_path(&newsletter.slug), notice).into_response())
        }
        // Somebody changed the newsletter after it was read above.
        Err(NewsletterError::Outdated(_)) => {
            let (newsletter, current) = stored(&web, &slug).await?;
            let merge = form.merge(&current, &seen);
            outdated(&web, console, (&newsletter, &current), (form, loaded), &merge).await
        }
        Err(NewsletterError::Store(error)) => Err(error.into()),
        Err(error) => {
            let page = page(console, &form).with_mistakes(vec![mistake_of(&error)]);
            page.answer(StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// The form after somebody else changed the newsletter. It has what was typed, and what is stored now.
async fn outdated(
    web: &Arc<Web>,
    console: Console,
    (newsletter, current): (&Newsletter, &NewsletterForm),
    (form, loaded): (NewsletterForm, i64),
    merge: &Merge,
) -> Result<Response, WebError> {
    let filter = AuditFilter {
        action: Some("newsletter".to_owned()),
        object: Some(newsletter.slug.clone()),
        since: DateTime::from_timestamp(loaded, 0),
        ..AuditFilter::default()
    };
    let entries = web.app.store.read().await?.audit_log(&filter, MAX_CHANGES).await?;
    let words = &console.words;
    let changes = entries.iter().filter(|entry| {
        matches!(
            entry.action,
            AuditAction::NewsletterChanged | AuditAction::NewsletterRestored
        )
    });
    let conflict = Conflict {
        changes: changes
            .map(|entry| words.article_changed_by(&entry.actor, Stamp::utc(entry.at).shown(words)))
            .collect(),
        now: merge
            .by_both
            .iter()
            .map(|key| (label(words, key), current.text(key).to_owned()))
            .collect(),
    };
    let now = web.app.clock.now().timestamp();
    let page = FormPage::new(web, console, Some(named(newsletter)), (form, current.seen()), now);
    page.with_conflict(conflict).answer(StatusCode::CONFLICT)
}
