//! Drafts: an editor's changes compile a draft again from the inputs it was frozen with, so that nothing else changes.

use super::compile::{Compilation, compile};
use super::inputs::{Edits, Inputs};
use super::{CompileError, Decision, candidate, decisions, story_rows, thaw};
use crate::app::App;
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::store::Tx;
use crate::store::articles::Article;
use crate::store::issues::Issue;

/// Why a draft was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such issue.
    #[error("there is no issue {0}; `daywire issue list` shows them")]
    Unknown(IssueId),
    /// It is no draft any more.
    #[error("issue {0} is {1}; only a draft can be edited")]
    NoDraft(IssueId, IssueState),
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

/// Writes down what an issue or edition was compiled from and what became of each story.
///
/// # Errors
/// When the database fails.
pub(super) async fn store(
    tx: &mut Tx,
    issue: IssueId,
    inputs: &Inputs,
    decisions: &[Decision],
) -> Result<(), CompileError> {
    let frozen =
        serde_json::to_string(inputs).map_err(|error| CompileError::Stored(format!("issue {issue}"), error))?;
    tx.put_issue_inputs(issue, &frozen).await?;
    Ok(tx.put_issue_stories(issue, &story_rows(issue, decisions)).await?)
}

/// Writes down the places of an issue's articles, or why they are out. The articles are the issue's already.
///
/// # Errors
/// When the database fails.
pub(super) async fn place(tx: &mut Tx, issue: IssueId, decisions: &[Decision]) -> Result<(), CompileError> {
    for decision in decisions {
        tx.place_article(
            issue,
            decision.article,
            decision.story,
            decision.position,
            &decision.reason,
        )
        .await?;
    }
    Ok(())
}

/// What an issue was compiled from.
///
/// # Errors
/// [`CompileError`]; [`EditError::Unknown`] when there is no such issue.
pub async fn inputs(tx: &mut Tx, issue: IssueId) -> Result<Inputs, EditError> {
    let frozen = tx.issue_inputs(issue).await?.ok_or(EditError::Unknown(issue))?;
    Ok(thaw(issue, &frozen)?)
}

/// Changes a draft, and compiles it again.
///
/// # Errors
/// [`EditError`]; the draft is as it was then.
pub async fn edit(app: &App, id: IssueId, change: impl FnOnce(&mut Edits)) -> Result<Issue, EditError> {
    let mut tx = app.store.write().await?;
    let issue = edit_in(&mut tx, id, change).await?;
    tx.commit().await?;
    Ok(issue)
}

/// [`edit`] inside a transaction.
///
/// # Errors
/// [`EditError`]; the transaction should be given up then.
pub async fn edit_in(tx: &mut Tx, id: IssueId, change: impl FnOnce(&mut Edits)) -> Result<Issue, EditError> {
    let mut issue = tx.locked_issue(id).await?.ok_or(EditError::Unknown(id))?;
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Err(EditError::NoDraft(id, issue.state));
    }
    let mut inputs = inputs(tx, id).await?;
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
    if !recompile(tx, &mut issue, &inputs).await? {
        return Err(EditError::Empty);
    }
    Ok(issue)
}

/// Drafts that a changed article was in.
#[derive(Clone, Debug, Default)]
pub struct TakenOver {
    /// Compiled anew.
    pub compiled: Vec<IssueId>,
    /// Cancelled, because nothing was left; what they held waits for the next issue.
    pub cancelled: Vec<IssueId>,
}

/// Takes what was changed in an article, or that it was retracted, over into every issue that has it and was not begun.
///
/// # Errors
/// [`CompileError`].
pub async fn take_over(tx: &mut Tx, app: &App, article: &Article) -> Result<TakenOver, CompileError> {
    let mut taken = TakenOver::default();
    for id in tx.drafts_with(article.id).await? {
        // What an editor changes just now is in it only once nobody else changes it.
        let Some(mut issue) = tx.locked_issue(id).await? else {
            continue;
        };
        // One that was begun meanwhile is sent as it is.
        let open = matches!(issue.state, IssueState::Draft | IssueState::Approved);
        let Some(frozen) = tx.issue_inputs(id).await?.filter(|_| open) else {
            continue;
        };
        let mut inputs = thaw(id, &frozen)?;
        for known in inputs.candidates.iter_mut().filter(|known| known.id == article.id) {
            *known = candidate(app, article.clone(), known.pinned, known.weight);
        }
        if recompile(tx, &mut issue, &inputs).await? {
            taken.compiled.push(id);
        } else {
            let reason = format!("{}, the only story left in it, was retracted", article.public_id);
            tx.move_issue(id, issue.state, IssueState::Cancelled, Some(&reason), app.clock.now())
                .await?;
            tx.release_articles(id).await?;
            tx.finish_run_of(&issue, "skipped", Some(&reason)).await?;
            taken.cancelled.push(id);
        }
    }
    Ok(taken)
}

/// Compiles a draft again; false, and nothing is stored, when no story would be left.
async fn recompile(tx: &mut Tx, issue: &mut Issue, inputs: &Inputs) -> Result<bool, CompileError> {
    let compilation = compile(inputs)?;
    if compilation.chosen() == 0 {
        return Ok(false);
    }
    issue.subject.clone_from(&compilation.subject);
    issue.html.clone_from(&compilation.html);
    issue.text.clone_from(&compilation.text);
    tx.put_issue_content(issue).await?;
    let decisions = decisions(&compilation);
    store(tx, issue.id, inputs, &decisions).await?;
    place(tx, issue.id, &decisions).await?;
    Ok(true)
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
    differences.extend(different_stories(tx, id, &compilation).await?);
    Ok(differences)
}

async fn different_stories(
    tx: &mut Tx,
    id: IssueId,
    compilation: &Compilation<'_>,
) -> Result<Option<String>, EditError> {
    let stored = tx.issue_stories(id).await?;
    let again = story_rows(id, &decisions(compilation));
    Ok((stored != again).then(|| {
        format!(
            "stories: {} are stored, {} come out, and not the same",
            stored.len(),
            again.len()
        )
    }))
}
