//! Compiles stored drafts again: reads a draft in one transaction, compiles it while no transaction is open, and stores the result in
//! another one if the draft is unchanged.
//!
//! An article can be in several drafts, and the transaction that changes the article must store all of them. [`RecompiledDrafts`] keeps
//! compiled drafts between the attempts of such a transaction.

use super::compile::compile;
use super::decisions::{Decision, decisions, placements, story_rows};
use super::error::{CompileError, MAX_ATTEMPTS};
use super::gather::candidate;
use super::inputs::Inputs;
use super::stored_inputs::{StoredInputs, read_inputs};
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::store::articles::ArticleHead;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::{StoreError, Tx};

/// A draft as it was read. Its inputs are changed before it is compiled.
#[derive(Debug)]
pub(super) struct StoredDraft {
    issue: Issue,
    pub(super) inputs: Inputs,
    stories: Vec<IssueStory>,
}

/// A draft that was compiled again, not stored yet.
#[derive(Debug)]
pub(super) struct RecompiledDraft {
    /// With the new subject, HTML and text.
    issue: Issue,
    inputs: Inputs,
    /// The stories that are stored.
    stories_before: Vec<IssueStory>,
    decisions: Vec<Decision>,
}

impl StoredDraft {
    /// Reads the draft; `None` if its inputs are not stored.
    pub(super) async fn read(tx: &mut Tx, issue: Issue) -> Result<Option<Self>, CompileError> {
        let Some(inputs) = read_inputs(tx, issue.id).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            inputs,
            stories: tx.issue_stories(issue.id).await?,
            issue,
        }))
    }

    /// Replaces an article in the inputs by its current version.
    fn update_article(&mut self, app: &App, article: &ArticleHead) {
        let Inputs { candidates, rules, .. } = &mut self.inputs;
        for stale in candidates.iter_mut().filter(|candidate| candidate.id == article.id) {
            *stale = candidate(app, article.clone(), rules, stale.pinned, stale.weight);
        }
    }

    pub(super) async fn recompile(self, app: &App) -> Result<RecompiledDraft, CompileError> {
        let design = app.mail_design();
        on_blocking_pool(move || {
            let Self {
                mut issue,
                inputs,
                stories: stories_before,
            } = self;
            let compilation = compile(&inputs, &design)?;
            issue.subject.clone_from(&compilation.subject);
            issue.html.clone_from(&compilation.html);
            issue.text.clone_from(&compilation.text);
            let decisions = decisions(&compilation);
            Ok(RecompiledDraft {
                issue,
                inputs,
                stories_before,
                decisions,
            })
        })
        .await
    }
}

impl RecompiledDraft {
    /// Whether no story is left.
    pub(super) fn is_empty(&self) -> bool {
        !self.inputs.corrections_only && self.decisions.iter().all(|decision| decision.position.is_none())
    }

    /// Whether the issue is unchanged since it was read to compile this draft.
    pub(super) fn is_current_for(&self, issue: &Issue) -> bool {
        (self.issue.id, self.issue.state, self.issue.revision) == (issue.id, issue.state, issue.revision)
    }

    /// Stores the draft and withdraws the issue's approval. `issue` must be locked and satisfy [`Self::is_current_for`].
    pub(super) async fn store(&self, tx: &mut Tx, issue: Issue) -> Result<Issue, CompileError> {
        tx.put_issue_content(&self.issue).await?;
        let inputs = StoredInputs::from(&self.inputs).to_json(issue.id)?;
        tx.put_issue_inputs(issue.id, &inputs).await?;
        let stories = story_rows(issue.id, &self.decisions)?;
        tx.put_issue_stories(issue.id, &self.stories_before, &stories).await?;
        // Write only articles whose position or reason changed: a draft can have thousands of left-out articles. Articles that
        // `record_left_out` has not recorded yet have no story in `stories_before`, so they are written here. They cannot be written in
        // batches: the edit can renumber all stories.
        let is_unchanged = |decision: &Decision| {
            let index = usize::try_from(decision.story - 1).unwrap_or(usize::MAX);
            self.stories_before.get(index).is_some_and(|before| {
                (before.position, &before.reason) == (decision.position, &decision.reason)
                    && before.reports.lines().any(|report| report == decision.id)
            })
        };
        let mut changed = placements(&self.decisions);
        let mut decisions = self.decisions.iter();
        changed.retain(|_| !decisions.next().is_some_and(is_unchanged));
        // A regrouped article can enter the draft. If a later issue has taken it since, the draft cannot be stored.
        let (inside, out): (Vec<_>, Vec<_>) = changed.into_iter().partition(|placement| placement.position.is_some());
        let taken = tx.set_placements(issue.newsletter_id, issue.id, &inside).await?;
        if u64::try_from(inside.len()) != Ok(taken) {
            return Err(CompileError::ArticleTaken(tx.issue_name(issue.id).await?));
        }
        tx.set_placements(issue.newsletter_id, issue.id, &out).await?;
        // Operators approved other content than would be sent now.
        tx.withdraw_approval(issue.id).await?;
        Ok(Issue {
            state: IssueState::Draft,
            subject: self.issue.subject.clone(),
            html: self.issue.html.clone(),
            text: self.issue.text.clone(),
            reason: None,
            revision: issue.revision + 1,
            ..issue
        })
    }
}

