//! Articles of the newsroom's own, from Markdown files and the API: what is added again edits its article.

mod entry;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::arriving::arrive;
use super::batch::{KnownKeys, Pending};
use super::edit::{Change, change, lock};
use super::field::Field;
use super::identity::{Document, Key, Kind, keys};
use super::{Origin, add, add_keys, content, identity};
use crate::app::{App, on_blocking_pool};
use crate::digest::CompileError;
use crate::digest::revision::Revisions;
use crate::domain::article_input::{ArticleInput, Body};
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::feeds::parse::{Entry, MAX_SUMMARY};
use crate::store::articles::{Article, EDITORIAL_SCOPE};
use crate::store::corrections::FieldEdit;
use crate::store::{StoreError, Tx};
use crate::text::excerpt::excerpt;
use crate::text::html::SanitizedHtml;
use crate::text::plain::plain_line;
use entry::{base, entry, lede, names, stem};

/// Why an article was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A draft that has the article could not be compiled again.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Its article was taken back.
    #[error(
        "{0} is retracted; `daywire article restore {0}` undoes that, or give it another `id` to publish it as a new article"
    )]
    Retracted(String),
    /// The file's name is that of an article about something else.
    #[error(
        "a file of this name was added before as {public_id}, \"{title}\", and headline and text are both different now. \
         If it is the same article, write `id: {key}` into the front matter; if it is another, give it an id of its own"
    )]
    Another {
        /// The article of that name.
        public_id: String,
        /// Its headline.
        title: String,
        /// The file's name without its ending.
        key: String,
    },
}

/// What adding an article came to.
#[derive(Clone, Debug)]
pub struct Added {
    /// The article as it is now.
    pub article: Article,
    /// Whether it was not there before.
    pub is_new: bool,
    /// What was changed in one that was there.
    pub change: Change,
    /// Fields that differ from the submission, because an editor changed them since the article was added.
    pub kept: Vec<FieldEdit>,
    /// The newsletters whose next issue it now waits for.
    pub queued: Vec<NewsletterId>,
}

/// What is to be added.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// The article.
    pub input: ArticleInput,
    /// The file that it was read from, if it was: without an `id`, it is known again by that name without its ending.
    pub file_name: Option<String>,
    /// Whom it is for.
    pub newsletters: Vec<NewsletterId>,
    /// What was corrected, for readers who have the former text already.
    pub note: String,
    /// What it is worth to the next issue of each newsletter.
    pub rating: Rating,
    /// Whether it also replaces what an editor changed in the article.
    pub overwrite: bool,
}

/// What an editor thinks of an article that waits; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rating {
    /// Whether its story comes first.
    pub pinned: Option<bool>,
    /// What it is worth beside others, in percent; see [`weight_percent`].
    pub weight_percent: Option<i64>,
}

/// A weight from 0.01 to 100, of which 1 is the usual, as a percentage; none for any other.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "it is at most 10,000")]
pub fn weight_percent(weight: f64) -> Option<i64> {
    (0.01..=100.0)
        .contains(&weight)
        .then(|| (weight * 100.0).round() as i64)
}

/// Stores an article, or changes the one that it is: that of its `id`, else of its file's name, else of its address, else
/// of the same headline and summary. An article of a feed is another one, even at the same address.
///
/// # Errors
/// [`OwnError`].
pub async fn submit(app: &App, submission: &Submission) -> Result<Added, OwnError> {
    let (site, given) = (app.config.site.url.as_url().clone(), submission.clone());
    let entry = on_blocking_pool(move || entry(&site, &given)).await;
    let mut revisions = Revisions::default();
    loop {
        let mut tx = app.store.write().await?;
        let added = try_to_add(&mut tx, app, submission, &entry, &mut revisions).await;
        if let Some(added) = revisions.finish(app, tx, added, is_outdated).await? {
            return Ok(added);
        }
    }
}

fn is_outdated(error: &OwnError) -> bool {
    matches!(error, OwnError::Compile(CompileError::Outdated))
}

