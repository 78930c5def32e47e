//! Drafts: an editor's changes compile a draft again from the inputs it was frozen with, so that nothing else changes.

use super::compile::{Compilation, compile};
use super::inputs::{Edits, Inputs};
use super::revision::{Draft, Revision, Revisions};
use super::{CompileError, Decision, MAX_ATTEMPTS, decisions, stored_inputs, story_rows};
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::IssueId;
use crate::domain::states::{IssueState, RunState};
use crate::notices::notify;
use crate::store::Tx;
use crate::store::articles::ArticleHead;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;

/// Why a draft was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such issue.
    #[error("there is no issue {0}; `daywire issue list` shows them")]
    Unknown(IssueId),
    /// It is no draft any more.
    #[error("issue {0} is {1}; only a draft can be edited")]
    NoDraft(String, IssueState),
    /// It has no such article.
    #[error("the issue has no article {0}; `daywire issue show` lists them")]
    NoArticle(String),
    /// Nothing would be left.
    #[error("no story would be left; `daywire issue cancel` ends the issue instead")]
    Empty,
    /// Compiling failed.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

impl From<crate::store::StoreError> for EditError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Compile(error.into())
    }
}

/// What an issue was compiled from.
///
/// # Errors
/// [`CompileError`]; [`EditError::Unknown`] when there is no such issue.
pub async fn inputs(tx: &mut Tx, issue: IssueId) -> Result<Inputs, EditError> {
    stored_inputs(tx, issue).await?.ok_or(EditError::Unknown(issue))
}

/// Changes a draft, and compiles it again. `change` is called again if the draft was changed concurrently.
///
/// # Errors
/// [`EditError`]; the draft is as it was then.
pub async fn edit(app: &App, id: IssueId, change: impl Fn(&mut Edits)) -> Result<Issue, EditError> {
    for _ in 0..MAX_ATTEMPTS {
        // On SQLite a transaction that reads does not wait for the one that writes.
        let mut tx = app.store.read_snapshot().await?;
        let draft = read_changed(&mut tx, id, &change).await?;
        drop(tx);
        let revision = compile_changed(draft).await?;
        let mut tx = app.store.write().await?;
        let issue = tx.locked_issue(id).await?.ok_or(EditError::Unknown(id))?;
        if revision.is_of(&issue) {
            let issue = revision.store(&mut tx, issue).await?;
            tx.commit().await?;
            return Ok(issue);
        }
    }
    let mut tx = app.store.write().await?;
    let issue = tx.locked_issue(id).await?.ok_or(EditError::Unknown(id))?;
    let draft = read_changed(&mut tx, id, &change).await?;
    let issue = compile_changed(draft).await?.store(&mut tx, issue).await?;
    tx.commit().await?;
    Ok(issue)
}

/// Reads an editable draft, and changes its inputs.
async fn read_changed(tx: &mut Tx, id: IssueId, change: impl Fn(&mut Edits)) -> Result<Draft, EditError> {
    let issue = tx.issue(id).await?.ok_or(EditError::Unknown(id))?;
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Err(EditError::NoDraft(tx.issue_name(id).await?, issue.state));
    }
    let mut draft = Draft::read(tx, issue).await?.ok_or(EditError::Unknown(id))?;
    let inputs = &mut draft.inputs;
    change(&mut inputs.edits);
    let named = inputs.edits.pinned.iter().chain(inputs.edits.dropped.keys());
    let named = named
        .chain(inputs.edits.moved.iter().map(|(id, _)| id))
        .chain(inputs.edits.titles.keys())
        .chain(
            inputs
                .edits
                .regrouped
                .iter()
                .flat_map(|(id, with)| std::iter::once(id).chain(with)),
        );
    for id in named {
        if !inputs.candidates.iter().any(|candidate| candidate.public_id == *id) {
            return Err(EditError::NoArticle(id.clone()));
        }
    }
    Ok(draft)
}

async fn compile_changed(draft: Draft) -> Result<Revision, EditError> {
    let revision = draft.compile().await?;
    if revision.is_empty() {
        return Err(EditError::Empty);
    }
    Ok(revision)
}

/// Drafts that a changed article was in.
#[derive(Clone, Debug, Default)]
pub struct TakenOver {
    /// Compiled again.
    pub compiled: Vec<IssueId>,
    /// Those of them that were approved: an operator has to approve them again.
    pub unapproved: Vec<IssueId>,
    /// Cancelled, because nothing was left; what they held waits for the next issue.
    pub cancelled: Vec<IssueId>,
}

