//! An editor's changes to a draft, and test mails.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, Notice, done, done_at};
use super::super::field_texts::Problem;
use super::super::forms::field;
use super::super::issue_path::{IssuePath, NamedIssue};
use super::conflict::{Conflict, PostedForm};
use super::page::{DraftQuery, Refused, show, unreadable};
use crate::delivery::control::ControlError;
use crate::delivery::test_mail;
use crate::digest::draft_changes::{self, DraftChanges};
use crate::digest::draft_view::DraftView;
use crate::digest::drafts::EditError;
use crate::domain::issue_action::{DraftVersion, IssueAction};
use crate::domain::public_id::PublicId;
use crate::operators::SignedIn;
use crate::web::error::WebError;
use crate::web::state::{Shared, Web};
use crate::words::Words;

/// What a button of the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Button {
    Up,
    Down,
    Pin,
    Unpin,
    Drop,
    PutIn,
    Title,
    Move,
    Split,
    Join,
    Texts,
    Reset,
}

impl Button {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "up" => Self::Up,
            "down" => Self::Down,
            "pin" => Self::Pin,
            "unpin" => Self::Unpin,
            "drop" => Self::Drop,
            "put-in" => Self::PutIn,
            "title" => Self::Title,
            "move" => Self::Move,
            "split" => Self::Split,
            "join" => Self::Join,
            "texts" => Self::Texts,
            "reset" => Self::Reset,
            _ => return None,
        })
    }

    fn label(self, words: &Words) -> String {
        match self {
            Self::Up => words.story_up(),
            Self::Down => words.story_down(),
            Self::Pin => words.story_pin(),
            Self::Unpin => words.story_unpin(),
            Self::Drop => words.story_drop(),
            Self::PutIn => words.story_put_in(),
            Self::Title => words.story_change_headline(),
            Self::Move => words.story_move(),
            Self::Split => words.story_split(),
            Self::Join => words.story_join(),
            Self::Texts => words.draft_save_texts(),
            Self::Reset => words.draft_reset(),
        }
    }
}

pub(super) async fn change(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let button = Button::parse(&field(&body, "do")).ok_or(WebError::NotFound)?;
    let mut tx = web.app.store.read_snapshot().await?;
    let issue = path.find(&mut tx).await?;
    let draft = DraftView::read(&mut tx, issue.id).await.map_err(unreadable)?;
    drop(tx);
    let form = Form {
        action: format!("{}/change", issue.draft_path()),
        button: button.label(&console.words),
        body: &body,
    };
    // A page of another version names places and stories that may mean something else now.
    let Some(seen) = form.seen().filter(|seen| *seen == draft.version()) else {
        return form.conflict(&web, console, &signed_in, &issue).await;
    };
    let changes = match changes(&console.words, button, &body, &draft) {
        Ok(changes) => changes,
        Err(problem) => return form.refuse(&web, console, &signed_in, &issue, problem).await,
    };
    if button == Button::Texts && changes.subject.is_none() && changes.intro.is_none() {
        // Nothing changed, so an approval stays.
        return Ok(done(&issue.draft_path(), Notice::DraftChanged).into_response());
    }
    let action = IssueAction::by(signed_in.actor(), issue.id).on(seen);
    match draft_changes::change(&web.app, action, &changes).await {
        Ok(_) => {
            let story = field(&body, "story");
            Ok(done_at(&issue.draft_path(), Notice::DraftChanged, &story).into_response())
        }
        Err(EditError::Changed(_) | EditError::NotDraft(..)) => form.conflict(&web, console, &signed_in, &issue).await,
        Err(EditError::Compile(error)) => Err(error.into()),
        Err(error) => {
            let problem = problem_of(&console.words, &error);
            form.refuse(&web, console, &signed_in, &issue, problem).await
        }
    }
}

pub(super) async fn test(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    let form = Form {
        action: format!("{}/test", issue.draft_path()),
        button: console.words.draft_test_send(),
        body: &body,
    };
    let edition = field(&body, "edition").parse().ok();
    let action = IssueAction::by(signed_in.actor(), issue.id);
    match test_mail::queue_test(&web.app, action, edition, &field(&body, "to")).await {
        Ok(()) => Ok(done(&issue.draft_path(), Notice::TestQueued).into_response()),
        Err(ControlError::Store(error)) => Err(error.into()),
        Err(ControlError::Compile(error)) => Err(error.into()),
        Err(ControlError::UnknownEdition { .. }) => Err(WebError::NotFound),
        Err(error) => {
            let text = match error {
                ControlError::Address(_) => console.words.operator_email_invalid(),
                other => other.to_string(),
            };
            form.refuse(&web, console, &signed_in, &issue, Problem { field: "to", text })
                .await
        }
    }
}

/// A form of the page that was posted.
pub(super) struct Form<'a> {
    pub(super) action: String,
    /// The label of the button that was pressed.
    pub(super) button: String,
    pub(super) body: &'a [u8],
}

