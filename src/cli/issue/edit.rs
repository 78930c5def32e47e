//! `daywire issue edit` and `issue rebuild`: an editor's hand in a draft, and the proof that the rest is as it was compiled.

use std::collections::HashMap;

use serde_json::json;

use crate::app::App;
use crate::cli::{Context, output};
use crate::digest::drafts::{self, EditError};
use crate::digest::inputs::Edits;
use crate::digest::subject::SubjectTemplate;
use crate::domain::ids::IssueId;
use crate::domain::public_id::{PublicId, PublicIdError};
use crate::text::plain::counted;
use crate::text::plain::plain_line;

/// What to change. Stories are named by the id of any of their articles.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Changes")]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// Forget all earlier changes first.
    #[arg(long)]
    reset: bool,
    /// Put a story first; of several, in this order.
    #[arg(long, value_name = "TX")]
    pin: Vec<PublicId>,
    /// Let a pinned story stand where its score puts it.
    #[arg(long, value_name = "TX")]
    unpin: Vec<PublicId>,
    /// Leave a story out.
    #[arg(long, value_name = "TX")]
    drop: Vec<PublicId>,
    /// Why the stories of --drop are left out, for the record; only together with --drop.
    #[arg(long, value_name = "TEXT", requires = "drop")]
    because: Option<String>,
    /// Take a dropped story in again.
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
    /// Give a story another headline; an empty one gives it back its own.
    #[arg(long, value_name = "TX=TEXT", value_parser = pair)]
    title: Vec<(PublicId, String)>,
    /// A word before the stories; empty for none.
    #[arg(long, value_name = "TEXT")]
    intro: Option<String>,
    /// The subject, in which {lead}, {date}, {count}, {newsletter} and {number} may stand; empty for the newsletter's.
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
    /// Every article that is named.
    fn named(&self) -> impl Iterator<Item = &PublicId> {
        let lists = [&self.pin, &self.unpin, &self.drop, &self.keep];
        let moved = self.moved.iter().map(|(id, _)| id);
        let titles = self.title.iter().map(|(id, _)| id);
        let joined = self.join.iter().flat_map(|(id, other)| [id, other]);
        let named = lists.into_iter().flatten().chain(moved).chain(titles);
        named.chain(&self.split).chain(joined)
    }

    /// Every article that should be in the issue after that.
    fn wanted(&self) -> impl Iterator<Item = &PublicId> {
        let moved = self.moved.iter().map(|(id, _)| id);
        let titles = self.title.iter().map(|(id, _)| id);
        let joined = self.join.iter().map(|(id, _)| id);
        let lists = [&self.pin, &self.keep, &self.split];
        lists.into_iter().flatten().chain(moved).chain(titles).chain(joined)
    }

    /// Makes the changes to what was changed before.
    fn make(&self, edits: &mut Edits, stories: &Stories, subject: Option<&Option<SubjectTemplate>>) {
        if self.reset {
            *edits = Edits::default();
        }
        let name = |id: &PublicId| id.as_str().to_owned();
        for id in self.pin.iter().chain(&self.unpin) {
            edits.pinned.retain(|pinned| !stories.same(pinned, id));
        }
        edits.pinned.extend(self.pin.iter().map(name));
        for id in self.drop.iter().chain(&self.keep) {
            edits.dropped.retain(|dropped, _| !stories.same(dropped, id));
        }
        let why = self.because.as_deref().map(plain_line).filter(|why| !why.is_empty());
        let why = why.map_or_else(
            || "dropped by an editor".to_owned(),
            |why| format!("dropped by an editor: {why}"),
        );
        let keep = |id: &&PublicId| self.keep.iter().any(|kept| stories.same(kept.as_str(), id));
        for id in self.drop.iter().filter(|id| !keep(id)) {
            edits.dropped.insert(name(id), why.clone());
        }
        for (id, place) in &self.moved {
            edits.moved.retain(|(moved, _)| !stories.same(moved, id));
            edits.moved.push((name(id), *place));
        }
        let split = self.split.iter().map(|id| (id, None));
        let joined = self.join.iter().map(|(id, other)| (id, Some(name(other))));
        for (id, with) in split.chain(joined) {
            // What was done before stays, even to the same article: another one may have been put where it was then.
            let change = (name(id), with);
            if edits.regrouped.last() != Some(&change) {
                edits.regrouped.push(change);
            }
        }
        for (id, title) in &self.title {
            edits.titles.retain(|titled, _| !stories.same(titled, id));
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

/// In which story of the issue each of its articles is.
struct Stories(HashMap<String, Option<i64>>);

impl Stories {
    /// Whether two articles are of one story.
    fn same(&self, one: &str, other: &PublicId) -> bool {
        let story = |id: &str| self.0.get(id).copied().flatten();
        one == other.as_str() || story(one).is_some_and(|of| story(other.as_str()) == Some(of))
    }
}

pub async fn edit(app: &App, id: IssueId, changes: &Changes) -> anyhow::Result<()> {
    let articles = app.store.read().await?.articles_of_issue(id).await?;
    let stories = articles.into_iter().map(|article| (article.public_id, article.story));
    let stories = Stories(stories.collect());
    // An issue that holds nothing cannot be edited, which `drafts::edit` says better.
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
    drafts::edit(app, id, |edits| changes.make(edits, &stories, subject.as_ref())).await?;
    let articles = app.store.read().await?.articles_of_issue(id).await?;
    let stories = articles
        .iter()
        .filter_map(|article| article.position)
        .max()
        .unwrap_or(0);
    for (moved, wanted) in &changes.moved {
        if i64::try_from(*wanted).is_ok_and(|wanted| wanted > stories) {
            eprintln!(
                "note: {moved} cannot stand at place {wanted}: the issue has {}, so it stands last",
                counted(stories, "story", "stories")
            );
        }
    }
    for article in articles {
        let public_id = article.public_id;
        let wanted = changes.wanted().any(|id| id.as_str() == public_id);
        if wanted && article.position.is_none() {
            eprintln!(
                "note: {public_id} is not in the issue: {}",
                article.reason.unwrap_or_default()
            );
        }
    }
    Ok(())
}

pub async fn check(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let differences = drafts::check(&mut tx, id).await?;
    let name = tx.issue_name(id).await?;
    drop(tx);
    if context.json {
        output::json(&json!({ "id": id, "same": differences.is_empty(), "differences": differences }))?;
    } else if differences.is_empty() {
        output::text("the same, to the byte")?;
    }
    anyhow::ensure!(
        differences.is_empty(),
        "issue {name} does not come out as it is stored: {}",
        differences.join("; ")
    );
    Ok(())
}
