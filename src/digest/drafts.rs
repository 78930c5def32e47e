//! Changes of stored drafts: by an editor, or because an article in them was changed or retracted.
//!
//! A changed draft is compiled again from its own stored inputs, so only the change differs. A changed draft needs approval again.

use serde_json::{Map, Value};

use super::compile::compile;
use super::decisions::{Decision, decisions, story_rows};
use super::error::{CompileError, MAX_ATTEMPTS};
use super::inputs::{Edits, Inputs};
use super::recompiled_drafts::{RecompiledDraft, RecompiledDrafts, StoredDraft};
use super::stored_inputs::read_inputs;
use crate::app::{App, on_blocking_pool};
use crate::audit;
use crate::domain::audit::AuditAction;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::states::{IssueState, RunState};
use crate::mail::look::MailDesign;
use crate::notices::notify;
use crate::store::Tx;
use crate::store::articles::ArticleHead;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;

/// Why a draft was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The issue does not exist.
    #[error("there is no issue {0}; `daywire issue list` shows them")]
    Unknown(IssueId),
    /// The inputs of the issue are not stored.
    #[error("issue {0} has no stored inputs, so it cannot be compiled again; cancel it and build a new one")]
    NoInputs(IssueId),
    /// The issue is in this state, in which it cannot be edited.
    #[error("issue {0} is {1}; only a draft can be edited")]
    NotDraft(String, IssueState),
    /// The edit names an article that the draft was not compiled from.
    #[error("the issue has no article {0}; `daywire issue show` lists them")]
    UnknownArticle(String),
    /// The subject's template is wrong.
    #[error("the subject cannot be used: {0}")]
    Subject(String),
    /// Another operator changed the draft since this one saw it.
    #[error("issue {0} was changed meanwhile, and nothing was overwritten; read it again")]
    Changed(String),
    /// The edit would leave the draft without a story.
    #[error("no story would be left; `daywire issue cancel` ends the issue instead")]
    Empty,
    /// The changed draft could not be compiled or stored.
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
/// [`EditError::Unknown`] if the issue does not exist, [`EditError::NoInputs`] if its inputs are not stored.
pub async fn inputs(tx: &mut Tx, issue: IssueId) -> Result<Inputs, EditError> {
    match read_inputs(tx, issue).await? {
        Some(inputs) => Ok(inputs),
        None if tx.issue(issue).await?.is_some() => Err(EditError::NoInputs(issue)),
        None => Err(EditError::Unknown(issue)),
    }
}

/// Changes a draft and compiles it again. `change` is called again if the draft was changed concurrently, unless the action names the
/// version that the operator saw.
///
/// # Errors
/// After an error the draft is unchanged.
pub async fn edit(app: &App, action: impl Into<IssueAction>, change: impl Fn(&mut Edits)) -> Result<Issue, EditError> {
    let action = action.into();
    let id = action.id;
    for _ in 0..MAX_ATTEMPTS {
        // A snapshot, because on SQLite a read transaction does not wait for the writer.
        let mut tx = app.store.read_snapshot().await?;
        let (draft, edited) = read_changed(&mut tx, &action, &change).await?;
        drop(tx);
        let draft = compile_changed(app, draft).await?;
        let mut tx = app.store.write().await?;
        let issue = tx.lock_newsletter_and_issue(id).await?.ok_or(EditError::Unknown(id))?;
        // Another process may have changed the draft while this one compiled it.
        if draft.is_current_for(&issue) {
            let issue = draft.store(&mut tx, issue).await?;
            record_edit(&mut tx, app, &action, edited, issue.revision).await?;
            tx.commit().await?;
            return Ok(issue);
        }
    }
    // The draft changed during every attempt, so compile it while its lock keeps others from changing it.
    let mut tx = app.store.write().await?;
    let issue = tx.lock_newsletter_and_issue(id).await?.ok_or(EditError::Unknown(id))?;
    let (draft, edited) = read_changed(&mut tx, &action, &change).await?;
    let issue = compile_changed(app, draft).await?.store(&mut tx, issue).await?;
    record_edit(&mut tx, app, &action, edited, issue.revision).await?;
    tx.commit().await?;
    Ok(issue)
}

/// The editor's changes to a draft, before and after another change.
struct EditsBeforeAndAfter(Edits, Edits);

impl EditsBeforeAndAfter {
    /// The fields that differ, before and after.
    fn differences(&self) -> Result<[Map<String, Value>; 2], serde_json::Error> {
        let fields = |edits: &Edits| {
            serde_json::to_value(edits).map(|value| match value {
                Value::Object(fields) => fields,
                _ => Map::new(),
            })
        };
        let (mut before, mut after) = (fields(&self.0)?, fields(&self.1)?);
        before.retain(|name, value| after.get(name) != Some(value));
        after.retain(|name, _| before.contains_key(name));
        Ok([before, after])
    }
}

