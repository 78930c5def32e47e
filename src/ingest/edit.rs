//! Articles are changed by hand, and taken back; what readers of an issue have of them is corrected in the next.

use chrono::{DateTime, Utc};

use super::field::Field;
use crate::app::App;
use crate::digest::revision::Revisions;
use crate::digest::{CompileError, drafts};
use crate::domain::ids::{ArticleId, CorrectionId, IssueId};
use crate::domain::states::{CorrectionKind, IssueState};
use crate::store::articles::{Article, ArticleHead};
use crate::store::corrections::NewCorrection;
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// What a change by hand came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is different now; empty: nothing, and nothing was stored.
    pub fields: Vec<&'static str>,
    /// How many issues brought the former text to readers: the next issue of each newsletter lists the correction.
    pub sent: usize,
    /// Issues with it that were not sent yet. They were compiled again, with the new text.
    pub drafts: Vec<IssueId>,
    /// Those of them whose approval was withdrawn by this.
    pub unapproved: Vec<IssueId>,
}

/// What became of an article that was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retraction {
    /// False: it had been taken back before.
    pub retracted: bool,
    /// It was already retracted, and has another note now.
    pub noted: bool,
    /// How many issues brought it to readers: the next issue of each newsletter says that it was taken back.
    pub sent: usize,
    /// Those of them that are on their way just now, or paused: only an operator stops them.
    pub sending: Vec<IssueId>,
    /// Issues with it that were not sent yet. They were compiled again without it.
    pub drafts: Vec<IssueId>,
    /// Those of them whose approval was withdrawn by this.
    pub unapproved: Vec<IssueId>,
    /// Issues of which nothing is left without it: cancelled.
    pub cancelled: Vec<IssueId>,
}

/// The result of undoing a retraction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// False: the article was not retracted.
    pub restored: bool,
    /// How many sent issues have it.
    pub sent: usize,
    /// Issues that had it and were not sent yet. They were compiled again with it.
    pub drafts: Vec<IssueId>,
    /// Those of them whose approval was withdrawn by this.
    pub unapproved: Vec<IssueId>,
}

/// Stores `after`, which is `before` as somebody changed it, and puts the change on record with a note of what was
/// corrected. An empty note says which parts were changed.
///
/// # Errors
/// [`CompileError`]; after [`CompileError::Outdated`] end the attempt with [`Revisions::finish`].
pub async fn change(
    tx: &mut Tx,
    app: &App,
    before: &Article,
    after: &Article,
    note: &str,
    revisions: &mut Revisions,
) -> Result<Change, CompileError> {
    let fields = differences(before, after);
    if fields.is_empty() {
        return Ok(Change::default());
    }
    let now = app.clock.now();
    // An issue that is being compiled has either text, and `drafts` tells which.
    lock(tx, before.id).await?;
    tx.edit_article(after, now).await?;
    let note = match plain_line(note).as_str() {
        "" => format!("changed: {}", fields.join(", ")),
        note => note.to_owned(),
    };
    record(tx, app, before, CorrectionKind::Corrected, &note, now).await?;
    let drafts = drafts::update_drafts(tx, app, &after.head(), revisions).await?;
    Ok(Change {
        fields,
        sent: tx.started_issues_containing(before.id).await?.len(),
        drafts: drafts.compiled,
        unapproved: drafts.unapproved,
    })
}

/// Takes an article back: its page says so, no issue brings it any more, and one that was compiled with it and not sent
/// is compiled again. For an article that is already retracted, a note changes the reason on its page.
///
/// # Errors
/// [`CompileError`].
pub async fn retract(app: &App, article: ArticleId, note: &str) -> Result<Retraction, CompileError> {
    let now = app.clock.now();
    let mut revisions = Revisions::default();
    loop {
        let mut tx = app.store.write().await?;
        let made = retract_in(&mut tx, app, article, (note, now), &mut revisions).await;
        if let Some(made) = revisions.finish(app, tx, made, is_outdated).await? {
            return Ok(made);
        }
    }
}

