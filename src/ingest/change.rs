//! Changes a stored article: records the correction for its readers, and compiles the drafts that contain it again.
//!
//! A draft takes long to compile, so this happens while no transaction is open. [`change_with_drafts`] repeats a transaction until
//! the drafts that it needs are ready.

use chrono::{DateTime, Utc};

use super::article_field::differing_fields;
use crate::app::App;
use crate::digest::recompiled_drafts::RecompiledDrafts;
use crate::digest::{CompileError, drafts};
use crate::domain::correction_note::note_of;
use crate::domain::ids::{ArticleId, CorrectionId, IssueId};
use crate::domain::states::{ArticleField, CorrectionKind};
use crate::store::articles::Article;
use crate::store::corrections::NewCorrection;
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// Why an article was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A draft that contains the article could not be compiled again.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The article arrived in another newsletter while the transaction waited for a lock. The transaction runs again, so a caller
    /// never receives this error.
    #[error("the article arrived in another newsletter meanwhile; run the command again")]
    LocksOutdated,
    /// There is no such article.
    #[error("there is no such article; `daywire article list` shows them")]
    Unknown,
    /// Somebody changed the article after the operator read it.
    #[error("{0} was changed by somebody else meanwhile; read it again, then change it")]
    Outdated(String),
    /// The article is retracted.
    #[error(
        "{0} is retracted; `daywire article restore {0}` undoes that, or give it another `id` to publish it as a new article"
    )]
    Retracted(String),
    /// The file has the name of a file with another article.
    #[error(
        "a file of this name was added before as {public_id}, \"{title}\", and headline and text are both different now. \
         If it is the same article, write `id: {key}` into the front matter; if it is another, give it an id of its own"
    )]
    SameFileName {
        /// The id of the other article.
        public_id: String,
        /// The headline of the other article.
        title: String,
        /// The file's name without its extension.
        key: String,
    },
}

impl ChangeError {
    /// Whether the transaction has to begin again: it needs drafts that are not compiled yet, or locks that it did not take.
    fn is_outdated(&self) -> bool {
        matches!(
            self,
            Self::Compile(CompileError::DraftsNotCompiled) | Self::LocksOutdated
        )
    }
}

/// What changing an article did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleChange {
    /// The fields that changed. If empty, nothing was stored.
    pub fields: Vec<ArticleField>,
    /// How many issues brought the former text to readers. The next issue of each newsletter lists the correction.
    pub sent: usize,
    /// Unsent issues with the article, which were compiled again with the new text.
    pub drafts: Vec<IssueId>,
    /// Those of `drafts` whose approval was withdrawn.
    pub unapproved: Vec<IssueId>,
}

/// A transaction that changes an article. It may run several times, so it changes nothing outside of the transaction.
pub(super) trait ChangeTransaction: Sync {
    type Output: Send;

    /// Fails with [`CompileError::DraftsNotCompiled`] if it has to run again after the drafts that `recompiled` lacks are compiled, and
    /// with [`ChangeError::LocksOutdated`] if it has to run again with other locks.
    fn run(
        &self,
        tx: &mut Tx,
        app: &App,
        recompiled: &mut RecompiledDrafts,
    ) -> impl Future<Output = Result<Self::Output, ChangeError>> + Send;
}

/// Runs a transaction and commits it. If it is outdated, the drafts that it missed are compiled while no transaction is open, and it
/// runs again. This ends: after several attempts, `RecompiledDrafts` compiles the drafts inside the transaction.
pub(super) async fn change_with_drafts<C: ChangeTransaction>(app: &App, change: C) -> Result<C::Output, ChangeError> {
    let mut recompiled = RecompiledDrafts::default();
    loop {
        let mut tx = app.store.write().await?;
        let result = change.run(&mut tx, app, &mut recompiled).await;
        if let Some(output) = recompiled.finish(app, tx, result, ChangeError::is_outdated).await? {
            return Ok(output);
        }
    }
}

/// Stores `after`, the changed version of `before`, and records the correction with a note for readers. An empty note becomes a
/// list of the changed fields. Call this in a [`ChangeTransaction`].
pub(super) async fn apply_change(
    tx: &mut Tx,
    app: &App,
    before: &Article,
    after: &Article,
    note: &str,
    recompiled: &mut RecompiledDrafts,
) -> Result<ArticleChange, ChangeError> {
    let fields = differing_fields(before, after);
    if fields.is_empty() {
        return Ok(ArticleChange::default());
    }
    let now = app.clock.now();
    lock_with_newsletters(tx, before.id).await?;
    tx.edit_article(after, now).await?;
    let note = match plain_line(note).as_str() {
        "" => note_of(&fields),
        note => note.to_owned(),
    };
    record_correction(tx, app, before, CorrectionKind::Corrected, &note, now).await?;
    let drafts = drafts::update_drafts(tx, app, &after.head(), recompiled).await?;
    Ok(ArticleChange {
        fields,
        sent: tx.started_issues_containing(before.id).await?.len(),
        drafts: drafts.compiled,
        unapproved: drafts.unapproved,
    })
}

/// Locks the newsletters in which the article arrived, and then the article, until this transaction ends. An issue that is being
/// compiled from the former version becomes outdated. All transactions lock newsletters before articles, so they cannot deadlock.
pub(super) async fn lock_with_newsletters(tx: &mut Tx, article: ArticleId) -> Result<(), StoreError> {
    for newsletter in tx.newsletters_of_article(article).await? {
        tx.lock_and_count_change(newsletter).await?;
    }
    tx.lock_article(article).await
}

pub(super) async fn record_correction(
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
