//! Builds an issue: reads a snapshot, compiles it on the blocking pool while no transaction is open, and stores the result if
//! the snapshot is still current.
//!
//! Compiling thousands of articles takes seconds, and SQLite has one writer: a transaction that compiled would make every
//! sign-up wait.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::compile::{self, Compilation};
use super::inputs::Inputs;
use super::left_out::{record_left_out, stored_at_once};
use super::{
    CompileError, Compiled, Draft, MAX_ATTEMPTS, NothingToSend, decisions, freeze, gather, placements, story_rows,
};
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::{ArticleId, CorrectionId, IssueId, NewsletterId};
use crate::domain::states::IssueState;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::text::plain::counted;

/// Everything that decides the next issue of a newsletter, read in one transaction.
#[derive(Debug)]
struct Snapshot {
    newsletter: Newsletter,
    /// `Tx::newsletter_revision` when the snapshot was read.
    revision: i64,
    window_from: DateTime<Utc>,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    inputs: Inputs,
    corrections: Vec<CorrectionId>,
    beyond_candidates: Vec<(ArticleId, Arc<str>)>,
    /// The names of drafts that hold articles, each with the number of its articles.
    drafts: Vec<(String, i64)>,
    /// The id of the issue, if there is one.
    id: IssueId,
    sender: String,
    created_at: DateTime<Utc>,
}

/// An issue that was compiled from a snapshot and is not stored yet, or the reason why there is none.
#[derive(Debug)]
pub struct Prepared {
    /// The newsletter as it was when the issue was compiled.
    pub newsletter: Newsletter,
    /// The result of compiling.
    pub compiled: Compiled,
    revision: i64,
}