async fn retract_in(
    tx: &mut Tx,
    app: &App,
    article: ArticleId,
    (note, now): (&str, DateTime<Utc>),
    revisions: &mut Revisions,
) -> Result<Retraction, CompileError> {
    lock(tx, article).await?;
    let brought = tx.started_issues_containing(article).await?;
    let on_their_way = brought
        .iter()
        .filter(|(_, state)| matches!(state, IssueState::Sending | IssueState::Paused));
    let made = Retraction {
        sent: brought.len(),
        sending: on_their_way.map(|(id, _)| *id).collect(),
        ..Retraction::default()
    };
    let Some(before) = tx.article(article).await? else {
        return Ok(made);
    };
    let note = plain_line(note);
    if before.retracted_at.is_some() {
        let noted = !note.is_empty() && tx.retraction_note(article).await?.as_deref() != Some(&note);
        if noted {
            record(tx, app, &before, CorrectionKind::Retracted, &note, now).await?;
        }
        return Ok(Retraction { noted, ..made });
    }
    tx.retract_article(article, now).await?;
    record(tx, app, &before, CorrectionKind::Retracted, &note, now).await?;
    let retracted = ArticleHead {
        retracted_at: Some(now),
        ..before.head()
    };
    let drafts = drafts::update_drafts(tx, app, &retracted, revisions).await?;
    Ok(Retraction {
        retracted: true,
        drafts: drafts.compiled,
        unapproved: drafts.unapproved,
        cancelled: drafts.cancelled,
        ..made
    })
}

/// Undoes a retraction: the article's page is back, issues may bring it again, and one that had it and was not sent is compiled
/// again with it. Readers who were notified of the retraction are notified of this.
///
/// # Errors
/// [`CompileError`].
pub async fn restore(app: &App, article: ArticleId, note: &str) -> Result<Restoration, CompileError> {
    let now = app.clock.now();
    let mut revisions = Revisions::default();
    loop {
        let mut tx = app.store.write().await?;
        let made = restore_in(&mut tx, app, article, (note, now), &mut revisions).await;
        if let Some(made) = revisions.finish(app, tx, made, is_outdated).await? {
            return Ok(made);
        }
    }
}

async fn restore_in(
    tx: &mut Tx,
    app: &App,
    article: ArticleId,
    (note, now): (&str, DateTime<Utc>),
    revisions: &mut Revisions,
) -> Result<Restoration, CompileError> {
    lock(tx, article).await?;
    let before = tx.article(article).await?;
    let Some(before) = before.filter(|before| before.retracted_at.is_some()) else {
        return Ok(Restoration::default());
    };
    let undone = undone(tx, &before).await?;
    tx.restore_article(article).await?;
    let note = match plain_line(note) {
        note if note.is_empty() => format!("{undone} was a mistake."),
        note => format!("{undone} was undone: {note}"),
    };
    record(tx, app, &before, CorrectionKind::Restored, &note, now).await?;
    let restored = ArticleHead {
        retracted_at: None,
        ..before.head()
    };
    let drafts = drafts::update_drafts(tx, app, &restored, revisions).await?;
    Ok(Restoration {
        restored: true,
        sent: tx.started_issues_containing(article).await?.len(),
        drafts: drafts.compiled,
        unapproved: drafts.unapproved,
    })
}

/// Names the retraction of an article by its day and reason. A reader of the page sees only the restoration, which would make
/// no sense without them.
async fn undone(tx: &mut Tx, retracted: &Article) -> Result<String, StoreError> {
    let day = retracted.retracted_at.map(|at| at.format(" of %-d %B %Y").to_string());
    let reason = tx.retraction_note(retracted.id).await?.filter(|note| !note.is_empty());
    let reason = reason.map(|note| format!(" (“{note}”)"));
    Ok(format!(
        "The retraction{}{}",
        day.unwrap_or_default(),
        reason.unwrap_or_default()
    ))
}

/// Locks the newsletters in which the article arrived, and the article, until this transaction ends. Issues that were compiled
/// from the old version become outdated.
pub(super) async fn lock(tx: &mut Tx, article: ArticleId) -> Result<(), StoreError> {
    for newsletter in tx.newsletters_of_article(article).await? {
        tx.lock_newsletter(newsletter).await?;
    }
    tx.lock_article(article).await
}

async fn record(
    tx: &mut Tx,
    app: &App,
    before: &Article,
    kind: CorrectionKind,
    note: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.add_correction(&NewCorrection {
        id: CorrectionId(app.rng.uuid(now)),
        article: before.id,
        at: now,
        kind,
        note,
        title_before: &before.title,
    })
    .await
}

/// The fields in which two versions of an article differ.
fn differences(before: &Article, after: &Article) -> Vec<&'static str> {
    let differing = Field::ALL.into_iter().filter(|field| field.differs(before, after));
    differing.map(Field::name).collect()
}

fn is_outdated(error: &CompileError) -> bool {
    matches!(error, CompileError::Outdated)
}