/// Records who changed a draft, and to which revision.
async fn record_edit(
    tx: &mut Tx,
    app: &App,
    action: &IssueAction,
    edits: EditsBeforeAndAfter,
    revision: i64,
) -> Result<(), EditError> {
    let unreadable = |error| CompileError::Unreadable(format!("the edits of issue {}", action.id), error);
    let [before, mut after] = edits.differences().map_err(unreadable)?;
    after.insert("revision".to_owned(), revision.into());
    audit::record_for_issue(
        tx,
        app,
        action,
        AuditAction::IssueEdited,
        Some(before.into()),
        Some(after.into()),
    )
    .await?;
    Ok(())
}

/// Reads a draft and changes its inputs.
async fn read_changed(
    tx: &mut Tx,
    action: &IssueAction,
    change: impl Fn(&mut Edits),
) -> Result<(StoredDraft, EditsBeforeAndAfter), EditError> {
    let id = action.id;
    let issue = tx.issue(id).await?.ok_or(EditError::Unknown(id))?;
    if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Err(EditError::NotDraft(tx.issue_name(id).await?, issue.state));
    }
    if action.is_outdated(issue.revision, issue.state) {
        return Err(EditError::Changed(tx.issue_name(id).await?));
    }
    let mut draft = StoredDraft::read(tx, issue).await?.ok_or(EditError::NoInputs(id))?;
    let inputs = &mut draft.inputs;
    let before = inputs.edits.clone();
    change(&mut inputs.edits);
    let is_candidate = |id: &&String| inputs.candidates.iter().any(|candidate| candidate.public_id == **id);
    if let Some(unknown) = named_articles(&inputs.edits).find(|id| !is_candidate(id)) {
        return Err(EditError::UnknownArticle(unknown.clone()));
    }
    let edits = EditsBeforeAndAfter(before, inputs.edits.clone());
    Ok((draft, edits))
}

/// The public ids of all articles that edits name.
fn named_articles(edits: &Edits) -> impl Iterator<Item = &String> {
    let regrouped = edits.regrouped.iter();
    edits
        .pinned
        .iter()
        .chain(edits.dropped.keys())
        .chain(edits.moved.iter().map(|(id, _)| id))
        .chain(edits.titles.keys())
        .chain(regrouped.flat_map(|(id, target)| std::iter::once(id).chain(target)))
}

async fn compile_changed(app: &App, draft: StoredDraft) -> Result<RecompiledDraft, EditError> {
    let draft = draft.recompile(app).await?;
    if draft.is_empty() {
        return Err(EditError::Empty);
    }
    Ok(draft)
}

/// The drafts that contained a changed article, by what was done with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct UpdatedDrafts {
    /// The draft was compiled again.
    pub(crate) compiled: Vec<IssueId>,
    /// Those of `compiled` that had been approved and need approval again.
    pub(crate) unapproved: Vec<IssueId>,
    /// Cancelled, because no story was left. Their other articles wait for the next issue.
    pub(crate) cancelled: Vec<IssueId>,
}

/// Updates every draft that contains a changed or retracted article.
///
/// # Errors
/// After [`CompileError::DraftsNotCompiled`], end the attempt with [`RecompiledDrafts::finish`] and try again in a new transaction.
pub(crate) async fn update_drafts(
    tx: &mut Tx,
    app: &App,
    article: &ArticleHead,
    recompiled: &mut RecompiledDrafts,
) -> Result<UpdatedDrafts, CompileError> {
    let mut updated = UpdatedDrafts::default();
    recompiled.start(article);
    for id in tx.drafts_containing(article.id).await? {
        // Wait for an edit of the draft that is not committed yet, so that this change is added to it and does not undo it.
        let Some(issue) = tx.lock_newsletter_and_issue(id).await? else {
            continue;
        };
        // Sending began meanwhile. Subscribers of that issue get a correction instead.
        if !matches!(issue.state, IssueState::Draft | IssueState::Approved) {
            continue;
        }
        let Some(draft) = recompiled.find_or_request(tx, app, &issue).await? else {
            continue;
        };
        if draft.is_empty() {
            // A changed article can also be excluded by the rules now.
            let change = if article.retracted_at.is_some() {
                "retracted"
            } else {
                "changed"
            };
            let reason = format!("no story was left after {} was {change}", article.public_id);
            tx.move_issue(id, issue.state, IssueState::Cancelled, Some(&reason), app.clock.now())
                .await?;
            tx.release_articles(id).await?;
            tx.finish_run_of(&issue, RunState::Skipped, Some(&reason)).await?;
            updated.cancelled.push(id);
        } else {
            let approved = issue.state == IssueState::Approved;
            draft.store(tx, issue).await?;
            updated.compiled.push(id);
            if approved {
                updated.unapproved.push(id);
                request_approval_again(tx, app, id, article).await?;
            }
        }
    }
    if recompiled.is_incomplete() {
        return Err(CompileError::DraftsNotCompiled);
    }
    Ok(updated)
}