/// Drafts that were compiled again with a changed article, for the transaction that stores the article and the drafts.
///
/// Only that transaction knows which drafts contain the article. If some are missing here, it is rolled back, the drafts are compiled,
/// and the transaction starts again:
///
/// 1. The transaction locks the article and calls [`Self::start`] with the new version.
/// 2. It locks each draft that contains the article and calls [`Self::find_or_request`]: `None`, the draft is not compiled yet.
/// 3. It fails with [`CompileError::DraftsNotCompiled`]. [`Self::finish`] rolls it back and compiles the requested drafts.
/// 4. The caller repeats steps 1 and 2. This time all drafts are found; the transaction stores them, and `finish` commits.
/// 5. After [`MAX_ATTEMPTS`] attempts, step 2 compiles a draft inside the transaction, so the caller's loop ends.
#[derive(Debug, Default)]
pub struct RecompiledDrafts {
    article: Option<ArticleHead>,
    compiled: Vec<RecompiledDraft>,
    /// Drafts that the current transaction needs and that are not in `compiled`.
    missing: Vec<IssueId>,
    attempts: usize,
}

impl RecompiledDrafts {
    /// Compiles the drafts that the last transaction found missing.
    async fn compile_missing(&mut self, app: &App) -> Result<(), CompileError> {
        self.attempts += 1;
        let Some(article) = &self.article else {
            return Ok(());
        };
        for id in std::mem::take(&mut self.missing) {
            let mut tx = app.store.read_snapshot().await?;
            let Some(issue) = tx.issue(id).await? else { continue };
            let Some(mut draft) = StoredDraft::read(&mut tx, issue).await? else {
                continue;
            };
            drop(tx);
            draft.update_article(app, article);
            self.compiled.retain(|draft| draft.issue.id != id);
            self.compiled.push(draft.recompile(app).await?);
        }
        Ok(())
    }

    /// Ends an attempt. A successful one is committed. If drafts were missing (`is_outdated`), compiles them while no transaction is
    /// open and returns `None`: the caller tries again in a new transaction.
    ///
    /// # Errors
    /// The error of the attempt, of compiling, or of the commit.
    pub(crate) async fn finish<T, E: From<CompileError> + From<StoreError>>(
        &mut self,
        app: &App,
        tx: Tx,
        attempt: Result<T, E>,
        is_outdated: impl Fn(&E) -> bool,
    ) -> Result<Option<T>, E> {
        match attempt {
            Ok(result) => {
                tx.commit().await?;
                Ok(Some(result))
            }
            Err(error) if is_outdated(&error) => {
                drop(tx);
                self.compile_missing(app).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Starts an attempt. Drafts that were compiled with another version of the article are discarded.
    pub(super) fn start(&mut self, article: &ArticleHead) {
        self.missing.clear();
        if self.article.as_ref() != Some(article) {
            self.compiled.clear();
            self.article = Some(article.clone());
        }
    }

    /// The new version of a locked draft. If it is not compiled yet, requests it for the next attempt and returns `None`. After
    /// [`MAX_ATTEMPTS`] attempts, compiles the draft inside the transaction instead, where its lock keeps others from changing it.
    pub(super) async fn find_or_request(
        &mut self,
        tx: &mut Tx,
        app: &App,
        issue: &Issue,
    ) -> Result<Option<&RecompiledDraft>, CompileError> {
        debug_assert!(matches!(issue.state, IssueState::Draft | IssueState::Approved));
        if let Some(index) = self.compiled.iter().position(|draft| draft.is_current_for(issue)) {
            return Ok(self.compiled.get(index));
        }
        if self.attempts < MAX_ATTEMPTS {
            self.missing.push(issue.id);
            return Ok(None);
        }
        let (Some(article), Some(mut draft)) = (&self.article, StoredDraft::read(tx, issue.clone()).await?) else {
            return Ok(None);
        };
        draft.update_article(app, article);
        self.compiled.push(draft.recompile(app).await?);
        Ok(self.compiled.last())
    }

    /// Whether the transaction found drafts missing.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.missing.is_empty()
    }
}
