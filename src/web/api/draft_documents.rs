//! The documents of `/api/v1/drafts`: what is answered about a draft, and what a change names.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::failure::Failure;
use super::input::{FieldErrors, boolean, text};
use crate::digest::draft_changes::{ChangeNote, DraftChanges};
use crate::digest::draft_view::{DraftReport, DraftStory, DraftView};
use crate::domain::ids::IssueId;
use crate::domain::public_id::PublicId;
use crate::domain::states::{Approval, IssueState};
use crate::preflight::Finding;
use crate::store::issue_lists::ListedDraft;

/// A draft in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftBrief {
    id: IssueId,
    /// The newsletter's slug
    newsletter: String,
    /// The number within the newsletter
    number: i64,
    state: IssueState,
    /// Why it is held back
    #[schema(required)]
    held_back: Option<String>,
    subject: String,
    /// When it is sent; null: when an operator sends it
    #[schema(required)]
    due: Option<DateTime<Utc>>,
    created: DateTime<Utc>,
}

impl From<ListedDraft> for DraftBrief {
    fn from(draft: ListedDraft) -> Self {
        Self {
            id: draft.id,
            newsletter: draft.newsletter_slug,
            number: draft.number,
            state: draft.state,
            held_back: draft.reason,
            subject: draft.subject,
            due: draft.due_at,
            created: draft.created_at,
        }
    }
}

/// A draft with its stories, and why each is in it or not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Draft)]
pub(super) struct DraftDocument {
    #[serde(flatten)]
    brief: DraftBrief,
    /// Grows with each change of what readers get, such as the text of an article
    revision: i64,
    /// Whether it is sent only after an approval
    needs_approval: bool,
    /// The subject with its variables
    subject_template: String,
    /// Whether an editor wrote the subject
    has_own_subject: bool,
    /// The text before the stories; may be empty
    intro: String,
    /// Whether an editor changed anything
    is_edited: bool,
    /// The stories in the issue, in their order
    stories: Vec<Story>,
    /// The stories that are left out, those with the highest score first
    left_out: Vec<Story>,
}

/// A story: one or more reports of the same event.
#[derive(Debug, Serialize, ToSchema)]
struct Story {
    /// Its place from 1; null: it is left out
    #[schema(required)]
    position: Option<i64>,
    /// The headline in the issue
    title: String,
    /// Why it is in the issue, or left out
    reason: String,
    /// Whether an editor wrote the headline
    has_own_title: bool,
    is_pinned: bool,
    /// Whether an editor left it out
    is_dropped: bool,
    #[schema(required)]
    topic: Option<String>,
    /// The heading above it
    #[schema(required)]
    heading: Option<String>,
    /// The articles, the lead first. The id of any of them names the story
    articles: Vec<StoryArticle>,
}

/// An article of a story.
#[derive(Debug, Serialize, ToSchema)]
struct StoryArticle {
    /// The article's id
    id: String,
    title: String,
    /// The publisher
    source: String,
    url: String,
    /// The tag of its language (BCP 47)
    #[schema(required)]
    language: Option<String>,
}

impl From<DraftStory> for Story {
    fn from(story: DraftStory) -> Self {
        Self {
            position: story.position,
            title: story.title,
            reason: story.reason,
            has_own_title: story.has_own_title,
            is_pinned: story.is_pinned,
            is_dropped: story.is_dropped,
            topic: story.topic,
            heading: story.heading,
            articles: story.reports.into_iter().map(StoryArticle::from).collect(),
        }
    }
}

impl From<DraftReport> for StoryArticle {
    fn from(report: DraftReport) -> Self {
        Self {
            id: report.public_id,
            title: report.title,
            source: report.source,
            url: report.url,
            language: report.language,
        }
    }
}

impl From<DraftView> for DraftDocument {
    fn from(draft: DraftView) -> Self {
        let DraftView { issue, newsletter, .. } = draft;
        Self {
            brief: DraftBrief {
                id: issue.id,
                newsletter: newsletter.slug,
                number: issue.number,
                state: issue.state,
                held_back: issue.reason,
                subject: issue.subject,
                due: issue.due_at,
                created: issue.created_at,
            },
            revision: issue.revision,
            needs_approval: newsletter.approval == Approval::Required,
            subject_template: draft.subject_template,
            has_own_subject: draft.has_own_subject,
            intro: draft.intro,
            is_edited: draft.is_edited,
            stories: draft.stories.into_iter().map(Story::from).collect(),
            left_out: draft.left_out.into_iter().map(Story::from).collect(),
        }
    }
}

/// A draft after a change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedDraftDocument {
    #[serde(flatten)]
    pub(super) draft: DraftDocument,
    /// Where the change had another effect than its words
    pub(super) notes: Vec<String>,
}

/// The note in words.
pub(super) fn note(note: &ChangeNote) -> String {
    match note {
        ChangeNote::BeyondTheEnd {
            article,
            place,
            stories,
        } => format!("the story of {article} is at place {stories}, the last one, because there is no place {place}"),
        ChangeNote::LeftOut { article, reason } => format!("the story of {article} is left out all the same: {reason}"),
    }
}

