//! `daywire issue edit`: an editor's changes to a draft.

use super::show;
use crate::app::App;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::delivery::control;
use crate::digest::draft_changes::{self, ChangeNote, DraftChanges};
use crate::digest::drafts::EditError;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::public_id::{PublicId, PublicIdError};
use crate::domain::states::IssueState;
use crate::text::plain::counted;

/// The changes. A story is named by the id of any of its articles.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Changes")]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// Forget all earlier changes first.
    #[arg(long)]
    reset: bool,
    /// Put a story first; several come in this order.
    #[arg(long, value_name = "TX")]
    pin: Vec<PublicId>,
    /// Undo --pin: the score of the story decides its position.
    #[arg(long, value_name = "TX")]
    unpin: Vec<PublicId>,
    /// Leave a story out.
    #[arg(long, value_name = "TX")]
    drop: Vec<PublicId>,
    /// Why the stories of --drop are left out, for the record; only together with --drop.
    #[arg(long, value_name = "TEXT", requires = "drop")]
    because: Option<String>,
    /// Undo --drop: the story can be in the issue again.
    #[arg(long, value_name = "TX")]
    keep: Vec<PublicId>,
    /// Move a story to a place, from 1.
    #[arg(long = "move", value_name = "TX=PLACE", value_parser = place)]
    moved: Vec<(PublicId, usize)>,
    /// Make an article that was grouped with others a story of its own.
    #[arg(long, value_name = "TX")]
    split: Vec<PublicId>,
    /// Put an article into the story of another.
    #[arg(long, value_name = "TX=TX", value_parser = ids)]
    join: Vec<(PublicId, PublicId)>,
    /// Give a story another headline; an empty one restores its own.
    #[arg(long, value_name = "TX=TEXT", value_parser = pair)]
    title: Vec<(PublicId, String)>,
    /// A text before the stories; empty to remove it.
    #[arg(long, value_name = "TEXT")]
    intro: Option<String>,
    /// The subject; {lead}, {date}, {count}, {newsletter} and {number} are replaced. Empty restores the newsletter's.
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
}

fn pair(text: &str) -> Result<(PublicId, String), String> {
    let (id, value) = text.split_once('=').ok_or("write it as TX_080089=…")?;
    let id = id.parse().map_err(|error: PublicIdError| error.to_string())?;
    Ok((id, value.to_owned()))
}

fn ids(text: &str) -> Result<(PublicId, PublicId), String> {
    let (id, other) = pair(text)?;
    Ok((id, other.parse().map_err(|error: PublicIdError| error.to_string())?))
}

fn place(text: &str) -> Result<(PublicId, usize), String> {
    let (id, place) = pair(text)?;
    let place = place.parse().ok().filter(|place| *place > 0);
    Ok((id, place.ok_or("a place is a number from 1")?))
}

impl From<&Changes> for DraftChanges {
    fn from(changes: &Changes) -> Self {
        let Changes {
            reset,
            pin,
            unpin,
            drop,
            because,
            keep,
            moved,
            split,
            join,
            title,
            intro,
            subject,
        } = changes.clone();
        Self {
            reset,
            pin,
            unpin,
            drop,
            because,
            keep,
            moved,
            split,
            join,
            title,
            intro,
            subject,
        }
    }
}

/// Makes the changes and prints the draft, with a note for each change that has another effect than its words.
pub(crate) async fn run(context: &Context, app: &App, id: IssueId, changes: &Changes) -> anyhow::Result<()> {
    let state_before = control::require_issue(&mut app.store.read().await?, id).await?.state;
    let action = IssueAction::by(command_actor(), id);
    let outcome = draft_changes::change(app, action, &changes.into()).await;
    let outcome = outcome.map_err(|error| match error {
        EditError::Subject(reason) => anyhow::anyhow!("--subject: {reason}"),
        other => other.into(),
    })?;
    for note in outcome.notes {
        match note {
            ChangeNote::BeyondTheEnd {
                article,
                place,
                stories,
            } => note!(
                "note: {article} cannot be at place {place}: the issue has {}, so it is the last one",
                counted(stories, "story", "stories")
            ),
            ChangeNote::LeftOut { article, reason } => note!("note: {article} is not in the issue: {reason}"),
        }
    }
    show::run(context, app, id).await?;
    if state_before == IssueState::Approved {
        let name = app.store.read().await?.issue_name(id).await?;
        note!(
            "note: the approval was withdrawn, because the text changed; `daywire issue approve {name}` approves it again"
        );
    }
    Ok(())
}
