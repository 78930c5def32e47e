//! Adds editorial articles, which the newsroom writes, from Markdown files and the API. Submitting an article again edits it.
//!
//! An id that the newsroom sets identifies an article, even after its text changes. So the rules of `identity.rs`, which weigh
//! the unreliable guids of feeds, do not apply here; [`stored_article`] has simpler ones.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::arrival::arrive;
use super::article_field::{copy, differs, field_values};
use super::change::{ArticleChange, ChangeError, ChangeTransaction, apply_change, change_with_drafts};
use super::editorial_entry::{editorial_entry, stem};
use super::identity::{self, DocumentIndex, Key, KeyKind, keys};
use super::known_article::add_keys;
use super::new_article::{add_article, article_of};
use super::origin::Origin;
use super::pending_writes::{KnownKeys, PendingWrites};
use super::rating::{Rating, rate};
use crate::app::{App, on_blocking_pool};
use crate::audit::{self, Change};
use crate::digest::recompiled_drafts::RecompiledDrafts;
use crate::domain::article_input::ArticleInput;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::domain::scope::Scope;
use crate::domain::states::ArticleField;
use crate::feeds::parse::Entry;
use crate::store::article_edits::FieldEdit;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// An editorial article to be added, or changed if it is stored already.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// The article as its author wrote it.
    pub input: ArticleInput,
    /// The name of the file that it was read from. Without an `id`, the name without its extension identifies the article.
    pub file_name: Option<String>,
    /// The newsletters in which it arrives.
    pub newsletters: Vec<NewsletterId>,
    /// What was corrected, for readers who have the former text.
    pub note: String,
    /// A rating for the next issue of each newsletter.
    pub rating: Rating,
    /// Whether it replaces the fields that an editor changed, too.
    pub overwrite: bool,
    /// The operator who submits it, for the audit log; `None` if the program acts by itself.
    pub actor: Option<Actor>,
    /// Why no issue contains it, such as that readers had it long ago; `None` if it waits for the next issue.
    pub back_catalogue: Option<String>,
}

/// What submitting an article did.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The article as it is stored now.
    pub article: Article,
    /// Whether it was added, and not changed.
    pub is_new: bool,
    /// What changed in an article that was stored before.
    pub change: ArticleChange,
    /// Fields that differ from the submission, because an editor changed them after the article was added.
    pub kept: Vec<FieldEdit>,
    /// The newsletters in which it arrived now, and whose next issue it waits for.
    pub queued: Vec<NewsletterId>,
}

/// Adds an editorial article, or changes the stored one with the same `id`, else the same file name, else the same address, else the
/// same headline and summary. An article of a feed is never changed, even at the same address.
///
/// # Errors
/// [`ChangeError::Retracted`] and [`ChangeError::SameFileName`] if the submission cannot be accepted as it is.
pub async fn submit(app: &App, submission: &Submission) -> Result<Submitted, ChangeError> {
    let site = app.config.site.url.as_url().clone();
    let (input, file_name) = (submission.input.clone(), submission.file_name.clone());
    let entry = on_blocking_pool(move || editorial_entry(&site, &input, file_name.as_deref())).await;
    change_with_drafts(app, SubmitTransaction { submission, entry }).await
}

struct SubmitTransaction<'a> {
    submission: &'a Submission,
    entry: Entry,
}

impl ChangeTransaction for SubmitTransaction<'_> {
    type Output = Submitted;

    async fn run(&self, tx: &mut Tx, app: &App, recompiled: &mut RecompiledDrafts) -> Result<Submitted, ChangeError> {
        let (submission, entry) = (self.submission, &self.entry);
        let source = submission.input.source.as_deref();
        let origin = Origin {
            scope: Scope::Editorial,
            source_name: plain_line(source.unwrap_or(&app.config.site.name)),
            newsletters: submission.newsletters.clone(),
            full_text: true,
        };
        let now = app.clock.now();
        let keys = keys(&origin.scope, entry, &DocumentIndex::default());
        let stored = lock(tx, &keys, entry, &submission.newsletters).await?;
        let is_new = stored.is_none();
        let (article, change, kept) = if let Some(before) = stored {
            let after = Article {
                public_id: before.public_id.clone(),
                arrived_at: before.arrived_at,
                edited_at: before.edited_at,
                ..article_of(before.id, &origin, entry, None, now)
            };
            resubmit(tx, app, submission, before, after, recompiled).await?
        } else {
            let new = article_of(ArticleId(app.rng.uuid(now)), &origin, entry, None, now);
            (add_article(tx, new).await?, ArticleChange::default(), Vec::new())
        };
        add_keys(tx, &keys, article.id).await?;
        let queued = arrive_in_newsletters(tx, submission, &article, &keys, now).await?;
        let article = tx.article(article.id).await?.unwrap_or(article);
        if is_new || change.fields.contains(&ArticleField::Text) {
            tx.put_article_markdown(article.id, submission.input.body.markdown())
                .await?;
        }
        record(tx, app, submission, &article, is_new, &change).await?;
        Ok(Submitted {
            article,
            is_new,
            change,
            kept,
            queued,
        })
    }
}

/// Adds an entry to the audit log, if an operator submits an article that is new or changes it.
async fn record(
    tx: &mut Tx,
    app: &App,
    submission: &Submission,
    article: &Article,
    is_new: bool,
    change: &ArticleChange,
) -> Result<(), StoreError> {
    let Some(actor) = &submission.actor else {
        return Ok(());
    };
    let (action, fields) = if is_new {
        (AuditAction::ArticleAdded, &[ArticleField::Headline][..])
    } else {
        (AuditAction::ArticleEdited, change.fields.as_slice())
    };
    if fields.is_empty() {
        return Ok(());
    }
    let values = field_values(article, fields);
    audit::record(tx, app, actor, Change::of(action, &article.public_id).to(values.into())).await
}

