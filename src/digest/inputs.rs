//! Everything that decides the content of an issue, as one value that is stored with the issue.
//!
//! Compiling reads nothing else, so compiling stored inputs again gives the same bytes. An edit of a draft changes the inputs and
//! compiles them again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use super::subject::SubjectTemplate;
use super::view::{CorrectionView, ImageView};
use crate::domain::ids::{ArticleId, FeedId};
use crate::domain::states::Closeness;
use crate::domain::time_zone::TimeZone;
use crate::words::{Language, Voice};

/// What an issue is compiled from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inputs {
    /// The site as its settings were when the issue was compiled first.
    pub site: Site,
    /// The newsletter's name for subscribers.
    pub newsletter_name: String,
    /// The newsletter's time zone: the dates in the issue are in it.
    pub timezone: TimeZone,
    /// The newsletter's rules as they were when the issue was compiled first.
    pub rules: Rules,
    /// The issue's number in its newsletter, from 1.
    pub issue_number: i64,
    /// When the issue is due, or when it was compiled on demand. Ages of articles are measured from here.
    pub at: DateTime<Utc>,
    /// The articles that the issue can contain, in the order of arrival. The rules let in at most `digest.max_candidates` of them.
    pub candidates: Vec<Candidate>,
    /// The articles that issues of the last `ranking.memory` contained. A copy of one of them is left out.
    pub previous_coverage: Vec<PreviousCoverage>,
    /// Corrections of articles in earlier issues.
    pub corrections: Vec<CorrectionView>,
    /// Whether the issue has corrections and no stories.
    pub corrections_only: bool,
    /// The editor's changes to the draft.
    pub edits: Edits,
    /// An edition contains only stories of these topics. Empty: stories of all topics.
    pub topics: Vec<String>,
    /// The language of the fixed texts and dates.
    pub language: Language,
    /// Set for an edition that combines several issues.
    pub combined_issues: Option<CombinedIssues>,
    /// The absolute address of the issue's page on the site; `None` if the newsletter has no public archive.
    pub page_url: Option<String>,
}

/// The issues that an edition combines: it has the best stories of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CombinedIssues {
    pub(super) reason: CombinedFor,
    /// The number of the first issue.
    pub(super) first: i64,
    /// The number of the last issue.
    pub(super) last: i64,
}

/// Why issues are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CombinedFor {
    /// For subscribers who chose one mail a week.
    WeeklyDigest,
    /// For subscribers whose pause has ended: everything that they missed.
    EndedPause,
}

impl CombinedIssues {
    pub(super) fn is_weekly(&self) -> bool {
        self.reason == CombinedFor::WeeklyDigest
    }
}

/// The site as an issue shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// Selects the set of fixed texts (`site.voice`).
    pub voice: Voice,
    /// The name of the site (`site.name`).
    pub name: String,
    /// The site's absolute address, with a slash at its end.
    pub url: String,
    /// The sender's postal address, if `site.postal_address` is set.
    pub postal_address: Option<String>,
}

/// An article that the issue can contain.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// The key of the article's row.
    pub id: ArticleId,
    /// The id that subscribers and editors see, such as `TX_080089`.
    pub public_id: String,
    /// The headline as plain text.
    pub title: String,
    /// The address that the headline leads to.
    pub url: String,
    /// How close its source is to that address.
    pub closeness: Closeness,
    /// The excerpt; may be empty.
    pub summary: String,
    /// The newsletter's topic; never an empty text. `None` if the newsletter has topics of its own, and this article has none of them.
    pub category: Option<String>,
    /// The category that the feed or the editor gave it; never an empty text.
    pub feed_category: Option<String>,
    /// The name of the publisher.
    pub source_name: String,
    /// The feed that delivered it; `None` if it came through the API or an editor wrote it.
    pub feed_id: Option<FeedId>,
    /// Whether it is an editorial article.
    pub is_editorial: bool,
    /// Its language (BCP 47), if known.
    pub language: Option<String>,
    /// Its picture, if `digest.images` allows pictures and the size is known.
    pub image: Option<ImageView>,
    /// The publication date that it claims.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was stored here.
    pub arrived_at: DateTime<Utc>,
    /// Whether it was retracted.
    pub retracted: bool,
    /// Whether an editor pinned it for the next issue.
    pub pinned: bool,
    /// The weight that an editor gave it; 1 is neutral.
    pub weight: f64,
}

impl Candidate {
    /// The publication date; the time of arrival if that date is unknown or later than the arrival.
    #[must_use]
    pub fn listed_at(&self) -> DateTime<Utc> {
        self.published_at.map_or(self.arrived_at, |at| at.min(self.arrived_at))
    }
}

/// An article in an earlier issue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviousCoverage {
    /// The id that subscribers and editors see.
    pub public_id: String,
    /// The headline as plain text.
    pub title: String,
    /// The address that the headline leads to.
    pub url: String,
    /// The excerpt; may be empty.
    pub summary: String,
    /// The feed that delivered it.
    pub feed_id: Option<FeedId>,
    /// Its language (BCP 47), if known.
    pub language: Option<String>,
    /// The number of the issue.
    pub issue_number: i64,
}

/// An editor's changes to a draft. Articles are named by public ids; a story is named by any of its articles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// Replaces the newsletter's subject.
    pub subject: Option<SubjectTemplate>,
    /// Replaces the newsletter's intro. An empty text removes it.
    pub intro: Option<String>,
    /// Stories at the top of the issue, in this order.
    pub pinned: Vec<String>,
    /// Stories to leave out, each with the reason.
    pub dropped: BTreeMap<String, String>,
    /// Stories moved to a 1-based position, in the order of the moves.
    pub moved: Vec<(String, usize)>,
    /// New headlines by article.
    pub titles: BTreeMap<String, String>,
    /// Articles moved into the story of another article, in the order of the moves. `None` puts the article into a story of its own.
    pub regrouped: Vec<(String, Option<String>)>,
}