/// Fails with [`CompileError::Outdated`] if the caller has to try again: the article arrived in a newsletter that is not locked,
/// or drafts have to be compiled first.
async fn try_to_add(
    tx: &mut Tx,
    app: &App,
    submission: &Submission,
    entry: &Entry,
    revisions: &mut Revisions,
) -> Result<Added, OwnError> {
    let input = &submission.input;
    let origin = Origin {
        feed: None,
        scope: EDITORIAL_SCOPE.into(),
        source_name: plain_line(input.source.as_deref().unwrap_or(&app.config.site.name)),
        newsletters: submission.newsletters.clone(),
        full_text: true,
    };
    let now = app.clock.now();
    let keys = keys(&origin.scope, entry, &Document::default());
    tx.lock_identity(EDITORIAL_SCOPE).await?;
    let before = known(tx, &keys, entry).await?;
    // Its newsletters too, all at once and always in the same order, so that nobody waits for one who waits for us.
    let mut locked: BTreeSet<_> = submission.newsletters.iter().copied().collect();
    if let Some(before) = &before {
        locked.extend(tx.newsletters_of_article(before.id).await?);
    }
    for newsletter in &locked {
        tx.lock_newsletter(*newsletter).await?;
    }
    // What was so before we had to wait may be otherwise now.
    let mut known = known(tx, &keys, entry).await?;
    if let Some(article) = &known {
        let arrived = tx.newsletters_of_article(article.id).await?;
        if !arrived.iter().all(|newsletter| locked.contains(newsletter)) {
            return Err(CompileError::Outdated.into());
        }
        tx.lock_article(article.id).await?;
        known = tx.article(article.id).await?;
    }
    let is_new = known.is_none();
    let mut kept = Vec::new();
    let (article, change) = match known {
        Some(before) if before.retracted_at.is_some() => return Err(OwnError::Retracted(before.public_id)),
        Some(before) => {
            let mut after = Article {
                id: before.id,
                public_id: before.public_id.clone(),
                arrived_at: before.arrived_at,
                edited_at: before.edited_at,
                ..own(before.id, &origin, entry, now)
            };
            kept = keep_edits(tx, &before, &mut after, submission.overwrite).await?;
            let differs = before.title != after.title && before.content_html != after.content_html;
            if let (None, Some(name), true) = (&input.id, &submission.file_name, differs) {
                return Err(OwnError::Another {
                    public_id: before.public_id,
                    title: before.title,
                    key: stem(name).to_owned(),
                });
            }
            let change = change(tx, app, &before, &after, &submission.note, revisions).await?;
            (after, change)
        }
        None => {
            let new = own(ArticleId(app.rng.uuid(now)), &origin, entry, now);
            (add(tx, new).await?, Change::default())
        }
    };
    add_keys(tx, &keys, article.id).await?;
    let arrived = tx.newsletters_of_article(article.id).await?;
    let known = KnownKeys::of(tx, keys.iter()).await?;
    let mut pending = Pending::default();
    let mut queued = Vec::new();
    for newsletter in &submission.newsletters {
        if !arrived.contains(newsletter) && !queued.contains(newsletter) {
            arrive(tx, &mut pending, *newsletter, &article, (&keys, &known), None, now).await?;
            pending.write(tx).await?;
            queued.push(*newsletter);
        }
        if submission.rating != Rating::default() {
            rate(tx, *newsletter, article.id, submission.rating).await?;
        }
    }
    // What was changed says so now.
    let article = tx.article(article.id).await?.unwrap_or(article);
    Ok(Added {
        article,
        is_new,
        change,
        kept,
        queued,
    })
}

/// Gives `after`, the submitted version, the fields that an editor changed since the article was added, and returns those that the
/// submission has otherwise. A submission that has an editor's change itself, or may overwrite it, decides about that field again.
async fn keep_edits(
    tx: &mut Tx,
    before: &Article,
    after: &mut Article,
    overwrite: bool,
) -> Result<Vec<FieldEdit>, StoreError> {
    let mut kept = Vec::new();
    for edit in tx.article_edits(before.id).await? {
        match Field::named(&edit.field) {
            Some(field) if !overwrite && field.differs(before, after) => {
                field.copy(before, after);
                kept.push(edit);
            }
            _ => tx.remove_article_edit(before.id, &edit.field).await?,
        }
    }
    Ok(kept)
}

/// Notes what an editor thinks of an article, if it still waits for the newsletter. Returns whether it is pinned and its
/// weight in percent, as they are then; none if it does not wait.
///
/// # Errors
/// When the database fails.
pub async fn rate(
    tx: &mut Tx,
    newsletter: NewsletterId,
    article: ArticleId,
    rating: Rating,
) -> Result<Option<(bool, i64)>, StoreError> {
    // An issue that is being compiled just now has read what editors think: the article is in it, or waits on.
    tx.lock_newsletter(newsletter).await?;
    let rated = tx.rated_articles(newsletter).await?;
    let (was_pinned, was_percent) = rated.get(&article).copied().unwrap_or((false, 100));
    let pinned = rating.pinned.unwrap_or(was_pinned);
    let percent = rating.weight_percent.unwrap_or(was_percent);
    let waits = tx.rate_article(newsletter, article, pinned, percent).await?;
    Ok(waits.then_some((pinned, percent)))
}

