//! Edits an article by hand, whether it is an editorial article or came from a feed.

use super::change::{
    ArticleChange, ChangeError, ChangeTransaction, apply_change, change_with_drafts, lock_with_newsletters,
};
use super::editorial_entry::{authors_text, base_url, lede};
use crate::app::{App, on_blocking_pool};
use crate::digest::recompiled_drafts::RecompiledDrafts;
use crate::domain::article_input::Body;
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

/// Edits an article. From then on its feed no longer changes it.
///
/// # Errors
/// [`ChangeError::Retracted`] for a retracted article.
pub async fn edit(app: &App, article: &Article, edit: &ArticleEdit, note: &str) -> Result<ArticleChange, ChangeError> {
    let base = base_url(app.config.site.url.as_url(), article.url.as_deref());
    let content_html = match edit.body.clone() {
        Some(body) => Some(on_blocking_pool(move || body.to_html(Some(&base))).await),
        None => None,
    };
    let transaction = EditTransaction {
        article,
        edit,
        content_html,
        note,
    };
    change_with_drafts(app, transaction).await
}

struct EditTransaction<'a> {
    /// As it was when the editor changed it.
    article: &'a Article,
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
        let id = self.article.id;
        lock_with_newsletters(tx, id).await?;
        // Another transaction may have changed the article before this one locked it.
        let before = tx.article(id).await?.unwrap_or_else(|| self.article.clone());
        if before.retracted_at.is_some() {
            return Err(ChangeError::Retracted(before.public_id));
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
