//! Compiles drafts again: reads a draft in one transaction, compiles it while none is open, and stores it in another if the draft
//! is unchanged.

use super::compile::compile;
use super::inputs::Inputs;
use super::{
    CompileError, Decision, MAX_ATTEMPTS, candidate, decisions, freeze, placements, stored_inputs, story_rows,
};
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::store::articles::ArticleHead;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::{StoreError, Tx};

/// A draft as it was read, with the changed inputs that it is to be compiled from.
#[derive(Debug)]
pub(super) struct Draft {
    issue: Issue,
    pub(super) inputs: Inputs,
    stories: Vec<IssueStory>,
}

/// A draft that was compiled again, not stored yet.
#[derive(Debug)]
pub(super) struct Revision {
    /// With the new subject, HTML and text.
    issue: Issue,
    inputs: Inputs,
    /// As they are stored.
    before: Vec<IssueStory>,
    decisions: Vec<Decision>,
}

impl Draft {
    /// Reads the draft; `None` if its inputs are not stored.
    pub(super) async fn read(tx: &mut Tx, issue: Issue) -> Result<Option<Self>, CompileError> {
        let Some(inputs) = stored_inputs(tx, issue.id).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            inputs,
            stories: tx.issue_stories(issue.id).await?,
            issue,
        }))
    }

    /// Replaces an article in the inputs by its current version.
    fn take_over(&mut self, app: &App, article: &ArticleHead) {
        let known = self.inputs.candidates.iter_mut();
        for known in known.filter(|known| known.id == article.id) {
            *known = candidate(app, article.clone(), known.pinned, known.weight);
        }
    }

    pub(super) async fn compile(self) -> Result<Revision, CompileError> {
        on_blocking_pool(move || {
            let Self {
                mut issue,
                inputs,
                stories: before,
            } = self;
            let compilation = compile(&inputs)?;
            issue.subject.clone_from(&compilation.subject);
            issue.html.clone_from(&compilation.html);
            issue.text.clone_from(&compilation.text);
            let decisions = decisions(&compilation);
            Ok(Revision {
                issue,
                inputs,
                before,
                decisions,
            })
        })
        .await
    }
}

impl Revision {
    /// Whether no story is left.
    pub(super) fn is_empty(&self) -> bool {
        !self.inputs.corrections_only && self.decisions.iter().all(|decision| decision.position.is_none())
    }

    /// Whether the issue is unchanged since the revision was read.
    pub(super) fn is_of(&self, issue: &Issue) -> bool {
        (self.issue.id, self.issue.state, self.issue.revision) == (issue.id, issue.state, issue.revision)
    }

    /// Stores it, and withdraws the issue's approval. `issue` is locked, and [`Self::is_of`] holds for it.
    pub(super) async fn store(&self, tx: &mut Tx, issue: Issue) -> Result<Issue, CompileError> {
        tx.put_issue_content(&self.issue).await?;
        tx.put_issue_inputs(issue.id, &freeze(issue.id, &(&self.inputs).into())?)
            .await?;
        let stories = story_rows(issue.id, &self.decisions);
        tx.put_issue_stories(issue.id, &self.before, &stories).await?;
        // Only articles whose place or reason changed: a draft can have thousands of left-out articles.
        let stays = |decision: &Decision| {
            let at = usize::try_from(decision.story - 1).unwrap_or(usize::MAX);
            self.before.get(at).is_some_and(|before| {
                (before.position, &before.reason) == (decision.position, &decision.reason)
                    && before.reports.lines().any(|report| report == decision.id)
            })
        };
        let mut moved = placements(&self.decisions);
        let mut decisions = self.decisions.iter();
        moved.retain(|_| !decisions.next().is_some_and(stays));
        // An article that another issue has taken cannot be added.
        let (inside, out): (Vec<_>, Vec<_>) = moved.into_iter().partition(|of| of.position.is_some());
        let taken = tx.set_placements(issue.newsletter_id, issue.id, &inside).await?;
        if u64::try_from(inside.len()) != Ok(taken) {
            return Err(CompileError::Taken(tx.issue_name(issue.id).await?));
        }
        tx.set_placements(issue.newsletter_id, issue.id, &out).await?;
        // The approved content is no longer what would be sent.
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

/// Drafts compiled again with a changed article, for a transaction that stores both. The transaction finds out which drafts are
/// affected. If some are missing here, it is rolled back, the drafts are compiled, and the transaction begins again.
#[derive(Debug, Default)]
pub struct Revisions {
    article: Option<ArticleHead>,
    ready: Vec<Revision>,
    missing: Vec<IssueId>,
    attempts: usize,
}

impl Revisions {
    /// Compiles the drafts that the last transaction found missing.
    async fn compile(&mut self, app: &App) -> Result<(), CompileError> {
        self.attempts += 1;
        let Some(article) = &self.article else {
            return Ok(());
        };
        for id in std::mem::take(&mut self.missing) {
            let mut tx = app.store.read_snapshot().await?;
            let Some(issue) = tx.issue(id).await? else { continue };
            let Some(mut draft) = Draft::read(&mut tx, issue).await? else {
                continue;
            };
            drop(tx);
            draft.take_over(app, article);
            self.ready.retain(|ready| ready.issue.id != id);
            self.ready.push(draft.compile().await?);
        }
        Ok(())
    }

    /// Ends an attempt: commits its transaction if it succeeded. If it found drafts missing (`is_outdated`), compiles them while no
    /// transaction is open, and returns `None`: the caller tries again in a new transaction.
    ///
    /// # Errors
    /// The error of the attempt; when compiling or committing fails.
    pub async fn finish<T, E: From<CompileError> + From<StoreError>>(
        &mut self,
        app: &App,
        tx: Tx,
        attempt: Result<T, E>,
        is_outdated: impl Fn(&E) -> bool,
    ) -> Result<Option<T>, E> {
        match attempt {
            Ok(made) => {
                tx.commit().await?;
                Ok(Some(made))
            }
            Err(error) if is_outdated(&error) => {
                drop(tx);
                self.compile(app).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Begins a new transaction, which needs drafts compiled with this article.
    pub(super) fn start(&mut self, article: &ArticleHead) {
        self.missing.clear();
        if self.article.as_ref() != Some(article) {
            self.ready.clear();
            self.article = Some(article.clone());
        }
    }

    /// The new version of a locked draft; `None` if it is missing. After `MAX_ATTEMPTS` attempts this compiles it inside the
    /// transaction, because the draft was changed during each attempt.
    pub(super) async fn get(
        &mut self,
        tx: &mut Tx,
        app: &App,
        issue: &Issue,
    ) -> Result<Option<&Revision>, CompileError> {
        debug_assert!(matches!(issue.state, IssueState::Draft | IssueState::Approved));
        if let Some(at) = self.ready.iter().position(|ready| ready.is_of(issue)) {
            return Ok(self.ready.get(at));
        }
        if self.attempts < MAX_ATTEMPTS {
            self.missing.push(issue.id);
            return Ok(None);
        }
        let (Some(article), Some(mut draft)) = (&self.article, Draft::read(tx, issue.clone()).await?) else {
            return Ok(None);
        };
        draft.take_over(app, article);
        self.ready.push(draft.compile().await?);
        Ok(self.ready.last())
    }

    /// Whether the transaction found drafts missing.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.missing.is_empty()
    }
}