/// Compiles the articles that arrived before `window_to` and are in no issue yet, and stores nothing.
///
/// The window is half-open and has no gap: an article whose arrival was committed late still waits for the next issue.
///
/// # Errors
/// [`CompileError`].
pub async fn compile(
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Compiled, CompileError> {
    Ok(prepare(app, newsletter, window_to, due_at).await?.compiled)
}

/// Compiles an issue, and freezes it as a draft: from then on its articles are in no other issue.
///
/// # Errors
/// [`CompileError`].
pub async fn build(
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Compiled, CompileError> {
    for _ in 0..MAX_ATTEMPTS {
        let prepared = prepare(app, newsletter, window_to, due_at).await?;
        if matches!(prepared.compiled, Compiled::Nothing(_)) {
            return Ok(prepared.compiled);
        }
        let mut tx = app.store.write().await?;
        if prepared.store(&mut tx).await? {
            tx.commit().await?;
            prepared.finish(app).await?;
            return Ok(prepared.compiled);
        }
    }
    let mut tx = app.store.write().await?;
    let prepared = prepare_locked(&mut tx, app, newsletter, window_to, due_at).await?;
    if !prepared.store(&mut tx).await? {
        return Err(CompileError::Outdated);
    }
    tx.commit().await?;
    prepared.finish(app).await?;
    Ok(prepared.compiled)
}

/// Compiles an issue of the waiting corrections without stories, and freezes it as a draft. Articles keep waiting.
///
/// # Errors
/// [`CompileError`]; [`CompileError::Outdated`] if articles or corrections kept changing meanwhile.
pub async fn build_corrections(
    app: &App,
    newsletter: NewsletterId,
    now: DateTime<Utc>,
) -> Result<Compiled, CompileError> {
    for _ in 0..MAX_ATTEMPTS {
        let mut tx = app.store.read_snapshot().await?;
        let snapshot = Snapshot::read(&mut tx, app, newsletter, now, None).await?;
        drop(tx);
        let prepared = on_blocking_pool(|| snapshot.corrections_only().compile()).await?;
        let mut tx = app.store.write().await?;
        if prepared.store(&mut tx).await? {
            tx.commit().await?;
            return Ok(prepared.compiled);
        }
    }
    Err(CompileError::Outdated)
}

/// Compiles the next issue from a snapshot. Nothing is locked.
///
/// # Errors
/// [`CompileError`].
pub async fn prepare(
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Prepared, CompileError> {
    let mut tx = app.store.read_snapshot().await?;
    let snapshot = Snapshot::read(&mut tx, app, newsletter, window_to, due_at).await?;
    // A read transaction that stays open keeps SQLite from checkpointing its write-ahead log.
    drop(tx);
    on_blocking_pool(|| snapshot.compile()).await
}

/// [`prepare`] inside a transaction that locks the newsletter first, so that the result cannot be outdated.
///
/// # Errors
/// [`CompileError`].
pub async fn prepare_locked(
    tx: &mut Tx,
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Prepared, CompileError> {
    tracing::warn!(newsletter.id = %newsletter, "issue snapshot outdated repeatedly; compiling under the lock");
    tx.lock_newsletter(newsletter).await?;
    let snapshot = Snapshot::read(tx, app, newsletter, window_to, due_at).await?;
    on_blocking_pool(|| snapshot.compile()).await
}

impl Prepared {
    /// Locks the newsletter if the snapshot is still current: the rules, the compiled articles, their ratings and the other issues
    /// are unchanged. Returns false without a lock otherwise.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock(&self, tx: &mut Tx) -> Result<bool, CompileError> {
        Ok(tx.lock_newsletter_at(self.newsletter.id, self.revision).await?)
    }

    /// Records the reasons that [`Self::store`] left for later. Call it after the commit.
    ///
    /// # Errors
    /// When the database fails. The issue is complete even then; some articles that it left out may wait for the next one.
    pub async fn finish(&self, app: &App) -> Result<(), CompileError> {
        match &self.compiled {
            Compiled::Issue(draft) => record_left_out(app, draft).await,
            Compiled::Nothing(_) => Ok(()),
        }
    }

    /// Locks the newsletter and stores the issue. Returns false if the snapshot is outdated; then the transaction must be rolled
    /// back.
    ///
    /// # Errors
    /// [`CompileError`].
    pub async fn store(&self, tx: &mut Tx) -> Result<bool, CompileError> {
        if !self.lock(tx).await? {
            return Ok(false);
        }
        match &self.compiled {
            Compiled::Issue(draft) => store_draft(tx, draft).await,
            Compiled::Nothing(_) => Ok(true),
        }
    }
}

/// Stores a draft whose newsletter is locked. Returns false if an article of it no longer waits. Call [`record_left_out`] after
/// the commit: it records the left-out articles if there are more than `MAX_ROWS`.
///
/// # Errors
/// [`CompileError`].
pub(crate) async fn store_draft(tx: &mut Tx, draft: &Draft) -> Result<bool, CompileError> {
    let issue = &draft.issue;
    tx.add_issue(issue).await?;
    let (now, _) = draft.decisions.split_at(stored_at_once(draft));
    let placements = placements(now);
    let taken = tx
        .add_articles_to_issue(issue.newsletter_id, issue.id, &placements)
        .await?;
    if u64::try_from(placements.len()) != Ok(taken) {
        return Ok(false);
    }
    for correction in &draft.corrections {
        tx.list_correction(issue.id, *correction).await?;
    }
    tx.put_issue_inputs(issue.id, &freeze(issue.id, &(&draft.inputs).into())?)
        .await?;
    tx.put_issue_stories(issue.id, &[], &story_rows(issue.id, now)).await?;
    Ok(true)
}

impl Snapshot {
    async fn read(
        tx: &mut Tx,
        app: &App,
        newsletter: NewsletterId,
        window_to: DateTime<Utc>,
        due_at: Option<DateTime<Utc>>,
    ) -> Result<Self, CompileError> {
        let revision = tx.newsletter_revision(newsletter).await?;
        let newsletter = tx.newsletter(newsletter).await?;
        let latest = tx.latest_issue(newsletter.id).await?;
        let (number, window_from) = latest.map_or((1, newsletter.created_at), |(number, to)| (number + 1, to));
        let listed = tx.corrections_to_list(newsletter.id, window_to).await?;
        let at = due_at.unwrap_or(window_to);
        let now = app.clock.now();
        let (inputs, beyond_candidates) = gather(tx, app, &newsletter, number, window_to, at, &listed).await?;
        let mut drafts = Vec::new();
        for (draft, articles) in tx.drafts(newsletter.id).await? {
            drafts.push((tx.issue_name(draft).await?, articles));
        }
        Ok(Self {
            inputs,
            corrections: listed.into_iter().map(|listed| listed.id).collect(),
            beyond_candidates,
            drafts,
            id: IssueId(app.rng.uuid(now)),
            sender: newsletter
                .sender
                .clone()
                .unwrap_or_else(|| app.config.mail.from.to_string()),
            created_at: now,
            newsletter,
            revision,
            window_from,
            window_to,
            due_at,
        })
    }

    /// The same without articles. The window is empty, so the window of the next issue does not change.
    fn corrections_only(mut self) -> Self {
        self.inputs.candidates.clear();
        self.beyond_candidates.clear();
        self.inputs.corrections_only = true;
        self.window_to = self.window_from;
        self
    }

    fn compile(self) -> Result<Prepared, CompileError> {
        let compilation = compile::compile(&self.inputs)?;
        let least = self.inputs.rules.min_stories;
        let enough = if self.inputs.corrections_only {
            !self.corrections.is_empty()
        } else {
            compilation.chosen() >= least.max(1)
        };
        let (compiled, newsletter, revision) = if enough {
            let (issue, decisions) = (self.issue(&compilation), decisions(&compilation));
            let draft = Draft {
                issue,
                decisions,
                inputs: self.inputs,
                corrections: self.corrections,
                beyond_candidates: self.beyond_candidates,
            };
            (Compiled::Issue(Box::new(draft)), self.newsletter, self.revision)
        } else {
            let nothing = NothingToSend {
                reason: self.too_few(compilation.chosen()),
                decisions: decisions(&compilation),
            };
            (Compiled::Nothing(nothing), self.newsletter, self.revision)
        };
        Ok(Prepared {
            newsletter,
            compiled,
            revision,
        })
    }

    /// Why there is no issue.
    fn too_few(&self, chosen: usize) -> String {
        if self.inputs.corrections_only {
            return "no correction waits: readers were told of all that was corrected in what they have".to_owned();
        }
        let since = self.window_from.format("%Y-%m-%d %H:%M UTC");
        let mut reason = match (chosen, self.inputs.candidates.len()) {
            (0, 0) => format!("no new article has arrived since {since}"),
            (0, 1) => "the rules leave out the only article that waits; `daywire issue preview` says why".to_owned(),
            (0, out) => {
                format!("the rules leave out all {out} articles that wait; `daywire issue preview` says why")
            }
            _ => format!(
                "{} {}, an issue has at least {} (min_stories)",
                counted(chosen, "story", "stories"),
                if chosen == 1 { "waits" } else { "wait" },
                self.inputs.rules.min_stories
            ),
        };
        if !self.corrections.is_empty() {
            let (waiting, wait) = match self.corrections.len() {
                1 => ("1 correction".to_owned(), "waits"),
                many => (format!("{many} corrections"), "wait"),
            };
            let slug = &self.newsletter.slug;
            reason = format!(
                "{reason}; {waiting} {wait}: `daywire issue build --newsletter {slug} --corrections` makes an issue of that alone"
            );
        }
        for (draft, articles) in &self.drafts {
            reason = format!(
                "{reason}; {articles} of those that had wait in the unsent issue {draft}: send it, or cancel it to free them"
            );
        }
        reason
    }

    fn issue(&self, compilation: &Compilation<'_>) -> Issue {
        Issue {
            id: self.id,
            newsletter_id: self.newsletter.id,
            number: self.inputs.number,
            state: IssueState::Draft,
            reason: None,
            subject: compilation.subject.clone(),
            html: compilation.html.clone(),
            text: compilation.text.clone(),
            sender: self.sender.clone(),
            window_from: self.window_from,
            window_to: self.window_to,
            due_at: self.due_at,
            created_at: self.created_at,
            started_at: None,
            finished_at: None,
            reopened_at: None,
            recipients: None,
            edition: 0,
            edition_of: None,
            edition_name: String::new(),
            weekly: false,
            revision: 0,
            groups_without_edition: 0,
        }
    }
}