/// Takes what was changed in an article, or that it was retracted, over into every issue that has it and was not begun.
///
/// # Errors
/// [`CompileError`]. After [`CompileError::Outdated`] end the attempt with [`Revisions::finish`], and try again in a new transaction.
pub async fn take_over(
    tx: &mut Tx,
    app: &App,
    article: &ArticleHead,
    revisions: &mut Revisions,
) -> Result<TakenOver, CompileError> {
    let mut taken = TakenOver::default();
    revisions.start(article);
    for id in tx.drafts_containing(article.id).await? {
        // What an editor changes just now is in it only once nobody else changes it.
        let Some(issue) = tx.locked_issue(id).await? else {
            continue;
        };
        // One that was begun meanwhile is sent as it is.
        if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
            continue;
        }
        let Some(revision) = revisions.get(tx, app, &issue).await? else {
            continue;
        };
        if revision.is_empty() {
            let reason = format!("{}, the only story left in it, was retracted", article.public_id);
            tx.move_issue(id, issue.state, IssueState::Cancelled, Some(&reason), app.clock.now())
                .await?;
            tx.release_articles(id).await?;
            tx.finish_run_of(&issue, RunState::Skipped, Some(&reason)).await?;
            taken.cancelled.push(id);
        } else {
            let approved = issue.state == IssueState::Approved;
            revision.store(tx, issue).await?;
            taken.compiled.push(id);
            if approved {
                taken.unapproved.push(id);
                ask_again(tx, app, id, article).await?;
            }
        }
    }
    if revisions.is_incomplete() {
        return Err(CompileError::Outdated);
    }
    Ok(taken)
}

/// Mails the operators that a correction changed an approved issue, and that it needs approval again.
async fn ask_again(tx: &mut Tx, app: &App, id: IssueId, article: &ArticleHead) -> Result<(), CompileError> {
    let name = tx.issue_name(id).await?;
    let text = format!(
        "{} was corrected or retracted, so {name} was compiled again. Its approval no longer holds.\n\nRead it:\n\
         daywire issue show {name} --text\n\nApprove it again:\ndaywire issue approve {name}",
        article.public_id
    );
    Ok(notify(tx, app, &format!("{name} waits for approval again"), &text).await?)
}

/// Compiles an issue again from what it was frozen with, and says where the result differs from what is stored.
///
/// # Errors
/// [`EditError`].
pub async fn check(tx: &mut Tx, id: IssueId) -> Result<Vec<String>, EditError> {
    let issue = tx.issue(id).await?.ok_or(EditError::Unknown(id))?;
    let inputs = inputs(tx, id).await?;
    let compilation = compile(&inputs).map_err(CompileError::from)?;
    let mut differences = Vec::new();
    let parts = [
        ("subject", &issue.subject, &compilation.subject),
        ("HTML", &issue.html, &compilation.html),
        ("text", &issue.text, &compilation.text),
    ];
    for (name, stored, again) in parts {
        if stored != again {
            let at = stored
                .bytes()
                .zip(again.bytes())
                .take_while(|(one, two)| one == two)
                .count();
            differences.push(format!(
                "{name}: {} bytes are stored, {} come out, the first different one is number {at}",
                stored.len(),
                again.len()
            ));
        }
    }
    // An edition has no stored stories: only its inputs, HTML and text are stored.
    if issue.edition_of.is_none() {
        differences.extend(different_stories(tx, id, &compilation).await?);
    }
    Ok(differences)
}

/// The decision on each article of an edition. It compiles the edition again, because decisions of editions are not stored.
///
/// # Errors
/// [`EditError`].
pub async fn considered(app: &App, edition: IssueId) -> Result<(Vec<Decision>, Vec<IssueStory>), EditError> {
    let inputs = inputs(&mut app.store.read_snapshot().await?, edition).await?;
    let decisions = on_blocking_pool(move || compile(&inputs).map(|compilation| decisions(&compilation))).await;
    let decisions = decisions.map_err(CompileError::from)?;
    let stories = story_rows(edition, &decisions);
    Ok((decisions, stories))
}

async fn different_stories(
    tx: &mut Tx,
    id: IssueId,
    compilation: &Compilation<'_>,
) -> Result<Option<String>, EditError> {
    let stored = tx.issue_stories(id).await?;
    let again = story_rows(id, &decisions(compilation));
    // If the process died before it recorded all left-out articles, the missing ones wait for the next issue.
    let inside = again.iter().filter(|story| story.position.is_some()).count();
    let same = stored.len() >= inside && stored.iter().zip(&again).all(|(one, other)| one == other);
    Ok((!same).then(|| {
        format!(
            "stories: {} are stored, {} come out, and not the same",
            stored.len(),
            again.len()
        )
    }))
}