impl Form<'_> {
    /// The version of the draft that the operator saw; `None` if the form has none.
    pub(super) fn seen(&self) -> Option<DraftVersion> {
        field(self.body, "version").parse().ok()
    }

    fn fields(&self) -> Vec<(String, String)> {
        let fields = url::form_urlencoded::parse(self.body).into_owned();
        fields.filter(|(name, _)| name != "version").collect()
    }

    /// The page that says who changed the draft meanwhile, with what was typed.
    pub(super) async fn conflict(
        &self,
        web: &Arc<Web>,
        console: Console,
        signed_in: &SignedIn,
        issue: &NamedIssue,
    ) -> Result<Response, WebError> {
        let posted = PostedForm {
            action: self.action.clone(),
            button: self.button.clone(),
            fields: self.fields(),
        };
        let refused = Refused {
            conflict: Some(Conflict::read(web, &console, issue, self.seen(), posted).await?),
            ..Refused::default()
        };
        let mut response = show(web, console, signed_in, issue, DraftQuery::default(), refused).await?;
        *response.status_mut() = StatusCode::CONFLICT;
        Ok(response)
    }

    /// The page with what is wrong, and with what was typed.
    async fn refuse(
        &self,
        web: &Arc<Web>,
        console: Console,
        signed_in: &SignedIn,
        issue: &NamedIssue,
        problem: Problem,
    ) -> Result<Response, WebError> {
        let refused = Refused {
            problem: Some(problem),
            typed: self.fields(),
            ..Refused::default()
        };
        let mut response = show(web, console, signed_in, issue, DraftQuery::default(), refused).await?;
        if response.status().is_success() {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }
}

/// The changes that a button makes.
fn changes(words: &Words, button: Button, body: &[u8], draft: &DraftView) -> Result<DraftChanges, Problem> {
    let mut changes = DraftChanges::default();
    match button {
        Button::Reset => {
            changes.reset = true;
            return Ok(changes);
        }
        Button::Texts => {
            let own = if draft.has_own_subject {
                draft.subject_template.as_str()
            } else {
                ""
            };
            changes.subject = Some(field(body, "subject")).filter(|subject| subject.trim() != own);
            changes.intro = Some(field(body, "intro")).filter(|intro| intro.trim() != draft.intro);
            return Ok(changes);
        }
        _ => {}
    }
    let unknown = || Problem {
        field: "story",
        text: words.story_unknown(),
    };
    let story: PublicId = field(body, "story").parse().map_err(|_| unknown())?;
    let mut stories = draft.stories.iter().chain(&draft.left_out);
    let shown = stories
        .find(|shown| shown.reports.iter().any(|report| report.public_id == story.as_str()))
        .ok_or_else(unknown)?;
    let place = shown.position.and_then(|position| usize::try_from(position).ok());
    match button {
        Button::Up => changes
            .moved
            .extend(place.map(|place| (story, place.saturating_sub(1).max(1)))),
        Button::Down => changes.moved.extend(place.map(|place| (story, place + 1))),
        Button::Unpin => changes.unpin.push(story),
        Button::Drop => {
            changes.unpin.push(story.clone());
            changes.drop.push(story);
            changes.because = Some(field(body, "because"));
        }
        // A story that an editor left out is in again by its score. Any other needs a pin to get in.
        Button::PutIn if shown.is_dropped => changes.keep.push(story),
        Button::Pin | Button::PutIn => changes.pin.push(story),
        Button::Title => changes.title.push((story, field(body, "title"))),
        Button::Move => {
            let place = number(body, "place").filter(|place| (1..=draft.stories.len()).contains(place));
            let place = place.ok_or_else(|| Problem {
                field: "place",
                text: words.story_place_wrong(draft.stories.len()),
            })?;
            changes.moved.push((story, place));
        }
        Button::Split => changes.split.push(story),
        Button::Join => {
            let with = number(body, "with").and_then(|place| draft.stories.get(place.checked_sub(1)?));
            let lead = with.and_then(|with| with.reports.first()?.public_id.parse().ok());
            let lead = lead.ok_or_else(|| Problem {
                field: "with",
                text: words.story_place_wrong(draft.stories.len()),
            })?;
            // Every report moves, so that nothing of the story stays behind.
            for report in &shown.reports {
                let report: PublicId = report.public_id.parse().map_err(|_| unknown())?;
                changes.join.push((report, PublicId::clone(&lead)));
            }
        }
        Button::Texts | Button::Reset => {}
    }
    Ok(changes)
}

fn number(body: &[u8], name: &str) -> Option<usize> {
    field(body, name).trim().parse().ok()
}

/// What is wrong with a change.
fn problem_of(words: &Words, error: &EditError) -> Problem {
    let (field, text) = match error {
        EditError::Subject(reason) => ("subject", words.draft_subject_wrong(reason)),
        EditError::Empty => ("story", words.draft_would_be_empty()),
        EditError::UnknownArticle(_) => ("story", words.story_unknown()),
        other => ("story", other.to_string()),
    };
    Problem { field, text }
}
