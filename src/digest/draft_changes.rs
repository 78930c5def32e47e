//! An editor's changes to a draft, by command, in the console and by the API. They are stored with the draft's inputs, and the draft is
//! compiled again.
//!
//! A change to a story replaces earlier changes of the same kind to the same story, whichever of its articles they named.

use std::collections::HashMap;

use super::drafts::{EditError, edit};
use super::inputs::Edits;
use super::subject::SubjectTemplate;
use crate::app::App;
use crate::domain::issue_action::IssueAction;
use crate::domain::public_id::PublicId;
use crate::store::issues::Issue;
use crate::text::plain::plain_line;

/// The changes. A story is named by the id of any of its articles.
#[derive(Clone, Debug, Default)]
pub struct DraftChanges {
    /// Forget all earlier changes first.
    pub reset: bool,
    /// Stories to put first, in this order.
    pub pin: Vec<PublicId>,
    /// Stories that are no longer put first.
    pub unpin: Vec<PublicId>,
    /// Stories to leave out.
    pub drop: Vec<PublicId>,
    /// Why the stories of `drop` are left out.
    pub because: Option<String>,
    /// Stories that are no longer left out by an editor.
    pub keep: Vec<PublicId>,
    /// Stories to move to a 1-based place.
    pub moved: Vec<(PublicId, usize)>,
    /// Articles that become stories of their own.
    pub split: Vec<PublicId>,
    /// Articles to put into the story of another.
    pub join: Vec<(PublicId, PublicId)>,
    /// New headlines; an empty one restores the story's own.
    pub title: Vec<(PublicId, String)>,
    /// A text before the stories; an empty one removes it.
    pub intro: Option<String>,
    /// The subject, with variables; an empty one restores the newsletter's.
    pub subject: Option<String>,
}

/// A draft after a change.
#[derive(Debug)]
pub struct ChangedDraft {
    /// The draft with its new content.
    pub issue: Issue,
    /// What the editor may not expect.
    pub notes: Vec<ChangeNote>,
}

/// Why a change had another effect than its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeNote {
    /// A story was moved beyond the last place, so it is the last one.
    BeyondTheEnd {
        /// The article that was named.
        article: PublicId,
        /// The place that was asked for.
        place: usize,
        /// The number of stories in the issue.
        stories: i64,
    },
    /// The story is not in the issue all the same, for this reason.
    LeftOut {
        /// The article that was named.
        article: PublicId,
        /// The rule that decided, in words.
        reason: String,
    },
}

impl DraftChanges {
    /// Whether there is nothing to change.
    pub(crate) fn is_empty(&self) -> bool {
        let has_text = self.intro.is_some() || self.subject.is_some();
        !self.reset && !has_text && self.named().next().is_none()
    }

    /// Every article that the changes name.
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
            // An earlier move would take the story away from its new place again.
            edits.moved.retain(|(moved, _)| !stories.same_story(moved, id));
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
            // Only the last move can be replaced: the moves after an earlier one started from the order that it made.
            if edits
                .moved
                .last()
                .is_some_and(|(moved, _)| stories.same_story(moved, id))
            {
                edits.moved.pop();
            }
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

/// Makes the changes and compiles the draft again.
///
/// # Errors
/// After an error the draft is unchanged.
pub async fn change(
    app: &App,
    action: impl Into<IssueAction>,
    changes: &DraftChanges,
) -> Result<ChangedDraft, EditError> {
    let action = action.into();
    let id = action.id;
    let articles = app.store.read().await?.articles_of_issue(id).await?;
    let stories = articles.into_iter().map(|article| (article.public_id, article.story));
    let stories = StoryNumbers(stories.collect());
    // For an issue without articles, which cannot be edited, `edit` has a better error.
    if let Some(unknown) = changes.named().find(|id| !stories.0.contains_key(id.as_str()))
        && !stories.0.is_empty()
    {
        return Err(EditError::UnknownArticle(unknown.to_string()));
    }
    let subject = changes.subject.as_deref().map(plain_line).map(|subject| {
        let template = Some(subject).filter(|subject| !subject.is_empty());
        template.map(SubjectTemplate::try_from).transpose()
    });
    let subject = subject.transpose().map_err(EditError::Subject)?;
    let issue = edit(app, action, |edits| changes.apply(edits, &stories, subject.as_ref())).await?;
    let articles = app.store.read().await?.articles_of_issue(id).await?;
    let stories = articles.iter().filter_map(|article| article.position).max();
    let stories = stories.unwrap_or(0);
    let mut notes = Vec::new();
    for (article, place) in &changes.moved {
        if i64::try_from(*place).is_ok_and(|place| place > stories) {
            notes.push(ChangeNote::BeyondTheEnd {
                article: article.clone(),
                place: *place,
                stories,
            });
        }
    }
    for article in articles.into_iter().filter(|article| article.position.is_none()) {
        let expected = changes.expected_in_issue().find(|id| id.as_str() == article.public_id);
        if let Some(expected) = expected {
            notes.push(ChangeNote::LeftOut {
                article: expected.clone(),
                reason: article.reason.unwrap_or_else(|| "no reason is on record".to_owned()),
            });
        }
    }
    Ok(ChangedDraft { issue, notes })
}