/// A change to an article; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The headline.
    pub title: Option<String>,
    /// The lede, plain text.
    pub summary: Option<String>,
    /// The text.
    pub body: Option<Body>,
    /// Who wrote it.
    pub authors: Option<Vec<String>>,
    /// Its category; empty: none.
    pub category: Option<String>,
    /// The tag of its language, as [`crate::text::language::tag`] gives it.
    pub language: Option<String>,
}

/// Changes an article, whether it is the newsroom's own or came from a feed.
///
/// # Errors
/// [`OwnError`].
pub async fn edit(app: &App, article: &Article, edit: &Edit, note: &str) -> Result<Change, OwnError> {
    let base = base(app.config.site.url.as_url(), article.url.as_deref());
    let content_html = match edit.body.clone() {
        Some(body) => Some(on_blocking_pool(move || body.to_html(Some(&base))).await),
        None => None,
    };
    let mut revisions = Revisions::default();
    loop {
        let mut tx = app.store.write().await?;
        let content_html = content_html.as_ref();
        let change = try_to_edit(&mut tx, app, article, edit, (content_html, note), &mut revisions).await;
        if let Some(change) = revisions.finish(app, tx, change, is_outdated).await? {
            return Ok(change);
        }
    }
}

/// Fails with [`CompileError::Outdated`] if drafts have to be compiled first.
async fn try_to_edit(
    tx: &mut Tx,
    app: &App,
    article: &Article,
    edit: &Edit,
    (content_html, note): (Option<&SanitizedHtml>, &str),
    revisions: &mut Revisions,
) -> Result<Change, OwnError> {
    lock(tx, article.id).await?;
    // Somebody else may have changed it meanwhile.
    let before = tx.article(article.id).await?.unwrap_or_else(|| article.clone());
    if before.retracted_at.is_some() {
        return Err(OwnError::Retracted(before.public_id));
    }
    let mut after = before.clone();
    let line = |text: &String| plain_line(text);
    if let Some(title) = edit.title.as_ref().map(line).filter(|title| !title.is_empty()) {
        after.title = title;
    }
    if let Some(content_html) = content_html {
        after.content_html.clone_from(content_html);
        // A lede that was the text's beginning stays that.
        if before.summary == lede(&before.content_html) {
            after.summary = lede(&after.content_html);
        }
    }
    if let Some(summary) = &edit.summary {
        after.summary = excerpt(&line(summary), MAX_SUMMARY);
    }
    if let Some(authors) = &edit.authors {
        after.authors = names(authors);
    }
    if let Some(category) = &edit.category {
        after.category = Some(line(category)).filter(|category| !category.is_empty());
    }
    if let Some(language) = &edit.language {
        after.language = Some(language.clone());
    }
    let change = change(tx, app, &before, &after, note, revisions).await?;
    for field in &change.fields {
        let edit = FieldEdit {
            field: (*field).to_owned(),
            at: app.clock.now(),
            note: plain_line(note),
        };
        tx.put_article_edit(before.id, &edit).await?;
    }
    Ok(change)
}

/// The article that has one of the keys, the most telling first. Unlike a feed's guid, an id that a newsroom gives is one
/// article's whatever becomes of its text; and unlike a feed's address, one that it gives beside another id may be another
/// article's.
async fn known(tx: &mut Tx, keys: &[Key], entry: &Entry) -> Result<Option<Article>, StoreError> {
    // If the article has an id or an address, headline and text do not identify it.
    let by_text = entry.id.is_none() && entry.url.is_none();
    for key in keys {
        let counts = match key.kind {
            Kind::Guid | Kind::Address => true,
            Kind::Text | Kind::Dated => by_text,
            Kind::Anywhere | Kind::Body => false,
        };
        if !counts {
            continue;
        }
        for known in tx.articles_by_key(&key.hash, EDITORIAL_SCOPE, 1).await? {
            if key.kind != Kind::Address || entry.id.is_none() || identity::reads_like(entry, &known) {
                return Ok(Some(known));
            }
        }
    }
    Ok(None)
}

/// The newsroom's own article that an entry becomes.
fn own(id: ArticleId, origin: &Origin, entry: &Entry, now: DateTime<Utc>) -> Article {
    Article {
        closeness: identity::OWN,
        ..content(id, origin, entry, now)
    }
}
