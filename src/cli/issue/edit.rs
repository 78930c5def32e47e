//! `daywire issue edit`: an editor's changes to a draft. They are stored with the draft's inputs, and the draft is compiled again.
//!
//! A change to a story replaces earlier changes to the same story, whichever of its articles they named.

use std::collections::HashMap;

use super::show;
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::delivery::control;
use crate::digest::drafts::{self, EditError};
use crate::digest::inputs::Edits;
use crate::digest::subject::SubjectTemplate;
use crate::domain::ids::IssueId;
use crate::domain::public_id::{PublicId, PublicIdError};
use crate::domain::states::IssueState;
use crate::text::plain::{counted, plain_line};

/// The changes. A story is named by the id of any of its articles.
#[derive(Debug, clap::Args)]
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

impl Changes {
    /// Every article that the command line names.
    fn named(&self) -> impl Iterator<Item = &PublicId> {
        let lists = [&self.pin, &self.unpin, &self.drop, &self.keep];
        let moved = self.moved.iter().map(|(id, _)| id);
        let titles = self.title.iter().map(|(id, _)| id);
        let joined = self.join.iter().flat_map(|(id, other)| [id, other]);
        let named = lists.into_iter().flatten().chain(moved).chain(titles);
        named.chain(&self.split).chain(joined)
    }

    /// Every article that the editor expects in the issue after the changes.
    fn expected_in_issue(&self) -> impl Iterator<Item = &PublicId> {
        let moved = self.moved.iter().map(|(id, _)| id);
        let titles = self.title.iter().map(|(id, _)| id);
        let joined = self.join.iter().map(|(id, _)| id);
        let lists = [&self.pin, &self.keep, &self.split];
        lists.into_iter().flatten().chain(moved).chain(titles).chain(joined)
    }

    /// Adds the changes to those that are stored. `subject` is `None` to keep the subject, and `Some(None)` to restore the newsletter's.
    fn apply(&self, edits: &mut Edits, stories: &StoryNumbers, subject: Option<&Option<SubjectTemplate>>) {
        if self.reset {
            *edits = Edits::default();
        }
        let name = |id: &PublicId| id.as_str().to_owned();
        for id in self.pin.iter().chain(&self.unpin) {
            edits.pinned.retain(|pinned| !stories.same_story(pinned, id));
        }
        edits.pinned.extend(self.pin.iter().map(name));
        for id in self.drop.iter().chain(&self.keep) {
            edits.dropped.retain(|dropped, _| !stories.same_story(dropped, id));
        }
        let because = self
            .because
            .as_deref()
            .map(plain_line)
            .filter(|because| !because.is_empty());
        let reason = because.map_or_else(
            || "dropped by an editor".to_owned(),
            |because| format!("dropped by an editor: {because}"),
        );
        let is_kept = |id: &&PublicId| self.keep.iter().any(|kept| stories.same_story(kept.as_str(), id));
        for id in self.drop.iter().filter(|id| !is_kept(id)) {
            edits.dropped.insert(name(id), reason.clone());
        }
        for (id, place) in &self.moved {
            edits.moved.retain(|(moved, _)| !stories.same_story(moved, id));
            edits.moved.push((name(id), *place));
        }
        let split = self.split.iter().map(|id| (id, None));
        let joined = self.join.iter().map(|(id, other)| (id, Some(name(other))));
        for (id, with) in split.chain(joined) {
            // Earlier regroupings stay, also of the same article: another article may have been joined to the story that it was in.
            let change = (name(id), with);
            if edits.regrouped.last() != Some(&change) {
                edits.regrouped.push(change);
            }
        }
        for (id, title) in &self.title {
            edits.titles.retain(|titled, _| !stories.same_story(titled, id));
            let title = plain_line(title);
            if !title.is_empty() {
                edits.titles.insert(name(id), title);
            }
        }
        if let Some(intro) = &self.intro {
            edits.intro = Some(plain_line(intro));
        }
        if let Some(subject) = subject {
            edits.subject.clone_from(subject);
        }
    }
}

/// The number of the story of each article of the issue, by public id; `None` for an article without a story.
struct StoryNumbers(HashMap<String, Option<i64>>);

impl StoryNumbers {
    /// Whether two articles are the same one or belong to one story.
    fn same_story(&self, one: &str, other: &PublicId) -> bool {
        let story = |id: &str| self.0.get(id).copied().flatten();
        one == other.as_str() || story(one).is_some_and(|of| story(other.as_str()) == Some(of))
    }
}

/// Makes the changes and prints the draft, with a note for each change that has no effect.
pub(crate) async fn run(context: &Context, app: &App, id: IssueId, changes: &Changes) -> anyhow::Result<()> {
    let state_before = control::require_issue(&mut app.store.read().await?, id).await?.state;
    edit(app, id, changes).await?;
    show::run(context, app, id).await?;
    if state_before == IssueState::Approved {
        let name = app.store.read().await?.issue_name(id).await?;
        note!(
            "note: the approval was withdrawn, because the text changed; `daywire issue approve {name}` approves it again"
        );
    }
    Ok(())
}

async fn edit(app: &App, id: IssueId, changes: &Changes) -> anyhow::Result<()> {
    let articles = app.store.read().await?.articles_of_issue(id).await?;
    let stories = articles.into_iter().map(|article| (article.public_id, article.story));
    let stories = StoryNumbers(stories.collect());
    // For an issue without articles, which cannot be edited, `drafts::edit` has a better error.
    if let Some(unknown) = changes.named().find(|id| !stories.0.contains_key(id.as_str()))
        && !stories.0.is_empty()
    {
        return Err(EditError::UnknownArticle(unknown.to_string()).into());
    }
    let subject = changes.subject.as_deref().map(plain_line).map(|subject| {
        let template = Some(subject).filter(|subject| !subject.is_empty());
        template.map(SubjectTemplate::try_from).transpose()
    });
    let subject = subject
        .transpose()
        .map_err(|reason| anyhow::anyhow!("--subject: {reason}"))?;
    drafts::edit(app, id, |edits| changes.apply(edits, &stories, subject.as_ref())).await?;
    let articles = app.store.read().await?.articles_of_issue(id).await?;
    let stories = articles
        .iter()
        .filter_map(|article| article.position)
        .max()
        .unwrap_or(0);
    for (moved, place) in &changes.moved {
        if i64::try_from(*place).is_ok_and(|place| place > stories) {
            note!(
                "note: {moved} cannot be at place {place}: the issue has {}, so it is the last one",
                counted(stories, "story", "stories")
            );
        }
    }
    for article in articles {
        let is_expected = changes.expected_in_issue().any(|id| id.as_str() == article.public_id);
        if is_expected && article.position.is_none() {
            let reason = article.reason.as_deref().unwrap_or("no reason is on record");
            note!("note: {} is not in the issue: {reason}", article.public_id);
        }
    }
    Ok(())
}
