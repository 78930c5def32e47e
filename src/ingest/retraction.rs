//! Retracts an article, and restores a retracted one. Readers who got the article are notified in the next issue.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::change::{ChangeError, ChangeTransaction, change_with_drafts, lock_with_newsletters, record_correction};
use super::edit::version_of;
use crate::app::App;
use crate::audit::{self, Change};
use crate::digest::drafts;
use crate::digest::recompiled_drafts::RecompiledDrafts;
use crate::digest::search::index_issues_of;
use crate::domain::article_action::ArticleAction;
use crate::domain::audit::AuditAction;
use crate::domain::ids::IssueId;
use crate::domain::states::{CorrectionKind, IssueState};
use crate::store::articles::{Article, ArticleHead};
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// What retracting an article did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retraction {
    /// False if the article was retracted before.
    pub retracted: bool,
    /// The article was retracted before, and its note changed.
    pub noted: bool,
    /// How many issues brought it to readers. The next issue of each newsletter says that it was retracted.
    pub sent: usize,
    /// Those of them that are being sent now, or are paused. Only an operator stops them.
    pub sending: Vec<IssueId>,
    /// Unsent issues with the article, which were compiled again without it.
    pub drafts: Vec<IssueId>,
    /// Those of `drafts` whose approval was withdrawn.
    pub unapproved: Vec<IssueId>,
    /// Unsent issues with no other story, which were cancelled.
    pub cancelled: Vec<IssueId>,
}

/// What restoring a retracted article did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// False if the article was not retracted.
    pub restored: bool,
    /// How many sent issues have it.
    pub sent: usize,
    /// Whether an issue listed its retraction for readers.
    pub was_announced: bool,
    /// Unsent issues that had the article, which were compiled again with it.
    pub drafts: Vec<IssueId>,
    /// Those of `drafts` whose approval was withdrawn.
    pub unapproved: Vec<IssueId>,
}

/// Retracts an article: its page says so, no later issue brings it, and an unsent issue with it is compiled again. For an article
/// that is already retracted, a note changes the reason on its page.
///
/// # Errors
/// When the database fails, or a draft with the article cannot be compiled again. [`ChangeError::Outdated`] if it is not in the version that
/// the operator saw.
pub async fn retract(app: &App, article: impl Into<ArticleAction>, note: &str) -> Result<Retraction, ChangeError> {
    let (action, now) = (article.into(), app.clock.now());
    change_with_drafts(app, Retract { action, note, now }).await
}

struct Retract<'a> {
    action: ArticleAction,
    note: &'a str,
    now: DateTime<Utc>,
}

impl ChangeTransaction for Retract<'_> {
    type Output = Retraction;

    async fn run(&self, tx: &mut Tx, app: &App, recompiled: &mut RecompiledDrafts) -> Result<Retraction, ChangeError> {
        let (article, now) = (self.action.id, self.now);
        lock_with_newsletters(tx, article).await?;
        let brought = tx.started_issues_containing(article).await?;
        let sending = brought
            .iter()
            .filter(|(_, state)| matches!(state, IssueState::Sending | IssueState::Paused));
        let unchanged = Retraction {
            sent: brought.len(),
            sending: sending.map(|(id, _)| *id).collect(),
            ..Retraction::default()
        };
        let Some(before) = tx.article(article).await? else {
            return Ok(unchanged);
        };
        if self.action.seen.is_some_and(|seen| seen != version_of(&before)) {
            return Err(ChangeError::Outdated(before.public_id));
        }
        let note = plain_line(self.note);
        if before.retracted_at.is_some() {
            let noted = !note.is_empty() && tx.retraction_note(article).await?.as_deref() != Some(&note);
            if noted {
                record_correction(tx, app, &before, CorrectionKind::Retracted, &note, now).await?;
                record(tx, app, &self.action, &before, AuditAction::ArticleRetracted, &note).await?;
            }
            return Ok(Retraction { noted, ..unchanged });
        }
        tx.retract_article(article, now).await?;
        record_correction(tx, app, &before, CorrectionKind::Retracted, &note, now).await?;
        record(tx, app, &self.action, &before, AuditAction::ArticleRetracted, &note).await?;
        index_issues_of(tx, app, article).await?;
        let retracted = ArticleHead {
            retracted_at: Some(now),
            ..before.head()
        };
        let drafts = drafts::update_drafts(tx, app, &retracted, recompiled).await?;
        Ok(Retraction {
            retracted: true,
            drafts: drafts.compiled,
            unapproved: drafts.unapproved,
            cancelled: drafts.cancelled,
            ..unchanged
        })
    }
}

/// Undoes a retraction: the article's page shows the article again, issues may bring it again, and an unsent issue that had it is
/// compiled again with it. Readers who were notified of the retraction are notified of this.
///
/// # Errors
/// When the database fails, or a draft that had the article cannot be compiled again.
pub async fn restore(app: &App, article: impl Into<ArticleAction>, note: &str) -> Result<Restoration, ChangeError> {
    let (action, now) = (article.into(), app.clock.now());
    change_with_drafts(app, Restore { action, note, now }).await
}

struct Restore<'a> {
    action: ArticleAction,
    note: &'a str,
    now: DateTime<Utc>,
}

impl ChangeTransaction for Restore<'_> {
    type Output = Restoration;

    async fn run(&self, tx: &mut Tx, app: &App, recompiled: &mut RecompiledDrafts) -> Result<Restoration, ChangeError> {
        let article = self.action.id;
        lock_with_newsletters(tx, article).await?;
        let Some(before) = tx.article(article).await? else {
            return Ok(Restoration::default());
        };
        let Some(retracted_at) = before.retracted_at else {
            return Ok(Restoration::default());
        };
        let retraction = describe_retraction(tx, &before, retracted_at).await?;
        tx.restore_article(article).await?;
        record(
            tx,
            app,
            &self.action,
            &before,
            AuditAction::ArticleRestored,
            &plain_line(self.note),
        )
        .await?;
        let note = match plain_line(self.note) {
            note if note.is_empty() => format!("{retraction} was a mistake."),
            note => format!("{retraction} was undone: {note}"),
        };
        record_correction(tx, app, &before, CorrectionKind::Restored, &note, self.now).await?;
        index_issues_of(tx, app, article).await?;
        let restored = ArticleHead {
            retracted_at: None,
            ..before.head()
        };
        let drafts = drafts::update_drafts(tx, app, &restored, recompiled).await?;
        Ok(Restoration {
            restored: true,
            sent: tx.started_issues_containing(article).await?.len(),
            was_announced: tx.is_retraction_listed(article).await?,
            drafts: drafts.compiled,
            unapproved: drafts.unapproved,
        })
    }
}

/// Adds an entry to the audit log, if an operator acts.
async fn record(
    tx: &mut Tx,
    app: &App,
    action: &ArticleAction,
    article: &Article,
    what: AuditAction,
    note: &str,
) -> Result<(), StoreError> {
    let Some(actor) = &action.actor else {
        return Ok(());
    };
    let change = Change::of(what, &article.public_id).to(json!({ "headline": article.title, "note": note }));
    audit::record(tx, app, actor, change).await
}

/// Names a retraction by its day and reason. A reader of the page sees only the restoration, which would make no sense without them.
async fn describe_retraction(tx: &mut Tx, article: &Article, at: DateTime<Utc>) -> Result<String, StoreError> {
    let day = at.format("%-d %B %Y");
    let reason = tx.retraction_note(article.id).await?.filter(|note| !note.is_empty());
    Ok(match reason {
        Some(reason) => format!("The retraction of {day} (“{reason}”)"),
        None => format!("The retraction of {day}"),
    })
}
