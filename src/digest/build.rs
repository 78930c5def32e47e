//! Builds an issue: reads a snapshot, compiles it on the blocking pool while no transaction is open, and stores the result if
//! the snapshot is still current.
//!
//! Compiling thousands of articles takes seconds, and SQLite has one writer. Compiling inside a write transaction would make every
//! sign-up wait. The newsletter's `revision` shows whether a snapshot is current: each change of its rules, of an article that
//! has arrived, of a rating or of another issue raises it. A new article does not: feeds deliver articles all the time, and an article that
//! arrives after the snapshot waits for the next issue. If the revision changes during each of [`MAX_ATTEMPTS`] attempts, the issue is
//! compiled under the newsletter's lock.

use chrono::{DateTime, Utc};

use super::compile::{self, Compilation};
use super::compiled::{Compiled, Draft, NonCandidate, NothingToSend};
use super::decisions::{decisions, placements, story_rows};
use super::error::{CompileError, MAX_ATTEMPTS};
use super::gather::gather;
use super::inputs::Inputs;
use super::left_out::{record_left_out, stored_with_draft};
use super::stored_inputs::StoredInputs;
use crate::app::{App, on_blocking_pool};
use crate::audit;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::{CorrectionId, IssueId, NewsletterId};
use crate::domain::issue_action::IssueAction;
use crate::domain::states::IssueState;
use crate::mail::look::MailDesign;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::text::plain::counted;

/// Everything that the next issue of a newsletter depends on, read in one transaction.
#[derive(Debug)]
struct IssueSnapshot {
    newsletter: Newsletter,
    /// [`Tx::newsletter_revision`] when the snapshot was read.
    newsletter_revision: i64,
    window_from: DateTime<Utc>,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    inputs: Inputs,
    corrections: Vec<CorrectionId>,
    non_candidates: Vec<NonCandidate>,
    /// The names of other drafts that contain articles, each with the number of its articles.
    drafts: Vec<(String, i64)>,
    /// The id for the new issue.
    id: IssueId,
    sender: String,
    created_at: DateTime<Utc>,
}

/// An issue that was compiled from a snapshot and is not stored yet, or the reason why there is no issue.
#[derive(Debug)]
pub struct Prepared {
    /// The newsletter's row in the snapshot.
    pub newsletter: Newsletter,
    /// The issue, or the reason.
    pub compiled: Compiled,
    newsletter_revision: i64,
}

/// Compiles the issue of the articles that arrived before `window_to` and are in no issue yet. Stores nothing.
///
/// An article waits until an issue takes it, whenever its arrival was committed. So no article falls between two windows.
#[tracing::instrument(name = "compile", level = "error", skip_all, fields(newsletter.id = %newsletter))]
pub async fn preview(
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Compiled, CompileError> {
    Ok(prepare(app, newsletter, window_to, due_at).await?.compiled)
}

/// Compiles an issue and stores it as a draft. From then on no other issue can contain its articles.
///
/// # Errors
/// [`CompileError::Outdated`] if a concurrent transaction took articles of the issue even while the newsletter was locked.
pub async fn build(
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Compiled, CompileError> {
    build_by(app, None, newsletter, window_to, due_at).await
}

/// [`build`] for an operator, whose name goes into the audit log.
#[tracing::instrument(name = "compile", level = "error", skip_all, fields(newsletter.id = %newsletter, issue.id))]
pub(crate) async fn build_by(
    app: &App,
    actor: Option<&Actor>,
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
            record_build(&mut tx, app, actor, &prepared.compiled).await?;
            tx.commit().await?;
            prepared.finish(app).await;
            return Ok(prepared.compiled);
        }
    }
    let mut tx = app.store.write().await?;
    let prepared = prepare_locked(&mut tx, app, newsletter, window_to, due_at).await?;
    if !prepared.store(&mut tx).await? {
        return Err(CompileError::Outdated);
    }
    record_build(&mut tx, app, actor, &prepared.compiled).await?;
    tx.commit().await?;
    prepared.finish(app).await;
    Ok(prepared.compiled)
}

/// Records which operator compiled a draft.
async fn record_build(tx: &mut Tx, app: &App, actor: Option<&Actor>, compiled: &Compiled) -> Result<(), CompileError> {
    if let (Some(actor), Compiled::Issue(draft)) = (actor, compiled) {
        let action = IssueAction::by(actor.clone(), draft.issue.id);
        audit::record_for_issue(tx, app, &action, AuditAction::IssueBuilt, None, None).await?;
    }
    Ok(())
}