/// Locks the editorial scope, the newsletters of the submission and of the stored article, and that article; returns the article.
///
/// Newsletters are locked before the article and in one order, so that two transactions cannot deadlock. Fails with
/// [`ChangeError::LocksOutdated`] if the article arrived in another newsletter while this transaction waited for a lock.
async fn lock(
    tx: &mut Tx,
    keys: &[Key],
    entry: &Entry,
    newsletters: &[NewsletterId],
) -> Result<Option<Article>, ChangeError> {
    tx.lock_scope(&Scope::Editorial).await?;
    let mut locked: BTreeSet<_> = newsletters.iter().copied().collect();
    if let Some(article) = stored_article(tx, keys, entry).await? {
        locked.extend(tx.newsletters_of_article(article.id).await?);
    }
    for newsletter in &locked {
        tx.lock_and_count_change(*newsletter).await?;
    }
    // Another transaction may have changed the article while this one waited.
    let Some(article) = stored_article(tx, keys, entry).await? else {
        return Ok(None);
    };
    let arrived = tx.newsletters_of_article(article.id).await?;
    if !arrived.iter().all(|newsletter| locked.contains(newsletter)) {
        return Err(ChangeError::LocksOutdated);
    }
    tx.lock_article(article.id).await?;
    Ok(tx.article(article.id).await?)
}

/// Changes the stored article `before` to the submitted version `after`, except for the fields that an editor changed.
async fn resubmit(
    tx: &mut Tx,
    app: &App,
    submission: &Submission,
    before: Article,
    mut after: Article,
    recompiled: &mut RecompiledDrafts,
) -> Result<(Article, ArticleChange, Vec<FieldEdit>), ChangeError> {
    if before.retracted_at.is_some() {
        return Err(ChangeError::Retracted(before.public_id));
    }
    let kept = keep_edits(tx, &before, &mut after, submission.overwrite).await?;
    // Newsrooms reuse file names, such as `today.md`. Replacing another article would lose it without a word.
    let is_another = before.title != after.title && before.content_html != after.content_html;
    if let (None, Some(name), true) = (&submission.input.id, &submission.file_name, is_another) {
        return Err(ChangeError::SameFileName {
            public_id: before.public_id,
            title: before.title,
            key: stem(name).to_owned(),
        });
    }
    let change = apply_change(tx, app, &before, &after, &submission.note, recompiled).await?;
    Ok((after, change, kept))
}

/// Copies into `after`, the submitted version, the fields that an editor changed after the article was added, and returns those in which
/// the submission differs. If the submission has the editor's value, or may overwrite it, later submissions change that field again.
async fn keep_edits(
    tx: &mut Tx,
    before: &Article,
    after: &mut Article,
    overwrite: bool,
) -> Result<Vec<FieldEdit>, StoreError> {
    let mut kept = Vec::new();
    for edit in tx.article_edits(before.id).await? {
        if !overwrite && differs(edit.field, before, after) {
            copy(edit.field, before, after);
            kept.push(edit);
        } else {
            tx.remove_article_edit(before.id, edit.field).await?;
        }
    }
    Ok(kept)
}

/// Records the arrival in each newsletter of the submission, with its rating. Returns the newsletters that did not have it.
async fn arrive_in_newsletters(
    tx: &mut Tx,
    submission: &Submission,
    article: &Article,
    keys: &[Key],
    now: DateTime<Utc>,
) -> Result<Vec<NewsletterId>, StoreError> {
    let arrived = tx.newsletters_of_article(article.id).await?;
    let known_keys = KnownKeys::of(tx, keys.iter()).await?;
    let mut pending = PendingWrites::default();
    let mut queued = Vec::new();
    for newsletter in &submission.newsletters {
        if !arrived.contains(newsletter) && !queued.contains(newsletter) {
            let reason = submission.back_catalogue.as_deref();
            arrive(tx, &mut pending, *newsletter, article, (keys, &known_keys), reason, now).await?;
            pending.write(tx).await?;
            if reason.is_none() {
                queued.push(*newsletter);
            }
        }
        if submission.rating != Rating::default() {
            rate(tx, *newsletter, article.id, submission.rating).await?;
        }
    }
    Ok(queued)
}

/// The stored editorial article that an entry is. The most specific key decides, because the newsroom chose it.
async fn stored_article(tx: &mut Tx, keys: &[Key], entry: &Entry) -> Result<Option<Article>, StoreError> {
    let has_identifier = entry.id.is_some() || entry.url.is_some();
    for key in keys {
        let identifies = match key.kind {
            KeyKind::Guid | KeyKind::Address => true,
            // Two articles with different ids or addresses may have the same headline.
            KeyKind::HeadlineAndExcerpt | KeyKind::HeadlineAndDate => !has_identifier,
            KeyKind::Body | KeyKind::CrossFeed => false,
        };
        if !identifies {
            continue;
        }
        for stored in tx.articles_by_key(&key.hash, &Scope::Editorial, 1).await? {
            // If there is an id, an address is no proof: several articles may report on one page.
            let counts = key.kind != KeyKind::Address || entry.id.is_none() || identity::reads_like(entry, &stored);
            if counts {
                return Ok(Some(stored));
            }
        }
    }
    Ok(None)
}