/// Mails the operators that a correction changed an approved issue, and that it needs approval again.
async fn request_approval_again(
    tx: &mut Tx,
    app: &App,
    id: IssueId,
    article: &ArticleHead,
) -> Result<(), CompileError> {
    let name = tx.issue_name(id).await?;
    let text = format!(
        "{} was corrected or retracted, so {name} was compiled again. Its approval no longer holds.\n\nRead and approve it in the \
         console:\n{}\n\nOr read it by command:\ndaywire issue show {name} --text\n\nApprove it again:\ndaywire issue approve {name}",
        article.public_id,
        app.link("/admin/drafts")
    );
    Ok(notify(tx, app, &format!("{name} waits for approval again"), &text).await?)
}

/// An issue as its inputs give it, with placeholders for the links of each subscriber.
#[derive(Clone, Debug)]
pub(crate) struct CompiledAgain {
    pub(crate) subject: String,
    pub(crate) html: String,
    pub(crate) text: String,
}

/// Compiles an issue again from its stored inputs in another design. Stores nothing.
pub(crate) async fn compile_again(app: &App, id: IssueId, design: MailDesign) -> Result<CompiledAgain, EditError> {
    let inputs = inputs(&mut app.store.read_snapshot().await?, id).await?;
    let compiled = on_blocking_pool(move || {
        compile(&inputs, &design).map(|compilation| CompiledAgain {
            subject: compilation.subject,
            html: compilation.html,
            text: compilation.text,
        })
    });
    Ok(compiled.await.map_err(CompileError::from)?)
}

/// Compiles an issue again from its stored inputs. Returns the differences from the stored result, in words.
pub async fn differences_from_stored(app: &App, id: IssueId) -> Result<Vec<String>, EditError> {
    let mut tx = app.store.read_snapshot().await?;
    let issue = tx.issue(id).await?.ok_or(EditError::Unknown(id))?;
    let inputs = inputs(&mut tx, id).await?;
    // An edition has no stored stories: only its inputs, HTML and text are stored.
    let stories = match issue.edition_of {
        Some(_) => None,
        None => Some(tx.issue_stories(id).await?),
    };
    drop(tx);
    let design = app.mail_design();
    Ok(on_blocking_pool(move || differences(&issue, stories.as_deref(), &inputs, &design)).await?)
}

/// The differences of an issue and its stories from what its inputs give, in words.
fn differences(
    issue: &Issue,
    stories: Option<&[IssueStory]>,
    inputs: &Inputs,
    design: &MailDesign,
) -> Result<Vec<String>, CompileError> {
    let compilation = compile(inputs, design)?;
    let mut differences = Vec::new();
    let parts = [
        ("subject", &issue.subject, &compilation.subject),
        ("HTML", &issue.html, &compilation.html),
        ("text", &issue.text, &compilation.text),
    ];
    for (name, stored, recompiled) in parts {
        if stored != recompiled {
            let pairs = stored.bytes().zip(recompiled.bytes());
            let equal = pairs.take_while(|(one, two)| one == two).count();
            differences.push(format!(
                "{name}: {} bytes are stored and {} were compiled; the first {equal} bytes are equal",
                stored.len(),
                recompiled.len()
            ));
        }
    }
    if let Some(stored) = stories {
        let recompiled = story_rows(issue.id, &decisions(&compilation))?;
        let in_issue = recompiled.iter().filter(|story| story.position.is_some()).count();
        // If the process stopped before it recorded all left-out articles, the last stories are missing. Their articles wait for the
        // next issue, so that is no difference.
        if stored.len() < in_issue || !recompiled.starts_with(stored) {
            differences.push(format!(
                "stories: {} are stored and {} were compiled; their contents differ",
                stored.len(),
                recompiled.len()
            ));
        }
    }
    Ok(differences)
}

/// The decision on each article of an edition, and its stories. Compiles the edition again, because neither is stored for editions.
pub(crate) async fn decisions_of_edition(
    app: &App,
    edition: IssueId,
) -> Result<(Vec<Decision>, Vec<IssueStory>), EditError> {
    let inputs = inputs(&mut app.store.read_snapshot().await?, edition).await?;
    let design = app.mail_design();
    let decisions =
        on_blocking_pool(move || compile(&inputs, &design).map(|compilation| decisions(&compilation))).await;
    let decisions = decisions.map_err(CompileError::from)?;
    let stories = story_rows(edition, &decisions)?;
    Ok((decisions, stories))
}