/// Compiles an issue of the waiting corrections without stories and stores it as a draft. Articles continue to wait.
///
/// # Errors
/// [`CompileError::Outdated`] if articles or corrections changed during each attempt.
#[tracing::instrument(name = "compile", level = "error", skip_all, fields(newsletter.id = %newsletter, issue.id))]
pub async fn build_corrections(
    app: &App,
    newsletter: NewsletterId,
    now: DateTime<Utc>,
) -> Result<Compiled, CompileError> {
    for _ in 0..MAX_ATTEMPTS {
        let mut tx = app.store.read_snapshot().await?;
        let snapshot = IssueSnapshot::read(&mut tx, app, newsletter, now, None).await?;
        drop(tx);
        let design = app.mail_design();
        let prepared = on_blocking_pool(move || snapshot.corrections_only().compile(&design)).await?;
        let mut tx = app.store.write().await?;
        if prepared.store(&mut tx).await? {
            tx.commit().await?;
            prepared.compiled.name_in_span();
            return Ok(prepared.compiled);
        }
    }
    Err(CompileError::Outdated)
}

/// Compiles the next issue from a snapshot. Nothing is locked. Call it in a span `compile`.
pub async fn prepare(
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Prepared, CompileError> {
    let mut tx = app.store.read_snapshot().await?;
    let snapshot = IssueSnapshot::read(&mut tx, app, newsletter, window_to, due_at).await?;
    // SQLite cannot checkpoint its write-ahead log while a read transaction is open.
    drop(tx);
    let design = app.mail_design();
    on_blocking_pool(move || snapshot.compile(&design)).await
}

/// [`prepare`] inside a transaction that locks the newsletter first, so that the result cannot be outdated. Other writers wait
/// meanwhile, so this is the last resort.
pub(crate) async fn prepare_locked(
    tx: &mut Tx,
    app: &App,
    newsletter: NewsletterId,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Prepared, CompileError> {
    tracing::warn!(newsletter.id = %newsletter, "issue snapshot outdated repeatedly; compiling under the lock");
    tx.lock_and_count_change(newsletter).await?;
    let snapshot = IssueSnapshot::read(tx, app, newsletter, window_to, due_at).await?;
    let design = app.mail_design();
    on_blocking_pool(move || snapshot.compile(&design)).await
}

impl Prepared {
    /// Locks the newsletter if the snapshot is still current: the rules, the compiled articles, their ratings and the other issues
    /// are unchanged. Otherwise returns false without a lock.
    pub(crate) async fn lock(&self, tx: &mut Tx) -> Result<bool, CompileError> {
        Ok(tx
            .lock_and_count_change_at(self.newsletter.id, self.newsletter_revision)
            .await?)
    }

    /// Records the left-out articles that [`Self::store`] did not record. Call it after the commit.
    ///
    /// A failure is only logged. The draft is stored and complete, and the caller must not report it as failed: a retry would build
    /// another issue. The articles that are not recorded wait for the next issue.
    pub(crate) async fn finish(&self, app: &App) {
        self.compiled.name_in_span();
        let Compiled::Issue(draft) = &self.compiled else { return };
        if let Err(error) = record_left_out(app, draft).await {
            tracing::warn!(
                issue.id = %draft.issue.id,
                error = %error,
                "left-out articles not recorded; they wait for the next issue"
            );
        }
    }

    /// Locks the newsletter and stores the issue. Returns false if the snapshot is outdated; then roll the transaction back.
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

/// Stores a draft whose newsletter is locked. Returns false if one of its articles no longer waits; then roll the transaction back. After
/// the commit call [`Prepared::finish`].
pub(crate) async fn store_draft(tx: &mut Tx, draft: &Draft) -> Result<bool, CompileError> {
    let issue = &draft.issue;
    tx.add_issue(issue).await?;
    let (now, _) = draft.decisions.split_at(stored_with_draft(draft));
    let placements = placements(now);
    let taken = tx
        .add_articles_to_issue(issue.newsletter_id, issue.id, &placements)
        .await?;
    // A concurrent transaction took or removed an article. An issue must not contain what another issue has.
    if u64::try_from(placements.len()) != Ok(taken) {
        return Ok(false);
    }
    for correction in &draft.corrections {
        tx.list_correction(issue.id, *correction).await?;
    }
    let inputs = StoredInputs::from(&draft.inputs).to_json(issue.id)?;
    tx.put_issue_inputs(issue.id, &inputs).await?;
    tx.put_issue_stories(issue.id, &[], &story_rows(issue.id, now)?).await?;
    Ok(true)
}

impl IssueSnapshot {
    async fn read(
        tx: &mut Tx,
        app: &App,
        newsletter: NewsletterId,
        window_to: DateTime<Utc>,
        due_at: Option<DateTime<Utc>>,
    ) -> Result<Self, CompileError> {
        let newsletter_revision = tx.newsletter_revision(newsletter).await?;
        let newsletter = tx.newsletter(newsletter).await?;
        let latest = tx.latest_number_and_window_end(newsletter.id).await?;
        let (number, window_from) = latest.map_or((1, newsletter.created_at), |(number, to)| (number + 1, to));
        let corrections = tx.corrections_to_list(newsletter.id, window_to).await?;
        let at = due_at.unwrap_or(window_to);
        let now = app.clock.now();
        let (inputs, non_candidates) = gather(tx, app, &newsletter, number, window_to, at, &corrections).await?;
        let mut drafts = Vec::new();
        for (draft, articles) in tx.drafts_with_articles(newsletter.id).await? {
            drafts.push((tx.issue_name(draft).await?, articles));
        }
        Ok(Self {
            inputs,
            corrections: corrections.into_iter().map(|correction| correction.id).collect(),
            non_candidates,
            drafts,
            id: IssueId(app.rng.uuid(now)),
            sender: newsletter
                .sender
                .clone()
                .unwrap_or_else(|| app.config.mail.from.to_string()),
            created_at: now,
            newsletter,
            newsletter_revision,
            window_from,
            window_to,
            due_at,
        })
    }

    /// The same without articles. Its window is empty, so that the next issue has the window that it would have without this one.
    fn corrections_only(mut self) -> Self {
        self.inputs.candidates.clear();
        self.non_candidates.clear();
        self.inputs.corrections_only = true;
        self.window_to = self.window_from;
        self
    }

    fn compile(self, design: &MailDesign) -> Result<Prepared, CompileError> {
        let compilation = compile::compile(&self.inputs, design)?;
        let enough = if self.inputs.corrections_only {
            !self.corrections.is_empty()
        } else {
            compilation.story_count() >= self.inputs.rules.min_stories.max(1)
        };
        let (compiled, newsletter, newsletter_revision) = if enough {
            let (issue, decisions) = (self.issue(&compilation), decisions(&compilation));
            let draft = Draft {
                issue,
                decisions,
                inputs: self.inputs,
                corrections: self.corrections,
                non_candidates: self.non_candidates,
            };
            (
                Compiled::Issue(Box::new(draft)),
                self.newsletter,
                self.newsletter_revision,
            )
        } else {
            let nothing = NothingToSend {
                reason: self.too_few(compilation.story_count()),
                decisions: decisions(&compilation),
            };
            (Compiled::Nothing(nothing), self.newsletter, self.newsletter_revision)
        };
        Ok(Prepared {
            newsletter,
            compiled,
            newsletter_revision,
        })
    }

    /// Why there is no issue, and what an operator can do about it. `stories` is the number of stories that could be in it.
    fn too_few(&self, stories: usize) -> String {
        if self.inputs.corrections_only {
            return "no correction waits: subscribers have received every correction of the articles that they have"
                .to_owned();
        }
        let since = self.window_from.format("%Y-%m-%d %H:%M UTC");
        let mut reason = match (stories, self.inputs.candidates.len()) {
            (0, 0) => format!("no new article has arrived since {since}"),
            (0, 1) => "the only article that waits is left out; `daywire issue preview` says why".to_owned(),
            (0, out) => {
                format!("all {out} articles that wait are left out; `daywire issue preview` says why")
            }
            _ => format!(
                "{} {}, an issue has at least {} (min_stories)",
                counted(stories, "story", "stories"),
                if stories == 1 { "waits" } else { "wait" },
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
                "{reason}; {waiting} {wait}: `daywire issue build --newsletter {slug} --corrections` makes an issue of corrections alone"
            );
        }
        for (draft, articles) in &self.drafts {
            let wait = if *articles == 1 {
                "article waits"
            } else {
                "articles wait"
            };
            reason = format!("{reason}; {articles} {wait} in the unsent issue {draft}; send or cancel it");
        }
        reason
    }

    fn issue(&self, compilation: &Compilation<'_>) -> Issue {
        Issue {
            id: self.id,
            newsletter_id: self.newsletter.id,
            number: self.inputs.issue_number,
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
