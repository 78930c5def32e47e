//! What the form shows if somebody else changed the article while an editor wrote.

use chrono::{DateTime, Utc};

use super::super::console::Console;
use super::form::{ArticleForm, CHANGEABLE, Merge};
use crate::domain::audit::AuditAction;
use crate::store::articles::Article;
use crate::store::audit_log::AuditFilter;
use crate::web::error::WebError;
use crate::web::pages::Stamp;
use crate::web::state::Web;

/// At most this many changes of others are listed.
const MAX_CHANGES: i64 = 10;

/// What others did with the article.
#[derive(Debug)]
pub(super) struct Conflict {
    /// Such as `ada changed it, 23 Nov 2025 · 07:09 UTC`. Empty if its feed changed it.
    pub(super) changes: Vec<String>,
    /// The fields that the editor changed, too: label and stored content.
    pub(super) now: Vec<(String, String)>,
}

impl Conflict {
    /// Reads who changed the article since the form was loaded.
    pub(super) async fn read(
        web: &Web,
        console: &Console,
        article: &Article,
        since: Option<DateTime<Utc>>,
        stored: &ArticleForm,
        merge: &Merge,
    ) -> Result<Self, WebError> {
        let filter = AuditFilter {
            action: Some("article".to_owned()),
            object: Some(article.public_id.clone()),
            since,
            ..AuditFilter::default()
        };
        let entries = web.app.store.read().await?.audit_log(&filter, MAX_CHANGES).await?;
        let words = &console.words;
        let changes = entries.iter().filter_map(|entry| {
            let time = Stamp::utc(entry.at).shown(words);
            match entry.action {
                AuditAction::ArticleEdited => Some(words.article_changed_by(&entry.actor, time)),
                AuditAction::ArticleRetracted => Some(words.article_retracted_by(&entry.actor, time)),
                AuditAction::ArticleRestored => Some(words.article_restored_by(&entry.actor, time)),
                _ => None,
            }
        });
        Ok(Self {
            changes: changes.collect(),
            now: merge
                .by_both
                .iter()
                .map(|index| (label(console, CHANGEABLE[*index]), stored.value(*index).to_owned()))
                .collect(),
        })
    }
}

fn label(console: &Console, field: &str) -> String {
    let words = &console.words;
    match field {
        "title" => words.article_headline(),
        "summary" => words.article_summary(),
        "authors" => words.article_authors(),
        "category" => words.article_category(),
        "language" => words.article_language(),
        _ => words.article_text(),
    }
}
