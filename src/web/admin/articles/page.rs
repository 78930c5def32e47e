//! The page of one article: what it says, what each newsletter did with it, and what an editor can do.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::super::console::Console;
use super::super::issue_path::draft_path;
use super::form_page::text_document;
use super::lookup::{article_path, find};
use crate::digest::article_path as page_on_site;
use crate::domain::ids::FeedId;
use crate::domain::role::Permission;
use crate::domain::states::CorrectionKind;
use crate::operators::SignedIn;
use crate::store::Tx;
use crate::store::arrivals::Arrival;
use crate::store::articles::Article;
use crate::store::corrections::Correction;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};

#[derive(Debug, Template)]
#[template(path = "admin/article.html")]
struct ArticlePage {
    console: Console,
    path: String,
    public_id: String,
    title: String,
    language: String,
    summary: String,
    /// The whole text, as the document of a frame.
    text: String,
    source: String,
    /// The feed that brought it.
    feed: Option<FeedId>,
    authors: String,
    category: String,
    on_site: String,
    original: Option<String>,
    published: Option<Stamp>,
    arrived: Stamp,
    edited: Option<Stamp>,
    /// When it was retracted, and why.
    retracted: Option<(Stamp, String)>,
    newsletters: Vec<NewsletterLine>,
    corrections: Vec<CorrectionLine>,
    may_edit: bool,
    /// The form that was sent cannot be carried out for this reason.
    refused: Option<String>,
    /// The note that was typed.
    note: String,
}

/// What a newsletter did with the article.
#[derive(Debug)]
struct NewsletterLine {
    slug: String,
    state: String,
    /// The issue with it: name and address.
    issue: Option<(String, String)>,
    reason: Option<String>,
    waits: bool,
    is_pinned: bool,
}

#[derive(Debug)]
struct CorrectionLine {
    kind: String,
    time: Stamp,
    note: String,
    title_before: Option<String>,
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let article = find(&mut web.app.store.read().await?, &id).await?;
    show(&web, console, &signed_in, article, None, String::new()).await
}

/// The page of an article, after a form that was refused with the reason.
pub(super) async fn show(
    web: &Arc<Web>,
    console: Console,
    signed_in: &SignedIn,
    article: Article,
    refused: Option<String>,
    note: String,
) -> Result<Response, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let newsletters = newsletter_lines(&mut tx, &console, &article).await?;
    let corrections = tx.corrections_of_article(article.id).await?;
    let retracted = match article.retracted_at {
        Some(at) => {
            let reason = tx.retraction_note(article.id).await?;
            Some((Stamp::utc(at), reason.unwrap_or_default()))
        }
        None => None,
    };
    drop(tx);
    let language = article.language.clone().unwrap_or_default();
    let shown = ArticlePage {
        path: article_path(&article.public_id),
        on_site: page_on_site(&article),
        text: text_document(&console, &article.content_html, &language)?,
        corrections: corrections
            .into_iter()
            .map(|correction| correction_line(&console, &article, correction))
            .collect(),
        newsletters,
        retracted,
        feed: article.feed_id,
        language,
        title: article.title,
        summary: article.summary,
        source: article.source_name,
        authors: article.authors.lines().collect::<Vec<_>>().join(", "),
        category: article.category.unwrap_or_default(),
        original: article.url,
        published: article.published_at.map(Stamp::utc),
        arrived: Stamp::utc(article.arrived_at),
        edited: article.edited_at.map(Stamp::utc),
        public_id: article.public_id,
        may_edit: signed_in.may(Permission::EditArticles),
        refused,
        note,
        console,
    };
    Ok(render(&shown)?.into_response())
}

async fn newsletter_lines(tx: &mut Tx, console: &Console, article: &Article) -> Result<Vec<NewsletterLine>, WebError> {
    let words = &console.words;
    let slugs = tx.newsletter_slugs().await?;
    let mut lines = Vec::new();
    for arrival in tx.arrivals_of_article(article.id).await? {
        let Arrival {
            slug,
            issue_id,
            position,
            reason,
            ..
        } = arrival;
        let waits = issue_id.is_none() && reason.is_none() && article.retracted_at.is_none();
        let issue = match issue_id {
            Some(issue) => Some(tx.issue_name(issue).await?),
            None => None,
        };
        let is_pinned = match slugs.iter().find(|(_, known)| *known == slug) {
            Some((id, _)) if waits => {
                let rated = tx.rated_articles(*id).await?;
                rated.get(&article.id).is_some_and(|(pinned, _)| *pinned)
            }
            _ => false,
        };
        lines.push(NewsletterLine {
            state: match (&issue, position) {
                (Some(_), Some(place)) => words.article_at_place(place),
                _ if waits => words.article_state_waiting(),
                _ => words.article_state_left_out(),
            },
            issue: issue.and_then(|name| {
                // An edition has a third part, and its issue's page.
                let number = name.split('/').nth(1)?.parse().ok()?;
                Some((name, draft_path(&slug, number)))
            }),
            reason,
            slug,
            waits,
            is_pinned,
        });
    }
    Ok(lines)
}

fn correction_line(console: &Console, article: &Article, correction: Correction) -> CorrectionLine {
    let words = &console.words;
    CorrectionLine {
        kind: match correction.kind {
            CorrectionKind::Corrected => words.article_corrected(),
            CorrectionKind::Retracted => words.article_state_retracted(),
            CorrectionKind::Restored => words.article_restored(),
        },
        time: Stamp::utc(correction.at),
        note: correction.note,
        title_before: Some(correction.title_before).filter(|before| *before != article.title),
    }
}
