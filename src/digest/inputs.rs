//! Everything that an issue is compiled from, frozen with it: compiling this again gives the same bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use super::subject::SubjectTemplate;
use super::view::{CorrectionView, ImageView};
use crate::domain::ids::{ArticleId, FeedId, IssueId};
use crate::domain::time_zone::TimeZone;
use crate::words::Voice;

/// What an issue is compiled from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inputs {
    /// The site.
    pub site: Site,
    /// The newsletter's name.
    pub newsletter: String,
    /// The newsletter's time zone.
    pub timezone: TimeZone,
    /// The newsletter's rules.
    pub rules: Rules,
    /// The issue's number.
    pub number: i64,
    /// The day and hour it is for: what age is measured from.
    pub at: DateTime<Utc>,
    /// The articles that waited, in the order of arrival. The rules let in at most `digest.max_candidates` of them.
    pub candidates: Vec<Candidate>,
    /// The stories that readers of the newsletter got recently.
    pub told: Vec<Told>,
    /// What has to be corrected in earlier issues.
    pub corrections: Vec<CorrectionView>,
    /// Whether the issue has only corrections and no story.
    pub corrections_only: bool,
    /// What the editor changed in the draft.
    pub edits: Edits,
    /// Only stories of these topics, for readers who chose some; none: all.
    pub topics: Vec<String>,
    /// The issues that this one gathers the best of, if it does.
    pub recap: Option<Recap>,
    /// The absolute address of the issue's page on the site, if its newsletter has an archive.
    pub page: Option<String>,
}

/// The stored form of an issue's inputs: those of most editions are a difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored<'a> {
    /// The complete inputs.
    Whole(Box<Cow<'a, Inputs>>),
    /// The inputs of another issue with these changes.
    Like {
        /// The other issue: the one that this is an edition of, or another edition of it.
        base: IssueId,
        topics: Vec<String>,
        recap: Option<Recap>,
    },
}

impl<'a> From<&'a Inputs> for Stored<'a> {
    fn from(inputs: &'a Inputs) -> Self {
        Self::Whole(Box::new(Cow::Borrowed(inputs)))
    }
}

/// An issue that gathers the best of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recap {
    /// A week's readers', else that of readers who come back.
    pub weekly: bool,
    /// Number of the first.
    pub from: i64,
    /// Number of the last.
    pub to: i64,
}

/// The site as an issue shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// Its voice.
    pub voice: Voice,
    /// Its name.
    pub name: String,
    /// Its absolute address.
    pub url: String,
    /// The sender's postal address.
    pub postal_address: Option<String>,
}

/// An article that may go in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id.
    pub id: ArticleId,
    /// The id that readers see.
    pub public_id: String,
    /// Its headline.
    pub title: String,
    /// Where the headline leads.
    pub url: String,
    /// How close its source is to that address: one of the constants in `ingest::identity`.
    pub closeness: i64,
    /// Its excerpt.
    pub summary: String,
    /// Its topic.
    pub category: Option<String>,
    /// Who published it.
    pub source_name: String,
    /// The feed that brought it.
    pub feed: Option<FeedId>,
    /// Whether it is the newsroom's own.
    pub own: bool,
    /// The language it is in (BCP 47), if known.
    pub language: Option<String>,
    /// A picture that may be shown.
    pub image: Option<ImageView>,
    /// When it says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it arrived.
    pub arrived_at: DateTime<Utc>,
    /// Whether it was taken back.
    pub retracted: bool,
    /// Whether an editor wants it first.
    pub pinned: bool,
    /// What an editor thinks it is worth beside others; 1 unless changed.
    pub weight: f64,
}

impl Candidate {
    /// When it came out. A date in the future says nothing: such an article counts as published when it arrived.
    #[must_use]
    pub fn listed_at(&self) -> DateTime<Utc> {
        self.published_at.map_or(self.arrived_at, |at| at.min(self.arrived_at))
    }
}

/// An article that readers were told of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The id that readers see.
    pub public_id: String,
    /// Its headline.
    pub title: String,
    /// Where the headline leads.
    pub url: String,
    /// Its excerpt.
    pub summary: String,
    /// The feed that brought it.
    pub feed: Option<FeedId>,
    /// The language it is in.
    pub language: Option<String>,
    /// Number of the issue.
    pub issue: i64,
}

/// What an editor changed in a draft. Articles are named by the ids that readers see; a story by any of its articles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// The subject, instead of the newsletter's.
    pub subject: Option<SubjectTemplate>,
    /// The word before the stories, instead of the newsletter's; empty for none.
    pub intro: Option<String>,
    /// Stories that stand first, in this order.
    pub pinned: Vec<String>,
    /// Stories that are left out, and why.
    pub dropped: BTreeMap<String, String>,
    /// Places, from 1, that stories are moved to, in the order of the moves.
    pub moved: Vec<(String, usize)>,
    /// Headlines.
    pub titles: BTreeMap<String, String>,
    /// Articles that are put into the story of another one, or, with none, into one of their own; in the order of the changes.
    pub regrouped: Vec<(String, Option<String>)>,
}
