//! Edits an article by hand, whether it is an editorial article or came from a feed.

use sha2::{Digest, Sha256};

use super::article_field::field_values;
use super::change::{
    ArticleChange, ChangeError, ChangeTransaction, apply_change, change_with_drafts, lock_with_newsletters,
};
use super::editorial_entry::{authors_text, base_url, lede};
use crate::app::{App, on_blocking_pool};
use crate::audit::{self, Change};
use crate::digest::recompiled_drafts::RecompiledDrafts;
use crate::domain::article_action::{ArticleAction, ArticleVersion};
use crate::domain::article_input::Body;
use crate::domain::audit::AuditAction;
use crate::feeds::parse::MAX_SUMMARY;
use crate::store::Tx;
use crate::store::article_edits::FieldEdit;
use crate::store::articles::Article;
use crate::text::excerpt::excerpt;
use crate::text::html::SanitizedHtml;
use crate::text::plain::plain_line;

/// New values for the fields of an article. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleEdit {
    /// The headline. An empty one is ignored, because every article has a headline.
    pub title: Option<String>,
    /// The lede, as plain text.
    pub summary: Option<String>,
    /// The whole text.
    pub body: Option<Body>,
    /// The names of the authors.
    pub authors: Option<Vec<String>>,
    /// The category. An empty text removes it.
    pub category: Option<String>,
    /// The language tag, as [`crate::text::language::tag`] returns it.
    pub language: Option<String>,
}

/// The version of an article that is stored now.
#[must_use]
pub fn version_of(article: &Article) -> ArticleVersion {
    let retracted = article.retracted_at.map(|at| at.to_rfc3339());
    let fields = [
        Some(article.title.as_str()),
        Some(article.summary.as_str()),
        Some(article.content_html.as_str()),
        Some(article.authors.as_str()),
        article.category.as_deref(),
        article.language.as_deref(),
        retracted.as_deref(),
    ];
    let mut hash = Sha256::new();
    for field in fields {
        // No text contains this byte, so it separates the fields.
        hash.update([0xff, u8::from(field.is_some())]);
        hash.update(field.unwrap_or_default());
    }
    let number = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    ArticleVersion(number)
}

/// The text of an article as it would be stored.
pub(crate) async fn preview(app: &App, body: Body, url: Option<&str>) -> SanitizedHtml {
    let base = base_url(app.config.site.url.as_url(), url);
    on_blocking_pool(move || body.to_html(Some(&base))).await
}

/// The Markdown of an article's text, unless the text has changed in another way since it was written.
pub(crate) async fn current_markdown(app: &App, article: &Article, markdown: Option<String>) -> Option<String> {
    let markdown = markdown?;
    let html = preview(app, Body::Markdown(markdown.clone()), article.url.as_deref()).await;
    (html == article.content_html).then_some(markdown)
}

/// Edits an article. From then on its feed no longer changes it.
///
/// # Errors
/// [`ChangeError::Retracted`] for a retracted article, [`ChangeError::Outdated`] if it is not in the version that the operator saw.
pub async fn edit(
    app: &App,
    article: impl Into<ArticleAction>,
    edit: &ArticleEdit,
    note: &str,
) -> Result<ArticleChange, ChangeError> {
    let action = article.into();
    let stored = app.store.read().await?.article(action.id).await?;
    let article = &stored.ok_or(ChangeError::Unknown)?;
    let content_html = match edit.body.clone() {
        Some(body) => Some(preview(app, body, article.url.as_deref()).await),
        None => None,
    };
    let transaction = EditTransaction {
        action,
        edit,
        content_html,
        note,
    };
    change_with_drafts(app, transaction).await
}

struct EditTransaction<'a> {
    action: ArticleAction,
    edit: &'a ArticleEdit,
    /// The sanitised text of the edit.
    content_html: Option<SanitizedHtml>,
    note: &'a str,
}

impl ChangeTransaction for EditTransaction<'_> {
    type Output = ArticleChange;

    async fn run(
        &self,
        tx: &mut Tx,
        app: &App,
        recompiled: &mut RecompiledDrafts,
    ) -> Result<ArticleChange, ChangeError> {
        let id = self.action.id;
        lock_with_newsletters(tx, id).await?;
        // Another transaction may have changed the article before this one locked it.
        let before = tx.article(id).await?.ok_or(ChangeError::Unknown)?;
        if before.retracted_at.is_some() {
            return Err(ChangeError::Retracted(before.public_id));
        }
        if self.action.seen.is_some_and(|seen| seen != version_of(&before)) {
            return Err(ChangeError::Outdated(before.public_id));
        }
        let after = edited(&before, self.edit, self.content_html.as_ref());
        let change = apply_change(tx, app, &before, &after, self.note, recompiled).await?;
        // If the article's file is submitted again, these fields keep the editor's values.
        for field in &change.fields {
            let edit = FieldEdit {
                field: *field,
                at: app.clock.now(),
                note: plain_line(self.note),
            };
            tx.put_article_edit(id, &edit).await?;
        }
        if let Some(body) = &self.edit.body {
            tx.put_article_markdown(id, body.markdown()).await?;
        }
        if let Some(actor) = self.action.actor.as_ref().filter(|_| !change.fields.is_empty()) {
            let mut new = field_values(&after, &change.fields);
            new.insert("note".into(), plain_line(self.note).into());
            let change = Change::of(AuditAction::ArticleEdited, &before.public_id)
                .from(field_values(&before, &change.fields).into())
                .to(new.into());
            audit::record(tx, app, actor, change).await?;
        }
        Ok(change)
    }
}

fn edited(before: &Article, edit: &ArticleEdit, content_html: Option<&SanitizedHtml>) -> Article {
    let mut after = before.clone();
    let line = |text: &String| plain_line(text);
    if let Some(title) = edit.title.as_ref().map(line).filter(|title| !title.is_empty()) {
        after.title = title;
    }
    if let Some(content_html) = content_html {
        after.content_html.clone_from(content_html);
        // A lede that was taken from the text is taken from the new text.
        if before.summary == lede(&before.content_html) {
            after.summary = lede(&after.content_html);
        }
    }
    if let Some(summary) = &edit.summary {
        after.summary = excerpt(&line(summary), MAX_SUMMARY);
    }
    if let Some(authors) = &edit.authors {
        after.authors = authors_text(authors);
    }
    if let Some(category) = &edit.category {
        after.category = Some(line(category)).filter(|category| !category.is_empty());
    }
    if let Some(language) = &edit.language {
        after.language = Some(language.clone());
    }
    after
}