/// A change of a draft. A story is named by the id of any of its articles. Fields that are not given leave the draft as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DraftPatch {
    /// Whether to forget all earlier changes first
    #[serde(deserialize_with = "boolean")]
    reset: Option<bool>,
    /// Stories to put first, in this order
    pin: Option<Vec<String>>,
    /// Stories that are no longer put first
    unpin: Option<Vec<String>>,
    /// Stories to leave out
    drop: Option<Vec<String>>,
    /// Why the stories of `drop` are left out
    #[serde(deserialize_with = "text")]
    because: Option<String>,
    /// Stories that are no longer left out by an editor
    keep: Option<Vec<String>>,
    /// Stories to move to another place
    r#move: Option<Vec<Move>>,
    /// Articles that become stories of their own
    split: Option<Vec<String>>,
    /// Articles to put into the story of another article
    join: Option<Vec<Join>>,
    /// New headlines
    titles: Option<Vec<NewTitle>>,
    /// The text before the stories; an empty one removes it
    #[serde(deserialize_with = "text")]
    intro: Option<String>,
    /// The subject, which may have variables; an empty one restores the newsletter's
    #[serde(deserialize_with = "text")]
    subject: Option<String>,
}

/// A story and its new place.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Move {
    story: String,
    /// The place from 1
    #[schema(minimum = 1, maximum = 10000)]
    place: usize,
}

/// An article that is put into another story.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Join {
    article: String,
    /// The id of an article of the other story
    with: String,
}

/// A story and its new headline.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTitle {
    story: String,
    /// An empty one restores the story's own
    title: String,
}

impl DraftPatch {
    /// The changes, or every wrong field.
    pub(super) fn changes(self, mut errors: FieldErrors) -> Result<DraftChanges, Failure> {
        let mut ids = Ids { errors: &mut errors };
        let changes = DraftChanges {
            reset: self.reset.unwrap_or(false),
            pin: ids.all("pin", self.pin),
            unpin: ids.all("unpin", self.unpin),
            drop: ids.all("drop", self.drop),
            because: self.because,
            keep: ids.all("keep", self.keep),
            moved: ids.pairs("move", self.r#move, |Move { story, place }| (story, place)),
            split: ids.all("split", self.split),
            join: {
                let pairs = ids.pairs("join", self.join, |Join { article, with }| (article, with));
                let pairs = pairs.into_iter();
                pairs
                    .filter_map(|(article, with)| Some((article, ids.one("join", &with)?)))
                    .collect()
            },
            title: ids.pairs("titles", self.titles, |NewTitle { story, title }| (story, title)),
            intro: self.intro,
            subject: self.subject,
        };
        if changes.moved.iter().any(|(_, place)| !(1..=10_000).contains(place)) {
            errors.add("move", "a `place` is a number from 1 to 10,000");
        }
        if errors.is_empty() && changes.is_empty() {
            errors.add("", "the document names nothing to change");
        }
        errors.finish()?;
        Ok(changes)
    }
}

/// Reads the ids of articles.
struct Ids<'a> {
    errors: &'a mut FieldErrors,
}

impl Ids<'_> {
    fn one(&mut self, field: &str, text: &str) -> Option<PublicId> {
        match PublicId::parse(text) {
            Ok(id) => Some(id),
            Err(error) => {
                self.errors.add(field, error.to_string());
                None
            }
        }
    }

    fn all(&mut self, field: &str, texts: Option<Vec<String>>) -> Vec<PublicId> {
        let texts = texts.unwrap_or_default();
        texts.iter().filter_map(|text| self.one(field, text)).collect()
    }

    fn pairs<T, V>(
        &mut self,
        field: &str,
        items: Option<Vec<T>>,
        parts: impl Fn(T) -> (String, V),
    ) -> Vec<(PublicId, V)> {
        let pairs = items.unwrap_or_default().into_iter().map(parts);
        pairs
            .filter_map(|(id, value)| Some((self.one(field, &id)?, value)))
            .collect()
    }
}

/// The content of a mail. In the links of readers, `TOKEN` stands for the reader's token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preview {
    pub(super) subject: String,
    pub(super) html: String,
    pub(super) text: String,
}

/// What preflight found in the message of a draft.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingList {
    pub(super) items: Vec<FindingDocument>,
    /// Whether a finding blocks the draft
    pub(super) blocks: bool,
}

/// A fault of the message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(super) struct FindingDocument {
    /// The key of the rule in `[preflight]`
    rule: &'static str,
    /// `block` or `warn`
    severity: &'static str,
    /// What was found
    what: String,
    /// How to correct it
    advice: String,
}

impl From<&Finding> for FindingDocument {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.as_str(),
            severity: finding.severity.as_str(),
            what: finding.what.clone(),
            advice: finding.advice.clone(),
        }
    }
}

/// Whom a test mail is for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TestRequest {
    /// The address that gets the draft
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false, format = Email)]
    pub(super) to: Option<String>,
    /// The number of an edition; default: the issue itself
    #[schema(minimum = 1)]
    pub(super) edition: Option<i64>,
}

/// The newsletter whose next issue is compiled.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BuildRequest {
    /// The newsletter's slug
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    pub(super) newsletter: Option<String>,
}
